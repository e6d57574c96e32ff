"""What distances between atoms the inferred mixture expects: the part of pairs, and of chance."""

from dataclasses import dataclass

import numpy as np

from adatom.stem.pair_inference import PairInference

BIN_ANGSTROM = 0.25


@dataclass(frozen=True)
class PairSpectrum:
    """Number of pairs of spots by distance, all fields together."""

    edges_angstrom: np.ndarray
    """(K + 1,)."""
    observed: np.ndarray
    """(K,), pairs of spots."""
    paired: np.ndarray
    """(K,), sum of their probabilities to be one pair."""


def pair_spectrum(found: PairInference) -> PairSpectrum:
    """Distances between spots, split by the probability to be one pair."""
    lengths, chances = [], []
    for pattern, bonds, chance in zip(
        found.patterns, found.bonds, found.bond_probability, strict=True
    ):
        vectors = np.subtract(*pattern.positions_angstrom[bonds.T])
        lengths.append(np.hypot(*vectors.T))
        chances.append(chance)
    distance, probability = np.concatenate(lengths), np.concatenate(chances)
    top = distance.max() if len(distance) else 1.0
    edges = np.arange(0.0, top + BIN_ANGSTROM, BIN_ANGSTROM)
    return PairSpectrum(
        edges,
        np.histogram(distance, edges)[0],
        np.histogram(distance, edges, weights=probability)[0],
    )
