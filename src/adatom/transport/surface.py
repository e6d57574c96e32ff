"""Surface activities when dissolved species react with more than the bare state of a site.

On a site with several positions the turnover is a ratio of polynomials in the activities, no
longer linear over the occupation of the bare state. With c_t the gross consumption of species t
per site and activity, and p_t its gross production, its balance at the surface is::

    a_t = (a_bulk,t + g_t p_t(a)) / (1 + g_t c_t(a)),    g_t = Gamma / (m_t C_ref,t)

whose right side is positive whatever a is. r_t = ln(right) - ln(left) is driven to zero by a
Newton method in ln a, each potential starting from the one before. Where that strays, a bracket
closes on the first species, with a bracket on the second inside. Where a species poisons the site
that consumes it (a negative reaction order) there can be several balances; the one found continues
that of the potential before, as a sweep does.
"""

import numpy as np
from numba import njit, prange

from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import rate_constants

TOLERANCE = 1e-11
"""Of the residual, in natural logarithms of the activities."""
_MOST_ITERATIONS = 40
_STEP = 1e-6
_LONGEST_STEP = 5.0
_LOWEST, _HIGHEST = -600.0, 20.0
"""ln of activities that stand for none at all, and for more than any solution holds."""


@njit(cache=True, parallel=True)
def solve_surface(batch, grid, density, supply, bulk, start, end, electrons, consumes, produces,
                  solution, slope, intrinsic, law, factors, thermal, attempt,
                  n_transported):  # fmt: skip
    """Electrons consumed per site (B, P), s^-1, surface activities (B, P, T), and the residual.

    Arguments as the arrays of :class:`~adatom.kinetics.rates.CompiledNetwork`; ``density`` (B,)
    in mol/cm2, ``supply`` (T,) mass-transfer coefficient times reference concentration,
    mol/cm2/s, ``bulk`` (T,) activities far from the surface; T is 1 or 2.
    """
    n_sites, n_states = batch.shape
    n_steps = start.size
    turnover = np.empty((n_sites, grid.size))
    surface = np.zeros((n_sites, grid.size, n_transported))
    residual = np.zeros((n_sites, grid.size))
    for b in prange(n_sites):
        forward, backward = np.empty(n_steps), np.empty(n_steps)
        occupation, flux = np.empty((n_states, 1)), np.empty((n_steps, 1))
        matrix = np.empty((n_states, n_states))
        index, weight = scratch(n_states, n_steps)
        none = np.zeros(n_steps, np.int64)
        work = np.empty((2, n_steps))
        gain = density[b] / supply
        log_a = np.log(np.maximum(bulk, 1e-12))
        r = np.empty(n_transported)
        for p in range(grid.size):
            rate_constants(batch[b], grid[p], start, end, electrons, solution, slope, intrinsic,
                           law, thermal, attempt, forward, backward)  # fmt: skip
            forward *= factors[0]
            backward *= factors[1]
            chain = (gain, bulk, start, end, forward, backward, consumes, produces, work, none,
                     occupation, flux, matrix, index, weight)  # fmt: skip
            if not _newton(log_a, r, chain):
                _brackets(log_a, r, chain)
                _newton(log_a, r, chain)
            _residuals(log_a, r, chain)
            residual[b, p] = np.abs(r).max()
            surface[b, p] = np.exp(log_a)
            turnover[b, p] = (electrons * flux[:, 0]).sum() / occupation[:, 0].sum()
    return turnover, surface, residual


@njit(cache=True)
def _newton(log_a, r, chain):
    """Improve ``log_a`` in place while steps make the residual smaller; whether it is small."""
    size_t = r.size
    trial, r_trial = np.empty(size_t), np.empty(size_t)
    slopes = np.empty((size_t, size_t))
    _residuals(log_a, r, chain)
    for _ in range(_MOST_ITERATIONS):
        size = np.abs(r).max()
        if size < TOLERANCE:
            return True
        for t in range(size_t):
            trial[:] = log_a
            trial[t] += _STEP
            _residuals(trial, r_trial, chain)
            slopes[:, t] = (r_trial - r) / _STEP
        if abs(np.linalg.det(slopes)) < 1e-14:
            return False
        direction = np.linalg.solve(slopes, -r)
        scale = min(1.0, _LONGEST_STEP / np.abs(direction).max())
        better = False
        for _ in range(10):
            trial[:] = np.minimum(np.maximum(log_a + scale * direction, _LOWEST), _HIGHEST)
            _residuals(trial, r_trial, chain)
            if np.abs(r_trial).max() < size:
                better = True
                break
            scale *= 0.5
        if not better:
            return size < 100.0 * TOLERANCE
        log_a[:] = trial
        r[:] = r_trial
    return False


@njit(cache=True)
def _brackets(log_a, r, chain):
    """Bisect ln a of the first species, with the second balanced at every trial of it."""
    low, high = _LOWEST, _HIGHEST
    while high - low > 1e-9:
        log_a[0] = 0.5 * (low + high)
        if r.size == 2:
            inner_low, inner_high = _LOWEST, _HIGHEST
            while inner_high - inner_low > 1e-10:
                log_a[1] = 0.5 * (inner_low + inner_high)
                _residuals(log_a, r, chain)
                if r[1] > 0.0:
                    inner_low = log_a[1]
                else:
                    inner_high = log_a[1]
        else:
            _residuals(log_a, r, chain)
        if r[0] > 0.0:
            low = log_a[0]
        else:
            high = log_a[0]


@njit(cache=True)
def _residuals(log_a, r, chain):
    """Fill ``r`` (T,), and occupations and fluxes at these activities."""
    (gain, bulk, start, end, forward, backward, consumes, produces, work, none, occupation, flux,
     matrix, index, weight) = chain  # fmt: skip
    ahead, back = work[0], work[1]
    for e in range(start.size):
        ahead[e] = forward[e] * (np.exp(log_a[consumes[e] - 1]) if consumes[e] else 1.0)
        back[e] = backward[e] * (np.exp(log_a[produces[e] - 1]) if produces[e] else 1.0)
    solve_chain(start, end, ahead, back, none, none, occupation, flux, matrix, index, weight)
    total = occupation[:, 0].sum()
    for t in range(r.size):
        made, used = 0.0, 0.0
        for e in range(start.size):
            if consumes[e] == t + 1:
                used += forward[e] * occupation[start[e], 0]
                made += backward[e] * occupation[end[e], 0]
            if produces[e] == t + 1:
                used += backward[e] * occupation[end[e], 0]
                made += forward[e] * occupation[start[e], 0]
        source = bulk[t] + gain[t] * made / total
        r[t] = max(np.log(max(source, 1e-300)) - np.log1p(gain[t] * used / total), _LOWEST)
        r[t] -= log_a[t]
