"""Posterior of the shares on a grid of three independent fractions, refined where it lies.

The axes are those of :func:`~adatom.evidence.composition.from_axes`, in which a Dirichlet prior
of the four shares is a product of Beta distributions: a cell has its exact prior mass. The point
of a cell lies at another place in each row of cells, so that a posterior thinner than a cell, at
an angle to the axes, is still met by its share of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import beta

from adatom.errors import EvidenceError
from adatom.evidence.composition import KINDS, Composition, from_axes
from adatom.evidence.source import Source

FLAT = (1.0, 1.0, 1.0, 1.0)
"""Dirichlet prior that favours no composition."""
SEARCH_CELLS, CELLS, MOST_CELLS = 12_000, 64_000, 512_000
"""In all; of the search for where the posterior lies, of the answer, and of a thin one."""
FEWEST_EFFECTIVE = 500.0
"""Cells that share the mass, below which a grid is too coarse for its posterior."""
AT_LIMIT = 0.1
"""Of the width of an interval: values that begin so near to 0 or 1 begin there."""
PASSES = 8
OUTSIDE = 1e-6
"""Mass of an axis that may be left out on either side."""
IMPOSSIBLE = -1e9
"""Log likelihood below which the evidence is taken to exclude everything."""
GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Turns of the two-dimensional sequence of lowest discrepancy: roots of x^3 = x + 1."""


@dataclass(frozen=True)
class Posterior:
    """Weighted compositions."""

    shares: Composition
    """Arrays (N,)."""
    mass: np.ndarray
    """(N,), summing to one."""

    def mean(self, kind: str) -> float:
        """Mean of a share; the four means sum to one."""
        return float(self.mass @ self.shares.share(kind))

    def interval_95(self, kind: str) -> tuple[float, float]:
        """The shortest interval that holds 95 %; it reaches a limit where the density does."""
        return shortest_interval(self.shares.share(kind), self.mass)

    def draw(self, count: int, rng: np.random.Generator) -> Composition:
        """Compositions (count,) drawn from it."""
        ends = np.cumsum(self.mass)
        at = np.searchsorted(ends, (np.arange(count) + rng.random()) / count * ends[-1])
        at = rng.permutation(np.minimum(at, len(ends) - 1))
        return Composition(*(self.shares.share(kind)[at] for kind in KINDS))

    @cached_property
    def summary(self) -> Mapping[str, tuple[float, tuple[float, float]]]:
        """Mean and interval of every share."""
        return {kind: (self.mean(kind), self.interval_95(kind)) for kind in KINDS}


def posterior(sources: Sequence[Source], prior: Sequence[float] = FLAT) -> Posterior:
    """The posterior of the shares from independent ``sources``.

    ``prior`` is the Dirichlet parameter of each of :data:`~adatom.evidence.composition.KINDS`; 0
    excludes a kind.

    Raises :class:`~adatom.errors.EvidenceError` where no composition has a likelihood.
    """
    axes = tuple(_Axis(*p) for p in _beta_parameters(prior))
    ends = [(0.0, 1.0) if axis.free else (axis.fixed, axis.fixed) for axis in axes]
    for _ in range(PASSES):
        grid = _Grid(axes, ends, SEARCH_CELLS)
        mass = np.exp(grid.log_mass(sources))
        narrowed = [grid.range_of(i, mass) for i in range(3)]
        shrunk = any(
            new[1] - new[0] < 0.6 * (old[1] - old[0])
            for new, old in zip(narrowed, ends, strict=True)
        )
        ends = narrowed
        if not shrunk:
            break
    for cells in (CELLS, MOST_CELLS):
        grid = _Grid(axes, ends, cells)
        log = grid.log_mass(sources)
        mass = np.exp(log - log.max())
        if min(_effective(mass), 4.0 * _effective(mass.sum(axis=0))) > FEWEST_EFFECTIVE:
            break
    kept = mass > 1e-9
    total = float(mass[kept].sum())
    shares = Composition(
        *(np.broadcast_to(grid.shares.share(kind), mass.shape)[kept] for kind in KINDS)
    )
    return Posterior(shares, mass[kept] / total)


