"""Bulk metals: the crystal of each element at 25 C, its volume relaxed with an engine."""

import time
import warnings

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal
from scipy.optimize import minimize_scalar

from adatom.energies.engines import Engine
from adatom.energies.store import Record, Store, calculation_key, frozen_copy
from adatom.errors import EngineError

SCALE_WINDOW = (0.93, 1.07)
"""Lattice constants searched, as multiples of the measured ones."""
_EDGE = 0.002
"""A minimum this close to the end of the window is no minimum."""


def bulk_metal(metal: str) -> Atoms:
    """The stable crystal of a metal at 25 C with its measured lattice constants.

    From ASE's reference states; alpha-Mn (58 atoms, Oberteuffer, Ibers, Acta Cryst. B 1970, 26,
    1499) and alpha-Ga (Sharma, Donohue, Z. Kristallogr. 1962, 117, 293) are given here.
    """
    if metal == "Mn":
        return crystal(
            ["Mn"] * 4,
            [(0, 0, 0), (0.31787,) * 3, (0.35706, 0.35706, 0.03457), (0.08958, 0.08958, 0.28194)],
            spacegroup=217,
            cellpar=[8.911] * 3 + [90] * 3,
            primitive_cell=True,
        )
    if metal == "Ga":
        return crystal(
            ["Ga"], [(0, 0.1549, 0.0810)], spacegroup=64,
            cellpar=[4.5192, 7.6586, 4.5258, 90, 90, 90], primitive_cell=True,
        )  # fmt: skip
    return bulk(metal)


def bulk_energy(metal: str, engine: Engine, store: Store) -> tuple[Record, Atoms]:
    """Lowest energy of a bulk metal over its volume, from the store where it is there.

    Shape and internal coordinates stay as measured. Divide by ``len(atoms)`` for eV/atom.
    Raises :class:`~adatom.errors.EngineError` when the engine failed, found no minimum, or
    samples reciprocal space for sheets only.
    """
    if "kpts" in engine.settings:
        raise EngineError(
            f"engine '{engine.name}' samples k-points for a sheet, not for bulk {metal}; compute"
            f" bulk-{metal} with converged k-points and give a folder with --energies"
        )
    start = bulk_metal(metal)
    key = calculation_key(start, engine)
    stored = store.get(key)
    if stored is not None:
        return stored
    began = time.monotonic()
    calls = 0

    def energy_at(scale: float) -> float:
        nonlocal calls
        calls += 1
        atoms = start.copy()
        atoms.set_cell(start.cell[:] * scale, scale_atoms=True)
        atoms.calc = engine.calculator(atoms)
        return float(atoms.get_potential_energy())

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = minimize_scalar(
                energy_at, bounds=SCALE_WINDOW, method="bounded", options={"xatol": 1e-4}
            )
    except Exception as error:  # any engine failure
        raise EngineError(f"{engine.name} failed on bulk {metal}: {error}") from error
    scale, energy = float(found.x), float(found.fun)
    if not np.isfinite(energy) or min(abs(scale - edge) for edge in SCALE_WINDOW) < _EDGE:
        raise EngineError(
            f"{engine.name}: bulk {metal} has no minimum within {SCALE_WINDOW} of the measured"
            " lattice constant; give its energy in a folder with --energies"
        )
    atoms = start.copy()
    atoms.set_cell(start.cell[:] * scale, scale_atoms=True)
    record = Record(
        key=key, subject=metal, state="bulk", position="", engine=engine.name, energy_eV=energy,
        outcome="relaxed", bound_metals=(), steps=calls, max_force_eV_A=float("nan"),
        converged=bool(found.success), spin_trials=(), total_moment_bohr=None,
        seconds=round(time.monotonic() - began, 1), settings=engine.settings,
        versions=engine.versions,
    )  # fmt: skip
    frozen = frozen_copy(atoms, energy, None)
    store.put(record, frozen)
    return record, frozen
