"""The positions of a site that an adsorbate can sit on: its metals, and a cluster as one."""

from collections.abc import Iterable
from dataclasses import dataclass

from adatom.sites.notation import Site, equal_metals

CLUSTER = "cluster"


@dataclass(frozen=True)
class Positions:
    """Positions of a site, and which of them each metal belongs to."""

    names: tuple[str, ...]
    """One a position; equal names are equal by the symmetry of the site."""
    of_metal: tuple[int, ...]
    """Index into ``names`` of every metal, in the order of ``info['metals']`` of the structure."""

    def holding(self, metals: Iterable[int]) -> tuple[int, ...]:
        """The positions that these metals (0, 1, ...) belong to, each once, in order."""
        return tuple(sorted({self.of_metal[m] for m in metals}))


def positions_of(site: Site) -> Positions:
    """The metals in the sheet, one position each, and a cluster beside them as one.

    Metals of one element that no symmetry maps onto each other are told apart: Fe1, Fe2. A slab
    under the sheet holds no adsorbates.
    """
    equal = equal_metals(site)
    kinds: dict[str, list[int]] = {}
    keys: list[tuple[str, int]] = []
    of_metal: list[int] = []
    at = 0
    for part in site.parts:
        alone = bool(part.shell) or part is site.parts[0]
        for n, metal in enumerate(() if part.slab else part.metals):
            if alone:
                classes = kinds.setdefault(metal, [])
                if equal[at + n] not in classes:
                    classes.append(equal[at + n])
                keys.append((metal, equal[at + n]))
            elif n == 0:
                keys.append((CLUSTER, 0))
            of_metal.append(len(keys) - 1)
        at += len(part.metals)
    names = tuple(
        f"{metal}{kinds[metal].index(first) + 1}" if len(kinds.get(metal, ())) > 1 else metal
        for metal, first in keys
    )
    return Positions(names, tuple(of_metal))
