"""Straight trends under autocorrelated noise: an interval that does not mistake it for freedom.

Noise is a first-order autoregression, AR(1), on a regular grid of bin means. Its coefficient is
not fixed at an estimate (which is biased low and makes intervals too narrow) but integrated over
with the restricted likelihood: Harville, Biometrika 1974, 61, 383, 10.1093/biomet/61.2.383; for
AR(1) errors Chipman, Econometrica 1979, 47, 115, 10.2307/1912349 (transformation) and Zellner,
An Introduction to Bayesian Inference in Econometrics, Wiley 1971, ch. 4 (integration).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adatom.errors import CurveError

BINS = 300
"""On which the noise is modelled: white noise averages out, slow noise stays."""
FEWEST_BINS = 12
GRID = np.unique(np.concatenate([np.linspace(-0.8, 0.9, 35), 1.0 - np.geomspace(0.1, 1e-4, 30)]))
"""Coefficients of the noise that are weighed, denser towards a random walk."""
SLOW = 10.0
SLOW_CHANCE = 0.1
"""Where noise is correlated over more than a tenth of the record with more than this chance, its
length cannot be told from so little: the interval is then that of a random walk, the widest."""


@dataclass(frozen=True)
class Bins:
    """Means over a regular grid of times; empty bins are left out."""

    time_s: np.ndarray
    """(K,), centres."""
    value: np.ndarray
    """(K,)"""
    width_s: float

    @property
    def lags(self) -> np.ndarray:
        """(K - 1,), bins from each to the next, 1 without gaps."""
        return np.rint(np.diff(self.time_s) / self.width_s)


def bin_means(
    time_s: np.ndarray, value: np.ndarray, *, most: int = BINS, broken_at_s: Sequence[float] = ()
) -> Bins:
    """Means of a rising series (N,) over ``most`` equal bins; those with a break in them left out.

    Raises :class:`~adatom.errors.CurveError` with fewer than 12 bins.
    """
    count = min(most, len(time_s))
    start, end = float(time_s[0]), float(time_s[-1])
    width = (end - start) / max(count - 1, 1) if count == len(time_s) else (end - start) / count
    if width <= 0:
        raise CurveError("the record has no duration")
    origin = start - 0.5 * width if count == len(time_s) else start
    place = np.minimum(((time_s - origin) / width).astype(int), count - 1)
    numbers = np.bincount(place, minlength=count)
    sums = np.bincount(place, weights=value, minlength=count)
    kept = numbers > 0
    for at in broken_at_s:
        inside = place == min(int((at - origin) / width), count - 1)
        if (time_s[inside] < at).any() and (time_s[inside] >= at).any():
            kept[min(int((at - origin) / width), count - 1)] = False
    if kept.sum() < FEWEST_BINS:
        raise CurveError(
            f"a trend needs at least {FEWEST_BINS} points spread over the record, got {kept.sum()}"
        )
    centres = origin + width * (np.arange(count) + 0.5)
    return Bins(centres[kept], sums[kept] / numbers[kept], width)


@dataclass(frozen=True)
class Trend:
    """A line with steps through bins, with draws of all its parameters."""

    bins: Bins
    coefficients: np.ndarray
    """(1 + D, P): value at the first bin, slope per s, then one step a break; the most probable
    first, then draws."""
    noise_sd: np.ndarray
    """(1 + D,), of one bin about the line."""
    correlation: np.ndarray
    """(1 + D,), of neighbouring bins."""
    breaks_s: tuple[float, ...]
    slow: bool
    """The noise is too slow for the record: intervals are those of a random walk."""

    @property
    def slope_per_s(self) -> np.ndarray:
        """(1 + D,)"""
        return self.coefficients[:, 1]

    @property
    def start(self) -> np.ndarray:
        """(1 + D,), of the line at the first bin."""
        return self.coefficients[:, 0]

    def line(self) -> np.ndarray:
        """(K,), of the most probable parameters, for pictures."""
        return _design(self.bins, self.breaks_s) @ self.coefficients[0]

    def window_errors(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Draws (1 + D, 2) of how far means over two sets of bins (bool (K,)) are off the truth."""
        members = [np.flatnonzero(first), np.flatnonzero(last)]
        place = np.cumsum(np.concatenate([[0.0], self.bins.lags]))
        random = np.random.default_rng(1)
        errors = np.zeros((len(self.noise_sd), 2))
        for phi in np.unique(self.correlation):
            drawn = np.flatnonzero(self.correlation == phi)
            covariance = np.array(
                [[np.mean(_power(phi, place[a][:, None] - place[b][None])) for b in members]
                 for a in members]
            )  # fmt: skip
            # Two windows of a near random walk are all but the same number: keep it positive.
            root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) * np.eye(2))
            errors[drawn] = random.standard_normal((len(drawn), 2)) @ root.T
        errors[0] = 0.0
        return errors * self.noise_sd[:, None]


