"""Tables of numbers with or without a header: CSV, TSV, semicolons, blanks.

Currents and imaginary parts are taken with the signs of the file; a header ``-Z''`` turns its own.
"""

import re
from collections.abc import Mapping

import numpy as np

from adatom.readers.column_map import apply_map
from adatom.readers.naming import (
    Heading,
    NamedColumns,
    contenders,
    name_columns,
    unit_of,
)
from adatom.readers.recording import COLUMNS, Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import NO_VALUE, NumberTable, number_table, unique_names

NAME = "table"
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eEdD][-+]?\d+)?")
_LONGEST = 64
"""Characters of a number."""
_SEPARATORS = ("\t", ";", ",", " ")
_HEADER_LINES = 2000
"""A table starts within so many lines."""
_EVEN = 0.5
"""Relative scatter of logarithmic steps below which a column is taken for frequencies."""


def read(
    source: Source,
    columns: Mapping[str, str] | None = None,
    known: Mapping[str, Heading] | None = None,
) -> Recording:
    """Read the one table of a text file; ``known`` are the headings of a format.

    Raises :class:`~adatom.errors.RecordingError` where there is none, or where no header tells a
    quantity with its unit and no column map does.
    """
    lines = source.head.split("\n")
    start, separator, first = _find_rows(source, lines)
    names, units, top = _names(lines, start, separator, first)
    table = _read_rows(source, lines, start, separator, names)
    raw = {
        name: values
        for name, values in table.columns.items()
        if not (name.startswith("column ") and np.isnan(values).all())
    }
    notes = list(table.notes)
    mapped = apply_map(source.path, raw, columns, units) if columns else {}
    named = name_columns(raw, units, known)
    if top is None and not columns:
        named = NamedColumns(_impedance_by_order(source, raw))
        notes.append("no header: columns taken as frequency in Hz, Z' and Z'' in ohm")
    if not mapped and not set(named.columns) & set(COLUMNS) - {"cycle", "time_s"}:
        raise source.refuse(
            f"no column says what it is in which unit: {', '.join(raw)[:200]}; name them, for"
            f" example --columns potential_V='{next(iter(raw), '')}' (potential_mV, current_mA,"
            " current_density_mA_cm2, frequency_Hz, impedance_real_ohm ...)",
            start - 1 if top is not None else start,
        )
    chosen = {given.strip().removeprefix("-").strip() for given in (columns or {}).values()}
    rest = {name: values for name, values in raw.items() if name not in chosen}
    for name, texts in contenders(rest, units, known).items():
        if name not in mapped:
            listed = ", ".join(f"'{text}'" for text, _ in texts)
            column, named_so = texts[-1]
            raise source.refuse(
                f"columns {listed} all say that they are the {name.partition('_')[0]}; name the one"
                f' that is meant, as --columns "{named_so}={column}"',
                start - 1,
            )
    found = {**{k: v for k, v in named.columns.items() if k not in mapped}, **mapped}
    notes += [
        f"column '{name}' is not used: its header gives no unit of that quantity; name it with"
        " a column map if you need it"
        for name in named.unclear
        if columns is None or name not in columns.values()
    ]
    settings = {"reference": named.reference} if named.reference else {}
    impedance = {"frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm"} <= set(found)
    segment = Segment("impedance" if impedance else "table", found, settings)
    return Recording(
        source.path, NAME, (segment,), "\n".join(lines[:start]), source.sha256, tuple(notes)
    )


def split(line: str, separator: str) -> list[str]:
    """Cells of a line."""
    cells = line.split() if separator == " " else line.split(separator)
    return [c.strip(' "') for c in cells]


def _find_rows(source: Source, lines: list[str]) -> tuple[int, str, list[str]]:
    """First line of numbers, separator, its cells."""
    for start, line in enumerate(lines[:_HEADER_LINES]):
        if not any(letter.isdigit() for letter in line):
            continue
        for separator in _SEPARATORS:
            cells = split(line, separator)
            if len(cells) < 2 or not _numeric(cells):
                continue
            following = next((x for x in lines[start + 1 :] if x.strip()), None)
            if following is None or _like(split(following, separator)):
                return start, separator, cells
    raise source.refuse(
        "no known instrument's file and no table: expected rows of at least two numbers, got"
        f" '{source.head.strip()[:60]}'; export the data as text"
    )


