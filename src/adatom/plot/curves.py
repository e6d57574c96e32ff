"""Polarization curves on matplotlib axes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from adatom.curves import PolarizationCurve

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, told apart by colour-blind readers."""


def colours_for(count: int) -> list[str]:
    """One colour for each member of a series: the palette, or a scale where that is too short."""
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    scale = colormaps["viridis"].resampled(count)
    return [to_hex(scale(i)) for i in range(count)]


def plot_curve(
    curve: PolarizationCurve, ax: Axes | None = None, *, colour: str | None = None
) -> Axes:
    """Draw one curve with its 95 % band; returns the axes."""
    ax = ax or plt.subplots()[1]
    x = curve.potential_V_rhe
    (line,) = ax.plot(x, curve.current_density_mA_cm2, color=colour, label=curve.label)
    if curve.interval_95_mA_cm2 is not None:
        low, high = curve.interval_95_mA_cm2
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.18, linewidth=0)
    ax.set_xlabel("potential / V vs RHE")
    ax.set_ylabel(r"current density / mA cm$^{-2}$")
    return ax


def plot_curves(curves: Sequence[PolarizationCurve], ax: Axes | None = None) -> Axes:
    """Draw several curves with a legend; returns the axes."""
    ax = ax or plt.subplots()[1]
    for curve, colour in zip(curves, colours_for(len(curves)), strict=True):
        plot_curve(curve, ax, colour=colour)
    ax.legend(frameon=False)
    return ax
