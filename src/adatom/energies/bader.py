"""Bader's partition of an electron density on a periodic grid, by the weight method.

Every point of the grid hands its charge to those of its neighbours that are denser, in
proportion to the flux of the density's gradient through the facets they share (Yu and Trinkle,
J. Chem. Phys. 2011, 134, 064111, 10.1063/1.3553716):

    J(i -> j) = A_ij (rho_j - rho_i) / l_ij  for rho_j > rho_i,  normalised to sum 1 over j

with A_ij and l_ij the area and distance of the Voronoi facet between the points. Swept from the
thinnest point to the densest, every charge arrives at the maxima in one pass: the sum over points
of charge times basin weight, without a weight per basin being stored. Nothing is lost on the way.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.spatial import Voronoi, cKDTree

from adatom.errors import AdatomError

MAX_POINTS = 40_000_000
"""Largest grid; about a dozen numbers of eight bytes a point are held at once."""
NUCLEUS_A = 0.5
"""A maximum farther from every nucleus is not that nucleus's own."""


@dataclass(frozen=True)
class BaderBasins:
    """Quantities integrated over the Bader regions of the atoms."""

    sums: np.ndarray
    """Integral of each quantity over each atom's region, shape (quantities, atoms)."""
    volumes_A3: np.ndarray
    """Volume of each region, shape (atoms,); the vacuum is part of it."""
    stray: np.ndarray
    """Largest absolute share of each quantity at one maximum farther than ``NUCLEUS_A`` from
    every nucleus, shape (quantities,): near zero unless a nucleus lacks its maximum."""
    grid_error: np.ndarray | None
    """Absolute change of ``sums`` on a grid twice as coarse, shape (quantities, atoms): a
    cautious estimate, as the method converges with the square of the spacing. None where a
    dimension is odd."""


def bader_basins(
    density: np.ndarray,
    quantities: np.ndarray,
    *,
    cell_A: np.ndarray,
    positions_A: np.ndarray,
) -> BaderBasins:
    """Integrate ``quantities`` over the basins of ``density``, one region per atom.

    ``density``, shape (n1, n2, n3), is periodic, its point (i, j, k) at fractions i/n1, j/n2,
    k/n3 of ``cell_A``, shape (3, 3) with lattice vectors as rows; it decides the basins.
    ``quantities``, shape (q, n1, n2, n3), are densities per cubic angstrom. A basin belongs to
    the nucleus nearest to its maximum. Raises :class:`~adatom.errors.AdatomError` for a grid
    that is too large, not finite, or whose shapes differ.
    """
    _require(density, quantities)
    cell, nuclei = np.asarray(cell_A, float), np.asarray(positions_A, float)
    fine = _integrate(density, quantities, cell, nuclei)
    grid_error = None
    if all(n % 2 == 0 and n >= 8 for n in density.shape):
        coarse = _integrate(density[::2, ::2, ::2], _restrict(quantities), cell, nuclei)
        grid_error = np.abs(fine[0] - coarse[0])
    return BaderBasins(*fine, grid_error)


def _require(density: np.ndarray, quantities: np.ndarray) -> None:
    if density.ndim != 3 or quantities.shape[1:] != density.shape:
        raise AdatomError(
            f"density of shape {density.shape} and quantities of shape {quantities.shape} do not"
            " lie on one grid; expected (n1, n2, n3) and (q, n1, n2, n3)"
        )
    if density.size > MAX_POINTS:
        raise AdatomError(
            f"density has {density.size} grid points, more than {MAX_POINTS}; use a coarser grid"
        )
    if not (np.isfinite(density).all() and np.isfinite(quantities).all()):
        raise AdatomError("density holds numbers that are not finite")


def _restrict(values: np.ndarray) -> np.ndarray:
    """Every second point of the last three axes, with half of what lies beside: sums are kept."""
    for axis in (-3, -2, -1):
        smooth = (
            0.25 * np.roll(values, 1, axis) + 0.5 * values + 0.25 * np.roll(values, -1, axis)
        )  # fmt: skip
        values = smooth.take(np.arange(0, smooth.shape[axis], 2), axis)
    return values


