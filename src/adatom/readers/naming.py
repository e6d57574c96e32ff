"""From a file's column headers to quantities with units."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adatom.readers.recording import COLUMNS

_LONGEST = 200
"""Characters of a header that is looked at."""
_PREFIX = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_AREA = {"cm-2": 1.0, "/cm2": 1.0, "m-2": 1e-4, "/m2": 1e-4}
_OTHER_UNITS = {
    "s": ("time", 1.0), "sec": ("time", 1.0), "ms": ("time", 1e-3), "min": ("time", 60.0),
    "h": ("time", 3600.0), "rpm": ("rotation", 1.0), "min-1": ("rotation", 1.0),
    "1/min": ("rotation", 1.0), "rad/s": ("rotation", 30.0 / math.pi),
    "rads-1": ("rotation", 30.0 / math.pi),
    "mah": ("capacity", 1.0), "ah": ("capacity", 1e3), "uah": ("capacity", 1e-3),
}  # fmt: skip
_CANONICAL = {
    ("potential", "potential"): "potential_V",
    ("current", "current"): "current_A",
    ("current", "density"): "current_density_mA_cm2",
    ("ring potential", "potential"): "ring_potential_V",
    ("ring current", "current"): "ring_current_A",
    ("time", "time"): "time_s",
    ("frequency", "frequency"): "frequency_Hz",
    ("real", "resistance"): "impedance_real_ohm",
    ("imaginary", "resistance"): "impedance_imaginary_ohm",
    ("rotation", "rotation"): "rotation_rpm",
    ("charge", "charge"): "charge_C",
    ("charge", "capacity"): "capacity_mAh",
}
_QUANTITIES = {
    "potential": "e ewe u v vf potential voltage ecell ucell cellvoltage cellpotential"
    " we(1).potential electrodepotential potentialwe ework edisk diskpotential",
    "current": "i im j current currentdensity we(1).current idisk jdisk idisc diskcurrent"
    " disccurrent currentdisk",
    "ring potential": "ering ringpotential potentialring we(2).potential",
    "ring current": "iring ringcurrent currentring we(2).current",
    "time": "t time elapsedtime correctedtime",
    "frequency": "f freq frequency",
    "real": "z' zre zreal re(z) rez real(z) zprime z're realz",
    "imaginary": "z'' zim zimg zimag im(z) imz imag(z) imagz zimaginary",
    "rotation": "rpm rotation rotationrate rotationspeed",
    "cycle": "cycle cyclenumber cycleno scan scannumber",
    "charge": "q charge capacity",
}
_QUANTITY = {name: kind for kind, names in _QUANTITIES.items() for name in names.split()}
_CURRENTS = ("current_A", "current_density_mA_cm2", "ring_current_A")
_MEASURED = (*_CURRENTS, "potential_V", "ring_potential_V")
"""Of these a table should have one column each."""
_NO_CURRENT = {"range", "limit", "noise", "error", "sd", "std", "err", "overload", "set", "max"}
"""Words of headers that have the unit of a current but are none that was measured."""
_REFERENCE = re.compile(r"([mu]?V)(?:[\s_,]+|\s*\(\s*)(?:vs?\.?[\s_]*)?([^)]+?)\)?")


@dataclass(frozen=True)
class Heading:
    """What a column's header says."""

    name: str | None
    """One of :data:`~adatom.readers.recording.COLUMNS`; None where the header is not clear."""
    factor: float = 1.0
    """By which values are multiplied, sign included."""
    reference: str = ""
    """Electrode that potentials are measured against, where the header says so."""
    asks: str = ""
    """The quantity of a header without a unit, of which a name could be given."""


def scaled(values: np.ndarray, factor: float) -> np.ndarray:
    """``factor * values``, exact to the last digit where the factor is a power of ten below one."""
    if factor == 1.0:
        return values
    inverse = 1.0 / factor
    with np.errstate(over="ignore", invalid="ignore"):  # becomes infinite or NaN: missing
        exact = abs(inverse) > 1.0 and inverse % 1 == 0
        return values / round(inverse) if exact else factor * values


