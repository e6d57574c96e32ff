"""Autolab NOVA exports: a table with the signals of several commands side by side.

NOVA writes anodic currents positive and ``-Z''``, which is turned. Commands of different length
share the rows: each becomes a segment. A value in the first row alone is a setting.
"""

import re
from itertools import pairwise

import numpy as np

from adatom.readers.delimited import split
from adatom.readers.naming import name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table, unique_names

NAME = "Autolab NOVA"
_APPLIED = "Potential applied (V)"


def recognises(source: Source) -> bool:
    """Whether the first line that is not blank is a header of NOVA."""
    line = source.head[:4096].lstrip().split("\n", 1)[0]
    return "WE(1)." in line or ("-Phase (" in line and "-Z'' (" in line)


def read(source: Source) -> Recording:
    """Read one segment a command.

    Raises :class:`~adatom.errors.RecordingError` where no command has two rows.
    """
    lines = source.lines
    top = next(n for n, line in enumerate(lines) if line.strip())
    separator = next((s for s in ("\t", ";") if s in lines[top]), ",")
    names = unique_names([c.strip('"') for c in split(lines[top], separator)])
    if any(line.count(separator) >= len(names) for line in lines[top + 1 : top + 2]):
        names.append(f"column {len(names) + 1}")
    rows = "\n".join(lines[top + 1 :])
    decimal = "," if separator != "," and "," in rows else "."
    table = number_table(
        source,
        rows.encode("utf-8"),
        names,
        separator=separator,
        decimal=decimal,
        first_line=top + 1,
    )
    lengths = {name: _length(values) for name, values in table.columns.items()}
    constants = {
        name: float(values[0])
        for name, values in table.columns.items()
        if lengths[name] == 1 and len(table) > 1
    }
    segments = []
    for group in _groups([n for n in table.columns if lengths[n] > 1 and n != "Index"], lengths):
        raw = {_own(n): table.columns[n][: lengths[n]] for n in group}
        segments.append(_segment(raw, constants))
    if not segments:
        raise source.refuse("no column with two rows of numbers; export the measurement again", top)
    return Recording(
        source.path, NAME, tuple(segments), lines[top], source.sha256, tuple(table.notes)
    )


def _segment(raw: dict[str, np.ndarray], constants: dict[str, float]) -> Segment:
    columns = name_columns(raw).columns
    if "frequency_Hz" in columns:
        return Segment("impedance", columns)
    settings = {name: f"{value:.15g}" for name, value in constants.items()}
    for name, value in constants.items():
        if "(V/s)" in name:
            settings["scan_rate_V_s"] = f"{value:.15g}"
        if re.search(r"\(rpm\)", name, re.IGNORECASE):
            columns["rotation_rpm"] = np.full(len(next(iter(raw.values()))), value)
    return Segment(_technique(raw.get(_APPLIED)), columns, settings)


def _technique(applied: np.ndarray | None) -> str:
    """By the programme of potentials, where the table has it."""
    if applied is None or not np.isfinite(applied).all():
        return "table"
    steps = np.sign(np.diff(applied))
    steps = steps[steps != 0]
    if not steps.size:
        return "chronoamperometry"
    return "cyclic voltammetry" if (steps != steps[0]).any() else "linear sweep"


def _length(values: np.ndarray) -> int:
    """Rows up to the last value."""
    there = np.flatnonzero(~np.isnan(values))
    return int(there[-1]) + 1 if there.size else 0


def _own(name: str) -> str:
    """The name without the number that a repetition got."""
    return re.sub(r" \(\d+\)$", "", name)


def _groups(names: list[str], lengths: dict[str, int]) -> list[list[str]]:
    """Neighbouring columns of equal length; a frequency starts a new group."""
    cuts = [
        n
        for n in range(1, len(names))
        if lengths[names[n]] != lengths[names[n - 1]] or names[n].startswith("Frequency")
    ]
    edges = [0, *cuts, len(names)]
    return [names[a:b] for a, b in pairwise(edges) if names[a:b]]
