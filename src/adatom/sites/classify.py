"""What a structure is, from its atoms alone: notation, shells, distances, family, asymmetry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from adatom.errors import StructureError
from adatom.sites.bonds import neighbours
from adatom.sites.naming import ADJACENT_A, name_site, support_name
from adatom.sites.shells import Contact, Coordination, coordination, is_slab

SEMICONDUCTORS = frozenset({"Sb"})
"""Centres that count as semiconductors in the asymmetry of composition."""
FAR_A = 8.0
"""Metals farther apart than this are not reported as a pair of distances, angstrom."""
MAX_ATOMS = 5000
CLUSTER_FROM = 4
"""Metals without shell atoms of their own are a cluster from this number on."""


@dataclass(frozen=True)
class Neighbour:
    """One atom of a coordination shell."""

    symbol: str
    index: int
    distance_A: float


@dataclass(frozen=True)
class Centre:
    """One metal and what surrounds it."""

    symbol: str
    index: int
    shell: tuple[Neighbour, ...]
    """Atoms of the support bonded to it, nearest first."""
    ligands: tuple[Neighbour, ...]
    """Atoms of ligands and adsorbates bonded to it, nearest first."""
    height_A: float
    """Distance from the mean plane of its shell; NaN with fewer than three shell atoms."""


@dataclass(frozen=True)
class MetalPair:
    """Two metals and what a common intermediate could do with them."""

    first: int
    second: int
    distance_A: float

    @property
    def synergy(self) -> str:
        """What this distance allows, by the usual ranges of the field."""
        if self.distance_A < 3.0:
            return "direct bond; both metals can bind one adsorbate (side-on O2, N2)"
        if self.distance_A < 4.2:
            return "indirect; one metal binds, the other can hold H2O or OH and pass protons"
        if 4.8 <= self.distance_A <= 6.2:
            return "an intermediate such as *COOH fits between both metals"
        return "no common intermediate expected at this distance"


@dataclass(frozen=True)
class Fragment:
    """A ligand or adsorbate: atoms that are not part of the support."""

    formula: str
    indices: tuple[int, ...]
    metals: tuple[int, ...]
    """Metals that it is bonded to; empty when it is loose."""


@dataclass(frozen=True)
class SiteClass:
    """What a structure is. Indices count the atoms of the structure from 0."""

    notation: str | None
    """None where the grammar has no name for it; ``remark`` then says why."""
    remark: str
    family: str
    support: str
    groups: tuple[tuple[int, ...], ...]
    """Metals that belong together: bonded, or with common or bonded shell atoms."""
    centres: tuple[Centre, ...]
    pairs: tuple[MetalPair, ...]
    """Every two metals up to ``FAR_A`` apart, nearest first."""
    nitrogen: str
    """pyridinic, pyrrolic, other or none: the kind of nitrogen in the shells."""
    fragments: tuple[Fragment, ...]
    asymmetry: tuple[str, ...]
    """Reasons why the site is asymmetric; empty for a symmetric one."""

    @property
    def nuclearity(self) -> int:
        """Metals of the largest group that is part of the sheet."""
        held = [g for g in self.groups if any(c.shell for c in self.centres if c.index in g)]
        return max(len(g) for g in held or self.groups)


def classify_site(atoms: Atoms, *, adsorbate: Sequence[int] = ()) -> SiteClass:
    """Say what a structure is; the atoms of ``adsorbate`` are left out.

    Raises :class:`~adatom.errors.StructureError` for a structure without a metal or without a
    support, with overlapping atoms, or larger than ``MAX_ATOMS``.
    """
    if len(atoms) > MAX_ATOMS:
        raise StructureError(f"the structure has {len(atoms)} atoms, at most {MAX_ATOMS} are read")
    kept = [i for i in range(len(atoms)) if i not in set(adsorbate)]
    if len(kept) < len(atoms):
        atoms = atoms[kept]
    near = neighbours(atoms)
    found = coordination(atoms, near)
    support = support_name(atoms, found)
    notation, remark = name_site(atoms, found, support)
    centres = tuple(_centre(atoms, found, m, kept) for m in found.metals)
    pairs = _pairs(atoms, found)
    return SiteClass(
        notation=notation,
        remark=remark,
        family=_family(atoms, found, pairs),
        support=support,
        groups=tuple(tuple(kept[m] for m in g) for g in found.groups),
        centres=centres,
        pairs=tuple(MetalPair(kept[p.first], kept[p.second], p.distance_A) for p in pairs),
        nitrogen=_nitrogen(atoms, found),
        fragments=_fragments(atoms, found, kept),
        asymmetry=_asymmetry(atoms, found),
    )


def _centre(atoms: Atoms, found: Coordination, metal: int, kept: Sequence[int]) -> Centre:
    def named(contacts: Sequence[Contact]) -> tuple[Neighbour, ...]:
        return tuple(Neighbour(atoms.symbols[c.atom], kept[c.atom], c.distance_A) for c in contacts)

    shell = found.shells[metal]
    height = float("nan")
    if len(shell) >= 3:
        vectors = np.array([c.vector for c in shell])
        normal = np.linalg.svd(vectors - vectors.mean(axis=0))[2][2]
        height = abs(float(vectors.mean(axis=0) @ normal))
    return Centre(
        symbol=atoms.symbols[metal],
        index=kept[metal],
        shell=() if metal in found.resting else named(shell),
        ligands=named(found.held[metal]),
        height_A=height,
    )


def _pairs(atoms: Atoms, found: Coordination) -> list[MetalPair]:
    metals = list(found.metals)
    pairs = []
    for n, metal in enumerate(metals[:-1]):
        distances = atoms.get_distances(metal, metals[n + 1 :], mic=True)
        pairs += [
            MetalPair(metal, other, float(d))
            for other, d in zip(metals[n + 1 :], distances, strict=True)
            if d <= FAR_A
        ]
    return sorted(pairs, key=lambda p: p.distance_A)


def _family(atoms: Atoms, found: Coordination, pairs: Sequence[MetalPair]) -> str:
    in_sheet = [g for g in found.groups if any(m not in found.resting for m in g)]
    clusters = [g for g in found.groups if g not in in_sheet]
    if not in_sheet:
        size = max(len(g) for g in clusters)
        return "metal atom on the sheet" if size == 1 else f"cluster of {size} on the sheet"
    size = max(len(g) for g in in_sheet)
    names = {1: "single atom", 2: "pair", 3: "trimer", 4: "tetramer"}
    family = names.get(size, f"cluster of {size}")
    if size == 2:
        group = next(g for g in in_sheet if len(g) == 2)
        family = f"pair, {_pair_kind(found, group)}"
    elif size == 1 and len(in_sheet) > 1:
        singles = {g[0] for g in in_sheet}
        nearest = min(
            (p.distance_A for p in pairs if {p.first, p.second} <= singles), default=np.inf
        )
        family = (
            "pair, adjacent but not bonded"
            if nearest <= ADJACENT_A
            else f"{len(in_sheet)} separate single atoms"
        )
    if clusters:
        largest = max(clusters, key=len)
        if is_slab(atoms, largest):
            family += " over a slab"
        else:
            size = len(largest)
            family += " beside " + (
                f"a cluster of {size}" if size >= CLUSTER_FROM else "metal on the sheet"
            )
    return family


def _pair_kind(found: Coordination, group: Sequence[int]) -> str:
    shells = [{c.atom for c in found.shells[m]} for m in group]
    held = [{c.atom for c in found.held[m]} for m in group]
    if held[0] & held[1]:
        return "bridged by a ligand"
    return "fused (shared shell atoms)" if shells[0] & shells[1] else "fused (touching shells)"


def _nitrogen(atoms: Atoms, found: Coordination) -> str:
    first, second, _ = found.bonds
    bonded: dict[int, set[int]] = {}
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        bonded.setdefault(i, set()).add(j)
    in_sheet = [m for m in found.metals if m not in found.resting]
    shell = {c.atom for m in in_sheet for c in found.shells[m] if atoms.symbols[c.atom] == "N"}
    # A nitrogen shared by two metals of a pair has one carbon only and belongs to no ring.
    kinds = {_ring_kind(bonded, n) for n in shell if len(bonded.get(n, ())) == 2}
    return kinds.pop() if len(kinds) == 1 else ("mixed" if kinds else "none")


def _ring_kind(bonded: dict[int, set[int]], nitrogen: int) -> str:
    """Pyridinic in a ring of six, pyrrolic in one of five (the metal not counted)."""
    start, end = bonded[nitrogen]
    reached, frontier = {start, nitrogen}, {start}
    for size in range(3, 7):
        frontier = {k for j in frontier for k in bonded[j]} - reached
        if end in frontier:
            return {5: "pyrrolic", 6: "pyridinic"}.get(size, "other")
        reached |= frontier
    return "other"


def _fragments(atoms: Atoms, found: Coordination, kept: Sequence[int]) -> tuple[Fragment, ...]:
    return tuple(
        Fragment(
            formula=atoms[list(fragment)].get_chemical_formula(),
            indices=tuple(kept[i] for i in fragment),
            metals=tuple(
                kept[m] for m in found.metals if any(c.atom in fragment for c in found.held[m])
            ),
        )
        for fragment in found.fragments
    )


def _asymmetry(atoms: Atoms, found: Coordination) -> tuple[str, ...]:
    """Reasons by the classification of the field: composition, coordination, size."""
    reasons = []
    in_sheet = [m for m in found.metals if m not in found.resting]
    kinds = {atoms.symbols[m] for m in in_sheet or found.metals}
    if len(kinds) > 1:
        semi = kinds & SEMICONDUCTORS
        what = "metal-metal"
        if semi:
            what = "semiconductor-semiconductor" if semi == kinds else "metal-semiconductor"
        reasons.append(f"composition ({what})")
    shells = {m: [atoms.symbols[c.atom] for c in found.shells[m]] for m in in_sheet}
    if any(len(set(shell)) > 1 for shell in shells.values()):
        reasons.append("coordination (lateral)")
    if any(0 < len(shell) < 4 for shell in shells.values()) and all(
        len(g) == 1 for g in found.groups
    ):
        reasons.append("coordination (low)")
    if len({tuple(sorted(shell)) for shell in shells.values()}) > 1:
        reasons.append("coordination (different shells)")
    holders = [
        sum(any(c.atom in fragment for c in found.held[m]) for m in found.metals)
        for fragment in found.fragments
    ]
    if 1 in holders:
        reasons.append("coordination (axial)")
    sizes = {len(g) for g in found.groups}
    if found.resting and len(sizes) > 1:
        reasons.append("size (single atom and cluster or slab)")
    return tuple(reasons)
