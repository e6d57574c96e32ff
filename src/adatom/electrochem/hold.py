"""Chronoamperometry and -potentiometry: retention or shift, drift, time to the end of life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.electrochem.blocks import BlockSeries
from adatom.electrochem.jumps import Gap, Jump, find_gaps, find_jumps
from adatom.electrochem.propagation import HOUR_S, LEVEL, figure_of, interval
from adatom.electrochem.trend import Bins, Trend, bin_means, fit_trend
from adatom.errors import CurveError
from adatom.figure_of_merit import FigureOfMerit, no_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WINDOW_SHARE = 0.02
"""Of the record: over what the levels at start and end are averaged."""
MOST_JUMPS = 20
"""More, and the record is a staircase to which no one drift belongs."""
SUSTAINED = 6
"""Bins in a row beyond the limit: a bubble is not the end of life."""
LOCAL = 15
"""Bins on either side of a crossing that tell its slope."""
RARE = 1e-3
"""Share of draws whose slope has the wrong sign that an interval of 95 % does not notice."""


@dataclass(frozen=True)
class HoldResult:
    """What a long hold of potential or current shows."""

    label: str
    quantity: str
    """``current_A``, ``current_density_mA_cm2`` or ``potential_V``."""
    figures: Mapping[str, FigureOfMerit]
    """By name with unit."""
    series: BlockSeries
    trend: Trend | None
    """Bin means and line; None where there are too many jumps."""
    jumps: tuple[Jump, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "label": self.label,
            "quantity": self.quantity,
            "points": self.series.points,
            "points_per_block": self.series.points_per_block,
            "figures": {key: figure.as_dict() for key, figure in self.figures.items()},
            "jumps": [{"time_s": j.time_s, f"size_{_unit(self.quantity)}": j.size}
                      for j in self.jumps],
            "gaps_s": [[gap.from_s, gap.to_s] for gap in self.gaps],
            "notes": list(self.notes),
        }  # fmt: skip

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw record, trend, jumps and windows; returns the axes."""
        from adatom.plot.holds import plot_hold

        return plot_hold(self, ax)


def analyse_hold(
    series: BlockSeries,
    quantity: str,
    *,
    label: str = "",
    window_s: float | None = None,
    end_of_life: float | None = None,
    extrapolate: bool = False,
) -> HoldResult:
    """Figures of a hold: of a current its retention and half-life, of a potential its shift.

    ``end_of_life`` is the share of the first current (default 0.5) or the change of potential in V
    (none by default) at which life ends. It is extrapolated along the straight drift only with
    ``extrapolate``. Raises :class:`~adatom.errors.CurveError` for records too short.
    """
    is_current = quantity != "potential_V"
    jumps, gaps = find_jumps(series), find_gaps(series)
    breaks = [jump.time_s for jump in jumps]
    notes = _notes(series, jumps, gaps, quantity)
    bins = bin_means(series.time_s, series.value, broken_at_s=breaks)
    span = float(bins.time_s[-1] - bins.time_s[0])
    window = WINDOW_SHARE * span if window_s is None else window_s
    if not 0 < window <= 0.5 * span:
        raise CurveError(f"the window should lie between 0 and half the record, {0.5 * span:g} s")
    if len(jumps) > MOST_JUMPS:
        why = f"{len(jumps)} jumps: no one drift belongs to this record"
        return HoldResult(label, quantity, {"drift": no_figure(why)}, series, None, jumps, gaps,
                          tuple(notes))  # fmt: skip
    trend = fit_trend(bins, breaks_s=breaks)
    levels = _levels(trend, window)
    if is_current and (levels[0, 0] == 0 or np.sign(levels[:, 0]).min() != np.sign(levels[0, 0])):
        raise CurveError(
            f"{label}: the current at the start is compatible with zero; if a transient of the"
            " switching on hides it, leave that out (--from-h)"
        )
    if trend.slow:
        notes.append(
            "the noise, or a bend of the drift, is as slow as the record: the intervals are"
            " those of a random walk; a longer record would tell"
        )
    notes += _bent(bins, breaks, trend)
    figures = _figures(quantity, trend, levels, window, span)
    limit = 0.5 if is_current and end_of_life is None else end_of_life
    if limit is not None:
        key = "half_life_h" if is_current and limit == 0.5 else "life_h"
        figures[key] = _life(trend, levels[:, 0], limit, is_current, extrapolate, breaks)
    return HoldResult(label, quantity, figures, series, trend, jumps, gaps, tuple(notes))


