"""Tafel window of a sweep that no diffusion limits, for a batch: the measured one and its draws.

Potentials run towards the driving end; currents are positive in the driving direction. The window
is the longest within which the slope of log10(j) is constant within noise
(:mod:`~adatom.electrochem.tafel_window`), between the last point below a lowest current (or within
``NEAR_EQUILIBRIUM_V`` of equilibrium) and the largest current.
"""

from math import log

import numpy as np
from numba import njit, prange

from adatom.electrochem import tafel_window
from adatom.electrochem.tafel_window import longest_window

NEAR_EQUILIBRIUM_V = 0.05
"""Closer the back reaction bends the line (docs/decisions/0007)."""
FIGURES = (*tafel_window.FIGURES, "from_equilibrium")
"""Columns of :func:`kinetic_figures`; NaN where there is none. The last says whether equilibrium,
not the lowest current, is where the search began."""
TAFEL, INTERCEPT, T_START, T_END, T_LOW, T_HIGH, CURVE, FROM_EQUILIBRIUM = range(len(FIGURES))


@njit(cache=True, parallel=True)
def kinetic_figures(potentials, currents, sd, lowest, equilibrium):
    """Figures (B, F) of sweeps (B, K) whose noise is ``sd`` (K,), above ``lowest`` mA/cm2."""
    result = np.full((potentials.shape[0], FROM_EQUILIBRIUM + 1), np.nan)
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
    current = j[start:end]
    weight = (current * log(10.0) / sd[start:end]) ** 2
    longest_window(x[start:end], np.log10(current), weight, out[:FROM_EQUILIBRIUM])
