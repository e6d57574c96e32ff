"""One segment of a recorded file, as an option names it."""

from pathlib import Path

from adatom.errors import AdatomError
from adatom.readers.recording import Segment


def one_segment(file: Path, number: int | None, *columns: str) -> Segment:
    """The only segment with these columns, or the one with this number (from 1) among them.

    Raises :class:`~adatom.errors.AdatomError` listing the segments where there is a choice.
    """
    from adatom.readers.detection import read_recording

    found = read_recording(file).require(*columns)
    if number is not None:
        if number > len(found):
            raise AdatomError(f"{file}: --segment {number}, but {len(found)} have these columns")
        return found[number - 1]
    if len(found) > 1:
        listed = ", ".join(f"{n} {s.technique} ({len(s)})" for n, s in enumerate(found, 1))
        raise AdatomError(f"{file}: choose one with --segment: {listed[:200]}")
    return found[0]
