"""Supports, and the places in them where metals sit.

On graphene and its nanoribbon a *vacancy* is cut for the metals (:data:`VACANCIES`); C2N,
g-C3N4, graphdiyne and the macrocycles have a *cavity* of their own (:data:`CAVITIES`).
A place is named by its shape: how many metals, and how many shell atoms around them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adatom.sites.sheets import BOND_A, LATTICE_CONSTANT_A

METAL_HEIGHT_A = 0.15
"""Start height of the metal: breaks the mirror plane so that a relaxation can leave it."""
CLUSTER_SIZES = (4, 13)
"""Metals of a cluster beside a site: tetrahedron and icosahedron."""
SLAB_REPEATS = (4, 5, 6)
"""Graphene cells along each axis of a sheet on a slab; that of least strain is taken."""

Shape = tuple[int, int]
"""Number of metals and of shell atoms of one part; (4, 0) and (13, 0) are clusters, (-n, 0) is a
slab under a sheet of n x n cells."""
Point = tuple[float, float]
Point3 = tuple[float, float, float]

_A, _D = LATTICE_CONSTANT_A, BOND_A
_BOND: tuple[Point, ...] = ((0.0, -_D / 2), (0.0, _D / 2))


@dataclass(frozen=True)
class Support:
    """One support by name."""

    name: str
    description: str
    fixed_shell: bool
    """Whether the shell is the support's own nitrogen and cannot be substituted."""


SUPPORTS: dict[str, Support] = {
    s.name: s
    for s in (
        Support("graphene", "N-doped graphene, a vacancy cut for each site", False),
        Support("nanoribbon", "zigzag graphene nanoribbon, the site at its edge", False),
        Support("C2N", "C2N-h2D, hole of six pyrazine nitrogens", True),
        Support("g-C3N4", "heptazine carbon nitride, cavity of six nitrogens", True),
        Support("graphdiyne", "graphdiyne, triangular hole of acetylenic carbon", True),
        Support("porphyrin", "porphine molecule (pyrrolic M-N4)", True),
        Support("phthalocyanine", "phthalocyanine molecule (pyrrolic M-N4)", True),
    )
}


@dataclass(frozen=True)
class Vacancy:
    """What is cut out of a honeycomb, relative to the middle of a vertical bond, angstrom."""

    removed: tuple[Point, ...]
    metals: tuple[Point3, ...]
    """Lateral position and height above the sheet of each metal."""
    capped: tuple[Point, ...] = ()
    """Carbons taken out as well, whose broken bonds are closed with hydrogen."""
    repeats: int = 4
    """Graphene cells along each in-plane axis."""


def _ring(radius: float, angles: Sequence[float], height: float) -> list[Point3]:
    return [
        (radius * np.cos(np.radians(t)), radius * np.sin(np.radians(t)), height) for t in angles
    ]


def _moved(points: Sequence[Point], x: float, y: float) -> tuple[Point, ...]:
    return tuple((px + x, py + y) for px, py in points)


_H = METAL_HEIGHT_A
_HEXAGON: tuple[Point, ...] = tuple(
    (x * _A / 2, y * _D / 2) for x, y in ((0, 2), (0, -2), (1, 1), (1, -1), (-1, 1), (-1, -1))
)
_SLANTED: tuple[Point, ...] = ((-_A / 4, _D / 4), (_A / 4, -_D / 4))
_TRIMER = tuple((x + _A / 2, y, z) for x, y, z in _ring(1.35, (0, 120, 240), 0.4))

