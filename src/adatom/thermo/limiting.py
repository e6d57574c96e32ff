"""Thermodynamic activity of a path: free-energy diagram, limiting potential, overpotential."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from adatom.reactions.equation import change_of, dissolved
from adatom.reactions.network import ReactionPath, Step
from adatom.reactions.solution import solution_free_energies_eV
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K


@dataclass(frozen=True)
class LimitingPotential:
    """The potential at which the last uphill step of a path becomes downhill."""

    limiting_potential_V_rhe: float
    equilibrium_potential_V_rhe: float
    overpotential_V: float
    """Distance of the limiting from the equilibrium potential, positive when losses exist."""
    determining_step: str
    """The potential-determining step."""
    thermal_step: str | None = None
    """The thermal step that is most uphill, where one is: no potential makes it downhill."""
    thermal_rise_eV: float = 0.0
    """By how much."""


Energies = TypeVar("Energies", float, np.ndarray)


def step_free_energy_eV(
    step: Step, free_energies_eV: Mapping[str, Energies], *, pH: float = 0.0
) -> Energies:
    """Free energy of a step at U = 0 V vs RHE, eV; add ``electrons`` x U at potential U.

    ``free_energies_eV`` gives each state but the bare one a number, or an array of one shape.
    """
    free = solution_free_energies_eV(pH)
    change: Any = sum(n * free[species] for species, n in step.solution)
    if not _is_bare(step.end):
        change = change + free_energies_eV[step.end]
    if not _is_bare(step.start):
        change = change - free_energies_eV[step.start]
    return change


def _is_bare(state: str) -> bool:
    return not state.strip("*|")


def path_step_energies_eV(
    path: ReactionPath, states: tuple[str, ...], energies_eV: np.ndarray, *, pH: float = 0.0
) -> np.ndarray:
    """Step free energies at U = 0 of many sites, shape (B, steps), from energies (B, N), eV."""
    columns = {state: energies_eV[:, n] for n, state in enumerate(states)}
    return np.stack([step_free_energy_eV(step, columns, pH=pH) for step in path.steps], axis=1)


def limiting_potentials_V(path: ReactionPath, step_energies_eV: np.ndarray) -> np.ndarray:
    """Limiting potentials, shape (B,), V vs RHE, from step energies (B, steps) at U = 0.

    U_L = -max(dG)/e over the electron transfers of a reduction, +max(dG)/e of an oxidation. A step
    that goes the other way (nitrate binds and releases an electron on its way to ammonia) is
    downhill on the other side of a potential of its own: it sets none here.
    """
    transfers = [i for i, s in enumerate(path.steps) if s.electrons * path.electrons > 0]
    sign = -1.0 if path.electrons > 0 else 1.0
    return sign * np.asarray(step_energies_eV)[:, transfers].max(axis=1)


def limiting_potential(
    path: ReactionPath, free_energies_eV: Mapping[str, float], *, pH: float = 0.0
) -> LimitingPotential:
    """Limiting potential, overpotential and potential-determining step of one path.

    ``pH`` matters where ions take part.
    """
    energies = np.array([step_free_energy_eV(step, free_energies_eV, pH=pH) for step in path.steps])
    limit = float(limiting_potentials_V(path, energies[None, :])[0])
    equilibrium = equilibrium_potential_V(path, pH=pH)
    sign = 1.0 if path.electrons > 0 else -1.0
    masked = np.where([s.electrons * sign > 0 for s in path.steps], energies, -np.inf)
    thermal = np.where([s.electrons == 0 for s in path.steps], energies, -np.inf)
    worst = int(np.argmax(thermal))
    return LimitingPotential(
        limiting_potential_V_rhe=limit,
        equilibrium_potential_V_rhe=equilibrium,
        overpotential_V=sign * (equilibrium - limit),
        determining_step=path.steps[int(np.argmax(masked))].name,
        thermal_step=path.steps[worst].name if thermal[worst] > 0.0 else None,
        thermal_rise_eV=max(0.0, float(thermal[worst])),
    )


def equilibrium_potential_V(path: ReactionPath, *, pH: float = 0.0) -> float:
    """Equilibrium potential of a path at unit activities, V vs RHE."""
    free = solution_free_energies_eV(pH)
    total = sum(n * free[species] for step in path.steps for species, n in step.solution)
    return -total / path.electrons


def equation_equilibrium_V(equation: str, *, pH: float = 0.0) -> float:
    """Equilibrium potential of an overall reaction at unit activities, V vs RHE."""
    change = change_of(equation, equation)
    free = solution_free_energies_eV(pH)
    return sum(n * free[s] for s, n in dissolved(change).items()) / change["e-"]


@dataclass(frozen=True)
class FreeEnergyDiagram:
    """Levels along a path at one potential."""

    path: str
    potential_V_rhe: float
    labels: tuple[str, ...]
    """State of the site at each level; the last is the bare site again, one turnover later."""
    levels_eV: np.ndarray
    """(steps + 1,), the first 0."""


def free_energy_diagram(
    path: ReactionPath,
    free_energies_eV: Mapping[str, float],
    *,
    potential_V: float = 0.0,
    scale: str = "RHE",
    pH: float = 0.0,
) -> FreeEnergyDiagram:
    """Free-energy diagram of a path at any potential and pH.

    ``scale`` is ``RHE`` or ``SHE``; on the SHE scale U_RHE = U_SHE + (k_B T ln 10 / e) pH.
    """
    if scale not in ("RHE", "SHE"):
        raise ValueError(f"scale must be RHE or SHE, got {scale!r}")
    shift = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K * np.log(10.0) * pH if scale == "SHE" else 0.0
    rhe = potential_V + shift
    rises = [
        step_free_energy_eV(step, free_energies_eV, pH=pH) + step.electrons * rhe
        for step in path.steps
    ]
    levels = np.concatenate([[0.0], np.cumsum(rises)])
    levels.flags.writeable = False
    labels = (path.steps[0].start, *(step.end for step in path.steps))
    return FreeEnergyDiagram(path.name, float(rhe), labels, levels)