def _integrate(
    density: np.ndarray,
    quantities: np.ndarray,
    cell: np.ndarray,
    nuclei: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape = density.shape
    offsets, weights = facets(cell / np.array(shape)[:, None])
    rho = np.ascontiguousarray(density, float).ravel()
    carried = np.empty((rho.size, len(quantities) + 1))
    carried[:, :-1] = quantities.reshape(len(quantities), -1).T
    carried[:, -1] = 1.0
    top = _sweep(rho, np.argsort(rho, kind="stable"), carried, np.array(shape), offsets, weights)
    maxima = np.flatnonzero(top)
    fractions = np.stack(np.unravel_index(maxima, shape), axis=1) / np.array(shape)
    distance, owner = _nearest_nucleus(fractions, cell, nuclei)
    found = carried[maxima] * (abs(np.linalg.det(cell)) / rho.size)
    sums = np.zeros((len(nuclei), found.shape[1]))
    np.add.at(sums, owner, found)
    far = np.abs(found[distance > NUCLEUS_A, :-1])
    stray = far.max(axis=0) if len(far) else np.zeros(len(quantities))
    return sums[:, :-1].T, sums[:, -1], stray


def facets(step_A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of a grid point that share a facet of its Voronoi cell.

    ``step_A``, shape (3, 3): the steps of the grid as rows. Returns the neighbours' index
    offsets, shape (m, 3), and area / distance of each facet (angstrom), shape (m,).
    Raises :class:`~adatom.errors.AdatomError` for a cell without volume, or so skewed that a
    neighbour lies more than three steps away.
    """
    volume = abs(np.linalg.det(step_A))
    scale = np.linalg.norm(step_A, axis=1).max()
    if not volume > 1e-9 * scale**3:
        raise AdatomError("the cell of the density has no volume")
    reach = np.arange(-3, 4)
    lattice = np.stack(np.meshgrid(reach, reach, reach, indexing="ij"), axis=-1).reshape(-1, 3)
    centre = len(lattice) // 2
    points = lattice @ (step_A / scale)
    diagram = Voronoi(points)
    offsets, areas, distances = [], [], []
    for (a, b), ridge in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if centre not in (a, b) or -1 in ridge:
            continue
        other = b if a == centre else a
        corners = diagram.vertices[ridge]
        # Fan of triangles from the first corner; qhull lists a ridge's corners in order.
        spans = np.cross(corners[1:-1] - corners[0], corners[2:] - corners[0])
        offsets.append(lattice[other])
        areas.append(0.5 * np.linalg.norm(spans.sum(axis=0)))
        distances.append(float(np.linalg.norm(points[other])))
    area, distance = np.array(areas), np.array(distances)
    if not np.isclose((area * distance).sum() / 6.0, volume / scale**3, rtol=1e-6):
        raise AdatomError("the cell of the density is too skewed; give its reduced cell")
    kept = area > 1e-8 * area.max()
    return np.array(offsets)[kept], (area / distance)[kept] * scale


@njit(cache=True)
def _sweep(rho, order, carried, shape, offsets, weights):
    """Hand the charges uphill, thinnest point first; returns which points are maxima."""
    n1, n2, n3 = shape
    top = np.zeros(rho.size, np.bool_)
    flux = np.empty(len(weights))
    where = np.empty(len(weights), np.int64)
    for point in order:
        i, j, k = point // (n2 * n3), (point // n3) % n2, point % n3
        total = 0.0
        count = 0
        for m in range(len(weights)):
            other = (
                ((i + offsets[m, 0]) % n1) * n2 + (j + offsets[m, 1]) % n2
            ) * n3 + (k + offsets[m, 2]) % n3  # fmt: skip
            rise = rho[other] - rho[point]
            if rise > 0.0:
                flux[count] = weights[m] * rise
                where[count] = other
                total += flux[count]
                count += 1
        if count == 0 or total == 0.0:
            top[point] = True
            continue
        for m in range(count):
            share = flux[m] / total
            for q in range(carried.shape[1]):
                carried[where[m], q] += share * carried[point, q]
    return top


def _nearest_nucleus(
    fractions: np.ndarray, cell: np.ndarray, nuclei: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distance to, and index of, the nucleus nearest to each point, over periodic images."""
    images = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = nuclei @ np.linalg.inv(cell) % 1.0
    copies = (inside[None] + images[:, None]).reshape(-1, 3) @ cell
    distance, index = cKDTree(copies).query((fractions % 1.0) @ cell)
    return np.asarray(distance), np.asarray(index) % len(nuclei)
