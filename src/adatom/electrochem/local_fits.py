"""Read off a batch of sweeps: currents at potentials, and the potential of a current.

Potentials (B, K) run towards the driving end; currents (B, K) are positive where they flow in the
driving direction. What is read is a fit to the neighbourhood, so that noise averages out.
"""

import numpy as np
from numba import njit

CROSSING_SPAN_V = 0.04
"""Of the sweep around a crossing, to which an exponential is fitted."""


@njit(cache=True)
def current_at(potentials, currents, at, half_width):
    """Currents (B, Q) at potentials (Q,): a straight line through the neighbourhood.

    NaN where the sweep does not reach to both sides.
    """
    result = np.full((potentials.shape[0], at.size), np.nan)
    for b in range(potentials.shape[0]):
        x, j = potentials[b], currents[b]
        for q in range(at.size):
            weight = sum_x = sum_j = sum_xx = sum_xj = 0.0
            below = above = False
            for k in range(x.size):
                t = x[k] - at[q]
                if abs(t) <= half_width:
                    weight += 1.0
                    sum_x += t
                    sum_j += j[k]
                    sum_xx += t * t
                    sum_xj += t * j[k]
                    below, above = below or t <= 0.0, above or t >= 0.0
            spread = weight * sum_xx - sum_x**2
            if below and above and spread > 0.0:
                result[b, q] = (sum_xx * sum_j - sum_x * sum_xj) / spread
    return result


@njit(cache=True)
def first_crossing(potentials, currents, level):
    """Potential (B,) at which each sweep reaches ``level`` for good.

    j = level exp((x - x0) s) is fitted over ``CROSSING_SPAN_V`` around the crossing, noise below
    zero included. Infinite (in the driving direction) where the level is never reached, NaN where
    the sweep starts beyond it or the fit does not settle.
    """
    result = np.full(potentials.shape[0], np.nan)
    for b in range(potentials.shape[0]):
        x, j = potentials[b], currents[b]
        last = -1
        for k in range(x.size - 1, -1, -1):
            if j[k] < level:
                last = k
                break
        if last == x.size - 1:
            result[b] = np.inf if x[-1] > x[0] else -np.inf
            continue
        if last < 0:
            continue
        forward = 1.0 if x[-1] > x[0] else -1.0
        a, c = last, last + 1
        while a > 0 and abs(x[a - 1] - x[last]) <= 0.5 * CROSSING_SPAN_V:
            a -= 1
        while c < x.size and abs(x[c] - x[last]) <= 0.5 * CROSSING_SPAN_V:
            c += 1
        root, steepness = x[last], 30.0
        settled = False
        for _ in range(30):
            aa = ab = bb = ra = rb = 0.0
            for k in range(a, c):
                model = level * np.exp(min(steepness * forward * (x[k] - root), 5.0))
                by_root = -model * steepness * forward
                by_steepness = model * forward * (x[k] - root)
                rest = j[k] - model
                aa += by_root**2
                ab += by_root * by_steepness
                bb += by_steepness**2
                ra += by_root * rest
                rb += by_steepness * rest
            determinant = aa * bb - ab**2
            if determinant <= 0.0:
                break
            change = (bb * ra - ab * rb) / determinant
            root += min(max(change, -0.01), 0.01)
            steepness += min(max((aa * rb - ab * ra) / determinant, -20.0), 20.0)
            steepness = min(max(steepness, 2.0), 300.0)
            if abs(change) < 1e-7:
                settled = True
                break
        if settled and abs(root - x[last]) <= CROSSING_SPAN_V:
            result[b] = root
    return result
