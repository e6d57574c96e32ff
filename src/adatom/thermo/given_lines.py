"""Lines that give the free energies of a site's states from those of one or two descriptors.

dG(state) = intercept + sum of slope x dG(descriptor). They are given numbers: the constants of
the literature below, or the user's own, ``*OOH=3.2+1.0**OH``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

import numpy as np

from adatom.errors import AdatomError
from adatom.reactions.energy_names import canonical_energy_name
from adatom.reactions.network import Network
from adatom.thermo.table import LARGEST_EV

LARGEST_SLOPE = 10.0
"""Steeper lines are slips: bond counting gives slopes up to 4."""

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_NAME = r"\*[A-Za-z][A-Za-z0-9]*\*?(?:@[A-Za-z]\w*(?:-[A-Za-z]\w*)?)?"
_TERM = re.compile(rf"\s*([-+]?)\s*(?:({_NUMBER})?\s*\*?\s*({_NAME})|({_NUMBER}))\s*")


@dataclass(frozen=True)
class EnergyLine:
    """dG(name) = intercept + sum of slopes x dG of the descriptors, at U = 0 V vs RHE."""

    name: str
    """Energy that follows: ``*OOH``."""
    intercept_eV: float
    slopes: Mapping[str, float]
    """Descriptor -> slope; empty for an energy that is the same for every site."""
    source: str
    """Where the numbers are from."""

    def __post_init__(self) -> None:
        if not (isfinite(self.intercept_eV) and abs(self.intercept_eV) <= LARGEST_EV):
            raise AdatomError(
                f"line of {self.name}: the intercept must lie within {LARGEST_EV:g} eV,"
                f" got {self.intercept_eV:g}"
            )
        for descriptor, slope in self.slopes.items():
            if not (isfinite(slope) and abs(slope) <= LARGEST_SLOPE):
                raise AdatomError(
                    f"line of {self.name}: the slope on {descriptor} must lie within"
                    f" {LARGEST_SLOPE:g}, got {slope:g}"
                )
        if self.name in self.slopes:
            raise AdatomError(f"line of {self.name} rests on {self.name} itself")
        object.__setattr__(self, "slopes", MappingProxyType(dict(self.slopes)))

    def __str__(self) -> str:
        """The line as :func:`parse_line` reads it."""
        terms = "".join(f" {slope:+g}*{name}" for name, slope in self.slopes.items())
        return f"{self.name} = {self.intercept_eV:g}{terms}"


def parse_line(text: str, *, source: str = "given") -> EnergyLine:
    """Read ``*OOH = 3.2 + 1.0**OH``: a state, then a sum of numbers (eV) and slope x descriptor.

    The factor of a descriptor may be left out (1). Raises :class:`~adatom.errors.AdatomError`
    naming the piece that cannot be read.
    """
    left, equals, right = text.partition("=")
    expected = "expected for example *OOH=3.2+1.0**OH (eV; slope * state)"
    if not equals or not right.strip():
        raise AdatomError(f"line '{text}': {expected}")
    try:
        name = canonical_energy_name(left.strip())
    except AdatomError as error:
        raise AdatomError(f"line '{text}': {error}; {expected}") from None
    intercept, slopes, at = 0.0, dict[str, float](), 0
    while at < len(right):
        match = _TERM.match(right, at)
        if not match or (at > 0 and not match[1]):
            raise AdatomError(f"line '{text}': cannot read '{right[at:].strip()}'; {expected}")
        sign = -1.0 if match[1] == "-" else 1.0
        if match[3]:
            descriptor = canonical_energy_name(match[3])
            if descriptor in slopes:
                raise AdatomError(f"line '{text}': {descriptor} stands in it twice")
            slopes[descriptor] = sign * float(match[2] or 1.0)
        else:
            intercept += sign * float(match[4])
        at = match.end()
    return EnergyLine(name, intercept, slopes, source)


_OOH = EnergyLine(
    "*OOH", 3.2, {"*OH": 1.0},
    "universal offset of *OOH and *OH: Rossmeisl et al. 2007, 10.1016/j.jelechem.2006.11.008;"
    " Viswanathan et al. 2012, 10.1021/jz301476w",
)  # fmt: skip
_O = EnergyLine(
    "*O", 0.0, {"*OH": 2.0},
    "assumption: slope 2 of bond counting (Abild-Pedersen et al. 2007,"
    " 10.1103/PhysRevLett.99.016105), no intercept",
)  # fmt: skip

KNOWN_LINES: Mapping[str, tuple[EnergyLine, ...]] = MappingProxyType(
    {"ORR": (_OOH, _O), "OER": (_OOH, _O), "HER": ()}
)
"""Lines of the literature by reaction. Of CO2RR none: its published lines are of electronic
binding energies whose reference and thermal terms do not stand with them."""

USUAL_RANGES_EV: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"*OH": (0.0, 2.0), "*O": (0.0, 4.0), "*OOH": (3.0, 5.2), "*H": (-1.0, 1.0)}
)
"""Axes of maps where none is given: they hold metals from Ru to Au."""
USUAL_DESCRIPTOR: Mapping[str, str] = MappingProxyType({"ORR": "*OH", "OER": "*OH", "HER": "*H"})


def lines_for(
    network: Network, descriptors: Sequence[str], given: Sequence[EnergyLine] = ()
) -> tuple[EnergyLine, ...]:
    """The lines of every energy that is no descriptor: those given, then the known ones.

    States of the network that are optional stay closed unless a line is given for them. Raises
    :class:`~adatom.errors.AdatomError` naming the lines that are missing, or those that name
    another descriptor, or something the reaction does not have.
    """
    names = network.energy_names
    for what in (*descriptors, *(line.name for line in given)):
        if what not in names:
            raise AdatomError(f"{network.name} has no {what}; it has {', '.join(names)}")
    if len(set(descriptors)) != len(descriptors):
        raise AdatomError(f"both axes are {descriptors[0]}; name two different states")
    spoken = [line.name for line in given]
    for name in spoken:
        if spoken.count(name) > 1:
            raise AdatomError(f"{name} has two lines; give one")
        if name in descriptors:
            raise AdatomError(f"{name} is an axis of the map and cannot follow a line; leave it")
    known = [ln for ln in KNOWN_LINES.get(network.name, ()) if ln.name not in spoken]
    lines = [*given, *(ln for ln in known if ln.name not in descriptors and ln.name in names)]
    covered = {*descriptors, *(ln.name for ln in lines)}
    missing = [s for s in network.required if s not in covered]
    axes = " and ".join(descriptors)
    if missing:
        asked = " ".join(f'--line "{s}=EV+SLOPE*{descriptors[0]}"' for s in missing)
        raise AdatomError(
            f"{network.name} over {axes}: no line is known for {', '.join(missing)}; give {asked}"
        )
    for line in lines:
        stray = [d for d in line.slopes if d not in descriptors]
        if stray:
            raise AdatomError(
                f"the line {line} rests on {stray[0]}, which is no axis of the map; give"
                f' --line "{line.name}=EV+SLOPE*{descriptors[0]}"'
            )
    return tuple(lines)


def coefficients(
    names: Sequence[str], descriptors: Sequence[str], lines: Sequence[EnergyLine]
) -> np.ndarray:
    """Intercept (eV) and slopes of each energy on the descriptors, shape (K, 1 + D)."""
    by_name = {line.name: line for line in lines}
    table = np.zeros((len(names), 1 + len(descriptors)))
    for row, name in zip(table, names, strict=True):
        if name in descriptors:
            row[1 + list(descriptors).index(name)] = 1.0
            continue
        line = by_name[name]
        row[0] = line.intercept_eV
        row[1:] = [line.slopes.get(d, 0.0) for d in descriptors]
    return table
