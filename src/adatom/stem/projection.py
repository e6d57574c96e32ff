"""Distances of pairs as an image shows them: projected, shifted by merging, measured with errors.

A pair of true distance d whose axis makes a random angle with the beam is seen at r = d x, x of the
distribution function F(x) = 1 - sqrt(1 - x^2): density r / (d sqrt(d^2 - r^2)). In a support whose
normal is tilted by t, x = sqrt(1 - sin^2 t sin^2 phi) with phi uniform. d is normal about d0 with
standard deviation s.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from adatom.errors import ImageError
from adatom.stem.windows import Window, isotropic_overlap

BIN_ANGSTROM = 0.05
DISTANCE_STEP_ANGSTROM = 0.025
SPREADS_ANGSTROM = (0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Values of s, equally probable beforehand."""
_NODES = 101
_DIRECTIONS = 180
_RADII = 24
_PLACED = 10_000
_PLACED_DISTANCES = 9


@dataclass(frozen=True)
class PairTables:
    """Everything about projected pairs that the likelihood looks up, by s and d0."""

    distances_angstrom: np.ndarray
    """(D,), values of d0."""
    spreads_angstrom: np.ndarray
    """(S,), values of s."""
    density: np.ndarray
    """(S, D, B), density of the vector between two spots, A^-2, by distance in bins of
    ``BIN_ANGSTROM``."""
    merged: np.ndarray
    """(S, D), share of pairs that are seen closer than the resolution."""
    linked: np.ndarray
    """(S, D), mean area in which a third atom makes one spot with both atoms of a pair, A^2."""
    clumped: np.ndarray
    """(S, D), area in which two pairs are one spot, less what ``linked`` gives of it, A^2."""
    reach_angstrom: float
    """No pair is seen farther apart."""
    seen: np.ndarray
    """(S, D, B), share of all pairs that is seen as two atoms, by their true projected distance."""

    def crossing(self, window: Window) -> np.ndarray:
        """(S, D), share of the pairs of an atom in the window that are seen apart and whose other
        atom is outside."""
        middle = (np.arange(self.seen.shape[2]) + 0.5) * BIN_ANGSTROM
        return np.asarray(self.seen @ (1.0 - isotropic_overlap(window, middle)))

    def typical_angstrom(self, count: int) -> np.ndarray:
        """(count,), quantiles of the distances at which pairs are seen apart, over all s and d0."""
        below = np.cumsum(self.seen.sum(axis=(0, 1)))
        levels = (np.arange(count) + 0.5) / count * below[-1]
        return (np.searchsorted(below, levels) + 0.5) * BIN_ANGSTROM


def ratio_distribution(ratio: np.ndarray, tilt: str | float) -> np.ndarray:
    """Probability that the projected distance is below ``ratio`` times the true one."""
    x = np.clip(ratio, 0.0, 1.0)
    along = np.sqrt(1.0 - x**2)
    if tilt == "isotropic":
        return np.asarray(np.where(ratio >= 1.0, 1.0, 1.0 - along))
    sine = 0.0 if tilt == "in-plane" else abs(np.sin(np.radians(float(tilt))))
    steep = np.divide(along, sine, out=np.full_like(along, 2.0), where=sine > 0)
    below = 1.0 - 2.0 / np.pi * np.arcsin(np.clip(steep, 0.0, 1.0))
    return np.asarray(np.where(ratio >= 1.0, 1.0, below))


