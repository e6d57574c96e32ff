"""Where a sample stands among published catalysts measured in the same electrolyte."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from adatom.errors import LibraryError
from adatom.figure_of_merit import FigureOfMerit
from adatom.library.published import (
    EXACT,
    METRICS,
    Published,
    folded,
    published_catalysts,
    select,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N = TypeVar("N", int, float)
FEWEST = 5
"""With fewer entries a rank says nothing."""
NEIGHBOURS = 3
SELECTION_BIAS = (
    "The entries are what papers and reviews of pairs chose to show, which is likely to be better"
    " than what laboratories usually make: the middle of this list is not the average catalyst."
)
NOT_STATED = (
    "Rotation, loading and correction of the ohmic drop are not stated for most entries; their own"
    " uncertainty is for hardly any and is not in the interval."
)


@dataclass(frozen=True)
class Standing:
    """Rank and percentile of one figure of merit, and whom it stands beside."""

    metric: str
    reaction: str
    electrolyte: str
    figure: FigureOfMerit
    """The sample's."""
    entries: tuple[Published, ...]
    """What it is compared with, the best first."""
    rank: int
    """1 is better than every entry."""
    rank_interval_95: tuple[int | None, int | None]
    """At the better and at the worse end of the sample's interval; None where that is open."""
    percentile: float
    """Percent of the entries that the sample is better than, equal ones half."""
    percentile_interval_95: tuple[float | None, float | None]
    nearest: tuple[Published, ...]
    """The nearest values first."""
    left_out: tuple[str, ...]
    """Entries of the same metric and electrolyte that have no value to compare with, and why."""

    @property
    def sentence(self) -> str:
        """The result in words."""
        unit, count = METRICS[self.metric].unit, len(self.entries)
        ranks = _range(self.rank_interval_95, "d")
        shares = _range(self.percentile_interval_95, ".0f")
        return (
            f"{self.metric} {_figure(self.figure)} {unit}: rank {self.rank}{ranks} among {count}"
            f" published values in {self.electrolyte} ({self.reaction}), better than"
            f" {self.percentile:.0f} %{shares} of them."
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "metric": self.metric,
            "reaction": self.reaction,
            "electrolyte": self.electrolyte,
            "figure": self.figure.as_dict(),
            "rank": self.rank,
            "rank_interval_95": list(self.rank_interval_95),
            "better_than_percent": self.percentile,
            "better_than_percent_interval_95": list(self.percentile_interval_95),
            "entries": [entry_dict(e) for e in self.entries],
            "nearest": [entry_dict(e) for e in self.nearest],
            "left_out": list(self.left_out),
            "sentence": self.sentence,
            "notes": [SELECTION_BIAS, NOT_STATED],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the published values as a strip with the sample's interval; returns the axes."""
        from adatom.plot.standing import plot_standing

        return plot_standing(self, ax)


def standing(
    metric: str,
    figure: FigureOfMerit,
    *,
    electrolyte: str,
    reaction: str,
    condition: str = "",
    entries: Sequence[Published] | None = None,
) -> Standing:
    """Compare a figure of merit with published ones of the same reaction and electrolyte.

    ``condition`` is what the figure holds for (``0.85 V vs RHE``) where the metric needs one.
    Raises :class:`~adatom.errors.LibraryError` for a metric that has no better or worse, for a
    sample without a value, and for fewer than ``FEWEST`` entries.
    """
    names = {folded(name): name for name in METRICS}
    if folded(metric) not in names:
        ranked = ", ".join(name for name, m in METRICS.items() if m.better)
        raise LibraryError(f"metric '{metric}' is unknown; expected one of {ranked}")
    metric = names[folded(metric)]
    known = METRICS[metric]
    if known.better == 0:
        raise LibraryError(f"{metric} has no better or worse; see adatom library list")
    value = figure.value
    if value is None or not isfinite(value):
        raise LibraryError(f"the sample has no {metric}: {figure.reason or 'no value'}")
    everything = published_catalysts() if entries is None else entries
    same = select(everything, reaction=reaction, electrolyte=electrolyte, metric=metric)
    comparable, left_out = _comparable(same, condition)
    if len(comparable) < FEWEST:
        raise LibraryError(
            f"published values of {metric} ({reaction}) in {electrolyte}"
            f"{' at ' + condition if condition else ''} to compare with: {len(comparable)}, at"
            f" least {FEWEST} are"
            f" needed; {_elsewhere(everything, reaction, metric)}"
        )
    sign = known.better
    ordered = sorted(comparable, key=lambda e: (-sign * e.value, e.catalyst))
    low, high = figure.interval_95
    best, worst = (high, low) if sign > 0 else (low, high)

    def at(end: float | None, of: Callable[[float, Sequence[Published], int], N]) -> N | None:
        return None if end is None else of(end, ordered, sign)

    return Standing(
        metric=metric,
        reaction=ordered[0].reaction,
        electrolyte=ordered[0].electrolyte,
        figure=figure,
        entries=tuple(ordered),
        rank=_rank(value, ordered, sign),
        rank_interval_95=(at(best, _rank), at(worst, _rank)),
        percentile=_percentile(value, ordered, sign),
        percentile_interval_95=(at(worst, _percentile), at(best, _percentile)),
        nearest=tuple(sorted(ordered, key=lambda e: abs(e.value - value))[:NEIGHBOURS]),
        left_out=left_out,
    )


def entry_dict(entry: Published) -> dict[str, Any]:
    """Plain data for JSON, the columns of the table."""
    return {**vars(entry), "metals": list(entry.metals)}


def _comparable(
    same: Sequence[Published], condition: str
) -> tuple[list[Published], tuple[str, ...]]:
    kept, left_out = [], []
    for entry in same:
        if entry.qualifier not in EXACT:
            left_out.append(f"{entry.catalyst}: a bound ({entry.qualifier} {entry.value:g})")
        elif METRICS[entry.metric].needs_condition and (
            not entry.condition or folded(entry.condition) != folded(condition)
        ):
            left_out.append(f"{entry.catalyst}: for '{entry.condition or 'not stated'}'")
        else:
            kept.append(entry)
    return kept, tuple(left_out)


def _elsewhere(everything: Sequence[Published], reaction: str, metric: str) -> str:
    """Where there would be enough, as a hint; another electrolyte is never used instead."""
    counts: dict[str, int] = {}
    for entry in select(everything, reaction=reaction, metric=metric):
        if entry.electrolyte and entry.qualifier in EXACT:
            counts[entry.electrolyte] = counts.get(entry.electrolyte, 0) + 1
    listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f"there are {listed}" if listed else f"there are none of {metric} ({reaction})"


def _rank(value: float, ordered: Sequence[Published], sign: int) -> int:
    return 1 + sum(sign * e.value > sign * value for e in ordered)


def _percentile(value: float, ordered: Sequence[Published], sign: int) -> float:
    worse = sum(sign * e.value < sign * value for e in ordered)
    equal = sum(e.value == value for e in ordered)
    return 100.0 * (worse + 0.5 * equal) / len(ordered)


def _figure(figure: FigureOfMerit) -> str:
    low, high = ("open" if x is None else f"{x:.4g}" for x in figure.interval_95)
    return f"{figure.value:.4g} ({low} to {high})"


def _range(ends: tuple[float | None, float | None], form: str) -> str:
    low, high = ("open" if x is None else format(x, form) for x in ends)
    return "" if low == high else f" ({low} to {high})"
