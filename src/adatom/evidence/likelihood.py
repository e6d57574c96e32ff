"""What a number with its 95 % interval says of the quantity that was measured.

A symmetric interval is that of a normal error. A posterior of a quantity that cannot be negative,
or is a share, has a lopsided interval near the limit: there the likelihood is the normal whose
posterior, cut off at the limits, has these ends. Any other lopsided interval is that of two half
normals that meet at the value.
"""

from dataclasses import dataclass
from math import exp, inf, isfinite, log

import numpy as np
from scipy.optimize import root
from scipy.stats import norm

NORMAL_95 = 1.959964
HALF_NORMAL_95 = 2.241403
"""97.5 % point of a half normal."""
LOPSIDED = 1.25
"""Ratio of the sides from which on an interval is no longer that of a normal error."""
SAME = 0.15
"""Of the width of the interval: how far a cut normal's median may be from the value."""


@dataclass(frozen=True)
class TwoPiece:
    """A normal with its own standard deviation on either side; one at its top."""

    centre: float
    sd_below: float
    sd_above: float

    def log(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the likelihood of ``x``, zero at the top."""
        away = np.asarray(x) - self.centre
        sd = np.where(away < 0.0, self.sd_below, self.sd_above)
        # Squared last: a quotient that overflows would warn, an infinite deviation is zero.
        return np.asarray(-0.5 * np.square(np.clip(away / sd, -1e6, 1e6)))

    def shrunk(self, factor: float) -> "TwoPiece":
        """The same with standard deviations ``factor`` times as large."""
        return TwoPiece(self.centre, factor * self.sd_below, factor * self.sd_above)


def from_interval(
    value: float,
    low: float,
    high: float,
    *,
    support: tuple[float, float] = (-inf, inf),
) -> TwoPiece:
    """The likelihood behind ``value`` with the 95 % interval ``low`` to ``high``.

    ``support`` holds the limits that the quantity cannot pass. A value at a limit with an
    interval to one side is an upper (or lower) bound.

    Raises ValueError unless low <= value <= high and low < high.
    """
    if not (low <= value <= high and low < high):
        raise ValueError(f"expected low <= value <= high, got {value:g} ({low:g} to {high:g})")
    if not (isfinite(low) and isfinite(high)):
        return TwoPiece(value, _sd(value - low), _sd(high - value))
    if low <= support[0]:
        sd = (high - value) / NORMAL_95 or (value - low) / NORMAL_95
        return TwoPiece(value, sd, sd)
    if high >= support[1]:
        sd = (value - low) / NORMAL_95 or (high - value) / NORMAL_95
        return TwoPiece(value, sd, sd)
    below, above = value - low, high - value
    lopsided = max(below, above) > LOPSIDED * min(below, above)
    if lopsided and (isfinite(support[0]) or isfinite(support[1])):
        cut = _cut_normal(value, low, high, support)
        if cut is not None:
            return cut
    least = 1e-3 * (high - low)
    return TwoPiece(value, max(below, least) / NORMAL_95, max(above, least) / NORMAL_95)


def _sd(side: float) -> float:
    return side / NORMAL_95 if isfinite(side) else inf


def _cut_normal(
    value: float, low: float, high: float, support: tuple[float, float]
) -> TwoPiece | None:
    """The normal that, cut at ``support``, has its 2.5 and 97.5 % points at ``low`` and ``high``.

    None where there is none, or where its median is not near ``value``.
    """
    if high - value < value - low:  # mirrored: only the limit below is thought of from here on
        mirrored = _cut_normal(-value, -high, -low, (-support[1], -support[0]))
        return None if mirrored is None else TwoPiece(
            -mirrored.centre, mirrored.sd_above, mirrored.sd_below
        )  # fmt: skip
    edge, width = support[0], high - low
    if not isfinite(edge):
        return None

    def left_over(x: np.ndarray) -> np.ndarray:
        centre, sd = float(x[0]), exp(min(float(x[1]), 50.0))
        whole = norm.logsf(edge, centre, sd)
        ends = norm.logsf(np.array([low, high]), centre, sd) - whole
        return np.asarray(ends - np.log([0.975, 0.025]))

    with np.errstate(all="ignore"):
        found = root(left_over, np.array([0.5 * (low + high), log(width / 4.0)]))
    if not found.success or np.abs(left_over(found.x)).max() > 1e-3:
        # Piled up at the edge more than a half normal.
        if (low - edge) < (high - edge) * 0.02:
            sd = (high - edge) / HALF_NORMAL_95
            return TwoPiece(edge, sd, sd)
        return None
    centre, sd = float(found.x[0]), exp(float(found.x[1]))
    median = float(norm.isf(0.5 * norm.sf(edge, centre, sd), centre, sd))
    return TwoPiece(centre, sd, sd) if abs(median - value) <= SAME * width else None
