"""From a site to atoms: M-N4 and fused M1M2-N6 in a 4 x 4 graphene cell.

M-N4 replaces two bonded carbons by one metal at the middle of their bond; the four
carbons around become nitrogen. M1M2-N6 does the same to two parallel bonds of one
hexagon: each metal keeps four nitrogens, two of which are shared, and the metals start
one graphene lattice constant (2.46 A) apart.
"""

import numpy as np
from ase import Atoms
from ase.build import graphene

from adatom.sites.notation import Site

LATTICE_CONSTANT_A = 2.46
"""In-plane lattice constant of graphene, angstrom (experiment, 2.46 A)."""
CELL_REPEATS = 4
"""Graphene unit cells along each in-plane axis; 32 carbons before the site is cut."""
CELL_HEIGHT_A = 15.0
"""Period normal to the sheet, angstrom."""
METAL_HEIGHT_A = 0.15
"""Start height of the metal: breaks the mirror plane so that a relaxation can leave it."""


def build_site(site: Site) -> Atoms:
    """Build the bare site as periodic ASE Atoms, metals last, in the order of the notation.

    The metal indices are in ``atoms.info['metals']`` as a list.
    """
    sheet = graphene(a=LATTICE_CONSTANT_A, size=(CELL_REPEATS, CELL_REPEATS, 1), vacuum=None)
    cell = sheet.cell[:].copy()
    cell[2] = (0.0, 0.0, CELL_HEIGHT_A)
    sheet.set_cell(cell)
    sheet.pbc = True
    sheet.positions[:, 2] = CELL_HEIGHT_A / 3.0

    bonds = _parallel_bonds(sheet, len(site.metals))
    removed = sorted({i for bond in bonds for i in bond})
    metal_positions = [_bond_middle(sheet, *bond) for bond in bonds]
    nitrogens = {j for i in removed for j in _neighbours(sheet, i) if j not in removed}
    for j in nitrogens:
        sheet.symbols[j] = "N"
    del sheet[removed]
    for symbol, position in zip(site.metals, metal_positions, strict=True):
        sheet += Atoms(symbol, positions=[position + np.array([0.0, 0.0, METAL_HEIGHT_A])])
    sheet.wrap()
    n = len(sheet)
    sheet.info["metals"] = list(range(n - len(site.metals), n))
    return sheet


def _neighbours(sheet: Atoms, i: int) -> list[int]:
    distances = sheet.get_distances(i, range(len(sheet)), mic=True)
    bond = LATTICE_CONSTANT_A / np.sqrt(3.0)
    return [int(j) for j in np.flatnonzero((distances > 0.1) & (distances < 1.1 * bond))]


def _parallel_bonds(sheet: Atoms, count: int) -> list[tuple[int, int]]:
    """One bond near the middle of the cell, and for a pair the one across the hexagon."""
    middle = sheet.cell[:2].sum(axis=0) / 2.0
    middle[2] = sheet.positions[0, 2]
    i = int(np.argmin(np.linalg.norm(sheet.positions - middle, axis=1)))
    j = _neighbours(sheet, i)[0]
    if count == 1:
        return [(i, j)]
    direction = sheet.get_distance(i, j, mic=True, vector=True)
    for shared in _neighbours(sheet, i):
        if shared == j:
            continue
        for k in _neighbours(sheet, shared):
            for m in _neighbours(sheet, k):
                if k != i and np.allclose(
                    sheet.get_distance(k, m, mic=True, vector=True), direction, atol=1e-6
                ):
                    return [(i, j), (k, m)]
    raise AssertionError("a honeycomb always has a parallel bond across the hexagon")


def _bond_middle(sheet: Atoms, i: int, j: int) -> np.ndarray:
    half = sheet.get_distance(i, j, mic=True, vector=True) / 2.0
    return np.asarray(sheet.positions[i] + half)
