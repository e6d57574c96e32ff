"""Noise of a sweep: how large, and how alike neighbours are.

The noise is what a polynomial through nine neighbours leaves; where the current is flat enough to
be told from it over longer stretches, the correlation of neighbours is taken from there.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

WINDOW, ORDER = 9, 4
_POWERS = np.vander(np.linspace(-1.0, 1.0, WINDOW), ORDER + 1)
_QUARTIC = _POWERS @ np.linalg.pinv(_POWERS)
"""(9, 9): nine neighbours to the values of the quartic through them."""
KEPT = float(_QUARTIC[WINDOW // 2, WINDOW // 2])
"""Share of a point's own noise that its smoothed value keeps."""
RESOLUTION = 5e-4
"""Of the largest current: no instrument is taken to be better."""
MOST_CORRELATED = 0.9


@dataclass(frozen=True)
class Noise:
    """First-order autoregressive noise of equally spaced points."""

    sd: float
    """Standard deviation of one point, in the units of the values."""
    correlation: float
    """Of neighbours."""
    relative: float = 0.0
    """Of the smoothed values: noise that grows with them, independent of ``sd``."""

    def along(self, values: np.ndarray) -> np.ndarray:
        """Standard deviation (K,) of each of values (K,)."""
        return np.hypot(self.sd, self.relative * np.abs(smoothed(values)))

    @property
    def effective_sd(self) -> float:
        """Standard deviation of uncorrelated points that average out equally slowly."""
        return self.sd * float(np.sqrt((1.0 + self.correlation) / (1.0 - self.correlation)))

    def draws(self, rng: np.random.Generator, count: int, points: int) -> np.ndarray:
        """Random noise (count, points), in standard deviations."""
        white = rng.standard_normal((count, points))
        if self.correlation == 0.0:
            return white
        # Started in its stationary state: the first value has the full variance.
        drive = white * np.sqrt(1.0 - self.correlation**2)
        drive[:, 0] = white[:, 0]
        return np.asarray(lfilter([1.0], [1.0, -self.correlation], drive, axis=1))


def smoothed(values: np.ndarray) -> np.ndarray:
    """Values (K,) after a local quartic through nine neighbours (Savitzky and Golay 1964).

    K is at least nine. scipy's savgol_filter finds the same coefficients anew in each call, a
    third of the time that a sweep takes.
    """
    half = WINDOW // 2
    return np.concatenate(
        [
            _QUARTIC[:half] @ values[:WINDOW],
            np.convolve(values, _QUARTIC[half], "valid"),
            _QUARTIC[half + 1 :] @ values[-WINDOW:],
        ]
    )


def estimate_noise(values: np.ndarray, *, flat: slice | None = None) -> Noise:
    """Noise of values (K,), K of at least nine; ``flat`` is a stretch without structure."""
    residuals = values - smoothed(values)
    # The median of absolute residuals is not moved by a few spikes; 1.4826 for normal ones.
    sd = 1.4826 * float(np.median(np.abs(residuals))) / np.sqrt(1.0 - KEPT)
    sd = max(sd, RESOLUTION * float(np.abs(values).max()))
    if flat is None or flat.stop - flat.start < 4 * WINDOW:
        return Noise(sd, 0.0)
    part = values[flat]
    x = np.linspace(-1.0, 1.0, len(part))
    rest = part - np.polynomial.polynomial.polyval(x, np.polynomial.polynomial.polyfit(x, part, 3))
    power = float((rest**2).mean())
    correlation = float((rest[1:] * rest[:-1]).mean()) / power + 4.0 / len(part)
    correlation = min(max(correlation, 0.0), MOST_CORRELATED)
    if correlation < 2.0 / np.sqrt(len(part)):
        return Noise(sd, 0.0)
    return Noise(max(sd, float(np.sqrt(power))), correlation)
