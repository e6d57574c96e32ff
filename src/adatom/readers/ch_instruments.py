"""CH Instruments text exports: settings, then one table between commas.

Their polarity is set in the software (cathodic positive unless changed) and not written into the
file: currents are kept as they are, and a note says so. Z'' is written itself.
"""

from dataclasses import replace

from adatom.readers import delimited
from adatom.readers.naming import Heading
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source

NAME = "CH Instruments"
_HEADINGS = {
    "i1/A": Heading("current_A"),
    "i2/A": Heading("ring_current_A"),
}
_TECHNIQUES = {
    "cyclic voltammetry": "cyclic voltammetry",
    "linear sweep voltammetry": "linear sweep",
    "tafel plot": "linear sweep",
    "a.c. impedance": "impedance",
    "impedance - potential": "impedance",
    "amperometric i-t curve": "chronoamperometry",
    "chronoamperometry": "chronoamperometry",
    "bulk electrolysis with coulometry": "chronoamperometry",
    "chronopotentiometry": "chronopotentiometry",
    "open circuit potential - time": "open circuit",
}
POLARITY = (
    "the file does not tell the polarity (CHI's default is cathodic positive): currents are as"
    " written; if cathodic ones are positive, turn them with --columns current_A=-current_A"
)


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    head = source.head[:2000]
    return "Instrument Model:" in head and ("CHI" in head or "Init E (V)" in head)


def read(source: Source) -> Recording:
    """Read the table with the settings above it.

    Raises :class:`~adatom.errors.RecordingError` where there is none.
    """
    table = delimited.read(source, known=_HEADINGS)
    header = table.header.split("\n")
    settings: dict[str, str] = {}
    for line in header:
        for mark in (" = ", ": "):
            name, found, value = line.partition(mark)
            if found and value.strip():
                settings.setdefault(name.strip(), value.strip())
                break
    if "Scan Rate (V/s)" in settings:
        settings["scan_rate_V_s"] = settings["Scan Rate (V/s)"]
    title = header[1].strip().lower() if len(header) > 1 else ""
    (segment,) = table.segments
    technique = _TECHNIQUES.get(title, segment.technique)
    has_current = "current_A" in segment or "ring_current_A" in segment
    return replace(
        table,
        format=NAME,
        segments=(Segment(technique, segment.columns, {**segment.settings, **settings}),),
        notes=(*table.notes, *((POLARITY,) if has_current else ())),
    )
