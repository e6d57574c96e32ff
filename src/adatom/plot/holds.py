"""Long holds and durability on matplotlib axes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.electrochem.durability import PER, DurabilityResult
from adatom.electrochem.hold import HoldResult
from adatom.figure_of_merit import NORMAL_95
from adatom.plot.curves import COLOURS

NAMES = {
    "current_A": "current / A",
    "current_density_mA_cm2": r"current density / mA cm$^{-2}$",
    "potential_V": "potential / V",
}


def plot_hold(result: HoldResult, ax: Axes | None = None) -> Axes:
    """Draw the record, the fitted drift and the jumps; returns the axes."""
    ax = ax or plt.subplots(figsize=(7.0, 4.0))[1]
    series = result.series
    label = "record" if series.points_per_block == 1 else (
        f"means of {series.points_per_block} points")  # fmt: skip
    ax.plot(series.time_s / 3600, series.value, color="0.75", linewidth=0.7, label=label)
    if result.trend is not None:
        bins = result.trend.bins
        ax.plot(bins.time_s / 3600, bins.value, ".", color=COLOURS[0], markersize=2.5,
                label="bin means")  # fmt: skip
        key = next(k for k in result.figures if k.startswith("drift"))
        drift = result.figures[key]
        line = result.trend.line()
        for at in result.trend.breaks_s:  # a jump is no slope
            line[np.searchsorted(bins.time_s, at)] = np.nan
        ax.plot(bins.time_s / 3600, line, color=COLOURS[1], linewidth=1.5,
                label=f"drift {drift.significant(3)} {drift.unit}")  # fmt: skip
    for n, jump in enumerate(result.jumps):
        ax.axvline(jump.time_s / 3600, color=COLOURS[3], linestyle="--", linewidth=0.8,
                   label="jump" if n == 0 else None)  # fmt: skip
    ax.set_xlabel("time / h")
    ax.set_ylabel(NAMES[result.quantity])
    ax.set_title(result.label, fontsize="medium")
    ax.legend(frameon=True, facecolor="white", edgecolor="none", fontsize="small")
    return ax


def plot_durability(result: DurabilityResult, ax: Axes | None = None) -> Axes:
    """Draw the points with their intervals and the line through them; returns the axes."""
    ax = ax or plt.subplots(figsize=(6.0, 4.0))[1]
    values = np.array([p.value for p in result.points], dtype=float)
    ends = np.array([[np.nan if e is None else e for e in p.interval_95] for p in result.points])
    half = np.abs(ends.T - values)
    ax.errorbar(result.at, values, half, fmt="o", color=COLOURS[0], capsize=4)
    if result.slope.value is not None:
        weights = (2 * NORMAL_95 / np.ptp(ends, axis=1)) ** 2
        centre, level = (float(np.average(x, weights=weights)) for x in (result.at, values))
        rise = result.slope.value / PER[result.axis] * (result.at - centre)
        text = f"{result.slope.significant(3)} {result.slope.unit}"
        ax.plot(result.at, level + rise, color=COLOURS[1], label=text)
        ax.legend(frameon=False, fontsize="small")
    ax.set_xlabel("cycles" if result.axis == "cycles" else "time / h")
    ax.set_ylabel(f"{result.name.replace('_', ' ')} / {result.unit}")
    return ax
