"""A measured sweep with everything that was read from it: plateau, half-wave, Tafel window."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.electrochem import limited
from adatom.plot.curves import COLOURS, colours_for

if TYPE_CHECKING:
    from adatom.electrochem.analysis import Analysis, SweepAnalysis
    from adatom.electrochem.limited_sweep import LimitedSweep
    from adatom.electrochem.speeds import SpeedSeries

PALE = 0.18


def plot_analysis(analysis: "Analysis", ax: Axes | None = None) -> Axes:
    """Sweeps with plateau and half-wave, and below them what else there is; returns the upper axes.

    With given axes only the sweeps are drawn.
    """
    if analysis.kinetic:
        from adatom.plot.evolution import plot_kinetic_sweeps

        return plot_kinetic_sweeps(analysis.kinetic, ax)
    if ax is not None:
        return _plot_sweeps(analysis, ax)
    ring = any(s.ring for s in analysis.sweeps)
    panels = 2 + ring + bool(analysis.speeds)
    figure, axes = plt.subplots(panels, 1, figsize=(9.0, 3.4 * panels), layout="constrained")
    _plot_sweeps(analysis, axes[0])
    colours = colours_for(len(analysis.sweeps))
    for found, colour in zip(analysis.sweeps, colours, strict=True):
        plot_tafel(found.limited, axes[1], colour=colour)
    if ring:
        for found, colour in zip(analysis.sweeps, colours, strict=True):
            _plot_ring(found, axes[2], colour)
        highest = max(s.ring.peroxide_percent[0].max() for s in analysis.sweeps if s.ring)
        axes[2].set_ylim(0.0, 1.3 * highest)
        axes[2].set_xlabel("potential / V vs RHE")
        axes[2].set_ylabel(r"H$_2$O$_2$ / %")
        axes[2].sharex(axes[0])
    for series in analysis.speeds:
        _plot_speeds(series, axes[-1])
    figure.align_ylabels(axes)
    return axes[0]


def _plot_sweeps(analysis: "Analysis", ax: Axes) -> Axes:
    colours = colours_for(len(analysis.sweeps))
    for found, colour in zip(analysis.sweeps, colours, strict=True):
        plot_sweep(found.limited, ax, colour=colour)
    _legend(ax)
    return ax


def _legend(ax: Axes) -> None:
    """Beside the axes: a legend over data hides what it names."""
    if ax.get_legend_handles_labels()[1]:
        ax.legend(frameon=False, fontsize="x-small", loc="upper left", bbox_to_anchor=(1.0, 1.0))


def plot_sweep(found: "LimitedSweep", ax: Axes | None = None, *, colour: str = COLOURS[0]) -> Axes:
    """One corrected sweep; its plateau as a thick line, its half-wave as a point with interval."""
    ax = ax or plt.subplots()[1]
    ax.plot(found.sweep.potential_V, found.sweep.density, color=colour, linewidth=1.0,
            label=found.sweep.label)  # fmt: skip
    sign = -1.0 if found.sweep.density.mean() < 0 else 1.0
    row = found.table[0]
    limit = sign * row[limited.PLATEAU]
    if np.isfinite(limit):
        window = [row[limited.START], row[limited.END]]
        ax.plot(window, [limit, limit], color=colour, linewidth=4.0, alpha=0.5)
    half = found.half_wave_V_rhe
    if half.value is not None:
        low, high = (half.value if x is None else x for x in half.interval_95)
        error = [[half.value - low], [high - half.value]]
        ax.errorbar([half.value], [0.5 * limit], xerr=error, fmt="o", color=colour, capsize=3)
    ax.axhline(0.0, color=COLOURS[6], linewidth=0.6)
    ax.set_xlabel("potential / V vs RHE")
    ax.set_ylabel(r"current density / mA cm$^{-2}$")
    return ax


def plot_tafel(found: "LimitedSweep", ax: Axes | None = None, *, colour: str = COLOURS[0]) -> Axes:
    """log10 of the kinetic current against potential, with the window and line of the slope."""
    ax = ax or plt.subplots()[1]
    potential, driven = found.drawn.potential_V_rhe[0], found.drawn.driven_mA_cm2[0]
    row = found.table[0]
    limit = row[limited.PLATEAU]
    ax.set_xlabel("potential / V vs RHE")
    ax.set_ylabel(r"$j_k$ / mA cm$^{-2}$")
    ax.set_yscale("log")
    if not np.isfinite(limit):
        return ax
    shown = (driven > 0.02 * limit) & (driven < 0.95 * limit)
    kinetic = driven[shown] * limit / (limit - driven[shown])
    ax.plot(potential[shown], kinetic, ".", color=colour, markersize=3, alpha=0.5)
    slope = found.tafel_slope_mV_dec
    if "window_V_rhe" in slope.conditions:
        window = np.array([row[limited.T_START], row[limited.T_END]])
        line = 10.0 ** (row[limited.INTERCEPT] + window * 1e3 / row[limited.TAFEL])
        decades = np.log10(line[1] / line[0])
        label = f"{slope.text(1)} mV/dec\n{decades:.2f} decades"
        ax.plot(window, line, color=colour, linewidth=2.5, label=label)
        _legend(ax)
    return ax


def _plot_ring(found: "SweepAnalysis", ax: Axes, colour: str) -> None:
    if found.ring is None:
        return
    value, low, high = found.ring.peroxide_percent
    ax.plot(found.ring.potential_V_rhe, value, color=colour, linewidth=1.0)
    ax.fill_between(found.ring.potential_V_rhe, low, high, color=colour, alpha=PALE, linewidth=0)


def _plot_speeds(series: "SpeedSeries", ax: Axes) -> None:
    for line, colour in zip(series.lines, colours_for(len(series.lines)), strict=True):
        marker = "^" if series.rising else "v"
        ax.plot(line.inverse_root_speed, line.inverse_current, marker, color=colour)
        n, kinetic = line.electrons, line.kinetic_mA_cm2
        if n.value is None or kinetic.value is None:
            continue
        x = np.array([0.0, line.inverse_root_speed.max()])
        ax.plot(x, 1.0 / kinetic.value + line.slope * x, color=colour, linewidth=1.0,
                label=f"{line.potential_V_rhe:.2f} V {'anodic' if series.rising else 'cathodic'}:"
                f" n = {n.text(2)}")  # fmt: skip
    ax.set_xlim(left=0.0)
    ax.set_xlabel(r"$\omega^{-1/2}$ / (rad/s)$^{-1/2}$")
    ax.set_ylabel(r"$j^{-1}$ / cm$^2$ mA$^{-1}$")
    _legend(ax)
