"""Names of the energies that states of a site are made of.

``*OH`` on a site of one position; ``*OH@Fe`` on position Fe; ``*O2*@Co-Fe`` over two of them;
``*O@Co+*OH@Fe`` what two neighbours do to each other (zero: nothing). Names are written in
alphabetical order, so that each energy has one.
"""

from adatom.errors import AdatomError
from adatom.reactions.equation import positions_filled
from adatom.species import parse_species


def energy_name(occupant: str, positions: tuple[str, ...]) -> str:
    """Name of the energy of an occupant on its one or two positions."""
    return f"{occupant}@{'-'.join(sorted(positions))}"


def adsorbate_named(name: str) -> str:
    """The adsorbate of an energy, wherever it sits: ``*O`` of ``*O@Fe`` and of ``*O*@Co-Fe``."""
    occupant = name.partition("@")[0]
    return occupant[:-1] if positions_filled(occupant) == 2 else occupant


def lateral_name(first: str, second: str) -> str:
    """Name of the interaction of two neighbouring occupants, each with its position."""
    return "+".join(sorted((first, second)))


def canonical_energy_name(text: str) -> str:
    """The name in its one spelling.

    Raises :class:`~adatom.errors.AdatomError` saying what is expected.
    """
    parts = [_occupant_at(part.strip(), text) for part in text.split("+")]
    if len(parts) == 1:
        return parts[0]
    if len(parts) != 2 or not all("@" in part for part in parts):
        raise AdatomError(
            f"'{text}' names no energy; an interaction is that of two occupants with their"
            " positions, for example *O@Co+*OH@Fe"
        )
    return lateral_name(*parts)


def positions_named(name: str) -> tuple[str, ...]:
    """Positions that an energy name speaks of, in its order; none for a bare occupant."""
    return tuple(p for part in name.split("+") if "@" in part
                 for p in part.split("@")[1].split("-"))  # fmt: skip


def is_lateral(name: str) -> bool:
    """Whether the energy is an interaction of two occupants."""
    return "+" in name


def _occupant_at(part: str, whole: str) -> str:
    occupant, at, where = part.partition("@")
    if not occupant.startswith("*") or occupant == "*":
        raise AdatomError(f"'{whole}' names no adsorbate; expected for example *OH or *OH@Fe")
    parse_species(occupant)
    if not at:
        return occupant
    positions = tuple(p.strip() for p in where.split("-"))
    if not all(positions) or len(positions) != positions_filled(occupant):
        raise AdatomError(
            f"'{whole}': {occupant} sits on {positions_filled(occupant)} position(s); expected"
            f" {'*O2*@Co-Fe' if positions_filled(occupant) == 2 else '*OH@Fe'} or alike"
        )
    return energy_name(occupant, positions)
