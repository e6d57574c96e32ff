"""Which atoms of a structure are near each other, and which of them are bonded."""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from scipy.spatial import cKDTree

from adatom.errors import StructureError

REACH = 1.35
"""Atoms can be neighbours up to this multiple of the sum of their covalent radii."""
OVERLAP = 0.55
"""Atoms nearer than this multiple of the sum of their covalent radii overlap."""
BOND = 1.25
"""Non-metal atoms are bonded below this multiple of the sum of their covalent radii (Cordero
et al., Dalton Trans. 2008, 2832, 10.1039/b801115j)."""
BOND_TOLERANCE = 1.30
"""What an adsorbate is bonded to is below this multiple: a relaxation may leave it stretched."""


@dataclass(frozen=True)
class Neighbours:
    """Every pair of near atoms, each in both directions; arrays of one length."""

    first: np.ndarray
    second: np.ndarray
    distances: np.ndarray
    """Angstrom."""
    vectors: np.ndarray
    """From the first to the second, shape (pairs, 3), angstrom."""
    shifts: np.ndarray
    """Cell in which the second lies relative to the first, shape (pairs, 3), integers."""
    reduced: np.ndarray
    """Distances in units of the sum of both covalent radii."""


def bonding_limit_A(a: str, b: str) -> float:
    """Distance up to which atoms of two elements count as bonded, angstrom.

    Raises :class:`~adatom.errors.StructureError` for what is no element.
    """
    for element in (a, b):
        if atomic_numbers.get(element, 0) == 0:
            raise StructureError(f"'{element}' is no element; expected a symbol such as N")
    radii = covalent_radii[atomic_numbers[a]] + covalent_radii[atomic_numbers[b]]
    return BOND_TOLERANCE * float(radii)


def bonded(atoms: Atoms, i: int, j: int) -> bool:
    """Whether two different atoms (indices) are bonded, across periodic boundaries."""
    limit = bonding_limit_A(atoms.symbols[i], atoms.symbols[j])
    return i != j and bool(atoms.get_distance(i, j, mic=True) < limit)


def neighbours(atoms: Atoms) -> Neighbours:
    """Find all neighbours, across periodic boundaries.

    Raises :class:`~adatom.errors.StructureError` for atoms that overlap or a cell without
    volume.
    """
    radii = covalent_radii[atoms.numbers]
    largest = float(radii.max())
    positions, shifts, source = _with_images(atoms, REACH * 2.0 * largest)
    pairs = cKDTree(positions).query_ball_point(atoms.positions, REACH * (radii + largest))
    first = np.repeat(np.arange(len(atoms)), [len(p) for p in pairs])
    image = np.concatenate([np.asarray(p, dtype=int) for p in pairs])
    vectors = positions[image] - atoms.positions[first]
    distances = np.linalg.norm(vectors, axis=1)
    second = source[image]
    other = (first != second) | np.any(shifts[image] != 0, axis=1)
    first, second, distances = first[other], second[other], distances[other]
    reduced = distances / (radii[first] + radii[second])
    if reduced.size and reduced.min() < OVERLAP:
        worst = int(np.argmin(reduced))
        i, j = int(first[worst]), int(second[worst])
        raise StructureError(
            f"atoms {i} ({atoms.symbols[i]}) and {j} ({atoms.symbols[j]}) overlap:"
            f" {distances[worst]:.2f} A apart, counting atoms from 0; mend the structure"
        )
    return Neighbours(first, second, distances, vectors[other], shifts[image][other], reduced)


def _with_images(atoms: Atoms, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of the atoms and of those periodic images that can be within reach."""
    positions = np.asarray(atoms.positions)
    if not np.all(np.isfinite(positions)):
        raise StructureError("a position is not a number; mend the structure")
    counts = [0, 0, 0]
    periodic = np.flatnonzero(atoms.pbc)
    if len(periodic):
        cell = atoms.cell.complete()
        volume = abs(np.linalg.det(cell))
        if atoms.cell.rank < len(periodic) or volume < 1.0:
            raise StructureError("the cell has no volume in a periodic direction; give the cell")
        for axis in periodic:
            others = np.cross(cell[(axis + 1) % 3], cell[(axis + 2) % 3])
            height = volume / np.linalg.norm(others)
            spread = float(np.ptp(positions @ others / np.linalg.norm(others)))
            counts[axis] = int((reach + spread) // height)
        if np.prod([2 * c + 1 for c in counts]) * len(atoms) > 4_000_000:
            raise StructureError("the cell is too small for its atoms; check its vectors")
    grid = np.stack(
        np.meshgrid(*[np.arange(-c, c + 1) for c in counts], indexing="ij"), axis=-1
    ).reshape(-1, 3)
    images = (positions[None] + (grid @ np.asarray(atoms.cell[:]))[:, None]).reshape(-1, 3)
    low, high = positions.min(axis=0) - reach, positions.max(axis=0) + reach
    inside = np.all((images >= low) & (images <= high), axis=1)
    return (
        images[inside],
        np.repeat(grid, len(atoms), axis=0)[inside],
        np.tile(np.arange(len(atoms)), len(grid))[inside],
    )