@lru_cache(maxsize=8)
def pair_tables(
    *,
    tilt: str | float,
    resolution_angstrom: float,
    pair_distance_angstrom: tuple[float, float],
    position_sd_angstrom: float = 0.0,
) -> PairTables:
    """Tables for pairs whose d0 lies in ``pair_distance_angstrom``.

    Raises :class:`~adatom.errors.ImageError` where such pairs cannot be seen as two atoms.
    """
    low, high = pair_distance_angstrom
    if resolution_angstrom >= high:
        raise ImageError(
            f"a resolution of {resolution_angstrom:g} A hides pairs of up to {high:g} A: both atoms"
            " are one spot at every tilt; take a sharper image, or give distances that can be seen"
            " with --pair-distance LOW:HIGH"
        )
    spreads = np.array(SPREADS_ANGSTROM)
    count = max(2, round((high - low) / DISTANCE_STEP_ANGSTROM) + 1)
    distances = np.linspace(low, high, count) if high > low else np.array([low])
    reach = high + 3.0 * spreads[-1] + resolution_angstrom + 4.0 * position_sd_angstrom
    bins = int(np.ceil(reach / BIN_ANGSTROM))
    edges = np.arange(bins + 1) * BIN_ANGSTROM
    normal = ndtri((np.arange(_NODES) + 0.5) / _NODES)
    below = np.empty((len(spreads), len(distances), bins + 1))
    for i, spread in enumerate(spreads):
        true = np.clip(distances[:, None] + spread * normal, 0.1, None)
        below[i] = ratio_distribution(edges / true[:, :, None], tilt).mean(axis=1)
    share = np.diff(below, axis=2)
    area = np.pi * np.diff(edges**2)
    visible = np.clip(edges[1:] - resolution_angstrom, 0.0, BIN_ANGSTROM) / BIN_ANGSTROM
    middle = 0.5 * (edges[1:] + edges[:-1])
    lens = overlap_area(middle, resolution_angstrom)
    disk = np.pi * resolution_angstrom**2
    seen = share * visible
    # Two disks together are linked to a merged pair, what is common to them links one that is not.
    linked = (seen * lens + (share - seen) * (2.0 * disk - lens)).sum(axis=2)
    density = seen @ _measured(edges, position_sd_angstrom * 2.0**0.5) / area
    merged = 1.0 - seen.sum(axis=2)
    clumped = _together(distances, tilt, resolution_angstrom) - linked**2 / disk
    return PairTables(distances, spreads, density, merged, linked, clumped, float(edges[-1]), seen)


def _together(distances: np.ndarray, tilt: str | float, resolution: float) -> np.ndarray:
    """(D,), area of places of a second pair at which it and a first one are one spot, A^2.

    By placing pairs of a few distances at random; the spread of distances hardly matters.
    """
    random = np.random.default_rng(0)
    nodes = np.linspace(distances[0], distances[-1], _PLACED_DISTANCES)
    found = []
    for distance in nodes:
        reach = 2.0 * distance + resolution
        first, second = (_projected(distance, tilt, random) for _ in range(2))
        radius = reach * np.sqrt(random.random(_PLACED))
        angle = 2.0 * np.pi * random.random(_PLACED)
        centre = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        atoms = np.stack([-first, first, centre - second, centre + second], axis=1)
        link = np.linalg.norm(atoms[:, :, None] - atoms[:, None], axis=3) < resolution
        for _ in range(2):
            link = (link[:, :, :, None] & link[:, None]).any(axis=2)
        found.append(link[:, 0].all(axis=1).mean() * np.pi * reach**2)
    return np.interp(distances, nodes, found)


def _projected(distance: float, tilt: str | float, random: np.random.Generator) -> np.ndarray:
    """Halves of projected pairs (``_PLACED``, 2)."""
    levels = np.linspace(0.0, 1.0, 2001)
    ratio = np.interp(random.random(_PLACED), ratio_distribution(levels, tilt), levels)
    angle = 2.0 * np.pi * random.random(_PLACED)
    return 0.5 * distance * ratio[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def overlap_area(distance: np.ndarray, radius: float) -> np.ndarray:
    """Area common to two disks of one radius at a distance."""
    half = np.clip(distance / (2.0 * radius), 0.0, 1.0)
    return np.asarray(2.0 * radius**2 * (np.arccos(half) - half * np.sqrt(1.0 - half**2)))


def _measured(edges: np.ndarray, sd: float) -> np.ndarray:
    """(B, B) chance to go from a distance in a bin (row) to another one (column).

    The difference vector is shifted by a normal vector of standard deviation ``sd`` along each
    axis.
    """
    bins = len(edges) - 1
    if sd == 0.0:
        return np.eye(bins)
    u = (np.arange(_RADII) + 0.5) / _RADII
    length = sd * np.sqrt(-2.0 * np.log(1.0 - u))[:, None]
    angle = (np.arange(_DIRECTIONS) + 0.5) * np.pi / _DIRECTIONS
    start = edges[:-1, None, None] + 0.5 * BIN_ANGSTROM
    distance = np.sqrt(start**2 + length**2 + 2.0 * start * length * np.cos(angle))
    return distance_histogram(distance.reshape(bins, -1), bins)


def distance_histogram(distances: np.ndarray, bins: int) -> np.ndarray:
    """(M, B) share of each row of distances (M, Q) in each bin; the last one takes all beyond."""
    rows, each = distances.shape
    column = np.minimum((distances / BIN_ANGSTROM).astype(int), bins - 1)
    at = np.arange(rows)[:, None] * bins + column
    counts = np.bincount(at.ravel(), minlength=rows * bins)
    return np.asarray(counts.reshape(rows, bins) / each)
