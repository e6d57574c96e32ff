"""Scattering paths of ``adatom xas``: which candidates, which S02, and what goes into the JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adatom.cli.sites import atoms_of
from adatom.cli.terminal import progress_bar
from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.species import NON_METALS
from adatom.xas.analysis import SpectrumAnalysis
from adatom.xas.evidence import compare_models
from adatom.xas.exafs_result import ExafsEvidence
from adatom.xas.feff import site_paths
from adatom.xas.fine_structure import FineStructure
from adatom.xas.models import Candidates, packaged_candidates
from adatom.xas.path_files import packaged_labels, packaged_paths
from adatom.xas.path_series import SHELLS, mean_scan, path_figures
from adatom.xas.scattering_path import PathSet
from adatom.xas.series import ScanFigures
from adatom.xas.standards import fit_foil, s02_given, s02_of_foil, with_error_of_s02

PROGRESS = "path models, a minute or two (--no-paths leaves them out)"


@dataclass(frozen=True)
class PathOptions:
    """What the user says about paths."""

    sites: tuple[str, ...] = ()
    """Notations or files: one with one atom of the metal and one with several."""
    s02: float | None = None
    s02_sd: float | None = None
    s02_standard: SpectrumAnalysis | None = None
    """A foil of the same element, measured alike."""
    metal: bool = False
    """The sample is the metal itself."""

    @property
    def stated(self) -> bool:
        """Whether the user said anything."""
        return self != PathOptions()


def no_paths(reason: str) -> dict[str, Any]:
    """The keys of the paths where there are none."""
    return {"paths": [], "paths_reason": reason, "log10_bayes_factor_metal_metal": None}


Paths = tuple[list[dict[str, Any]], dict[str, ScanFigures], ExafsEvidence | None]
"""For the JSON of every spectrum; what may have a trend; evidence in the mean of the scans."""


def paths_of(found: Sequence[SpectrumAnalysis], options: PathOptions, *, one_sample: bool) -> Paths:
    """Paths of every spectrum: on its own, or as scans of one sample with one model for all.

    Raises :class:`~adatom.errors.SpectrumError` where what was asked for cannot be had.
    """
    if one_sample and len(found) > 1 and not options.metal:
        return _of_scans(found, options)
    return [_of_one(one, options) for one in found], {}, None


def _of_one(found: SpectrumAnalysis, options: PathOptions) -> dict[str, Any]:
    """The part of the JSON about paths."""
    reason = _why_none(found, options)
    if reason or found.fine is None:
        return no_paths(reason)
    s02 = _s02_of(found, options)
    if options.metal:
        return _metal(found, s02)
    result = _compared(found.fine, options, s02)
    more = {"exafs": result.as_dict(), "s02": s02.as_dict()}
    if not result.describes:
        # Numbers of a model that does not describe the data stay below "exafs", with its R factor.
        return no_paths(result.sentence) | more
    return {
        "paths": [_path(p.as_dict()) for p in result.paths],
        "paths_reason": s02.reason,
        "log10_bayes_factor_metal_metal": result.log10_bayes_factor_metal_metal,
        **more,
    }


def _of_scans(found: Sequence[SpectrumAnalysis], options: PathOptions) -> Paths:
    """The model of the mean, followed through the scans."""
    for one in found:
        reason = _why_none(one, options)
        if reason:
            return [no_paths(f"{one.label}: {reason}")] * len(found), {}, None
    scans = [one.fine for one in found if one.fine is not None]
    mean = mean_scan(scans)
    s02 = _s02_of(found[0], options)
    result = _compared(mean, options, s02)
    if not result.describes:
        return [no_paths(result.sentence)] * len(found), {}, result
    figures = path_figures(scans, mean, result)
    said = f"taken from the models of the {mean.label}; {s02.reason}"
    contents = [
        no_paths(said) | {"paths": list(_of_scan(figures, n, data.element)), "s02": s02.as_dict()}
        for n, data in enumerate(scans)
    ]
    return contents, figures, result


def _of_scan(
    figures: Mapping[str, ScanFigures], scan: int, element: str | None
) -> Iterator[dict[str, Any]]:
    """What was followed in one scan, as paths."""
    for shell in SHELLS:
        numbers = figures.get(f"coordination_number {shell}")
        if numbers is None:
            continue
        number = numbers.values[scan]
        followed = figures.get(f"distance_angstrom {shell}")
        distance = no_figure("in too few models") if followed is None else followed.values[scan]
        yield _path_of(shell, element if shell == "metal-metal" else shell[-1], number, distance)


def _why_none(found: SpectrumAnalysis, options: PathOptions) -> str:
    """Why no paths can be fitted to a spectrum; empty where they can."""
    if found.fine is None:
        return f"no fine structure: {found.no_fine}"
    if found.edge is None or found.edge.name != "K":
        return "paths are fitted to K edges of stated elements"
    element = found.edge.element
    if options.sites or options.metal or f"{element}2N6@graphene" in packaged_labels():
        return ""
    return (
        f"no packaged paths of {element} on N-doped carbon; give the candidates as --site"
        f" {element}N4@graphene --site {element}2N6@graphene (FEFF, about a minute)"
    )


def _foil(element: str) -> PathSet | None:
    """Packaged paths of a metal."""
    label = f"{element} foil"
    return packaged_paths(label) if label in packaged_labels() else None


def _compared(data: FineStructure, options: PathOptions, s02: FigureOfMerit) -> ExafsEvidence:
    """Evidence of all models of the candidates."""
    assert data.element is not None
    assert s02.value is not None
    candidates = _candidates(data.element, options.sites, _foil(data.element))
    with progress_bar(PROGRESS) as progress:
        return compare_models(
            data, candidates, s02=s02.value, s02_sd=s02.conditions["sd"],
            progress=lambda done, total: progress(done, total, None),
        )  # fmt: skip


def _path(given: dict[str, Any]) -> dict[str, Any]:
    """A path with its intervals beside its values."""
    intervals = given["intervals_95"]
    return {
        "species": given["species"],
        "shell": given["shell"],
        "coordination_number": given["coordination_number"],
        "coordination_number_interval_95": intervals["coordination_number"],
        "distance_angstrom": given["distance_angstrom"],
        "distance_interval_95": intervals["distance_angstrom"],
        "sigma2_A2": given["sigma2_A2"],
        "sigma2_interval_95": intervals["sigma2_A2"],
    }


def _s02_of(found: SpectrumAnalysis, options: PathOptions) -> FigureOfMerit:
    """The amplitude reduction, its conditions with ``sd``, and what it rests on."""
    standard = options.s02_standard
    foil = None if found.edge is None else _foil(found.edge.element)
    if standard is None:
        return s02_given(options.s02, options.s02_sd)
    if options.s02 is not None or options.s02_sd is not None:
        raise SpectrumError("give --s02 (with --s02-sd) or --s02-from, not both")
    if standard.fine is None or foil is None:
        raise SpectrumError(
            f"{standard.label}: S02 needs fine structure and packaged paths of the metal"
            f" ({standard.no_fine or 'no packaged paths'}); give --s02 VALUE instead"
        )
    return s02_of_foil(standard.fine, foil)


def _candidates(element: str, sites: Sequence[str], foil: PathSet | None) -> Candidates:
    """The packaged candidates, or those of the sites named."""
    if not sites:
        return packaged_candidates(element)
    atoms = {site: atoms_of(site, Path(site)) for site in sites}
    metals = {
        site: sum(symbol not in NON_METALS for symbol in found.symbols)
        for site, found in atoms.items()
    }
    single = [site for site in atoms if metals[site] == 1]
    pair = [site for site in atoms if metals[site] > 1]
    if len(single) != 1 or len(pair) != 1:
        raise SpectrumError(
            f"--site {' --site '.join(sites)}: {len(single)} with one metal atom and {len(pair)}"
            " with several; models with and without a metal-metal path need one each"
        )
    with progress_bar("FEFF") as progress:
        one = site_paths(atoms[single[0]], element, label=single[0])
        progress(1, 2, None)
        several = site_paths(atoms[pair[0]], element, label=pair[0])
        progress(2, 2, None)
    return Candidates(single=one, pair=several, foil=foil)


def _metal(found: SpectrumAnalysis, s02: FigureOfMerit) -> dict[str, Any]:
    """The first shells of a metal by least squares."""
    assert found.fine is not None
    assert found.edge is not None
    assert s02.value is not None
    foil = _foil(found.edge.element)
    if foil is None:
        foils = ", ".join(label for label in packaged_labels() if label.endswith(" foil"))
        raise SpectrumError(
            f"no packaged paths of metallic {found.edge.element}; there are: {foils}"
        )
    fit = fit_foil(found.fine, foil, s02=s02.value)
    error = float(s02.conditions["sd"]) / s02.value
    return no_paths(s02.reason) | {
        "paths": [
            _path_of(
                shell.name,
                shell.paths[0].species[0],
                with_error_of_s02(fit.coordination_number(shell), error),
                fit.distance_angstrom(shell),
            )
            for shell in fit.model.shells
        ],
        "exafs": {**fit.as_dict(), "sentence": f"fitted as metallic {foil.absorber}"},
        "s02": s02.as_dict(),
    }


def _path_of(
    shell: str, species: str | None, number: FigureOfMerit, distance: FigureOfMerit
) -> dict[str, Any]:
    """A fitted shell among the paths."""
    return {
        "species": species,
        "shell": shell,
        "coordination_number": number.value,
        "coordination_number_interval_95": list(number.interval_95),
        "distance_angstrom": distance.value,
        "distance_interval_95": list(distance.interval_95),
    }
