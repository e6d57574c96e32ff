"""Two columns of a delimited text of any length, a chunk at a time."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from adatom.errors import RecordingError, printable
from adatom.readers.source import MAX_LINE
from adatom.readers.tables import EXACT

ROWS = 200_000
"""Read at once."""
HEADER_BYTES = 65_536
"""The line with the names must end within this."""
SEPARATORS = ("\t", ";", ",")


def column_chunks(path: Path, time: str, value: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Times and values of a file whose first line names its columns, (N,) each, NaN where empty.

    Raises :class:`~adatom.errors.RecordingError` naming file, columns found, or the cell that is
    no number.
    """
    if not path.is_file():
        raise RecordingError(f"{path} does not exist")
    with path.open("rb") as file:
        start = file.readline(HEADER_BYTES)
    if not start.endswith(b"\n"):
        raise RecordingError(f"{path}: the first line should name the columns")
    header = start.decode("utf-8-sig", errors="replace").strip()
    separator = max(SEPARATORS, key=header.count)
    names = [name.strip().strip('"') for name in header.split(separator)]
    for wanted in (time, value):
        if names.count(wanted) != 1:
            raise RecordingError(
                f"{path}: there should be one column '{wanted}'; its first line has"
                f" {printable(', '.join(names), 200)}"
            )
    columns = [names.index(time), names.index(value)]
    kinds = {n: float if n in columns else str for n in range(len(names))}
    try:
        with pd.read_csv(
            io.BufferedReader(_ShortLines(path)), sep=separator, header=None, skiprows=1,
            names=list(kinds), index_col=False, dtype=kinds, chunksize=ROWS, encoding="utf-8-sig",
            **EXACT,
        ) as reader:  # fmt: skip
            while (frame := _next(reader)) is not None:
                yield frame[columns[0]].to_numpy(), frame[columns[1]].to_numpy()
    except pd.errors.ParserWarning:
        raise RecordingError(
            f"{path}: its rows have more cells than its first line has names ({len(names)}); are"
            " decimals written with commas?"
        ) from None
    except (ValueError, pd.errors.ParserError) as error:
        raise RecordingError(
            f"{path}: not a table of numbers: {printable(str(error).strip(), 120)}"
        ) from None


def _next(reader: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    """The next rows; a row longer than the header, which would lose its end, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return next(reader, None)


class _ShortLines(io.RawIOBase):
    """The bytes of a file, as long as it has line breaks: a row is held whole in memory."""

    def __init__(self, path: Path) -> None:
        self.path, self.file, self.since_break = path, path.open("rb", buffering=0), 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``; raises :class:`~adatom.errors.RecordingError` within an endless line."""
        count = self.file.readinto(buffer)
        last = bytes(buffer[:count]).rfind(b"\n")
        self.since_break = count - last - 1 if last >= 0 else self.since_break + count
        if self.since_break > MAX_LINE:
            raise RecordingError(
                f"{self.path}: a line of more than {MAX_LINE} characters is no measurement;"
                " expected rows of numbers"
            )
        return count

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()
