"""Propagation of distributions: a quantity is its best estimate followed by random draws.

A quantity is an array (1 + D,): the estimate from the best inputs first, then D draws of its
distribution, so that ordinary arithmetic propagates value and uncertainty together and quantities
that share an input stay correlated. JCGM 101:2008 (Supplement 1 to the GUM): a stated standard
deviation is normal, a mean of n readings Student's t with n - 1 degrees of freedom.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from adatom.figure_of_merit import FigureOfMerit, no_figure

DRAWS = 20_000
"""Of every quantity: the ends of a 95 % interval are then good to about 1 % of its width."""
LEVEL = 0.95
"""Of every interval."""
HOUR_S = 3600.0


class Sampler:
    """Draws from one seeded generator, in the order they are asked for."""

    def __init__(self, seed: int = 0, count: int = DRAWS) -> None:
        self.count = count
        self._random = np.random.default_rng(seed)

    def exact(self, value: float) -> np.ndarray:
        """A number without uncertainty, (1 + D,)."""
        return np.full(1 + self.count, float(value))

    def normal(self, value: float, sd: float) -> np.ndarray:
        """A number with a standard deviation, (1 + D,)."""
        return value + sd * self.deviates()

    def deviates(self) -> np.ndarray:
        """Standard normal deviates (1 + D,), 0 at the best estimate."""
        return np.concatenate([[0.0], self._random.standard_normal(self.count)])

    def scale(self, freedom: int) -> np.ndarray:
        """Draws (1 + D,) of true over estimated sd with ``freedom`` degrees, 1 at the estimate."""
        chi2 = self._random.chisquare(freedom, self.count)
        return np.concatenate([[1.0], np.sqrt(freedom / chi2)])


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The central 95 % of a quantity's draws."""
    tail = 0.5 * (1.0 - LEVEL)
    low, high = np.quantile(draws[1:], [tail, 1.0 - tail])
    return float(low), float(high)


def figure_of(
    draws: np.ndarray, unit: str, conditions: Mapping[str, Any] | None = None, reason: str = ""
) -> FigureOfMerit:
    """A quantity (1 + D,) as a figure of merit; without a value where it is not finite."""
    if not np.isfinite(draws).all():
        return no_figure(reason or "a divisor is compatible with zero", unit)
    if np.ptp(draws) <= 1e-12 * abs(draws[0]):
        return FigureOfMerit(
            float(draws[0]), (None, None), reason or "no input has an uncertainty", unit,
            dict(conditions or {}),
        )  # fmt: skip
    return FigureOfMerit(float(draws[0]), interval(draws), reason, unit, dict(conditions or {}))
