"""Fields of atoms thrown at random: singles, pairs, trimers; merged, missed and false ones.

Nothing here is shared with the inference, which is tested on these fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from adatom.stem.windows import SQUARE_ANGSTROM_PER_NM2, Window

SHAPES: Mapping[str, np.ndarray] = {
    "single": np.zeros((1, 3)),
    "pair": np.array([[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0]]),
    "triangle": np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.75**0.5, 0.0]]),
    "chain": np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),
    "tetrahedron": np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0],
                             [-1.0, -1.0, 1.0]]) / 8.0**0.5,
}  # fmt: skip
"""Groups of atoms with unit distance between neighbours."""


@dataclass(frozen=True)
class Population:
    """What a sample holds, and how it is seen."""

    density_per_nm2: float
    """All metal atoms."""
    shares: Mapping[str, float]
    """Share of the atoms in each of ``SHAPES``; what is missing to 1 are single atoms."""
    distance_angstrom: float = 2.4
    distance_sd_angstrom: float = 0.0
    tilt: str | float = "isotropic"
    """``isotropic``, ``in-plane``, or the angle of the support's normal to the beam in degrees."""
    resolution_angstrom: float = 1.5
    recall: float = 1.0
    false_fraction: float = 0.0
    """Of the detected spots."""


def throw_field(window: Window, population: Population, random: np.random.Generator) -> np.ndarray:
    """Positions (N, 2), A, of what is detected of one field of the population."""
    atoms = merge(throw_atoms(window, population, random), population.resolution_angstrom)
    seen = atoms[window.contains(atoms) & (random.random(len(atoms)) < population.recall)]
    share = population.false_fraction
    false = random.binomial(round(len(seen) / (1.0 - share)), share) if share else 0
    while false:
        more = window.draw(false, random)
        if len(seen):
            apart = cKDTree(seen).query(more)[0] >= population.resolution_angstrom
            more = more[apart]
        seen = np.vstack([seen, more])
        false -= len(more)
    return seen


def throw_atoms(window: Window, population: Population, random: np.random.Generator) -> np.ndarray:
    """Projected positions (N, 2), A, of all atoms in and around the window."""
    margin = 3.0 * population.distance_angstrom
    size = np.array(window.size_angstrom) + 2.0 * margin
    area = size.prod() / SQUARE_ANGSTROM_PER_NM2
    shares = {"single": 1.0 - sum(population.shares.values()), **population.shares}
    found = []
    for name, share in shares.items():
        shape = SHAPES[name]
        count = random.poisson(population.density_per_nm2 * share / len(shape) * area)
        distance = random.normal(
            population.distance_angstrom, population.distance_sd_angstrom, (count, 1, 1)
        )
        turned = np.einsum("nij,kj->nki", _orientations(count, population.tilt, random), shape)
        centres = random.random((count, 1, 2)) * size - margin
        found.append((centres + distance * turned[:, :, :2]).reshape(-1, 2))
    return np.vstack(found)


def merge(atoms: np.ndarray, resolution_angstrom: float) -> np.ndarray:
    """Centroids (M, 2) of atoms (N, 2) linked by distances below the resolution."""
    if not len(atoms):
        return atoms
    links = cKDTree(atoms).query_pairs(resolution_angstrom, output_type="ndarray")
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(atoms), len(atoms)))
    count, label = connected_components(graph, directed=False)
    members = np.bincount(label, minlength=count)
    return np.column_stack([np.bincount(label, axis, count) / members for axis in atoms.T])


def _orientations(count: int, tilt: str | float, random: np.random.Generator) -> np.ndarray:
    """Rotations (count, 3, 3) of the groups; flat groups lie in the support unless isotropic."""
    if tilt == "isotropic":
        return np.linalg.qr(random.normal(size=(count, 3, 3)))[0]
    angle = random.uniform(0.0, 2.0 * np.pi, count)
    about = _about_z(angle)
    if tilt == "in-plane":
        return about
    degrees = np.radians(float(tilt))
    lean = np.array([[1.0, 0.0, 0.0],
                     [0.0, np.cos(degrees), -np.sin(degrees)],
                     [0.0, np.sin(degrees), np.cos(degrees)]])  # fmt: skip
    return lean @ about


def _about_z(angle: np.ndarray) -> np.ndarray:
    zero, one = np.zeros_like(angle), np.ones_like(angle)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack(
        [np.stack([cos, -sin, zero], 1), np.stack([sin, cos, zero], 1),
         np.stack([zero, zero, one], 1)], 1,
    )  # fmt: skip
