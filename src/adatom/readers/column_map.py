"""The user's own column map: which column of a file is which quantity."""

import math
from collections.abc import Mapping

import numpy as np

from adatom.errors import RecordingError, printable
from adatom.readers.naming import canonical_name, heading, in_unit, plain_header, scaled
from adatom.readers.recording import COLUMNS


def apply_map(
    path: object,
    raw: Mapping[str, np.ndarray],
    columns: Mapping[str, str],
    units: Mapping[str, str] | None = None,
) -> dict[str, np.ndarray]:
    """Columns that the user named: canonical name (its unit may carry a prefix) to file's column.

    A minus before the file's column turns its sign. Raises
    :class:`~adatom.errors.RecordingError` for a name or a column that does not exist, and for a
    unit other than that of the column's header (or of the line of ``units``).
    """
    result = {}
    for wanted, given in columns.items():
        known = canonical_name(wanted.strip())
        if known is None:
            raise RecordingError(
                f"column map: '{wanted}' is no known quantity; expected one of"
                f" {', '.join(COLUMNS)}, with another unit where that is the file's (potential_mV)"
            )
        column, sign = given.strip(), 1.0
        if column not in raw and column.startswith("-") and column[1:].strip() in raw:
            column, sign = column[1:].strip(), -1.0
        if column not in raw:
            raise RecordingError(
                f"{path}: column map: no column '{column}'; the file has"
                f" {printable(', '.join(raw), 300)}"
            )
        if known[0] in result:
            raise RecordingError(f"column map: {known[0]} is named twice")
        own = heading(plain_header(column), (units or {}).get(column))
        if own.name == known[0] and not math.isclose(abs(own.factor), known[1]):
            right = in_unit(own.name, own.factor)
            raise RecordingError(
                f"{path}: column map: '{wanted.strip()}' is not in the unit that the header of"
                f" '{column}' says; write --columns \"{right}={given.strip()}\", or mend the header"
            )
        result[known[0]] = scaled(np.asarray(raw[column], dtype=float), sign * known[1])
    return result
