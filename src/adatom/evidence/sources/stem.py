"""STEM: the pair fraction of visible atoms, and clusters and particles counted in the fields.

A field is a small piece of the sample. Its own pair fraction scatters around that f of the sample
as a Beta variable with intraclass correlation rho: variance f (1 - f) rho / n for n fields.
Numbers of clusters and particles in the fields scatter as a negative binomial around

    atoms seen x share of metal in them / share dispersed / atoms in one

with a variance between fields of ``clumping`` times the mean squared, over n. A particle of a
thousand atoms is rare: fields without one exclude few compositions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from math import log

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import gammaln, logsumexp
from scipy.stats import beta, norm

from adatom.evidence.composition import Composition
from adatom.evidence.likelihood import TwoPiece

OVERDISPERSION = 0.02
CLUMPING = 1.0
ATOMS_PER_CLUSTER = (3.0, 50.0)
ATOMS_PER_PARTICLE = (50.0, 5000.0)
"""From 1 to 5 nm of iron."""
CELLS, NODES, SIZES = 800, 401, 64
EDGES = np.linspace(0.0, 1.0, CELLS + 1)
LOG_RATIOS = np.linspace(np.log(1e-6), np.log(1e9), 600)
FLOOR = 1e-280


@dataclass(frozen=True)
class Seen:
    """Clusters or particles counted in the fields."""

    number: int
    atoms_each: tuple[float, float]
    """Limits of their size; log-uniform between."""


@dataclass(frozen=True)
class StemSource:
    """The images of a sample."""

    local: np.ndarray | None
    """Likelihood of the pair fraction in the fields themselves, by cell of :data:`EDGES`."""
    pair_fraction: tuple[float, float, float] | None
    """Value and 95 % interval, as given."""
    atoms: int | None = None
    clusters: Seen | None = None
    particles: Seen | None = None
    fields: int = 1
    overdispersion: float = OVERDISPERSION
    clumping: float = CLUMPING
    name: str = "STEM"

    @property
    def data(self) -> int:
        """The pair fraction and the counts that were given."""
        return sum(x is not None for x in (self.local, self.clusters, self.particles))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Priors and conventions, in words."""
        said = [
            f"STEM: {self.fields} field{'s' if self.fields > 1 else ''}; pair fractions of fields"
            f" scatter with intraclass correlation {self.overdispersion:g}"
        ]
        for kind, seen in (("cluster", self.clusters), ("particle", self.particles)):
            if seen is not None:
                low, high = seen.atoms_each
                said.append(
                    f"STEM: {low:g} to {high:g} atoms in a {kind}, numbers of {kind}s in fields"
                    f" scatter with a relative variance of {self.clumping:g}"
                )
        return tuple(said)

    def log_likelihood(self, shares: Composition) -> np.ndarray:
        """For each composition, averaged over local pair fractions and sizes."""
        total = np.zeros(1)
        if self._of_pair_fraction is not None:
            nodes = np.linspace(0.0, 1.0, NODES)
            total = total + np.interp(shares.pair_fraction, nodes, self._of_pair_fraction)
        for seen, share in ((self.clusters, shares.clusters), (self.particles, shares.particles)):
            if seen is not None:
                # Where nothing is dispersed the expected number is beyond all counts.
                ratio = share / np.maximum(shares.dispersed, 1e-9)
                total = total + self._of_count(seen, ratio)
        return np.asarray(total)

    def expected_number(self, ratio: np.ndarray | float, atoms_each: float) -> np.ndarray:
        """Clusters or particles in the fields for a ``ratio`` of metal in them to dispersed."""
        assert self.atoms is not None
        return np.asarray(self.atoms * ratio / atoms_each)

    @cached_property
    def _of_pair_fraction(self) -> np.ndarray | None:
        """Log likelihood of the pair fraction of the sample, at even nodes."""
        if self.local is None:
            return None
        likelihood = scatter(self.overdispersion / self.fields) @ self.local
        return np.log(np.maximum(likelihood, FLOOR))

    def _of_count(self, seen: Seen, ratio: np.ndarray) -> np.ndarray:
        """Log likelihood of a count, averaged over sizes."""
        assert self.atoms is not None
        table = _count_table(seen, self.atoms, self.clumping / self.fields)
        return np.interp(np.log(np.maximum(ratio, 1e-12)), LOG_RATIOS, table)