def shortest_interval(
    values: np.ndarray, mass: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Shortest interval with ``level`` of the mass of a share (N,), at its limits if there."""
    order = np.argsort(values)
    x, m = values[order], mass[order]
    ends = np.cumsum(m)
    middles = (ends - 0.5 * m) / ends[-1]
    if x[-1] - x[0] < 1e-12:
        return float(x[0]), float(x[0])
    starts = np.linspace(0.0, 1.0 - level, 201)
    low = np.interp(starts, middles, x)
    high = np.interp(starts + level, middles, x)
    width = high - low
    best = int(np.argmin(width))
    # A density that is highest at a limit: grid noise must not lift the interval off it.
    near = AT_LIMIT * width[best]
    if width[0] <= 1.01 * width[best] and x[0] <= near:
        return 0.0, float(high[0])
    if width[-1] <= 1.01 * width[best] and x[-1] >= 1.0 - near:
        return float(low[-1]), 1.0
    return float(low[best]), float(high[best])


def _beta_parameters(prior: Sequence[float]) -> list[tuple[float, float]]:
    single, pairs, clusters, particles = prior
    return [(pairs, single), (clusters + particles, single + pairs), (particles, clusters)]


class _Axis:
    """One fraction with its Beta prior, or fixed where one side is excluded."""

    def __init__(self, first: float, second: float) -> None:
        self.parameters = first, second
        self.free = first > 0.0 and second > 0.0
        self.fixed = 0.5 if first == second == 0.0 else float(first > 0.0)

    def log_masses(self, edges: np.ndarray) -> np.ndarray:
        """Logarithm of the prior mass between edges."""
        if not self.free:
            return np.zeros(1)
        with np.errstate(divide="ignore"):
            return np.log(np.diff(beta.cdf(edges, *self.parameters)))


class _Grid:
    """Cells of the three fractions between their ``ends``, about ``cells`` in all."""

    def __init__(
        self, axes: Sequence[_Axis], ends: Sequence[tuple[float, float]], cells: int
    ) -> None:
        free = sum(axis.free for axis in axes)
        along = round(cells ** (1.0 / free)) if free else 1
        self.shape = tuple(along if axis.free else 1 for axis in axes)
        self.axes, self.ends = axes, ends
        first, second, third = (np.arange(n) for n in self.shape)
        row = third[None, None, :]
        column = second[None, :, None]
        starts = (
            first[:, None, None] + _within(column * GOLDEN[0] + row * GOLDEN[1]),
            column + _within(row * GOLDEN[0]),
            row + 0.5,
        )
        self.shares = from_axes(
            *(
                low + (high - low) * at / n
                for (low, high), at, n in zip(ends, starts, self.shape, strict=True)
            )
        )
        self.log_prior = np.zeros(1)
        for i, (axis, (low, high), n) in enumerate(zip(axes, ends, self.shape, strict=True)):
            masses = axis.log_masses(np.linspace(low, high, n + 1))
            self.log_prior = self.log_prior + np.expand_dims(
                masses, tuple(j for j in range(3) if j != i)
            )

    def log_mass(self, sources: Sequence[Source]) -> np.ndarray:
        """Prior times likelihood of every cell; the highest is zero."""
        log = np.broadcast_to(self.log_prior, self.shape).copy()
        for source in sources:
            log += source.log_likelihood(self.shares)
        top = log.max()
        if not top > IMPOSSIBLE:
            raise EvidenceError(
                "no composition allowed by prior.dirichlet agrees with the evidence at all; allow"
                " all four kinds, or look for an input that is wrong by orders of magnitude"
            )
        return np.asarray(log - top)

    def range_of(self, i: int, mass: np.ndarray) -> tuple[float, float]:
        """Where the posterior lies on an axis, with a cell to spare."""
        low, high = self.ends[i]
        if not self.axes[i].free:
            return low, high
        along = mass.sum(axis=tuple(j for j in range(3) if j != i))
        along = along / along.sum()
        width = (high - low) / len(along)
        first = int(np.argmax(np.cumsum(along) > OUTSIDE))
        last = len(along) - 1 - int(np.argmax(np.cumsum(along[::-1]) > OUTSIDE))
        return max(low + (first - 1) * width, 0.0), min(low + (last + 2) * width, 1.0)


def _effective(mass: np.ndarray) -> float:
    """How many cells share the mass; as many as there are where an axis is fixed."""
    if mass.size == 1:
        return np.inf
    return float(mass.sum() ** 2 / np.square(mass).sum())


def _within(turns: np.ndarray) -> np.ndarray:
    """Places in a cell, the middle of it for the first."""
    return np.mod(0.5 + turns, 1.0)
