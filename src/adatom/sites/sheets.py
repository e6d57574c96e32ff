"""Bare supports as ASE Atoms: graphene, its zigzag ribbon, C2N, g-C3N4, graphdiyne, macrocycles.

C2N and g-C3N4 are honeycombs with atoms taken out, which is how they are built here. All
sheets lie in the plane z = CELL_HEIGHT_A / 3.
"""

from collections.abc import Callable, Sequence

import numpy as np
from ase import Atoms
from ase.build import graphene

LATTICE_CONSTANT_A = 2.46
"""In-plane lattice constant of graphene, angstrom (experiment, 2.46 A)."""
BOND_A = LATTICE_CONSTANT_A / 3.0**0.5
CELL_HEIGHT_A = 15.0
"""Period normal to the sheet, angstrom."""
CH_A = 1.09
"""Length of a C-H bond of sp2 carbon, angstrom."""
C2N_LATTICE_A = 8.33
"""DFT, Mahmood et al., Nat. Commun. 2015, 6, 6486, 10.1038/ncomms7486."""
G_C3N4_LATTICE_A = 7.13
"""DFT (7.1 to 7.15) and experiment, Wang et al., Nat. Mater. 2009, 8, 76, 10.1038/nmat2317."""
GRAPHDIYNE_LATTICE_A = 9.46
"""DFT, Long et al., ACS Nano 2011, 5, 2593, 10.1021/nn102472s."""
RIBBON_ROWS = 6
RIBBON_GAP_A = 10.0
"""Vacuum between the edges of neighbouring ribbons, angstrom."""

_PLANE = CELL_HEIGHT_A / 3.0


def graphene_sheet(repeats: int) -> Atoms:
    """Graphene of ``repeats`` x ``repeats`` cells."""
    sheet = graphene(a=LATTICE_CONSTANT_A, size=(repeats, repeats, 1), vacuum=None)
    cell = sheet.cell[:].copy()
    cell[2] = (0.0, 0.0, CELL_HEIGHT_A)
    sheet.set_cell(cell)
    sheet.pbc = True
    sheet.positions[:, 2] = _PLANE
    return sheet


def zigzag_ribbon(repeats: int) -> Atoms:
    """A zigzag ribbon along x, its edges closed with hydrogen, with a gap along y."""
    sheet = graphene(a=LATTICE_CONSTANT_A, size=(repeats, RIBBON_ROWS, 1), vacuum=None)
    y = sheet.positions[:, 1].copy()
    for edge, outward in ((y < y.min() + 0.1, -CH_A), (y > y.max() - 0.1, CH_A)):
        places = sheet.positions[: len(y)][edge] + [0.0, outward, 0.0]
        sheet += Atoms(f"H{len(places)}", positions=places)
    width = float(np.ptp(sheet.positions[:, 1]))
    sheet.set_cell(
        [
            [repeats * LATTICE_CONSTANT_A, 0.0, 0.0],
            [0.0, width + RIBBON_GAP_A, 0.0],
            [0.0, 0.0, CELL_HEIGHT_A],
        ]
    )
    sheet.pbc = True
    sheet.positions[:, 1] += RIBBON_GAP_A / 2.0 - sheet.positions[:, 1].min()
    sheet.positions[:, 2] = _PLANE
    sheet.wrap()
    return sheet


def cavity_sheet(support: str) -> tuple[Atoms, np.ndarray]:
    """A support with a cavity of its own, and the middle of that cavity (angstrom)."""
    return _CAVITY_SHEETS[support]()


