"""Sweeps that no diffusion limits: potentials at stated currents, and the Tafel window."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.electrochem import kinetic
from adatom.plot.curves import COLOURS, colours_for

if TYPE_CHECKING:
    from adatom.electrochem.kinetic_sweep import KineticSweep


def plot_kinetic_sweeps(sweeps: "Sequence[KineticSweep]", ax: Axes | None = None) -> Axes:
    """Sweeps with E_10 and E_100, and their Tafel windows below; with given axes the first only."""
    axes = [ax] if ax is not None else []
    if ax is None:
        figure, made = plt.subplots(2, 1, figsize=(9.0, 6.8), layout="constrained", sharex=True)
        axes = list(made)
        figure.align_ylabels(made)
    for found, colour in zip(sweeps, colours_for(len(sweeps)), strict=True):
        _sweep(found, axes[0], colour)
        if len(axes) > 1:
            _tafel(found, axes[1], colour)
    for each in axes:
        each.set_xlabel("potential / V vs RHE")
        if each.get_legend_handles_labels()[1]:
            each.legend(
                frameon=False, fontsize="x-small", loc="upper left", bbox_to_anchor=(1.0, 1.0)
            )
    return axes[0]


def _sweep(found: "KineticSweep", ax: Axes, colour: str) -> None:
    ax.plot(
        found.drawn.potential_V_rhe[0],
        _signed(found, found.drawn.driven_mA_cm2[0]),
        color=colour, linewidth=1.0, label=found.sweep.label,
    )  # fmt: skip
    for figure in found.potentials_V_rhe:
        if figure.value is None:
            continue
        low, high = (figure.value if x is None else x for x in figure.interval_95)
        error = [[figure.value - low], [high - figure.value]]
        level = _signed(found, np.array(figure.conditions["at_mA_cm2"]))
        ax.errorbar([figure.value], level, xerr=error, fmt="o", color=colour, capsize=3)
    ax.axhline(0.0, color=COLOURS[6], linewidth=0.6)
    ax.set_ylabel(r"current density / mA cm$^{-2}$")


def _signed(found: "KineticSweep", driven: np.ndarray) -> np.ndarray:
    return -driven if found.reaction.cathodic else driven


def _tafel(found: "KineticSweep", ax: Axes, colour: str) -> None:
    """log10 of the current, with window and line of the slope and the foot's level."""
    potential, driven = found.drawn.potential_V_rhe[0], found.drawn.driven_mA_cm2[0]
    shown = driven > found.noise.sd
    ax.plot(potential[shown], driven[shown], ".", color=colour, markersize=3, alpha=0.5)
    ax.set_yscale("log")
    ax.set_ylabel(r"|j| / mA cm$^{-2}$")
    if found.foot is not None and found.foot.offset_mA_cm2 > 0:
        ax.axhline(found.foot.offset_mA_cm2, color=colour, linewidth=0.6, linestyle=":")
    slope, row = found.tafel_slope_mV_dec, found.table[0]
    if "window_V_rhe" in slope.conditions:
        window = np.array([row[kinetic.T_START], row[kinetic.T_END]])
        line = 10.0 ** (row[kinetic.INTERCEPT] + window * 1e3 / row[kinetic.TAFEL])
        decades = np.log10(line[1] / line[0])
        ax.plot(window, line, color=colour, linewidth=2.5,
                label=f"{slope.text(1)} mV/dec\n{decades:.2f} decades")  # fmt: skip
