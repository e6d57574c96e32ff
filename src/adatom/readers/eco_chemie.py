"""Eco Chemie .dfr, of the Autolab FRA software: a version, a count, then nine lines a frequency.

The third number is -Z'', which is turned.
"""

import re

import numpy as np

from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source

NAME = "Eco Chemie .dfr"
_PER_POINT = 9
_START = 3


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return bool(re.match(r"VERSION\d+\.\d+ *\n *\d+ *\n", source.head))


def read(source: Source) -> Recording:
    """Read the one spectrum.

    Raises :class:`~adatom.errors.RecordingError` where no point is whole or one is no number.
    """
    lines = source.lines
    count = int(lines[1].split()[0][:12])
    points = min(count, (len(lines) - _START) // _PER_POINT)
    if points < 1:
        raise source.refuse("no point is whole; the file is cut off", 2)
    rows = lines[_START : _START + points * _PER_POINT]
    try:
        values = np.array([float(line) for line in rows]).reshape(points, _PER_POINT)
    except ValueError:
        wrong = next(n for n, line in enumerate(rows) if not _is_number(line))
        raise source.refuse(
            f"expected a number, got '{rows[wrong].strip()[:40]}'; the file is cut off or mixed up",
            _START + wrong,
        ) from None
    values = np.where(np.isfinite(values), values, np.nan)
    columns = {
        "frequency_Hz": values[:, 0],
        "impedance_real_ohm": values[:, 1],
        "impedance_imaginary_ohm": -values[:, 2],
    }
    cut = f"the header announces {count} points, the file has {points}: it is cut off"
    return Recording(
        source.path,
        NAME,
        (Segment("impedance", columns),),
        "\n".join(lines[:_START]),
        source.sha256,
        (cut,) if points < count else (),
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
