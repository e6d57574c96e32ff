"""The one sweep that is meant, of several in a file; none is chosen silently."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from adatom.errors import RecordingError

DIRECTIONS = ("cathodic", "anodic")


class _Sweep(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def rotation_rpm(self) -> float | None: ...


S = TypeVar("S", bound=_Sweep)


def one_sweep(
    path: Path,
    sweeps: Sequence[S],
    *,
    direction: str | None = None,
    rotation_rpm: float | None = None,
    cycle: int | None = None,
) -> S:
    """The sweep of ``path`` with this direction and speed; ``cycle`` counts from 1 among those.

    Raises :class:`~adatom.errors.RecordingError` where none or several are left.
    """
    if direction not in (None, *DIRECTIONS):
        raise RecordingError(f"direction must be {' or '.join(DIRECTIONS)}, got '{direction}'")
    left = [
        s
        for s in sweeps
        if direction in (None, s.direction)
        and (rotation_rpm is None or _same_speed(s.rotation_rpm, rotation_rpm))
    ]
    if cycle is not None:
        left = left[cycle - 1 : cycle]
    if len(left) == 1:
        return left[0]
    among = ", ".join(f"'{s.label}'" for s in (left or sweeps))
    if not left:
        raise RecordingError(f"{path} has no such sweep; it has {among}")
    raise RecordingError(
        f"{path} has {len(left)} sweeps: {among}; choose one with {_options(left)}"
    )


def _same_speed(rotation_rpm: float | None, wanted_rpm: float) -> bool:
    return rotation_rpm is not None and abs(rotation_rpm - wanted_rpm) <= 1.0


def _options(left: Sequence[_Sweep]) -> str:
    names = []
    if len({s.direction for s in left}) > 1:
        names.append("--direction")
    if len({s.rotation_rpm for s in left}) > 1:
        names.append("--rotation")
    return " and ".join(names) or "--cycle (1 is the first)"