def _honeycomb(
    origin: str, cell: np.ndarray, lattice_A: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points and sublattice (0, 1) of a honeycomb in ``cell`` (in graphene's lengths).

    The origin is the middle of a hexagon or an atom of sublattice 0; lengths are scaled so
    that the first cell vector has the length ``lattice_A``.
    """
    a, d = LATTICE_CONSTANT_A, BOND_A
    n = np.arange(-12, 13)
    lattice = np.array([[i * a + j * a / 2, j * 1.5 * d] for i in n for j in n])
    first, second = ((0.0, d), (0.0, -d)) if origin == "hexagon" else ((0.0, 0.0), (0.0, d))
    points = np.concatenate([lattice + first, lattice + second])
    sublattice = np.repeat([0, 1], len(lattice))
    fractional = np.round(np.linalg.solve(cell.T, points.T).T, 6)
    inside = np.all((fractional >= -0.5) & (fractional < 0.5), axis=1)
    scale = lattice_A / np.linalg.norm(cell[0])
    return points[inside] * scale, sublattice[inside], cell * scale


def _sheet(symbols: Sequence[str], points: np.ndarray, cell: np.ndarray) -> Atoms:
    """A sheet in the plane whose middle is the middle of the cell."""
    flat = np.zeros((len(points), 3))
    flat[:, :2] = points + cell.sum(axis=0) / 2.0
    flat[:, 2] = _PLANE
    box = np.zeros((3, 3))
    box[:2, :2] = cell
    box[2, 2] = CELL_HEIGHT_A
    return Atoms(list(symbols), positions=flat, cell=box, pbc=True)


def _middle(sheet: Atoms) -> np.ndarray:
    middle = sheet.cell[:2].sum(axis=0) / 2.0
    middle[2] = _PLANE
    return np.asarray(middle)


def _c2n() -> tuple[Atoms, np.ndarray]:
    """Graphene in a 2 sqrt(3) cell without one hexagon; the six atoms around it are nitrogen."""
    a, d = LATTICE_CONSTANT_A, BOND_A
    points, _, cell = _honeycomb("hexagon", np.array([[3 * a, 3 * d], [0.0, 6 * d]]), C2N_LATTICE_A)
    bond = C2N_LATTICE_A / 6.0
    radius = np.linalg.norm(points, axis=1)
    symbols = np.where(radius < 2.1 * bond, "N", "C")
    keep = radius > 1.1 * bond
    sheet = _sheet(symbols[keep], points[keep], cell)
    return sheet, _middle(sheet)


def _g_c3n4() -> tuple[Atoms, np.ndarray]:
    """Graphene in a 3 x 3 cell, one sublattice nitrogen, without one N and the C around it."""
    a, d = LATTICE_CONSTANT_A, BOND_A
    points, sublattice, cell = _honeycomb(
        "atom", np.array([[3 * a, 0.0], [1.5 * a, 4.5 * d]]), G_C3N4_LATTICE_A
    )
    bond = G_C3N4_LATTICE_A / 3.0 / 3.0**0.5
    symbols = np.where(sublattice == 0, "N", "C")
    keep = np.linalg.norm(points, axis=1) > 1.1 * bond
    sheet = _sheet(symbols[keep], points[keep], cell)
    return sheet, _middle(sheet)


def _graphdiyne() -> tuple[Atoms, np.ndarray]:
    """Benzene rings joined by -C#C-C#C-; ring 1.43, ring to chain 1.40, C#C 1.23 A."""
    a = GRAPHDIYNE_LATTICE_A
    ring, along = 1.43, (2.83, 4.06)
    cell = np.array([[a, 0.0], [a / 2.0, a * 3.0**0.5 / 2.0]])
    points = []
    for turn in range(6):
        direction = np.array([np.cos(turn * np.pi / 3), np.sin(turn * np.pi / 3)])
        points += [radius * direction for radius in (ring, *along)]
    # The ring sits at the origin of the cell; the hole at a third of both cell vectors.
    sheet = _sheet(["C"] * len(points), np.array(points), cell)
    centre = _middle(sheet)
    centre[:2] += cell.sum(axis=0) / 3.0
    sheet.positions += _middle(sheet) - centre
    sheet.wrap()
    return sheet, _middle(sheet)


# One quarter of each macrocycle (angstrom, metal at the origin, N on the x axis), from typical
# bond lengths of metal complexes: N-C 1.37, C-C 1.38 to 1.45, C-H 1.09.
_PORPHYRIN = (
    ("N", 2.00, 0.0), ("C", 2.80, 1.11), ("C", 2.80, -1.11), ("C", 4.11, 0.68),
    ("C", 4.11, -0.68), ("C", 2.42, 2.42), ("H", 4.95, 1.36), ("H", 4.95, -1.36),
    ("H", 3.19, 3.19),
)  # fmt: skip
_PHTHALOCYANINE = (
    ("N", 1.95, 0.0), ("C", 2.75, 1.12), ("C", 2.75, -1.12), ("N", 2.38, 2.38),
    ("C", 4.14, 0.70), ("C", 4.14, -0.70), ("C", 5.33, 1.42), ("C", 5.33, -1.42),
    ("C", 6.52, 0.70), ("C", 6.52, -0.70), ("H", 5.33, 2.51), ("H", 5.33, -2.51),
    ("H", 7.46, 1.24), ("H", 7.46, -1.24),
)  # fmt: skip


def _macrocycle(quarter: Sequence[tuple[str, float, float]]) -> tuple[Atoms, np.ndarray]:
    symbols, points = [], []
    for turn in range(4):
        c, s = (1, 0, -1, 0)[turn], (0, 1, 0, -1)[turn]
        for symbol, x, y in quarter:
            symbols.append(symbol)
            points.append((c * x - s * y, s * x + c * y))
    extent = 2 * float(np.max(np.abs(points))) + RIBBON_GAP_A
    molecule = _sheet(symbols, np.array(points), np.diag([extent, extent]))
    molecule.pbc = False
    return molecule, _middle(molecule)


_CAVITY_SHEETS: dict[str, Callable[[], tuple[Atoms, np.ndarray]]] = {
    "C2N": _c2n,
    "g-C3N4": _g_c3n4,
    "graphdiyne": _graphdiyne,
    "porphyrin": lambda: _macrocycle(_PORPHYRIN),
    "phthalocyanine": lambda: _macrocycle(_PHTHALOCYANINE),
}
