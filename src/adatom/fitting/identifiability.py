"""What a curve determines, and which combinations of parameters it leaves open.

The Fisher information J^T J / s^2 is taken in units of ``decade`` of each parameter. An
eigenvector whose 95 % half-width exceeds one such unit moves a rate tenfold and the curve stays:
it is called undetermined. Combinations orthogonal to all of those are what the curve fixes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import qr

LARGEST_HALF_WIDTH = 1.0
"""In decades of a rate (transport: tenths of the factor)."""
BENT = 3.0
"""Half-widths off: farther away the relation between parameters is no longer a straight line."""
NEGLIGIBLE = 0.05
"""Smaller coefficients, per decade, are left out of a combination."""


@dataclass(frozen=True)
class Combination:
    """A sum of parameters that the curve determines where it does not determine each."""

    coefficients: dict[str, float]
    """Parameter -> coefficient, the first one 1."""
    value: float
    half_width_95: float
    """From the curvature of chi2 at the optimum (linearised)."""
    bends: bool = False
    """Whether points that describe the curve as well lie well outside of that."""

    def of(self, point: np.ndarray, names: Sequence[str]) -> float:
        """The combination at another point (K,)."""
        return sum(
            self.coefficients.get(name, 0.0) * x
            for name, x in zip(names, point.tolist(), strict=True)
        )


@dataclass(frozen=True)
class Identifiability:
    """Correlations and combinations at the optimum, K parameters."""

    covariance: np.ndarray
    """(K, K) in the units of the parameters; huge along what is undetermined."""
    correlations: np.ndarray
    """(K, K)"""
    half_widths_decades: np.ndarray
    """(K,) 95 % half-widths of the eigenvectors of the information, smallest first."""
    undetermined: tuple[str, ...]
    """Parameters in directions that the curve does not determine."""
    combinations: tuple[Combination, ...]
    """What it determines of those."""


def identify(
    jacobian: np.ndarray, point: np.ndarray, names: tuple[str, ...], decades: np.ndarray,
    *, noise: float, quantile: float,
) -> Identifiability:  # fmt: skip
    """From the Jacobian (P, K) of the weighted residuals at ``point`` (K,).

    ``noise`` is the standard deviation of a weighted residual, ``quantile`` that of the interval.
    """
    _, singular, vectors = np.linalg.svd(jacobian * decades, full_matrices=False)
    # Differences of currents resolve no smaller share of the largest sensitivity.
    singular = np.maximum(singular, 1e-9 * max(singular[0], 1e-300))
    widths = quantile * noise / singular
    scaled = (vectors.T * (noise / singular) ** 2) @ vectors
    covariance = scaled * np.outer(decades, decades)
    sd = np.sqrt(np.diag(covariance))
    loose = widths > LARGEST_HALF_WIDTH
    unknown: tuple[str, ...] = ()
    combinations: list[Combination] = []
    if loose.any():
        null = vectors[loose].T
        unknown = tuple(
            n for n, row in zip(names, null, strict=True) if np.abs(row).max() > NEGLIGIBLE
        )
        certain = (vectors[~loose].T * (noise / singular[~loose]) ** 2) @ vectors[~loose]
        combinations = _combinations(null, certain, point, names, decades, quantile)
    return Identifiability(
        covariance, covariance / np.outer(sd, sd), widths, unknown, tuple(combinations)
    )


def with_bends(
    combinations: Sequence[Combination], points: Iterable[np.ndarray], names: Sequence[str]
) -> tuple[Combination, ...]:
    """The same, marked where ``points`` (K,) that describe the curve as well deviate."""
    near = list(points)
    return tuple(
        replace(c, bends=any(
            abs(c.of(p, names) - c.value) > BENT * c.half_width_95 for p in near
        ))
        for c in combinations
    )  # fmt: skip


def _combinations(
    null: np.ndarray, certain: np.ndarray, point: np.ndarray, names: tuple[str, ...],
    decades: np.ndarray, quantile: float,
) -> list[Combination]:  # fmt: skip
    """Sums that no undetermined direction (K, M) changes, each led by another parameter."""
    # Where it is a tie, the parameter named last depends on the others.
    weighted = null[::-1] * np.linspace(1.05, 1.0, len(names))[:, None]
    order = qr(weighted.T, pivoting=True, mode="r")[1]
    dependent = [len(names) - 1 - int(i) for i in order[: null.shape[1]]]
    leading = [k for k in range(len(names)) if k not in dependent]
    found = []
    for k in leading:
        weights = np.zeros(len(names))
        weights[k] = 1.0
        weights[dependent] = -np.linalg.solve(null[dependent].T, null[k])
        weights[np.abs(weights) < NEGLIGIBLE] = 0.0
        if np.count_nonzero(weights) < 2:
            continue  # determined by itself
        raw = weights * decades[k] / decades
        half = quantile * float(np.sqrt(weights @ certain @ weights)) * decades[k]
        coefficients = {n: float(c) for n, c in zip(names, raw, strict=True) if c}
        lead = names[k]
        ordered = {lead: coefficients.pop(lead)} | coefficients
        found.append(Combination(ordered, float(raw @ point), half))
    return found
