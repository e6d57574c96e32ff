"""Tabulated absorption edges: which edge a spectrum shows, and where a foil has it."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from adatom.errors import SpectrumError


@dataclass(frozen=True)
class Edge:
    """One absorption edge of an element; sources are in ``edges.csv``."""

    element: str
    name: str
    """K, L2 or L3."""
    tabulated_eV: float
    """Of the usual tables: Elam et al. 2002, 10.1016/S0969-806X(01)00227-4."""
    foil_eV: float | None
    """Lowest inflection of the metal foil on an absolute scale: Kraft et al. 1996,
    10.1063/1.1146657; None where not measured there."""

    @property
    def reference_eV(self) -> float:
        """Where the first inflection of the foil is to be: Kraft et al. where they have it."""
        return self.tabulated_eV if self.foil_eV is None else self.foil_eV

    @property
    def reference_source(self) -> str:
        """What :attr:`reference_eV` rests on."""
        if self.foil_eV is None:
            return "tabulated, Elam et al. 2002"
        return "foil, Kraft et al. 1996"

    def __str__(self) -> str:
        return f"{self.element} {self.name}"


@cache
def edges() -> tuple[Edge, ...]:
    """Every packaged edge: K, L2 and L3 between 2 and 80 keV, Z from 15 to 92."""
    text = resources.files("adatom.xas").joinpath("edges.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Edge(r["element"], r["edge"], float(r["tabulated_eV"]),
             float(r["foil_eV"]) if r["foil_eV"] else None)
        for r in rows
    )  # fmt: skip


def find_edge(element: str, name: str) -> Edge:
    """The edge ``name`` (K, L2, L3) of an element.

    Raises :class:`~adatom.errors.SpectrumError` where there is none.
    """
    for edge in edges():
        if edge.element == element and edge.name == name.upper():
            return edge
    names = [e.name for e in edges() if e.element == element]
    known = ", ".join(names) if names else "none, or no element of that symbol"
    raise SpectrumError(f"no {element} {name} edge between 2 and 80 keV; known: {known}")


def edges_near(energy_eV: float, within_eV: float) -> list[Edge]:
    """Edges at most ``within_eV`` away, nearest first."""
    near = [e for e in edges() if abs(e.tabulated_eV - energy_eV) <= within_eV]
    return sorted(near, key=lambda e: abs(e.tabulated_eV - energy_eV))
