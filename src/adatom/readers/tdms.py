"""TDMS of National Instruments, through npTDMS (LGPL, an extra); a group is a segment.

Channels are taken by name and unit as columns of a table are; currents with the sign of the file.
"""

import io
from typing import Any

import numpy as np

from adatom.readers.logged import kept_warnings
from adatom.readers.naming import name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import MAX_BYTES, Source

NAME = "TDMS"
INSTALL = "pip install 'npTDMS>=1.10'"


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.data.startswith(b"TDSm")


def read(source: Source) -> Recording:
    """Read the groups whose channels are numbers.

    Raises :class:`~adatom.errors.RecordingError` without npTDMS, and where it cannot read the file.
    """
    try:
        from nptdms import TdmsFile
    except ImportError:
        raise source.refuse(f"reading TDMS needs npTDMS: {INSTALL}") from None
    notes: list[str] = []
    segments = []
    try:
        with (
            kept_warnings("nptdms") as warnings,
            TdmsFile.open(io.BytesIO(source.data)) as file,
        ):
            header = "\n".join(f"{k} = {v}" for k, v in file.properties.items())
            for group in file.groups():
                segment = _segment(source, group, notes)
                if segment is not None:
                    segments.append(segment)
    except (MemoryError, OSError, ArithmeticError, LookupError, ValueError, TypeError) as error:
        raise _damaged(source, error) from None
    except Exception as error:  # another's parser of a binary format: anything may come
        if type(error).__module__.startswith("adatom"):
            raise
        raise _damaged(source, error) from None
    if not segments:
        raise source.refuse("no group with channels of numbers")
    notes += [f"npTDMS: {message}" for message in warnings]
    return Recording(source.path, NAME, tuple(segments), header, source.sha256, tuple(notes))


def _damaged(source: Source, error: BaseException) -> Exception:
    return source.refuse(
        f"npTDMS cannot read this file ({type(error).__name__}: {str(error)[:120]}); export it as"
        " text"
    )


def _segment(source: Source, group: Any, notes: list[str]) -> Segment | None:
    raw: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    channels = [c for c in group.channels() if c.dtype is not None and c.dtype.kind in "fiu"]
    if sum(len(c) for c in channels) * 8 > 4 * MAX_BYTES:
        raise source.refuse(f"group '{group.name}' announces more values than the file can hold")
    longest = max((len(c) for c in channels), default=0)
    for channel in channels:
        if len(channel) != longest or not longest:
            notes.append(f"channel '{channel.name}' has {len(channel)} values: left out")
            continue
        with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
            raw[channel.name] = np.asarray(channel[:], dtype=float)
        unit = channel.properties.get("unit_string") or channel.properties.get("NI_UnitDescription")
        if unit:
            units[channel.name] = str(unit)
    if not raw:
        return None
    named = name_columns(raw, units)
    notes += [
        f"channel '{name}' is not used: no unit of that quantity; name it with a column map"
        for name in named.unclear
    ]
    return Segment("table", named.columns, {str(k): str(v) for k, v in group.properties.items()})
