"""Vibrations by central finite differences of the forces, on part of a structure or all of it.

On a site the adsorbate and the metals move and the rest stands still (partial Hessian; Head, Int.
J. Quantum Chem. 1997, 65, 827). Of a free molecule translations and rotations are projected out
exactly (Wilson, Decius, Cross, Molecular Vibrations, McGraw-Hill 1955), and how far they were from
zero is kept as a check.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import pi
from typing import Any

import numpy as np
from ase import Atoms
from scipy import constants

from adatom.energies.engines import Engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store
from adatom.errors import AdatomError, EngineError

DISPLACEMENT_A = 0.015
"""Default displacement: noise of single-precision forces falls, anharmonicity grows with it."""
CM1_PER_EV = constants.e / (constants.h * constants.c * 100.0)
"""Wavenumber of one electronvolt, cm^-1."""
CM1_PER_ROOT_EV_A2_AMU = (
    np.sqrt(constants.e / constants.atomic_mass) * 1e10 / (2.0 * pi * constants.c * 100.0)
)
"""Wavenumber of an oscillator of 1 eV/A^2 and 1 u, cm^-1."""
LOW_FREQUENCY_CM1 = 50.0
"""Default below which a harmonic mode is not trusted, and imaginary modes are called soft."""
STORED_ABOVE_S = 2.0
"""Forces that took less are computed again on resumption: it is faster than the database."""
ForceProgress = Callable[[int, int], None]
"""Told the displacements done and the displacements in all."""


@dataclass(frozen=True)
class Vibrations:
    """Normal modes about one structure."""

    label: str
    state: str
    atoms: Atoms
    """The structure, its energy not attached."""
    indices: tuple[int, ...]
    """Atoms that were displaced."""
    hessian_eV_A2: np.ndarray
    """Symmetrised second derivatives, shape (3n, 3n), eV per square angstrom."""
    frequencies_cm1: np.ndarray
    """Wavenumbers, ascending, shape (modes,), cm^-1; imaginary ones are negative."""
    modes: np.ndarray
    """Cartesian displacements, each of norm one, shape (modes, n, 3)."""
    noise_cm1: np.ndarray
    """Wavenumber that the asymmetry of the Hessian before symmetrisation amounts to in each mode,
    shape (modes,), cm^-1: a smaller mode is not told from zero."""
    max_force_eV_A: float
    """Largest force on a displaced atom at the structure itself."""
    displacement_A: float
    rigid_modes: int
    """Translations and rotations projected out: 0 on a site, 5 or 6 of a molecule, 3 of an atom."""
    rigid_cm1: float
    """Largest wavenumber of those before they were projected out; zero in exact arithmetic."""
    engine: str
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("hessian_eV_A2", "frequencies_cm1", "modes", "noise_cm1"):
            getattr(self, name).setflags(write=False)

    @property
    def imaginary_cm1(self) -> tuple[float, ...]:
        """Magnitudes of all imaginary modes, largest first, cm^-1."""
        return tuple(float(-f) for f in self.frequencies_cm1 if f < 0)

    def unstable_cm1(self, cutoff_cm1: float = LOW_FREQUENCY_CM1) -> tuple[float, ...]:
        """Imaginary modes that are neither soft (below the cutoff) nor within the noise, cm^-1."""
        floor = np.maximum(cutoff_cm1, self.noise_cm1)
        return tuple(float(f) for f in -self.frequencies_cm1[self.frequencies_cm1 < -floor])

    @property
    def zero_point_energy_eV(self) -> float:
        """Half the sum of the real modes, eV."""
        return float(0.5 * self.frequencies_cm1[self.frequencies_cm1 > 0].sum() / CM1_PER_EV)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the names."""
        return {
            "subject": self.label,
            "state": self.state,
            "formula": self.atoms.get_chemical_formula(),
            "displaced_atoms": list(self.indices),
            "frequencies_cm-1": [float(f) for f in self.frequencies_cm1 if f >= 0],
            "imaginary_cm-1": list(self.imaginary_cm1),
            "zero_point_energy_eV": self.zero_point_energy_eV,
            "noise_cm-1": self.noise_cm1.tolist(),
            "max_force_eV_A": self.max_force_eV_A,
            "displacement_A": self.displacement_A,
            "rigid_modes_removed": self.rigid_modes,
            "rigid_modes_cm-1": self.rigid_cm1,
            "engine": self.engine,
            "settings": self.settings,
            "versions": self.versions,
            "citations": list(self.citations),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the modes as sticks; returns the axes."""
        from adatom.plot.vibrations import plot_vibrations

        return plot_vibrations([self], ax)


def active_atoms(atoms: Atoms) -> tuple[int, ...]:
    """Adsorbate and metals of a site; every atom of a structure that has neither."""
    chosen = {*atoms.info.get("adsorbate", []), *atoms.info.get("metals", [])}
    return tuple(sorted(int(i) for i in chosen)) or tuple(range(len(atoms)))


def vibrations(
    atoms: Atoms,
    engine: Engine,
    *,
    indices: Sequence[int] | None = None,
    displacement_A: float = DISPLACEMENT_A,
    label: str = "",
    state: str = "",
    store: Store | None = None,
    progress: ForceProgress | None = None,
) -> Vibrations:
    """Normal modes of ``indices`` (default :func:`active_atoms`) about ``atoms`` as they are.

    Structures with no periodic direction of which every atom moves are free molecules. With
    ``store``, forces that took more than a moment are kept, so that an interrupted run resumes.
    Raises :class:`~adatom.errors.EngineError` when the engine fails on one.
    """
    moved = active_atoms(atoms) if indices is None else tuple(int(i) for i in indices)
    if not moved or len(set(moved)) != len(moved) or not all(0 <= i < len(atoms) for i in moved):
        raise AdatomError(
            f"vibrations: expected distinct atoms between 0 and {len(atoms) - 1}, got {moved}"
        )
    if not 1e-4 <= displacement_A <= 0.1:
        raise AdatomError(
            f"vibrations: the displacement should lie in 0.0001..0.1 A, got {displacement_A:g}"
        )
    forces = _force_source(atoms, engine, label, store)
    at_rest = forces(atoms.positions)[list(moved)]
    columns = []
    total = 3 * len(moved)
    for done, (i, axis) in enumerate(((i, a) for i in moved for a in range(3)), start=1):
        pair = []
        for sign in (1.0, -1.0):
            positions = atoms.positions.copy()
            positions[i, axis] += sign * displacement_A
            pair.append(forces(positions)[list(moved)].ravel())
        columns.append(-(pair[0] - pair[1]) / (2.0 * displacement_A))
        if progress:
            progress(done, total)
    raw = np.array(columns)
    free = not atoms.pbc.any() and len(moved) == len(atoms)
    modes = normal_modes(atoms, moved, raw, free=free)
    plain = atoms.copy()
    plain.calc = None
    return Vibrations(
        label=label,
        state=state,
        atoms=plain,
        indices=moved,
        max_force_eV_A=float(np.linalg.norm(at_rest, axis=1).max()),
        displacement_A=displacement_A,
        engine=engine.name,
        settings=dict(engine.settings),
        versions=dict(engine.versions),
        citations=engine.citations,
        **modes,
    )


def normal_modes(
    atoms: Atoms, indices: Sequence[int], hessian_eV_A2: np.ndarray, *, free: bool
) -> dict[str, Any]:
    """Fields of :class:`Vibrations` that follow from a Hessian, shape (3n, 3n).

    ``free`` projects translations and rotations of the displaced atoms out.
    """
    masses = np.repeat(atoms.get_masses()[list(indices)], 3)
    weights = 1.0 / np.sqrt(np.outer(masses, masses))
    symmetric = 0.5 * (hessian_eV_A2 + hessian_eV_A2.T)
    asymmetry = 0.5 * (hessian_eV_A2 - hessian_eV_A2.T) * weights
    dynamical = symmetric * weights
    rigid = _rigid_motions(atoms, indices) if free else np.zeros((len(masses), 0))
    # Columns of the full orthogonal factor beyond the rigid motions span the internal ones.
    basis = np.linalg.qr(rigid, mode="complete")[0][:, rigid.shape[1] :]
    values, vectors = np.linalg.eigh(basis.T @ dynamical @ basis)
    cartesian = (basis @ vectors) / np.sqrt(masses)[:, None]
    cartesian /= np.linalg.norm(cartesian, axis=0)
    rigid_values = np.linalg.eigvalsh(rigid.T @ dynamical @ rigid) if free else np.zeros(1)
    return {
        "hessian_eV_A2": symmetric,
        "frequencies_cm1": _wavenumbers(values),
        "modes": cartesian.T.reshape(len(values), len(indices), 3),
        "noise_cm1": _wavenumbers(np.linalg.norm(asymmetry @ basis @ vectors, axis=0)),
        "rigid_modes": rigid.shape[1],
        "rigid_cm1": float(np.abs(_wavenumbers(rigid_values)).max()),
    }


def _wavenumbers(eigenvalues_eV_A2_amu: np.ndarray) -> np.ndarray:
    signed = np.sign(eigenvalues_eV_A2_amu) * np.sqrt(np.abs(eigenvalues_eV_A2_amu))
    return np.asarray(CM1_PER_ROOT_EV_A2_AMU * signed)


def _rigid_motions(atoms: Atoms, indices: Sequence[int]) -> np.ndarray:
    """Orthonormal mass-weighted translations and rotations, shape (3n, 3, 5 or 6)."""
    masses = atoms.get_masses()[list(indices)]
    positions = atoms.positions[list(indices)]
    centred = positions - masses @ positions / masses.sum()
    motions = []
    for axis in np.eye(3):
        motions.append(np.tile(axis, (len(masses), 1)))
        motions.append(np.cross(axis, centred))
    weighted = np.array([(m * np.sqrt(masses)[:, None]).ravel() for m in motions])
    _, sizes, rows = np.linalg.svd(weighted / np.sqrt(masses.sum()), full_matrices=False)
    # A rotation about the axis of a linear molecule is none (lengths in angstrom).
    return rows[sizes > 1e-3].T


def _force_source(
    atoms: Atoms, engine: Engine, label: str, store: Store | None
) -> Callable[[np.ndarray], np.ndarray]:
    """Forces (eV/A) at given positions, from the store where they are there."""
    calculator = engine.calculator(atoms)
    moments = [round(float(m), 3) for m in atoms.get_initial_magnetic_moments()]
    single = replace(
        engine,
        # One calculator for all, so that a density is the start of the next.
        calculator=lambda _: calculator,
        settings={**engine.settings, "single_point": True}
        | ({"initial_moments": moments} if engine.spin_resolved else {}),
        spin_resolved=False,
        max_steps=0,
    )

    def forces(positions: np.ndarray) -> np.ndarray:
        displaced = atoms.copy()
        displaced.positions = positions
        displaced.info = {}
        task = Task(label, "displaced", "", displaced, single)
        stored = store.get(task.key) if store else None
        record, finished = stored or relax(task)
        if record.outcome == "failed":
            raise EngineError(f"{engine.name} failed on a displaced {label}: {record.message}")
        if stored is None and store and record.seconds >= STORED_ABOVE_S:
            store.put(record, finished)
        found = np.asarray(finished.get_forces(), dtype=float)
        if not np.isfinite(found).all():
            raise EngineError(f"{engine.name}: forces on a displaced {label} are not finite")
        return found

    return forces
