"""Two plain spectra: .i2b (a count, then f Z' Z'') and PowerSuite (Frequency Zre Zimg).

Both give Hz and ohm without saying so, and Z'' itself.
"""

import re
from dataclasses import replace

from adatom.readers import delimited
from adatom.readers.naming import Heading
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table

I2B, POWERSUITE = ".i2b", "PowerSuite"
_NAMES = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_COUNT = re.compile(rf"^(\d{{1,7}})[ \t]*\n{_NUMBER}[ \t]+{_NUMBER}[ \t]+{_NUMBER}[ \t]*$", re.M)
_POWERSUITE = re.compile(r"Frequency\s+Zre\s+Zimg\s*\n")


def recognises(source: Source) -> bool:
    """Whether this is one of the two."""
    head = source.head[:8192]
    return bool(_POWERSUITE.match(head)) or bool(_COUNT.search(head))


def read(source: Source) -> Recording:
    """Read the one spectrum."""
    if _POWERSUITE.match(source.head):
        headings = dict(zip(("Frequency", "Zre", "Zimg"), map(Heading, _NAMES), strict=True))
        return replace(delimited.read(source, known=headings), format=POWERSUITE)
    match = _COUNT.search(source.head)
    assert match is not None
    lines = source.lines
    start = source.head[: match.start()].count("\n") + 1
    count = int(match[1])
    rows = lines[start : start + count]
    table = number_table(
        source,
        "\n".join(rows).encode("utf-8"),
        _NAMES,
        separator=r"\s+",
        first_line=start,
        needed=frozenset(_NAMES),
    )
    notes = list(table.notes)
    if len(table) < count:
        notes.append(f"the header announces {count} points, the file has {len(table)}")
    return Recording(
        source.path,
        I2B,
        (Segment("impedance", table.columns),),
        "\n".join(lines[:start]),
        source.sha256,
        tuple(notes),
    )
