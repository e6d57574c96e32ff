"""Adsorbates on a site: every distinct starting geometry, and what a relaxation made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii

from adatom.errors import AdatomError
from adatom.sites.bonds import bonded, neighbours
from adatom.sites.shells import coordination

Outcome = Literal["adsorbed", "desorbed", "dissociated", "moved"]

_TILT = np.radians(70.0)
"""Angle from the surface normal of the second atom: an M-O-H angle of 110 degrees."""
_SECOND_ATOM = np.array([np.sin(_TILT), 0.0, np.cos(_TILT)])
_UP = np.array([0.0, 0.0, 1.0])
_FLAT = np.array([1.0, 0.0, 0.0])


def _chain(*atoms: tuple[str, Sequence[float] | np.ndarray]) -> tuple[tuple[str, ...], np.ndarray]:
    symbols, offsets = zip(*atoms, strict=True)
    return symbols, np.array(offsets, dtype=float)


# Offsets (angstrom) from the anchor atom; O-H 0.98, O-O 1.45 (1.30 in O2), gas-like angles.
GEOMETRIES: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
    "*H": (("H",), np.zeros((1, 3))),
    "*O": (("O",), np.zeros((1, 3))),
    "*OH": (("O", "H"), np.array([[0.0, 0.0, 0.0], 0.98 * _SECOND_ATOM])),
    "*OOH": (
        ("O", "O", "H"),
        np.array(
            [
                [0.0, 0.0, 0.0],
                1.45 * _SECOND_ATOM,
                1.45 * _SECOND_ATOM + np.array([-0.40, 0.0, 0.89]),
            ]
        ),
    ),
    "*O2": _chain(("O", (0, 0, 0)), ("O", 1.30 * np.array([0.85, 0, 0.53]))),
    "*H2O": _chain(("O", (0, 0, 0)), ("H", (0.35, 0.77, 0.48)), ("H", (0.35, -0.77, 0.48))),
    "*N2": _chain(("N", (0, 0, 0)), ("N", 1.12 * _UP)),
    "*CO": _chain(("C", (0, 0, 0)), ("O", 1.15 * _UP)),
    "*NO": _chain(("N", (0, 0, 0)), ("O", 1.17 * np.array([0.64, 0, 0.77]))),
}
"""Symbols, and offsets from the anchoring atom (the first), shape (atoms, 3), angstrom."""

SIDE_ON = {"*O2": 1.40, "*N2": 1.18, "*CO": 1.20, "*NO": 1.22}
"""Diatomic molecules that may lie down, and the length of their bond then, angstrom."""

BRIDGE_REACH_A = 4.2
"""Metals farther apart than this share no adsorbate, angstrom."""
TURNS_DEG = (0.0, 90.0, 180.0, 270.0)
"""Directions in which the tail of an adsorbate starts."""
FACES_DIFFER_A = 0.3
"""Atoms farther than this from the mean plane make the two faces of a site different."""
METAL_OUT_A = 1.0
"""A metal this far above the plane of its shell has left it, angstrom."""
_SAME_START_A = 0.02


def starting_geometries(site_atoms: Atoms, adsorbate: str) -> list[tuple[str, Atoms]]:
    """Every symmetry-distinct start of an adsorbate on a built or relaxed site.

    Atop each metal, bridging and (diatomic molecules) side-on over each two metals near enough,
    side-on over one, turned about the normal, on both faces where they differ; a start
    in which atoms overlap is left out. Returns names of positions and atoms;
    ``info['metals']`` and ``info['adsorbate']`` are set as by :func:`place_adsorbate`.
    Raises :class:`~adatom.errors.AdatomError` for an unknown adsorbate.
    """
    names = _positions(site_atoms, adsorbate)
    faces = ("",) if _faces_alike(site_atoms) else ("", " below")
    turns = TURNS_DEG if _has_tail(adsorbate) else TURNS_DEG[:1]
    kept: list[tuple[str, Atoms]] = []
    seen: list[np.ndarray] = []
    for face in faces:
        for name in names:
            for turn in turns[: 2 if name.startswith("side-on") and "-" in name[8:] else None]:
                text = name + (f" turned {turn:.0f}" if turn else "") + face
                atoms = place_adsorbate(site_atoms, adsorbate, text)
                mark = _fingerprint(atoms)
                if _crowded(atoms) or any(
                    np.allclose(mark, other, atol=_SAME_START_A) for other in seen
                ):
                    continue
                seen.append(mark)
                kept.append((text, atoms))
    return kept


def _positions(atoms: Atoms, adsorbate: str) -> list[str]:
    metals = list(atoms.info["metals"])
    one = len(metals) == 1
    names = ["atop"] if one else [f"atop-{n + 1}" for n in range(len(metals))]
    near = [
        (i, j)
        for i in range(len(metals))
        for j in range(i + 1, len(metals))
        if atoms.get_distance(metals[i], metals[j], mic=True) <= BRIDGE_REACH_A
    ]
    both = len(metals) == 2
    names += ["bridge" if both else f"bridge-{i + 1}-{j + 1}" for i, j in near]
    if adsorbate in SIDE_ON:
        names += ["side-on" if one else f"side-on-{n + 1}" for n in range(len(metals))]
        names += [f"side-on-{i + 1}-{j + 1}" for i, j in near]
    return names


def place_adsorbate(site_atoms: Atoms, adsorbate: str, position: str) -> Atoms:
    """Add an adsorbate to a built or relaxed site, one covalent bond above its metal(s).

    ``position`` is ``atop``, ``bridge`` or ``side-on``, with the numbers of the metals where
    there are more (``atop-2``, ``bridge-1-2``), then ``turned DEGREES`` and ``below``.
    ``site_atoms.info['metals']`` names the metals; the adsorbate's atoms come last and
    their indices are in ``info['adsorbate']``, the anchor first.
    Raises :class:`~adatom.errors.AdatomError` for an unknown adsorbate or position.
    """
    if adsorbate not in GEOMETRIES:
        raise AdatomError(
            f"adsorbate '{adsorbate}' has no geometry; known: {', '.join(GEOMETRIES)}"
        )
    symbols, offsets = GEOMETRIES[adsorbate]
    metals = list(site_atoms.info["metals"])
    kind, numbers, turn, below = _read_position(position)
    if kind == "bridge" and not numbers:
        numbers = (1, 2)
    hosts = [metals[n - 1] for n in numbers or (1,) if n <= len(metals)]
    if len(hosts) != len(numbers or (1,)) or (kind == "side-on" and adsorbate not in SIDE_ON):
        raise AdatomError(
            f"position '{position}' does not exist for {adsorbate} on {len(metals)} metal(s)"
        )
    anchor, outward = _anchor(site_atoms, hosts, symbols[0])
    if kind == "side-on":
        length = SIDE_ON[adsorbate]
        if len(hosts) == 2:
            outward = np.array([outward[1], -outward[0]])  # along the axis of the pair
            anchor = anchor + 0.2 * _UP
        start = anchor - 0.5 * length * np.array([*_turned(outward, turn), 0.0])
        offsets = np.array([[0.0, 0.0, 0.0], length * _FLAT])
    else:
        start = anchor
    outward = _turned(outward, turn)
    rotation = np.array([[outward[0], -outward[1], 0], [outward[1], outward[0], 0], [0, 0, 1.0]])
    points = start + offsets @ rotation.T
    if below:
        plane = site_atoms.positions[hosts, 2].mean()
        points[:, 2] = 2.0 * plane - points[:, 2]
    atoms = site_atoms.copy()
    first = len(atoms)
    atoms += Atoms(symbols, positions=points)
    atoms.info["adsorbate"] = list(range(first, first + len(symbols)))
    atoms.info["metals"] = metals
    return atoms


def starting_metals(position: str) -> tuple[int, ...]:
    """Which metals of the site (0, 1, ...) an adsorbate starts on, from its position's name.

    Raises :class:`~adatom.errors.AdatomError` for an unknown one.
    """
    kind, numbers, _, _ = _read_position(position)
    return tuple(n - 1 for n in numbers) or ((0, 1) if kind == "bridge" else (0,))


def _read_position(position: str) -> tuple[str, tuple[int, ...], float, bool]:
    words = position.split()
    below = words[-1:] == ["below"]
    if below:
        words.pop()
    turn = 0.0
    if len(words) == 3 and words[1] == "turned":
        turn = float(words[2])
        words = words[:1]
    for kind in ("atop", "bridge", "side-on"):
        rest = words[0].removeprefix(kind) if words else ""
        numbers = rest.split("-")[1:]
        if len(words) == 1 and words[0].startswith(kind) and all(n.isdigit() for n in numbers):
            return kind, tuple(int(n) for n in numbers), turn, below
    raise AdatomError(f"position '{position}' is unknown; expected atop, bridge or side-on")


def _turned(direction: np.ndarray, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([c * direction[0] - s * direction[1], s * direction[0] + c * direction[1]])


def _anchor(atoms: Atoms, hosts: list[int], symbol: str) -> tuple[np.ndarray, np.ndarray]:
    """Position of the anchoring atom, and the in-plane direction in which the tail points."""
    radii = [_bond_length(atoms.symbols[h], symbol) for h in hosts]
    start = np.asarray(atoms.positions[hosts[0]])
    if len(hosts) == 1:
        return start + np.array([0.0, 0.0, radii[0]]), np.array([1.0, 0.0])
    across = atoms.get_distance(hosts[0], hosts[1], mic=True, vector=True)
    half = 0.5 * float(np.linalg.norm(across))
    height = float(np.sqrt(max(float(np.mean(radii)) ** 2 - half**2, 0.25)))
    planar = across[:2] / np.linalg.norm(across[:2])
    return start + across / 2.0 + np.array([0.0, 0.0, height]), np.array([-planar[1], planar[0]])


def _bond_length(a: str, b: str) -> float:
    return float(covalent_radii[atomic_numbers[a]] + covalent_radii[atomic_numbers[b]])


def _has_tail(adsorbate: str) -> bool:
    """Whether turning the adsorbate about the normal changes it."""
    offsets = GEOMETRIES[adsorbate][1] if adsorbate in GEOMETRIES else np.zeros((1, 3))
    return adsorbate in SIDE_ON or bool(np.any(np.abs(offsets[:, :2]) > 1e-6))


def _faces_alike(atoms: Atoms) -> bool:
    """Whether nothing of the site stands out of its plane."""
    heights = atoms.positions[:, 2] - np.median(atoms.positions[:, 2])
    return bool(np.max(np.abs(heights)) < FACES_DIFFER_A)


def _crowded(atoms: Atoms) -> bool:
    """Whether the adsorbate starts inside another atom."""
    adsorbate = list(atoms.info["adsorbate"])
    others = [i for i in range(len(atoms)) if i not in adsorbate]
    return any(
        float(distance) < 0.7 * _bond_length(atoms.symbols[i], atoms.symbols[j])
        for i in adsorbate
        for j, distance in zip(others, atoms.get_distances(i, others, mic=True), strict=True)
    )


def _fingerprint(atoms: Atoms) -> np.ndarray:
    """Sorted distances from each atom of the adsorbate to every other, equal for equal starts.

    Two starts that a symmetry of the site maps onto each other have the same distances to
    the same elements; the height of the metal above the sheet is part of them.
    """
    marks = []
    for i in atoms.info["adsorbate"]:
        distances = atoms.get_distances(i, range(len(atoms)), mic=True)
        order = np.lexsort((np.round(distances, 3), atoms.numbers))
        marks.append(distances[order])
    return np.array(marks)


@dataclass(frozen=True)
class Binding:
    """What a relaxation made of an adsorbate."""

    outcome: Outcome
    """adsorbed on a metal of the site; moved to the support; dissociated; desorbed."""
    metals: tuple[int, ...]
    """Which metals of the site (0, 1, ...) it is bonded to."""
    atoms: tuple[int, ...] = ()
    """Which of its atoms (0 the anchor) are bonded to a metal of the site."""


def classify(atoms: Atoms) -> Binding:
    """Say what became of the adsorbate of a relaxed structure, from its bonds alone.

    An adsorbate that fell into pieces has dissociated; one bonded to a metal of the site is
    adsorbed (wherever on the site it ended); one bonded only to the support has moved; one
    bonded to nothing has desorbed.
    """
    adsorbate = list(atoms.info["adsorbate"])
    metals = list(atoms.info["metals"])
    reached, frontier = {adsorbate[0]}, {adsorbate[0]}
    while frontier:
        frontier = {j for i in frontier for j in adsorbate if bonded(atoms, i, j)} - reached
        reached |= frontier
    if len(reached) < len(adsorbate):
        return Binding("dissociated", ())
    pairs = [
        (n, k) for n, m in enumerate(metals) for k, i in enumerate(adsorbate) if bonded(atoms, m, i)
    ]
    if pairs:
        return Binding(
            "adsorbed", tuple(sorted({n for n, _ in pairs})), tuple(sorted({k for _, k in pairs}))
        )
    support = set(range(len(atoms))) - set(adsorbate) - set(metals)
    if any(bonded(atoms, i, j) for i in adsorbate for j in support):
        return Binding("moved", ())
    return Binding("desorbed", ())


def relaxation_events(start: Atoms, relaxed: Atoms) -> tuple[str, ...]:
    """What happened to a site between the start and the end of a relaxation, one line each.

    Empty when the adsorbate (if any) is bonded as it started and every metal kept its shell
    and its place in it. Structures without metals (molecules) have no events.
    """
    if not relaxed.info.get("metals"):
        return ()
    lines = []
    if "adsorbate" in relaxed.info:
        before, after = classify(start), classify(relaxed)
        if after.outcome != "adsorbed":
            lines.append(f"adsorbate {after.outcome}")
        elif before.outcome == "adsorbed" and before.metals != after.metals:
            names = [
                "+".join(relaxed.symbols[relaxed.info["metals"][n]] for n in binding.metals)
                for binding in (before, after)
            ]
            lines.append(f"adsorbate migrated from {names[0]} to {names[1]}")
    return (*lines, *_site_events(start, relaxed))


def _site_events(start: Atoms, relaxed: Atoms) -> list[str]:
    metals = list(relaxed.info["metals"])
    shells, heights = zip(*(_shells(a) for a in (start, relaxed)), strict=True)
    lines = []
    for metal in metals:
        name = f"{relaxed.symbols[metal]} (atom {metal})"
        if shells[0][metal] != shells[1][metal]:
            texts = [relaxed.symbols[sorted(s[metal])].get_chemical_formula() for s in shells]
            lines.append(f"site reconstructed: shell of {name} {texts[0]} -> {texts[1]}")
        if heights[1][metal] > METAL_OUT_A > heights[0][metal]:
            lines.append(f"metal left the plane: {name} {heights[1][metal]:.2f} A above its shell")
    return lines


def _shells(atoms: Atoms) -> tuple[dict[int, frozenset[int]], dict[int, float]]:
    """Shell atoms and height above the shell of each metal, the adsorbate left out."""
    bare = atoms[: len(atoms) - len(atoms.info.get("adsorbate", ()))]
    found = coordination(bare, neighbours(bare))
    heights = {}
    for metal, shell in found.shells.items():
        vectors = np.array([c.vector for c in shell]).reshape(-1, 3)
        heights[metal] = 0.0
        if len(shell) >= 3:
            normal = np.linalg.svd(vectors - vectors.mean(axis=0))[2][2]
            heights[metal] = abs(float(vectors.mean(axis=0) @ normal))
    return {m: frozenset(c.atom for c in s) for m, s in found.shells.items()}, heights


def dioxygen_character(atoms: Atoms) -> str:
    """How adsorbed O2 is bound: end-on or side-on, superoxo- or peroxo-like, its O-O distance.

    Superoxo-like O2 is about 1.35 A long, peroxo-like 1.45 to 1.49 A; 1.40 A divides them,
    and below 1.27 A it is as good as free (1.21 A).
    """
    first, second = atoms.info["adsorbate"]
    length = float(atoms.get_distance(first, second, mic=True))
    binding = classify(atoms)
    if binding.outcome != "adsorbed":
        return f"{binding.outcome}, O-O {length:.2f} A"
    mode = "side-on" if len(binding.atoms) == 2 else "end-on"
    kind = "peroxo" if length >= 1.40 else ("superoxo" if length >= 1.27 else "free O2")
    return f"{mode}, {kind}-like, O-O {length:.2f} A"
