"""Posterior of one Tafel line behind one plateau, given a whole sweep: compiled, fixed seed.

j(E) = b0 + b1 u + 1 / (1/j_k + 1/j_L), j_k = exp(a) 10^((E - E_ref)/slope), with u from -1/2 to
1/2 along the sweep. The rest is first-order autoregressive noise, whose standard deviation is
(s^2 + (r j)^2)^(1/2). An uncertain resistance moves the potentials: E - x R_sd I, x of a standard
normal prior.

Priors: slope log-uniform over ``SLOPES_MV_DEC``; a and b0, b1 flat; j_L log-uniform from half to
``MOST_LIMIT`` times the largest current; s log-uniform; ln r normal about that of 1e-3, to which a
current range is read, with a standard deviation of 1; the correlation flat over 0 to 0.98.
Sampled by adaptive Metropolis (Haario, Saksman, Tamminen, Bernoulli 2001, 7, 223,
doi:10.2307/3318737), several chains from dispersed starts.
"""

from math import exp, log, tanh

import numpy as np
from numba import njit, prange

SLOPES_MV_DEC = (15.0, 500.0)
MOST_LIMIT = 1e4
RELATIVE = 1e-3
MOST_CORRELATED = 0.98
NAMES = (
    "log_slope",
    "log_kinetic",
    "log_limit",
    "offset",
    "drift",
    "log_sd",
    "log_relative",
    "correlation",
    "resistance",
)
SLOPE, KINETIC, LIMIT, OFFSET, DRIFT, SD, RELATIVE_SD, CORRELATION, RESISTANCE = range(len(NAMES))


@njit(cache=True)
def log_posterior(p, x, j, ohmic, reference, forward, top, floor):
    """Log density of parameters (9,), up to a constant, of a sweep (K,).

    ``ohmic`` (K,) is the current times the resistance's standard deviation, V.
    """
    if not (
        log(SLOPES_MV_DEC[0]) < p[SLOPE] < log(SLOPES_MV_DEC[1])
        and log(0.5 * top) < p[LIMIT] < log(MOST_LIMIT * top)
        and log(floor) < p[SD] < log(top)
        and abs(p[RELATIVE_SD]) < 20.0
        and abs(p[OFFSET]) < top
        and abs(p[DRIFT]) < top
        and abs(p[KINETIC]) < 60.0
    ):
        return -np.inf
    correlation = 0.5 * MOST_CORRELATED * (1.0 + tanh(p[CORRELATION]))
    # Flat in the correlation: the derivative of the map.
    total = log(1.0 - tanh(p[CORRELATION]) ** 2 + 1e-300) - 0.5 * p[RESISTANCE] ** 2
    total -= 0.5 * (p[RELATIVE_SD] - log(RELATIVE)) ** 2
    steep = log(10.0) * 1e3 / exp(p[SLOPE])
    sd, relative = exp(p[SD]), exp(p[RELATIVE_SD])
    innovation = (1.0 - correlation**2) ** 0.5
    previous = 0.0
    n = x.size
    for k in range(n):
        volt = x[k] - p[RESISTANCE] * ohmic[k] - reference
        decades = min(p[KINETIC] + forward * steep * volt, 200.0)
        flows = 1.0 / (exp(-decades) + exp(-p[LIMIT]))
        spread = (sd**2 + (relative * flows) ** 2) ** 0.5
        rest = j[k] - flows - p[OFFSET] - p[DRIFT] * (k / (n - 1.0) - 0.5)
        unit = rest / spread
        step = unit if k == 0 else (unit - correlation * previous) / innovation
        total -= log(spread) + 0.5 * step**2 + (0.0 if k == 0 else log(innovation))
        previous = unit
    return total


@njit(cache=True, parallel=True)
def sample(starts, steps, keep, normals, uniforms, x, j, ohmic, reference, forward, top, floor):
    """Chains (C, keep, 9) from starts (C, 9) with proposals of ``steps`` (9, 9), adapted.

    ``normals`` (C, N, 9) and ``uniforms`` (C, N) drive them; the first half only adapts.
    """
    chains, count, size = normals.shape
    kept = np.empty((chains, keep, size))
    for c in prange(chains):
        here = starts[c].copy()
        value = log_posterior(here, x, j, ohmic, reference, forward, top, floor)
        factor = steps.copy()
        scale = 1.0
        mean, spread = here.copy(), np.zeros((size, size))
        burn = count // 2
        thin = (count - burn) // keep
        taken = 0
        for i in range(count):
            proposal = here + scale * (factor @ normals[c, i])
            other = log_posterior(proposal, x, j, ohmic, reference, forward, top, floor)
            accepted = log(uniforms[c, i]) < other - value
            if accepted:
                here, value = proposal, other
            if i < burn:
                # Towards a quarter of accepted steps; the covariance of the path so far.
                scale *= exp(((1.0 if accepted else 0.0) - 0.25) / (1.0 + i) ** 0.6)
                weight = 1.0 / (2.0 + i)
                away = here - mean
                mean += weight * away
                spread += weight * (np.outer(away, away) * (1.0 - weight) - spread)
                if i % 200 == 199 and i >= 399:
                    factor = np.linalg.cholesky(spread + 1e-12 * np.eye(size))
                    if i == 399:
                        scale = 2.38 / size**0.5
            elif (i - burn) % thin == 0 and taken < keep:
                kept[c, taken] = here
                taken += 1
        while taken < keep:
            kept[c, taken] = here
            taken += 1
    return kept
