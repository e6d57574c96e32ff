"""Metals, support, ligands and coordination shells of a structure, from distances alone.

Bonds are distances in units of covalent radii, with two rules that hold for metals of every
size and for relaxed, distorted sites. A carbon or nitrogen that has three neighbours in the
support already is no shell atom, however near a large metal comes to it; and an atom clearly
nearer to one metal than to another belongs to the nearer one.
"""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from adatom.errors import StructureError
from adatom.sites.bonds import BOND, Neighbours
from adatom.sites.notation import METALS

SHELL_BOND = 1.38
"""A shell atom lies below this multiple of the sum of the covalent radii,"""
SHELL_SPREAD = 1.48
"""below this multiple of the distance of the metal's nearest shell atom,"""
SHELL_GAP_A = 0.70
"""A shell ends where the next atom is this much farther away than the last one: more than the
stretch of a Jahn-Teller axis, less than the reach across the hole of C2N."""
SHARED = 1.30
"""and below this multiple of its distance to any other metal, in angstrom or in radii."""
METAL_BOND = 1.18
"""Metals are bonded below this multiple of the sum of their covalent radii."""
MAX_LIGAND_ATOMS = 8
"""Loose non-metal fragments up to this size are ligands or adsorbates, larger ones support."""
SLAB_FROM, SLAB_NEIGHBOURS = 8, 8
"""Least number of metals of a slab, and of metals near each of them (nine in two layers)."""

_METAL_NUMBERS = np.array(sorted(atomic_numbers[m] for m in METALS))
_THREE_NEIGHBOURS = np.array([6, 7])
"""Carbon and nitrogen bind three neighbours in a sheet."""


@dataclass(frozen=True)
class Contact:
    """One atom in the shell of a metal."""

    atom: int
    distance_A: float
    reduced: float
    """The distance in units of the sum of both covalent radii."""
    vector: np.ndarray
    """From the metal to the atom, angstrom, shape (3,)."""


@dataclass(frozen=True)
class Coordination:
    """Which atom plays which part."""

    metals: tuple[int, ...]
    support: tuple[int, ...]
    fragments: tuple[tuple[int, ...], ...]
    """Non-metal fragments that are not support: ligands and adsorbates."""
    shells: dict[int, tuple[Contact, ...]]
    """Metal -> atoms of the support bonded to it, nearest first."""
    resting: frozenset[int]
    """Metals that lie on the sheet: only atoms with all their bonds are near them."""
    held: dict[int, tuple[Contact, ...]]
    """Metal -> atoms of fragments bonded to it, nearest first."""
    groups: tuple[tuple[int, ...], ...]
    """Metals that belong together: bonded, or with a common or bonded shell atom or ligand."""
    bonds: tuple[np.ndarray, np.ndarray, np.ndarray]
    """Bonds between non-metals, each in both directions: first, second, cell of the second."""


def coordination(atoms: Atoms, near: Neighbours) -> Coordination:
    """Sort the atoms of a structure into metals, support and fragments, and find the shells.

    Raises :class:`~adatom.errors.StructureError` for a structure without a metal or support.
    """
    is_metal = np.isin(atoms.numbers, _METAL_NUMBERS)
    metals = np.flatnonzero(is_metal)
    if not len(metals):
        raise StructureError(
            f"{atoms.get_chemical_formula()} has no metal that can be a site (groups 3 to 12,"
            " Al, Ga, In, Sn, Sb, Bi); give a structure with one"
        )
    bonded = (near.reduced < BOND) & ~is_metal[near.first] & ~is_metal[near.second]
    first, second = near.first[bonded], near.second[bonded]
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(len(atoms),) * 2)
    labels = connected_components(graph, directed=False)[1]
    members: dict[int, list[int]] = {}
    for i in np.flatnonzero(~is_metal):
        members.setdefault(int(labels[i]), []).append(int(i))
    support = [i for m in members.values() if len(m) > MAX_LIGAND_ATOMS for i in m]
    fragments = [tuple(m) for m in members.values() if len(m) <= MAX_LIGAND_ATOMS]
    if not support:
        raise StructureError(
            f"{atoms.get_chemical_formula()} has no support: no connected non-metal atoms more"
            f" than {MAX_LIGAND_ATOMS}; give the whole structure"
        )
    in_support = np.zeros(len(atoms), dtype=bool)
    in_support[support] = True
    degree = np.bincount(first, minlength=len(atoms))
    saturated = (degree >= 3) & np.isin(atoms.numbers, _THREE_NEIGHBOURS) | (atoms.numbers == 1)
    reach = is_metal[near.first] & ~is_metal[near.second] & (near.reduced < SHELL_BOND)
    shells = _shells(near, reach & in_support[near.second] & ~saturated[near.second], metals)
    pairs = _joined(shells, first, second)
    resting = frozenset(int(m) for m in metals if int(m) not in shells)
    for metal in metals:
        if int(metal) in resting:
            on = reach & in_support[near.second] & (near.first == metal)
            on &= atoms.numbers[near.second] != 1
            shells.update(_shells(near, on, np.array([metal]), spread=1.15))
    held = _shells(near, reach & ~in_support[near.second], metals)
    touching = is_metal[near.first] & is_metal[near.second] & (near.reduced < METAL_BOND)
    pairs += zip(near.first[touching].tolist(), near.second[touching].tolist(), strict=True)
    for fragment in fragments:
        holders = [m for m, contacts in held.items() if any(c.atom in fragment for c in contacts)]
        pairs += [(m, n) for m in holders for n in holders if m < n]
    return Coordination(
        metals=tuple(int(m) for m in metals),
        support=tuple(sorted(support)),
        fragments=tuple(fragments),
        shells={int(m): shells.get(int(m), ()) for m in metals},
        resting=resting,
        held={int(m): held.get(int(m), ()) for m in metals},
        groups=_groups(metals, pairs),
        bonds=(first, second, near.shifts[bonded]),
    )