def unit_of(text: str) -> tuple[str, float, str] | None:
    """Quantity, factor to the canonical unit and reference electrode of a unit; None if unknown."""
    plain = text.strip().translate({0xB5: "u", 0x3BC: "u", 0x3A9: "Ohm", 0x2126: "Ohm"})
    plain = plain.replace("−", "-").replace("⁻", "-").replace("²", "2").replace("¹", "1")
    reference = _REFERENCE.fullmatch(plain)
    if reference:
        return "potential", _PREFIX[reference[1][:-1]], reference[2].strip()
    tight = re.sub(r"[\s^{}·*_]|(?<=[A-Za-z])\.(?=[a-zA-Z])", "", plain)
    density = re.fullmatch(r"([pnumk]?)A(cm-2|/cm2|m-2|/m2)", tight)
    if tight.endswith("Acm2") and density is None:  # as in names of adatom: mA_cm2
        density = re.fullmatch(r"([pnumk]?)A(cm2)", tight)
    if density:
        return "density", _PREFIX[density[1]] * 1e3 * _AREA.get(density[2], 1.0), ""
    simple = re.fullmatch(r"([pnumkM]?)(V|A|C|Hz|hz|[Oo]hms?)", tight)
    if simple and tight not in ("mhz", "mohm", "mohms"):  # milli or mega
        kind = {"V": "potential", "A": "current", "C": "charge", "h": "frequency"}
        return kind.get(simple[2][0].replace("H", "h"), "resistance"), _PREFIX[simple[1]], ""
    if tight.lower() in _OTHER_UNITS:
        return (*_OTHER_UNITS[tight.lower()], "")
    return None


def heading(text: str, unit: str | None = None) -> Heading:
    """Read a header such as ``E (V vs RHE)``, ``<I>/mA``, ``j / uA cm-2`` or ``potential_V``.

    ``unit`` is given where the file has a line of units of its own.
    """
    text = text.strip().strip('"').replace("−", "-")
    if len(text) > _LONGEST:
        return Heading(None)
    if unit is None:
        own = canonical_name(text)
        if own is not None:
            return Heading(own[0], own[1], own[2])
    asks = ""
    for name, of in [(text, unit)] if unit is not None else _splits(text):
        quantity, sign = _quantity(name)
        if quantity == "cycle" and not of:
            return Heading("cycle")
        measure = ("rotation", 1.0, "") if quantity == "rotation" and not of else unit_of(of or "")
        if quantity is None:
            if measure and (of or "").strip().lower() == "rpm":
                return Heading("rotation_rpm", measure[1])
            continue
        found = _CANONICAL.get((quantity, measure[0])) if measure else None
        if found and measure:
            return Heading(found, sign * measure[1], measure[2])
        asks = asks or quantity
    return Heading(None, asks=asks)


def canonical_name(text: str) -> tuple[str, float, str] | None:
    """Canonical name, factor and reference of a name like ``potential_mV`` or ``potential_V_rhe``.

    None where it is no name of :data:`~adatom.readers.recording.COLUMNS` in any unit.
    """
    if text in COLUMNS:
        return text, 1.0, ""
    for name in COLUMNS:
        stem, _, unit = name.partition("_density_") if "_density_" in name else name.rpartition("_")
        stem = stem + "_density" if "_density_" in name else stem
        if not stem or not text.startswith(stem + "_"):
            continue
        own, given = unit_of(unit), unit_of(text[len(stem) + 1 :])
        if own and given and own[0] == given[0]:
            return name, given[1] / own[1], given[2].upper()
    return None


def in_unit(name: str, factor: float) -> str:
    """A name of :data:`~adatom.readers.recording.COLUMNS` in the unit that is ``factor`` of its
    own: ``current_mA`` for ``current_A`` and 1e-3; the name itself where no prefix fits."""
    stem, _, unit = name.partition("_density_") if "_density_" in name else name.rpartition("_")
    stem += "_density" if "_density_" in name else ""
    for prefix in _PREFIX:
        named = f"{stem}_{prefix}{unit.removeprefix('m')}"
        known = canonical_name(named)
        if known and known[0] == name and math.isclose(known[1], abs(factor)):
            return named
    return name


