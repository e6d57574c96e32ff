"""Power and expected interval against the number of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.stem.planning import Plan

_MARKERS = "osD^vPX"


def plot_plans(plans: "Sequence[Plan]", ax: Axes | None = None) -> Axes:
    """Draw the power of each plan; the half width of the interval is written at the points."""
    ax = ax or plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1]
    for n, plan in enumerate(plans):
        s = plan.session
        colour = COLOURS[n % len(COLOURS)]
        x = np.array([p.images for p in plan.powers])
        y = np.array([p.power for p in plan.powers])
        ax.plot(
            x, y, marker=_MARKERS[n % len(_MARKERS)], color=colour, ms=5,
            label=f"{s.density_per_nm2:g} nm$^{{-2}}$, {s.dose_e_A2:.3g} e/$\\mathrm{{\\AA}}^2$,"
            f" recall {plan.recall:.2f}",
        )  # fmt: skip
        found = plan.needed
        if found is not None:
            ax.annotate(
                f"$f \\pm$ {found.interval_width / 2:.2f}", (found.images, found.power),
                xytext=(6, -14 - 11 * (n % 3)), textcoords="offset points", color=colour,
                fontsize=8,
            )  # fmt: skip
    first = plans[0]
    ax.axhline(first.wanted_power, color="0.5", lw=0.8, ls="--")
    ax.set_xscale("log", base=2)
    ax.set_xticks([1, 2, 4, 8, 16, 32], labels=["1", "2", "4", "8", "16", "32"])
    ax.set_ylim(0.0, 1.03)
    ax.set_xlabel(f"images of {first.session.side_A / 10:g} nm")
    ax.set_ylabel("probability to tell pairs from chance")
    ax.set_title(
        f"{first.session.symbol}, pairs of {first.session.pair_distance_A:.2f} $\\mathrm{{\\AA}}$,"
        f" share {first.session.pair_fraction:g}", fontsize=10,
    )  # fmt: skip
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax
