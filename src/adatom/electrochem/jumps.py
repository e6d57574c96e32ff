"""Jumps of a record (electrolyte refilled, bubble gone, range switched): found, not smoothed."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from adatom.electrochem.blocks import BlockSeries

NEIGHBOURS = 51
"""Steps whose median and scatter tell what is usual around one."""
TIMES = 8.0
"""A jump is so many times the scatter of the steps around it: normal noise gives none in 1e6."""
LEVEL = 10
"""Points before and after whose medians must differ too: a spike returns, a jump stays."""
SMALLEST = 1e-3
"""Of the record's range: less is no jump, however smooth the rest."""
GAP = 10.0
"""Times the usual step: an interruption of the record."""


@dataclass(frozen=True)
class Jump:
    """A lasting change of level between two neighbouring points (or blocks)."""

    time_s: float
    size: float
    """In the unit of the record."""


@dataclass(frozen=True)
class Gap:
    """A stretch without data."""

    from_s: float
    to_s: float


def find_jumps(series: BlockSeries) -> tuple[Jump, ...]:
    """Jumps of a series (B,); needs about 60 points around each."""
    values = series.value
    if len(values) < NEIGHBOURS + LEVEL:
        return ()
    steps = np.diff(values)
    usual = median_filter(steps, NEIGHBOURS, mode="nearest")
    off = np.abs(steps - usual)
    scatter = 1.4826 * median_filter(off, NEIGHBOURS, mode="nearest")
    # A coarse converter makes most steps exactly zero: its own step is then no jump.
    moving = off[off > 0]
    floor = np.median(moving) if moving.size and np.median(off) == 0 else 0.0
    least = SMALLEST * np.ptp(values)
    large = np.flatnonzero((off > TIMES * np.maximum(scatter, floor)) & (off > least))
    found = []
    for run in _runs(large):
        first, last = int(run[0]), int(run[-1])
        before = values[max(first + 1 - LEVEL, 0) : first + 1]
        after = values[last + 1 : last + 1 + LEVEL]
        if len(before) < LEVEL or len(after) < LEVEL:
            continue
        # Levels and their wobble net of the drift around the jump.
        pace = float(usual[first])
        count = np.arange(LEVEL)
        before, after = before - pace * (count - LEVEL), after - pace * (count + last - first)
        size = float(np.median(after) - np.median(before))
        wobble = 1.4826 * max(np.median(np.abs(w - np.median(w))) for w in (before, after))
        sharpest = float(off[run].max())
        if abs(size) > max(0.5 * sharpest, 3.0 * wobble):
            at = int(run[np.argmax(off[run])])
            found.append(Jump(float(series.time_s[at : at + 2].mean()), size))
    return tuple(found)


def find_gaps(series: BlockSeries) -> tuple[Gap, ...]:
    """Interruptions longer than 10 usual steps."""
    steps = np.diff(series.time_s)
    wide = np.flatnonzero(steps > GAP * np.median(steps))
    return tuple(Gap(float(series.time_s[n]), float(series.time_s[n + 1])) for n in wide)


def _runs(places: np.ndarray) -> list[np.ndarray]:
    """Neighbouring large steps are one event."""
    if not places.size:
        return []
    return np.split(places, np.flatnonzero(np.diff(places) > LEVEL) + 1)
