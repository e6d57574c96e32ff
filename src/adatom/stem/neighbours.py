"""Neighbour statistics of points in a window, against atoms scattered at random.

g(r) and K(r) use the translation correction: a pair of points at distance vector v counts as
A / |W intersected with W + v| pairs (Ohser 1983; Illian, Penttinen, Stoyan, Stoyan, Statistical
Analysis and Modelling of Spatial Point Patterns, 2008). L = sqrt(K / pi).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import lambertw
from scipy.stats import chi2

from adatom.errors import ImageError
from adatom.stem.point_pattern import PointPattern
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import SQUARE_ANGSTROM_PER_NM2

MAX_DISTANCE_ANGSTROM = 10.0
_BINS_FOR_G = 0.25
SIMULATIONS = 199
"""Of random fields for the envelope; the smallest level of the global test is 1 in 200."""
LEVEL = 0.05
MERGING = 0.507
"""A share exp(-MERGING rho pi r^2) of atoms at random is left as spots, within 0.5 % up to
rho pi r^2 = 0.5: simulated with random_fields.merge in tests/stem/test_neighbours.py."""


@dataclass(frozen=True)
class NeighbourStatistics:
    """What neighbours there are, and what chance gives."""

    density_per_nm2: float
    density_interval_95: tuple[float, float]
    """Of the detected atoms, if they were a Poisson process."""
    nearest_angstrom: np.ndarray
    """(N,), distance of each atom to its nearest neighbour."""
    distance_angstrom: np.ndarray
    """(K,), distances at which K and L are given; the upper edges of the bins of g."""
    pair_correlation: np.ndarray
    """(K,), g, mean over a bin; 1 for atoms scattered at random."""
    ripley_k_nm2: np.ndarray
    """(K,)."""
    ripley_l_angstrom: np.ndarray
    """(K,)."""
    random_l_angstrom: np.ndarray
    """(K,), mean L of fields of single atoms of the same density and resolution."""
    envelope_l_angstrom: tuple[np.ndarray, np.ndarray]
    """Global envelope: a field of single atoms leaves it anywhere with a probability of 5 %."""
    envelope_g: tuple[np.ndarray, np.ndarray]
    """Likewise for g."""
    p_value: float
    """Of single atoms scattered at random, by the largest standardised deviation of L."""

    @property
    def bin_middle_angstrom(self) -> np.ndarray:
        """(K,), distances that g belongs to."""
        return self.distance_angstrom - 0.5 * self.distance_angstrom[0]


def chance_neighbour(density_per_nm2: float, distance_angstrom: float) -> float:
    """Probability that an atom has a neighbour by chance: 1 - exp(-rho pi r^2)."""
    area = np.pi * distance_angstrom**2 / SQUARE_ANGSTROM_PER_NM2
    return float(-np.expm1(-density_per_nm2 * area))


def pair_sums(
    pattern_positions: np.ndarray, pattern: PointPattern, edges: np.ndarray
) -> np.ndarray:
    """Corrected number of ordered pairs in each bin of distance (K,), A divided out."""
    tree = cKDTree(pattern_positions)
    pairs = tree.query_pairs(edges[-1], output_type="ndarray")
    if not len(pairs):
        return np.zeros(len(edges) - 1)
    vectors = np.subtract(*pattern_positions[pairs.T])
    weights = 2.0 / np.maximum(pattern.window.overlap(vectors), 1e-6)
    return np.histogram(np.hypot(*vectors.T), edges, weights=weights)[0]


def neighbour_statistics(
    pattern: PointPattern,
    *,
    recall: float = 1.0,
    false_fraction: float = 0.0,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> NeighbourStatistics:
    """Distances between neighbours, g, K and L with global envelopes of random single atoms.

    The random fields have as many detected atoms on average, and merge atoms closer than the
    resolution as the image does.
    """
    area = pattern.window.area_nm2 * SQUARE_ANGSTROM_PER_NM2
    reach = min(MAX_DISTANCE_ANGSTROM, 0.25 * min(pattern.window.size_angstrom))
    edges = np.linspace(0.0, reach, max(4, ceil(reach / _BINS_FOR_G)) + 1)
    k, g = _functions(pattern.positions_angstrom, pattern, edges, area)
    random = np.random.default_rng([seed, len(pattern)])
    density = unmerged_density(pattern, recall=recall, false_fraction=false_fraction)
    thrown = Population(density, {}, resolution_angstrom=pattern.resolution_angstrom,
                        recall=recall, false_fraction=false_fraction)  # fmt: skip
    simulated = []
    for _ in range(simulations):
        points = throw_field(pattern.window, thrown, random)
        simulated.append(_functions(points, pattern, edges, area))
    random_l = np.sqrt(np.array([one[0] for one in simulated]) / np.pi)
    random_g = np.array([one[1] for one in simulated])
    found_l = np.sqrt(k / np.pi)
    tested = edges[1:] > pattern.resolution_angstrom
    low_l, high_l, p_value = global_envelope(random_l, found_l, tested)
    low_g, high_g, _ = global_envelope(random_g, g, tested)
    low_g = np.maximum(low_g, 0.0)  # no g is below
    count = len(pattern)
    return NeighbourStatistics(
        pattern.density_per_nm2,
        (
            float(chi2.ppf(0.025, 2 * count) / 2.0 / pattern.window.area_nm2),
            float(chi2.ppf(0.975, 2 * count + 2) / 2.0 / pattern.window.area_nm2),
        ),
        cKDTree(pattern.positions_angstrom).query(pattern.positions_angstrom, k=2)[0][:, 1],
        edges[1:],
        g,
        k / SQUARE_ANGSTROM_PER_NM2,
        found_l,
        random_l.mean(axis=0),
        (low_l, high_l),
        (low_g, high_g),
        p_value,
    )


def global_envelope(
    simulated: np.ndarray, found: np.ndarray, tested: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Envelope (K,), (K,) that one in twenty simulations (S, K) leaves, and the p-value of one.

    The largest deviation from the mean in standard deviations decides, over ``tested`` distances
    (Myllymaki, Mrkvicka, Grabarnik, Seijo, Hahn, J. R. Stat. Soc. B 2017, 79, 381,
    doi:10.1111/rssb.12172: studentised envelope). The curve found is one of the set.
    """
    everything = np.vstack([simulated, found])
    mean, sd = everything.mean(axis=0), everything.std(axis=0, ddof=1)
    usable = tested & (sd > 0)
    deviation = np.zeros(len(everything))
    if usable.any():
        deviation = (np.abs(everything - mean)[:, usable] / sd[usable]).max(axis=1)
    width = np.quantile(deviation, 1.0 - LEVEL, method="higher")
    p_value = float((deviation >= deviation[-1] * (1.0 - 1e-12)).mean())
    return mean - width * sd, mean + width * sd, p_value