def _unit(quantity: str) -> str:
    return (
        quantity.removeprefix("current_density_")
        .removeprefix("current_")
        .removeprefix("potential_")
    )


def _notes(
    series: BlockSeries, jumps: tuple[Jump, ...], gaps: tuple[Gap, ...], quantity: str
) -> list[str]:
    found = []
    if series.points_per_block > 1:
        found.append(f"{series.points} points averaged in blocks of {series.points_per_block}")
    if series.left_out:
        found.append(f"{series.left_out} points without a number left out")
    unit = _unit(quantity)
    found += [f"jump of {j.size:.3g} {unit} at {j.time_s / HOUR_S:.3g} h; the drift is that"
              " between jumps" for j in jumps[:MOST_JUMPS]]  # fmt: skip
    found += [f"no data from {g.from_s / HOUR_S:.3g} to {g.to_s / HOUR_S:.3g} h" for g in gaps[:5]]
    return found


def _levels(trend: Trend, window_s: float) -> np.ndarray:
    """Draws (1 + D, 2) of the level at start and end."""
    time, half = trend.bins.time_s, 0.5 * trend.bins.width_s
    first = time <= time[0] - half + window_s + 1e-9 * window_s
    last = time >= time[-1] + half - window_s - 1e-9 * window_s
    first[0] = last[-1] = True
    means = np.array([trend.bins.value[first].mean(), trend.bins.value[last].mean()])
    return means + trend.window_errors(first, last)


def _figures(
    quantity: str, trend: Trend, levels: np.ndarray, window_s: float, span_s: float
) -> dict[str, FigureOfMerit]:
    conditions = {"after_h": span_s / HOUR_S, "window_s": window_s}
    drift = {
        "estimator": "generalised least squares, AR(1) noise integrated over",
        "noise_correlation": float(trend.correlation[0]),
        "noise_sd": float(trend.noise_sd[0]),
        "bins": len(trend.bins.time_s),
        "jumps_as_steps": len(trend.breaks_s),
    }
    slope = HOUR_S * trend.slope_per_s
    if quantity == "potential_V":
        return {
            "potential_shift_mV": figure_of(1e3 * (levels[:, 1] - levels[:, 0]), "mV", conditions),
            "drift_mV_h": figure_of(1e3 * slope, "mV h-1", drift),
        }
    unit = "mA cm-2" if quantity == "current_density_mA_cm2" else "A"
    return {
        "retention_percent": figure_of(100 * levels[:, 1] / levels[:, 0], "%", conditions),
        f"drift_{_unit(quantity)}_h": figure_of(slope, f"{unit} h-1", drift),
        "relative_drift_percent_h": figure_of(
            100 * slope / levels[:, 0], "% of the first current h-1", drift
        ),
    }


def _bent(bins: Bins, breaks: list[float], trend: Trend) -> list[str]:
    """Whether the drift of the second half differs from that of the first."""
    if trend.slow:
        return []
    middle = 0.5 * (bins.time_s[0] + bins.time_s[-1])
    try:
        slopes = [
            fit_trend(
                Bins(bins.time_s[part], bins.value[part], bins.width_s),
                breaks_s=[b for b in breaks if (b < middle) == early
                          and bins.time_s[part][0] < b <= bins.time_s[part][-1]],
                draws=4000,
            ).slope_per_s
            for part, early in ((bins.time_s < middle, True), (bins.time_s >= middle, False))
        ]  # fmt: skip
    except CurveError:
        return []
    low, high = interval(slopes[1] - slopes[0])
    if low <= 0.0 <= high:
        return []
    first, second = (HOUR_S * float(s[0]) for s in slopes)
    return [
        f"the drift is not straight: {first:.3g} per h in the first half, {second:.3g} in the"
        " second (unit of the record); one slope is a summary, and no ground to extrapolate"
    ]


