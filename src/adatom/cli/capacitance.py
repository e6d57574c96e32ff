"""``adatom electrochem capacitance`` and ``gap``: figures that take several files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from adatom.cli.electrochem_analyse import SetOption
from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.electrochem.bifunctional import bifunctional_gap
from adatom.electrochem.capacitance import analyse_capacitance, charging_sweeps
from adatom.electrochem.reference import rhe_offset
from adatom.electrochem.result_file import read_figure
from adatom.electrochem.sample import load_sample
from adatom.errors import AdatomError
from adatom.readers import read_recording
from adatom.report.electrochem import capacitance_json


def capacitance(
    files: Annotated[list[Path], typer.Argument(help="Voltammograms at three rates or more.")],
    at: Annotated[float, typer.Option("--at", help="Potential without a reaction, V vs RHE.")],
    sample: Annotated[
        Path | None, typer.Option(help="What is known of sample and cell (TOML).")
    ] = None,
    set_: SetOption = None,
    scan_rates: Annotated[
        str, typer.Option(help="mV/s of each file in order, comma-separated; else the files'.")
    ] = "",
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Picture: .png, .pdf or .svg.")] = None,
) -> None:
    """Double-layer capacitance, and the active area where a specific capacitance is given."""
    require_image(plot)
    settings = load_sample(sample, set_ or [])
    inputs = [*files, *settings.files, *([sample] if sample else [])]
    require_writable(output_files(json_file, plot), inputs=inputs)
    calibration = settings.file("reference.calibration_file")
    offset = rhe_offset(settings, read_recording(calibration) if calibration else None)
    recordings = [read_recording(path) for path in files]
    sweeps = charging_sweeps(recordings, settings, offset, _rates(scan_rates))
    found = analyse_capacitance(sweeps, settings, at_V_rhe=at)
    put_json(json_file, capacitance_json(found))
    put_plot(plot, found)
    if json_file == "-":
        return
    console = wide_console()
    for point in found.points:
        console.print(
            Text(
                f"{point.scan_rate_mV_s:g} mV/s: charging {point.charging_mA_cm2:.4g} mA/cm2,"
                f" sd {point.sd_mA_cm2:.2g}, {point.cycles} cycles"
            )
        )
    console.print(Text(f"C_dl at {at:g} V vs RHE: {found.capacitance_mF_cm2.text(4)} mF/cm2"))
    if found.area_cm2.value is None:
        console.print(Text(f"no active area: it {found.area_cm2.reason}"))
    else:
        console.print(Text(f"ECSA: {found.area_cm2.text(3)} cm2"))
    for flag in found.flags:
        console.print(Text(f"- {flag}"))


def _rates(text: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        rates = (-1.0,)
    if any(not 0.0 < rate < 1e9 for rate in rates):
        raise AdatomError(f"--scan-rates must be mV/s such as 10,20,50, got '{text}'")
    return rates


def gap(
    reduction: Annotated[Path, typer.Argument(help="JSON of the analysis of an ORR sweep.")],
    evolution: Annotated[Path, typer.Argument(help="JSON of the analysis of an OER sweep.")],
    json_file: JsonOption = None,
) -> None:
    """E_10 of oxygen evolution less E_half of oxygen reduction, V."""
    require_writable(output_files(json_file), inputs=[reduction, evolution])
    half = read_figure(reduction, "ORR", "half_wave_potential")
    ten = read_figure(evolution, "OER", "potential_at_10_mA_cm2")
    found = bifunctional_gap(half, ten)
    put_json(json_file, {"bifunctional_gap": found.as_dict()})
    if json_file != "-":
        wide_console().print(Text(f"E_10 - E_half: {found.text(4)} V {found.reason}".rstrip()))