def fit_trend(bins: Bins, *, breaks_s: Sequence[float] = (), draws: int = 20_000) -> Trend:
    """The line through bins (K,) with a step at each break, and its distribution.

    Every coefficient of :data:`GRID` gives a generalised least-squares line with Student's t for
    its parameters; they are mixed with their restricted likelihoods. Raises
    :class:`~adatom.errors.CurveError` where steps leave nothing for the slope.
    """
    design = _design(bins, breaks_s)
    count, parameters = design.shape
    if count < parameters + FEWEST_BINS - 2 or np.linalg.matrix_rank(design) < parameters:
        raise CurveError(f"{len(breaks_s)} jumps in {count} bins leave no trend to be fitted")
    freedom = count - parameters
    scale = float(np.std(bins.value)) or 1.0
    lengths = np.array([1.0, bins.time_s[-1] - bins.time_s[0], *np.ones(len(breaks_s))])
    means, roots, sizes, chances = _lines(design / lengths, bins.value / scale, bins.lags)
    weights = np.exp(chances - chances.max()) * np.gradient(GRID)
    weights /= weights.sum()
    slow = bool(weights[count * (1.0 - GRID) < SLOW].sum() > SLOW_CHANCE)
    if slow:
        weights = np.zeros_like(weights)
        weights[-1] = 1.0
    best = int(np.argmax(np.where(weights > 0, chances, -np.inf)))
    random = np.random.default_rng(0)
    chosen = np.concatenate([[best], random.choice(len(GRID), size=draws, p=weights)])
    variance = sizes[chosen]
    variance[1:] *= freedom / random.chisquare(freedom, draws)
    deviates = random.standard_normal((1 + draws, parameters)) * np.sqrt(variance)[:, None]
    deviates[0] = 0.0
    drawn = means[chosen] + np.einsum("dij,dj->di", roots[chosen], deviates)
    return Trend(
        bins,
        scale * drawn / lengths,
        scale * np.sqrt(variance),
        GRID[chosen],
        tuple(breaks_s),
        slow,
    )


def _lines(
    design: np.ndarray, value: np.ndarray, lags: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each coefficient of the grid: parameters, root of their covariance, variance, log chance.

    ``design`` (K, P), ``value`` (K,); shapes (G, P), (G, P, P), (G,), (G,).
    """
    before = _power(GRID[:, None], lags[None])
    spread = np.sqrt(1.0 - before**2)
    x = np.repeat(design[None], len(GRID), axis=0)
    y = np.repeat(value[None], len(GRID), axis=0)
    x[:, 1:] = (design[1:] - before[..., None] * design[:-1]) / spread[..., None]
    y[:, 1:] = (value[1:] - before * value[:-1]) / spread
    normal = np.einsum("gki,gkj->gij", x, x)
    inverse = np.linalg.inv(normal)
    means = np.einsum("gij,gkj,gk->gi", inverse, x, y)
    residuals = y - np.einsum("gki,gi->gk", x, means)
    # Below the rounding of the values no noise can be told.
    squares = np.sum(residuals**2, axis=1) + 1e-20 * np.sum(y**2, axis=1) + 1e-300
    freedom = design.shape[0] - design.shape[1]
    chances = (
        -np.log(spread).sum(axis=1)
        - 0.5 * np.linalg.slogdet(normal)[1]
        - 0.5 * freedom * np.log(squares)
        - 0.5 * np.log1p(-(GRID**2))  # reference prior: Berger, Yang 1994
    )
    return means, np.linalg.cholesky(inverse), squares / freedom, chances


def _design(bins: Bins, breaks_s: Sequence[float]) -> np.ndarray:
    passed = bins.time_s - bins.time_s[0]
    steps = [(bins.time_s >= at).astype(float) for at in breaks_s]
    return np.stack([np.ones_like(passed), passed, *steps], axis=1)


def _power(phi: float | np.ndarray, lags: np.ndarray) -> np.ndarray:
    """phi^|lag| for whole lags; a negative phi keeps its sign."""
    distance = np.abs(lags)
    return np.abs(phi) ** distance * np.where((phi < 0) & (distance % 2 == 1), -1.0, 1.0)
