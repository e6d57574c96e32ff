"""BioLogic .mpt: the text export of EC-Lab and BT-Lab, Latin-1, with decimal point or comma."""

import re

import numpy as np

from adatom.readers import biologic
from adatom.readers.electrode_area import area_note, area_of
from adatom.readers.naming import name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table, unique_names

NAME = "BioLogic .mpt"
_COUNT = re.compile(r"Nb header lines\s*:\s*(\d{1,6})\s*")
_LOOP = re.compile(r"Loop (\d{1,9}) from point number (\d{1,9}) to (\d{1,9})")
_ALTERNATING = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
"""Zero, that is not measured, in rows of direct current."""
_WIDTH = 20
"""Of a column of settings."""


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.head.startswith(("EC-Lab ASCII FILE", "BT-Lab ASCII FILE"))


def read(source: Source) -> Recording:
    """Read all loops; rows of direct current within an impedance file become their own segment.

    Raises :class:`~adatom.errors.RecordingError` where the file ends before its first row.
    """
    lines = source.lines
    count = next((m for m in map(_COUNT.fullmatch, lines[1:3]) if m), None)
    if count is None or not 3 <= int(count[1]) < len(lines):
        raise source.refuse(
            "expected 'Nb header lines : N' and as many lines, got"
            f" '{lines[1][:40] if len(lines) > 1 else ''}' and {len(lines)} lines; the file is cut"
            " off, export it again",
            1,
        )
    header = lines[: int(count[1])]
    names = header[-1].split("\t")
    if names and not names[-1].strip():
        names.pop()
    start = len(header)
    rows = "\n".join(lines[start:])
    first = rows.split("\n", 1)[0]
    names += [""] * (first.count("\t") + 1 - len(names)) if first.endswith("\t") else []
    table = number_table(
        source,
        rows.encode("utf-8"),
        unique_names(names),
        separator="\t",
        decimal="," if "," in first else ".",
        first_line=start,
    )
    if not len(table):
        raise source.refuse("no rows after the header; export the file again", start)
    named = name_columns(table.columns, known=biologic.HEADINGS)
    settings, title = _settings(header[:-1])
    settings |= _canonical_settings(settings)
    notes = [*table.notes, *area_note(area_of(settings.get("area_cm2", "")))]
    return Recording(
        path=source.path,
        format=NAME,
        segments=_segments(
            biologic.technique_of(title), named.columns, settings, _loops(header, len(table), notes)
        ),
        header="\n".join(header),
        sha256=source.sha256,
        notes=tuple(notes),
    )


def _segments(
    technique: str,
    columns: dict[str, np.ndarray],
    settings: dict[str, str],
    loops: list[tuple[int, int]],
) -> tuple[Segment, ...]:
    """One segment a loop; rows of an impedance file without a frequency are a table."""
    segments = []
    for number, (first, last) in enumerate(loops):
        part = {name: values[first:last] for name, values in columns.items()}
        own = settings | ({"loop": str(number)} if len(loops) > 1 else {})
        frequency = part.get("frequency_Hz")
        if frequency is None:
            segments.append(Segment(technique, part, own))
            continue
        direct = ~(frequency > 0)
        if direct.any():
            kept = {k: v[direct] for k, v in part.items() if k not in _ALTERNATING}
            segments.append(Segment("table", kept, own))
        if not direct.all():
            kept = {k: v[~direct] for k, v in part.items()}
            segments.append(Segment("impedance", kept, own))
    return tuple(segments)


def _loops(header: list[str], points: int, notes: list[str]) -> list[tuple[int, int]]:
    """First and one past the last row of every loop; a note where rows are missing."""
    stated = [(int(m[2]), int(m[3]) + 1) for m in map(_LOOP.fullmatch, map(str.strip, header)) if m]
    if not stated:
        return [(0, points)]
    if stated[-1][1] > points:
        notes.append(
            f"the header announces {stated[-1][1]} points, the file has {points}: it is cut off"
        )
    kept = [(a, min(b, points)) for a, b in stated if a < min(b, points)]
    joined = [a for a, _ in kept] == [0, *(b for _, b in kept[:-1])]
    return kept if joined and kept[-1][1] == points else [(0, points)]


def _settings(header: list[str]) -> tuple[dict[str, str], str]:
    """Settings as written, by name, and the name of the technique."""
    settings: dict[str, str] = {}
    body = [line.rstrip() for line in header[2:] if line.strip()]
    title = body[0].strip() if body else ""
    previous = ""
    for line in body[1:]:
        name, colon, value = line.strip().partition(" :")
        if not colon:
            name = line[:_WIDTH].strip()
            cells = [line[n : n + _WIDTH].strip() for n in range(_WIDTH, len(line), _WIDTH)]
            value = "; ".join(c for c in cells if c)
            name, previous = (f"{previous} vs.", previous) if name == "vs." else (name, name)
        if name and value.strip():
            settings.setdefault(name, value.strip())
    return settings, title


def _canonical_settings(settings: dict[str, str]) -> dict[str, str]:
    found = {}
    rates = {_number(x) for x in settings.get("dE/dt", "").split("; ")}
    units = {"mV/s": 1e-3, "V/s": 1.0, "mV/mn": 1e-3 / 60.0}
    unit = settings.get("dE/dt unit", "").split("; ")[0]
    rate = rates.pop() if len(rates) == 1 else None
    if rate and unit in units:
        found["scan_rate_V_s"] = f"{rate * units[unit]:.12g}"
    stated = settings.get("Electrode surface area", "")
    area = area_of(stated)
    if area and stated.partition(" ")[2].startswith("cm"):
        found["area_cm2"] = f"{area:.12g}"
    if "Reference electrode" in settings:
        found["reference"] = settings["Reference electrode"]
    if "comp. level (%)" in settings:
        found["ir_compensation"] = f"{settings['comp. level (%)']} %"
    return found


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
