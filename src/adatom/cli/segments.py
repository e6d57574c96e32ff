"""Options that say what to take from a recorded file."""

from typing import Annotated

import typer

from adatom.errors import AdatomError

SegmentOption = Annotated[
    int | None, typer.Option(min=1, help="Which segment of the file, from 1.")
]
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        help="Name a table's column: NAME=COLUMN, as potential_V=E or current_mA=-I (a minus turns"
        " the sign); repeatable.",
    ),
]


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
