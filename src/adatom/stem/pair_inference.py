"""Share of atoms in pairs, from where the atoms of one or several fields lie.

The likelihood is that of :mod:`adatom.stem.pair_likelihood`. Priors: no pairs at all with
probability ``PRIOR_NO_PAIRS``, else f uniform over 0 to 1; d0 uniform over a stated range; s one of
``SPREADS_ANGSTROM``; density of atoms of each field log-uniform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from adatom.errors import ImageError
from adatom.stem.convergence import effective_draws, split_r_hat
from adatom.stem.pair_chain import sample
from adatom.stem.point_pattern import PointPattern
from adatom.stem.projection import PairTables, pair_tables
from adatom.stem.rooms import Rooms, bond_densities, find_rooms
from adatom.stem.windows import SQUARE_ANGSTROM_PER_NM2, isotropic_overlap

PRIOR_NO_PAIRS = 0.5
PAIR_DISTANCE_ANGSTROM = (2.0, 3.5)
"""Published metal-metal distances of pairs on carbon: Fe-Fe 2.2 to Ni-Ni 3.1 A, with a margin."""
CHAINS = 4
ATTEMPTS = (800, 3200, 12800)
"""Sweeps of each chain; more where they do not agree."""
LARGEST_R_HAT = 1.05
FEWEST_DRAWS = 150.0
UNDECIDED = (0.01, 0.5, 100.0)
"""Odds of no pairs: from the first to the second, where the verdict may change, they must be known
to a standard error of the first of"""
ODDS_ERRORS = (0.15, 0.5)
"""of themselves, from there to the third to the second; in the end to twice as much."""
LARGEST_TILT = 5.0
"""Logarithm by which low f are sampled more often than they are probable, at most."""
_SHARES = 100
_KEEP_EVERY = 8
_FREE_POINTS = 40_000
_REACHES = 6
LEAST_LOG_DENSITY = -25.0
"""Of bonds that are considered, A^-2; at the edge of 6 standard deviations."""
MOST_ATOMS = 50_000


@dataclass(frozen=True)
class SeeingModel:
    """How atoms become detected spots."""

    tilt: str | float = "isotropic"
    """``isotropic``, ``in-plane``, or the angle between the support's normal and the beam, deg."""
    recall: float | None = None
    """Probability that a spot is detected; None: that of the pattern, else 1."""
    false_fraction: float = 0.0
    """Share of the spots that are no metal atom."""
    pair_distance_angstrom: tuple[float, float] = PAIR_DISTANCE_ANGSTROM

    def __post_init__(self) -> None:
        if self.recall is not None and not 0.0 < self.recall <= 1.0:
            raise ImageError(f"recall {self.recall:g} must be above 0 and at most 1")
        if not 0.0 <= self.false_fraction < 0.5:
            raise ImageError(f"false fraction {self.false_fraction:g} must be from 0 to below 0.5")
        low, high = self.pair_distance_angstrom
        if not 1.0 <= low <= high <= 6.0:
            raise ImageError(
                f"pair distance {low:g}:{high:g} must be LOW:HIGH in A, from 1 to 6, low first"
            )
        if not isinstance(self.tilt, str) and not 0.0 <= self.tilt < 90.0:
            raise ImageError(f"tilt {self.tilt:g} deg must be from 0 to below 90")
        if isinstance(self.tilt, str) and self.tilt not in ("isotropic", "in-plane"):
            raise ImageError(f"tilt '{self.tilt}' must be isotropic, in-plane or degrees")


@dataclass(frozen=True)
class PairInference:
    """Posterior of pairs in fields of one sample."""

    patterns: tuple[PointPattern, ...]
    model: SeeingModel
    share_edges: np.ndarray
    """(K + 1,), edges of the cells of f."""
    share_probability: np.ndarray
    """(K,), posterior of f in each cell if there are pairs."""
    probability_no_pairs: float
    """Not below one over the effective draws: less cannot be told by sampling."""
    share_draws: np.ndarray
    """(T,), draws of f if there are pairs, together with those below."""
    distance_angstrom: np.ndarray
    """(T,), draws of d0."""
    spread_angstrom: np.ndarray
    """(T,), draws of s."""
    density_per_nm2: np.ndarray
    """(T, fields), draws of the density of metal atoms, detected or not."""
    bonds: tuple[np.ndarray, ...]
    """For each field (M, 2), spots near enough to be a pair."""
    bond_probability: tuple[np.ndarray, ...]
    """For each field (M,), probability that these two are one pair."""
    atom_probability: tuple[np.ndarray, ...]
    """For each field (N,), probability that a spot holds an atom of a pair seen as two."""
    recall: tuple[float, ...]
    """Of each field."""
    r_hat: float
    effective_draws: float
    sweeps: int
    no_pairs_is_limit: bool
    """Whether the probability of no pairs is an upper limit."""

    def share_quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Quantiles of f if there are pairs, its prior uniform from 0 to 1."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.share_probability)])
        return np.interp(levels, cumulative / cumulative[-1], self.share_edges)

    @cached_property
    def share(self) -> float:
        """Median of f, no pairs included as 0."""
        none = self.probability_no_pairs
        return (
            0.0
            if none >= 0.5
            else float(self.share_quantiles(np.array((0.5 - none) / (1.0 - none))))
        )

    @cached_property
    def share_interval_95(self) -> tuple[float, float]:
        """Of f if there are pairs, from 0 unless no pairs are less probable than 2.5 %."""
        low, high = self.share_quantiles(np.array([0.025, 0.975]))
        return (0.0 if self.probability_no_pairs >= 0.025 else float(low)), float(high)


