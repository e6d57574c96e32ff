"""Shares of the atoms in single atoms, pairs, trimers and clusters, by simulation.

How many spots stand alone, in twos, threes, fours and more, and how many lie how far apart, is
compared with fields thrown from populations of all four kinds (synthetic likelihood: Wood, Nature
2010, 466, 1102, doi:10.1038/nature09319). Square roots of the counts are nearly normal; their means
are fitted by a polynomial in shares and density, in rounds that close in on the posterior. Trimers
are triangles and clusters tetrahedra, of the distance of the pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.stats import chi2

from adatom.stem.pair_inference import PairInference
from adatom.stem.projection import SPREADS_ANGSTROM
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import SQUARE_ANGSTROM_PER_NM2

KINDS = {"single": "single", "pair": "pair", "triangle": "trimer", "tetrahedron": "cluster"}
"""Of :data:`~adatom.stem.random_fields.SHAPES`, in the order of the shares, and their names."""
ROUNDS = (600, 600, 600, 1500)
"""Populations thrown in each."""
_TRUSTED = (0.05, 0.15, 0.4, 1.0)
"""How much of the likelihood is believed in each, since far apart the polynomial is rough."""
_LARGEST_GROUP = 5
_RINGS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)
"""Bounds of distances that are counted, in units of the link; the resolution is the first."""
_DENSITIES = (-0.7, 0.7)
"""Logarithms of the density of atoms against that of the pair inference, uniform beforehand."""
_BELOW_LINK_ANGSTROM = (-0.1, 0.6)
"""How far the distance of neighbours may lie below the link, uniform beforehand."""
_SPREADS_ANGSTROM = (SPREADS_ANGSTROM[0], SPREADS_ANGSTROM[-1])
_SHARES = slice(3, 6)
_DIRICHLET = np.array([1.0, 1.0, 0.25, 0.25])
"""Of the shares beforehand: trimers and clusters are often absent, and an even prior, which says
that they never quite are, would take a tenth from the pairs of fields without them."""
_ORDER = 3
_WALKERS, _STEPS, _EVERY = 200, 1200, 20
_WIDER = 1.5
"""Populations of the next round lie farther from the mean than draws of the posterior."""
_LEAST_VARIANCE = 0.02
"""Of the root of a count: a count that is hardly ever above 0 tells little."""


@dataclass(frozen=True)
class GroupShares:
    """Posterior of the shares of atoms in each of ``KINDS``."""

    shares: np.ndarray
    """(T, 4), draws."""
    link_angstrom: float
    """Spots this near belong to one group."""
    p_value: float
    """That fields of the best population differ as much from their mean as these do."""
    thrown: int
    """Populations."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; shares of the metal atoms."""
        of_three = self.shares[:, 2:].sum(axis=1)
        named = dict(zip(KINDS.values(), self.shares.T, strict=True)) | {"three_or_more": of_three}
        return {
            "link_angstrom": self.link_angstrom,
            "p_value": self.p_value,
            "populations_thrown": self.thrown,
            "prior_dirichlet": dict(zip(KINDS.values(), _DIRICHLET.tolist(), strict=True)),
            **{
                f"{name}_fraction": {
                    "value": float(np.median(draws)),
                    "interval_95": [float(q) for q in np.quantile(draws, [0.025, 0.975])],
                    "unit": "1",
                }
                for name, draws in named.items()
            },
        }


