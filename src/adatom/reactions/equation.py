"""Equations of reactions: what changes, what balances, which states of the site take part."""

import re
from collections.abc import Mapping

from adatom.errors import AdatomError, NetworkError
from adatom.species import parse_species

_TERM = re.compile(r"(?:(\d{1,3})\s+)?(\S+)")
MOST_POSITIONS = 2
"""An elementary step happens at one position of a site, or at two that are neighbours."""


def change_of(equation: str, where: str) -> dict[str, int]:
    """Change of every species: produced positive, consumed negative.

    Raises :class:`~adatom.errors.NetworkError` for what is no equation.
    """
    change: dict[str, int] = {}
    for side, sign in zip(_sides(equation, where), (-1, 1), strict=True):
        for name, count in side:
            change[name] = change.get(name, 0) + sign * count
    return {name: n for name, n in change.items() if n}


def occupants_of(equation: str, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What sits on the positions of the site before and after, one entry a position.

    ``*OH`` fills one position, ``*O2*`` two, ``*`` is an empty one. Raises
    :class:`~adatom.errors.NetworkError` unless both sides fill the same one or two positions.
    """
    found = []
    for side in _sides(equation, where):
        terms = [name for name, count in side for _ in range(count) if "*" in name]
        found.append(tuple(terms))
    before, after = found
    sizes = [sum(positions_filled(term) for term in side) for side in found]
    if sizes[0] != sizes[1] or not 1 <= sizes[0] <= MOST_POSITIONS:
        raise NetworkError(
            f"{where}: '{equation}' must name what sits on one position or on two neighbouring"
            f" ones on both sides, one state each (* is an empty one, *O2* fills two); it names"
            f" {sizes[0]} before and {sizes[1]} after"
        )
    return before, after


def positions_filled(occupant: str) -> int:
    """How many positions of a site an occupant fills: two when a star ends its name, too."""
    return 2 if len(occupant) > 1 and occupant.endswith("*") else 1


def require_balance(equation: str, where: str) -> None:
    """Raise :class:`~adatom.errors.NetworkError` naming elements and charge that do not balance."""
    totals: dict[str, int] = {}
    charge = 0
    for name, n in change_of(equation, where).items():
        try:
            species = parse_species(name)
        except AdatomError as error:
            raise NetworkError(f"{where}: {error}") from error
        charge += n * species.charge
        for element, count in species.atoms:
            totals[element] = totals.get(element, 0) + n * count
    wrong = [f"{element} ({n:+d} on the right)" for element, n in totals.items() if n]
    if charge:
        wrong.append(f"charge ({charge:+d} on the right)")
    if wrong:
        raise NetworkError(f"{where}: '{equation}' does not balance: {', '.join(wrong)}")


def dissolved(change: Mapping[str, int]) -> dict[str, int]:
    """The changes of species in solution that have an activity: not water, protons, electrons."""
    return {s: n for s, n in change.items() if s not in ("H+", "e-", "H2O") and "*" not in s}


def _sides(equation: str, where: str) -> list[list[tuple[str, int]]]:
    if equation.count("->") != 1:
        raise NetworkError(f"{where}: '{equation}' needs exactly one '->'")
    sides = []
    for side in equation.split("->"):
        terms = []
        for term in side.split(" + "):
            match = _TERM.fullmatch(term.strip())
            if not match:
                raise NetworkError(
                    f"{where}: cannot read '{term.strip()}' in '{equation}';"
                    " terms are separated by ' + ', a count by a space"
                )
            terms.append((match[2], int(match[1] or 1)))
        sides.append(terms)
    return sides
