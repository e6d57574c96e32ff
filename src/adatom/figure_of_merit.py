"""A figure of merit: a number with its unit, its 95 % interval and what made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NORMAL_95 = 1.959964
"""Half-width of a 95 % interval of a normal distribution, in standard deviations."""


@dataclass(frozen=True)
class FigureOfMerit:
    """A figure of merit with its 95 % interval; an open side of the interval is None."""

    value: float | None
    interval_95: tuple[float | None, float | None]
    reason: str = ""
    """Why there is no value, or why a side of the interval is open."""
    unit: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """What the value holds for and how it was taken: windows, potentials, models."""

    @property
    def normal_sd(self) -> float | None:
        """Standard deviation of a normal distribution with this interval; None where it is open."""
        low, high = self.interval_95
        return None if low is None or high is None else (high - low) / (2.0 * NORMAL_95)

    def text(self, digits: int) -> str:
        """The value with its interval; ``none`` where there is no value."""
        if self.value is None:
            return "none"
        low, high = (("open" if x is None else f"{x:.{digits}f}") for x in self.interval_95)
        return f"{self.value:.{digits}f} ({low} to {high})"

    def significant(self, digits: int) -> str:
        """The same with so many significant digits, for figures of any size."""
        low, high = (("open" if x is None else f"{x:.{digits}g}") for x in self.interval_95)
        if self.value is None:
            return "none" if self.interval_95 == (None, None) else f"none ({low} to {high})"
        return f"{self.value:.{digits}g} ({low} to {high})"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "value": self.value,
            "interval_95": list(self.interval_95),
            "unit": self.unit,
            "reason": self.reason,
            "conditions": dict(self.conditions),
        }


def no_figure(reason: str, unit: str = "") -> FigureOfMerit:
    """A figure that could not be taken, and why."""
    return FigureOfMerit(None, (None, None), reason, unit)
