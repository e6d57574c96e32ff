"""Is there a metal-metal path? Evidence for every candidate model of an EXAFS spectrum.

    from adatom.xas.evidence import compare_models
    from adatom.xas.models import packaged_candidates

    result = compare_models(fine_structure, packaged_candidates("Fe"), s02=0.80, s02_sd=0.05)
    result.sentence, result.log10_bayes_factor_metal_metal, result.paths, result.as_dict()

``fine_structure`` is :class:`~adatom.xas.fine_structure.FineStructure`; S02 comes from a foil
measured alike (:func:`~adatom.xas.standards.s02_of_foil`). Paths of other sites or metals are
computed by :func:`~adatom.xas.feff.site_paths` and put into
:class:`~adatom.xas.models.Candidates`. A model with more parameters than the data have
independent points is refused.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import logsumexp

from adatom.errors import SpectrumError
from adatom.xas.exafs_result import ExafsEvidence, ModelEvidence, PathEstimate
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitWindow, default_window
from adatom.xas.likelihood import Likelihood, Observation, observe
from adatom.xas.models import Candidates, Model, Shell, candidate_models, first_shell
from adatom.xas.tempering import temper

PARTICLES = 800
DRAWS = 400
"""Draws of the posterior that a result keeps of each model."""
Progress = Callable[[int, int], None]
"""Models done, models in all."""


def compare_models(
    data: FineStructure,
    candidates: Candidates,
    *,
    s02: float,
    s02_sd: float,
    window: FitWindow | None = None,
    particles: int = PARTICLES,
    seed: int = 0,
    progress: Progress | None = None,
) -> ExafsEvidence:
    """Compare the candidate models of one absorber; a minute of one core.

    ``s02`` with ``s02_sd``: amplitude reduction from a standard. ``window``: k and R range
    (:func:`~adatom.xas.fit_space.default_window`). ``particles`` of the sampler: the error of the
    evidence falls with their square root. ``seed`` makes the result repeatable.

    Raises SpectrumError where the spectrum is of another element than the paths, or holds too few
    independent points for a first shell.
    """
    if data.element is not None and data.element != candidates.single.absorber:
        raise SpectrumError(
            f"{data.label}: spectrum of {data.element}, but paths of"
            f" {candidates.single.absorber}; give path sets of {data.element}"
        )
    window = window or default_window(data)
    allowed = int(window.independent_points)
    models = candidate_models(candidates, window.r_range_angstrom[1])
    fitted = [model for model in models if len(model.parameters) <= allowed]
    if not fitted:
        raise SpectrumError(
            f"{data.label}: the window holds {allowed} independent points (2 dk dR / pi), the"
            f" smallest model needs {len(models[0].parameters)}; measure to higher k"
        )
    seen = observe(data, window)
    random = np.random.default_rng(seed)
    total = len(fitted) + 2
    found = []
    for n, model in enumerate(fitted):
        found.append(_evidence(model, seen, s02, s02_sd, particles, random))
        if progress is not None:
            progress(n + 1, total)
    weights = np.array([one.log10_evidence for one in found]) * np.log(10.0)
    shares = np.exp(weights - logsumexp(weights))
    ranked = tuple(
        sorted(
            (replace(one, probability=float(p)) for one, p in zip(found, shares, strict=True)),
            key=lambda one: -one.probability,
        )
    )
    nearest = _nearest_element(ranked[0], candidates, seen, s02, s02_sd, particles, random)
    if progress is not None:
        progress(total, total)
    metal, metal_error = _log10_ratio(ranked, lambda m: m.metal_metal, lambda m: not m.metal_metal)
    pair, pair_error = _log10_ratio(
        ranked,
        lambda m: _has(m, "M-M") and not _has(m, "particles"),
        lambda m: _has(m, "particles") and not _has(m, "M-M"),
    )
    return ExafsEvidence(
        label=data.label,
        absorber=candidates.single.absorber,
        models=ranked,
        refused=tuple(
            f"{model.name}: {len(model.parameters)} parameters, {allowed} independent points"
            for model in models
            if len(model.parameters) > allowed
        ),
        paths=estimates(ranked[0]),
        log10_bayes_factor_metal_metal=metal,
        log10_bayes_factor_error=metal_error,
        log10_bayes_factor_pair_over_particles=pair,
        log10_bayes_factor_pair_over_particles_error=pair_error,
        metal_metal_number=_averaged_number(ranked, random),
        log10_bayes_factor_nearest=nearest,
        window=window,
        independent_points=window.independent_points,
        s02=(s02, s02_sd),
        noise_chi=data.noise_chi,
        data=data,
        provenance={
            "paths": {
                name: dict(paths.provenance)
                for name, paths in vars(candidates).items()
                if paths is not None
            },
            "spectrum": dict(data.provenance),
            "seed": seed,
            "particles": particles,
        },
    )


def _evidence(
    model: Model,
    seen: Observation,
    s02: float,
    s02_sd: float,
    particles: int,
    random: np.random.Generator,
) -> ModelEvidence:
    likelihood = Likelihood(model, seen, s02, s02_sd)
    found = temper(likelihood, likelihood.dimensions, random, particles=particles)
    kept = random.choice(len(found.points), size=min(DRAWS, len(found.points)), replace=False)
    points = found.points[kept]
    best = found.points[[int(np.argmax(found.log_likelihood))]]
    return ModelEvidence(
        model=model,
        log10_evidence=found.log_evidence / np.log(10.0),
        log10_evidence_error=found.log_evidence_error / np.log(10.0),
        probability=0.0,
        draws=likelihood.parameters(points),
        best=likelihood.parameters(best)[0],
        r_factor=float(likelihood.r_factor(best)[0]),
        misfit=float(np.median(likelihood.misfit(points))),
    )


def estimates(found: ModelEvidence) -> tuple[PathEstimate, ...]:
    """Posterior median and 95 % interval of N, R and sigma2 of every shell of a model."""
    return tuple(_estimate(found, shell) for shell in found.model.shells)


def _estimate(found: ModelEvidence, shell: Shell) -> PathEstimate:
    model = found.model
    columns = {
        "coordination_number": found.draws[:, model.where(f"N({shell.name})")] * shell.bulk_number,
        "distance_angstrom": shell.distance_angstrom
        + found.draws[:, model.where(f"dR({shell.name})")],
        "sigma2_A2": found.draws[:, model.where(f"sigma2({shell.sigma2_of or shell.name})")],
    }
    middle = {name: float(np.median(column)) for name, column in columns.items()}
    return PathEstimate(
        shell=shell.name,
        species=shell.paths[0].species[0],
        intervals_95={
            name: (float(np.quantile(column, 0.025)), float(np.quantile(column, 0.975)))
            for name, column in columns.items()
        },
        **middle,
    )


def _has(model: Model, name: str) -> bool:
    return any(shell.name == name for shell in model.shells)


def _log10_ratio(
    found: tuple[ModelEvidence, ...],
    numerator: Callable[[Model], bool],
    denominator: Callable[[Model], bool],
) -> tuple[float | None, float | None]:
    """Log10 of the ratio of mean evidences of two groups of models, with its error."""
    means, errors = [], []
    for belongs in (numerator, denominator):
        group = [one for one in found if belongs(one.model)]
        if not group:
            return None, None
        logs = np.array([one.log10_evidence for one in group])
        shares = 10.0 ** (logs - logs.max())
        means.append(float(np.log10(shares.mean()) + logs.max()))
        each = np.array([one.log10_evidence_error for one in group])
        errors.append(float(np.sqrt(((shares * each) ** 2).sum()) / shares.sum()))
    return means[0] - means[1], float(np.hypot(errors[0], errors[1]))


def _averaged_number(
    found: tuple[ModelEvidence, ...], random: np.random.Generator
) -> tuple[float, tuple[float, float]]:
    """Median and 95 % interval of N(metal-metal), averaged over all models; 0 where it has none."""
    counts = random.multinomial(4000, [one.probability for one in found])
    drawn = []
    for one, count in zip(found, counts, strict=True):
        metals = [shell for shell in one.model.shells if shell.metal_metal]
        total = np.zeros(len(one.draws))
        for shell in metals:
            total += shell.bulk_number * one.draws[:, one.model.where(f"N({shell.name})")]
        drawn.append(random.choice(total, size=count))
    numbers = np.concatenate(drawn)
    low, middle, high = np.quantile(numbers, [0.025, 0.5, 0.975])
    return float(middle), (float(low), float(high))


def _nearest_element(
    best: ModelEvidence,
    candidates: Candidates,
    seen: Observation,
    s02: float,
    s02_sd: float,
    particles: int,
    random: np.random.Generator,
) -> dict[str, float]:
    """Log10 odds of nitrogen against oxygen and carbon as nearest neighbours, rest as in the best.

    An added M-O path is left out of all three: it would stand in for the first shell.
    """
    others = tuple(shell for shell in best.model.shells[1:] if shell.name != "M-O")
    bases = [best.model.shells[0]]
    for paths, element in ((candidates.oxygen, "O"), (candidates.carbon, "C")):
        if paths is not None:
            bases.append(first_shell(paths, element))
    logs = {
        base.paths[0].species[0]: _evidence(
            Model((base, *others)), seen, s02, s02_sd, particles, random
        ).log10_evidence
        for base in bases
    }
    return {f"N over {element}": logs["N"] - log for element, log in logs.items() if element != "N"}
