"""Steady states of many sites at many potentials, with fixed activities of dissolved species."""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import CompiledNetwork, rate_constants, require_rates
from adatom.kinetics.threads import threads_for


@dataclass(frozen=True)
class SteadyStates:
    """Steady states of B sites at P potentials."""

    occupations: np.ndarray
    """(B, P, N) probability of each state."""
    net_fluxes_Hz: np.ndarray
    """(B, P, E) net forward flux of each step, per site, s^-1."""
    electron_turnover_Hz: np.ndarray
    """(B, P) electrons consumed per site, s^-1; negative where the reaction is oxidative."""


def steady_states(
    network: CompiledNetwork,
    energies_eV: np.ndarray,
    potentials_V_rhe: np.ndarray,
    *,
    activities: np.ndarray | None = None,
) -> SteadyStates:
    """Solve B sites, ``energies_eV`` of shape (B, N), at P potentials (P,), V vs RHE.

    ``activities`` (T,) are the surface activities of the transported species, 1 by default:
    no transport limits anything here. Memory: 8 (N + E + 1) B P bytes.
    """
    batch = np.ascontiguousarray(np.atleast_2d(energies_eV), dtype=float)
    grid = np.ascontiguousarray(np.atleast_1d(potentials_V_rhe), dtype=float)
    n = network
    require_rates(n, batch, grid)
    ahead, back = n.activity_factors(activities)
    with threads_for(len(batch)):
        occupations, fluxes = _solve_batch(
            batch, grid, ahead, back, n.start, n.end, n.electrons, n.solution_eV, n.slope,
            n.intrinsic_eV, n.law, n.thermal_eV, n.attempt_Hz,
        )  # fmt: skip
    return SteadyStates(occupations, fluxes, fluxes @ n.electrons)


@njit(cache=True, parallel=True)
def _solve_batch(batch, grid, ahead, back, start, end, electrons, solution, slope, intrinsic,
                 law, thermal, attempt):  # fmt: skip
    n_sites, n_states = batch.shape
    n_steps = start.size
    occupations = np.empty((n_sites, grid.size, n_states))
    fluxes = np.empty((n_sites, grid.size, n_steps))
    none = np.zeros(n_steps, np.int64)
    for b in prange(n_sites):
        forward, backward = np.empty(n_steps), np.empty(n_steps)
        occupation, flux = np.empty((n_states, 1)), np.empty((n_steps, 1))
        matrix = np.empty((n_states, n_states))
        index, weight = scratch(n_states, n_steps)
        for p in range(grid.size):
            rate_constants(batch[b], grid[p], start, end, electrons, solution, slope, intrinsic,
                           law, thermal, attempt, forward, backward)  # fmt: skip
            for e in range(n_steps):
                forward[e] *= ahead[e]
                backward[e] *= back[e]
            solve_chain(
                start, end, forward, backward, none, none, occupation, flux, matrix, index, weight
            )
            total = 0.0
            for n in range(n_states):
                total += occupation[n, 0]
            for n in range(n_states):
                occupations[b, p, n] = occupation[n, 0] / total
            for e in range(n_steps):
                fluxes[b, p, e] = flux[e, 0] / total
    return occupations, fluxes
