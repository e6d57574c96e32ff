"""Electrons per molecule of product, from the half-reaction balanced with H2O, H+ and e-."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from adatom.errors import AdatomError, SampleError
from adatom.reactions.equation import require_balance
from adatom.species import Species, parse_species

FREE = ("H", "O")
"""Elements that water and protons supply."""


@dataclass(frozen=True)
class HalfReaction:
    """How one product is made."""

    product: str
    reactants: tuple[str, ...]
    electrons: float
    """Per molecule of product; positive for a reduction, negative for an oxidation."""
    equation: str
    """Balanced, whole numbers, for acid; electrons are the same in alkali."""


def half_reaction(product: str, reactants: Sequence[str]) -> HalfReaction:
    """The half-reaction from the named reactants to ``product``.

    Every element of the product beside H and O must come from exactly one reactant; a product of H
    and O alone takes its O (H where it has none) from the one reactant. Raises
    :class:`~adatom.errors.SampleError` naming what does not fit.
    """
    made, used = _species(product), [_species(name) for name in reactants]
    if not used:
        raise SampleError(f"product {product}: name its reactant, for example reactant = 'CO2'")
    amounts = _amounts(made, used)
    rest = {name: Fraction(made.count(name)) for name in FREE}
    charge = Fraction(made.charge)
    for species, amount in zip(used, amounts, strict=True):
        for name in FREE:
            rest[name] -= amount * species.count(name)
        charge -= amount * species.charge
    water = rest["O"]
    protons = rest["H"] - 2 * water
    electrons = protons - charge
    if electrons == 0:
        raise SampleError(f"product {product} from {' + '.join(reactants)} takes no electrons")
    terms = [(species.name, -amount) for species, amount in zip(used, amounts, strict=True)]
    terms += [("H2O", -water), ("H+", -protons), ("e-", -electrons), (product, Fraction(1))]
    equation = _written(terms)
    require_balance(equation, f"product {product}")
    return HalfReaction(product, tuple(reactants), float(electrons), equation)


def _species(name: str) -> Species:
    try:
        species = parse_species(name)
    except AdatomError as error:
        raise SampleError(f"{error}; write molecules as CO, HCOO-, CH3OH, NH3") from None
    if species.on_site or not species.atoms:
        raise SampleError(f"'{name}' is not a molecule or ion in gas or solution")
    return species


def _amounts(made: Species, used: list[Species]) -> list[Fraction]:
    """Molecules of each reactant per molecule of product."""
    keys = [element for element, _ in made.atoms if element not in FREE]
    if not keys:
        keys = ["O"] if made.count("O") else ["H"]
    for species in used:
        strange = [e for e, _ in species.atoms if e not in (*keys, *FREE)]
        if strange:
            raise SampleError(
                f"reactant {species.name} holds {strange[0]}, which {made.name} does not; only"
                " what ends in the product is a reactant"
            )
    found: dict[str, Fraction] = {}
    for element in keys:
        sources = [s for s in used if s.count(element)]
        if len(sources) != 1:
            raise SampleError(
                f"product {made.name}: its {element} must come from exactly one reactant, found"
                f" {len(sources)} among {', '.join(s.name for s in used)}"
            )
        amount = Fraction(made.count(element), sources[0].count(element))
        if found.setdefault(sources[0].name, amount) != amount:
            raise SampleError(
                f"product {made.name}: {sources[0].name} cannot supply its elements in this ratio"
            )
    unused = [s.name for s in used if s.name not in found]
    if unused:
        raise SampleError(f"product {made.name}: reactant {unused[0]} supplies nothing to it")
    return [found[s.name] for s in used]


def _written(terms: list[tuple[str, Fraction]]) -> str:
    """An equation of whole numbers; ``terms`` are changes, consumed negative."""
    whole = lcm(*(amount.denominator for _, amount in terms))
    totals: dict[str, int] = {}
    for name, amount in terms:
        totals[name] = totals.get(name, 0) + int(amount * whole)
    sides = []
    for sign in (-1, 1):
        side = [(name, abs(n)) for name, n in totals.items() if n * sign > 0]
        sides.append(" + ".join(name if n == 1 else f"{n} {name}" for name, n in side))
    return " -> ".join(sides)
