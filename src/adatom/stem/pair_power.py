"""Can so many atoms tell pairs from chance? Simulated patterns and a likelihood ratio.

Distances between the atoms of an image below a reach are counted. By chance alone their density is
N (N - 1) / (2 A^2) g(r) 2 pi r, g(r) = A - 2 r (a + b) / pi + r^2 / pi for an a x b image; N f / 2
pairs of length d, turned at random, add p(r) = r / (d sqrt(d^2 - r^2)), each seen where both atoms
are found, blurred by the errors of position. The ratio of likelihoods with and without pairs, d
unknown, is compared with what random fields of the same size give: nothing rests on asymptotics.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import norm

from adatom.errors import ImageError

REACH_A = 8.0
_BIN_A = 0.1
_DISTANCES_A = np.arange(1.8, 3.65, 0.1)
"""Pair distances looked for: published ones run from 2.2 (Fe-Fe) to 3.1 A (bridged Ni-Ni)."""
_HALVINGS = 12
_TILTS = (np.arange(400) + 0.5) / 400.0
LIBRARY = 800
"""Images simulated for a share of pairs; sets of images are drawn from them."""
TRIALS = 1000


@dataclass(frozen=True)
class Field:
    """One image as it will be taken and read."""

    side_A: float
    density_per_nm2: float
    """Metal atoms in truth."""
    pair_distance_A: float
    distance_spread_A: float
    """Standard deviation of the true distance between sites."""
    recall: float
    false_share: float
    """Of what is found."""
    resolution_A: float
    """Atoms closer than this in projection are found as one."""
    position_sd_A: float
    """Of a found atom, each direction."""
    in_plane: bool = False
    """Whether every pair lies flat across the beam; else they point anywhere."""

    def __post_init__(self) -> None:
        """Refuse what cannot be imaged."""
        if self.atoms < 4.0:
            raise ImageError(
                f"{self.atoms:.1f} atoms are expected in an image of"
                f" {self.side_A / 10:g} x {self.side_A / 10:g} nm; take a larger field"
            )
        if self.side_A < 2.0 * REACH_A:
            raise ImageError(f"a field of {self.side_A:g} A is too small; take {2 * REACH_A:g} A")

    @property
    def atoms(self) -> float:
        """Expected in the field."""
        return self.density_per_nm2 * self.side_A**2 / 100.0


@dataclass(frozen=True)
class Power:
    """What a number of images is worth."""

    images: int
    power: float
    """Probability that a field with pairs is told from random ones, with 5 % false calls."""
    mean_share: float
    """Average of the estimated shares of metal atoms in pairs."""
    sd_share: float
    """Standard deviation of the estimate between repetitions."""

    @property
    def interval_width(self) -> float:
        """Expected width of a 95 % interval of the share."""
        return 2.0 * 1.96 * self.sd_share


def power_curve(
    field: Field,
    pair_fraction: float,
    images: tuple[int, ...],
    *,
    seed: int = 0,
    false_calls: float = 0.05,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Power]:
    """Power and spread of the estimate for numbers of images."""
    rng = np.random.default_rng(seed)
    random, paired = [], []
    for k in range(LIBRARY):
        random.append(count_distances(field, 0.0, rng))
        paired.append(count_distances(field, pair_fraction, rng))
        progress(k + 1, LIBRARY)
    shapes, merged = _pair_shapes(field)
    found = []
    for n in images:
        null, _ = _trials(field, random, shapes, merged, n, rng)
        ratio, share = _trials(field, paired, shapes, merged, n, rng)
        critical = np.quantile(null, 1.0 - false_calls)
        found.append(
            Power(n, float(np.mean(ratio > critical)), float(share.mean()), float(share.std()))
        )
    return found


def count_distances(
    field: Field, pair_fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Distances between the atoms found in one simulated image, counted in bins; and the atoms."""
    margin = field.pair_distance_A + 1.0
    side = field.side_A + 2.0 * margin
    expected = field.density_per_nm2 * side**2 / 100.0
    pairs = rng.poisson(expected * pair_fraction / 2.0)
    singles = rng.poisson(expected * (1.0 - pair_fraction))
    length = field.pair_distance_A + field.distance_spread_A * rng.standard_normal(pairs)
    if not field.in_plane:
        length = length * np.sqrt(1.0 - rng.random(pairs) ** 2)
    angle = rng.uniform(0.0, 2.0 * np.pi, pairs)
    half = 0.5 * length[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    middle = rng.uniform(-margin, field.side_A + margin, (pairs, 2))
    lone = rng.uniform(-margin, field.side_A + margin, (singles, 2))
    places = _merged(np.vstack([middle - half, middle + half, lone]), field.resolution_A)
    places = places[rng.random(len(places)) < field.recall]
    places = places + field.position_sd_A * rng.standard_normal(places.shape)
    false = rng.poisson(field.atoms * field.recall * field.false_share / (1 - field.false_share))
    places = np.vstack([places, rng.uniform(0.0, field.side_A, (false, 2))])
    places = places[np.all((places >= 0.0) & (places < field.side_A), axis=1)]
    couples = cKDTree(places).query_pairs(REACH_A, output_type="ndarray")
    apart = np.linalg.norm(places[couples[:, 0]] - places[couples[:, 1]], axis=1)
    return np.histogram(apart, _edges())[0], len(places)


def _merged(places: np.ndarray, resolution_A: float) -> np.ndarray:
    """Atoms closer than the resolution as one at their middle, nearest couples first."""
    couples = cKDTree(places).query_pairs(resolution_A, output_type="ndarray")
    apart = np.linalg.norm(places[couples[:, 0]] - places[couples[:, 1]], axis=1)
    alive = np.ones(len(places), dtype=bool)
    free = np.ones(len(places), dtype=bool)
    found = places.copy()
    for i, j in couples[np.argsort(apart)]:
        if free[i] and free[j]:
            found[i] = (places[i] + places[j]) / 2.0
            free[i] = free[j] = alive[j] = False
    return found[alive]


def _edges() -> np.ndarray:
    return np.arange(0.0, REACH_A + _BIN_A / 2.0, _BIN_A)


def _pair_shapes(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """For pairs of each trial distance: partners seen per atom in each bin (D, B); merged (D,)."""
    edges = _edges()
    blur = np.hypot(field.distance_spread_A, np.sqrt(2.0) * field.position_sd_A)
    tilts = np.zeros(1) if field.in_plane else _TILTS
    shapes, merged = [], []
    for d in _DISTANCES_A:
        seen = d * np.sqrt(1.0 - tilts**2)
        kept = seen[seen > field.resolution_A]
        within = norm.cdf((edges[None, :] - kept[:, None]) / max(blur, 0.02))
        shapes.append(np.diff(within, axis=1).sum(axis=0) / len(tilts))
        merged.append(1.0 - len(kept) / len(tilts))
    return np.array(shapes) * field.recall * (1.0 - field.false_share), np.array(merged)


def _trials(
    field: Field,
    library: list[tuple[np.ndarray, int]],
    shapes: np.ndarray,
    merged: np.ndarray,
    images: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Likelihood ratio and best share for sets of so many images (T,), (T,)."""
    counts = np.array([c for c, _ in library])
    atoms = np.array([n for _, n in library], dtype=float)
    edges = _edges()
    middle = (edges[1:] + edges[:-1]) / 2.0
    a = field.side_A
    chance = 2.0 * np.pi * middle * _BIN_A * (a**2 - 4.0 * a * middle / np.pi + middle**2 / np.pi)
    chance = np.where(middle > field.resolution_A, chance, 0.0) / (2.0 * a**4)
    chance, shapes = chance[chance > 0.0], shapes[:, chance > 0.0]
    counts = counts[:, -len(chance) :]
    chosen = np.array([_some(len(library), images, rng) for _ in range(TRIALS)])
    seen = counts[chosen].sum(axis=1)
    n = atoms[chosen]
    found = n.sum(axis=1)
    random = (n * (n - 1.0)).sum(axis=1)[:, None] * chance
    # What pairs add to chance, relative to it (T, D, B); partners are no chance neighbours.
    relative = found[:, None, None] / random[:, None]
    excess = 0.5 * shapes * relative - 1.0 / n.mean(axis=1)[:, None, None]
    needed = np.einsum("tb,tdb->td", random, excess)
    # Pairs that merge are counted as one atom: share s of atoms shows as s / (1 - s merged / 2).
    low = np.zeros(needed.shape)
    high = np.broadcast_to(1.0 / (1.0 - merged / 2.0), needed.shape)
    for _ in range(_HALVINGS):
        shown = (low + high) / 2.0
        rising = np.einsum("tb,tdb->td", seen, excess / (1.0 + shown[..., None] * excess)) > needed
        low, high = np.where(rising, shown, low), np.where(rising, high, shown)
    gain = np.einsum("tb,tdb->td", seen, np.log1p(shown[..., None] * excess)) - shown * needed
    best = gain.argmax(axis=1)
    rows = np.arange(TRIALS)
    return gain[rows, best], (shown / (1.0 + shown * merged / 2.0))[rows, best]


def _some(library: int, images: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(library, images, replace=images > library // 4)
