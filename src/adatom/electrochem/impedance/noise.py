"""The noise of a spectrum, and whether what a model leaves is more than noise.

Real and imaginary part carry independent noise of the same standard deviation s |Z|^g, with g
between 0 (constant) and 1 (proportional). |Z| is always that of a model: weights from the noisy
points themselves favour points that came out small and pull every resistance down.
"""

import numpy as np
from scipy import stats

SIGNIFICANCE = 0.01
"""Chance of calling a right model wrong."""
RESOLUTION = 1e-9
"""Residuals below this share of |Z| are rounding, not noise."""


def stacked(values: np.ndarray) -> np.ndarray:
    """Real parts, then imaginary parts, along the last axis: (..., N) to (..., 2 N)."""
    return np.concatenate([values.real, values.imag], axis=-1)


def noise_exponent(residuals: np.ndarray, modulus_ohm: np.ndarray) -> float:
    """The g (0 to 1) under which residuals (2 N,) of noise s |Z|^g are most likely.

    ``residuals`` are stacked and freed of what fitting takes of them (divided by the root of
    1 - leverage). The likelihood is that of independent normal noise, its s at the optimum: a
    convex problem in g, solved by Newton's method.
    """
    logs = np.log(np.concatenate([modulus_ohm, modulus_ohm]))
    logs = logs - logs.mean()
    squares = residuals * residuals
    if not squares.any() or np.ptp(logs) < 1e-9:
        return 1.0
    exponent = 0.5
    for _ in range(30):
        weights = squares * np.exp(-2.0 * exponent * logs)
        weights /= weights.sum()
        mean = weights @ logs
        curvature = 2.0 * float(weights @ (logs - mean) ** 2)
        if curvature < 1e-12:
            return 1.0
        step = float(np.clip(mean / curvature, -0.3, 0.3))
        exponent += step
        if abs(step) < 1e-4 or not -0.5 < exponent < 1.5:
            break
    return float(np.clip(exponent, 0.0, 1.0))


def leverages(weighted_jacobian: np.ndarray) -> np.ndarray:
    """(M,) diagonal of the projection onto the columns of a Jacobian (M, K)."""
    q = np.linalg.qr(weighted_jacobian)[0]
    return np.einsum("ij,ij->i", q, q)


def neighbours_together(
    weighted_residuals: np.ndarray, weighted_jacobian: np.ndarray
) -> tuple[float, float]:
    """Durbin-Watson statistic of stacked residuals (2 N,), and the chance of a smaller one.

    Differences are taken between neighbouring frequencies, real and imaginary part apart: about 2
    for noise, 0 for a smooth misfit. Mean and variance under independent noise are exact given
    the Jacobian (2 N, K); the distribution is taken as normal (Durbin, Watson, Biometrika 1950,
    37, 409, 10.1093/biomet/37.3-4.409).
    """
    size, fitted = weighted_jacobian.shape
    half = size // 2
    square = float(weighted_residuals @ weighted_residuals)
    parts = weighted_residuals.reshape(2, half)
    statistic = float((np.diff(parts, axis=1) ** 2).sum()) / square
    q = np.linalg.qr(weighted_jacobian)[0]
    aq = _differences(q, half)
    # tr(MA) and tr(MAMA) with M = 1 - q q', A the matrix of squared differences.
    qaq = q.T @ aq
    trace = 4.0 * (half - 1) - np.trace(qaq)
    square_of_a = 2.0 * ((half - 2) * 4.0 + 2.0 + 2.0 * (half - 1))
    trace_of_square = square_of_a - 2.0 * np.sum(aq * aq) + np.sum(qaq * qaq.T)
    freedom = size - fitted
    mean = trace / freedom
    variance = 2.0 * (trace_of_square - trace * mean) / (freedom * (freedom + 2.0))
    return statistic, float(stats.norm.cdf((statistic - mean) / np.sqrt(variance)))


def _differences(columns: np.ndarray, half: int) -> np.ndarray:
    """A times columns (2 N, K), A tridiagonal in each half."""
    parts = columns.reshape(2, half, -1)
    steps = np.diff(parts, axis=1)
    found = np.zeros_like(parts)
    found[:, :-1] -= steps
    found[:, 1:] += steps
    return found.reshape(columns.shape)
