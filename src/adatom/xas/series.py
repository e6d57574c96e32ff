"""Many scans of one sample: how edge, white line and coordination numbers move, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.xas.analysis import SpectrumAnalysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from adatom.xas.exafs_result import ExafsEvidence


@dataclass(frozen=True)
class ScanFigures:
    """One quantity of every scan."""

    title: str
    """With its unit, as an axis is labelled."""
    values: tuple[FigureOfMerit, ...]
    """A scan each, in the order of the scans."""
    shared: np.ndarray | None = None
    """(D, S): all scans again under each of D draws of what is unknown of all alike, such as S02;
    None: nothing is."""

    def ordered(self, order: np.ndarray) -> "ScanFigures":
        """The scans (S,) in another order."""
        shared = None if self.shared is None else self.shared[:, order]
        return replace(self, values=tuple(self.values[i] for i in order), shared=shared)


@dataclass(frozen=True)
class Trend:
    """A straight line through a figure of every scan."""

    figures: ScanFigures
    slope: FigureOfMerit
    """Per unit of the variable; its interval from the scatter of the scans around the line, and
    from what is unknown of all alike."""
    scatter: float | None
    """Standard deviation around the line."""

    def sentence(self, against: str) -> str:
        """What a person is told."""
        name = self.figures.title.split(" /")[0]
        if self.slope.value is None:
            return f"{name}: {self.slope.reason}"
        low, high = self.slope.interval_95
        assert low is not None
        assert high is not None
        found = f"{self.slope.value:+.3g} ({low:+.3g} to {high:+.3g}) per unit of {against}"
        if low <= 0.0 <= high:
            return f"{name}: no trend beyond the scatter of the scans, {found}"
        return f"{name} {'rises' if self.slope.value > 0 else 'falls'}: {found}"

    def as_dict(self, against: str) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "title": self.figures.title,
            "values": [f.value for f in self.figures.values],
            "intervals_95": [list(f.interval_95) for f in self.figures.values],
            "slope": self.slope.as_dict(),
            "scatter": self.scatter,
            "sentence": self.sentence(against),
        }


@dataclass(frozen=True)
class ScanSeries:
    """Scans in the order of a variable."""

    scans: tuple[SpectrumAnalysis, ...]
    variable: np.ndarray
    """(S,)."""
    against: str
    """Name and unit of the variable; 'scan' where none was given."""
    trends: Mapping[str, Trend] = field(default_factory=dict)
    """``half_height_eV``, ``white_line_height`` and what else was measured of every scan."""
    mean: "ExafsEvidence | None" = None
    """Evidence for paths in the mean of the scans, where it was asked for."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "against": self.against,
            "variable": [float(v) for v in self.variable],
            "labels": [s.label for s in self.scans],
            **{name: trend.as_dict(self.against) for name, trend in self.trends.items()},
            "exafs": None if self.mean is None else self.mean.as_dict(),
        }

    def sentences(self) -> list[str]:
        """What a person is told: paths of the mean, then every trend."""
        said = [] if self.mean is None else [f"{self.mean.label}: {self.mean.sentence}"]
        return said + [trend.sentence(self.against) for trend in self.trends.values()]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the scans as a waterfall on given axes (or new ones) and return them."""
        from adatom.plot.xas import plot_waterfall

        return plot_waterfall(self, ax)


def scan_series(
    scans: Sequence[SpectrumAnalysis],
    variable: Sequence[float] | None = None,
    against: str = "scan",
    measured: Mapping[str, ScanFigures] | None = None,
    mean: "ExafsEvidence | None" = None,
) -> ScanSeries:
    """Trends over scans; ``variable`` (S,) is what changed (potential, time), else their number.

    ``measured``: quantities beside edge and white line in the order of ``scans``, such as those of
    :func:`~adatom.xas.path_series.path_figures`, which rest on the evidence of the ``mean``.

    Raises :class:`~adatom.errors.SpectrumError` where numbers differ or edges are of different
    elements.
    """
    require_variable(variable, len(scans), against)
    if len({str(s.edge) for s in scans}) > 1:
        raise SpectrumError(
            "the scans are of different edges: " + ", ".join(sorted({str(s.edge) for s in scans}))
        )
    x = np.arange(1.0, len(scans) + 1.0) if variable is None else np.array(variable, dtype=float)
    order = np.argsort(x, kind="stable")
    figures = {
        "half_height_eV": ScanFigures(
            "edge (half height) / eV", tuple(s.position.half_height for s in scans)
        ),
        "white_line_height": ScanFigures(
            "white line / edge steps", tuple(s.near.white_line_height for s in scans)
        ),
        **(measured or {}),
    }
    trends = {name: trend_of(x[order], one.ordered(order)) for name, one in figures.items()}
    return ScanSeries(tuple(scans[i] for i in order), x[order], against, trends, mean)


def require_variable(variable: Sequence[float] | None, scans: int, against: str) -> None:
    """Raise :class:`~adatom.errors.SpectrumError` unless there is a number for every scan."""
    if variable is None:
        return
    if len(variable) != scans:
        raise SpectrumError(
            f"{len(variable)} values of {against} for {scans} scans; give --at once for each"
        )
    broken = [value for value in variable if not np.isfinite(value)]
    if broken:
        raise SpectrumError(f"{against} {broken[0]}: expected a finite number for every scan")


def trend_of(variable: np.ndarray, figures: ScanFigures) -> Trend:
    """A straight line by least squares through the scans (S,) that have a value."""
    there = np.array([f.value is not None for f in figures.values])
    x = np.asarray(variable, dtype=float)[there]
    y = np.array([f.value for f in figures.values if f.value is not None], dtype=float)
    different = len(set(x))
    if different < 3:
        return Trend(figures, no_figure(f"{different} different points; a trend needs 3"), None)
    slope = float(np.polynomial.polynomial.polyfit(x, y, 1)[1])
    left = y - y.mean() - slope * (x - x.mean())
    scatter = float(np.sqrt((left**2).sum() / (len(x) - 2)))
    error = scatter / float(np.sqrt(((x - x.mean()) ** 2).sum()))
    half = float(stats.t.ppf(0.975, len(x) - 2)) * error
    interval = (slope - half, slope + half)
    if figures.shared is not None:
        drawn = np.polynomial.polynomial.polyfit(x, figures.shared[:, there].T, 1)[1]
        interval = widened(slope, interval, drawn)
    return Trend(figures, FigureOfMerit(slope, interval), scatter)


def widened(
    value: float, interval_95: tuple[float, float], drawn: np.ndarray
) -> tuple[float, float]:
    """An interval with an independent error of which there are draws (D,) of the value."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return (
        value - float(np.hypot(value - interval_95[0], max(value - low, 0.0))),
        value + float(np.hypot(interval_95[1] - value, max(high - value, 0.0))),
    )
