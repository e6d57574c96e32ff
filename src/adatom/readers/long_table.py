"""Two columns of a delimited text of any length, a chunk at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from adatom.errors import RecordingError

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
                f" {', '.join(names)[:200]}"
            )
    columns = [names.index(time), names.index(value)]
    try:
        with pd.read_csv(
            path, sep=separator, header=None, skiprows=1, usecols=columns, dtype=float,
            chunksize=ROWS, encoding="utf-8-sig",
        ) as reader:  # fmt: skip
            for frame in reader:
                yield frame[columns[0]].to_numpy(), frame[columns[1]].to_numpy()
    except (ValueError, pd.errors.ParserError) as error:
        raise RecordingError(f"{path}: not a table of numbers: {str(error)[:120]}") from None
