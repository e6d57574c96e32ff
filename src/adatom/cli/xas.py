"""``adatom xas``: edge energies, oxidation states, fine structure and series of scans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from adatom.cli.options import (
    JsonOption,
    output_files,
    put_figure,
    put_json,
    require_image,
    require_page,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import progress_bar
from adatom.cli.xas_paths import PathOptions, no_paths, paths_of
from adatom.cli.xas_tables import print_spectra
from adatom.errors import SpectrumError
from adatom.figure_of_merit import no_figure
from adatom.provenance import software_versions
from adatom.readers.absorption import read_spectra
from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.analysis import EDGE_DEFINITION, Settings, SpectrumAnalysis, analyse_spectrum
from adatom.xas.combination import fit_combination
from adatom.xas.edge_position import DEFINITIONS
from adatom.xas.merging import merge_scans
from adatom.xas.oxidation import EdgeLine, line_of_spectra, state_of_spectrum
from adatom.xas.series import ScanSeries, require_variable, scan_series

ReadFile = Callable[[Path], Sequence[AbsorptionSpectrum]]
_NO_PATHS = no_paths("not asked for: --paths")


def xas(
    files: Annotated[
        list[Path], typer.Argument(help="XDI, columns of text, .xmu or Athena projects.")
    ],
    element: Annotated[str | None, typer.Option(help="Absorber, for example Fe.")] = None,
    edge: Annotated[str | None, typer.Option(help="K, L2 or L3.")] = None,
    record: Annotated[
        list[str] | None, typer.Option(help="Take only this spectrum of an Athena project.")
    ] = None,
    standard: Annotated[
        list[str] | None,
        typer.Option(help="FILE=STATE or PROJECT#LABEL=STATE, for example FeO.xdi=2; repeat."),
    ] = None,
    combine: Annotated[
        bool, typer.Option(help="Also fit the spectrum as a combination of the standards.")
    ] = False,
    reference: Annotated[
        str | None, typer.Option(help="Metal foil of the same beamtime: shift by its offset.")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option(help="Shift by the offset of the file's own reference channel.")
    ] = False,
    foil_edge: Annotated[
        float | None, typer.Option(help="Where the foil's edge is to be, eV, for example 7112.")
    ] = None,
    edge_definition: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(DEFINITIONS)}.")
    ] = None,
    pre_edge: Annotated[
        tuple[float, float] | None, typer.Option(help="Window below E0, eV: -150 -30.")
    ] = None,
    post_edge: Annotated[
        tuple[float, float] | None, typer.Option(help="Window above E0, eV: 100 800.")
    ] = None,
    rbkg: Annotated[float, typer.Option(help="Background below this distance, angstrom.")] = 1.0,
    k_range: Annotated[
        tuple[float, float] | None, typer.Option(help="Usable k, 1/angstrom: 3 12.")
    ] = None,
    k_weight: Annotated[int, typer.Option(min=0, max=3, help="Of the pictures.")] = 2,
    xanes_only: Annotated[bool, typer.Option(help="No fine structure.")] = False,
    deglitch: Annotated[bool, typer.Option(help="Take glitches out (they are named).")] = False,
    paths: Annotated[
        bool | None,
        typer.Option(
            "--paths/--no-paths",
            help="Fit scattering paths: is there a metal-metal one? By default for one spectrum;"
            " with --at one model for all scans.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Candidate site, notation or file: one with one metal, one with two."),
    ] = None,
    s02: Annotated[float | None, typer.Option(help="Amplitude reduction of a standard.")] = None,
    s02_sd: Annotated[float | None, typer.Option(help="Standard deviation of --s02.")] = None,
    s02_from: Annotated[
        str | None, typer.Option(help="Foil of the metal, measured alike: S02 is fitted to it.")
    ] = None,
    metal: Annotated[
        bool, typer.Option("--metal", help="The sample is the metal itself: fit its shells.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="NAME=COLUMN for files without labels: energy=1, i0=2, itrans=3."),
    ] = None,
    energy_unit: Annotated[str | None, typer.Option(help="eV or keV.")] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Take the files as scans of one sample: their mean.")
    ] = False,
    at: Annotated[
        list[float] | None, typer.Option(help="Of each scan in turn: potential, time; repeat.")
    ] = None,
    against: Annotated[str, typer.Option(help="Name and unit of what --at gives.")] = "scan",
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the spectrum, or a waterfall of several.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page that opens anywhere.")] = None,
) -> None:
    """Find the edge, the oxidation state and the fine structure of absorption spectra."""
    require_image(plot)
    require_page(report)
    parsed = [_standard(text) for text in standard or ()]
    foils = [_named(text) if text else None for text in (reference, s02_from)]
    read = [*files, *(one.path for one in (*(n for n, _ in parsed), *foils) if one)]
    require_writable(output_files(plot, json_file, report), inputs=read)
    if edge_definition is not None and edge_definition not in DEFINITIONS:
        raise SpectrumError(
            f"edge definition '{edge_definition}', expected one of {', '.join(DEFINITIONS)}"
        )
    if combine and len(parsed) < 2:
        raise SpectrumError("--combine needs at least two standards: --standard FILE=STATE")
    read_file = partial(read_spectra, columns=_columns(column or ()), energy_unit=energy_unit)
    foil, s02_foil = (None if one is None else one.read(read_file) for one in foils)
    settings = Settings(
        element, edge, pre_edge, post_edge, rbkg, k_range, deglitch, calibrate, foil, foil_edge,
        xanes_only,
    )  # fmt: skip
    spectra = _chosen(_read_all(files, read_file), record)
    if merge:
        spectra = [merge_scans(spectra)]
    require_variable(at, len(spectra), against)
    found: list[SpectrumAnalysis] = []
    with progress_bar("spectra") as progress:
        for n, spectrum in enumerate(spectra):
            found.append(analyse_spectrum(spectrum, settings))
            progress(n + 1, len(spectra), None)
    plain = replace(settings, xanes_only=True)
    known = [(analyse_spectrum(one.read(read_file), plain), state) for one, state in parsed]
    line = line_of_spectra(known, edge_definition) if known else None
    definition = line.definition if line else edge_definition or EDGE_DEFINITION
    as_read = replace(settings, calibrate=False, foil=None)
    foil_scan = None if s02_foil is None else analyse_spectrum(s02_foil, as_read)
    options = PathOptions(tuple(site or ()), s02, s02_sd, foil_scan, metal)
    fit_them = len(found) == 1 if paths is None else paths
    if options.stated and not fit_them:
        raise SpectrumError(
            "--site, --s02, --s02-sd, --s02-from and --metal are for scattering paths, which are"
            " not fitted here; say --paths"
        )
    contents = [_content(one, definition, line, known, combine) for one in found]
    several = len(found) > 1 or at
    if several:
        # What cannot be a series is refused before paths are fitted.
        scan_series(found, at, against)
    fitted, followed, mean = (
        paths_of(found, options, one_sample=bool(at))
        if fit_them
        else ([_NO_PATHS] * len(found), {}, None)
    )
    series = scan_series(found, at, against, followed, mean) if several else None
    for content, paths_of_it in zip(contents, fitted, strict=True):
        content.update(paths_of_it)
    _put(found, contents, series, k_weight, plot, report, json_file)


def _put(
    found: Sequence[SpectrumAnalysis],
    contents: Sequence[dict[str, Any]],
    series: ScanSeries | None,
    k_weight: int,
    plot: Path | None,
    report: Path | None,
    json_file: str | None,
) -> None:
    """Everything that was asked for; written once all of it is made."""
    figure = None if plot is None else _figure(found, series, k_weight)
    page = None
    if report is not None:
        from adatom.report.xas_page import xas_html

        page = xas_html(found, contents, series, k_weight=k_weight)
    if plot is not None:
        put_figure(plot, figure)
    if report is not None and page is not None:
        write_whole(report, page)
    written: dict[str, Any] = dict(contents[0]) if len(contents) == 1 else {"spectra": contents}
    if series is not None:
        written["series"] = series.as_dict()
    written["software"] = software_versions()
    put_json(json_file, written)
    if json_file != "-":
        print_spectra(found, contents, series)


@dataclass(frozen=True)
class _Named:
    """A spectrum by its file, and by its label in a file of several."""

    path: Path
    label: str | None

    def read(self, read_file: ReadFile) -> AbsorptionSpectrum:
        spectra = read_file(self.path)
        named = [s for s in spectra if self.label is None or s.label == self.label]
        if len(named) != 1:
            raise SpectrumError(
                f"{self.path} holds {len(spectra)} spectra"
                + (f", {len(named)} named '{self.label}'" if self.label else "")
                + f"; name one as {self.path}#LABEL: {', '.join(s.label for s in spectra)}"
            )
        return named[0]


def _named(text: str) -> _Named:
    """``FILE``, or ``FILE#LABEL``."""
    path, _, label = text.partition("#")
    return _Named(Path(text), None) if Path(text).is_file() else _Named(Path(path), label or None)


