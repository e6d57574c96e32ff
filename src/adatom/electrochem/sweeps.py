"""Single sweeps out of a record, split where the potential turns; averages of neighbours."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from adatom.errors import CurveError

TURN_V = 0.02
"""A reversal of less is noise of the potential."""
MOST_BINS = 240
"""Neighbours are averaged to no more: 4 mV over a volt, a tenth of the narrowest wave."""
FEWEST_POINTS = 30
LEAST_SPAN_V = 0.2
"""Less is the stub of a cycle, with no room for a wave and its plateau."""
JUMP_V = 0.02
JUMP_STEPS = 10.0
"""A gap of more than ``JUMP_V`` and as many usual steps is a jump, not a sweep."""


@dataclass(frozen=True)
class Sweep:
    """One direction of one scan."""

    slice: slice
    """Of the record it is part of."""
    rising: bool
    """Whether the potential goes up (anodic, usually called backward in oxygen reduction)."""

    @property
    def direction(self) -> str:
        """``anodic`` or ``cathodic``."""
        return "anodic" if self.rising else "cathodic"


def split_sweeps(
    potential_V: np.ndarray, *, least_span_V: float = LEAST_SPAN_V
) -> tuple[Sweep, ...]:
    """The monotonic stretches of a potential record (N,) that span ``least_span_V`` at least.

    Turning points are where the potential comes back by more than ``TURN_V``.
    Raises :class:`~adatom.errors.CurveError` when nothing sweeps.
    """
    potential = np.asarray(potential_V, dtype=float)
    turns = _turning_points(potential)
    found = []
    for start, end in pairwise(turns):
        part = potential[start:end]
        if len(part) >= 2 and abs(part[-1] - part[0]) >= least_span_V:
            found.append(Sweep(slice(start, end), bool(part[-1] > part[0])))
    if not found:
        raise CurveError(
            f"the potential does not sweep: it spans {np.ptp(potential):.3f} V in"
            f" {len(potential)} points, at least {least_span_V} V in one direction are needed"
        )
    return tuple(found)


@njit(cache=True)
def _turning_points(potential):
    """First point, extremes after which the potential comes back, and one past the last."""
    turns = [0]
    direction = 0
    low = high = 0
    for k in range(potential.size):
        if potential[k] > potential[high]:
            high = k
        if potential[k] < potential[low]:
            low = k
        if direction >= 0 and potential[high] - potential[k] > TURN_V:
            if high > turns[-1]:
                turns.append(high)
            direction, low = -1, k
            high = k
        elif direction <= 0 and potential[k] - potential[low] > TURN_V:
            if low > turns[-1]:
                turns.append(low)
            direction, high = 1, k
            low = k
    turns.append(potential.size)
    return turns


def time_bins(*columns: np.ndarray, most: int = MOST_BINS) -> tuple[np.ndarray, ...]:
    """Averages of equally many neighbours in the order of recording, at most ``most``; each (K,).

    Points of columns (N,) that are no numbers are left out.
    """
    known = np.isfinite(np.stack(columns)).all(axis=0)
    size = max(1, -(-int(known.sum()) // most))
    whole = int(known.sum()) // size * size
    return tuple(c[known][:whole].reshape(-1, size).mean(axis=1) for c in columns)


def binned(
    potential_V: np.ndarray, *others: np.ndarray, most: int = MOST_BINS, label: str = "sweep"
) -> tuple[np.ndarray, ...]:
    """Averages of equally many neighbours, at most ``most``; each (K,).

    The potentials (N,) must be those of one sweep; they are put in order first, for instruments
    whose potential jitters; ``label`` names the sweep in messages. Raises
    :class:`~adatom.errors.CurveError` for too few points, values that are no numbers, and jumps.
    """
    columns = [np.asarray(c, dtype=float) for c in (potential_V, *others)]
    usable = np.isfinite(columns).all(axis=0)
    if not usable.all():
        raise CurveError(
            f"{label}: {int((~usable).sum())} of {usable.size} points are no numbers, the first is"
            f" point {int(np.argmin(usable)) + 1}; delete them in a copy of the file"
        )
    potential = columns[0]
    if len(potential) < FEWEST_POINTS:
        raise CurveError(
            f"{label}: a sweep of {len(potential)} points is too short, at least {FEWEST_POINTS}"
            " are needed"
        )
    order = np.argsort(potential, kind="stable")
    if potential[-1] < potential[0]:
        order = order[::-1]
    columns = [c[order] for c in columns]
    steps = np.abs(np.diff(columns[0]))
    widest = int(np.argmax(steps))
    if steps[widest] > max(JUMP_V, JUMP_STEPS * float(np.median(steps))):
        raise CurveError(
            f"{label}: the potential jumps by {steps[widest]:.3f} V at {columns[0][widest]:.3f} V"
            f" (usual step {1e3 * np.median(steps):.2g} mV): the sweep was interrupted or points"
            " are missing; give an uninterrupted one"
        )
    size = -(-len(potential) // most)
    whole = len(potential) // size * size
    return tuple(c[:whole].reshape(-1, size).mean(axis=1) for c in columns)
