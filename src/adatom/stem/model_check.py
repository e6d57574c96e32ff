"""Whether single atoms and pairs are enough: groups of three and more, observed and expected."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from adatom.stem.pair_inference import PairInference
from adatom.stem.random_fields import Population, throw_field

SIMULATIONS = 199
SUSPICIOUS = 0.01
"""Probability below which single atoms and pairs do not explain the groups."""


@dataclass(frozen=True)
class GroupCheck:
    """Spots in groups of three and more, all fields together."""

    link_angstrom: float
    """Spots this near belong to one group."""
    observed: int
    """Spots in such groups."""
    expected_interval_95: tuple[float, float]
    """In fields of single atoms and pairs drawn from the posterior."""
    p_value: float
    """That such a field has as many or more."""

    @property
    def sentence(self) -> str:
        """What to make of it; empty where nothing is suspicious."""
        if self.p_value >= SUSPICIOUS:
            return ""
        low, high = self.expected_interval_95
        return (
            f"single atoms and pairs do not explain these fields: {self.observed} atoms lie in"
            f" groups of three and more (neighbours within {self.link_angstrom:.2f} A), expected"
            f" {low:.0f} to {high:.0f}; trimers, clusters or uneven density are there, and count as"
            " pairs in the share given; --groups gives the shares of trimers and clusters"
        )


def check_groups(
    found: PairInference, *, simulations: int = SIMULATIONS, seed: int = 0
) -> GroupCheck:
    """Compare groups with fields thrown from the posterior (posterior predictive check)."""
    random = np.random.default_rng([seed, len(found.patterns)])
    link = float(np.median(found.distance_angstrom) + 2.0 * np.median(found.spread_angstrom))
    observed = sum(_in_groups(p.positions_angstrom, link) for p in found.patterns)
    chosen = random.integers(len(found.share_draws), size=simulations)
    simulated = np.array([_simulated(found, draw, link, random) for draw in chosen])
    low, high = np.quantile(simulated, [0.025, 0.975])
    p_value = (1 + int((simulated >= observed).sum())) / (1 + simulations)
    return GroupCheck(link, observed, (float(low), float(high)), p_value)


def _simulated(found: PairInference, draw: int, link: float, random: np.random.Generator) -> int:
    total = 0
    for pattern, recall, density in zip(
        found.patterns, found.recall, found.density_per_nm2[draw], strict=True
    ):
        population = Population(
            float(density),
            {"pair": float(found.share_draws[draw])},
            float(found.distance_angstrom[draw]),
            float(found.spread_angstrom[draw]),
            found.model.tilt,
            pattern.resolution_angstrom,
            recall,
            found.model.false_fraction,
        )
        total += _in_groups(throw_field(pattern.window, population, random), link)
    return total


def _in_groups(points: np.ndarray, link: float) -> int:
    """Points in groups of three and more."""
    if not len(points):
        return 0
    pairs = cKDTree(points).query_pairs(link, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    sizes = np.bincount(connected_components(graph, directed=False)[1])
    return int(sizes[sizes >= 3].sum())
