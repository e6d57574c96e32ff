"""ZPlot .z, and the ``Z60W`` files that other software writes like it; Z'' is written itself."""

import re

from adatom.readers.electrode_area import area_note, area_of
from adatom.readers.naming import Heading, name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table, unique_names

NAME = "ZPlot .z"
_HEADINGS = {
    "Freq(Hz)": Heading("frequency_Hz"),
    "Freq (Hz)": Heading("frequency_Hz"),
    "Time(Sec)": Heading("time_s"),
    "Z'(a)": Heading("impedance_real_ohm"),
    "Z''(b)": Heading("impedance_imaginary_ohm"),
}


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.head.startswith(("ZPLOT2 ASCII", '"Z60W', "Z60W"))


def read(source: Source) -> Recording:
    """Read the one spectrum.

    Raises :class:`~adatom.errors.RecordingError` where its header or its rows are missing.
    """
    lines = source.lines
    top = next((n for n, line in enumerate(lines) if "Freq" in line and "Z''(b)" in line), None)
    if top is None:
        raise source.refuse("no line that names Freq, Z'(a) and Z''(b); the file is cut off")
    start = top + 1
    if start < len(lines) and lines[start].strip() == "End Comments":
        start += 1
    names = re.split(r"\t|\s{2,}", lines[top].strip().strip('"').strip())
    names = [part for name in names for part in re.split(r"(?<=[)a-z])\s(?=Ampl|Err|Range)", name)]
    rows = "\n".join(lines[start:])
    separator = "\t" if "\t" in rows[:400] else ","
    width = rows.split("\n", 1)[0].count(separator) + 1
    if len(names) != width:
        raise source.refuse(
            f"the header names {len(names)} columns, the row below has {width}; the file is cut"
            " off",
            start,
        )
    table = number_table(
        source, rows.encode("utf-8"), unique_names(names), separator=separator, first_line=start
    )
    notes = list(table.notes)
    count = lines[top - 1].strip() if top else ""
    if count.isdecimal() and len(count) < 9 and int(count) > len(table):
        notes.append(f"the header announces {count} points, the file has {len(table)}")
    if not len(table):
        raise source.refuse("no rows of numbers after the header; the file is cut off", start)
    columns = name_columns(table.columns, known=_HEADINGS).columns
    settings: dict[str, str] = {}
    for line in lines[:top]:
        name, colon, value = line.partition(":")
        if colon and value.strip():
            settings.setdefault(name.strip(), value.strip())
    area = area_of(settings.get("Surface Area", ""))
    if area:
        settings["area_cm2"] = f"{area:.12g}"
    notes += area_note(area)
    return Recording(
        source.path,
        NAME,
        (Segment("impedance", columns, settings),),
        "\n".join(lines[:start]),
        source.sha256,
        tuple(notes),
    )
