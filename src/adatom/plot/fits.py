"""A measured curve with its fit and residuals on matplotlib axes."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.fitting.results import CurveFit


def plot_fit(fit: "CurveFit", ax: Axes | None = None) -> Axes:
    """Draw measured points, the fitted curve, and residuals below; returns the upper axes."""
    ax = ax or plt.subplots()[1]
    x = fit.curve.potential_V_rhe
    ax.plot(x, fit.curve.current_density_mA_cm2, ".", color=COLOURS[6], label=fit.curve.label)
    said = "fit" if fit.describes else "fit (does not describe the curve)"
    ax.plot(x, fit.fitted_mA_cm2, color=COLOURS[0 if fit.describes else 1], label=said)
    ax.set_ylabel(r"current density / mA cm$^{-2}$")
    ax.legend(frameon=False)
    below = ax.inset_axes((0.0, -0.36, 1.0, 0.24), sharex=ax)
    residuals = fit.curve.current_density_mA_cm2 - fit.fitted_mA_cm2
    below.fill_between(
        x, -2 * fit.sd_mA_cm2, 2 * fit.sd_mA_cm2, color=COLOURS[6], alpha=0.12, linewidth=0
    )
    below.plot(x, residuals, ".", color=COLOURS[6])
    below.axhline(0.0, color=COLOURS[6], linewidth=0.8)
    below.set_ylim(*(np.array([-1.2, 1.2]) * max(np.abs(residuals).max(), 2 * fit.sd_mA_cm2.max())))
    below.set_xlabel("potential / V vs RHE")
    below.set_ylabel("residual")
    ax.tick_params(labelbottom=False)
    return ax
