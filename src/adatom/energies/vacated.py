"""What is left of a site when metal leaves it: the hole, bare or saturated with hydrogen."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from ase import Atoms

from adatom.sites.bonds import bonded

N_H_BOND_A = 1.02
"""Start length of a bond from the rim of a hole to hydrogen, angstrom (pyrrole N-H, 1.00)."""
PUCKER_A = 0.25
"""Start height of these hydrogens, alternately above and below the sheet: they crowd."""


def vacate(site_atoms: Atoms, removed: Sequence[int]) -> Atoms:
    """The bare site without the metals ``removed`` (atom indices); the others stay its metals."""
    kept = [i for i in range(len(site_atoms)) if i not in removed]
    hole = site_atoms[kept]
    hole.info = {"metals": [kept.index(m) for m in site_atoms.info["metals"] if m not in removed]}
    return hole


def rim_of(site_atoms: Atoms, removed: Sequence[int]) -> list[int]:
    """Atoms that lose a bond with a removed metal and can take hydrogen instead.

    Non-metals within bonding distance of the metal that have fewer than three other non-metal
    neighbours: carbon behind the nitrogen is near, too, but complete.
    """
    metals = set(site_atoms.info["metals"])
    sheet = [i for i in range(len(site_atoms)) if i not in metals]
    near = [i for i in sheet if any(bonded(site_atoms, i, m) for m in removed)]
    return [i for i in near if sum(bonded(site_atoms, i, j) for j in sheet if j != i) < 3]


def saturate(site_atoms: Atoms, removed: Sequence[int], hydrogens: int) -> Atoms | None:
    """The hole with ``hydrogens`` H on its rim, pointing into it, as far apart as they can be.

    None when the rim has fewer atoms than that. Their indices are in
    ``info['hydrogens']``, last in the structure.
    """
    rim = rim_of(site_atoms, removed)
    if len(rim) < hydrogens:
        return None
    hole = vacate(site_atoms, removed)
    toward = {i: _inward(site_atoms, i, removed) for i in rim}
    chosen = max(combinations(rim, hydrogens), key=lambda group: _spread(site_atoms, group, toward))
    lift = np.array([0.0, 0.0, PUCKER_A])
    positions = [
        site_atoms.positions[i] + N_H_BOND_A * toward[i] + (lift if n % 2 else -lift)
        for n, i in enumerate(chosen)
    ]
    first = len(hole)
    metals = hole.info["metals"]
    hole += Atoms("H" * hydrogens, positions=positions)
    hole.info = {"metals": metals, "hydrogens": list(range(first, first + hydrogens))}
    return hole


def is_saturated(hole: Atoms, hydrogens: int) -> bool:
    """Whether the last ``hydrogens`` atoms (H) still sit each on the rim, none as H2."""
    added = range(len(hole) - hydrogens, len(hole))
    others = [i for i in range(len(hole)) if i not in added]
    free = any(bonded(hole, i, j) for i, j in combinations(added, 2))
    return not free and all(any(bonded(hole, i, j) for j in others) for i in added)


def _inward(atoms: Atoms, i: int, removed: Sequence[int]) -> np.ndarray:
    vectors = atoms.get_distances(i, list(removed), mic=True, vector=True)
    nearest = vectors[int(np.argmin(np.linalg.norm(vectors, axis=1)))]
    return np.asarray(nearest / np.linalg.norm(nearest))


def _spread(atoms: Atoms, group: Sequence[int], toward: dict[int, np.ndarray]) -> float:
    """Smallest distance between the hydrogens of a group, angstrom."""
    if len(group) < 2:
        return 0.0
    return min(
        float(
            np.linalg.norm(
                atoms.get_distance(i, j, mic=True, vector=True)
                + N_H_BOND_A * (toward[j] - toward[i])
            )
        )
        for i, j in combinations(group, 2)
    )