def _functions(
    points: np.ndarray, pattern: PointPattern, edges: np.ndarray, area: float
) -> tuple[np.ndarray, np.ndarray]:
    """K (A^2) at the upper edges, and g in the bins."""
    count = max(len(points), 2)
    sums = pair_sums(points, pattern, edges) * area / (count * (count - 1))
    return np.cumsum(sums), sums / (np.pi * np.diff(edges**2))


def unmerged_density(
    pattern: PointPattern, *, recall: float = 1.0, false_fraction: float = 0.0
) -> float:
    """Atoms per nm2 of which merging and missing leave the true ones of the spots detected.

    Raises :class:`~adatom.errors.ImageError` for more spots than the resolution can show.
    """
    disk = np.pi * pattern.resolution_angstrom**2 / SQUARE_ANGSTROM_PER_NM2
    spots = pattern.density_per_nm2 * (1.0 - false_fraction) / recall
    argument = MERGING * spots * disk
    if argument >= 1.0 / np.e:
        raise ImageError(
            f"{pattern.source}: {spots:.3g} atoms per nm2, missed ones too, are more than a"
            f" resolution of {pattern.resolution_angstrom:g} A can show of atoms scattered at"
            " random; check --resolution-angstrom and --field-angstrom"
        )
    return float(-lambertw(-argument).real / MERGING / disk)
