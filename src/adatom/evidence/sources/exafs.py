"""EXAFS: the metal-metal coordination number averaged over all metal.

    N = A (p + c N_c + q N_p)

with the shares p, c, q of the metal in pairs, clusters and particles, one neighbour in a pair, N_c
in a cluster and N_p in a particle. One amplitude A belongs to all paths of a sample: the error of
S0^2 taken over from a standard, and what static disorder hides, which a fit with a Gaussian
sigma^2 loses (Clausen et al., Catal. Today 1994, 21, 49, 10.1016/0920-5861(94)80033-2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
from scipy.stats import norm

from adatom.evidence.composition import Composition
from adatom.evidence.coordination import mean_likelihood
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
TABLE = (2000, 20_000)
"""Least and most points of a tabulated likelihood."""
SMALLEST = 1e-280


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

    paths: tuple[MetalPath, ...] = ()
    cluster_coordination: tuple[float, float] = CLUSTER_COORDINATION
    particle_coordination: tuple[float, float] = PARTICLE_COORDINATION
    amplitude: Callable[[np.ndarray], np.ndarray] = np.ones_like
    """Nuisances (2, ...) of the unit cube -> A."""

    def log_likelihood(self, shares: Composition) -> np.ndarray:
        """Averaged over the nuisances; one path alone by way of a table."""
        if len(self.paths) > 1:
            return super().log_likelihood(shares)
        table, step = self._of_neighbours
        cluster, particle = even_points(2).T
        counted = [float(kind in self.paths[0].counts) for kind in COUNTED]
        neighbours = np.stack(
            [
                np.ones_like(cluster),
                between(self.cluster_coordination, cluster),
                between(self.particle_coordination, particle),
            ],
            axis=1,
        )
        parts = np.broadcast_arrays(*(shares.share(kind) for kind in COUNTED))
        likelihood = mean_likelihood(
            np.stack([p.ravel() for p in parts], axis=1), neighbours * counted, table, step
        )
        return np.log(np.maximum(likelihood, SMALLEST)).reshape(parts[0].shape)

    @cached_property
    def _of_neighbours(self) -> tuple[np.ndarray, float]:
        """Likelihood of the mean number of neighbours, averaged over A, and its step."""
        measured = self.measured[0]
        sd = min(min(r.sd_below, r.sd_above) for _, r in measured.readings)
        most = max(1.0, self.particle_coordination[1], self.cluster_coordination[1])
        count = int(np.clip(5.0 * most / sd, *TABLE))
        number = np.linspace(0.0, most, count)
        amplitude = self.amplitude(even_points(2).T)
        return np.exp(measured.log(number[:, None] * amplitude)).mean(axis=1), float(number[1])


def exafs_source(
    paths: Sequence[MetalPath],
    *,
    cluster_coordination: tuple[float, float] = CLUSTER_COORDINATION,
    particle_coordination: tuple[float, float] = PARTICLE_COORDINATION,
    s02_relative_sd: float = S02_RELATIVE_SD,
    hidden_by_disorder: float = HIDDEN_BY_DISORDER,
) -> ExafsSource:
    """The source of one or more ``paths`` of one sample, which share the amplitude."""

    def amplitude(u: np.ndarray) -> np.ndarray:
        standard = np.maximum(1.0 + s02_relative_sd * norm.ppf(u[1]), 0.0)
        return np.asarray((1.0 - hidden_by_disorder * u[0]) * standard)

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        cluster = between(cluster_coordination, u[2])
        particle = between(particle_coordination, u[3])
        return [
            amplitude(u) * metal_neighbours(shares, cluster, particle, path.counts)
            for path in paths
        ]

    low, high = cluster_coordination, particle_coordination
    standard = f"S0^2 known to {100 * s02_relative_sd:g} % (standard deviation)"
    if s02_relative_sd == 0.0:
        standard = "the error of S0^2 is in the interval of N"
    assumptions = (
        f"EXAFS: 1 metal neighbour in a pair, {low[0]:g} to {low[1]:g} in clusters,"
        f" {high[0]:g} to {high[1]:g} in particles; {standard}; disorder hides up to"
        f" {100 * hidden_by_disorder:g} % of N;"
        " one amplitude for all paths",
    )
    measured = tuple(_measured(p) for p in paths)
    return ExafsSource(
        "EXAFS", measured, expected, 4, assumptions, tuple(paths), cluster_coordination,
        particle_coordination, amplitude,
    )  # fmt: skip


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
