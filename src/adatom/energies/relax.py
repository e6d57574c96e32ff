"""Relax one structure with one engine; failure is a result, not an exception."""

import time
import warnings
from dataclasses import dataclass
from math import nan

import numpy as np
from ase import Atoms
from ase.optimize import BFGS

from adatom.energies.engines import Engine, initial_moments
from adatom.energies.store import Record, calculation_key, frozen_copy
from adatom.errors import StructureError
from adatom.sites.adsorbates import classify, relaxation_events


@dataclass(frozen=True)
class Task:
    """One relaxation to be done: what it is, where it starts, and with which engine."""

    subject: str
    state: str
    position: str
    atoms: Atoms
    engine: Engine

    @property
    def key(self) -> str:
        """The key under which the result is stored."""
        return calculation_key(self.atoms, self.engine)


def relax(task: Task) -> tuple[Record, Atoms]:
    """Relax ``task.atoms`` until no force exceeds the engine's limit or its steps are spent.

    Engines that resolve spin first compute every initial moment at the starting geometry and
    relax from the lowest. Returns the record and the relaxed structure with its energy (eV)
    and forces attached; ``outcome`` is ``failed`` when the engine raised.
    """
    started = time.monotonic()
    engine = task.engine
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            atoms, trials = _lowest_spin_state(task.atoms, engine)
            optimiser = BFGS(atoms, logfile=None, maxstep=0.1)
            converged = bool(optimiser.run(fmax=engine.max_force_eV_A, steps=engine.max_steps))
            energy = float(atoms.get_potential_energy())
            forces = np.asarray(atoms.get_forces())
            moment = float(atoms.get_magnetic_moment()) if engine.spin_resolved else None
    except Exception as error:  # any engine failure is a recorded result
        message = f"{type(error).__name__}: {error}"
        failed = _record(task, nan, "failed", (), 0, nan, False, (), None, started, message)
        return failed, frozen_copy(task.atoms, 0.0, None)
    outcome: str = "relaxed"
    bound: tuple[int, ...] = ()
    if "adsorbate" in atoms.info:
        binding = classify(atoms)
        outcome, bound = binding.outcome, binding.metals
    try:
        events = relaxation_events(task.atoms, atoms)
    except StructureError as error:  # start or end is no site
        events = (f"events not judged: {error}",)
    max_force = float(np.linalg.norm(forces, axis=1).max())
    record = _record(
        task, energy, outcome, bound, optimiser.get_number_of_steps(), max_force, converged,
        trials, moment, started, "", events,
    )  # fmt: skip
    return record, frozen_copy(atoms, energy, forces)


def _lowest_spin_state(
    start: Atoms, engine: Engine
) -> tuple[Atoms, tuple[tuple[float, float, float], ...]]:
    if not engine.spin_resolved:
        atoms = start.copy()
        atoms.calc = engine.calculator(atoms)
        return atoms, ()
    best: tuple[float, Atoms] | None = None
    trials = []
    failure: Exception | None = None
    for moments in initial_moments(start):
        atoms = start.copy()
        atoms.set_initial_magnetic_moments(moments)
        atoms.calc = engine.calculator(atoms)
        try:
            energy = float(atoms.get_potential_energy())
        except Exception as error:  # another initial state may converge
            failure = error
            continue
        trials.append((float(sum(moments)), float(atoms.get_magnetic_moment()), energy))
        if best is None or energy < best[0]:
            best = energy, atoms
    if best is None:
        raise failure or RuntimeError("no initial magnetic moments to try")
    return best[1], tuple(trials)


def _record(
    task: Task,
    energy: float,
    outcome: str,
    bound: tuple[int, ...],
    steps: int,
    max_force: float,
    converged: bool,
    trials: tuple[tuple[float, float, float], ...],
    moment: float | None,
    started: float,
    message: str,
    events: tuple[str, ...] = (),
) -> Record:
    return Record(
        key=task.key,
        subject=task.subject,
        state=task.state,
        position=task.position,
        engine=task.engine.name,
        energy_eV=energy,
        outcome=outcome,
        bound_metals=bound,
        steps=steps,
        max_force_eV_A=max_force,
        converged=converged,
        spin_trials=trials,
        total_moment_bohr=moment,
        seconds=round(time.monotonic() - started, 1),
        settings=task.engine.settings,
        versions=task.engine.versions,
        message=message,
        events=events,
    )