def _life(
    trend: Trend, start: np.ndarray, limit: float, is_current: bool, extrapolate: bool,
    breaks: list[float],
) -> FigureOfMerit:  # fmt: skip
    """Time until the level has passed the limit for good, h."""
    if is_current and not 0 < limit < 1:
        raise CurveError(f"the end of life should be a share between 0 and 1, got {limit:g}")
    conditions = {"limit": limit, "of": "first current" if is_current else "change of potential, V"}
    bins = trend.bins
    goal = limit * start if is_current else start + limit
    # What falls towards the goal: positive before it is passed.
    side = np.sign(start[0] - goal[0])
    if side == 0:
        raise CurveError("an end of life at no change at all is no criterion")
    left = side * (bins.value - goal[0])
    passed = np.convolve(left <= 0, np.ones(SUSTAINED), "full")[SUSTAINED - 1 :] == SUSTAINED
    if passed.any():
        return _crossing(trend, goal, int(np.argmax(passed)), conditions, breaks)
    spent = side * (trend.coefficients[:, 0] + trend.coefficients[:, 2:].sum(axis=1) - goal)
    pace = -side * trend.slope_per_s
    seen = (bins.time_s[-1] - bins.time_s[0] + bins.width_s) / HOUR_S
    reason = f"not reached in {seen:.3g} h"
    if not extrapolate:
        return FigureOfMerit(
            None,
            (float(seen), None),
            f"{reason}; not extrapolated unless asked for",
            "h",
            conditions,
        )
    conditions["extrapolated"] = "straight drift between jumps goes on"
    hours = np.where(pace > 0, spent / np.where(pace > 0, pace, 1.0), np.inf)
    hours = (hours + 0.5 * bins.width_s) / HOUR_S  # the line begins in the middle of a bin
    low, high = np.quantile(hours[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], method="nearest")
    upper = float(high) if np.isfinite(high) else None
    value = float(hours[0]) if np.isfinite(hours[0]) else None
    why = f"{reason}: EXTRAPOLATED" if upper is not None else (
        f"{reason}: EXTRAPOLATED, and the drift is compatible with none")  # fmt: skip
    lower = float(low) if np.isfinite(low) else float(seen)
    return FigureOfMerit(value, (lower, upper), why, "h", conditions)


def _crossing(
    trend: Trend, goal: np.ndarray, at: int, conditions: dict[str, Any], breaks: list[float]
) -> FigureOfMerit:
    """When the goal was passed, from the drift around it."""
    bins = trend.bins
    if at == 0:
        return no_figure("passed within the first window", "h")
    origin = bins.time_s[0] - 0.5 * bins.width_s
    jumped = [b for b in breaks if bins.time_s[at - 1] <= b <= bins.time_s[at]]
    if jumped:
        hour = (jumped[0] - origin) / HOUR_S
        edges = tuple(float(bins.time_s[n] - origin) / HOUR_S for n in (at - 1, at))
        return FigureOfMerit(hour, (edges[0], edges[1]), "passed in a jump", "h", conditions)
    near = slice(max(at - LOCAL, 0), at + LOCAL)
    local = Bins(bins.time_s[near], bins.value[near], bins.width_s)
    inside = [b for b in breaks if local.time_s[0] < b < local.time_s[-1]]
    if not inside and len(local.time_s) >= 2 * LOCAL:
        drawn = fit_trend(local, draws=len(goal) - 1)
        slope = drawn.slope_per_s
        falling = np.sign(slope) == np.sign(slope[0])
        if falling.mean() > 1.0 - RARE:
            hours = (local.time_s[0] - origin + (goal - drawn.start) / slope) / HOUR_S
            return figure_of(np.where(falling, hours, hours[0]), "h", conditions)
    # Too noisy for a line: between the first bin beyond the limit and the last one within it.
    beyond = np.sign(bins.value - goal[0]) != np.sign(bins.value[0] - goal[0])
    ends = (int(np.argmax(beyond)), int(np.flatnonzero(~beyond)[-1]))
    low, high = (float(bins.time_s[n] - origin) / HOUR_S for n in (min(ends), max(ends)))
    why = "too noisy to tell better: from the first point beyond the limit to the last within it"
    middle = float(bins.time_s[at] - origin) / HOUR_S
    return FigureOfMerit(middle, (low, max(high, middle)), why, "h", conditions)