def _like(cells: list[str]) -> bool:
    """Whether a row continues a table, maybe with a cell that should be a number and is none."""
    return _numeric(cells) or (len(cells) > 1 and any(map(_is_number, cells)))


def _numeric(cells: list[str]) -> bool:
    """Whether most cells of a row are numbers and at least two are, or one beside gaps."""
    filled = [c for c in cells if c not in NO_VALUE]
    numbers = sum(map(_is_number, filled))
    return numbers >= min(2, len(cells) - 1) and 2 * numbers > len(filled)


def _is_number(cell: str) -> bool:
    return len(cell) <= _LONGEST and _NUMBER.fullmatch(cell) is not None


def _names(
    lines: list[str], start: int, separator: str, first: list[str]
) -> tuple[list[str], dict[str, str], int | None]:
    """Names, units of a line of their own, and the line of the names (None without a header)."""
    width = len(first)
    least = max(n + 1 for n, cell in enumerate(first) if cell)
    block: list[list[str]] = []
    at = start
    while at > 0 and len(block) < 6:
        at -= 1
        if not lines[at].strip():
            if block:
                break
            continue
        cells = _header_cells(lines[at], separator, least, width)
        if cells is None or _numeric(cells):
            break
        block.insert(0, cells)
    if not block:
        return [f"column {n + 1}" for n in range(width)], {}, None
    for row in range(1, len(block)):
        filled = [c for c in block[row] if c]
        if len(filled) >= 2 and 2 * sum(unit_of(c) is not None for c in filled) >= len(filled):
            names = unique_names(block[row - 1])
            return names, dict(zip(names, block[row], strict=False)), start - len(block) + row
    return unique_names(block[-1]), {}, start - 1


def _header_cells(line: str, separator: str, least: int, width: int) -> list[str] | None:
    """Cells of a header line, filled up to ``width``; None where they do not fit the rows.

    Fewer than ``width`` fit only where the row below ends in empty cells: a name that is missing
    elsewhere would move all others.
    """
    line = line.lstrip("#%").rstrip(" ")
    options = [split(line, separator)]
    if separator == " ":
        options += [re.split(r"\s{2,}|\t", line.strip()), [c.strip() for c in line.split(",")]]
    for option in options:
        cells = [c.strip('"').strip() for c in option]
        if cells and not cells[-1] and len(cells) == width + 1:
            cells.pop()
        if len(cells) > 1 and least <= len(cells) <= width:
            return cells + [""] * (width - len(cells))
    return None


def _read_rows(
    source: Source, lines: list[str], start: int, separator: str, names: list[str]
) -> NumberTable:
    plain = source.plain.replace(b'"', b"") if b'"' in source.plain else source.plain
    offset = 0
    for _ in range(start):
        offset = plain.index(b"\n", offset) + 1
    rows = plain[offset:] if offset else plain
    decimal = "."
    if separator != "," and b"," in rows:
        cells = [c for line in lines[start : start + 50] for c in split(line, separator)]
        numbers = [c for c in cells if _is_number(c)]
        decimal = ","
        if any("." in c for c in numbers):
            raise source.refuse(
                "numbers with a decimal point and a comma elsewhere in the rows; export without"
                " thousands separators",
                start,
            )
    return number_table(
        source,
        rows,
        names,
        separator=r"\s+" if separator == " " else separator,
        decimal=decimal,
        first_line=start,
        encoding=source.codec,
    )


def _impedance_by_order(source: Source, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Frequency, Z' and Z'' of three columns without header, if the first looks like frequencies.

    Raises :class:`~adatom.errors.RecordingError` otherwise.
    """
    values = list(raw.values())
    if len(values) == 3 and len(values[0]) >= 5 and (values[0] > 0).all():
        steps = np.diff(np.log(values[0]))
        decades = abs(steps.sum()) / np.log(10.0)
        if decades >= 1.0 and np.std(steps) < _EVEN * abs(np.mean(steps)):
            names = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
            return dict(zip(names, values, strict=True))
    raise source.refuse(
        f"{len(values)} columns without a header that names as many; name them, for example"
        " --columns 'potential_V=column 1' --columns 'current_mA=column 2'"
    )
