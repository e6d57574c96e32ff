"""Rows of numbers between separators, read by the C parser of pandas."""

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from adatom.readers.source import Source

MAX_COLUMNS = 2000
"""More is no table of a measurement."""
NO_VALUE = ("", "nan", "NaN", "NAN", "-nan", "NA", "N/A", "#N/A", "null", "None", "XXX", "--")
"""Cells that say that there is no value."""
EXACT: dict[str, Any] = (
    {}
    if tuple(int(part) for part in pd.__version__.split(".")[:2]) >= (3, 1)
    else {"float_precision": "round_trip"}
)
"""Numbers as Python reads them, to the last bit: what pandas does by itself from 3.1 on."""
_CELL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?inf(inity)?", re.A | re.I)
_CUT_NUMBER = re.compile(r"[-+.]|[-+]?[\d.,]*[eE][-+]?")


@dataclass
class NumberTable:
    """Columns of numbers, and what was left out of them."""

    columns: dict[str, np.ndarray]
    """(N,) each."""
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def unique_names(names: Sequence[str]) -> list[str]:
    """Names as written, repeated ones numbered: ``Time (s)``, ``Time (s) (2)``."""
    seen: dict[str, int] = {}
    result = []
    for place, name in enumerate(names):
        plain = " ".join(name.split()) or f"column {place + 1}"
        seen[plain] = seen.get(plain, 0) + 1
        result.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return result


def number_table(
    source: Source,
    rows: bytes,
    names: Sequence[str],
    *,
    separator: str,
    decimal: str = ".",
    first_line: int,
    encoding: str = "utf-8",
    needed: frozenset[str] = frozenset(),
) -> NumberTable:
    """Read ``rows``, whose first line is number ``first_line`` (from 0) of the file.

    A last line that is cut off is left out and noted; a column without any number is left out and
    noted unless it is ``needed``. Raises :class:`~adatom.errors.RecordingError` with the line of a
    cell that should be a number, or of a row that is longer than the header.
    """
    if len(names) > MAX_COLUMNS:
        raise source.refuse(f"{len(names)} columns, expected at most {MAX_COLUMNS}", first_line)
    table = NumberTable({})
    rows = _without_cut_line(rows, len(names), separator, encoding, table.notes)
    if not rows.strip():
        return NumberTable({name: np.empty(0) for name in names}, table.notes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(rows),
                header=None,
                names=list(range(len(names))),
                sep=separator,
                decimal=decimal,
                index_col=False,
                encoding=encoding,
                encoding_errors="replace",
                na_values=list(NO_VALUE),
                keep_default_na=False,
                skipinitialspace=True,
                low_memory=False,
                **EXACT,
                quoting=3,
            )
    except (
        ValueError,
        OverflowError,
        pd.errors.ParserWarning,
    ) as error:  # ParserError is a ValueError
        raise source.refuse(_row_too_long(str(error), first_line, len(names))) from None
    for place, name in enumerate(names):
        values, wrong = _numbers(frame[place], decimal)
        if wrong.any():
            line, cell, some = _first_text(frame[place], values, wrong, rows)
            if some or name in needed:
                raise source.refuse(
                    f"column '{name}' should hold a number, got '{cell[:40]}'; mend or delete the"
                    " row",
                    first_line + line,
                )
            table.notes.append(f"column '{name}' holds text and is left out")
            continue
        if np.isinf(values).any():
            table.notes.append(f"column '{name}': infinite values are taken as missing")
            values = np.where(np.isinf(values), np.nan, values)
        table.columns[name] = values
    return table


def _numbers(column: pd.Series, decimal: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a column, and where it holds text instead.

    A column that is no number throughout for read_csv is read cell by cell by Python: to_numeric
    of pandas 2 makes 10 of 1E-4294967295, and ends the process over other such exponents.
    """
    if column.dtype.kind in "fiu":
        return column.to_numpy(dtype=float), np.zeros(len(column), dtype=bool)
    missing = column.isna().to_numpy()
    cells = (str(cell).strip().replace(decimal, ".") for cell in column)
    values = np.array([float(c) if _CELL.fullmatch(c) else np.nan for c in cells])
    return values, np.isnan(values) & ~missing


def _first_text(
    column: pd.Series, values: np.ndarray, wrong: np.ndarray, rows: bytes
) -> tuple[int, str, bool]:
    """Line of the first cell that is no number, counted from the first of ``rows``, and the cell.

    The last value tells whether the column has any number at all.
    """
    first = int(np.argmax(wrong))
    filled = [n for n, line in enumerate(rows.split(b"\n")) if line.strip()]
    line = filled[first] if first < len(filled) else first
    return line, str(column.iloc[first]).strip(), not np.isnan(values).all()


def _without_cut_line(
    rows: bytes, width: int, separator: str, encoding: str, notes: list[str]
) -> bytes:
    """Leave out a last line that ends within a row or a number and has no line break."""
    if rows.endswith((b"\n", b"\r")) or separator == r"\s+":
        return rows
    start = max(rows.rfind(b"\n"), rows.rfind(b"\r")) + 1
    last = rows[start:].decode(encoding, "replace")
    cells = last.split(separator)
    if start == 0 or not last.strip():
        return rows
    before = rows[:start].rstrip().rsplit(b"\n", 1)[-1].decode(encoding, "replace")
    usual = before.rstrip("\r").count(separator)
    if len(cells) - 1 < min(usual, width - 1) or _CUT_NUMBER.fullmatch(cells[-1].strip()):
        notes.append("the file ends within a row; that row is left out")
        return rows[:start]
    return rows


def _row_too_long(message: str, first_line: int, width: int) -> str:
    match = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if match:
        return (
            f"line {first_line + int(match[2])} has {match[3]} values where the header names"
            f" {width}; mend the row"
        )
    return f"the rows from line {first_line + 1} on are no table of numbers ({message[:80]})"
