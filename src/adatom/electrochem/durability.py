"""Accelerated durability: a figure of merit before and after cycles, or against hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from adatom.errors import CurveError
from adatom.figure_of_merit import NORMAL_95, FigureOfMerit, no_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PER = {"cycles": 1000.0, "hours": 1.0}
"""What slopes are told per."""


@dataclass(frozen=True)
class DurabilityResult:
    """How a figure of merit changes over a test."""

    name: str
    unit: str
    axis: str
    """``cycles`` or ``hours``."""
    at: np.ndarray
    """(P,), rising."""
    points: tuple[FigureOfMerit, ...]
    shift: FigureOfMerit
    """Last minus first."""
    slope: FigureOfMerit
    """Per 1000 cycles, or per hour."""
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "figure": self.name,
            self.axis: [float(x) for x in self.at],
            "points": [point.as_dict() for point in self.points],
            "shift": self.shift.as_dict(),
            "slope": self.slope.as_dict(),
            "notes": list(self.notes),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the points and the line; returns the axes."""
        from adatom.plot.holds import plot_durability

        return plot_durability(self, ax)


def durability(
    name: str, axis: str, at: Sequence[float], points: Sequence[FigureOfMerit], *,
    common_sd: float = 0.0,
) -> DurabilityResult:  # fmt: skip
    """Shift and slope of a figure of merit taken at rising numbers of ``cycles`` or ``hours``.

    ``common_sd`` is the part of each point's standard deviation that all share (reference
    electrode, area): it moves them together and is taken out of differences. The slope is a
    weighted least-squares line through three points or more, its interval at least that of the
    points' own and wider by Student's t where they scatter more. Raises
    :class:`~adatom.errors.CurveError` for points without value or interval.
    """
    if axis not in PER:
        raise CurveError(f"the axis should be cycles or hours, got '{axis}'")
    where = np.array(at, dtype=float)
    if len(where) != len(points) or len(where) < 2:
        raise CurveError(f"durability needs two points or more, got {len(points)}")
    if not np.isfinite(where).all() or (np.diff(where) <= 0).any():
        raise CurveError(f"{axis} should rise from point to point")
    values = np.array([_value(p, axis, x) for p, x in zip(points, where, strict=True)])
    sd = np.array([_own_sd(p, common_sd, axis, x) for p, x in zip(points, where, strict=True)])
    unit = points[0].unit
    if any(point.unit != unit for point in points):
        raise CurveError(f"{name}: the points have different units")
    conditions = {"from": float(where[0]), "to": float(where[-1]), "axis": axis}
    notes: list[str] = []
    if common_sd:
        notes.append(f"{common_sd:g} {unit} is common to all points and taken out of differences")
    return DurabilityResult(
        name=name,
        unit=unit,
        axis=axis,
        at=where,
        points=tuple(points),
        shift=_normal(values[-1] - values[0], float(np.hypot(sd[0], sd[-1])), unit, conditions),
        slope=_slope(where, values, sd, axis, unit, conditions, notes),
        notes=tuple(notes),
    )


def _slope(
    at: np.ndarray, values: np.ndarray, sd: np.ndarray, axis: str, unit: str,
    conditions: dict[str, Any], notes: list[str],
) -> FigureOfMerit:  # fmt: skip
    per = PER[axis]
    of = f"{unit} per 1000 cycles" if axis == "cycles" else f"{unit} h-1"
    if not (sd > 0).all():
        return no_figure("points without an uncertainty of their own have no weights", of)
    if len(at) == 2:
        run = (at[1] - at[0]) / per
        notes.append("two points: whether the change is straight cannot be told")
        return _normal((values[1] - values[0]) / run, float(np.hypot(*sd)) / run, of, conditions)
    weights = 1.0 / sd**2
    centre = np.sum(weights * at) / weights.sum()
    spread = float(np.sum(weights * (at - centre) ** 2))
    slope = float(np.sum(weights * (at - centre) * values)) / spread
    level = float(np.sum(weights * values)) / weights.sum()
    chi2 = float(np.sum(weights * (values - level - slope * (at - centre)) ** 2))
    freedom = len(at) - 2
    error = NORMAL_95 / np.sqrt(spread)
    if stats.chi2.sf(chi2, freedom) < 0.05:
        error = stats.t.ppf(0.975, freedom) * np.sqrt(chi2 / freedom / spread)
        notes.append(
            f"the points lie off a straight line by more than their intervals (reduced chi2"
            f" {chi2 / freedom:.2g}): the interval of the slope is widened; look at the picture"
        )
    value = slope * per
    half = float(error) * per
    return FigureOfMerit(value, (value - half, value + half), "", of,
                         {**conditions, "reduced_chi2": chi2 / freedom})  # fmt: skip


def _normal(value: float, sd: float, unit: str, conditions: dict[str, Any]) -> FigureOfMerit:
    half = NORMAL_95 * sd
    if half == 0:
        return FigureOfMerit(float(value), (None, None), "no uncertainty of the points was given",
                             unit, conditions)  # fmt: skip
    return FigureOfMerit(float(value), (float(value - half), float(value + half)), "", unit,
                         conditions)  # fmt: skip


def _value(point: FigureOfMerit, axis: str, at: float) -> float:
    if point.value is None or not np.isfinite(point.value):
        raise CurveError(f"the point at {at:g} {axis} has no value: {point.reason or 'none given'}")
    return point.value


def _own_sd(point: FigureOfMerit, common_sd: float, axis: str, at: float) -> float:
    if point.normal_sd is None:
        return 0.0
    own = point.normal_sd**2 - common_sd**2
    if point.normal_sd < 0 or own < 0:
        low, high = point.interval_95
        raise CurveError(
            f"the point at {at:g} {axis}: its interval {low:g} to {high:g} is narrower than the"
            f" common standard deviation {common_sd:g} allows"
        )
    return float(np.sqrt(own))
