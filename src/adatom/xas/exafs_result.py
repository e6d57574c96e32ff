"""What the comparison of EXAFS models says: models, paths, Bayes factors, one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitWindow
from adatom.xas.models import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECISIVE_LOG10 = 1.0
"""10 to 1: 'strong' after Kass and Raftery, J. Am. Stat. Assoc. 1995, 90, 773,
10.1080/01621459.1995.10476572; below it the data cannot tell."""
LARGEST_R_FACTOR = 0.08
"""Above it no model describes the data; good fits of known structures leave below 0.02."""


@dataclass(frozen=True)
class PathEstimate:
    """One shell of the most probable model: posterior medians with 95 % intervals."""

    shell: str
    species: str
    coordination_number: float
    distance_angstrom: float
    sigma2_A2: float
    intervals_95: Mapping[str, tuple[float, float]]
    """Of each of the three, under its name."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "shell": self.shell,
            "species": self.species,
            "coordination_number": self.coordination_number,
            "distance_angstrom": self.distance_angstrom,
            "sigma2_A2": self.sigma2_A2,
            "intervals_95": {name: list(both) for name, both in self.intervals_95.items()},
        }


@dataclass(frozen=True)
class ModelEvidence:
    """Evidence and posterior of one model."""

    model: Model
    log10_evidence: float
    log10_evidence_error: float
    probability: float
    """Among the fitted models, all equally likely beforehand."""
    draws: np.ndarray
    """(S, 1 + parameters): S02, then the parameters of the model."""
    best: np.ndarray
    """(1 + parameters,): the most likely draw."""
    r_factor: float
    """Of the best draw: squared residuals over squared data, independent coordinates."""
    misfit: float
    """Share of the signal that the model leaves beyond the noise, posterior median."""

    def correlations(self) -> np.ndarray:
        """Posterior correlations of the model's parameters, without S02."""
        return np.asarray(np.corrcoef(self.draws[:, 1:].T))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "model": self.model.name,
            "parameters": [parameter.name for parameter in self.model.parameters],
            "log10_evidence": self.log10_evidence,
            "log10_evidence_error": self.log10_evidence_error,
            "probability": self.probability,
            "r_factor": self.r_factor,
            "misfit_share": self.misfit,
        }


