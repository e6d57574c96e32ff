"""Rate constants of elementary steps, always in detailed balance.

Proton-coupled electron transfer: k = (k_B T / h) exp(-Ga / k_B T) with
Ga(U) = max(0, dG(U), Ga0 + beta dG(U)); thermal steps the same with a
Bronsted-Evans-Polanyi line. The backward constant is k exp(dG / k_B T).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from numba import njit

from adatom.errors import AdatomError, NetworkError
from adatom.reactions.network import Network, solution_free_energies_eV
from adatom.units import BOLTZMANN_EV_K, BOLTZMANN_OVER_PLANCK_HZ_K, ROOM_TEMPERATURE_K


@dataclass(frozen=True)
class RateModel:
    """How free energies become rate constants."""

    intrinsic_barrier_eV: float = 0.26
    """Ga0 of every electron transfer without its own: at its reversible potential, from Pt(111)
    (Hansen, Viswanathan, Norskov, J. Phys. Chem. C 2014, 118, 6706, 10.1021/jp4100608)."""
    attempt_span_decades: float = 3.8
    """How far below k_B T / h the attempt frequency may lie, common to all steps and sites: the
    same Pt(111) model was published with 1e9 s^-1. Draws are uniform in its logarithm."""
    symmetry_factor: float = 0.5
    """beta, for the step in its reduction direction."""
    step_barriers_eV: Mapping[str, float] = field(default_factory=dict)
    """Intrinsic barriers of single steps by name; they override all others."""

    def __post_init__(self) -> None:
        for what, value, low, high in (
            ("barrier (eV)", self.intrinsic_barrier_eV, 0.0, 5.0),
            ("attempt frequency span (decades)", self.attempt_span_decades, 0.0, 10.0),
            ("symmetry factor", self.symmetry_factor, 0.0, 1.0),
        ):
            if not low <= value <= high:
                raise AdatomError(f"{what} must lie between {low:g} and {high:g}, got {value:g}")


@dataclass(frozen=True)
class CompiledNetwork:
    """A network with its rate model as arrays, for E steps, N states, T transported species."""

    states: tuple[str, ...]
    transported: tuple[str, ...]
    start: np.ndarray
    """(E,) int."""
    end: np.ndarray
    """(E,) int."""
    electrons: np.ndarray
    """(E,) consumed going forward."""
    consumes: np.ndarray
    """(E,) int, transported species consumed going forward, 1..T, or 0."""
    produces: np.ndarray
    """(E,) int, transported species produced going forward, 1..T, or 0."""
    solution_eV: np.ndarray
    """(E,) free energy of dissolved products minus reactants, with fixed activities, eV."""
    slope: np.ndarray
    """(E,) slope of the barrier in dG."""
    intrinsic_eV: np.ndarray
    """(E,) intrinsic barrier, eV."""
    thermal_eV: float
    """k_B T, eV."""
    attempt_Hz: float
    """k_B T / h, s^-1."""

    def activity_factors(
        self, activities: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Factors (E,) of the forward and backward constants for given surface activities.

        ``activities`` (T,) of the transported species are 1 by default: no transport limit.
        """
        a = np.ones(1 + len(self.transported))
        if activities is not None:
            a[1:] = activities
        return a[self.consumes], a[self.produces]


def compile_network(
    network: Network,
    model: RateModel | None = None,
    *,
    activities: Mapping[str, float] | None = None,
) -> CompiledNetwork:
    """Turn a network and a rate model into arrays.

    ``activities`` of dissolved species that are not transported default to 1 (gases at
    1 bar, H2O2 at 1 mol/L). Raises :class:`~adatom.errors.NetworkError` for a barrier given
    to a step that does not exist, or a positive activity missing.
    """
    model = model or RateModel()
    names = [s.name for s in network.steps]
    for name in model.step_barriers_eV:
        if name not in names:
            raise NetworkError(f"{network.name} has no step '{name}'; steps: {', '.join(names)}")
    thermal = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K
    known = dict(activities or {})
    dissolved = {s for step in network.steps for s, _ in step.solution}
    for species, activity in known.items():
        if species not in dissolved:
            raise NetworkError(
                f"{network.name} has no dissolved {species}; it has {', '.join(sorted(dissolved))}"
            )
        if not activity > 0:
            raise NetworkError(f"activity of {species} must be positive, got {activity}")
    free = solution_free_energies_eV()
    number = {species: t + 1 for t, species in enumerate(network.transported)}
    states = {state: n for n, state in enumerate(network.states)}
    rows = []
    for step in network.steps:
        fixed = sum(
            n * (free[s] + (0.0 if s in number else thermal * log(known.get(s, 1.0))))
            for s, n in step.solution
        )
        consumes = sum(number.get(s, 0) for s, n in step.solution if n < 0)
        produces = sum(number.get(s, 0) for s, n in step.solution if n > 0)
        if step.electrons == 0:
            slope, intrinsic = step.bep_slope, step.bep_intercept_eV
        else:
            beta = model.symmetry_factor
            slope = beta if step.electrons > 0 else 1.0 - beta
            own = step.barrier_eV
            intrinsic = model.intrinsic_barrier_eV if own is None else own
        intrinsic = model.step_barriers_eV.get(step.name, intrinsic)
        rows.append(
            (states[step.start], states[step.end], step.electrons, consumes, produces, fixed,
             slope, intrinsic)
        )  # fmt: skip
    start, end, electrons, consumed, produced, fixed_eV, slopes, intrinsics = zip(
        *rows, strict=True
    )
    return CompiledNetwork(
        states=network.states,
        transported=network.transported,
        start=_frozen(start, np.int64),
        end=_frozen(end, np.int64),
        electrons=_frozen(electrons, np.float64),
        consumes=_frozen(consumed, np.int64),
        produces=_frozen(produced, np.int64),
        solution_eV=_frozen(fixed_eV, np.float64),
        slope=_frozen(slopes, np.float64),
        intrinsic_eV=_frozen(intrinsics, np.float64),
        thermal_eV=thermal,
        attempt_Hz=BOLTZMANN_OVER_PLANCK_HZ_K * ROOM_TEMPERATURE_K,
    )


def _frozen(values: Sequence[float], dtype: type) -> np.ndarray:
    array: np.ndarray = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def state_energies(
    network: CompiledNetwork | Network, free_energies_eV: Mapping[str, float]
) -> np.ndarray:
    """Free energies in the order of ``network.states``, the bare site 0, shape (N,), eV.

    Raises :class:`~adatom.errors.NetworkError` naming a state without energy.
    """
    missing = [s for s in network.states[1:] if s not in free_energies_eV]
    if missing:
        raise NetworkError(f"no free energy for {', '.join(missing)}")
    return np.array([0.0, *(float(free_energies_eV[s]) for s in network.states[1:])])


@njit(cache=True)
def rate_constants(energies, potential, start, end, electrons, solution, slope, intrinsic, thermal,
                   attempt, forward, backward):  # fmt: skip
    """Fill ``forward`` and ``backward`` (E,), s^-1, at one potential (V vs RHE)."""
    for e in range(start.size):
        change = energies[end[e]] - energies[start[e]] + solution[e] + electrons[e] * potential
        barrier = max(0.0, change, intrinsic[e] + slope[e] * change)
        forward[e] = attempt * np.exp(-barrier / thermal)
        backward[e] = attempt * np.exp((change - barrier) / thermal)
