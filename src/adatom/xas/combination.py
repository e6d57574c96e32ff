"""Linear combination of standards: shares, their intervals, and how many are supported.

Neighbouring points of a near edge are not independent: core hole and resolution broaden it over
:data:`WIDTH_EV`, so that a range holds range / width independent points. The evidence is the
Bayesian information criterion with that number (Schwarz 1978, 10.1214/aos/1176344136), the noise
unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from scipy.optimize import nnls

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.normalisation import Normalised, other_normalisations

WIDTH_EV = 2.0
RANGE_EV = (-20.0, 60.0)
MOST_COMPONENTS = 4
MOST_STANDARDS = 12
MOST_RMS = 0.02
"""Of the edge step: normalisation alone explains no more."""
_DRAWS = 20_000
_LEAST_DRAWS = 200


@dataclass(frozen=True)
class Combination:
    """One set of standards fitted to a spectrum, shares not negative and adding up to 1."""

    labels: tuple[str, ...]
    shares: tuple[FigureOfMerit, ...]
    r_factor: float
    """Sum of squared residuals over sum of squares, as Athena has it."""
    bic: float
    probability: float
    """Among all sets; before, each number of components is equally likely, and each set of it."""
    rms: float
    """Root mean square of what is left, in edge steps."""
    model: np.ndarray
    """(M,), on the energies of :class:`CombinationFit`."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "components": {
                label: share.as_dict()
                for label, share in zip(self.labels, self.shares, strict=True)
            },
            "r_factor": self.r_factor,
            "rms_of_edge_step": self.rms,
            "bic": self.bic,
            "probability": self.probability,
        }


@dataclass(frozen=True)
class CombinationFit:
    """Every set of standards, the most probable first."""

    energy_eV: np.ndarray
    """(M,)."""
    measured: np.ndarray
    """(M,), normalised and flattened."""
    combinations: tuple[Combination, ...]
    probability_of_count: dict[int, float]
    """Number of components -> probability."""
    independent_points: float

    @property
    def best(self) -> Combination:
        """The most probable set."""
        return self.combinations[0]

    def sentence(self) -> str:
        """What a person is told."""
        if self.best.rms > MOST_RMS:
            return (
                "no combination of these standards describes the spectrum: the best leaves"
                f" {100 * self.best.rms:.1f} % of the edge step; a component is missing, or the"
                " energy scales differ"
            )
        count = max(self.probability_of_count, key=lambda n: self.probability_of_count[n])
        chance = self.probability_of_count[count]
        shares = ", ".join(
            f"{label} {share.text(2)}"
            for label, share in zip(self.best.labels, self.best.shares, strict=True)
        )
        if chance < 0.8:
            return f"these data cannot tell how many components there are; best: {shares}"
        return f"{count} component{'s' * (count > 1)} (probability {chance:.2f}): {shares}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; the ten most probable sets."""
        return {
            "sentence": self.sentence(),
            "range_eV": [float(self.energy_eV[0]), float(self.energy_eV[-1])],
            "independent_points": self.independent_points,
            "probability_of_count": {str(n): p for n, p in self.probability_of_count.items()},
            "combinations": [c.as_dict() for c in self.combinations[:10]],
        }


