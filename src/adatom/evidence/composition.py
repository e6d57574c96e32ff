"""Shares of the metal in single atoms, pairs, clusters and particles."""

from dataclasses import dataclass

import numpy as np

KINDS = ("single_atoms", "pairs", "clusters", "particles")
"""Order of every list of four shares. A trimer is a cluster; a particle has a bulk inside."""


@dataclass(frozen=True)
class Composition:
    """Shares of all metal atoms, in arrays that broadcast against each other; they sum to one."""

    single_atoms: np.ndarray
    pairs: np.ndarray
    clusters: np.ndarray
    particles: np.ndarray

    @property
    def dispersed(self) -> np.ndarray:
        """Share of the metal in single atoms and pairs."""
        return 1.0 - self.clusters - self.particles

    @property
    def pair_fraction(self) -> np.ndarray:
        """Share of the dispersed atoms that is in pairs; one half where nothing is dispersed."""
        dispersed = self.dispersed
        some = dispersed > 1e-12
        return np.where(some, self.pairs, 0.5) / np.where(some, dispersed, 1.0)

    def share(self, kind: str) -> np.ndarray:
        """The share of one of :data:`KINDS`."""
        return np.asarray(getattr(self, kind))


def from_axes(
    pair_fraction: np.ndarray, agglomerated: np.ndarray, particle_fraction: np.ndarray
) -> Composition:
    """Shares from three independent fractions between 0 and 1.

    Of the metal a share ``agglomerated`` is in clusters and particles, and of that
    ``particle_fraction`` in particles; of the rest ``pair_fraction`` is in pairs. A Dirichlet
    prior of the shares makes the three independent Beta variables.
    """
    dispersed = 1.0 - agglomerated
    return Composition(
        dispersed * (1.0 - pair_fraction),
        dispersed * pair_fraction,
        agglomerated * (1.0 - particle_fraction),
        agglomerated * particle_fraction,
    )


def composition(
    single_atoms: float, pairs: float, clusters: float = 0.0, particles: float = 0.0
) -> Composition:
    """One composition; the shares are divided by their sum."""
    shares = np.array([single_atoms, pairs, clusters, particles], dtype=float)
    return Composition(*(shares / shares.sum())[:, None])
