"""A source of evidence: numbers that were measured, and what a composition would have them be.

What the physics leaves open (sizes of particles, hidden amplitude, recoil-free fractions) are
nuisances with stated priors. Each source averages its likelihood over its own, on fixed points
that fill the unit cube evenly, so the same inputs always give the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from scipy.stats import qmc

from adatom.evidence.composition import KINDS, Composition
from adatom.evidence.likelihood import TwoPiece

LOG2_POINTS = 7
"""128 points of the nuisances."""
MOST_NUMBERS = 4_000_000
"""Held in memory at once."""


class Source(Protocol):
    """Anything with a likelihood of the shares."""

    @property
    def name(self) -> str:
        """As people call it: STEM, EXAFS."""

    @property
    def data(self) -> int:
        """How many independent numbers it gives."""

    def log_likelihood(self, shares: Composition) -> np.ndarray:
        """For each composition, up to a constant."""


@dataclass(frozen=True)
class Measured:
    """One number that was measured."""

    name: str
    unit: str
    readings: tuple[tuple[float, TwoPiece], ...]
    """What it may say, with the probability of each reading; usually one."""
    value: float
    interval_95: tuple[float, float]
    """As given, before anything was made of it."""

    def log(self, expected: np.ndarray) -> np.ndarray:
        """Logarithm of the likelihood of an expectation."""
        if len(self.readings) == 1:
            return self.readings[0][1].log(expected)
        terms = [np.log(p) + reading.log(expected) for p, reading in self.readings if p > 0.0]
        return _log_sum(np.stack(terms, axis=-1))

    def text(self) -> str:
        """The number with its interval and unit."""
        low, high = self.interval_95
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        return f"{self.name} {self.value:.3g} ({low:.3g} to {high:.3g}){unit}"


Expected = Callable[[Composition, np.ndarray], Sequence[np.ndarray]]
"""(shares, nuisances (d, ...) in the unit cube) -> what each number is expected to be."""


@dataclass(frozen=True)
class NumberSource:
    """Numbers whose expectations follow from the shares and from nuisances."""

    name: str
    measured: tuple[Measured, ...]
    expected: Expected
    nuisances: int
    """Number of independent nuisances, each uniform on the unit interval."""
    assumptions: tuple[str, ...] = ()
    """Priors and conventions, in words."""

    @property
    def data(self) -> int:
        """How many numbers were measured."""
        return len(self.measured)

    def log_likelihood(self, shares: Composition) -> np.ndarray:
        """Averaged over the nuisances."""
        points = even_points(self.nuisances)
        wide = Composition(*(shares.share(kind)[..., None] for kind in KINDS))
        shape = np.broadcast_shapes(*(shares.share(kind).shape for kind in KINDS))
        at_once = max(1, MOST_NUMBERS // max(1, int(np.prod(shape))))
        parts = []
        for start in range(0, len(points), at_once):
            some = points[start : start + at_once].T
            expected = self.expected(wide, some)
            log = sum((m.log(x) for m, x in zip(self.measured, expected, strict=True)), np.zeros(1))
            log = np.broadcast_to(log, (*log.shape[:-1], some.shape[1]))
            parts.append(_log_sum(log))
        return _log_sum(np.stack(parts, axis=-1)) - float(np.log(len(points)))


def _log_sum(logs: np.ndarray) -> np.ndarray:
    """Logarithm of the sum of exponentials along the last axis, all finite."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.exp(logs - top[..., None]).sum(axis=-1)))


@cache
def even_points(dimensions: int) -> np.ndarray:
    """Points (K, d) of the unit cube, none on its faces; one point where there is no dimension."""
    if dimensions == 0:
        return np.zeros((1, 0))
    points = qmc.Sobol(dimensions, scramble=False).random_base2(LOG2_POINTS)
    return np.asarray(points + 0.5 / len(points))


def between(limits: tuple[float, float], u: np.ndarray) -> np.ndarray:
    """Uniform between ``limits``, from uniform numbers of the unit interval."""
    return np.asarray(limits[0] + (limits[1] - limits[0]) * u)
