"""What an interval of S allows to say, and what would have to be known better."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from adatom.evidence.activity import NORMAL_95
from adatom.figure_of_merit import FigureOfMerit

NO_DIFFERENCE = 1e-3
"""An ln S that no measurement tells from zero."""

PRACTICAL = 10.0
"""No measurement is repeated to be so many times better."""


@dataclass(frozen=True)
class Part:
    """What one uncertainty contributes."""

    samples: tuple[str, ...]
    """The files it is of; several where they share it."""
    quantity: str
    relative_sd: float
    """Of the quantity itself; of the reference electrode, of j_k through it (the largest)."""
    synergy_sd: float
    """Standard deviation of ln S from this alone."""
    times_smaller: float | None = None
    """By how much this alone would have to shrink for a verdict; None where that does not do, or
    where there is a verdict."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.quantity} of {' and '.join(self.samples)}"


def verdict(interval_95: tuple[float, float]) -> str:
    """``helps``, ``hurts`` or ``cannot tell``."""
    low, high = interval_95
    return "helps" if low > 1.0 else "hurts" if high < 1.0 else "cannot tell"


def shrink_all(log_synergy: float, half_width: float) -> float | None:
    """By how much everything would have to shrink for the interval to leave 1 out.

    ``half_width`` of the interval of ln S on the side of zero. None where S is one.
    """
    if abs(log_synergy) < NO_DIFFERENCE:
        return None
    return half_width / abs(log_synergy)


def shrink_one(part_sd: float, log_synergy: float, half_width: float) -> float | None:
    """By how much one part would have to shrink with all others as they are; None if never."""
    rest = (half_width / NORMAL_95) ** 2 - part_sd**2
    allowed = (log_synergy / NORMAL_95) ** 2 - max(rest, 0.0)
    return part_sd / sqrt(allowed) if allowed > 0.0 and part_sd > 0.0 else None


def sentence(
    figure: FigureOfMerit, probability: float, parts: Sequence[Part], all_smaller: float | None
) -> str:
    """The verdict in words."""
    low, high = figure.interval_95
    assert low is not None
    assert high is not None
    assert figure.value is not None
    found = f"S = {figure.value:.3g} ({low:.3g} to {high:.3g}), probability that S > 1"
    found += f" {_share(probability)}"
    said = verdict((low, high))
    if said == "helps":
        return f"The pair helps: {found}."
    if said == "hurts":
        return f"The pair hurts: {found}."
    start = f"These data cannot tell whether the pair helps: {found}. "
    if all_smaller is None:
        return start + "S is so near 1 that no smaller uncertainty would show a difference."
    alone = [p for p in parts if p.times_smaller is not None and p.times_smaller < PRACTICAL]
    largest = parts[0]
    everything = f"all uncertainties together {_times(all_smaller)} smaller"
    if not alone:
        return start + (
            f"If S stays, no uncertainty alone decides it, even {PRACTICAL:g} times smaller: it"
            f" takes {everything}; the largest is the {largest.name} ({_percent(largest)})."
        )
    each = ", or ".join(
        f"the {p.name} ({_percent(p)}) {_times(p.times_smaller or 0.0)}" for p in alone[:3]
    )
    return start + f"If S stays, it takes {each} smaller; or {everything}."


def _share(probability: float) -> str:
    if probability > 0.999:
        return "> 0.999"
    return "< 0.001" if probability < 0.001 else f"{probability:.3f}"


def _percent(part: Part) -> str:
    return f"{100 * part.relative_sd:.2g} %"


def _times(factor: float) -> str:
    return f"{factor:.1f} times"
