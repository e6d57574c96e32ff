"""The longest stretch of a sweep on which the Tafel slope is constant within noise.

Constant: the quadratic term of a weighted fit of log10(j) against the potential lies within
``CURVED`` of its standard errors. Of windows of one length that which covers the most decades.
"""

import numpy as np
from numba import njit

CURVED = 2.0
FEWEST_BINS = 6
LEAST_DECADES = 0.3
"""A shorter window gives no slope."""
FIGURES = (
    "tafel_mV_dec",
    "tafel_intercept",
    "tafel_start_V",
    "tafel_end_V",
    "tafel_low_mA_cm2",
    "tafel_high_mA_cm2",
    "curvature",
)
"""What :func:`longest_window` writes."""


@njit(cache=True)
def longest_window(x, y, weight, out):
    """Write the figures (7,) of log10 currents ``y`` (M,) at potentials ``x`` (M,) into ``out``.

    ``weight`` (M,) is the inverse variance of ``y``. False, and nothing of use, where no window
    rises towards the end of ``x``.
    """
    m = x.size
    if m < FEWEST_BINS:
        return False
    forward = 1.0 if x[-1] > x[0] else -1.0
    # Weighted sums from the start, so that every window costs the same.
    sums = np.zeros((m + 1, 8))
    for k in range(m):
        w, t = weight[k], x[k] - x[0]
        sums[k + 1, 0] = sums[k, 0] + w
        sums[k + 1, 1] = sums[k, 1] + w * t
        sums[k + 1, 2] = sums[k, 2] + w * t**2
        sums[k + 1, 3] = sums[k, 3] + w * t**3
        sums[k + 1, 4] = sums[k, 4] + w * t**4
        sums[k + 1, 5] = sums[k, 5] + w * y[k]
        sums[k + 1, 6] = sums[k, 6] + w * t * y[k]
        sums[k + 1, 7] = sums[k, 7] + w * t**2 * y[k]
    for length in range(m, FEWEST_BINS - 1, -1):
        most = LEAST_DECADES
        for a in range(m - length + 1):
            b = a + length
            slope, intercept, decades, curvature = weighted_line(
                sums[b] - sums[a], x[a] - x[0], x[b - 1] - x[0]
            )
            if abs(curvature) > CURVED or decades < most or slope * forward <= 0.0:
                continue
            most = decades
            intercept -= slope * x[0]
            out[0], out[1] = 1e3 / slope, intercept
            out[2], out[3] = x[a], x[b - 1]
            out[4], out[5] = (
                10.0 ** (intercept + slope * x[a]),
                10.0 ** (intercept + slope * x[b - 1]),
            )
            out[6] = curvature
        if most > LEAST_DECADES:
            return True
    return False


@njit(cache=True)
def weighted_line(s, start, end):
    """Slope, intercept, decades covered and quadratic term over its standard error.

    ``s`` (8,) are the sums of w, w t, w t^2, w t^3, w t^4, w y, w t y and w t^2 y.
    """
    mean = s[1] / s[0]
    # Moments about the mean keep the digits.
    m2 = s[2] / s[0] - mean**2
    m3 = s[3] / s[0] - 3.0 * mean * s[2] / s[0] + 2.0 * mean**3
    m4 = s[4] / s[0] - 4.0 * mean * s[3] / s[0] + 6.0 * mean**2 * s[2] / s[0] - 3.0 * mean**4
    y0 = s[5] / s[0]
    y1 = s[6] / s[0] - mean * y0
    y2 = s[7] / s[0] - 2.0 * mean * s[6] / s[0] + mean**2 * y0
    slope = y1 / m2
    # The quadratic that is orthogonal to constant and line: t^2 - m3/m2 t - m2.
    norm = m4 - m3**2 / m2 - m2**2
    quadratic = (y2 - m3 / m2 * y1 - m2 * y0) / norm
    curvature = quadratic * (s[0] * norm) ** 0.5
    return slope, y0 - slope * mean, abs(slope * (end - start)), curvature
