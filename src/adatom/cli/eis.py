"""``adatom electrochem eis``: validity, series resistance, relaxation times and circuits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import (
    JsonOption,
    ReportOption,
    output_files,
    put_figure,
    put_json,
    require_image,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import progress_bar, wide_console
from adatom.electrochem.impedance.circuit import Circuit
from adatom.electrochem.impedance.fit import CircuitFit, fit_circuit
from adatom.electrochem.impedance.notation import LIBRARY, parse_circuit
from adatom.electrochem.impedance.relaxation_times import RelaxationTimes, relaxation_times
from adatom.electrochem.impedance.resistance import uncompensated_resistance
from adatom.electrochem.impedance.series import ImpedanceSeries, fit_series
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum, spectra_of
from adatom.errors import AdatomError
from adatom.figure_of_merit import FigureOfMerit
from adatom.provenance import software_versions
from adatom.readers.recording import Recording
from adatom.report.electrochem import files_json


def eis(
    files: Annotated[list[Path], typer.Argument(help="Files with impedance spectra.")],
    circuit: Annotated[
        str | None,
        typer.Option(help=f"As R0-p(R1,CPE1), R(RQ), or a name: {', '.join(LIBRARY)}."),
    ] = None,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the spectrum, or parameters against potential (.png, .pdf)."),
    ] = None,
    report: ReportOption = None,
) -> None:
    """Test impedance spectra, take the series resistance, and fit a circuit where one is named."""
    require_image(plot)
    require_writable(output_files(plot, json_file, report), inputs=files)
    model = None if circuit is None else parse_circuit(circuit)
    from adatom.readers.detection import read_recording

    recordings = [read_recording(file) for file in files]
    spectra = [s for recording in recordings for s in spectra_of(recording)]
    analyse(spectra, model, recordings, json_file=json_file, plot=plot, report=report)


def analyse(
    spectra: Sequence[ImpedanceSpectrum],
    circuit: Circuit | None,
    recordings: Sequence[Recording] = (),
    *,
    json_file: str | None = None,
    plot: Path | None = None,
    report: Path | None = None,
) -> None:
    """Analyse spectra and write, draw and print what was found.

    ``recordings`` are the files that they are from.
    """
    if plot is not None and circuit is None and len(spectra) > 1:
        raise AdatomError(
            f"{len(spectra)} spectra cannot share one picture without a circuit: name one with"
            " --circuit for its parameters against potential"
        )
    times: list[RelaxationTimes] = []
    resistances: list[FigureOfMerit] = []
    with progress_bar("spectra") as progress:
        for n, spectrum in enumerate(spectra):
            times.append(relaxation_times(spectrum))
            resistances.append(uncompensated_resistance(spectrum))
            progress(n + 1, len(spectra), None)
    series, fits = _fits(spectra, circuit)
    content = []
    for n, (found, resistance) in enumerate(zip(times, resistances, strict=True)):
        entry: dict[str, Any] = {
            "label": found.spectrum.label,
            "potential_V": found.spectrum.potential_V,
            "uncompensated_resistance": resistance.as_dict(),
            "kramers_kronig": found.validity.as_dict(),
            "relaxation_times": found.as_dict(),
        }
        if fits:
            entry["fit"] = fits[n].as_dict()
        content.append(entry)
    if plot is not None:
        put_figure(plot, _figure(times, fits, series))
    whole = {
        "spectra": content,
        "files": files_json(recordings),
        "provenance": {"software": software_versions()},
    }
    put_json(json_file, whole)
    if report is not None:
        from adatom.report.impedance_page import impedance_html

        write_whole(report, impedance_html(whole, times, fits))
    if json_file != "-":
        _print(times, resistances, fits)


def _fits(
    spectra: Sequence[ImpedanceSpectrum], circuit: Circuit | None
) -> tuple[ImpedanceSeries | None, list[CircuitFit]]:
    """Fits in the order of the spectra; a series where every potential is known."""
    if circuit is None:
        return None, []
    if len(spectra) > 1 and all(s.potential_V is not None for s in spectra):
        with progress_bar("fits") as progress:
            series = fit_series(
                spectra, circuit, progress=lambda done, total: progress(done, total, None)
            )
        by_spectrum = {id(fit.spectrum): fit for fit in series.fits}
        return series, [by_spectrum[id(s)] for s in spectra]
    return None, [fit_circuit(s, circuit) for s in spectra]


def _figure(
    times: list[RelaxationTimes], fits: list[CircuitFit], series: ImpedanceSeries | None
) -> Any:
    from adatom.plot.impedance import plot_overview

    if series is not None:
        return series.plot().figure
    if len(times) > 1:
        raise AdatomError("these spectra have no potential to draw parameters against; give one")
    return plot_overview(times[0], fits[0] if fits else None).figure


def _print(
    times: list[RelaxationTimes], resistances: list[FigureOfMerit], fits: list[CircuitFit]
) -> None:
    console = wide_console()
    table = Table(title="impedance spectra")
    heads = ("spectrum", "potential / V", "Kramers-Kronig", "R_u / ohm (95 %)", "processes / ohm")
    for head in heads:
        table.add_column(head, overflow="fold")
    for found, resistance in zip(times, resistances, strict=True):
        potential = found.spectrum.potential_V
        table.add_row(
            Text(found.spectrum.label),
            "" if potential is None else f"{potential:.3f}",
            "consistent" if found.validity.consistent else "FAILS",
            resistance.significant(4),
            Text(", ".join(f"{p.resistance.significant(4)} at {p.frequency_Hz:.2g} Hz"
                           for p in found.peaks)),
        )  # fmt: skip
    console.print(table)
    for n, (found, resistance) in enumerate(zip(times, resistances, strict=True)):
        said = [found.validity.sentence(), *found.sentences()]
        said += [f"R_u: {resistance.reason}"] if resistance.reason else []
        for sentence in dict.fromkeys(said):
            console.print(Text(f"{found.spectrum.label}: {sentence}"))
        if fits:
            _print_fit(fits[n])


def _print_fit(fit: CircuitFit) -> None:
    console = wide_console()
    potential = fit.spectrum.potential_V
    where = "" if potential is None else f" at {potential:.3f} V"
    table = Table(title=f"{fit.spectrum.label}{where}: {fit.circuit}")
    for head in ("parameter", "value (95 %)", "unit"):
        table.add_column(head)
    for name, figure in fit.parameters.items():
        table.add_row(name, figure.significant(4), figure.unit)
    console.print(table)
    for sentence in fit.sentences():
        console.print(Text(sentence))
    console.print(
        Text(
            f"residuals {fit.rms_percent:.2g} % of |Z|;"
            f" noise taken as s |Z|^{fit.noise_exponent:.2f}"
        )
    )