def _standard(text: str) -> tuple[_Named, float]:
    """File, label within a project, and state of ``FILE[#LABEL]=STATE``."""
    name, _, state = text.rpartition("=")
    try:
        number = float(state)
    except ValueError:
        number = float("nan")
    if not name or not -4.0 <= number <= 9.0:
        raise SpectrumError(
            f"--standard '{text}' must be FILE=STATE with a state from -4 to 9, for example"
            " FeO.xdi=2"
        )
    return _named(name), number


def _columns(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if not name or not value or name in found:
            raise SpectrumError(
                f"--column '{text}' must be NAME=COLUMN, each name once, for example i0=2"
            )
        found[name] = value
    return found


def _read_all(files: Sequence[Path], read_file: ReadFile) -> list[AbsorptionSpectrum]:
    """All spectra of the files, each of which is to be given once."""
    spectra: list[AbsorptionSpectrum] = []
    known: dict[str, Path] = {}
    for file in files:
        found = read_file(file)
        same = known.setdefault(found[0].sha256, file)
        if same is not file:
            raise SpectrumError(f"{file} is the same as {same}; give every scan once")
        spectra += found
    return spectra


def _chosen(
    spectra: list[AbsorptionSpectrum], records: list[str] | None
) -> list[AbsorptionSpectrum]:
    if not records:
        return spectra
    missing = [r for r in records if r not in [s.label for s in spectra]]
    if missing:
        raise SpectrumError(
            f"no record '{missing[0]}'; there are: {', '.join(s.label for s in spectra)}"
        )
    return [s for s in spectra if s.label in records]


def _content(
    found: SpectrumAnalysis,
    definition: str,
    line: EdgeLine | None,
    known: Sequence[tuple[SpectrumAnalysis, float]],
    combine: bool,
) -> dict[str, Any]:
    """Everything about one spectrum, plain data."""
    content = found.as_dict(definition)
    edges = {str(one.edge) for one, _ in known} - {str(found.edge)}
    if edges:
        raise SpectrumError(f"standards of {', '.join(sorted(edges))} for a {found.edge} spectrum")
    state = no_figure("no standards were given: --standard FILE=STATE")
    if line is not None:
        state = state_of_spectrum(line, found)
        content["oxidation_state_line"] = line.as_dict()
    content |= {
        "oxidation_state": state.value,
        "oxidation_state_interval_95": list(state.interval_95),
        "oxidation_state_reason": state.reason,
    }
    if combine:
        fit = fit_combination(found.normal, [one.normal for one, _ in known])
        content["combination"] = fit.as_dict()
    return content


def _figure(found: Sequence[SpectrumAnalysis], series: ScanSeries | None, k_weight: int) -> Any:
    from adatom.plot.xas import plot_overview

    return plot_overview(found[0], k_weight=k_weight) if series is None else series.plot().figure
