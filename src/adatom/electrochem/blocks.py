"""Long records in bounded memory: neighbouring points averaged into blocks, as they come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from adatom.errors import RecordingError
from adatom.readers.recording import Segment

MOST_BLOCKS = 20_000
"""A record of at most twice as many points is kept as it is."""
CHUNK = 100_000
"""Points looked at together."""


@dataclass(frozen=True)
class BlockSeries:
    """Means of equally many neighbouring points."""

    time_s: np.ndarray
    """(B,), rising: mean time of each block."""
    value: np.ndarray
    """(B,), mean of each block."""
    points_per_block: int
    """A power of two; 1 where nothing was averaged."""
    points: int
    """Read in all."""
    left_out: int
    """Points without a number, not counted above."""

    def after(self, start_s: float) -> "BlockSeries":
        """The part from a time on."""
        kept = self.time_s >= start_s
        return BlockSeries(
            self.time_s[kept], self.value[kept], self.points_per_block,
            int(kept.sum()) * self.points_per_block, self.left_out,
        )  # fmt: skip


def block_series(
    chunks: Iterable[tuple[np.ndarray, np.ndarray]], *, most: int = MOST_BLOCKS
) -> BlockSeries:
    """Average chunks of (time, value), (N,) each, into ``most`` to 2 ``most`` blocks.

    Memory is that of one chunk and 2 ``most`` blocks, however long the record is. Raises
    :class:`~adatom.errors.RecordingError` where times fall or nothing is left.
    """
    size, points, left_out = 1, 0, 0
    done = np.empty((0, 2))
    rest = np.empty((0, 2))
    last = -np.inf
    for time, value in chunks:
        pairs = np.stack([time, value], axis=1)
        known = np.isfinite(pairs).all(axis=1)
        left_out += int((~known).sum())
        pairs = pairs[known]
        if not len(pairs):
            continue
        if pairs[0, 0] < last or (np.diff(pairs[:, 0]) < 0).any():
            raise RecordingError(
                "times fall within the record; it holds several stretches: name one segment"
            )
        last = float(pairs[-1, 0])
        points += len(pairs)
        pairs = np.concatenate([rest, pairs])
        whole = len(pairs) // size * size
        done = np.concatenate([done, _merged(pairs[:whole], size)])
        rest = pairs[whole:]
        while len(done) > 2 * most:
            even = len(done) // 2 * 2
            # An odd block at the end goes back among the points, as often as it counts.
            rest = np.concatenate([np.repeat(done[even:], size, axis=0), rest])
            done = _merged(done[:even], 2)
            size *= 2
    if size == 1:
        done = np.concatenate([done, rest])
    if len(done) < 2:
        raise RecordingError(f"the record holds {points} points with time and value; too few")
    for array in (done,):
        array.flags.writeable = False
    return BlockSeries(done[:, 0], done[:, 1], size, points, left_out)


def segment_chunks(segment: Segment, column: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Time and one column of a segment, in chunks (views, nothing copied)."""
    for start in range(0, len(segment), CHUNK):
        part = slice(start, start + CHUNK)
        yield segment["time_s"][part], segment[column][part]


def _merged(pairs: np.ndarray, count: int) -> np.ndarray:
    return pairs.reshape(-1, count, 2).mean(axis=1)
