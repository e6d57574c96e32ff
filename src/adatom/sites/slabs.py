"""A close-packed metal slab under a sheet of graphene, strained to fit it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii, reference_states

from adatom.sites.sheets import LATTICE_CONSTANT_A
from adatom.sites.supports import SLAB_REPEATS

LAYERS = 2
GAP_A = 3.3
"""Distance between the sheet and the slab, angstrom (weakly bound graphene on metals)."""


@dataclass(frozen=True)
class SlabFit:
    """How a close-packed layer fits an n x n cell of graphene with the least strain."""

    repeats: int
    """Graphene cells along each axis."""
    rows: int
    """Atoms of the layer along its own axis in that cell."""
    turned: bool
    """Whether the layer is turned by 30 degrees (sqrt 3 more atoms along the cell)."""
    strain: float
    """(distance in the slab) / (distance in the metal) - 1."""


def nearest_neighbour_A(metal: str) -> float:
    """Distance of nearest neighbours in the bulk metal, from ASE's reference states.

    Twice the covalent radius for metals whose crystal is none of fcc, hcp, bcc.
    """
    state = reference_states[atomic_numbers[metal]] or {}
    factor = {"fcc": 0.5**0.5, "hcp": 1.0, "bcc": 0.75**0.5}.get(state.get("symmetry", ""))
    if factor is None:
        return 2.0 * float(covalent_radii[atomic_numbers[metal]])
    return float(state["a"]) * factor


@lru_cache(maxsize=64)
def slab_fit(metal: str) -> SlabFit:
    """The least strained fit of a close-packed layer of ``metal`` to graphene."""
    bulk = nearest_neighbour_A(metal)
    fits = []
    for repeats in SLAB_REPEATS:
        for turned in (False, True):
            length = repeats * LATTICE_CONSTANT_A / (3.0**0.5 if turned else 1.0)
            for rows in range(2, 9):
                fits.append(SlabFit(repeats, rows, turned, length / rows / bulk - 1.0))
    return min(fits, key=lambda f: (round(abs(f.strain), 3), f.repeats))


def slab_under(sheet: Atoms, metal: str, neighbour: str) -> Atoms:
    """Two close-packed layers of ``metal`` below a sheet in its cell.

    ``neighbour`` is the metal in the sheet; the gap grows with the radii of both.
    """
    fit = slab_fit(metal)
    turn = np.radians(30.0) if fit.turned else 0.0
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, -s], [s, c]])
    scale = fit.rows * (3.0**0.5 if fit.turned else 1.0)
    cell = np.asarray(sheet.cell[:2, :2])
    layer = cell @ rotation.T / scale
    n = np.arange(-4 * fit.rows, 4 * fit.rows + 1)
    points = np.array([i * layer[0] + j * layer[1] for i in n for j in n])
    fractional = np.round(np.linalg.solve(cell.T, points.T).T, 6)
    points = points[np.all((fractional >= 0.0) & (fractional < 1.0), axis=1)]
    spacing = float(np.linalg.norm(layer[0]))
    radii = covalent_radii[[atomic_numbers[metal], atomic_numbers[neighbour]]]
    top = float(np.median(sheet.positions[:, 2])) - max(GAP_A, 1.3 * float(radii.sum()))
    hollow = (layer[0] + 2.0 * layer[1]) / 3.0
    heights = [top - k * spacing * (2 / 3) ** 0.5 for k in range(LAYERS)]
    layers = [
        np.column_stack([points + k * hollow, np.full(len(points), z)])
        for k, z in enumerate(heights)
    ]
    return Atoms([metal] * (LAYERS * len(points)), positions=np.concatenate(layers))
