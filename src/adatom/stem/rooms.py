"""Where other atoms of a spot may lie, beside the other spots and at the edge of the field.

Two atoms that are linked are seen at their middle, x +- u/2 with |u| below the resolution; no atom
of a spot may be linked to one of another spot, or all would be one. Likewise three. A partner
outside the field belongs to a spot near its edge.
"""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from adatom.stem.projection import PairTables, distance_histogram
from adatom.stem.windows import Window

_LEVELS = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0])
"""Of the shares of places that are free for a second, and for a second and third atom."""
_OUTSIDE = np.array([0.0, 0.1, 0.25, 0.4, 0.6])
"""Levels of the share of partners that would lie outside the field."""
_PLACES = 128
_KEPT = 32
OF_MORE = {3: 22, 4: 6, 5: 4}
"""Of the places kept for atoms in spots of more than two, those in spots of three, four and five,
as they come in fields of 5 atoms per nm2 with a resolution of 1.5 A (counted in
tests/stem/test_rooms.py)."""
_DIRECTIONS = 24
_NEVER = -60.0
"""Logarithm of a density that is 0."""


@dataclass(frozen=True)
class Rooms:
    """Of every spot of one field."""

    classes: np.ndarray
    """(R, 3), of each class of spots: share of the places free for a second atom, for two more,
    and of partners outside the field."""
    room: np.ndarray
    """(N,), class of each spot."""
    shifts_angstrom: np.ndarray
    """(3, N, Q, 2), places, from the spot, of its only atom, of one of two, and of one of more."""


def find_rooms(
    positions: np.ndarray, resolution: float, window: Window, reach: np.ndarray, seed: int = 0
) -> Rooms:
    """Room around spots (N, 2), A, by places spread evenly; ``reach`` (K,), A, of visible pairs."""
    linked = {count: _linked(count) * resolution for count in (2, *OF_MORE)}
    near = cKDTree(positions).query_pairs(3.0 * resolution, output_type="ndarray")
    both = np.concatenate([near, near[:, ::-1]])
    free = {count: _free(positions, both, atoms, resolution) for count, atoms in linked.items()}
    features = np.column_stack(
        [
            _nearest(free[2].mean(axis=1), _LEVELS),
            _nearest(free[3].mean(axis=1), _LEVELS),
            _nearest(_outside(positions, window, reach), _OUTSIDE),
        ]
    )
    classes, room = np.unique(features, axis=0, return_inverse=True)
    random = np.random.default_rng(seed)
    of_two = _places(linked[2], free[2], _KEPT, random)
    of_more = np.concatenate(
        [_places(linked[n], free[n], kept, random) for n, kept in OF_MORE.items()], axis=1
    )
    order = np.argsort(random.random(of_more.shape[:2]), axis=1)
    of_more = np.take_along_axis(of_more, order[..., None], axis=1)
    return Rooms(classes, room.ravel(), np.stack([np.zeros_like(of_two), of_two, of_more]))


@lru_cache(maxsize=4)
def _linked(count: int) -> np.ndarray:
    """(Q, count, 2), uniform over linked atoms, from their centroid, in units of the resolution."""
    random = np.random.default_rng(count)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < _PLACES:
        # Anywhere within the longest chain of the first one; what is not linked is left out.
        atoms = np.zeros((2**14, count, 2))
        radius = (count - 1.0) * np.sqrt(random.random((len(atoms), count - 1)))
        angle = 2.0 * np.pi * random.random((len(atoms), count - 1))
        atoms[:, 1:] = radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=2)
        link = np.linalg.norm(atoms[:, :, None] - atoms[:, None], axis=3) < 1.0
        for _ in range(2):
            link = link @ link
        found.append(atoms[link[:, 0].all(axis=1)])
    linked = np.concatenate(found)[:_PLACES]
    return np.asarray(linked - linked.mean(axis=1, keepdims=True))


def _free(
    positions: np.ndarray, near: np.ndarray, places: np.ndarray, resolution: float
) -> np.ndarray:
    """(N, Q), whether no atom at the ``places`` (Q, K, 2) is linked to a near spot."""
    free = np.ones((len(positions), len(places)), dtype=bool)
    for part in np.array_split(near, max(1, len(near) // 4096)):
        apart = (positions[part[:, 0]] - positions[part[:, 1]])[:, None, None] + places
        rows, columns = np.nonzero((np.hypot(*np.moveaxis(apart, 3, 0)) < resolution).any(axis=2))
        free[part[rows, 0], columns] = False
    return free


def _places(
    atoms: np.ndarray, free: np.ndarray, count: int, random: np.random.Generator
) -> np.ndarray:
    """(N, count, 2), free places of one of the atoms; where few are free they are repeated."""
    order = np.argsort(random.random(free.shape) - free, axis=1)[:, :count]
    kept = np.clip(free.sum(axis=1), 1, count)
    chosen = np.take_along_axis(order, np.arange(count) % kept[:, None], axis=1)
    return np.asarray(atoms[chosen, random.integers(atoms.shape[1], size=chosen.shape)])


def _outside(positions: np.ndarray, window: Window, reach: np.ndarray) -> np.ndarray:
    """(N,), share of partners at the distances ``reach`` (K,), A, that lie outside the window."""
    angle = (np.arange(_DIRECTIONS) + 0.5) * 2.0 * np.pi / _DIRECTIONS
    around = np.column_stack([np.cos(angle), np.sin(angle)])
    steps = (reach[:, None, None] * around).reshape(-1, 2)
    share = np.empty(len(positions))
    for part in np.array_split(np.arange(len(positions)), max(1, len(positions) // 4096)):
        places = (positions[part][:, None] + steps).reshape(-1, 2)
        share[part] = 1.0 - window.contains(places).reshape(len(part), -1).mean(axis=1)
    return share


def _nearest(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return np.asarray(levels[np.abs(values[:, None] - levels).argmin(axis=1)])


def bond_densities(
    positions: np.ndarray, bonds: np.ndarray, shifts: np.ndarray, tables: PairTables
) -> np.ndarray:
    """Logarithm of the density of the vector of each bond (S, D, 9, M), A^-2.

    The third index is that of the shifts (3, N, Q, 2) of the first spot, plus 3 times that of the
    second one.
    """
    bins = tables.density.shape[2]
    vector = (positions[bonds[:, 0]] - positions[bonds[:, 1]])[:, None]
    flat = tables.density.reshape(-1, bins)
    found = np.empty((*tables.density.shape[:2], len(shifts) ** 2, len(bonds)), dtype=np.float32)
    for n, (second, first) in enumerate(itertools.product(shifts, repeat=2)):
        moved = vector + first[bonds[:, 0]] - second[bonds[:, 1]]
        weight = distance_histogram(np.linalg.norm(moved, axis=2), bins)
        with np.errstate(divide="ignore"):
            density = np.maximum(np.log(flat @ weight.T), _NEVER)
        found[:, :, n] = density.reshape(*tables.density.shape[:2], -1)
    return found
