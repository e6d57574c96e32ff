"""Whether sources can be true together: the parameter goodness of fit.

    T = 2 [max ln L_A + max ln L_B - max (ln L_A + ln L_B)]

is zero where one composition is best for both A and B, and follows chi2 with as many degrees of
freedom as shares that both determine (Maltoni and Schwetz, Phys. Rev. D 2003, 68, 033020,
10.1103/PhysRevD.68.033020). It knows no prior of the shares; at the limits of the shares it is
too small rather than too large.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import chi2

from adatom.evidence.composition import from_axes
from adatom.evidence.source import Measured, NumberSource, Source, even_points

NODES, ZOOM, ROUNDS, STARTS = 21, 7, 8, 2


@dataclass(frozen=True)
class Tension:
    """How far some sources are from agreeing with others."""

    between: tuple[str, ...]
    statistic: float
    degrees_of_freedom: int
    p_value: float


@dataclass(frozen=True)
class Agreement:
    """Every source against the rest, and every pair."""

    left_out: tuple[Tension, ...]
    """Each source against all others together."""
    pairs: tuple[Tension, ...]
    p_value: float
    """Of the source that agrees least with the rest, times the number of such tests."""

    @property
    def worst_pair(self) -> Tension:
        """The pair that agrees least."""
        return min(self.pairs, key=lambda t: t.p_value)


def agreement(sources: Sequence[Source], prior: Sequence[float]) -> Agreement | None:
    """Test whether ``sources`` agree; None where there is only one.

    ``prior`` matters only where it is 0: such a kind is excluded.
    """
    if len(sources) < 2:
        return None
    likelihoods = _Likelihoods(sources, prior)
    every = range(len(sources))

    def tension(first: Iterable[int], second: Iterable[int]) -> Tension:
        a, b = frozenset(first), frozenset(second)
        statistic = 2.0 * (
            likelihoods.highest(a) + likelihoods.highest(b) - likelihoods.highest(a | b)
        )
        known = [sum(sources[i].data for i in part) for part in (a, b)]
        freedom = min(*known, 3)
        p_value = float(chi2.sf(max(statistic, 0.0), freedom))
        names = tuple(sources[i].name for i in (*sorted(a), *sorted(b)))
        return Tension(names, max(statistic, 0.0), freedom, p_value)

    pairs = tuple(tension([i], [j]) for i, j in combinations(every, 2))
    left_out = tuple(tension([i], set(every) - {i}) for i in every)
    tests = len(sources) if len(sources) > 2 else 1
    lowest = min(t.p_value for t in left_out)
    return Agreement(left_out, pairs, min(1.0, tests * lowest))


@dataclass(frozen=True)
class Reach:
    """A number against all that any composition could make it."""

    source: str
    measured: Measured
    possible: tuple[float, float]
    p_value: float
    """That errors put the number so far from what is possible."""


def reaches(sources: Sequence[NumberSource], prior: Sequence[float]) -> tuple[Reach, ...]:
    """Every number of every source by itself; ``prior`` matters only where it is 0."""
    turns = _nodes(_all_ends(prior))
    shares = from_axes(*(np.sin(0.5 * np.pi * t.ravel()[:, None]) ** 2 for t in turns))
    found = []
    for source in sources:
        expected = source.expected(shares, even_points(source.nuisances).T)
        for measured, values in zip(source.measured, expected, strict=True):
            low, high = float(np.min(values)), float(np.max(values))
            nearest = max(
                float(np.max(measured.log(np.array(np.clip(r.centre, low, high)))))
                for _, r in measured.readings
            )
            p_value = float(chi2.sf(max(-2.0 * nearest, 0.0), 1))
            found.append(Reach(source.name, measured, (low, high), p_value))
    return tuple(found)


def _all_ends(prior: Sequence[float]) -> list[tuple[float, float]]:
    """Ends of the three fractions where a kind is excluded."""
    single, pair, cluster, particle = (p > 0.0 for p in prior)
    return [
        _ends(pair, single),
        _ends(cluster or particle, single or pair),
        _ends(particle, cluster),
    ]


def _nodes(ends: Sequence[tuple[float, float]]) -> list[np.ndarray]:
    nodes = [np.linspace(low, high, NODES if high > low else 1) for low, high in ends]
    return list(np.meshgrid(*nodes, indexing="ij"))


class _Likelihoods:
    """Highest likelihoods of groups of sources, each found once."""

    def __init__(self, sources: Sequence[Source], prior: Sequence[float]) -> None:
        self.sources = sources
        self.ends = _all_ends(prior)
        self.turns = _nodes(self.ends)
        self.at_nodes = [self._log([i], self.turns) for i in range(len(sources))]
        self.found: dict[frozenset[int], float] = {}

    def _log(self, group: Iterable[int], turns: Sequence[np.ndarray]) -> np.ndarray:
        # Nodes lie close together at the limits, where compositions often are.
        shares = from_axes(*(np.sin(0.5 * np.pi * t) ** 2 for t in turns))
        logs = [self.sources[i].log_likelihood(shares) for i in group]
        return np.asarray(sum(np.broadcast_to(log, turns[0].shape) for log in logs))

    def highest(self, group: frozenset[int]) -> float:
        if group not in self.found:
            coarse = np.asarray(sum(self.at_nodes[i] for i in group))
            starts = np.argsort(coarse.ravel())[-STARTS:]
            self.found[group] = max(self._climb(group, int(at)) for at in starts)
        return self.found[group]

    def _climb(self, group: frozenset[int], at: int) -> float:
        """Zoom in on the best point around a node."""
        best = [float(t.ravel()[at]) for t in self.turns]
        reach = 1.5 / (NODES - 1)
        highest = -np.inf
        for _ in range(ROUNDS):
            axes = [
                np.linspace(max(b - reach, low), min(b + reach, high), ZOOM if high > low else 1)
                for b, (low, high) in zip(best, self.ends, strict=True)
            ]
            turns = np.meshgrid(*axes, indexing="ij")
            log = self._log(group, turns)
            top = int(np.argmax(log))
            if log.ravel()[top] > highest:
                highest = float(log.ravel()[top])
                best = [float(t.ravel()[top]) for t in turns]
            reach *= 0.4
        return highest


def _ends(first: bool, second: bool) -> tuple[float, float]:
    """Between which turns a fraction of ``first`` may lie."""
    if first and second:
        return 0.0, 1.0
    fixed = 0.5 if first == second else float(first)
    return fixed, fixed
