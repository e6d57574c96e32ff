"""Shares of the atoms in single atoms, pairs, trimers and clusters, by simulation.

How many spots stand alone, in twos, threes, fours and more, and how many lie how far apart, is
compared with fields thrown from populations of all four kinds (synthetic likelihood: Wood, Nature
2010, 466, 1102, doi:10.1038/nature09319). Square roots of the counts are nearly normal; their means
are fitted by a polynomial in shares, density and distances, in rounds that close in on what the
fields allow. Trimers are triangles and clusters tetrahedra, of the distance of the pairs. Intervals
are those of the likelihood ratio: a prior would decide between trimers and pairs with clusters.
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

KINDS = {"single": "single", "pair": "pair", "triangle": "trimer", "tetrahedron": "cluster"}
"""Of :data:`~adatom.stem.random_fields.SHAPES`, in the order of the shares, and their names."""
ROUNDS = (600, 600, 600, 1500)
"""Populations thrown in each."""
_TRUSTED = (0.05, 0.15, 0.4, 0.5)
"""How much of the likelihood is believed in each: far apart the polynomial is rough, and in the end
populations at the ends of the intervals are looked for."""
_LARGEST_GROUP = 5
_LINKS = 4
_RING_ANGSTROM = 0.25
_DENSITIES = (-0.7, 0.7)
"""Logarithms of the density of atoms against that of the pair inference, tried."""
_SPREADS_ANGSTROM = (SPREADS_ANGSTROM[0], SPREADS_ANGSTROM[-1])
_SHARES = slice(3, 6)
_ORDER = 3
_WALKERS, _STEPS, _EVERY = 200, 1600, 2
_WIDER = 1.5
"""Populations of the next round lie farther from the mean than draws of the posterior."""
_LEAST_VARIANCE = 0.02
"""Of the root of a count: a count that is hardly ever above 0 tells little."""


_ALLOWED = float(chi2.ppf(0.95, 1))
"""Twice the logarithm of the likelihood ratio that bounds a 95 % interval."""
_NEXT_TO_NOTHING = 0.01
_DIRECTIONS = np.array([[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0],
                        [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 1]], dtype=float)  # fmt: skip
"""Of the shares whose ends are wanted."""
_PUSH, _PUSHES = 50.0, 400


@dataclass(frozen=True)
class GroupShares:
    """Shares of atoms in each of ``KINDS`` that the fields allow."""

    shares: np.ndarray
    """(T, 4), of populations whose likelihood ratio to the best is within 95 %; the best first."""
    links_angstrom: tuple[float, ...]
    """Spots this near are linked to one group, counted for each."""
    p_value: float
    """That fields of the best population differ as much from their mean as these do."""
    thrown: int
    """Populations."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; shares of the metal atoms."""
        return {
            "links_angstrom": list(self.links_angstrom),
            "p_value": self.p_value,
            "populations_thrown": self.thrown,
            **{
                f"{name}_fraction": {"value": best, "interval_95": [low, high], "unit": "1"}
                for name, (best, low, high) in self.intervals().items()
            },
        }

    def intervals(self) -> dict[str, tuple[float, float, float]]:
        """Best value and 95 % interval of each share, and of three or more together."""
        of_three = self.shares[:, 2:].sum(axis=1)
        named = dict(zip(KINDS.values(), self.shares.T, strict=True)) | {"three_or_more": of_three}
        found = {}
        for name, share in named.items():
            low, high = float(share.min()), float(share.max())
            low, high = (low if low > _NEXT_TO_NOTHING else 0.0,
                         high if high < 1.0 - _NEXT_TO_NOTHING else 1.0)  # fmt: skip
            found[name] = float(share[0]), low, high
        return found


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
    # Where links and rings lie must not depend on the fields, which would then look special.
    low, high = found.model.pair_distance_angstrom
    links = np.linspace(low + 0.3, high + 0.2, _LINKS)
    observed = _statistics([p.positions_angstrom for p in found.patterns], found, links)
    limits = np.array([_DENSITIES, (low, high + 1e-3), _SPREADS_ANGSTROM, *[(0.0, 1.0)] * 3])
    draws, done = None, 0
    for count, trusted in zip(ROUNDS, _TRUSTED, strict=True):
        design = (
            _prior(count, limits, random)
            if draws is None
            else _widened(draws, count, limits, random)
        )
        thrown = np.empty((count, observed.size))
        for n, point in enumerate(design):
            thrown[n] = _statistics(_throw(found, point, random), found, links)
            done += 1
            progress(done, sum(ROUNDS))
        fit = _Emulator(design, thrown)
        draws = _sample(fit, observed, trusted, design, limits, random)
    assert draws is not None
    misfit = fit.misfit(draws, observed)
    most = misfit.min() + _ALLOWED
    draws = draws[np.argsort(misfit)][: int((misfit <= most).sum())]
    ends = [
        _pushed(fit, observed, most, draws, sign * direction, limits, random)
        for direction in _DIRECTIONS for sign in (-1.0, 1.0)
    ]  # fmt: skip
    draws = np.concatenate([draws, *ends])
    shares = np.column_stack([1.0 - draws[:, _SHARES].sum(axis=1), draws[:, _SHARES]])
    p_value = float(chi2.sf(misfit.min(), observed.size - draws.shape[1]))
    return GroupShares(shares, tuple(links.tolist()), p_value, done)


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