def infer_groups(
    found: PairInference,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> GroupShares:
    """Shares of single atoms, pairs, trimers and clusters in the fields of a pair inference.

    Recall and false positions are those it took; its distances are not used, since trimers bend
    them.
    """
    random = np.random.default_rng([seed, len(found.patterns)])
    link = _link(found)
    observed = _statistics([p.positions_angstrom for p in found.patterns], found, link)
    limits = _limits(found, link)
    design = _prior(ROUNDS[0], limits, random)
    done = 0
    for count, trusted in zip(ROUNDS, _TRUSTED, strict=True):
        design = design[np.arange(count) % len(design)]
        thrown = np.empty((count, observed.size))
        for n, point in enumerate(design):
            thrown[n] = _statistics(_throw(found, point, random), found, link)
            done += 1
            progress(done, sum(ROUNDS))
        fit = _Emulator(design, thrown)
        draws = _sample(fit, observed, trusted, design, limits, random)
        design = _widened(draws, ROUNDS[-1], limits, random)
    misfit = fit.misfit(draws, observed).min()
    shares = draws[:, _SHARES]
    shares = np.column_stack([1.0 - shares.sum(axis=1), shares])
    p_value = float(chi2.sf(misfit, observed.size - draws.shape[1]))
    return GroupShares(shares, link, p_value, done)


class _Emulator:
    """Mean of the statistics, cubic in density and shares, and their scatter about it."""

    def __init__(self, design: np.ndarray, thrown: np.ndarray) -> None:
        self._centre = design.mean(axis=0)
        terms = self._terms(design)
        self._weights = np.linalg.lstsq(terms, thrown, rcond=None)[0]
        rest = thrown - terms @ self._weights
        covariance = rest.T @ rest / (len(design) - terms.shape[1])
        self._inverse = np.linalg.inv(covariance + _LEAST_VARIANCE * np.eye(thrown.shape[1]))

    def _terms(self, points: np.ndarray) -> np.ndarray:
        x = points - self._centre
        columns = range(x.shape[1])
        chosen = [c for n in range(_ORDER + 1) for c in combinations_with_replacement(columns, n)]
        return np.column_stack([x[:, list(c)].prod(axis=1) for c in chosen])

    def misfit(self, points: np.ndarray, observed: np.ndarray) -> np.ndarray:
        """Squared distance (N,) of the observed statistics from the mean, in their scatter."""
        rest = observed - self._terms(points) @ self._weights
        return np.asarray(np.einsum("ni,ij,nj->n", rest, self._inverse, rest))


def _link(found: PairInference) -> float:
    """Distance within which neighbours exceed chance the most, as far as a pair may be wide, A."""
    low, high = found.model.pair_distance_angstrom
    steps = np.arange(low, high + 0.2, 0.05)
    excess = np.zeros(len(steps))
    for pattern in found.patterns:
        points = pattern.positions_angstrom
        pairs = cKDTree(points).query_pairs(steps[-1], output_type="ndarray")
        apart = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        density = len(points) / pattern.window.area_nm2 / SQUARE_ANGSTROM_PER_NM2
        chance = 0.5 * len(points) * density * np.pi * (steps**2 - pattern.resolution_angstrom**2)
        excess += np.searchsorted(np.sort(apart), steps) - chance
    return float(steps[excess.argmax()])


def _limits(found: PairInference, link: float) -> np.ndarray:
    """(6, 2), least and most of the logarithm of the density, distance, spread, and shares."""
    low, high = found.model.pair_distance_angstrom
    before, below = _BELOW_LINK_ANGSTROM
    distance = max(low, link - below), max(min(high, link - before), low + 1e-3)
    return np.array([_DENSITIES, distance, _SPREADS_ANGSTROM, *[(0.0, 1.0)] * 3])


def _prior(count: int, limits: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(count, 6)."""
    even = random.uniform(limits[:3, 0], limits[:3, 1], (count, 3))
    return np.column_stack([even, random.dirichlet(_DIRICHLET, count)[:, 1:]])


def _allowed(points: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """(N,), whether these are within the prior."""
    inside = ((points >= limits[:, 0]) & (points <= limits[:, 1])).all(axis=1)
    return np.asarray(inside & (points[:, _SHARES].sum(axis=1) <= 1.0))


def _sample(
    fit: _Emulator,
    observed: np.ndarray,
    trusted: float,
    design: np.ndarray,
    limits: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Draws (T, 6) of the posterior (differential evolution: ter Braak, Stat. Comput. 2006, 16,
    239, doi:10.1007/s11222-006-8769-1), within the design, beyond which its fit is not known."""
    middle, inverse = design.mean(axis=0), np.linalg.inv(np.cov(design.T))

    def log_density(points: np.ndarray) -> np.ndarray:
        away = np.einsum("ni,ij,nj->n", points - middle, inverse, points - middle)
        known = _allowed(points, limits) & (away <= reach)
        shares = points[:, _SHARES]
        all_shares = np.column_stack([1.0 - shares.sum(axis=1), shares])
        prior = (_DIRICHLET - 1.0) @ np.log(np.maximum(all_shares, 1e-4)).T
        return np.where(known, prior - 0.5 * trusted * fit.misfit(points, observed), -np.inf)

    reach = np.einsum("ni,ij,nj->n", design - middle, inverse, design - middle).max()
    best = np.argsort(fit.misfit(design, observed))[:_WALKERS]
    walkers = design[best].copy()
    here = log_density(walkers)
    count = len(walkers)
    scale = 2.38 / (2.0 * walkers.shape[1]) ** 0.5
    draws = []
    for step in range(_STEPS):
        first, second = (random.integers(count, size=count) for _ in range(2))
        jump = scale * random.uniform(0.2, 1.0, (count, 1))
        moved = walkers + jump * (walkers[first] - walkers[second])
        moved += 1e-4 * random.standard_normal(moved.shape)
        there = log_density(moved)
        taken = np.log(random.random(count)) < there - here
        walkers[taken], here[taken] = moved[taken], there[taken]
        if step >= _STEPS // 2 and step % _EVERY == 0:
            draws.append(walkers.copy())
    return np.concatenate(draws)


def _widened(
    draws: np.ndarray, count: int, limits: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """(count, 6), populations about the draws and somewhat beyond them."""
    middle, spread = draws.mean(axis=0), np.maximum(draws.std(axis=0), 0.01)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        picked = draws[random.integers(len(draws), size=count)]
        picked = middle + _WIDER * (picked - middle)
        picked = picked + 0.3 * spread * random.standard_normal(picked.shape)
        found.append(picked[_allowed(picked, limits)])
    return np.concatenate(found)[:count]


def _throw(
    found: PairInference, point: np.ndarray, random: np.random.Generator
) -> list[np.ndarray]:
    """Spots of one field for each of those of the inference."""
    densities = np.median(found.density_per_nm2, axis=0) * np.exp(point[0])
    return [
        throw_field(
            pattern.window,
            Population(
                float(density),
                dict(zip([*KINDS][1:], map(float, point[_SHARES]), strict=True)),
                float(point[1]),
                float(point[2]),
                found.model.tilt,
                pattern.resolution_angstrom,
                recall,
                found.model.false_fraction,
            ),
            random,
        )
        for pattern, density, recall in zip(found.patterns, densities, found.recall, strict=True)
    ]


def _statistics(fields: list[np.ndarray], found: PairInference, link: float) -> np.ndarray:
    """Roots of the numbers of groups by size, and of neighbours by distance, of all fields."""
    groups, rings = np.zeros(_LARGEST_GROUP), np.zeros(len(_RINGS))
    for points, pattern in zip(fields, found.patterns, strict=True):
        if not len(points):
            continue
        near = cKDTree(points).query_pairs(_RINGS[-1] * link, output_type="ndarray")
        apart = np.linalg.norm(points[near[:, 0]] - points[near[:, 1]], axis=1)
        linked = near[apart < link]
        graph = coo_array((np.ones(len(linked)), linked.T), shape=(len(points),) * 2)
        sizes = np.bincount(connected_components(graph, directed=False)[1])
        groups += np.bincount(np.minimum(sizes, _LARGEST_GROUP), minlength=_LARGEST_GROUP + 1)[1:]
        bounds = np.maximum.accumulate([pattern.resolution_angstrom, *np.multiply(_RINGS, link)])
        rings += np.histogram(apart, bounds)[0]
    return np.sqrt(np.concatenate([groups, rings]) + 0.375)
