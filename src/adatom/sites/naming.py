"""From a structure back to its notation: which support, which place in it, which isomer."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.geometry import find_mic

from adatom.sites.frames import frame
from adatom.sites.notation import AXIAL, BRIDGES, Part, Site, equivalent_sites
from adatom.sites.shells import Contact, Coordination, is_slab
from adatom.sites.supports import HOLE_NITROGEN, SUPPORTS, Shape, shapes_of

_FRAGMENTS = {
    ("O",): "O", ("H", "O"): "OH", ("H", "H", "O"): "OH2", ("Cl",): "Cl", ("C", "N"): "CN",
    ("N",): "N", ("H", "H", "H", "N"): "NH3",
}  # fmt: skip
_BINDS_BY = {"O": "O", "OH": "O", "OH2": "O", "Cl": "Cl", "CN": "C", "N": "N", "NH3": "N"}
_MACROCYCLES = {(20, 4): "porphyrin", (32, 8): "phthalocyanine"}
"""By their numbers of carbon and nitrogen atoms."""
_ENVIRONMENT_A = 6.5
"""Atoms of the sheet up to this far from the site are compared to tell its isomers apart."""
ADJACENT_A = 6.5
"""Up to this distance two separate single atoms are an adjacent pair (sites at 4 to 6 A, and
room for relaxation), angstrom."""
_APART = "apart"
"""Stands for a fragment that another group holds, or none."""


def support_name(atoms: Atoms, found: Coordination) -> str:
    """Name of the support, or ``other`` for one that adatom does not know."""
    support = np.array(found.support)
    numbers = atoms.numbers[support]
    carbon, nitrogen = int(np.sum(numbers == 6)), int(np.sum(numbers == 7))
    rank = _periodic_directions(atoms, found)
    if rank == 0:
        return _MACROCYCLES.get((carbon, nitrogen), "other")
    if rank == 2 and carbon:
        return _sheet_name(carbon, nitrogen, _sp_carbons(atoms, found))
    return "nanoribbon" if rank == 1 else "other"


def _sheet_name(carbon: int, nitrogen: int, sp: int) -> str:
    ratio = nitrogen / carbon
    if sp > 0.5 * carbon:
        return "graphdiyne"
    if 0.45 < ratio < 0.55:
        return "C2N"
    if 1.2 < ratio < 1.5:
        return "g-C3N4"
    return "graphene" if ratio < 0.45 else "other"


def _sp_carbons(atoms: Atoms, found: Coordination) -> int:
    """Carbons of the support with two neighbours."""
    support = np.array(found.support)
    degree = np.bincount(found.bonds[0], minlength=len(atoms))
    return int(np.sum((atoms.numbers[support] == 6) & (degree[support] == 2)))


def _periodic_directions(atoms: Atoms, found: Coordination) -> int:
    """In how many directions the bonds of the support go on for ever."""
    if not atoms.pbc.any():
        return 0
    bonded: dict[int, list[tuple[int, list[int]]]] = {}
    for i, j, shift in zip(*(b.tolist() for b in found.bonds), strict=True):
        bonded.setdefault(i, []).append((j, shift))
    best = 0
    cells: dict[int, tuple[int, ...]] = {}
    for start in found.support:
        if start in cells:
            continue
        # Walk the bonds; atoms met again in another cell give the directions without end.
        cells[start], waiting, repeats = (0, 0, 0), [start], set()
        while waiting:
            i = waiting.pop()
            for j, shift in bonded.get(i, ()):
                there = tuple(c + s for c, s in zip(cells[i], shift, strict=True))
                if j not in cells:
                    cells[j] = there
                    waiting.append(j)
                elif there != cells[j]:
                    repeats.add(tuple(a - b for a, b in zip(there, cells[j], strict=True)))
        if repeats:
            best = max(best, int(np.linalg.matrix_rank(np.array(sorted(repeats)))))
    return best


def name_site(atoms: Atoms, found: Coordination, support: str) -> tuple[str | None, str]:
    """The notation, or None with the reason why there is none."""
    if support not in SUPPORTS:
        return None, "its support is none of: " + ", ".join(SUPPORTS)
    if _extra_hydrogen(atoms, found, support):
        return None, "it has hydrogen on the sheet beside the site"
    apart = _nearest_groups_A(atoms, found)
    if apart > ADJACENT_A:
        return None, f"its sites are {apart:.1f} A apart: separate, not the pair that '+' names"
    groups = sorted(found.groups, key=lambda g: (not _shell_of(found, g), g))
    parts: list[Part] = []
    for group in groups:
        part, remark = _part(atoms, found, group, support)
        if part is None:
            return None, remark
        parts.append(part)
    site = Site(tuple(parts), support)
    if site.shapes not in shapes_of(support):
        return None, f"no notation for this combination on {support}: {site}"
    return str(site), ""


def _nearest_groups_A(atoms: Atoms, found: Coordination) -> float:
    """Shortest distance between the metals of two groups in the sheet; zero with fewer than two."""
    groups = [g for g in found.groups if not set(g) & found.resting]
    distances = [
        float(atoms.get_distances(m, list(other), mic=True).min())
        for n, group in enumerate(groups)
        for other in groups[n + 1 :]
        for m in group
    ]
    return min(distances, default=0.0)


def _extra_hydrogen(atoms: Atoms, found: Coordination, support: str) -> bool:
    """Whether a nitrogen, or a carbon inside graphene, carries hydrogen.

    Only M-N2, whose vacancy is closed with four, has hydrogen inside graphene.
    """
    first, second, _ = found.bonds
    inside = np.isin(first, found.support) & (atoms.numbers[second] == 1)
    if np.any(atoms.numbers[first[inside]] == 7):
        return True
    alone = [g[0] for g in found.groups if len(g) == 1]
    two = sum(len(found.shells[m]) == 2 for m in alone if m not in found.resting)
    return support == "graphene" and int(inside.sum()) != 4 * two


def _shell_of(found: Coordination, group: Sequence[int]) -> list[Contact]:
    """Contacts of a group, each shell atom once (from its nearest metal)."""
    best: dict[int, Contact] = {}
    for metal in set(group) - found.resting:
        for contact in found.shells[metal]:
            if contact.atom not in best or contact.distance_A < best[contact.atom].distance_A:
                best[contact.atom] = contact
    return list(best.values())


def _part(
    atoms: Atoms, found: Coordination, group: tuple[int, ...], support: str
) -> tuple[Part | None, str]:
    if set(group) <= found.resting and is_slab(atoms, group):
        return Part((atoms.symbols[group[0]],), slab=True), ""
    ligands = [_ligand_name(atoms, found, f, group) for f in found.fragments]
    held = [(name, metal) for name, metal in ligands if name != _APART]
    ligand, holder = held[0] if held else ("", -1)
    contacts = _shell_of(found, group)
    symbols = sorted(atoms.symbols[c.atom] for c in contacts)
    if support in HOLE_NITROGEN and len(group) > 1:
        symbols = ["N"] * HOLE_NITROGEN[support]
    shape = (len(group), len(symbols))
    bare = support == "graphdiyne" or not contacts
    if len(held) > 1 or (held and not ligand) or (ligand == "NH3" and symbols != ["N"] * 4):
        return None, "its ligands are none that the notation knows: " + ", ".join(
            atoms[list(f)].get_chemical_formula() for f in found.fragments
        )
    if not bare and (shape,) not in shapes_of(support):
        text = "".join(f"{s}{symbols.count(s)}" for s in dict.fromkeys(symbols))
        return None, f"no notation for {len(group)} metal(s) with a shell {text} on {support}"
    # The metal that holds an axial ligand comes first, one that rests on the others last.
    first = -1 if ligand.startswith("mu-") else holder
    ordered = sorted(group, key=lambda m: (m != first, m in found.resting, m))
    part = Part(tuple(atoms.symbols[m] for m in ordered), () if bare else tuple(symbols), ligand)
    if len(set(part.shell)) > 1:
        part = _isomer(atoms, found, ordered, contacts, part, support)
    return part, ""


def _ligand_name(
    atoms: Atoms, found: Coordination, fragment: tuple[int, ...], group: tuple[int, ...]
) -> tuple[str, int]:
    """Name of a fragment as ligand of this group and the metal that holds it.

    ``_APART`` when the group does not hold it; empty when it has no name.
    """
    holders = {
        metal: next(c for c in found.held[metal] if c.atom in fragment)
        for metal in group
        if any(c.atom in fragment for c in found.held[metal])
    }
    if not holders:
        return _APART, -1
    metal = min(holders, key=lambda m: holders[m].reduced)
    name = _FRAGMENTS.get(tuple(sorted(atoms.symbols[i] for i in fragment)), "")
    binding = atoms.symbols[holders[metal].atom]
    if _BINDS_BY.get(name) != binding:
        return "", metal
    if len(holders) > 1:
        bridge = f"mu-{name}"
        return (bridge if bridge in BRIDGES else ""), metal
    return (name if name in (*AXIAL, "NH3") else ""), metal


def _isomer(
    atoms: Atoms,
    found: Coordination,
    ordered: Sequence[int],
    contacts: Sequence[Contact],
    part: Part,
    support: str,
) -> Part:
    """Put a mixed shell into the places of the frame that it fits best, up to symmetry."""
    where = {ordered[0]: np.zeros(3)}
    for metal in ordered[1:]:
        where[metal] = atoms.get_distance(ordered[0], metal, mic=True, vector=True)
    owner = {c.atom: m for m in ordered for c in found.shells[m] if c in contacts}
    shell = np.array([where[owner[c.atom]] + c.vector for c in contacts])
    metals = np.array([where[m] for m in ordered])
    centre = metals.mean(axis=0)
    around = _offsets(atoms, list(found.support), atoms.positions[ordered[0]]) - centre
    axes = _plane(np.concatenate([shell, metals]) - centre)
    flat_shell, flat_metals = (shell - centre) @ axes, (metals - centre) @ axes
    flat_around = around @ axes
    cyclic = np.argsort(np.arctan2(flat_shell[:, 1], flat_shell[:, 0]))
    target_shell, target_metals, target_around = _targets(part.shape, support)
    best: tuple[float, list[int], list[int]] | None = None
    for direction in (1, -1):
        for turn in range(len(cyclic)):
            order = np.roll(cyclic[::direction], turn)
            cost, rotation = _fit(flat_shell[order], target_shell)
            to_metal = _distances(flat_metals @ rotation.T, target_metals)
            # The sheet around tells an edge from the inside.
            to_sheet = _distances(target_around, flat_around @ rotation.T).min(axis=1)
            cost += float(
                np.sum(to_metal.min(axis=1) ** 2) + np.sum(np.minimum(to_sheet, 1.0) ** 2)
            )
            places = to_metal.argmin(axis=1).tolist()
            if len(set(places)) == len(places) and (best is None or cost < best[0]):
                best = cost, order.tolist(), places
    assert best is not None
    by_place = sorted(range(len(ordered)), key=lambda n: best[2][n])
    symbols = tuple(atoms.symbols[contacts[n].atom] for n in best[1])
    names = tuple(atoms.symbols[ordered[n]] for n in by_place)
    written = Site((Part(names, symbols, part.ligand),), support)
    return min(equivalent_sites(written), key=lambda s: _rank(s, part.metals)).parts[0]


def _rank(site: Site, wanted: tuple[str, ...]) -> tuple[bool, int, str]:
    """The order of the metals as in the file, then the shortest text, then the alphabet."""
    text = str(site)
    # N before other elements, as the field writes it.
    return site.metals != wanted, len(text), text.replace("N", "A", 1) if "-N" in text else text


def _plane(points: np.ndarray) -> np.ndarray:
    """Two axes of the plane of the points, shape (3, 2)."""
    return np.asarray(np.linalg.svd(points)[2][:2].T)


@lru_cache(maxsize=64)
def _targets(shape: Shape, support: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shell, metals and sheet of a frame around the middle of its metals, in its plane."""
    place = frame((shape,), support)
    centre = place.metals.mean(axis=0)
    offsets = _offsets(place.sheet, list(range(len(place.sheet))), centre)
    near = np.linalg.norm(offsets, axis=1) < _ENVIRONMENT_A
    return offsets[list(place.slots), :2], (place.metals - centre)[:, :2], offsets[near, :2]


def _offsets(atoms: Atoms, indices: Sequence[int], origin: np.ndarray) -> np.ndarray:
    return np.asarray(find_mic(atoms.positions[indices] - origin, atoms.cell, atoms.pbc)[0])


def _distances(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(points[:, None] - targets[None], axis=2))


def _fit(points: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Least squares rotation (or mirror) about the origin; the sum of squares left."""
    u, s, vt = np.linalg.svd(points.T @ targets)
    rotation = (u @ vt).T
    return float(np.sum(points**2) + np.sum(targets**2) - 2 * s.sum()), rotation