def fit_combination(
    sample: Normalised,
    standards: Sequence[Normalised],
    *,
    range_eV: tuple[float, float] = RANGE_EV,
    seed: int = 1,
) -> CombinationFit:
    """Fit every set of up to :data:`MOST_COMPONENTS` standards; ``range_eV`` counts from E0.

    Energies are used as they are: calibrate first. Raises :class:`~adatom.errors.SpectrumError`
    where the spectra do not share the range or have one name.
    """
    labels = [s.spectrum.label for s in standards]
    if not 1 <= len(labels) <= MOST_STANDARDS or len(set(labels)) < len(labels):
        raise SpectrumError(
            f"{len(labels)} standards ({', '.join(labels)}); expected 1 to {MOST_STANDARDS} with"
            " different names"
        )
    e = sample.energy_eV
    low, high = sample.e0_eV + range_eV[0], sample.e0_eV + range_eV[1]
    for one in (sample, *standards):
        if one.energy_eV[0] > low or one.energy_eV[-1] < high:
            raise SpectrumError(
                f"{one.spectrum.label} runs from {one.energy_eV[0]:.0f} to"
                f" {one.energy_eV[-1]:.0f} eV, the fit from {low:.0f} to {high:.0f}; narrow it"
            )
    inside = (e >= low) & (e <= high)
    energy, measured = e[inside], sample.flat[inside]
    columns = np.column_stack([np.interp(energy, s.energy_eV, s.flat) for s in standards])
    # Dense stretches of a scan are not more evidence: points weigh by the energy they stand for.
    weight = np.gradient(energy)
    weight = weight / weight.sum()
    independent = min(float(high - low) / WIDTH_EV, float(len(energy)))
    others = np.array([other.flat[inside] for other in other_normalisations(sample)])
    rng = np.random.default_rng(seed)
    found = []
    for count in range(1, min(MOST_COMPONENTS, len(labels)) + 1):
        for chosen in combinations(range(len(labels)), count):
            fit = _fit(columns[:, chosen], measured, weight, independent, others, rng)
            if fit is not None:
                found.append((chosen, fit))
    bics = np.array([fit[2] for _, fit in found])
    of_count = np.array([comb(len(labels), len(chosen)) for chosen, _ in found])
    chance = np.exp(-0.5 * (bics - bics.min())) / of_count
    chance /= chance.sum()
    results = [
        Combination(
            tuple(labels[c] for c in chosen),
            fit[0],
            fit[1],
            fit[2],
            float(p),
            float(np.sqrt((weight * (measured - fit[3]) ** 2).sum())),
            fit[3],
        )
        for (chosen, fit), p in zip(found, chance, strict=True)
    ]
    counts = sorted({len(r.labels) for r in results})
    by_count = {n: sum(r.probability for r in results if len(r.labels) == n) for n in counts}
    results.sort(key=lambda r: -r.probability)
    return CombinationFit(energy, measured, tuple(results), by_count, independent)


def _fit(
    columns: np.ndarray,
    measured: np.ndarray,
    weight: np.ndarray,
    independent: float,
    others: np.ndarray,
    rng: np.random.Generator,
) -> tuple[tuple[FigureOfMerit, ...], float, float, np.ndarray] | None:
    """Shares, R factor, BIC and model; None where a share of the best fit is zero.

    ``others`` (W, M) are the measured curve as other windows normalise it.
    """
    count = columns.shape[1]
    root = np.sqrt(weight)
    # A heavy extra row holds the sum at 1.
    heavy = 1e3
    design = np.vstack([columns * root[:, None], np.full(count, heavy)])
    shares, _ = nnls(design, np.append(measured * root, heavy))
    if count > 1 and (shares < 1e-6).any():
        return None
    shares = shares / shares.sum()
    model = columns @ shares
    mean_square = float((weight * (measured - model) ** 2).sum())
    free = count - 1
    mean_square = max(mean_square, 1e-12)
    bic = independent * np.log(mean_square) + free * np.log(independent)
    r_factor = mean_square / float((weight * measured**2).sum())
    if not free:
        return (FigureOfMerit(1.0, (1.0, 1.0), "the only component"),), r_factor, bic, model
    variance = mean_square * independent / max(independent - free, 1.0)
    reduced = columns[:, :-1] - columns[:, -1:]
    precision = independent / variance * (reduced.T @ (weight[:, None] * reduced))
    covariance = np.linalg.pinv(precision)
    # Other windows of the normalisation move the whole curve, which is no noise of points.
    moved = (others - measured) * weight @ reduced @ covariance * independent / variance
    covariance = covariance + moved.T @ moved / max(len(moved), 1)
    drawn = rng.multivariate_normal(shares[:-1], covariance, _DRAWS)
    drawn = np.column_stack([drawn, 1.0 - drawn.sum(axis=1)])
    allowed = drawn[(drawn >= 0.0).all(axis=1)]
    if len(allowed) < _LEAST_DRAWS:
        return None
    low, high = np.percentile(allowed, (2.5, 97.5), axis=0)
    figures = tuple(
        FigureOfMerit(float(s), (float(a), float(b)))
        for s, a, b in zip(shares, np.minimum(low, shares), np.maximum(high, shares), strict=True)
    )
    return figures, r_factor, float(bic), model
