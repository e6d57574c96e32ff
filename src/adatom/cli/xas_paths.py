"""Scattering paths of ``adatom xas``: which candidates, which S02, and what goes into the JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adatom.cli.sites import atoms_of
from adatom.cli.terminal import progress_bar
from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.analysis import SpectrumAnalysis
from adatom.xas.fine_structure import FineStructure

if TYPE_CHECKING:
    from adatom.xas.models import Candidates

S02_USUAL = (0.85, 0.075)
"""Value and standard deviation where no standard is given: metals of the first row have 0.7 to 1.0
(Li, Bridges, Booth 1995, Phys. Rev. B 52, 6332, 10.1103/PhysRevB.52.6332)."""
_Z95 = 1.959964
_NONMETALS = frozenset(("H", "B", "C", "N", "O", "F", "P", "S", "Cl"))


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


def no_paths(reason: str) -> dict[str, Any]:
    """The keys of the paths where there are none."""
    return {"paths": [], "paths_reason": reason, "log10_bayes_factor_metal_metal": None}


def path_evidence(found: SpectrumAnalysis, options: PathOptions) -> dict[str, Any]:
    """The part of the JSON about paths.

    Raises :class:`~adatom.errors.SpectrumError` where what was asked for cannot be had.
    """
    data = found.fine
    if data is None:
        return no_paths(f"no fine structure: {found.no_fine}")
    if found.edge is None or found.edge.name != "K":
        return no_paths("paths are fitted to K edges of stated elements")
    element = found.edge.element
    from adatom.xas.path_files import packaged_labels, packaged_paths

    packaged = packaged_labels()
    foil = packaged_paths(f"{element} foil") if f"{element} foil" in packaged else None
    if not options.sites and not options.metal and f"{element}2N6@graphene" not in packaged:
        return no_paths(
            f"no packaged paths of {element} on N-doped carbon; give the candidates as --site"
            f" {element}N4@graphene --site {element}2N6@graphene (FEFF, about a minute)"
        )
    s02 = _s02(options, foil)
    if options.metal:
        if foil is None:
            raise SpectrumError(f"no packaged paths of metallic {element}; there are: {packaged}")
        return _metal(data, foil, s02)
    candidates = _candidates(element, options.sites, foil)
    from adatom.xas.evidence import compare_models

    assert s02.value is not None
    with progress_bar("models") as progress:
        result = compare_models(
            data, candidates, s02=s02.value, s02_sd=s02.conditions["sd"],
            progress=lambda done, total: progress(done, total, None),
        )  # fmt: skip
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


def _s02(options: PathOptions, foil: Any) -> FigureOfMerit:
    """The amplitude reduction, its conditions with ``sd``, and what it rests on."""
    if options.s02 is not None and options.s02_standard is not None:
        raise SpectrumError("give --s02 or --s02-from, not both")
    if options.s02_standard is not None:
        from adatom.xas.standards import s02_of_foil

        standard = options.s02_standard
        if standard.fine is None or foil is None:
            raise SpectrumError(
                f"{standard.label}: S02 needs fine structure and packaged paths of the metal"
                f" ({standard.no_fine or 'no packaged paths'}); give --s02 VALUE instead"
            )
        found = s02_of_foil(standard.fine, foil)
        value, (low, high) = found.value, found.interval_95
        if value is None or low is None or high is None:
            raise SpectrumError(f"{standard.label}: no S02 ({found.reason}); give --s02 VALUE")
        return FigureOfMerit(value, (low, high), f"S02 from {standard.label}", "1",
                             {**found.conditions, "sd": 0.5 * (high - low) / _Z95})  # fmt: skip
    value, sd = S02_USUAL
    reason = (
        f"S02 is taken as {value:g} +- {sd:g}, usual for such metals: coordination numbers rest on"
        " it; give --s02-from FOIL or --s02 VALUE"
    )
    if options.s02 is not None:
        value, sd = options.s02, options.s02_sd if options.s02_sd is not None else 0.05
        reason = f"S02 {value:g} +- {sd:g} as given"
    if not 0.3 <= value <= 1.3 or not 0.0 < sd < 0.5:
        raise SpectrumError(f"S02 {value:g} +- {sd:g}, expected 0.3 to 1.3 with a positive error")
    return FigureOfMerit(value, (value - _Z95 * sd, value + _Z95 * sd), reason, "1", {"sd": sd})


def _candidates(element: str, sites: Sequence[str], foil: Any) -> "Candidates":
    """The packaged candidates, or those of the sites named."""
    from adatom.xas.models import Candidates, packaged_candidates

    if not sites:
        return packaged_candidates(element)
    from adatom.xas.feff import site_paths

    single = pair = None
    with progress_bar("FEFF") as progress:
        for number, site in enumerate(sites):
            atoms = atoms_of(site, Path(site))
            metals = sum(symbol not in _NONMETALS for symbol in atoms.get_chemical_symbols())
            if metals == 1:
                single = site_paths(atoms, element, label=site)
            else:
                pair = site_paths(atoms, element, label=site)
            progress(number + 1, len(sites), None)
    if single is None or pair is None:
        lacking = "one atom of a metal" if single is None else "two or more metal atoms"
        raise SpectrumError(
            f"--site {' --site '.join(sites)}: a site with {lacking} is missing; models with and"
            " without a metal-metal path need one each"
        )
    return Candidates(single=single, pair=pair, foil=foil)


def _metal(data: FineStructure, foil: Any, s02: FigureOfMerit) -> dict[str, Any]:
    """The first shells of a metal by least squares."""
    from adatom.xas.standards import fit_foil

    assert s02.value is not None
    fit = fit_foil(data, foil, s02=s02.value)
    relative = s02.conditions["sd"] / s02.value
    paths = []
    for shell in fit.model.shells:
        number = fit.parameters[f"N({shell.name})"]
        distance = fit.parameters[f"R({shell.name})"]
        value, (low, high) = number.value, number.interval_95
        both: list[float | None] = [low, high]
        if value is not None and low is not None and high is not None:
            half = (0.25 * (high - low) ** 2 + (_Z95 * relative * value) ** 2) ** 0.5
            both = [value - half, value + half]
        paths.append(
            {
                "species": foil.absorber,
                "shell": shell.name,
                "coordination_number": value,
                "coordination_number_interval_95": both,
                "distance_angstrom": distance.value,
                "distance_interval_95": list(distance.interval_95),
            }
        )
    return {
        "paths": paths,
        "paths_reason": s02.reason,
        "log10_bayes_factor_metal_metal": None,
        "exafs": {**fit.as_dict(), "sentence": f"fitted as metallic {foil.absorber}"},
        "s02": s02.as_dict(),
    }
