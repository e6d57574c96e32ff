"""Networks: the states of one site and the elementary steps between them.

A network is a graph whose nodes are states of one site (``*``, ``*OH`` ...; of a site with two
positions ``*|*``, ``*OH|*O`` ...) and whose edges are elementary steps. Every step has one state
on each side; species in solution enter as activities; a step with electrons is a proton-coupled
electron transfer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adatom.reactions.mechanism import Mechanism, Product


@dataclass(frozen=True)
class Step:
    """One elementary step between two states of the site, in its forward direction."""

    name: str
    rule: str
    """The elementary step of the mechanism that happens here."""
    equation: str
    start: str
    """State of the site before."""
    end: str
    """State of the site after."""
    electrons: int
    """Electrons consumed going forward; negative for an oxidation; 0 for a thermal step."""
    solution: tuple[tuple[str, int], ...]
    """Species in solution with their change, produced positive (H+, e- excluded)."""
    barrier_eV: float | None
    """Intrinsic barrier of this electron transfer, eV; None takes the rate model's."""
    bep_slope: float
    """Bronsted-Evans-Polanyi slope of a thermal step."""
    bep_intercept_eV: float
    """Bronsted-Evans-Polanyi intercept of a thermal step, eV."""
    ways_forward: int = 1
    """Equal ways to go forward from one arrangement of ``start`` (sites with equal positions)."""
    ways_backward: int = 1
    """The same from ``end``."""
    symmetric: bool = False
    """Whether backward is the same elementary step (an adsorbate that moves): a barrier given for
    it is that at dG = 0."""


@dataclass(frozen=True)
class ReactionPath:
    """An ordered list of steps that adds up to an overall reaction."""

    name: str
    equation: str
    steps: tuple[Step, ...]

    @property
    def electrons(self) -> int:
        """Electrons consumed by one pass; negative for an oxidation."""
        return sum(step.electrons for step in self.steps)

    def change(self, species: str | None) -> int:
        """Net number of a dissolved species that one pass produces; negative if consumed."""
        return sum(n for step in self.steps for s, n in step.solution if s == species)


@dataclass(frozen=True)
class Network:
    """States of one site and the steps of a mechanism between them."""

    mechanism: Mechanism
    positions: tuple[str, ...]
    """Names of the positions of the site; equal names are equal positions. ``*`` alone: one."""
    states: tuple[str, ...]
    """States of the site, the bare one first."""
    parts: Mapping[str, tuple[str, ...]]
    """State -> the energies it is the sum of: ``*OH@Fe``, ``*O@Co+*OH@Fe`` (the lateral one)."""
    optional: tuple[str, ...]
    """States that need not have an energy; their steps are closed without one."""
    steps: tuple[Step, ...]
    paths: tuple[ReactionPath, ...]
    """Paths for the thermodynamic analysis; the first is the network's main one."""

    @property
    def name(self) -> str:
        """Name of the reaction."""
        return self.mechanism.name

    @property
    def bare(self) -> str:
        """The state in which every position is empty."""
        return self.states[0]

    @property
    def electrons(self) -> int:
        """Electrons consumed by one turnover of the overall reaction; negative for oxidations."""
        return self.mechanism.electrons

    @property
    def dissolved(self) -> tuple[str, ...]:
        """Species in solution that some step consumes or releases."""
        return tuple(dict.fromkeys(s for step in self.steps for s, _ in step.solution))

    @property
    def products(self) -> tuple[Product, ...]:
        """Products of the mechanism that some step here releases."""
        return tuple(p for p in self.mechanism.products if p.species in self.dissolved)

    @property
    def transported(self) -> tuple[str, ...]:
        """Dissolved species whose surface concentration follows from transport."""
        return tuple(s for s in self.mechanism.transported if s in self.dissolved)

    @property
    def byproduct(self) -> str | None:
        """Dissolved product that a ring electrode would detect."""
        return self.mechanism.byproduct if self.mechanism.byproduct in self.dissolved else None

    @property
    def energy_names(self) -> tuple[str, ...]:
        """Every energy that a state is made of, each once."""
        return tuple(dict.fromkeys(part for state in self.states for part in self.parts[state]))

    @property
    def required(self) -> tuple[str, ...]:
        """Energies that must be known."""
        needed = (s for s in self.states if s not in self.optional)
        return tuple(dict.fromkeys(part for state in needed for part in self.parts[state]))
