"""What became of the adsorbate of a structure that was relaxed elsewhere."""

from collections.abc import Iterable
from itertools import pairwise, permutations

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from scipy.optimize import linear_sum_assignment

from adatom.sites.adsorbates import GEOMETRIES, classify
from adatom.sites.notation import METALS

_FATES = {
    "desorbed": "is bonded to nothing (desorbed)",
    "dissociated": "has broken bonds (dissociated)",
    "moved": "is bonded to the support, not to a metal (moved)",
}


def added_atoms(atoms: Atoms, bare: Atoms) -> list[int]:
    """Indices of the atoms that ``atoms`` has beyond the bare site.

    Of an element that the bare site has too, those are added that remain when every atom of the
    bare site has been paired with another, the sum of squared distances being smallest.
    """
    added: list[int] = []
    symbols, before = np.array(atoms.get_chemical_symbols()), np.array(bare.get_chemical_symbols())
    for symbol in dict.fromkeys(symbols):
        here, there = np.flatnonzero(symbols == symbol), np.flatnonzero(before == symbol)
        if len(here) <= len(there):
            continue
        kept = np.zeros(len(here), dtype=bool)
        if len(there):
            _, distances = get_distances(
                atoms.positions[here], bare.positions[there], cell=atoms.cell, pbc=atoms.pbc
            )
            kept[linear_sum_assignment(distances**2)[0]] = True
        added += [int(i) for i in here[~kept]]
    return sorted(added)


def fate_of(state: str, atoms: Atoms, bare: Atoms) -> str | None:
    """What is wrong with the adsorbate, in words; None where it is bonded to a metal, whole.

    Only adsorbates of known geometry on sites with a metal can be judged; others give None.
    """
    if state not in GEOMETRIES:
        return None
    added = added_atoms(atoms, bare)
    metals = [i for i, s in enumerate(atoms.symbols) if s in METALS and i not in added]
    if not metals or len(added) != len(GEOMETRIES[state][0]):
        return None
    judged = atoms.copy()
    judged.info = {"metals": metals, "adsorbate": _chain(atoms, added)}
    return _FATES.get(classify(judged).outcome)


def _chain(atoms: Atoms, added: list[int]) -> list[int]:
    """The added atoms in the order in which they hang together: the shortest way through them."""

    def length(order: Iterable[int]) -> float:
        return sum(float(atoms.get_distance(i, j, mic=True)) for i, j in pairwise(order))

    return list(min(permutations(added), key=length))
