"""Species of electrocatalysis and their composition.

A name is a formula with a trailing charge (``H+``, ``e-``, ``H2O2``); an asterisk marks a
site: ``*`` is bare, ``*OH`` holds OH, ``*H*H`` holds two separate H.
"""

import re
from dataclasses import dataclass

from adatom.errors import AdatomError

NON_METALS = frozenset((
    "H", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar", "Ge", "As", "Se", "Br",
    "Kr", "Te", "I", "Xe",
))  # fmt: skip
"""Every other element is taken to be a metal."""
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d{0,3})")
_BODY = re.compile(r"(?:[A-Z][a-z]?\d{0,3})*")


@dataclass(frozen=True)
class Species:
    """A species and what it is made of."""

    name: str
    atoms: tuple[tuple[str, int], ...]
    """Elements with their counts, sorted by symbol."""
    charge: int
    """In units of the elementary charge."""
    on_site: bool
    """Whether it is a state of a site."""

    def count(self, element: str) -> int:
        """Number of atoms of ``element``."""
        return dict(self.atoms).get(element, 0)


def parse_species(name: str) -> Species:
    """Read a species name.

    Raises :class:`~adatom.errors.AdatomError` when it is not a formula.
    """
    if name == "e-":
        return Species(name, (), -1, False)
    body, charge = name, 0
    if body.endswith(("+", "-")):
        charge = 1 if body.endswith("+") else -1
        body = body[:-1]
    formula = body.replace("*", "")
    if not body or (formula == "" and "*" not in body) or not _BODY.fullmatch(formula):
        raise AdatomError(f"species '{name}' is not a formula such as H2O, H+, *OOH or *")
    counts: dict[str, int] = {}
    for element, number in _ELEMENT.findall(formula):
        counts[element] = counts.get(element, 0) + int(number or 1)
    return Species(name, tuple(sorted(counts.items())), charge, "*" in body)
