"""Adsorbates on a site: starting geometries, and what became of them in a relaxation."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii

from adatom.errors import AdatomError

Outcome = Literal["adsorbed", "desorbed", "dissociated", "moved"]

_TILT = np.radians(70.0)
"""Angle from the surface normal of the second atom: an M-O-H angle of 110 degrees."""
_SECOND_ATOM = np.array([np.sin(_TILT), 0.0, np.cos(_TILT)])

# Offsets (angstrom) from the anchor atom; O-H 0.98 A, O-O 1.45 A, gas-like angles.
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
}
"""Symbols, and offsets from the anchoring atom (the first), shape (atoms, 3), angstrom."""

BOND_TOLERANCE = 1.30
"""Two atoms are bonded below this multiple of the sum of their covalent radii (Cordero 2008,
as in ASE)."""


def positions_of(metals: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the starting positions on a site: atop each metal, and the bridge of a pair."""
    if len(metals) == 1:
        return ("atop",)
    first, second = metals
    if first == second:
        return ("atop-1", "bridge")
    return ("atop-1", "atop-2", "bridge")


def place_adsorbate(site_atoms: Atoms, adsorbate: str, position: str) -> Atoms:
    """Add an adsorbate to a built or relaxed site, one covalent bond above its metal(s).

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
    hosts = {"atop": metals[:1], "atop-1": metals[:1], "atop-2": metals[1:2], "bridge": metals[:2]}
    if position not in hosts or len(hosts[position]) != (2 if position == "bridge" else 1):
        raise AdatomError(
            f"position '{position}' does not exist on a site of {len(metals)} metal(s)"
        )
    anchor, outward = _anchor(site_atoms, hosts[position], symbols[0])
    turn = np.array([[outward[0], -outward[1], 0], [outward[1], outward[0], 0], [0, 0, 1.0]])
    atoms = site_atoms.copy()
    first = len(atoms)
    atoms += Atoms(symbols, positions=anchor + offsets @ turn.T)
    atoms.info["adsorbate"] = list(range(first, first + len(symbols)))
    atoms.info["metals"] = metals
    return atoms


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


@dataclass(frozen=True)
class Binding:
    """What a relaxation made of an adsorbate."""

    outcome: Outcome
    """adsorbed on a metal of the site; moved to the support; dissociated; desorbed."""
    metals: tuple[int, ...]
    """Which metals of the site (0, 1) it is bonded to."""


def classify(atoms: Atoms) -> Binding:
    """Say what became of the adsorbate of a relaxed structure, from its bonds alone.

    An adsorbate whose own bonds broke has dissociated; one bonded to a metal of the site is
    adsorbed (wherever on the site it ended); one bonded only to the support has moved; one
    bonded to nothing has desorbed.
    """
    adsorbate = list(atoms.info["adsorbate"])
    metals = list(atoms.info["metals"])
    chain = pairwise(adsorbate)
    if any(not _bonded(atoms, i, j) for i, j in chain):
        return Binding("dissociated", ())
    bound = tuple(n for n, m in enumerate(metals) if any(_bonded(atoms, m, i) for i in adsorbate))
    if bound:
        return Binding("adsorbed", bound)
    support = set(range(len(atoms))) - set(adsorbate) - set(metals)
    if any(_bonded(atoms, i, j) for i in adsorbate for j in support):
        return Binding("moved", ())
    return Binding("desorbed", ())


def _bonded(atoms: Atoms, i: int, j: int) -> bool:
    limit = BOND_TOLERANCE * _bond_length(atoms.symbols[i], atoms.symbols[j])
    return bool(atoms.get_distance(i, j, mic=True) < limit)
