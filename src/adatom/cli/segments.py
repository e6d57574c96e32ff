"""One segment of a recorded file, as options name it."""

from pathlib import Path
from typing import Annotated

import typer

from adatom.errors import AdatomError
from adatom.readers import read_recording
from adatom.readers.recording import Segment

SegmentOption = Annotated[int | None, typer.Option(min=1, help="Which segment of the file.")]
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        help="Name a table's column: NAME=COLUMN, as potential_V=E or current_mA=-I (a minus turns"
        " the sign); repeatable.",
    ),
]


def one_segment(file: Path, number: int | None, named: list[str] | None, *columns: str) -> Segment:
    """The only segment with these columns, or the one with this number (from 1) among them.

    Raises :class:`~adatom.errors.AdatomError` listing the segments where there is a choice.
    """
    found = read_recording(file, column_map(named or []) or None).require(*columns)
    if number is not None:
        if number > len(found):
            raise AdatomError(f"{file}: --segment {number}, but {len(found)} have these columns")
        return found[number - 1]
    if len(found) > 1:
        listed = ", ".join(f"{n} {s.technique} ({len(s)})" for n, s in enumerate(found, 1))
        raise AdatomError(f"{file}: choose one with --segment: {listed[:200]}")
    return found[0]


def column_map(texts: list[str]) -> dict[str, str]:
    """Pairs of ``NAME=COLUMN``; each name once."""
    found: dict[str, str] = {}
    for text in texts:
        name, equal, column = text.partition("=")
        if not equal or not name.strip() or not column.strip():
            raise AdatomError(f"--columns '{text}' must be NAME=COLUMN, for example potential_V=E")
        if name.strip() in found:
            raise AdatomError(f"--columns names {name.strip()} twice")
        found[name.strip()] = column.strip()
    return found
