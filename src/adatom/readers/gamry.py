"""Gamry .DTA: tagged settings and one or more tables, with decimal point or comma.

Gamry writes Z'' itself. The sign of currents follows its setting CONVENTION: 1 is anodic positive;
any other value is turned, and said.
"""

import re
from collections.abc import Iterator

import numpy as np

from adatom.readers.electrode_area import area_note
from adatom.readers.naming import Heading, heading, name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table, unique_names

NAME = "Gamry .DTA"
_ANODIC_POSITIVE = "1"
_ALIASES = {
    "Vf": "E",
    "Vdc": "E",
    "Im": "I",
    "Idc": "I",
    "T": "time",
    "Time": "time",
    "Freq": "frequency",
    "Zreal": "Zre",
    "Zimag": "Zim",
}
_TAGS = {
    "CV": "cyclic voltammetry",
    "LSV": "linear sweep",
    "LINPOL": "linear sweep",
    "POTDYN": "linear sweep",
    "CORPOT": "open circuit",
    "CHRONOA": "chronoamperometry",
    "CHRONOP": "chronopotentiometry",
}
_TABLE = re.compile(r"(\w*(?:CURVE|TABLE)\w*)\tTABLE(?:\t(\d{1,9}))?\s*")


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.head.startswith("EXPLAIN\n") and "\nTAG\t" in source.head[:1000]


def read(source: Source) -> Recording:
    """Read every table with rows.

    Raises :class:`~adatom.errors.RecordingError` where there is none.
    """
    lines = source.lines
    tables = list(_tables(lines))
    inside = {n for _, first, last, _ in tables for n in range(first, last)}
    header = [line for n, line in enumerate(lines) if n not in inside]
    settings, notes = _settings(header)
    turned = settings.get("CONVENTION", _ANODIC_POSITIVE) != _ANODIC_POSITIVE
    if turned:
        notes.append(
            f"CONVENTION is {settings['CONVENTION']}, not 1 (anodic positive): currents are turned"
        )
    segments = []
    for name, first, last, announced in tables:
        columns = _columns(source, lines, first, last, notes)
        points = len(next(iter(columns.values()), ()))
        if announced is not None and points < announced:
            notes.append(f"{name} announces {announced} points and has {points}: it is cut off")
        if not points:
            continue
        if turned and "current_A" in columns:
            columns["current_A"] = -columns["current_A"]
        segments.append(
            Segment(_technique(name, columns, settings.get("TAG", "")), columns, settings)
        )
    if not segments:
        raise source.refuse("no table with rows of numbers; the measurement was never started")
    return Recording(
        source.path, NAME, tuple(segments), "\n".join(header), source.sha256, tuple(notes)
    )


def _tables(lines: list[str]) -> Iterator[tuple[str, int, int, int | None]]:
    """Name, first line of the names, one past the last row, and announced rows of every table."""
    for at, line in enumerate(lines):
        match = _TABLE.fullmatch(line)
        if match is None:
            continue
        last = at + 1
        while last < len(lines) and lines[last].startswith("\t"):
            last += 1
        yield match[1], at + 1, last, int(match[2]) if match[2] else None


def _columns(
    source: Source, lines: list[str], first: int, last: int, notes: list[str]
) -> dict[str, np.ndarray]:
    if last - first < 3:
        return {}
    names = unique_names(lines[first].split("\t")[1:])
    units = lines[first + 1].split("\t")[1:]
    rows = [line[1:] for line in lines[first + 2 : last]]
    ended = "\n" if last < len(lines) else ""
    table = number_table(
        source,
        ("\n".join(rows) + ended).encode("utf-8"),
        names,
        separator="\t",
        decimal="," if re.search(r"\d,\d", rows[0]) else ".",
        first_line=first + 2,
    )
    notes += [note for note in table.notes if "'Over'" not in note and "holds text" not in note]
    known = {
        name: Heading(of.name, of.factor)
        for name, unit in zip(names, units, strict=False)
        if name in _ALIASES
        for of in [heading(_ALIASES[name], unit)]
    }
    return name_columns(table.columns, known=known).columns


def _technique(table: str, columns: dict[str, np.ndarray], tag: str) -> str:
    if "frequency_Hz" in columns:
        return "impedance"
    if table.startswith("OCV"):
        return "open circuit"
    return _TAGS.get(tag, "table")


def _settings(header: list[str]) -> tuple[dict[str, str], list[str]]:
    settings: dict[str, str] = {}
    notes: list[str] = []
    labels = {}
    for line in header:
        cells = line.split("\t")
        if len(cells) >= 3 and cells[0]:
            settings[cells[0]] = cells[2].strip()
            labels[cells[0]] = cells[-1]
        elif len(cells) == 2 and cells[0] == "TAG":
            settings["TAG"] = cells[1].strip()
    area, rate = _number(settings.get("AREA", "")), _number(settings.get("SCANRATE", ""))
    if area:
        settings["area_cm2"] = f"{area:.12g}"
    notes += area_note(area)
    if rate and "mV/s" in labels.get("SCANRATE", ""):
        settings["scan_rate_V_s"] = f"{rate / 1e3:.12g}"
    if settings.get("POSFEEDENABLE") == "T":
        settings["ir_compensation"] = f"{settings.get('POSFEEDRESISTANCE', '?')} ohm"
    return settings, notes


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
