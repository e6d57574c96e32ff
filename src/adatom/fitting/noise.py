"""The noise of a curve, and whether what a model leaves is more than noise."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

SIGNIFICANCE = 0.01
"""Chance of calling a right model wrong, for each of the two tests."""
FLOOR = 1e-3
"""Of the largest current: no instrument is taken to be better when no sd is given."""
FEWEST_POINTS = 8
"""Below this no pattern can be told from chance."""


@dataclass(frozen=True)
class Residuals:
    """How the residuals of a fit are distributed."""

    reduced_chi2: float | None
    """Weighted with the sd given; else the variance of the residuals over that of the noise
    between neighbours, or over the floor; None with fewer than 3 points."""
    chi2_p: float | None
    """Chance of a larger chi2 from noise of the sd given; None without."""
    durbin_watson: float | None
    """Sum of squared differences of neighbours over the sum of squares: 2 for noise, 0 for a
    smooth misfit; None with fewer than ``FEWEST_POINTS``."""
    durbin_watson_p: float | None
    """Chance of a smaller one from independent noise, given the parameters fitted."""
    rms_mA_cm2: float
    longest_run_V_rhe: tuple[float, float]
    """Potentials between which the residuals keep one sign longest."""
    below_floor: bool
    """Without sd: all residuals lie below what instruments resolve."""

    @property
    def patterned(self) -> bool:
        """Whether neighbours deviate together more than independent noise does."""
        if self.below_floor or self.durbin_watson_p is None:
            return False
        return self.durbin_watson_p < SIGNIFICANCE

    @property
    def too_large(self) -> bool:
        """Whether the residuals exceed the sd given."""
        return self.chi2_p is not None and self.chi2_p < SIGNIFICANCE


def neighbour_noise_mA_cm2(potentials_V: np.ndarray, values_mA_cm2: np.ndarray) -> float | None:
    """Noise of ``values`` (P,) from three neighbours at a time, whatever line they lie on.

    Difference-based estimate of Gasser, Sroka, Jennen-Steinmetz, Biometrika 1986, 73, 625,
    10.1093/biomet/73.3.625: each point against the line through its neighbours, scaled to the
    variance of one point. None with fewer than three points.
    """
    if len(potentials_V) < 3:
        return None
    x = np.lib.stride_tricks.sliding_window_view(potentials_V, 3)
    y = np.lib.stride_tricks.sliding_window_view(values_mA_cm2, 3)
    share = (x[:, 2] - x[:, 1]) / (x[:, 2] - x[:, 0])
    off = share * y[:, 0] + (1.0 - share) * y[:, 2] - y[:, 1]
    return float(np.sqrt(np.mean(off**2 / (share**2 + (1.0 - share) ** 2 + 1.0))))


def examine(
    potentials_V: np.ndarray,
    residuals_mA_cm2: np.ndarray,
    jacobian: np.ndarray,
    sd_mA_cm2: np.ndarray | None,
    floor_mA_cm2: float,
) -> Residuals:
    """Judge residuals (P,) of a fit whose weighted Jacobian is (P, K)."""
    count, fitted = jacobian.shape
    rms = float(np.sqrt(np.mean(residuals_mA_cm2**2)))
    weighted = residuals_mA_cm2 if sd_mA_cm2 is None else residuals_mA_cm2 / sd_mA_cm2
    square = float(weighted @ weighted)
    freedom = count - fitted
    chi2_p: float | None = None
    reduced: float | None = None
    if sd_mA_cm2 is not None:
        reduced, chi2_p = square / freedom, float(stats.chi2.sf(square, freedom))
    else:
        noise = neighbour_noise_mA_cm2(potentials_V, residuals_mA_cm2)
        if noise is not None:
            reduced = square / freedom / max(noise, floor_mA_cm2) ** 2
    statistic: float | None = None
    chance: float | None = None
    if count >= FEWEST_POINTS and square > 0:
        statistic = float(np.diff(weighted) @ np.diff(weighted)) / square
        chance = durbin_watson_chance(statistic, jacobian)
    small = sd_mA_cm2 is None and square / freedom <= floor_mA_cm2**2
    return Residuals(
        reduced, chi2_p, statistic, chance, rms, _longest_run(potentials_V, residuals_mA_cm2), small
    )


def durbin_watson_chance(statistic: float, jacobian: np.ndarray) -> float:
    """Chance of a Durbin-Watson statistic as small or smaller under independent normal noise.

    Normal approximation with the exact mean and variance, which depend on the Jacobian (P, K)
    (Durbin, Watson, Biometrika 1950, 37, 409, 10.1093/biomet/37.3-4.409).
    """
    n, k = jacobian.shape
    basis = np.linalg.svd(jacobian / np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300),
                          full_matrices=False)[0]  # fmt: skip
    differences = np.diff(basis, axis=0)
    inner = differences.T @ differences
    once = np.zeros_like(basis)
    once[:-1] -= differences
    once[1:] += differences
    # A is the tridiagonal of squared differences: tr A = 2(n - 1), tr A^2 = 2(3n - 4).
    trace = 2.0 * (n - 1) - np.trace(inner)
    square = 2.0 * (3 * n - 4) - 2.0 * np.trace(once.T @ once) + np.trace(inner @ inner)
    mean = trace / (n - k)
    variance = 2.0 * (square - trace * mean) / ((n - k) * (n - k + 2))
    return float(stats.norm.cdf((statistic - mean) / np.sqrt(variance)))


def _longest_run(potentials_V: np.ndarray, residuals: np.ndarray) -> tuple[float, float]:
    signs = np.sign(residuals)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(signs)) + 1])
    ends = np.concatenate([starts[1:], [len(signs)]])
    n = int(np.argmax(ends - starts))
    return float(potentials_V[starts[n]]), float(potentials_V[ends[n] - 1])
