"""The curve as a function of the few parameters that are fitted.

Every parameter is told on a scale on which steps are comparable: the logarithm of the site density
or exchange rate, energies in eV, the factor on transport. ``decade`` of each is the change that
would alter a rate tenfold if nothing else answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, log10

import numpy as np

from adatom.electrolytes import Electrolyte
from adatom.errors import AdatomError, CurveError, NetworkError
from adatom.kinetics.rates import (
    CompiledNetwork,
    RateModel,
    require_barriers,
    state_energies,
    sums_of_parts,
)
from adatom.prediction.job import compiled_at, network_at
from adatom.reactions.network import Network
from adatom.thermo.free_energies import FreeEnergies
from adatom.transport.rotating_disk import disk_response

DENSITY, BARRIER, RATE, TRANSPORT = "density", "barrier", "rate", "transport"
ENERGY_SPAN_EV = 1.0
"""A free energy is looked for this far on both sides of the one given."""
MOST_FREE = 5
"""More are never determined by one curve."""


@dataclass(frozen=True)
class Parameter:
    """What is fitted, or held."""

    name: str
    unit: str
    low: float
    """Bound of the search."""
    high: float
    decade: float
    """Change that alters a rate about tenfold (transport: a tenth)."""
    starts: int
    """Points of the coarse search between the bounds."""


@dataclass(frozen=True)
class CurveModel:
    """Currents of one site at given potentials as a function of the free parameters."""

    network: Network
    compiled: CompiledNetwork
    """At an intrinsic barrier of 0."""
    barrier_mask: np.ndarray
    """(E,) 1 where a step takes the common intrinsic barrier."""
    energies_eV: np.ndarray
    """(N,) free energies of the states as given."""
    directions: Mapping[str, np.ndarray]
    """Free energy fitted -> (N,) how the states follow it."""
    given_eV: Mapping[str, float]
    """Free energy fitted -> value as given, eV."""
    electrolyte: Electrolyte
    rotation_rpm: float
    potentials_V_rhe: np.ndarray
    """(P,)"""
    parameters: tuple[Parameter, ...]
    """The K free ones."""
    fixed: Mapping[str, float]
    """The others, on the scale of the parameters; of the free energies those given anew."""

    def currents_mA_cm2(self, points: np.ndarray) -> np.ndarray:
        """Currents (B, P) for parameter values (B, K)."""
        points = np.atleast_2d(points)
        columns = {p.name: points[:, k] for k, p in enumerate(self.parameters)}
        count = len(points)

        def values(name: str) -> np.ndarray:
            return columns[name] if name in columns else np.full(count, self.fixed[name])

        energies = np.tile(self.energies_eV, (count, 1))
        for name, direction in self.directions.items():
            energies += (columns[name] - self.given_eV[name])[:, None] * direction
        rate_law = RATE in columns or RATE in self.fixed
        barriers = (
            -self.compiled.thermal_eV * (values(RATE) * log(10.0) - log(self.compiled.attempt_Hz))
            if rate_law
            else values(BARRIER)
        )
        densities, transport = 10.0 ** values(DENSITY), values(TRANSPORT)
        result = np.empty((count, self.potentials_V_rhe.size))
        # The solver takes one barrier and one rotation at a time.
        for key in dict.fromkeys(zip(barriers.tolist(), transport.tolist(), strict=True)):
            rows = (barriers == key[0]) & (transport == key[1])
            compiled = replace(
                self.compiled,
                intrinsic_eV=self.compiled.intrinsic_eV + key[0] * self.barrier_mask,
            )
            result[rows] = disk_response(
                compiled, energies[rows], self.potentials_V_rhe, self.electrolyte,
                rotation_rpm=self.rotation_rpm * key[1] ** 2,
                site_density_mol_cm2=densities[rows], byproduct=self.network.byproduct,
            ).current_density_mA_cm2  # fmt: skip
        return result

    def linearised(
        self, point: np.ndarray, columns: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Currents (P,) at ``point`` (K,), and dj/dp (P, K') of the parameters numbered.

        Central differences, all in one batch.
        """
        count = len(columns)
        steps = np.array([1e-4 * self.parameters[k].decade for k in columns])
        offsets = np.zeros((count, len(point)))
        offsets[np.arange(count), list(columns)] = steps
        values = self.currents_mA_cm2(np.concatenate([[point], point + offsets, point - offsets]))
        ahead, behind = values[1 : 1 + count], values[1 + count :]
        return values[0], np.asarray(((ahead - behind) / (2.0 * steps[:, None])).T)

    def thinned(self, most: int) -> tuple["CurveModel", slice]:
        """The same at no more than ``most`` potentials, and which."""
        kept = slice(None, None, -(-self.potentials_V_rhe.size // most))
        return replace(self, potentials_V_rhe=self.potentials_V_rhe[kept]), kept


def curve_model(
    site: FreeEnergies,
    network: Network,
    electrolyte: Electrolyte,
    *,
    rotation_rpm: float,
    potentials_V_rhe: np.ndarray,
    free: Sequence[str],
    fixed: Mapping[str, float],
    follow: Mapping[str, float],
    rates: RateModel,
) -> CurveModel:
    """The model of one site with ``free`` parameters; ``fixed`` in mol/cm2, eV and s^-1.

    ``follow`` says how much other free energies change with the one that is free. Raises
    :class:`~adatom.errors.AdatomError` naming a parameter that is unknown, missing or that
    nothing depends on.
    """
    own = network_at(network, site)
    compiled, mask = _without_barrier(own, rates, electrolyte)
    strength = RATE if rates.law == "butler-volmer" else BARRIER
    known = {p.name: p for p in _parameters(own, site, strength, compiled.thermal_eV)}
    _require_names(own, known, free, fixed, strength)
    if strength in free and not mask.any():
        raise NetworkError(f"no step of {own.name} takes the common {strength}: it changes nothing")
    values = dict(site.values_eV) | {k: v for k, v in fixed.items() if k in own.energy_names}
    base = state_energies(own, values)
    require_barriers(compiled, base)
    weights = sums_of_parts(own)
    energies = [name for name in free if name in own.energy_names]
    _require_followers(own, energies, follow, fixed)
    directions = {
        name: weights
        @ np.array([1.0 if n == name else follow.get(n, 0.0) for n in own.energy_names])
        for name in energies
    }
    held = {
        TRANSPORT: fixed.get(TRANSPORT, 1.0),
        **({DENSITY: log10(fixed[DENSITY])} if DENSITY in fixed else {}),
        strength: (
            fixed.get(BARRIER, rates.intrinsic_barrier_eV)
            if strength == BARRIER
            else log10(fixed.get(RATE, rates.exchange_rate_Hz or 1.0))
        ),
    }
    return CurveModel(
        network=own, compiled=compiled, barrier_mask=mask, energies_eV=base,
        directions=directions, given_eV={n: values[n] for n in energies},
        electrolyte=electrolyte, rotation_rpm=rotation_rpm,
        potentials_V_rhe=np.array(potentials_V_rhe, dtype=float),
        parameters=tuple(known[name] for name in free),
        fixed={k: v for k, v in held.items() if k not in free}
        | {k: v for k, v in fixed.items() if k in own.energy_names},
    )  # fmt: skip


def _without_barrier(
    network: Network, rates: RateModel, electrolyte: Electrolyte
) -> tuple[CompiledNetwork, np.ndarray]:
    """The network at an intrinsic barrier of 0, and which steps take the common one."""
    if rates.law == "butler-volmer":
        low, high = (replace(rates, exchange_rate_Hz=k) for k in (1.0, 1e6))
    else:
        low, high = (replace(rates, intrinsic_barrier_eV=b) for b in (0.25, 0.75))
    first, second = (compiled_at(network, r, electrolyte) for r in (low, high))
    mask = (first.intrinsic_eV != second.intrinsic_eV).astype(float)
    return replace(first, intrinsic_eV=np.where(mask > 0, 0.0, first.intrinsic_eV)), mask


def _parameters(
    network: Network, site: FreeEnergies, strength: str, thermal_eV: float
) -> list[Parameter]:
    decade = thermal_eV * log(10.0)
    found = [Parameter(DENSITY, "log10(mol/cm2)", -14.0, -5.0, 1.0, 10)]
    if strength == BARRIER:
        found.append(Parameter(BARRIER, "eV", 0.0, 1.5, decade, 7))
    else:
        found.append(Parameter(RATE, "log10(1/s)", -12.0, 12.0, 1.0, 9))
    if network.transported:
        found.append(Parameter(TRANSPORT, "factor", 0.5, 1.5, 0.1, 1))
    for name in network.energy_names:
        value = site.values_eV.get(name)
        if value is not None:
            low, high = value - ENERGY_SPAN_EV, value + ENERGY_SPAN_EV
            found.append(Parameter(name, "eV", low, high, decade, 9))
    return found


def _require_names(
    network: Network, known: Mapping[str, Parameter], free: Sequence[str],
    fixed: Mapping[str, float], strength: str,
) -> None:  # fmt: skip
    for name in (*free, *fixed):
        if name in (BARRIER, RATE) and name != strength:
            raise AdatomError(
                f"parameter '{name}': the rate law has '{strength}' in its place"
                " (rate with butler-volmer, barrier otherwise)"
            )
        if name not in known:
            raise AdatomError(
                f"parameter '{name}' is unknown for {network.name}; expected: {', '.join(known)}"
            )
        if name in free and name in fixed:
            raise AdatomError(f"parameter '{name}' is both free and fixed; choose one")
    if not free:
        raise AdatomError(f"no parameter is free; expected one or more of: {', '.join(known)}")
    if len(set(free)) < len(free) or len(free) > MOST_FREE:
        raise AdatomError(
            f"free parameters must differ and be at most {MOST_FREE}, got {', '.join(free)}"
        )
    if DENSITY not in free and DENSITY not in fixed:
        raise AdatomError("site density is neither free nor given; fix it: density=1e-8 (mol/cm2)")
    for name, value in fixed.items():
        p = known[name]
        logarithmic = name in (DENSITY, RATE)
        low, high = (10.0**p.low, 10.0**p.high) if logarithmic else (p.low, p.high)
        unit = {DENSITY: "mol/cm2", RATE: "1/s"}.get(name, p.unit)
        if not low <= value <= high:
            raise CurveError(f"{name} must lie between {low:g} and {high:g} {unit}, got {value:g}")


def _require_followers(
    network: Network, energies: Sequence[str], follow: Mapping[str, float],
    fixed: Mapping[str, float],
) -> None:  # fmt: skip
    if follow and len(energies) != 1:
        raise AdatomError(
            f"others follow exactly one free energy; free are {', '.join(energies) or 'none'}"
        )
    for name in follow:
        if name not in network.energy_names or name in energies or name in fixed:
            others = [n for n in network.energy_names if n not in energies and n not in fixed]
            raise AdatomError(
                f"'{name}' cannot follow {', '.join(energies)}; expected: {', '.join(others)}"
            )
