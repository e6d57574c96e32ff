"""A support with numbered places for metals and for the shell atoms around them.

The places are geometry alone; :func:`~adatom.sites.structure.build_site` puts elements in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.geometry import find_mic

from adatom.sites.sheets import BOND_A, CH_A, cavity_sheet, graphene_sheet, zigzag_ribbon
from adatom.sites.supports import (
    ADJACENT_OFFSET_A,
    CAVITIES,
    VACANCIES,
    Point,
    Shape,
    Vacancy,
)

_ENVIRONMENT_A = 6.0
"""Atoms this near to the middle of the site decide its symmetry."""
_SAME_A = 0.05
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Frame:
    """A sheet without metals; positions in angstrom, read-only."""

    sheet: Atoms
    slots: tuple[int, ...]
    """Atom index of each shell place, part by part, in cyclic order within a part."""
    metals: np.ndarray
    """Position of each metal that sits in the sheet, shape (metals, 3)."""
    symmetries: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    """Permutations (of metals, of shell places) that leave the place unchanged."""


@lru_cache(maxsize=128)
def frame(shapes: tuple[Shape, ...], support: str) -> Frame:
    """The sheet for these parts on this support.

    ``shapes`` is one of :func:`~adatom.sites.supports.shapes_of`; a cluster beside the site
    asks for room but has no places in the sheet.
    """
    if support in CAVITIES:
        return _cavity_frame(shapes[0], support)
    cut = [VACANCIES[shape] for shape in shapes if shape[1]]
    offsets: list[Point] = [(0.0, 0.0), ADJACENT_OFFSET_A]
    placed = [(v.removed, v.capped, v.metals, o) for v, o in zip(cut, offsets, strict=False)]
    if support == "nanoribbon":
        sheet = zigzag_ribbon(max(cut[0].repeats, 5))
        anchor = _edge_anchor(sheet, cut[0])
    else:
        sheet = graphene_sheet(_repeats(shapes, cut))
        anchor = _middle_anchor(sheet)
    removed: list[list[int]] = []
    opened: set[int] = set()
    metals = []
    for cut_points, capped, metal_points, (dx, dy) in placed:
        removed.append([_at(sheet, anchor, (x + dx, y + dy)) for x, y in cut_points])
        opened |= {_at(sheet, anchor, (x + dx, y + dy)) for x, y in capped}
        metals.append(anchor + np.array(metal_points) + [dx, dy, 0.0])
    gone = {i for group in removed for i in group} | opened
    slots: list[int] = []
    for group, points in zip(removed, metals, strict=True):
        around = sorted({j for i in group for j in _bonded(sheet, i)} - gone)
        slots += _in_cyclic_order(sheet, around, points.mean(axis=0))
    caps = [place for i in sorted(opened) for place in _caps(sheet, i, gone)]
    keep = [i for i in range(len(sheet)) if i not in gone]
    number = {old: new for new, old in enumerate(keep)}
    sheet = sheet[keep]
    if caps:
        sheet += Atoms(f"H{len(caps)}", positions=caps)
    return _finished(sheet, tuple(number[i] for i in slots), np.concatenate(metals))


def _repeats(shapes: tuple[Shape, ...], cut: Sequence[Vacancy]) -> int:
    if len(shapes) == 1:
        return cut[0].repeats
    beside = shapes[1][0]
    return -beside if beside < 0 else {4: 8, 13: 10}.get(beside, 6)


def _middle_anchor(sheet: Atoms) -> np.ndarray:
    """Middle of the vertical bond below the atom nearest to the middle of the cell."""
    middle = sheet.cell[:2].sum(axis=0) / 2.0
    middle[2] = sheet.positions[0, 2]
    # Every other atom has its vertical bond below it.
    uppers = sheet.positions[::2]
    above = uppers[np.argmin(np.linalg.norm(uppers - middle, axis=1))]
    return np.asarray(above - [0.0, BOND_A / 2, 0.0])


def _edge_anchor(sheet: Atoms, vacancy: Vacancy) -> np.ndarray:
    """The vertical bond nearest to the lower edge whose vacancy leaves every C-H in place."""
    x, y = sheet.positions[:, 0], sheet.positions[:, 1]
    from_edge = np.lexsort((abs(x - sheet.cell[0, 0] / 2.0), np.round(y, 2)))
    for i in (int(n) for n in from_edge if sheet.symbols[n] == "C"):
        if not any(y[j] > y[i] + 1.2 for j in _bonded(sheet, i)):
            continue  # no vertical bond above it
        anchor = sheet.positions[i] + [0.0, BOND_A / 2, 0.0]
        gone = [_at(sheet, anchor, p) for p in (*vacancy.removed, *vacancy.capped)]
        around = {j for k in gone for j in _bonded(sheet, k)} | set(gone)
        if all(_inside(sheet, j) for j in around):
            return np.asarray(anchor)
    raise AssertionError("a ribbon of six rows holds every vacancy")


def _inside(sheet: Atoms, i: int) -> bool:
    neighbours = _bonded(sheet, i)
    return sheet.symbols[i] == "C" and [sheet.symbols[j] for j in neighbours] == ["C"] * 3


def _cavity_frame(shape: Shape, support: str) -> Frame:
    sheet, centre = cavity_sheet(support)
    metals = centre + np.array(CAVITIES[support][shape])
    slots: list[int] = []
    if shape[1]:
        # The shell: the nitrogens nearest to any of the metals.
        nitrogen = np.flatnonzero(sheet.symbols == "N")
        nearest = np.min([_distances(sheet, nitrogen, metal) for metal in metals], axis=0)
        chosen = nitrogen[np.argsort(nearest, kind="stable")[: shape[1]]]
        slots = _in_cyclic_order(sheet, [int(i) for i in chosen], centre)
    return _finished(sheet, tuple(slots), metals)


def _distances(sheet: Atoms, indices: np.ndarray | list[int], point: np.ndarray) -> np.ndarray:
    return np.asarray(find_mic(sheet.positions[indices] - point, sheet.cell, sheet.pbc)[1])


def _at(sheet: Atoms, anchor: np.ndarray, point: Point) -> int:
    target = anchor + np.array([*point, 0.0])
    return int(np.argmin(_distances(sheet, list(range(len(sheet))), target)))


def _bonded(sheet: Atoms, i: int) -> list[int]:
    distances = _distances(sheet, list(range(len(sheet))), sheet.positions[i])
    return [int(j) for j in np.flatnonzero((distances > 0.1) & (distances < 1.1 * BOND_A))]


def _caps(sheet: Atoms, i: int, gone: set[int]) -> list[np.ndarray]:
    """Hydrogens that close the bonds broken by taking out atom ``i``, tilted out of the plane."""
    caps = []
    side = 1.0
    for j in _bonded(sheet, i):
        if j not in gone:
            bond = sheet.get_distance(j, i, mic=True, vector=True) + side * _UP
            caps.append(sheet.positions[j] + CH_A * bond / np.linalg.norm(bond))
            side = -side
    return caps


def _in_cyclic_order(sheet: Atoms, around: list[int], centre: np.ndarray) -> list[int]:
    vectors, _ = find_mic(sheet.positions[around] - centre, sheet.cell, sheet.pbc)
    angles = np.round(np.arctan2(vectors[:, 1], vectors[:, 0]) % (2 * np.pi), 6)
    return [around[n] for n in np.argsort(angles, kind="stable")]


def _finished(sheet: Atoms, slots: tuple[int, ...], metals: np.ndarray) -> Frame:
    metals.flags.writeable = False
    return Frame(sheet, slots, metals, _symmetries(sheet, slots, metals))


def _symmetries(
    sheet: Atoms, slots: tuple[int, ...], metals: np.ndarray
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Rotations and mirrors about the middle of the metals that map the place onto itself."""
    centre = metals.mean(axis=0)
    vectors, _ = find_mic(sheet.positions - centre, sheet.cell, sheet.pbc)
    kinds = np.array([0 if i in slots else n for i, n in enumerate(sheet.numbers)])
    shifts = (-1, 0, 1) if sheet.pbc.all() else (0,)
    images = [i * sheet.cell[0] + j * sheet.cell[1] for i in shifts for j in shifts]
    around = np.concatenate([vectors + image for image in images])
    near = np.linalg.norm(around, axis=1) < _ENVIRONMENT_A
    around, kinds = around[near], np.tile(kinds, len(images))[near]
    places, shell = metals - centre, vectors[list(slots)]
    found = []
    for mirror in (1.0, -1.0):
        for turn in range(12):
            c, s = np.cos(turn * np.pi / 6), np.sin(turn * np.pi / 6)
            operation = np.array([[c, -s * mirror, 0.0], [s, c * mirror, 0.0], [0.0, 0.0, 1.0]])
            maps = [_matched(p @ operation.T, p) for p in (places, shell, around)]
            if any(m is None for m in maps) or not np.array_equal(
                kinds[list(maps[2] or ())], kinds
            ):
                continue
            found.append((maps[0], maps[1]))
    return tuple(dict.fromkeys((m, s) for m, s in found if m is not None and s is not None))


def _matched(moved: np.ndarray, fixed: np.ndarray) -> tuple[int, ...] | None:
    """For each moved point the fixed one at its place, or None when one has none."""
    if len(fixed) == 0:
        return ()
    distances = np.linalg.norm(moved[:, None] - fixed[None], axis=2)
    nearest = distances.argmin(axis=1)
    if distances.min(axis=1).max() > _SAME_A or len(set(nearest.tolist())) < len(fixed):
        return None
    return tuple(int(n) for n in nearest)
