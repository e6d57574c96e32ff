"""Where a second atom of a spot may lie, beside the other spots.

Two atoms that are linked are seen at their middle, x +- u/2 with |u| below the resolution; neither
may be linked to an atom of another spot, or all would be one.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from adatom.stem.projection import PairTables, distance_histogram

ROOMS = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0])
"""Classes of the share of the disk that is free for a second atom."""
_SHIFTS = 128
_KEPT = 32
_NEVER = -60.0
"""Logarithm of a density that is 0."""


@dataclass(frozen=True)
class Rooms:
    """Of every spot of one field."""

    room: np.ndarray
    """(N,), index into ``ROOMS``."""
    shifts_angstrom: np.ndarray
    """(N, Q, 2), possible places of one of two atoms of the spot, from the spot."""


def find_rooms(positions: np.ndarray, resolution: float, seed: int = 0) -> Rooms:
    """Room around spots (N, 2), A, by shifts spread evenly over the disk."""
    n = np.arange(_SHIFTS) + 0.5
    golden = np.pi * (3.0 - 5.0**0.5)
    radius = 0.5 * resolution * np.sqrt(n / _SHIFTS)
    disk = np.column_stack([radius * np.cos(golden * n), radius * np.sin(golden * n)])
    allowed = np.ones((len(positions), _SHIFTS), dtype=bool)
    near = cKDTree(positions).query_pairs(1.5 * resolution, output_type="ndarray")
    both = np.concatenate([near, near[:, ::-1]])
    apart = positions[both[:, 0]] - positions[both[:, 1]]
    for sign in (-1.0, 1.0):
        distance = np.linalg.norm(apart[:, None] + sign * disk, axis=2)
        rows, columns = np.nonzero(distance < resolution)
        allowed[both[rows, 0], columns] = False
    share = allowed.mean(axis=1)
    room = np.abs(share[:, None] - ROOMS).argmin(axis=1)
    random = np.random.default_rng(seed)
    weight = random.random(allowed.shape) - allowed
    chosen = np.argsort(weight, axis=1)[:, :_KEPT]
    free = np.maximum(allowed.sum(axis=1), 1)
    # Where few places are free they are repeated.
    cycle = np.take_along_axis(chosen, np.arange(_KEPT) % np.minimum(free, _KEPT)[:, None], axis=1)
    signs = random.choice([-1.0, 1.0], size=(*cycle.shape, 1))
    return Rooms(room, disk[cycle] * signs)


def bond_densities(
    positions: np.ndarray, bonds: np.ndarray, shifts: np.ndarray, tables: PairTables
) -> np.ndarray:
    """Logarithm of the density of the vector of each bond (S, D, 4, M), A^-2.

    The third index says which ends hold another atom: none, the first, the second, both.
    """
    bins = tables.density.shape[2]
    vector = (positions[bonds[:, 0]] - positions[bonds[:, 1]])[:, None]
    first, second = shifts[bonds[:, 0]], shifts[bonds[:, 1]]
    flat = tables.density.reshape(-1, bins)
    found = []
    for moved in (vector, vector + first, vector - second, vector + first - second):
        weight = distance_histogram(np.linalg.norm(moved, axis=2), bins)
        found.append((flat @ weight.T).reshape(*tables.density.shape[:2], -1))
    density = np.stack(found, axis=2)
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(density), _NEVER))
