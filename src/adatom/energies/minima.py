"""The minimum that a start relaxes to, proved to be one by its vibrations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms

from adatom.energies.engines import Engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Record, Store
from adatom.energies.structures import Subject
from adatom.energies.vibrations import (
    DISPLACEMENT_A,
    LOW_FREQUENCY_CM1,
    ForceProgress,
    Vibrations,
    vibrations,
)
from adatom.errors import EngineError

LEAVING_A = 0.15
"""Largest displacement of an atom along an unstable mode before relaxing again."""
MOST_ROUNDS = 3
"""Saddles left before a structure with unstable modes is returned as it is."""


def minimum(
    starts: Sequence[Subject],
    engine: Engine,
    *,
    max_force_eV_A: float,
    max_steps: int,
    store: Store | None = None,
) -> tuple[Record, Atoms]:
    """Relax every start and keep the lowest that stayed what it is.

    Raises :class:`~adatom.errors.EngineError` when none did, or none converged.
    """
    tight = replace(engine, max_force_eV_A=max_force_eV_A, max_steps=max_steps)
    found = []
    for start in starts:
        task = Task(start.label, start.state, "", start.atoms, tight)
        stored = store.get(task.key) if store else None
        record, atoms = stored or relax(task)
        if stored is None and store and record.outcome != "failed":
            store.put(record, atoms)
        found.append((record, atoms))
    usable = [f for f in found if f[0].outcome in ("relaxed", "adsorbed") and f[0].converged]
    if not usable:
        what = "; ".join(
            f"{r.outcome} {r.message}".strip()
            + f", {r.max_force_eV_A:.3f} eV/A after {r.steps} steps"
            for r, _ in found
        )
        raise EngineError(
            f"{engine.name}: {starts[0].label} {starts[0].state} has no relaxed structure ({what});"
            f" wanted {max_force_eV_A:g} eV/A: give a better start, --max-force or another --engine"
        )
    return min(usable, key=lambda f: f[0].energy_eV)


def relaxed_vibrations(
    starts: Sequence[Subject],
    engine: Engine,
    *,
    max_force_eV_A: float,
    max_steps: int,
    displacement_A: float = DISPLACEMENT_A,
    cutoff_cm1: float = LOW_FREQUENCY_CM1,
    store: Store | None = None,
    progress: ForceProgress | None = None,
) -> tuple[Vibrations, tuple[str, ...]]:
    """Vibrations at the lowest minimum of ``starts``, and notes on the saddles left on the way.

    A relaxation from a symmetric start may end on a saddle. It is then displaced along its most
    unstable mode, both ways, and relaxed again; the lower is kept. What is still unstable after
    three such rounds is returned and shows it. Raises as :func:`minimum`.
    """
    first = starts[0]
    notes: list[str] = []
    record, atoms = minimum(
        starts, engine, max_force_eV_A=max_force_eV_A, max_steps=max_steps, store=store
    )
    while True:
        found = vibrations(
            atoms, engine, displacement_A=displacement_A, label=first.label, state=first.state,
            store=store, progress=progress,
        )  # fmt: skip
        unstable = found.unstable_cm1(cutoff_cm1)
        if not unstable or len(notes) == MOST_ROUNDS:
            return found, tuple(notes)
        mode = found.modes[int(np.argmin(found.frequencies_cm1))]
        step = mode * LEAVING_A / np.linalg.norm(mode, axis=1).max()
        sides = []
        for sign in (1.0, -1.0):
            side = atoms.copy()
            side.calc = None
            side.positions[list(found.indices)] += sign * step
            sides.append(Subject(first.label, first.state, side))
        before = record.energy_eV
        record, atoms = minimum(
            sides, engine, max_force_eV_A=max_force_eV_A, max_steps=max_steps, store=store
        )
        notes.append(
            f"{first.label} {first.state}: the relaxation ended on a saddle ({unstable[0]:.0f}i"
            f" cm^-1); displaced along it and relaxed again, {record.energy_eV - before:+.3f} eV"
        )
