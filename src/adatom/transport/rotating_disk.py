"""Rotating disk electrode: turnover of the sites coupled to diffusion through the boundary layer.

Levich: the mass-transfer coefficient is m = 0.620 D^(2/3) w^(1/2) nu^(-1/6), w in rad/s
(Levich, Physicochemical Hydrodynamics, 1962). At the surface the turnover of all sites equals
what diffusion brings, for each transported species t with a = C / C_ref::

    m_t C_ref,t (a_bulk,t - a_t) = Gamma x (consumption of t per site)(a)

Consumption is linear in the a over the occupation s of the bare state (kinetics.chain), so the
a follow from s by a 2 x 2 linear system, and s from one scalar balance: the probabilities add
up to 1. That balance grows monotonically with s; it is bracketed and solved for ln s. Sites whose
other states react with transported species, too, are solved in :mod:`adatom.transport.surface`.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError, NetworkError
from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import CompiledNetwork, rate_constants, require_rates
from adatom.kinetics.threads import threads_for
from adatom.levich import mass_transfer_coefficient_cm_s
from adatom.transport.surface import solve_surface
from adatom.units import FARADAY_C_MOL

LARGEST_RESIDUAL = 1e-6
"""Of ln(activity) at the surface, on sites whose balance is found by iteration."""


@dataclass(frozen=True)
class DiskResponse:
    """Currents of B sites at P potentials, each array (B, P)."""

    current_density_mA_cm2: np.ndarray
    """Disk current density, cathodic negative, per geometric area."""
    byproduct_mol_cm2_s: np.ndarray
    """Byproduct (H2O2) that leaves the disk; negative if consumed on net."""
    surface_activities: np.ndarray
    """(B, P, T) activities of the transported species at the surface."""


def disk_response(
    network: CompiledNetwork,
    energies_eV: np.ndarray,
    potentials_V_rhe: np.ndarray,
    electrolyte: Electrolyte,
    *,
    rotation_rpm: float,
    site_density_mol_cm2: np.ndarray | float,
    byproduct: str | None = None,
) -> DiskResponse:
    """Currents of sites with free energies (B, N) in eV, at potentials (P,) in V vs RHE.

    ``site_density_mol_cm2`` is one number or (B,), mol of sites per geometric cm2. Networks
    without transported species give their kinetic current. Memory: 40 B P bytes.
    Raises :class:`~adatom.errors.CurveError` for a density or rotation that is not positive.
    """
    n = network
    count = len(n.transported)
    if count > 2:
        raise NetworkError(f"at most two transported species, got {', '.join(n.transported)}")
    batch = np.ascontiguousarray(np.atleast_2d(energies_eV), dtype=float)
    grid = np.ascontiguousarray(np.atleast_1d(potentials_V_rhe), dtype=float)
    require_rates(n, batch, grid)
    density = np.ascontiguousarray(np.broadcast_to(site_density_mol_cm2, len(batch)), dtype=float)
    if not (np.isfinite(density).all() and (density > 0).all()):
        raise CurveError("site density must be positive and finite, mol/cm2")
    supply, bulk = np.ones(2), np.zeros(2)
    for t, species in enumerate(n.transported):
        solute = electrolyte.solute(species)
        m = mass_transfer_coefficient_cm_s(
            solute.diffusion_cm2_s, electrolyte.viscosity_cm2_s, rotation_rpm
        )
        supply[t] = m * solute.reference_mol_cm3
        bulk[t] = solute.bulk_mol_cm3 / solute.reference_mol_cm3
    chain = (
        n.start, n.end, n.electrons, n.consumes, n.produces, n.solution_eV, n.slope,
        n.intrinsic_eV, n.law, n.factors, n.thermal_eV, n.attempt_Hz, count,
    )  # fmt: skip
    with threads_for(len(batch)):
        if n.meets_bare_only:
            electrons, surface = _solve_batch(batch, grid, density, supply, bulk, *chain)
        else:
            electrons, surface, residual = solve_surface(
                batch, grid, density, supply[:count], bulk[:count], *chain
            )
            _require_balance(residual, batch, grid)
    leaving = np.zeros_like(electrons)
    if byproduct in n.transported:
        t = n.transported.index(byproduct)
        leaving = supply[t] * (surface[:, :, t] - bulk[t])
    charge = -1e3 * FARADAY_C_MOL * density[:, None]
    return DiskResponse(charge * electrons, leaving, surface[:, :, : len(n.transported)])


def _require_balance(residual: np.ndarray, batch: np.ndarray, grid: np.ndarray) -> None:
    """Raise :class:`~adatom.errors.CurveError` where supply and turnover were not balanced."""
    if residual.max() > LARGEST_RESIDUAL:
        b, p = np.unravel_index(int(np.argmax(residual)), residual.shape)
        raise CurveError(
            f"transport and turnover of site {b + 1} of {len(batch)} were not balanced at"
            f" {grid[p]:.3f} V vs RHE (residual {residual[b, p]:.1e}); change rotation, site"
            " density or potentials"
        )


def ring_current_density_mA_cm2(
    byproduct_mol_cm2_s: np.ndarray, collection_efficiency: float, *, electrons: int = 2
) -> np.ndarray:
    """Ring current per disk area, mA/cm2 (anodic positive), from the byproduct that leaves."""
    if not 0 < collection_efficiency < 1:
        raise CurveError(f"collection efficiency must lie in 0..1, got {collection_efficiency}")
    return 1e3 * electrons * FARADAY_C_MOL * collection_efficiency * byproduct_mol_cm2_s


@njit(cache=True, parallel=True)
def _solve_batch(batch, grid, density, supply, bulk, start, end, electrons, consumes, produces,
                 solution, slope, intrinsic, law, factors, thermal, attempt,
                 n_transported):  # fmt: skip
    n_sites, n_states = batch.shape
    n_steps = start.size
    turnover = np.empty((n_sites, grid.size))
    surface = np.zeros((n_sites, grid.size, 2))
    for b in prange(n_sites):
        forward, backward = np.empty(n_steps), np.empty(n_steps)
        occupation = np.zeros((n_states, 1 + n_transported))
        flux = np.zeros((n_steps, 1 + n_transported))
        matrix = np.empty((n_states, n_states))
        index, weight = scratch(n_states, n_steps)
        norm, electron, use = np.zeros(3), np.zeros(3), np.zeros((2, 3))
        for p in range(grid.size):
            rate_constants(batch[b], grid[p], start, end, electrons, solution, slope, intrinsic,
                           law, thermal, attempt, forward, backward)  # fmt: skip
            forward *= factors[0]
            backward *= factors[1]
            solve_chain(
                start,
                end,
                forward,
                backward,
                consumes,
                produces,
                occupation,
                flux,
                matrix,
                index,
                weight,
            )
            norm[:], electron[:], use[:] = 0.0, 0.0, 0.0
            for t in range(1 + n_transported):
                for n in range(n_states):
                    norm[t] += occupation[n, t]
                for e in range(n_steps):
                    electron[t] += electrons[e] * flux[e, t]
                    if consumes[e] > 0:
                        use[consumes[e] - 1, t] += flux[e, t]
                    if produces[e] > 0:
                        use[produces[e] - 1, t] -= flux[e, t]
            if n_transported == 0:
                turnover[b, p] = electron[0] / norm[0]
                continue
            use[0] *= density[b] / supply[0]
            use[1] *= density[b] / supply[1]
            s = _bare_occupation(norm, use, bulk)
            first, second = _surface_activities(s, use, bulk)
            surface[b, p, 0], surface[b, p, 1] = first, second
            turnover[b, p] = s * (electron[0] + electron[1] * first + electron[2] * second)
    return turnover, surface


@njit(cache=True)
def _surface_activities(s, use, bulk):
    """Activities at the surface when the bare state has probability ``s``."""
    a, b = 1.0 + s * use[0, 1], s * use[0, 2]
    c, d = s * use[1, 1], 1.0 + s * use[1, 2]
    x, y = bulk[0] - s * use[0, 0], bulk[1] - s * use[1, 0]
    determinant = a * d - b * c
    return (x * d - b * y) / determinant, (a * y - c * x) / determinant


@njit(cache=True)
def _excess(log_s, norm, use, bulk):
    """ln of the total probability; zero at the solution, growing with ``log_s``."""
    s = np.exp(log_s)
    first, second = _surface_activities(s, use, bulk)
    return log_s + np.log(norm[0] + norm[1] * first + norm[2] * second)


@njit(cache=True)
def _bare_occupation(norm, use, bulk):
    """Bracketed root of the balance by the Illinois variant of regula falsi."""
    high = -np.log(norm[0])
    f_high = _excess(high, norm, use, bulk)
    if f_high <= 0.0:
        return np.exp(high)
    low = high - f_high
    f_low = _excess(low, norm, use, bulk)
    while f_low > 0.0:
        high, f_high = low, f_low
        low -= f_low + 1.0
        f_low = _excess(low, norm, use, bulk)
    for _ in range(200):
        if high - low < 1e-13 * max(1.0, abs(low)):
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        f = _excess(middle, norm, use, bulk)
        if f == 0.0:
            return np.exp(middle)
        if f > 0.0:
            high, f_high = middle, f
            f_low *= 0.5
        else:
            low, f_low = middle, f
            f_high *= 0.5
    return np.exp(0.5 * (low + high))