@lru_cache(maxsize=16)
def _count_table(seen: Seen, atoms: int, relative_variance: float) -> np.ndarray:
    """Log likelihood of a count at :data:`LOG_RATIOS`."""
    sizes = log_even(seen.atoms_each)
    mean = atoms * np.exp(LOG_RATIOS)[:, None] / sizes
    logs = count_log_probability(seen.number, mean, relative_variance)
    return np.asarray(logsumexp(logs, axis=1) - log(len(sizes)))


def log_even(limits: tuple[float, float]) -> np.ndarray:
    """Sizes even in their logarithm."""
    low, high = np.log(limits)
    return np.exp(low + (high - low) * (np.arange(SIZES) + 0.5) / SIZES)


def count_log_probability(
    number: int | np.ndarray, mean: np.ndarray, relative_variance: float
) -> np.ndarray:
    """Log probability of a count whose mean itself varies; Poisson where it does not."""
    mean = np.maximum(mean, FLOOR)
    if relative_variance == 0.0:
        return np.asarray(number * np.log(mean) - mean - gammaln(np.asarray(number) + 1.0))
    k = 1.0 / relative_variance
    return np.asarray(
        gammaln(number + k) - gammaln(k) - gammaln(np.asarray(number) + 1.0)
        - k * np.log1p(mean / k) + number * (np.log(mean) - np.log(k + mean))
    )  # fmt: skip


@cache
def scatter(correlation: float) -> np.ndarray:
    """Probability (nodes, cells) of a local pair fraction in a cell, given that of the sample."""
    nodes = np.linspace(0.0, 1.0, NODES)
    if correlation < 1e-7:
        found = np.zeros((NODES, CELLS))
        for i, f in enumerate(nodes):  # a node between two cells belongs to both
            near = {min(int(f * CELLS - 1e-9), CELLS - 1), min(int(f * CELLS + 1e-9), CELLS - 1)}
            found[i, list(near)] = 1.0 / len(near)
        return found
    k = 1.0 / correlation - 1.0
    inner = nodes[1:-1, None]
    found = np.zeros((NODES, CELLS))
    found[1:-1] = np.diff(beta.cdf(EDGES, inner * k, (1.0 - inner) * k), axis=1)
    found[0, 0] = found[-1, -1] = 1.0
    return found


def local_from_interval(likelihood: TwoPiece) -> np.ndarray:
    """Cells of a pair fraction given with its interval."""
    logs = likelihood.log(0.5 * (EDGES[1:] + EDGES[:-1]))
    return np.asarray(np.exp(logs - logs.max()))


def local_from_posterior(quantiles: Sequence[float]) -> np.ndarray:
    """Cells of a pair fraction given by even quantiles of its posterior under a flat prior.

    Quantiles that are zero are those of the hypothesis of no pairs at all, which is a point and
    no density: they are left out, and what remains is the likelihood of any fraction. Between
    quantiles the distribution is interpolated as deviations of a normal one, whose tails continue
    it outwards.
    """
    x = np.sort(np.asarray(quantiles, dtype=float))
    x = x[x > 0.0] if np.any(x > 0.0) else np.full(2, 1e-6)
    levels = (np.arange(len(x)) + 0.5) / len(x)
    x, first = np.unique(x, return_index=True)
    if len(x) < 3:
        sd = max(float(np.ptp(x)), 1e-3)
        return local_from_interval(TwoPiece(float(x.mean()), sd, sd))
    z = norm.ppf(levels[first])
    curve = PchipInterpolator(x, z)
    at = curve(np.clip(EDGES, x[0], x[-1]))
    # The slope of the outer tenth: that of the last two quantiles alone is noise.
    tenth = max(2, len(x) // 10)
    below = (z[tenth] - z[0]) / (x[tenth] - x[0])
    above = (z[-1] - z[-1 - tenth]) / (x[-1] - x[-1 - tenth])
    at = at + np.minimum(EDGES - x[0], 0.0) * below + np.maximum(EDGES - x[-1], 0.0) * above
    # Differences on the side where they do not cancel.
    cells = np.where(at[1:] < 0.0, np.diff(norm.cdf(at)), -np.diff(norm.sf(at)))
    return np.asarray(cells / cells.max())
