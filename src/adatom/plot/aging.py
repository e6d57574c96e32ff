"""Sweeps before and after a test of durability on matplotlib axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from adatom.electrochem.aging import Aging
from adatom.plot.curves import colours_for
from adatom.plot.holds import plot_durability


def plot_aging(found: Aging, ax: Axes | None = None) -> Axes:
    """Draw the sweeps with the figure that is followed, and it over the test at the right.

    Only the sweeps where ``ax`` is given. Returns the axes of the sweeps.
    """
    right = None
    if ax is None:
        ax, right = plt.subplots(1, 2, figsize=(11.0, 4.2), layout="constrained")[1]
    for state, colour in zip(found.states, colours_for(len(found.states)), strict=True):
        name = f"{state.at:g} {found.axis}"
        ax.plot(state.sweep.potential_V, state.sweep.density, color=colour, label=name)
        if state.main.value is not None:
            ax.axvline(state.main.value, color=colour, linestyle="--", linewidth=0.8)
    ax.set_xlabel("potential / V vs RHE")
    ax.set_ylabel(r"current density / mA cm$^{-2}$")
    ax.legend(frameon=False, fontsize="small")
    if right is not None:
        plot_durability(found.trend, right)
    return ax