def infer_pairs(
    patterns: Sequence[PointPattern],
    model: SeeingModel,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> PairInference:
    """Sample the share of atoms in pairs in fields of one sample, which share f, d0 and s.

    Raises :class:`~adatom.errors.ImageError` where pairs cannot be seen, and where the chains do
    not agree in the end.
    """
    if not patterns:
        raise ImageError("no field of atoms is given")
    total = sum(map(len, patterns))
    if total > MOST_ATOMS:
        raise ImageError(f"{total} atoms, at most {MOST_ATOMS} are taken; name fewer fields")
    fields = [_field(p, model, n) for n, p in enumerate(patterns)]
    tables = fields[0].tables
    offsets = np.cumsum([0, *map(len, patterns)])
    ends = np.concatenate([f.bonds + o for f, o in zip(fields, offsets, strict=False)])
    rooms = np.ones((len(fields), max(len(f.rooms.classes) for f in fields), 3))
    for g, field in enumerate(fields):
        rooms[g, : len(field.rooms.classes)] = field.rooms.classes
    edges = np.linspace(0.0, 1.0, _SHARES + 1) ** 1.5
    shares = np.concatenate([[0.0], 0.5 * (edges[1:] + edges[:-1])])
    prior = np.concatenate([[PRIOR_NO_PAIRS], (1.0 - PRIOR_NO_PAIRS) * np.diff(edges)])
    given = (
        shares, np.log(prior), np.concatenate([f.log_density for f in fields], axis=3),
        np.stack([f.pairs for f in fields], axis=2), np.stack([f.seeing for f in fields]), rooms,
        np.concatenate([f.rooms.room + n * rooms.shape[1] for n, f in enumerate(fields)]),
        ends, *_neighbours(ends, total),
    )  # fmt: skip
    tilt = np.zeros(len(shares))
    for attempt, sweeps in enumerate(ATTEMPTS):
        found = []
        for chain in range(CHAINS):
            start = (
                int((chain + 0.5) / CHAINS * _SHARES),
                int((chain + 0.5) / CHAINS * len(tables.distances_angstrom)),
            )
            seeds = np.random.SeedSequence([seed, attempt, chain]).generate_state(1)
            found.append(
                sample(int(seeds[0]), sweeps, sweeps // 4, _KEEP_EVERY, *start, tilt, *given)
            )
            if progress is not None:
                progress(chain + 1, CHAINS)
        traces = np.stack([f[0] for f in found])
        conditional = np.mean([f[1] for f in found], axis=0)
        r_hat = max(split_r_hat(traces[:, :, 0]), split_r_hat(traces[:, :, 5:].mean(axis=2)))
        draws = effective_draws(traces[:, :, 0])
        none, error = _odds(traces[:, :, 3], traces[:, :, 4])
        whole = np.isfinite(none) and np.isfinite(conditional).all()
        agree = whole and r_hat <= LARGEST_R_HAT and draws >= FEWEST_DRAWS
        if agree and _known(none, error, 2.0 if sweeps == ATTEMPTS[-1] else 1.0):
            break
        tilt = _tilt(conditional, prior)
    else:
        raise ImageError(
            f"{patterns[0].source}: the sampling of pairs did not converge (R-hat {r_hat:.2f},"
            f" {draws:.0f} effective draws), so that nothing is reported; narrow --pair-distance,"
            " check resolution and recall, or take fewer fields"
        )
    none = none / (1.0 + none)
    all_draws = _untilted(traces.reshape(-1, traces.shape[2]), shares, tilt)
    of_chains = traces[:, :, 4].mean(axis=1)
    cuts = np.cumsum([len(f.bonds) for f in fields])[:-1]
    return PairInference(
        tuple(patterns),
        model,
        edges,
        conditional[1:] / conditional[1:].sum(),
        max(none, 1.0 / draws),
        all_draws[:, 0],
        _within_cells(tables.distances_angstrom, all_draws[:, 1], seed),
        _within_cells(np.append(0.0, tables.spreads_angstrom), all_draws[:, 2] + 1, seed),
        all_draws[:, 5:] * SQUARE_ANGSTROM_PER_NM2,
        tuple(f.bonds for f in fields),
        tuple(np.split(np.average([f[2] for f in found], 0, of_chains), cuts)),
        tuple(np.split(np.average([f[3] for f in found], 0, of_chains), offsets[1:-1])),
        tuple(float(f.seeing[2]) for f in fields),
        r_hat,
        draws,
        sweeps,
        none < 1.0 / draws,
    )


@dataclass(frozen=True)
class _Field:
    """What the sampler needs of one field."""

    tables: PairTables
    pairs: np.ndarray
    bonds: np.ndarray
    log_density: np.ndarray
    rooms: Rooms
    seeing: np.ndarray


def _field(pattern: PointPattern, model: SeeingModel, number: int) -> _Field:
    resolution = pattern.resolution_angstrom
    tables = pair_tables(
        tilt=model.tilt,
        resolution_angstrom=resolution,
        pair_distance_angstrom=model.pair_distance_angstrom,
        position_sd_angstrom=pattern.position_sd_angstrom,
    )
    positions = pattern.positions_angstrom
    tree = cKDTree(positions)
    bonds = tree.query_pairs(tables.reach_angstrom, output_type="ndarray").astype(np.int64)
    bonds = bonds[np.lexsort(bonds.T[::-1])]
    reach = tables.typical_angstrom(_REACHES)
    rooms = find_rooms(positions, resolution, pattern.window, reach, number)
    log_density = bond_densities(positions, bonds, rooms.shifts_angstrom, tables)
    possible = log_density.max(axis=(0, 1, 2)) > LEAST_LOG_DENSITY
    points = pattern.window.draw(_FREE_POINTS, np.random.default_rng(number))
    free = float((tree.query(points)[0] > resolution).mean())
    area = pattern.window.area_nm2 * SQUARE_ANGSTROM_PER_NM2
    recall = model.recall if model.recall is not None else pattern.mean_recall or 1.0
    false = model.false_fraction * len(pattern) / (area * free)
    outside = float(1.0 - isotropic_overlap(pattern.window, reach).mean())
    of_pairs = (tables.merged, tables.linked, tables.clumped, tables.crossing(pattern.window))
    return _Field(
        tables,
        np.stack(of_pairs, axis=2),
        np.ascontiguousarray(bonds[possible]),
        np.ascontiguousarray(log_density[..., possible]),
        rooms,
        np.array([area, area * free, recall, false, resolution, outside]),
    )


def _odds(ratio: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Odds of no pairs, from the ratios and weights (C, T) of the draws, and their error."""
    odds = float(ratio.mean() / weight.mean())
    scatter = ratio - odds * weight
    return odds, float(scatter.std() / effective_draws(scatter) ** 0.5 / weight.mean())


def _known(odds: float, error: float, factor: float) -> bool:
    """Whether the odds of no pairs matter not or are known well enough."""
    if not UNDECIDED[0] < odds < UNDECIDED[2]:
        return True
    return error < factor * ODDS_ERRORS[0 if odds < UNDECIDED[1] else 1] * odds


def _tilt(conditional: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Logarithms (K,) by which to raise the posterior of f below its mode, to make it even there.

    The odds of no pairs are those of the posterior near f = 0, which few draws reach otherwise.
    """
    density = conditional[1:] / prior[1:]
    mode = int(density.argmax())
    floor = density[mode] * np.exp(-LARGEST_TILT)
    needed = np.log(density[mode] / np.maximum(density[: mode + 1], floor))
    tilt = np.zeros(len(prior))
    tilt[1 : mode + 2] = np.maximum.accumulate(needed[::-1])[::-1]
    return tilt


def _untilted(draws: np.ndarray, shares: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """As many draws of the posterior itself, from draws (T, ...) of the tilted one."""
    if not tilt.any():
        return draws
    weight = np.cumsum(np.exp(-tilt[np.searchsorted(shares, draws[:, 0])]))
    steps = (np.arange(len(draws)) + 0.5) / len(draws) * weight[-1]
    return np.asarray(draws[np.searchsorted(weight, steps)])


def _within_cells(grid: np.ndarray, draws: np.ndarray, seed: int) -> np.ndarray:
    """Values drawn evenly within the cells of a grid (K,), whose points stand for their cells."""
    edges = np.concatenate([grid[:1], 0.5 * (grid[1:] + grid[:-1]), grid[-1:]])
    cell = draws.astype(int)
    at = np.random.default_rng(seed).random(len(draws))
    return np.asarray(edges[cell] + at * (edges[cell + 1] - edges[cell]))


def _neighbours(ends: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bonds of each spot: where they start (N + 1,), and their numbers (2 M,)."""
    both = ends.T.ravel()
    order = np.argsort(both, kind="stable")
    starts = np.searchsorted(both[order], np.arange(count + 1))
    return starts, np.tile(np.arange(len(ends)), 2)[order]
