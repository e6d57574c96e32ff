"""Many scans of one sample: how edge and white line move, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.xas.analysis import SpectrumAnalysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIGURES = {
    "half_height_eV": "edge (half height) / eV",
    "white_line_height": "white line / edge steps",
}


def figure_of(scan: SpectrumAnalysis, name: str) -> FigureOfMerit:
    """One of :data:`FIGURES` of a scan."""
    near, position = scan.near, scan.position
    return position.half_height if name == "half_height_eV" else near.white_line_height


@dataclass(frozen=True)
class Trend:
    """A straight line through a figure of every scan."""

    values: tuple[float | None, ...]
    slope: FigureOfMerit
    """Per unit of the variable; its interval from the scatter of the scans around the line."""
    scatter: float | None
    """Standard deviation around the line."""

    def sentence(self, name: str, against: str) -> str:
        """What a person is told."""
        if self.slope.value is None:
            return f"{name}: {self.slope.reason}"
        low, high = self.slope.interval_95
        assert low is not None
        assert high is not None
        found = f"{self.slope.value:+.3g} ({low:+.3g} to {high:+.3g}) per unit of {against}"
        if low <= 0.0 <= high:
            return f"{name}: no trend beyond the scatter of the scans, {found}"
        return f"{name} {'rises' if self.slope.value > 0 else 'falls'}: {found}"


@dataclass(frozen=True)
class ScanSeries:
    """Scans in the order of a variable."""

    scans: tuple[SpectrumAnalysis, ...]
    variable: np.ndarray
    """(S,)."""
    against: str
    """Name and unit of the variable; 'scan' where none was given."""
    trends: dict[str, Trend]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "against": self.against,
            "variable": [float(v) for v in self.variable],
            "labels": [s.label for s in self.scans],
            **{
                name: {
                    "values": list(trend.values),
                    "slope": trend.slope.as_dict(),
                    "scatter": trend.scatter,
                    "sentence": trend.sentence(FIGURES[name].split(" /")[0], self.against),
                }
                for name, trend in self.trends.items()
            },
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the scans as a waterfall on given axes (or new ones) and return them."""
        from adatom.plot.xas import plot_waterfall

        return plot_waterfall(self, ax)


def scan_series(
    scans: Sequence[SpectrumAnalysis],
    variable: Sequence[float] | None = None,
    against: str = "scan",
) -> ScanSeries:
    """Trends over scans; ``variable`` (S,) is what changed (potential, time), else their number.

    Raises :class:`~adatom.errors.SpectrumError` where numbers differ or edges are of different
    elements.
    """
    if variable is not None and len(variable) != len(scans):
        raise SpectrumError(f"{len(variable)} values of {against} for {len(scans)} scans")
    if len({str(s.edge) for s in scans}) > 1:
        raise SpectrumError(
            "the scans are of different edges: " + ", ".join(sorted({str(s.edge) for s in scans}))
        )
    x = np.arange(1.0, len(scans) + 1.0) if variable is None else np.array(variable, dtype=float)
    order = np.argsort(x, kind="stable")
    x, ordered = x[order], tuple(scans[i] for i in order)
    trends = {name: _trend(x, tuple(figure_of(s, name).value for s in ordered)) for name in FIGURES}
    return ScanSeries(ordered, x, against, trends)


def _trend(x: np.ndarray, values: tuple[float | None, ...]) -> Trend:
    there = np.array([v is not None for v in values])
    y = np.array([v for v in values if v is not None], dtype=float)
    x = x[there]
    if len(set(x)) < 3:
        return Trend(values, no_figure(f"{len(set(x))} different points; a trend needs 3"), None)
    fit = stats.linregress(x, y)
    half = float(stats.t.ppf(0.975, len(x) - 2) * fit.stderr)
    left = y - fit.intercept - fit.slope * x
    scatter = float(np.sqrt((left**2).sum() / (len(x) - 2)))
    slope = float(fit.slope)
    return Trend(values, FigureOfMerit(slope, (slope - half, slope + half)), scatter)
