"""Rate constants of elementary steps, always in detailed balance.

Proton-coupled electron transfer: k = (k_B T / h) exp(-Ga / k_B T) with, by the law chosen,

* ``constant``: Ga = max(0, dG, Ga0 + beta dG), the intrinsic barrier Ga0 at dG = 0;
* ``marcus``: Ga = (l + dG)^2 / 4l with l = 4 Ga0 while |dG| < l, beyond it max(0, dG)
  (Marcus, Annu. Rev. Phys. Chem. 1964, 15, 155, 10.1146/annurev.pc.15.100164.001103);
* ``butler-volmer``: k = k0 exp(-beta dG / k_B T), unbounded.

Thermal steps: Ga = max(0, dG, alpha dG + b), a Bronsted-Evans-Polanyi line, or a barrier that
was computed. The backward constant is k exp(dG / k_B T) always.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, log, prod
from typing import Any

import numpy as np
from numba import njit

from adatom.errors import AdatomError, NetworkError
from adatom.reactions.network import Network, Step
from adatom.reactions.solution import solution_free_energies_eV
from adatom.units import BOLTZMANN_EV_K, BOLTZMANN_OVER_PLANCK_HZ_K, ROOM_TEMPERATURE_K

LARGEST_BARRIER_EV = 5.0
LARGEST_STEP_EV = 16.0
"""Rates of steps that are more uphill or downhill leave the range of numbers."""
LAWS = ("constant", "marcus", "butler-volmer")
_MARCUS, _UNBOUNDED = LAWS.index("marcus"), LAWS.index("butler-volmer")


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
    """Barriers of single elementary steps by name; they override all others. Of an electron
    transfer the intrinsic one, of a thermal step that of its transition state."""
    law: str = "constant"
    """How a barrier follows the driving force: constant, marcus or butler-volmer."""
    exchange_rate_Hz: float | None = None
    """k0 of butler-volmer, s^-1 at dG = 0 and unit activities; it takes the place of Ga0."""

    def __post_init__(self) -> None:
        for what, value, low, high in (
            ("barrier (eV)", self.intrinsic_barrier_eV, 0.0, 5.0),
            ("attempt frequency span (decades)", self.attempt_span_decades, 0.0, 10.0),
            ("symmetry factor", self.symmetry_factor, 0.0, 1.0),
        ):
            if not low <= value <= high:
                raise AdatomError(f"{what} must lie between {low:g} and {high:g}, got {value:g}")
        for name, value in self.step_barriers_eV.items():
            if not 0.0 <= value <= LARGEST_BARRIER_EV:
                raise AdatomError(
                    f"barrier of step '{name}' must lie between 0 and {LARGEST_BARRIER_EV:g} eV,"
                    f" got {value:g}"
                )
        if self.law not in LAWS:
            raise AdatomError(f"rate law '{self.law}' is unknown; expected: {', '.join(LAWS)}")
        if (self.law == "butler-volmer") != (self.exchange_rate_Hz is not None):
            raise AdatomError(
                "an exchange rate (k0, s^-1) belongs to butler-volmer, which needs it"
            )
        if self.exchange_rate_Hz is not None and not 1e-20 <= self.exchange_rate_Hz <= 1e13:
            raise AdatomError(
                f"exchange rate must lie between 1e-20 and 1e13 s^-1, got {self.exchange_rate_Hz:g}"
            )
        if self.law == "marcus" and not self.intrinsic_barrier_eV > 0:
            raise AdatomError("marcus needs an intrinsic barrier above 0 (a quarter of lambda)")


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
    """(E,) standard free energy of dissolved products minus reactants, eV."""
    slope: np.ndarray
    """(E,) slope of the barrier in dG."""
    intrinsic_eV: np.ndarray
    """(E,) intrinsic barrier, eV."""
    law: np.ndarray
    """(E,) int, index in ``LAWS``; thermal steps 0."""
    factors: np.ndarray
    """(2, E) of the forward and backward constants: equal ways to go, and fixed activities."""
    computed: np.ndarray
    """(E,) bool, thermal steps with the barrier of a transition state."""
    dissolved: tuple[str, ...]
    changes: np.ndarray
    """(E, S) what each step does to each of ``dissolved``, released positive."""
    names: tuple[str, ...]
    """(E,) names of the steps."""
    rules: tuple[str, ...]
    """(E,) elementary step of the mechanism that each step is."""
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
        return self.factors[0] * a[self.consumes], self.factors[1] * a[self.produces]

    @property
    def meets_bare_only(self) -> bool:
        """Whether transported species react with the bare site only, one at a time."""
        return bool(
            ((self.consumes == 0) | (self.start == 0)).all()
            and ((self.produces == 0) | (self.end == 0)).all()
            and ((self.consumes == 0) | (self.produces == 0)).all()
        )


def compile_network(
    network: Network,
    model: RateModel | None = None,
    *,
    activities: Mapping[str, float] | None = None,
    pH: float = 0.0,
) -> CompiledNetwork:
    """Turn a network and a rate model into arrays.

    ``pH`` sets the free energy of ions with their protons.

    ``activities`` of dissolved species that are not transported default to 1 (gases at
    1 bar, H2O2 at 1 mol/L). Raises :class:`~adatom.errors.NetworkError` for a barrier given
    to a step that does not exist, or a positive activity missing.
    """
    model = model or RateModel()
    names = [s.name for s in network.mechanism.steps]
    for name in model.step_barriers_eV:
        if name not in names:
            raise NetworkError(f"{network.name} has no step '{name}'; steps: {', '.join(names)}")
    thermal = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K
    known = dict(activities or {})
    dissolved = {s for step in network.mechanism.steps for s, _ in step.solution}
    for species, activity in known.items():
        if species not in dissolved:
            raise NetworkError(
                f"{network.name} has no dissolved {species}; it has {', '.join(sorted(dissolved))}"
            )
        if not (isfinite(activity) and activity > 0):
            raise NetworkError(f"activity of {species} must be positive, got {activity:g}")
    free = solution_free_energies_eV(pH)
    number = {species: t + 1 for t, species in enumerate(network.transported)}
    states = {state: n for n, state in enumerate(network.states)}
    rows = []
    for step in network.steps:
        fixed = sum(n * free[s] for s, n in step.solution)
        moving = [(number[s], n) for s, n in step.solution if s in number]
        if len(moving) > 1 or any(abs(n) != 1 for _, n in moving):
            raise NetworkError(
                f"{network.name}: step '{step.rule}' may consume or release one molecule of one"
                " transported species"
            )
        consumes = sum(t for t, n in moving if n < 0)
        produces = sum(t for t, n in moving if n > 0)
        rows.append(
            (states[step.start], states[step.end], step.electrons, consumes, produces, fixed,
             *_barrier(step, model, thermal))
        )  # fmt: skip
    start, end, electrons, consumed, produced, fixed_eV, slopes, intrinsics, laws, computed = zip(
        *rows, strict=True
    )
    factors = [
        [s.ways_forward * _activity(s, known, number, -1) for s in network.steps],
        [s.ways_backward * _activity(s, known, number, +1) for s in network.steps],
    ]
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
        law=_frozen(laws, np.int64),
        factors=_frozen(factors, np.float64),
        computed=_frozen(computed, np.bool_),
        dissolved=network.dissolved,
        changes=_frozen(
            [[dict(s.solution).get(x, 0) for x in network.dissolved] for s in network.steps],
            np.float64,
        ),
        names=tuple(s.name for s in network.steps),
        rules=tuple(s.rule for s in network.steps),
        thermal_eV=thermal,
        attempt_Hz=BOLTZMANN_OVER_PLANCK_HZ_K * ROOM_TEMPERATURE_K,
    )


def _activity(
    step: Step, known: Mapping[str, float], transported: Mapping[str, int], sign: int
) -> float:
    """Product of the fixed activities of what a step consumes (-1) or releases (+1).

    Mass action: an activity multiplies the constant of the direction that consumes the species,
    and leaves the barrier alone.
    """
    return prod(
        known.get(s, 1.0) ** abs(n)
        for s, n in step.solution
        if n * sign > 0 and s not in transported
    )


def _barrier(step: Step, model: RateModel, thermal: float) -> tuple[float, float, int, bool]:
    """Slope and intercept (eV) of the barrier in dG, its law, and whether it was computed."""
    given = model.step_barriers_eV.get(step.rule, step.barrier_eV)
    if step.electrons == 0:
        if given is not None and step.symmetric:
            return 0.5, given, 0, False
        if given is None:
            return step.bep_slope, step.bep_intercept_eV, 0, False
        return 0.0, given, 0, True
    slope = model.symmetry_factor if step.electrons > 0 else 1.0 - model.symmetry_factor
    law = LAWS.index(model.law)
    if given is None and model.exchange_rate_Hz is not None:
        attempt = BOLTZMANN_OVER_PLANCK_HZ_K * ROOM_TEMPERATURE_K
        return slope, -thermal * log(model.exchange_rate_Hz / attempt), law, False
    return slope, model.intrinsic_barrier_eV if given is None else given, law, False


def _frozen(values: Any, dtype: type) -> np.ndarray:
    array: np.ndarray = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def state_energies(network: Network, free_energies_eV: Mapping[str, float]) -> np.ndarray:
    """Free energies in the order of ``network.states``, the bare site 0, shape (N,), eV.

    Raises :class:`~adatom.errors.NetworkError` naming an energy that is missing.
    """
    missing = [s for s in network.energy_names if s not in free_energies_eV]
    if missing:
        raise NetworkError(f"no free energy for {', '.join(missing)}")
    values = np.array([float(free_energies_eV[s]) for s in network.energy_names])
    return sums_of_parts(network) @ values


def sums_of_parts(network: Network) -> np.ndarray:
    """How often each of ``energy_names`` is in the energy of each state, shape (N, K)."""
    names = network.energy_names
    counts = [[network.parts[s].count(name) for name in names] for s in network.states]
    return np.array(counts, dtype=float).reshape(len(network.states), len(names))


def require_rates(
    network: CompiledNetwork, energies_eV: np.ndarray, potentials_V_rhe: np.ndarray
) -> None:
    """Raise :class:`~adatom.errors.NetworkError` for energies whose rates are no numbers.

    ``energies_eV`` (B, N), ``potentials_V_rhe`` (P,).
    """
    change = energies_eV[:, network.end] - energies_eV[:, network.start] + network.solution_eV
    widest = np.abs(network.electrons) * float(np.abs(potentials_V_rhe).max(initial=0.0))
    bad = ~(np.abs(change) + widest < LARGEST_STEP_EV)
    if bad.any():
        b, e = np.argwhere(bad)[0]
        raise NetworkError(
            f"step '{network.names[e]}' is uphill by {change[b, e]:.1f} eV (limit"
            f" {LARGEST_STEP_EV:g}); are its energies and their standard deviations in eV?"
        )


def require_barriers(network: CompiledNetwork, energies_eV: np.ndarray) -> None:
    """Raise :class:`~adatom.errors.NetworkError` for a barrier below the energy of its step.

    ``energies_eV`` (N,) are those of the states. Only barriers of transition states are
    checked: the others follow the energies.
    """
    change = energies_eV[network.end] - energies_eV[network.start] + network.solution_eV
    for e in np.flatnonzero(network.computed & (change > network.intrinsic_eV + 1e-9)):
        raise NetworkError(
            f"step '{network.names[e]}': its barrier of {network.intrinsic_eV[e]:.2f} eV lies below"
            f" its reaction energy of {change[e]:.2f} eV; one of them is wrong"
        )


def constants_at(
    network: CompiledNetwork,
    energies_eV: np.ndarray,
    potential_V_rhe: float,
    *,
    activities: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward constants (E,), s^-1, activities and equal ways included.

    ``energies_eV`` (N,) of the states; ``activities`` (T,) of the transported species, 1 by
    default.
    """
    n = network
    forward, backward = np.empty(n.start.size), np.empty(n.start.size)
    rate_constants(
        np.ascontiguousarray(energies_eV, dtype=float), float(potential_V_rhe), n.start, n.end,
        n.electrons, n.solution_eV, n.slope, n.intrinsic_eV, n.law, n.thermal_eV, n.attempt_Hz,
        forward, backward,
    )  # fmt: skip
    ahead, back = n.activity_factors(activities)
    return forward * ahead, backward * back


@njit(cache=True)
def rate_constants(energies, potential, start, end, electrons, solution, slope, intrinsic, law,
                   thermal, attempt, forward, backward):  # fmt: skip
    """Fill ``forward`` and ``backward`` (E,), s^-1, at one potential (V vs RHE)."""
    for e in range(start.size):
        change = energies[end[e]] - energies[start[e]] + solution[e] + electrons[e] * potential
        barrier = intrinsic[e] + slope[e] * change
        if law[e] == _MARCUS and abs(change) < 4.0 * intrinsic[e]:
            barrier = (4.0 * intrinsic[e] + change) ** 2 / (16.0 * intrinsic[e])
        elif law[e] == _MARCUS:
            barrier = max(0.0, change)
        elif law[e] != _UNBOUNDED:
            barrier = max(0.0, change, barrier)
        forward[e] = attempt * np.exp(-barrier / thermal)
        backward[e] = attempt * np.exp((change - barrier) / thermal)