@dataclass(frozen=True)
class NamedColumns:
    """Columns under canonical names where their headers are clear, else under their own."""

    columns: dict[str, np.ndarray]
    reference: str = ""
    """Electrode that the potentials are measured against, where a header says so."""
    unclear: tuple[str, ...] = ()
    """Headers of a known quantity whose unit is missing or of another kind."""


def name_columns(
    raw: Mapping[str, np.ndarray],
    units: Mapping[str, str] | None = None,
    known: Mapping[str, Heading] | None = None,
) -> NamedColumns:
    """Rename and scale what the headers name clearly; of two claims to a name the first holds.

    ``units`` are those of a line of units, by header; ``known`` are headings of this format.
    """
    columns: dict[str, np.ndarray] = {}
    reference, unclear = "", []
    for text, values in raw.items():
        own = (known or {}).get(text) or heading(text, (units or {}).get(text))
        if own.name is None or own.name in columns:
            columns[text] = values
            if own.asks:
                unclear.append(text)
            continue
        columns[own.name] = scaled(values, own.factor)
        if own.name == "potential_V":
            reference = own.reference
    return NamedColumns(columns, reference, tuple(unclear))


def contenders(
    raw: Mapping[str, np.ndarray],
    units: Mapping[str, str] | None = None,
    known: Mapping[str, Heading] | None = None,
) -> dict[str, list[tuple[str, str]]]:
    """Headers of different columns that say the same measured quantity, by its name.

    Each with the name in its own unit (``current_mA``). They are alike but for a number, or a
    current with more words and a unit of the same kind: of ``j`` and ``j Ageo``, both in mA cm-2,
    only who made the file knows which is meant.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for text, values in raw.items():
        plain = plain_header(text)
        unit = (units or {}).get(text)
        own = (known or {}).get(plain) or heading(plain, unit)
        own = own if own.name else _longer(plain, unit)
        if own.name is None or own.name not in _MEASURED:
            continue
        others = found.setdefault(own.name, [])
        if not any(np.array_equal(values, raw[other], equal_nan=True) for other, _ in others):
            others.append((text, in_unit(own.name, own.factor)))
    return {name: texts for name, texts in found.items() if len(texts) > 1}


def plain_header(text: str) -> str:
    """A header without the number that a repeated one was given."""
    return re.sub(r" \(\d+\)$", "", text)


def _longer(text: str, unit: str | None) -> Heading:
    """The current that a header such as ``j Ageo (mA cm-2)`` may be: its first word and unit."""
    for name, of in [(text, unit)] if unit is not None else _splits(text):
        words = re.split(r"[\s_]+", name.lower())
        measure = unit_of(of or "")
        if len(words) > 1 and measure and not _NO_CURRENT & set(words):
            found = _CANONICAL.get((_QUANTITY.get(words[0], ""), measure[0]))
            if found in _CURRENTS:
                return Heading(found, measure[1])
    return Heading(None)


def _splits(text: str) -> list[tuple[str, str]]:
    """Every way in which a header may be a name and a unit, and the name alone."""
    found = []
    for pattern in (r"(.*\S)\s*\(([^()]*)\)", r"(.*?\S)\s*[\[({](.*)[\])}]"):
        bracket = re.fullmatch(pattern, text)
        if bracket:
            found.append((bracket[1], bracket[2]))
    for separator in ("/", ",", "_", " "):
        places = [n for n, letter in enumerate(text) if letter == separator]
        found += [(text[:n], text[n + 1 :]) for n in places[:8]]
    return [*found, (text, "")]


def _quantity(name: str) -> tuple[str | None, float]:
    plain = re.sub(r"[\s_<>]", "", name.lower()).replace('"', "''").replace("′", "'")
    plain = plain.replace("″", "''").replace("’", "'").rstrip("/")
    sign = 1.0
    if plain not in _QUANTITY and plain.startswith("-"):
        plain, sign = plain[1:], -1.0
        if _QUANTITY.get(plain) != "imaginary":
            return None, 1.0
    return _QUANTITY.get(plain), sign
