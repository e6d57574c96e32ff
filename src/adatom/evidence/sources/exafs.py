"""EXAFS: the metal-metal coordination number averaged over all metal.

    N = A (p + c N_c + q N_p)

with the shares p, c, q of the metal in pairs, clusters and particles, one neighbour in a pair, N_c
in a cluster and N_p in a particle. One amplitude A belongs to all paths of a sample: the error of
S0^2 taken over from a standard, and what static disorder hides, which a fit with a Gaussian
sigma^2 loses (Clausen et al., Catal. Today 1994, 21, 49, 10.1016/0920-5861(94)80033-2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from scipy.stats import norm

from adatom.evidence.composition import Composition
from adatom.evidence.coordination import log_mean_likelihood
from adatom.evidence.likelihood import TwoPiece, from_interval
from adatom.evidence.source import Measured, NumberSource, between, even_points

CLUSTER_COORDINATION = (2.0, 5.0)
"""From a trimer to about thirteen atoms."""
PARTICLE_COORDINATION = (8.0, 12.0)
"""From about 1 nm to the bulk of a close-packed metal."""
S02_RELATIVE_SD = 0.1
"""Of S0^2 from a standard."""
HIDDEN_BY_DISORDER = 0.3
"""Largest share of the amplitude that disorder hides."""
COUNTED = ("pairs", "clusters", "particles")


@dataclass(frozen=True)
class MetalPath:
    """The fitted metal-metal coordination number of one path."""

    coordination_number: tuple[float, float, float]
    """Value and ends of the 95 % interval."""
    distance_angstrom: float | None = None
    log10_bayes_factor: float | None = None
    """Of a metal-metal path against the best model without."""
    counts: tuple[str, ...] = COUNTED
    """Which neighbours lie at this distance."""


@dataclass(frozen=True)
class ExafsSource(NumberSource):
    """Coordination numbers of the paths of one sample."""

    counted: np.ndarray = field(default_factory=lambda: np.ones((1, 3)))
    """(paths, 3): 1 where the path has the neighbours of a pair, cluster, particle."""
    draw: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]] = lambda u: (u, u, u)
    """Nuisances (4, ...) of the unit cube -> amplitude, N_c and N_p."""

    def log_likelihood(self, shares: Composition) -> np.ndarray:
        """Averaged over the nuisances; compiled, for it depends on three shares at once."""
        parts = np.broadcast_arrays(*(shares.share(kind) for kind in COUNTED))
        amplitude, cluster, particle = self.draw(even_points(self.nuisances).T)
        most = max(len(m.readings) for m in self.measured)
        readings = np.full((len(self.measured), most, 4), [-np.inf, 0.0, 1.0, 1.0])
        for i, measured in enumerate(self.measured):
            for j, (probability, r) in enumerate(measured.readings):
                with np.errstate(divide="ignore"):
                    readings[i, j] = np.log(probability), r.centre, r.sd_below, r.sd_above
        found = log_mean_likelihood(
            np.stack([p.ravel() for p in parts], axis=1),
            amplitude,
            np.stack([np.ones_like(cluster), cluster, particle], axis=1),
            self.counted,
            readings,
        )
        return found.reshape(parts[0].shape)


def exafs_source(
    paths: Sequence[MetalPath],
    *,
    cluster_coordination: tuple[float, float] = CLUSTER_COORDINATION,
    particle_coordination: tuple[float, float] = PARTICLE_COORDINATION,
    s02_relative_sd: float = S02_RELATIVE_SD,
    hidden_by_disorder: float = HIDDEN_BY_DISORDER,
) -> ExafsSource:
    """The source of one or more ``paths`` of one sample, which share the amplitude."""

    def draw(u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        standard = np.maximum(1.0 + s02_relative_sd * norm.ppf(u[1]), 0.0)
        amplitude = (1.0 - hidden_by_disorder * u[0]) * standard
        return amplitude, between(cluster_coordination, u[2]), between(particle_coordination, u[3])

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        amplitude, cluster, particle = draw(u)
        return [
            amplitude * metal_neighbours(shares, cluster, particle, path.counts) for path in paths
        ]

    low, high = cluster_coordination, particle_coordination
    assumptions = (
        f"EXAFS: 1 metal neighbour in a pair, {low[0]:g} to {low[1]:g} in clusters,"
        f" {high[0]:g} to {high[1]:g} in particles; S0^2 known to {100 * s02_relative_sd:g} %"
        f" (standard deviation); disorder hides up to {100 * hidden_by_disorder:g} % of N;"
        " one amplitude for all paths",
    )
    counted = np.array([[float(kind in path.counts) for kind in COUNTED] for path in paths])
    measured = tuple(_measured(p) for p in paths)
    return ExafsSource("EXAFS", measured, expected, 4, assumptions, counted, draw)


def metal_neighbours(
    shares: Composition,
    cluster: np.ndarray | float,
    particle: np.ndarray | float,
    counts: Sequence[str] = COUNTED,
) -> np.ndarray:
    """Mean number of metal neighbours of a metal atom, before anything hides them."""
    number = {"pairs": 1.0, "clusters": cluster, "particles": particle}
    return np.asarray(sum((shares.share(kind) * number[kind] for kind in counts), np.zeros(1)))


def _measured(path: MetalPath) -> Measured:
    value, low, high = path.coordination_number
    fitted = from_interval(value, low, high, support=(0.0 if low >= 0.0 else -inf, inf))
    readings: tuple[tuple[float, TwoPiece], ...] = ((1.0, fitted),)
    if path.log10_bayes_factor is not None:
        # A path that may as well be carbon leaves no metal neighbours, known as well as those.
        probability = 1.0 / (1.0 + 10.0 ** min(-path.log10_bayes_factor, 300.0))
        none = TwoPiece(0.0, fitted.sd_above, fitted.sd_above)
        readings = ((probability, fitted), (1.0 - probability, none))
    where = "" if path.distance_angstrom is None else f" at {path.distance_angstrom:.2f} A"
    return Measured(f"N(M-M){where}", "", readings, value, (low, high))
