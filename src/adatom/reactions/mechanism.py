"""Mechanisms: what may happen at one position of a site, or between two neighbouring ones.

A mechanism does not know how many positions a site has; :mod:`adatom.reactions.expansion` lays
it over the positions of a site and gives the network of that site's states.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adatom.reactions.equation import change_of

BARE = "*"
"""An empty position, and the bare site of one position."""


@dataclass(frozen=True)
class ElementaryStep:
    """One elementary step, written in its forward direction."""

    name: str
    equation: str
    before: tuple[str, ...]
    """What sits on its one or two positions before; an occupant of two is one entry."""
    after: tuple[str, ...]
    """The same afterwards."""
    electrons: int
    """Electrons consumed going forward; negative for an oxidation; 0 for a thermal step."""
    solution: tuple[tuple[str, int], ...]
    """Species in solution with their change, produced positive (H+, e-, H2O excluded)."""
    barrier_eV: float | None
    """Intrinsic barrier of this electron transfer, eV; None takes the rate model's."""
    bep_slope: float
    """Bronsted-Evans-Polanyi slope of a thermal step."""
    bep_intercept_eV: float
    """Bronsted-Evans-Polanyi intercept of a thermal step, eV."""


@dataclass(frozen=True)
class NamedPath:
    """Steps of a mechanism in order, by name, that add up to an overall reaction."""

    name: str
    equation: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """What a mechanism makes, with the reaction that makes it."""

    species: str
    equation: str
    electrons: float
    """Electrons consumed for one molecule; negative for an oxidation."""


@dataclass(frozen=True)
class Mechanism:
    """A checked list of elementary steps and what they add up to."""

    name: str
    title: str
    overall: str
    steps: tuple[ElementaryStep, ...]
    paths: tuple[NamedPath, ...]
    """For the thermodynamic analysis; the first adds up to ``overall``."""
    products: tuple[Product, ...]
    transported: tuple[str, ...]
    byproduct: str | None
    optional: tuple[str, ...]
    activities: Mapping[str, float]
    """Of dissolved species that predictions assume unless told (bar, mol/L); others 1."""
    potential_window_V_rhe: tuple[float, float]
    source: str

    @property
    def electrons(self) -> int:
        """Electrons consumed by one turnover of the overall reaction; negative for oxidations."""
        return -change_of(self.overall, self.source).get("e-", 0)

    @property
    def occupants(self) -> tuple[str, ...]:
        """Everything that sits on a position, in the order of the steps, the bare one first."""
        found = [BARE]
        for step in self.steps:
            found += [s for s in (*step.before, *step.after) if s not in found]
        return tuple(found)
