"""Vibrational modes as sticks on matplotlib axes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.energies.vibrations import Vibrations
from adatom.plot.curves import COLOURS


def plot_vibrations(found: Sequence[Vibrations], ax: Axes | None = None) -> Axes:
    """Draw one row of sticks for each structure, imaginary modes left of zero; returns the axes.

    Sticks have equal heights: no intensity is computed.
    """
    ax = ax or plt.subplots(figsize=(7.0, 1.0 + 0.7 * len(found)))[1]
    for row, one in enumerate(found):
        x = one.frequencies_cm1
        colour = COLOURS[row % len(COLOURS)]
        for chosen, style in ((x >= 0, "-"), (x < 0, ":")):
            ax.vlines(x[chosen], row, row + 0.75, color=colour, linestyle=style, linewidth=1.6)
    rows = np.arange(len(found))
    names = [one.state if one.state != "gas" else one.label for one in found]
    ax.set_yticks(rows + 0.35, names)
    ax.set_ylim(-0.15, len(found))
    ax.axvline(0.0, color="0.6", linewidth=0.8)
    ax.set_xlabel("wavenumber / cm$^{-1}$ (imaginary modes: negative, dotted)")
    ax.set_title(f"{found[0].label}, {found[0].engine}", fontsize="medium")
    return ax