def is_slab(atoms: Atoms, group: tuple[int, ...]) -> bool:
    """Whether metals form a layer without edges: every one has at least eight near it."""
    if len(group) < SLAB_FROM:
        return False
    distances = atoms[list(group)].get_all_distances(mic=True) + 1e3 * np.eye(len(group))
    return bool(((distances < 1.25 * distances.min()).sum(axis=1) >= SLAB_NEIGHBOURS).all())


def _shells(
    near: Neighbours, allowed: np.ndarray, metals: np.ndarray, spread: float = SHELL_SPREAD
) -> dict[int, tuple[Contact, ...]]:
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return {}
    atom, distance = near.second[rows], near.distances[rows]
    size = int(max(near.first.max(), near.second.max())) + 1
    kept = np.zeros(len(rows), dtype=bool)
    for length in (distance, near.reduced[rows]):
        best_of_atom = np.full(size, np.inf)
        np.minimum.at(best_of_atom, atom, length)
        kept |= length <= SHARED * best_of_atom[atom]
    best_of_metal = np.full(size, np.inf)
    np.minimum.at(best_of_metal, near.first[rows][kept], distance[kept])
    kept &= distance <= spread * best_of_metal[near.first[rows]]
    found: dict[int, tuple[Contact, ...]] = {}
    for metal in metals:
        mine = rows[kept & (near.first[rows] == metal)]
        mine = mine[np.argsort(near.distances[mine], kind="stable")]
        mine = mine[: _until_gap(near.distances[mine])]
        if len(mine):
            found[int(metal)] = tuple(
                Contact(
                    int(near.second[r]),
                    float(near.distances[r]),
                    float(near.reduced[r]),
                    near.vectors[r],
                )
                for r in mine
            )
    return found


def _until_gap(distances: np.ndarray) -> int:
    """How many of the ascending distances come before the first gap."""
    gaps = np.flatnonzero(np.diff(distances) > SHELL_GAP_A)
    return int(gaps[0]) + 1 if len(gaps) else len(distances)


def _joined(
    shells: dict[int, tuple[Contact, ...]], first: np.ndarray, second: np.ndarray
) -> list[tuple[int, int]]:
    """Pairs of metals with a common shell atom or with shell atoms bonded to each other."""
    owner: dict[int, list[int]] = {}
    for metal, shell in shells.items():
        for contact in shell:
            owner.setdefault(contact.atom, []).append(metal)
    pairs = [(m, n) for owners in owner.values() for m in owners for n in owners if m < n]
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if i < j and i in owner and j in owner:
            pairs += [(m, n) for m in owner[i] for n in owner[j] if m != n]
    return pairs


def _groups(metals: np.ndarray, pairs: list[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    label = {int(m): int(m) for m in metals}
    for i, j in pairs:
        if label[i] != label[j]:
            old, new = label[j], label[i]
            label = {m: new if at == old else at for m, at in label.items()}
    groups: dict[int, list[int]] = {}
    for metal, at in label.items():
        groups.setdefault(at, []).append(metal)
    return tuple(tuple(group) for group in groups.values())
