"""Charging currents against the scan rate, with the line whose slope is the capacitance."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.figure_of_merit import NORMAL_95
from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.electrochem.capacitance import Capacitance


def plot_capacitance(found: "Capacitance", ax: Axes | None = None) -> Axes:
    """Points with their 95 % errors, and the line."""
    ax = ax or plt.subplots(layout="constrained")[1]
    rate = np.array([p.scan_rate_mV_s for p in found.points])
    ax.errorbar(
        rate, [p.charging_mA_cm2 for p in found.points],
        yerr=[NORMAL_95 * p.sd_mA_cm2 for p in found.points], fmt="o", color=COLOURS[0], capsize=3,
    )  # fmt: skip
    slope, intercept = found.capacitance_mF_cm2.value, found.intercept_mA_cm2.value
    if slope is not None and intercept is not None:
        x = np.array([0.0, rate.max()])
        ax.plot(x, intercept + 1e-3 * slope * x, color=COLOURS[0],
                label=f"C = {found.capacitance_mF_cm2.text(3)} mF/cm2")  # fmt: skip
        ax.legend(frameon=False)
    ax.set_xlabel("scan rate / mV s$^{-1}$")
    ax.set_ylabel(r"half of $j_a - j_c$ / mA cm$^{-2}$")
    return ax