def _prior(count: int, limits: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(count, 6)."""
    even = random.uniform(limits[:3, 0], limits[:3, 1], (count, 3))
    return np.column_stack([even, random.dirichlet(np.ones(len(KINDS)), count)[:, 1:]])


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
        return np.where(known, -0.5 * trusted * fit.misfit(points, observed), -np.inf)

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


def _pushed(
    fit: _Emulator,
    observed: np.ndarray,
    most: float,
    draws: np.ndarray,
    direction: np.ndarray,
    limits: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Populations (W, 6) with a misfit of at most ``most``, as far along a direction as they go."""
    walkers = draws[np.argsort(-(draws @ direction))[:_WALKERS]]
    count = len(walkers)
    for _ in range(_PUSHES):
        first, second = (random.integers(count, size=count) for _ in range(2))
        moved = walkers + random.uniform(0.1, 1.0, (count, 1)) * (walkers[first] - walkers[second])
        moved += 1e-3 * random.standard_normal(moved.shape)
        inside = _allowed(moved, limits) & (fit.misfit(moved, observed) <= most)
        gain = _PUSH * ((moved - walkers) @ direction)
        taken = inside & (np.log(random.random(count)) < gain)
        walkers = np.where(taken[:, None], moved, walkers)
    return np.asarray(walkers)


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


def _statistics(fields: list[np.ndarray], found: PairInference, links: np.ndarray) -> np.ndarray:
    """Roots of the numbers of groups by size, and of neighbours by distance, of all fields."""
    resolution = max(p.resolution_angstrom for p in found.patterns)
    bounds = np.append(0.0, np.arange(resolution, links[-1], _RING_ANGSTROM) + _RING_ANGSTROM)
    groups, rings = np.zeros((len(links), _LARGEST_GROUP)), np.zeros(len(bounds) - 1)
    for points in fields:
        if not len(points):
            continue
        near = cKDTree(points).query_pairs(bounds[-1], output_type="ndarray")
        apart = np.linalg.norm(points[near[:, 0]] - points[near[:, 1]], axis=1)
        rings += np.histogram(apart, bounds)[0]
        for n, link in enumerate(links):
            linked = near[apart < link]
            graph = coo_array((np.ones(len(linked)), linked.T), shape=(len(points),) * 2)
            sizes = np.bincount(connected_components(graph, directed=False)[1])
            sizes = np.minimum(sizes, _LARGEST_GROUP)
            groups[n] += np.bincount(sizes, minlength=_LARGEST_GROUP + 1)[1:]
    return np.sqrt(np.concatenate([groups[:, 1:].ravel(), groups[0, :1], rings]) + 0.375)