VACANCIES: dict[Shape, Vacancy] = {
    # M-N2: M-N4 whose one side is opened and closed with hydrogen.
    (1, 2): Vacancy(_BOND, ((0.0, 0.0, _H),), capped=((-_A / 2, _D), (_A / 2, _D))),
    # M-N3: one carbon replaced.
    (1, 3): Vacancy(_BOND[1:], ((0.0, _D / 2, 1.1),)),
    # M-N4: two bonded carbons replaced by one metal at the middle of their bond.
    (1, 4): Vacancy(_BOND, ((0.0, 0.0, _H),)),
    # M1M2-N5: three carbons in a row; the middle nitrogen is shared.
    (2, 5): Vacancy((*_BOND, (_A / 2, _D)), ((-0.27, -0.35, 0.8), (0.79, 1.47, 0.8))),
    # M1M2-N6: two parallel bonds across a hexagon; two nitrogens are shared.
    (2, 6): Vacancy((*_BOND, *_moved(_BOND, -_A, 0.0)), ((0.0, 0.0, _H), (-_A, 0.0, _H))),
    # M1M2-N7: two bonds at 60 degrees whose shells share one atom, 3.69 A apart.
    (2, 7): Vacancy(
        (*_BOND, *_moved(_SLANTED, -0.75 * _A, 2.25 * _D)),
        ((0.0, 0.0, _H), (-0.75 * _A, 2.25 * _D, _H)),
        repeats=5,
    ),
    # M1M2-N8 (four vacancies): the nearest bonds that share no atom, 4.26 A apart.
    (2, 8): Vacancy(
        (*_BOND, *_moved(_BOND, -1.5 * _A, 1.5 * _D)),
        ((0.0, 0.0, _H), (-1.5 * _A, 1.5 * _D, _H)),
        repeats=6,
    ),
    # M3-N6: a whole hexagon; each metal of the triangle has two nitrogens.
    (3, 6): Vacancy(_moved(_HEXAGON, _A / 2, 0.0), _TRIMER, repeats=5),
    # M4-N6: the same with a fourth metal on top.
    (4, 6): Vacancy(
        _moved(_HEXAGON, _A / 2, 0.0), (*_TRIMER, (_A / 2, 0.0, 2.5)), repeats=5
    ),
}  # fmt: skip
"""Places on graphene by number of metals and of shell atoms."""
ADJACENT_OFFSET_A: Point = (-2 * _A, 0.0)
"""From the first to the second M-N4 of an adjacent pair: 4.92 A, no bond between the shells."""
ADJACENT: tuple[Shape, Shape] = ((1, 4), (1, 4))


def _opposite(x: float, z: float, turn: float) -> list[Point3]:
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return [(x * c, x * s, z), (-x * c, -x * s, z)]


# A metal in a hexagonal hole sits between two neighbouring nitrogens, which lie at 30, 90, ...
# degrees from x in C2N and at 0, 60, ... in g-C3N4; a pair in g-C3N4 points at two opposite
# ones, because only then a mirror exchanges its metals. N6 of two or more metals names the six
# nitrogens of the hole, however many of them are bonded.
CAVITIES: dict[str, dict[Shape, list[Point3]]] = {
    "C2N": {
        (1, 2): [(1.03, 0.0, 0.0)],
        (2, 6): _opposite(1.15, 0.0, 0.0),
        (3, 6): _ring(1.35, (0, 120, 240), 0.4),
        (4, 6): [*_ring(1.35, (0, 120, 240), 0.4), (0.0, 0.0, 2.5)],
    },
    "g-C3N4": {
        (1, 2): _ring(1.50, (30,), 1.3),
        (1, 6): [(0.0, 0.0, 0.3)],
        (2, 6): _opposite(1.10, 1.3, 0.0),
        (3, 6): _ring(1.35, (30, 150, 270), 1.3),
        (4, 6): [*_ring(1.35, (30, 150, 270), 1.3), (0.0, 0.0, 3.4)],
    },
    # Corners of the hole, each beside four sp carbons.
    "graphdiyne": {(n, 0): _ring(1.56, (210, 330, 90), 0.1)[:n] for n in (1, 2, 3)},
    "porphyrin": {(1, 4): [(0.0, 0.0, _H)]},
    "phthalocyanine": {(1, 4): [(0.0, 0.0, _H)]},
}  # fmt: skip
"""Metal positions (angstrom) relative to the middle of the cavity and the plane of the sheet."""
HOLE_NITROGEN = {"C2N": 6, "g-C3N4": 6}
"""Nitrogens around the hole of a support."""

SHELL_COUNTS: dict[str, dict[int, tuple[int, ...]]] = {}
"""Support -> number of metals -> possible numbers of shell atoms, the usual one first."""
for _name in SUPPORTS:
    _shapes = CAVITIES.get(_name, VACANCIES)
    for _metals, _count in sorted(_shapes, key=lambda s: abs(s[1] - 2 - 2 * s[0])):
        _row = SHELL_COUNTS.setdefault(_name, {})
        _row[_metals] = (*_row.get(_metals, ()), _count)


def shapes_of(support: str) -> set[tuple[Shape, ...]]:
    """Every combination of parts that can be built on a support."""
    if support in CAVITIES:
        return {(shape,) for shape in CAVITIES[support]}
    alone: set[tuple[Shape, ...]] = {(shape,) for shape in VACANCIES}
    if support == "nanoribbon":
        return alone
    beside = (*CLUSTER_SIZES, *(-n for n in SLAB_REPEATS))
    return alone | {ADJACENT} | {((1, 4), (n, 0)) for n in beside}
