"""Positions and heights of all atoms by joint least squares, with what noise leaves uncertain."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from adatom.stem.gaussians import REACH, empty_fits, fit_groups, render

LINKED = 4.5
"""Atoms closer than so many widths are fitted together."""
LARGEST_GROUP = 20
_EMPTY_PLACES = 800


@dataclass(frozen=True)
class Refined:
    """Atoms (N,) of an image in pixels, the centre of the first pixel at 0."""

    height: np.ndarray
    x: np.ndarray
    y: np.ndarray
    variances: np.ndarray
    """(N, 3) of height, x, y from independent noise of each pixel."""
    residual: np.ndarray
    """(H, W), the image less all atoms."""


def groups(x: np.ndarray, y: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping atoms as (starts, members); large groups are cut, and then swept in turn."""
    places = np.column_stack([x, y])
    pairs = cKDTree(places).query_pairs(LINKED * width, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(x.size, x.size))
    _, labels = connected_components(links, directed=False)
    waiting = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])
    done: list[np.ndarray] = []
    while waiting:
        group = waiting.pop()
        if group.size <= LARGEST_GROUP:
            done.append(group)
            continue
        along = np.ptp(places[group], axis=0).argmax()
        order = group[np.argsort(places[group, along])]
        waiting += [order[: order.size // 2], order[order.size // 2 :]]
    starts = np.concatenate([[0], np.cumsum([group.size for group in done])])
    return starts.astype(np.int64), np.concatenate(done).astype(np.int64)


def refine(
    image: np.ndarray,
    variance: np.ndarray,
    height: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    width: float,
) -> Refined:
    """Fit heights and positions of all atoms (N,) to an image (H, W) less its background.

    ``variance`` (H, W) is that of each pixel. An atom stays within one width of its seed, so that
    none takes the place of another.
    """
    seeds = np.column_stack([x, y]).astype(float)
    atoms = np.column_stack([height, x, y]).astype(float)
    variances = np.full(atoms.shape, np.inf)
    residual = image
    if x.size:
        starts, members = groups(x, y, width)
        sweeps = 2 if starts.size == 2 or np.diff(starts).max() <= LARGEST_GROUP // 2 else 4
        for _ in range(sweeps):
            residual = image - render(image.shape, atoms[:, 1], atoms[:, 2], atoms[:, 0], width)
            atoms, variances = fit_groups(
                residual, variance, starts, members, atoms, seeds, float(width)
            )
        residual = image - render(image.shape, atoms[:, 1], atoms[:, 2], atoms[:, 0], width)
    return Refined(atoms[:, 0], atoms[:, 1], atoms[:, 2], variances, residual)


def inflation(
    fit: Refined,
    variance: np.ndarray,
    region: np.ndarray,
    width: float,
    random: np.random.Generator,
) -> np.ndarray:
    """True over formal standard deviation of height, x and y (3,), measured where no atom is.

    Noise that correlates between pixels and the texture of the support move atoms more than
    independent noise does; the same fit at empty places shows by how much.
    """
    inside = np.flatnonzero(region)
    chosen = random.choice(inside, min(4 * _EMPTY_PLACES, inside.size), replace=False)
    y, x = np.unravel_index(chosen, region.shape)
    places = np.column_stack([x, y]).astype(float)
    if fit.x.size:
        distance, _ = cKDTree(np.column_stack([fit.x, fit.y])).query(places)
        clear = distance > REACH * width
        places = places[clear] if clear.sum() >= 100 else places
    places = places[:_EMPTY_PLACES]
    found = empty_fits(fit.residual, variance, places[:, 0], places[:, 1], float(width))
    middle = np.median(found, axis=0)
    return np.asarray(1.4826 * np.median(np.abs(found - middle), axis=0))
