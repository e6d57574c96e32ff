"""Supports of carbon that cover a field and a margin around it."""

import math

import numba
import numpy as np
from ase import Atoms

from adatom.errors import ImageError

CARBON_PER_A3 = 0.1
"""Amorphous carbon of 2.0 g/cm3."""
BOND_A = 1.42
LAYER_A = 3.35
MAX_ATOMS = 5_000_000
_TRIES = 40
"""Places tried for each atom; at this density one in two is free at the end."""


def amorphous_carbon(
    *,
    field_A: tuple[float, float],
    thickness_A: float,
    rng: np.random.Generator,
    margin_A: float = 8.0,
) -> Atoms:
    """Atoms at random, none closer than a bond: the speckle, not the network, of a film.

    Raises :class:`~adatom.errors.ImageError` for a film too large to be built.
    """
    size = np.array([field_A[0] + 2 * margin_A, field_A[1] + 2 * margin_A, thickness_A])
    wanted = round(float(np.prod(size)) * CARBON_PER_A3)
    if not (size > 0.0).all() or wanted > MAX_ATOMS:
        raise ImageError(
            f"a film of {size[0]:g} x {size[1]:g} x {size[2]:g} A would have {wanted} atoms,"
            f" expected 1 to {MAX_ATOMS}"
        )
    places = _hard_spheres(size, wanted, BOND_A, rng)
    return Atoms(f"C{len(places)}", places - [margin_A, margin_A, 0.0])


@numba.njit(cache=True)
def _hard_spheres(size, wanted, diameter, rng):
    """Random sequential addition; a cell of diameter / sqrt(3) holds one centre at most."""
    cell = diameter / math.sqrt(3.0)
    nx, ny, nz = int(size[0] / cell) + 5, int(size[1] / cell) + 5, int(size[2] / cell) + 5
    owner = np.full((nx, ny, nz), -1, np.int32)
    places = np.empty((wanted, 3))
    count = 0
    for _ in range(wanted * _TRIES):
        if count == wanted:
            break
        x, y, z = rng.random() * size[0], rng.random() * size[1], rng.random() * size[2]
        i, j, k = int(x / cell) + 2, int(y / cell) + 2, int(z / cell) + 2
        free = True
        for a in range(i - 2, i + 3):
            for b in range(j - 2, j + 3):
                for c in range(k - 2, k + 3):
                    other = owner[a, b, c]
                    if other >= 0 and free:
                        dx, dy = places[other, 0] - x, places[other, 1] - y
                        dz = places[other, 2] - z
                        free = dx * dx + dy * dy + dz * dz >= diameter * diameter
        if free:
            owner[i, j, k] = count
            places[count] = x, y, z
            count += 1
    return places[:count]


def graphene_layers(
    *, field_A: tuple[float, float], layers: int, rng: np.random.Generator, margin_A: float = 8.0
) -> Atoms:
    """Sheets of graphene, each turned and shifted at random, 3.35 angstrom apart."""
    if not 1 <= layers <= 100:
        raise ImageError(f"{layers} layers of graphene, expected 1 to 100")
    reach = float(np.hypot(*field_A)) / 2.0 + 2.0 * margin_A
    a = BOND_A * math.sqrt(3.0)
    n = math.ceil(2.0 * reach / a / math.sqrt(3.0)) + 2
    i, j = (m.ravel() for m in np.meshgrid(np.arange(-2 * n, 2 * n), np.arange(-n, n)))
    first = np.column_stack([a * (i + j / 2.0), a * math.sqrt(3.0) / 2.0 * j])
    lattice = np.vstack([first, first + np.array([0.0, BOND_A])])
    low, high = -margin_A, np.array(field_A) + margin_A
    found = []
    for layer in range(layers):
        angle = rng.uniform(0.0, 2.0 * np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        flat = lattice @ turn.T + np.array(field_A) / 2.0 + rng.uniform(0.0, a, 2)
        flat = flat[np.all((flat >= low) & (flat < high), axis=1)]
        found.append(np.column_stack([flat, np.full(len(flat), layer * LAYER_A)]))
    places = np.vstack(found)
    return Atoms(f"C{len(places)}", places)