@dataclass(frozen=True)
class ExafsEvidence:
    """The comparison of all candidate models of one spectrum."""

    label: str
    absorber: str
    models: tuple[ModelEvidence, ...]
    """Most probable first."""
    refused: tuple[str, ...]
    """Models with more parameters than independent points, and the numbers."""
    paths: tuple[PathEstimate, ...]
    """Of the most probable model."""
    log10_bayes_factor_metal_metal: float | None
    """Mean evidence of models with metal at bonding distance (pair or particle) over those without;
    None where one of the groups was refused."""
    log10_bayes_factor_error: float | None
    """Standard error of the sampling."""
    log10_bayes_factor_pair_over_particles: float | None
    log10_bayes_factor_pair_over_particles_error: float | None
    metal_metal_number: tuple[float, tuple[float, float]]
    """N of metal at bonding distance, median and 95 % interval over all models."""
    log10_bayes_factor_nearest: Mapping[str, float]
    """Nitrogen over oxygen and over carbon as nearest neighbours."""
    window: FitWindow
    independent_points: float
    s02: tuple[float, float]
    noise_chi: float
    data: FineStructure
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def describes(self) -> bool:
        """Whether the most probable model reproduces the data, to noise or to theory's errors."""
        best = self.models[0]
        return best.r_factor <= LARGEST_R_FACTOR or best.misfit**2 <= LARGEST_R_FACTOR

    @property
    def verdict(self) -> str:
        """supported, absent, cannot tell, or no model."""
        if not self.describes:
            return "no model"
        return _decided(self.log10_bayes_factor_metal_metal, self.log10_bayes_factor_error)

    @property
    def sentence(self) -> str:
        """What the spectrum says, in plain words."""
        if self.verdict == "no model":
            return (
                f"No candidate model describes these data (R factor"
                f" {self.models[0].r_factor:.2f}): nothing is said about metal-metal paths."
            )
        factor = self.log10_bayes_factor_metal_metal
        if factor is None:
            return (
                f"These data cannot tell whether there is a metal-metal path:"
                f" {self.independent_points:.0f} independent points are too few for such a model."
            )
        if self.verdict == "absent":
            return (
                f"The absence of a metal-metal path is supported {odds(factor)}.{self._nearest()}"
            )
        if self.verdict == "cannot tell":
            side = "for" if factor >= 0.0 else "against"
            return (
                f"These data cannot tell whether there is a metal-metal path ({odds(factor)}"
                f" {side} one).{self._nearest()}"
            )
        metal = next((p for p in self.paths if p.shell in {"M-M", "particles"}), None)
        where = ""
        if metal is not None:
            low, high = metal.intervals_95["distance_angstrom"]
            where = f" at {metal.distance_angstrom:.2f} A ({low:.2f} to {high:.2f})"
        return (
            f"A metal-metal path{where} is supported {odds(factor)}{self._kind()}.{self._nearest()}"
        )

    def _kind(self) -> str:
        factor = self.log10_bayes_factor_pair_over_particles
        decided = _decided(factor, self.log10_bayes_factor_pair_over_particles_error)
        if factor is None:
            return "; pairs and metal particles were not compared"
        if decided == "cannot tell":
            return "; whether of pairs or of metal particles these data cannot tell"
        if decided == "supported":
            return f", of pairs rather than metal particles {odds(factor)}"
        return f", of metal particles rather than pairs {odds(factor)}"

    def _nearest(self) -> str:
        unsure = [
            name.removeprefix("N over ")
            for name, factor in self.log10_bayes_factor_nearest.items()
            if factor < DECISIVE_LOG10
        ]
        if not unsure:
            return ""
        return f" Nearest neighbours N or {' or '.join(unsure)}: these data cannot tell."

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        middle, interval = self.metal_metal_number
        window = self.window
        return {
            "label": self.label,
            "absorber": self.absorber,
            "sentence": self.sentence,
            "verdict": self.verdict,
            "log10_bayes_factor_metal_metal": self.log10_bayes_factor_metal_metal,
            "log10_bayes_factor_metal_metal_error": self.log10_bayes_factor_error,
            "log10_bayes_factor_pair_over_particles": self.log10_bayes_factor_pair_over_particles,
            "log10_bayes_factor_nearest": dict(self.log10_bayes_factor_nearest),
            "metal_metal_coordination_number": middle,
            "metal_metal_coordination_number_interval_95": list(interval),
            "paths": [path.as_dict() for path in self.paths],
            "models": [one.as_dict() for one in self.models],
            "refused": list(self.refused),
            "k_range_per_angstrom": list(window.k_range_per_angstrom),
            "r_range_angstrom": list(window.r_range_angstrom),
            "k_weight": window.k_weight,
            "independent_points": self.independent_points,
            "s02": self.s02[0],
            "s02_standard_deviation": self.s02[1],
            "noise_chi": self.noise_chi,
            "correlations_of_best_model": self.models[0].correlations().tolist(),
            "provenance": dict(self.provenance),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw data, posterior band and paths in k and R; returns the axes of k."""
        from adatom.plot.exafs import plot_exafs

        return plot_exafs(self, ax)


def odds(log10_factor: float) -> str:
    """For example 30 to 1, of a Bayes factor or its inverse."""
    size = 10.0 ** min(abs(log10_factor), 4.0)
    if size >= 1e4:
        return "more than 10,000 to 1"
    return (
        f"{size:.2g} to 1" if size < 100 else f"{round(size, -int(np.log10(size)) + 1):,.0f} to 1"
    )


def _decided(factor: float | None, error: float | None) -> str:
    """Beyond 10 to 1 even when the sampling erred by its standard error."""
    if factor is None or abs(factor) - (error or 0.0) < DECISIVE_LOG10:
        return "cannot tell"
    return "supported" if factor > 0.0 else "absent"
