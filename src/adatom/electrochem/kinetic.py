"""Tafel window of a sweep that no diffusion limits, for a batch: the measured one and its draws.

Potentials run towards the driving end; currents are positive in the driving direction. The window
is the longest within which the slope of log10(j) is constant within noise, as in
:mod:`~adatom.electrochem.limited`; between the last point below a lowest current (or within
``NEAR_EQUILIBRIUM_V`` of equilibrium) and the largest current.
"""

from math import log, log10

import numpy as np
from numba import njit, prange

from adatom.electrochem.limited import CURVED, FEWEST_BINS, LEAST_DECADES, weighted_line

NEAR_EQUILIBRIUM_V = 0.05
"""Closer the back reaction bends the line (docs/decisions/0007)."""
FIGURES = (
    "tafel_mV_dec",
    "tafel_intercept",
    "tafel_start_V",
    "tafel_end_V",
    "tafel_low_mA_cm2",
    "tafel_high_mA_cm2",
    "curvature",
    "from_equilibrium",
)
"""Columns of :func:`kinetic_figures`; NaN where there is none. The last says whether equilibrium,
not the lowest current, is where the search began."""
TAFEL, INTERCEPT, T_START, T_END, T_LOW, T_HIGH, CURVE, FROM_EQUILIBRIUM = range(len(FIGURES))


@njit(cache=True, parallel=True)
def kinetic_figures(potentials, currents, sd, lowest, equilibrium):
    """Figures (B, F) of sweeps (B, K) whose noise is ``sd`` (K,), above ``lowest`` mA/cm2."""
    result = np.full((potentials.shape[0], 8), np.nan)
    for b in prange(potentials.shape[0]):
        _window(potentials[b], currents[b], sd, lowest, equilibrium, result[b])
    return result


@njit(cache=True)
def _window(x, j, sd, lowest, equilibrium, out):
    forward = 1.0 if x[-1] > x[0] else -1.0
    end = int(np.argmax(j)) + 1
    start = 0
    out[FROM_EQUILIBRIUM] = 0.0
    for k in range(end - 1, -1, -1):
        near = forward * (x[k] - equilibrium) < NEAR_EQUILIBRIUM_V
        if near or j[k] <= lowest:
            start = k + 1
            out[FROM_EQUILIBRIUM] = 1.0 if near and j[k] > lowest else 0.0
            break
    m = end - start
    if m < FEWEST_BINS:
        return
    sums = np.zeros((m + 1, 8))
    for k in range(m):
        current = j[start + k]
        y, t = log10(current), x[start + k] - x[start]
        w = (current * log(10.0) / sd[start + k]) ** 2
        terms = np.array([w, w * t, w * t**2, w * t**3, w * t**4, w * y, w * t * y, w * t**2 * y])
        sums[k + 1] = sums[k] + terms
    for length in range(m, FEWEST_BINS - 1, -1):
        most = LEAST_DECADES
        for a in range(m - length + 1):
            b = a + length
            slope, intercept, decades, curvature = weighted_line(
                sums[b] - sums[a], x[start + a] - x[start], x[start + b - 1] - x[start]
            )
            if abs(curvature) > CURVED or decades < most or slope * forward <= 0.0:
                continue
            most = decades
            out[TAFEL] = 1e3 / slope
            out[INTERCEPT] = intercept - slope * x[start]
            out[T_START], out[T_END] = x[start + a], x[start + b - 1]
            out[T_LOW] = 10.0 ** (out[INTERCEPT] + out[T_START] * slope)
            out[T_HIGH] = 10.0 ** (out[INTERCEPT] + out[T_END] * slope)
            out[CURVE] = curvature
        if most > LEAST_DECADES:
            return
