"""``adatom xas``: edge energies, oxidation states, fine structure and series of scans."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import progress_bar, wide_console
from adatom.cli.xas_paths import PathOptions, no_paths, path_evidence
from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.provenance import software_versions
from adatom.readers.absorption import read_spectra
from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.analysis import EDGE_DEFINITION, Settings, SpectrumAnalysis, analyse_spectrum
from adatom.xas.combination import fit_combination
from adatom.xas.edge_position import DEFINITIONS
from adatom.xas.oxidation import EdgeLine, Standard, edge_line, oxidation_state
from adatom.xas.series import ScanSeries, scan_series

COMPOUND_DEFINITION = "half_height"
"""For standards that are all compounds; metals rise in two steps, so they need the inflection."""
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
        Path | None, typer.Option(help="Metal foil of the same beamtime: shift by its offset.")
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
            help="Fit scattering paths: is there a metal-metal one? By default for one spectrum.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Candidate site, notation or file: one with one metal, one with two."),
    ] = None,
    s02: Annotated[float | None, typer.Option(help="Amplitude reduction of a standard.")] = None,
    s02_sd: Annotated[float | None, typer.Option(help="Standard deviation of --s02.")] = None,
    s02_from: Annotated[
        Path | None, typer.Option(help="Foil of the metal, measured alike: S02 is fitted to it.")
    ] = None,
    metal: Annotated[
        bool, typer.Option("--metal", help="The sample is the metal itself: fit its shells.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="NAME=COLUMN for files without labels: energy=1, i0=2, itrans=3."),
    ] = None,
    energy_unit: Annotated[str | None, typer.Option(help="eV or keV.")] = None,
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
    parsed = [_standard(text) for text in standard or ()]
    read = [*files, *(path for path, _, _ in parsed), *(f for f in (reference, s02_from) if f)]
    require_writable(output_files(plot, json_file, report), inputs=read)
    if edge_definition is not None and edge_definition not in DEFINITIONS:
        raise SpectrumError(
            f"edge definition '{edge_definition}', expected one of {', '.join(DEFINITIONS)}"
        )
    if combine and len(parsed) < 2:
        raise SpectrumError("--combine needs at least two standards: --standard FILE=STATE")
    read_file = partial(read_spectra, columns=_columns(column or ()), energy_unit=energy_unit)
    foil = None if reference is None else _one(read_file(reference), reference, None)
    settings = Settings(
        element, edge, pre_edge, post_edge, rbkg, k_range, deglitch, calibrate, foil, foil_edge,
        xanes_only,
    )  # fmt: skip
    spectra = _chosen([s for f in files for s in read_file(f)], record)
    found: list[SpectrumAnalysis] = []
    with progress_bar("spectra") as progress:
        for n, spectrum in enumerate(spectra):
            found.append(analyse_spectrum(spectrum, settings))
            progress(n + 1, len(spectra), None)
    known = _standards(parsed, settings, read_file)
    definition, line = _line(known, edge_definition)
    foil_scan = None
    if s02_from is not None:
        foil_scan = analyse_spectrum(
            _one(read_file(s02_from), s02_from, None), replace(settings, calibrate=False, foil=None)
        )
    options = PathOptions(tuple(site or ()), s02, s02_sd, foil_scan, metal)
    series = scan_series(found, at, against) if len(found) > 1 else None
    contents = [_content(one, definition, line, known, combine) for one in found]
    fit_them = len(found) == 1 if paths is None else paths
    for one, content in zip(found, contents, strict=True):
        content.update(path_evidence(one, options) if fit_them else _NO_PATHS)
    if plot is not None:
        put_figure(plot, _figure(found, series, k_weight))
    written: dict[str, Any] = dict(contents[0]) if len(contents) == 1 else {"spectra": contents}
    if series is not None:
        written["series"] = series.as_dict()
    written["software"] = software_versions()
    if report is not None:
        from adatom.report.xas_page import xas_html

        write_whole(report, xas_html(found, contents, series, k_weight=k_weight))
    put_json(json_file, written)
    if json_file != "-":
        _print(found, contents, series)


def _standard(text: str) -> tuple[Path, str | None, float]:
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
    path, _, label = name.partition("#")
    return Path(path), label or None, number


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


def _one(
    spectra: Sequence[AbsorptionSpectrum], path: Path, label: str | None
) -> AbsorptionSpectrum:
    """The spectrum of a file, or the one of that label in a project."""
    named = [s for s in spectra if label is None or s.label == label]
    if len(named) != 1:
        raise SpectrumError(
            f"{path} holds {len(spectra)} spectra"
            + (f", {len(named)} named '{label}'" if label else "")
            + f"; name one as {path}#LABEL: {', '.join(s.label for s in spectra)}"
        )
    return named[0]


def _standards(
    parsed: Sequence[tuple[Path, str | None, float]],
    settings: Settings,
    read_file: Callable[[Path], Sequence[AbsorptionSpectrum]],
) -> list[tuple[SpectrumAnalysis, float]]:
    plain = replace(settings, xanes_only=True)
    return [
        (analyse_spectrum(_one(read_file(path), path, label), plain), state)
        for path, label, state in parsed
    ]


def _line(
    known: Sequence[tuple[SpectrumAnalysis, float]], asked: str | None
) -> tuple[str, EdgeLine | None]:
    """The definition of the edge, and the line through the standards where there are any."""
    if not known:
        return asked or EDGE_DEFINITION, None
    metal = any(state == 0.0 for _, state in known)
    definition = asked or (EDGE_DEFINITION if metal else COMPOUND_DEFINITION)
    standards = []
    for one, state in known:
        figure = one.position.by(definition)
        if figure.value is None:
            raise SpectrumError(f"standard {one.label}: {figure.reason}; see --edge-definition")
        standards.append(
            Standard(one.label, state, figure.value, figure.conditions["sd_eV"],
                     one.spectrum.origin())
        )  # fmt: skip
    return definition, edge_line(standards, definition)


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
    figure = found.position.by(definition)
    if line is None:
        content |= {
            "oxidation_state": None,
            "oxidation_state_interval_95": [None, None],
            "oxidation_state_reason": "no standards were given: --standard FILE=STATE",
        }
    elif figure.value is None:
        content |= {
            "oxidation_state": None,
            "oxidation_state_interval_95": [None, None],
            "oxidation_state_reason": figure.reason,
        }
    else:
        state = oxidation_state(line, figure.value, figure.conditions["sd_eV"])
        content |= {
            "oxidation_state": state.value,
            "oxidation_state_interval_95": list(state.interval_95),
            "oxidation_state_reason": state.reason,
            "oxidation_state_line": line.as_dict(),
        }
    if combine:
        fit = fit_combination(found.normal, [one.normal for one, _ in known])
        content["combination"] = fit.as_dict()
    return content


def _figure(found: Sequence[SpectrumAnalysis], series: ScanSeries | None, k_weight: int) -> Any:
    from adatom.plot.xas import plot_overview

    return plot_overview(found[0], k_weight=k_weight) if series is None else series.plot().figure


def _print(
    found: Sequence[SpectrumAnalysis],
    contents: Sequence[dict[str, Any]],
    series: ScanSeries | None,
) -> None:
    console = wide_console()
    definition = contents[0]["edge_energy_definition"].split(":")[0]
    table = Table(title="X-ray absorption")
    for head in ("spectrum", "edge", f"E0 ({definition.replace('_', ' ')}) / eV",
                 "half height / eV", "foil offset / eV", "white line", "state (95 %)"):  # fmt: skip
        table.add_column(head, overflow="fold")
    for one, content in zip(found, contents, strict=True):
        offset = content["foil_offset_eV"]
        table.add_row(
            Text(one.label), str(one.edge or "?"), one.position.by(definition).text(2),
            one.position.half_height.text(2),
            "no foil" if offset is None else f"{offset:+.2f}{' (shifted)' * bool(one.shifted_eV)}",
            one.near.white_line_height.text(2), _state(content),
        )  # fmt: skip
    console.print(table)
    for one, content in zip(found, contents, strict=True):
        said = [f"E0 is the {content['edge_energy_definition']}", *one.warnings]
        if content.get("oxidation_state_line") and content["oxidation_state_reason"]:
            said.append(f"oxidation state: {content['oxidation_state_reason']}")
        if "combination" in content:
            said.append(content["combination"]["sentence"])
        said.append(_fine_sentence(content["fine_structure"]))
        if "exafs" in content:
            said.append(content["exafs"]["sentence"])
        said.append(f"paths: {content['paths_reason']}")
        for sentence in said:
            console.print(Text(f"{one.label}: {sentence}"))
        if content["paths"]:
            console.print(_path_table(one.label, content["paths"]))
    if series is not None:
        for name, trend in series.as_dict().items():
            if isinstance(trend, dict):
                console.print(Text(f"{name}: {trend['sentence']}"))


def _path_table(label: str, paths: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=f"{label}: paths")
    for head in ("shell", "to", "N (95 %)", "R / angstrom (95 %)"):
        table.add_column(head)
    for path in paths:
        number, distance = (
            FigureOfMerit(path[name], tuple(path[interval]))
            for name, interval in (
                ("coordination_number", "coordination_number_interval_95"),
                ("distance_angstrom", "distance_interval_95"),
            )
        )
        table.add_row(path["shell"], path["species"], number.text(2), distance.text(3))
    return table


def _fine_sentence(fine: dict[str, Any]) -> str:
    if "reason" in fine:
        return f"no fine structure: {fine['reason']}"
    low, high = fine["k_range_per_angstrom"]
    return (
        f"fine structure: k {low:.1f} to {high:.1f} 1/angstrom, highest |chi(R)| at"
        f" {fine['highest_peak_angstrom']:.2f} angstrom (not phase corrected)"
    )


def _state(content: dict[str, Any]) -> str:
    value = content["oxidation_state"]
    if value is None:
        return "none" if content.get("oxidation_state_line") else ""
    low, high = content["oxidation_state_interval_95"]
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
