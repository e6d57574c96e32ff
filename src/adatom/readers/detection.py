"""From a path to a recording: the format shows in the content, never in the name."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from adatom.readers import (
    biologic_mpr,
    biologic_mpt,
    ch_instruments,
    delimited,
    eco_chemie,
    gamry,
    nova,
    palmsens,
    simple_impedance,
    tdms,
    versastudio,
    zplot,
)
from adatom.readers.column_map import apply_map
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source, open_source

FORMATS = (
    biologic_mpt,
    biologic_mpr,
    gamry,
    versastudio,
    nova,
    ch_instruments,
    zplot,
    palmsens,
    eco_chemie,
    tdms,
    simple_impedance,
)
"""Asked in this order; anything else is read as a table."""
_FOREIGN = {
    b"PK\x03\x04": "a ZIP container such as a spreadsheet (.xlsx); save its table as CSV",
    b"\x1f\x8b": "compressed (gzip); unpack it first",
    b"\x89HDF": "an HDF5 file; export its table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office or instrument container; save its table as CSV or text",
    b"%PDF": "a PDF; export the data as text",
}


def read_recording(path: Path | str, columns: Mapping[str, str] | None = None) -> Recording:
    """Read an instrument's file, whatever it is called.

    ``columns`` maps a name of :data:`~adatom.readers.recording.COLUMNS`, in the unit that the file
    has (``current_mA``), to a column of the file, with a minus before it where its sign is to be
    turned. Raises :class:`~adatom.errors.RecordingError` with file, line, what was expected and
    the remedy.
    """
    return read_source(open_source(Path(path)), columns)


def read_source(source: Source, columns: Mapping[str, str] | None = None) -> Recording:
    """Read the bytes of a file; see :func:`read_recording`."""
    for format_ in FORMATS:
        if format_.recognises(source):
            recording = format_.read(source)
            return _mapped(recording, columns) if columns else recording
    refuse_foreign(source)
    return delimited.read(source, columns)


def refuse_foreign(source: Source) -> None:
    """Raise :class:`~adatom.errors.RecordingError` for containers and unknown binaries."""
    for mark, what in _FOREIGN.items():
        if source.data.startswith(mark):
            raise source.refuse(f"this is {what}")
    if source.binary:
        raise source.refuse(
            "a binary file of no known instrument; export the data as text (.mpt, .DTA, .csv)"
        )


def _mapped(recording: Recording, columns: Mapping[str, str]) -> Recording:
    """The recording with the user's names in every segment that has the columns."""
    every = {name: values for s in recording.segments for name, values in s.columns.items()}
    apply_map(recording.path, every, columns)  # refuses what no segment has
    segments = []
    for segment in recording.segments:
        there = {
            name: column
            for name, column in columns.items()
            if {column.strip(), column.strip().removeprefix("-").strip()} & set(segment.columns)
        }
        found = apply_map(recording.path, segment.columns, there)
        segments.append(Segment(segment.technique, {**segment.columns, **found}, segment.settings))
    return replace(recording, segments=tuple(segments))
