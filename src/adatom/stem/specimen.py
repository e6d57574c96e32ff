"""Sites scattered over a support: structures whose pairs are known, to be imaged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from adatom.errors import ImageError
from adatom.species import NON_METALS

_TRIES = 60


@dataclass(frozen=True)
class Specimen:
    """Atoms of a field, which of them are metal, and which metal atoms belong together."""

    atoms: Atoms
    """Support and sites; the field starts at the origin, atoms around it reach a margin beyond."""
    field_A: tuple[float, float]
    positions_A: np.ndarray
    """Metal atoms in the field, projected (N, 2): x, y."""
    symbols: tuple[str, ...]
    """Of the metal atoms (N,)."""
    site: np.ndarray
    """Number of the site each metal atom belongs to (N,)."""
    metals_in_site: np.ndarray
    """Metal atoms of that site, wherever they lie (N,)."""

    @property
    def in_pair(self) -> np.ndarray:
        """Whether each metal atom belongs to a site with two (N,)."""
        return self.metals_in_site == 2

    @property
    def pair_fraction(self) -> float:
        """Share of the metal atoms of the field that are in pairs; nan without atoms."""
        return float(np.mean(self.in_pair)) if len(self.site) else float("nan")


def site_patch(atoms: Atoms, *, reach_A: float = 3.0) -> Atoms:
    """The metal atoms of a structure and what lies within ``reach_A`` of them, centred on them.

    Raises :class:`~adatom.errors.ImageError` for a structure without metal.
    """
    metals = [i for i, symbol in enumerate(atoms.symbols) if symbol not in NON_METALS]
    if not metals:
        raise ImageError(f"{atoms.get_chemical_formula()} has no metal atom to be seen")
    first = metals[0]
    places = atoms.get_distances(first, range(len(atoms)), mic=True, vector=True)
    distances = np.linalg.norm(places[:, None] - places[metals][None], axis=2).min(axis=1)
    kept = np.flatnonzero(distances <= reach_A)
    patch = Atoms(atoms.symbols[kept], places[kept])
    patch.positions -= places[metals].mean(axis=0)
    return patch


def scatter_sites(
    sites: Sequence[tuple[Atoms, int]],
    support: Atoms,
    *,
    field_A: tuple[float, float],
    thickness_A: float,
    rng: np.random.Generator,
    margin_A: float = 8.0,
    tilted: bool = True,
    clearance_A: float = 1.5,
) -> Specimen:
    """Put so many of each site at random places and orientations into a support.

    ``sites`` are patches (:func:`site_patch`) and how many of each lie in the field and its margin;
    ``support`` covers the same area. Orientations are random in space, or about the beam alone
    where not ``tilted``. Atoms of different sites stay ``clearance_A`` apart in space (projected
    they may coincide); atoms of the support closer than that to a site are taken out.

    Raises :class:`~adatom.errors.ImageError` where the sites do not fit.
    """
    low = np.array([-margin_A, -margin_A, 0.0])
    high = np.array([field_A[0] + margin_A, field_A[1] + margin_A, thickness_A])
    order = rng.permutation([i for i, (_, count) in enumerate(sites) for _ in range(count)])
    placed, numbers, members = [], [], []
    taken = np.empty((0, 3))
    for number, kind in enumerate(order):
        patch = sites[kind][0]
        for _ in range(_TRIES):
            turn = Rotation.random(random_state=rng)
            if not tilted:
                turn = Rotation.from_euler("z", rng.uniform(0.0, 2.0 * np.pi))
            moved = turn.apply(patch.positions) + rng.uniform(low, high)
            near = _near(taken, moved, clearance_A)
            if not near:
                break
        else:
            raise ImageError(
                f"{len(order)} sites do not fit into {field_A[0]:g} x {field_A[1]:g} x"
                f" {thickness_A:g} A; take fewer, or a thicker support"
            )
        taken = np.vstack([taken, moved])
        placed.append(moved)
        numbers.append(patch.numbers)
        members.append(np.full(len(patch), number))
    carbon = support
    if placed:
        distance, _ = cKDTree(taken).query(support.positions, distance_upper_bound=clearance_A)
        carbon = support[np.flatnonzero(~np.isfinite(distance))]
    added = Atoms(np.concatenate([*numbers, []]).astype(int), taken)
    site = np.concatenate([*members, []]).astype(int)
    return _specimen(carbon, added, site, field_A)


def _near(taken: np.ndarray, moved: np.ndarray, clearance_A: float) -> bool:
    """Whether any of the atoms taken is closer than allowed to one of those moved."""
    box = clearance_A + 0.1
    inside = np.all((taken > moved.min(axis=0) - box) & (taken < moved.max(axis=0) + box), axis=1)
    if not inside.any():
        return False
    gaps = taken[inside][:, None] - moved[None]
    return bool((np.sum(gaps**2, axis=2) < clearance_A**2).any())


def _specimen(
    carbon: Atoms, added: Atoms, site: np.ndarray, field_A: tuple[float, float]
) -> Specimen:
    metal = np.array([symbol not in NON_METALS for symbol in added.symbols], dtype=bool)
    sizes = np.bincount(site[metal], minlength=site.max() + 1 if len(site) else 0)
    projected = added.positions[:, :2]
    seen = metal & np.all((projected >= 0.0) & (projected < np.array(field_A)), axis=1)
    positions = projected[seen].copy()
    for values in (positions, site, sizes):
        values.flags.writeable = False
    return Specimen(
        carbon + added,
        field_A,
        positions,
        tuple(np.array(added.get_chemical_symbols())[seen]),
        site[seen],
        sizes[site[seen]],
    )
