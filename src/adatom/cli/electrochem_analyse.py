"""``adatom electrochem FILE...``: instrument files and a sample to figures of merit."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.evolution import (
    kinetic_table,
    print_activities,
    print_kinetic,
    reaction_line,
)
from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.electrochem.analysis import Analysis, SweepAnalysis, analyse_recordings
from adatom.electrochem.kinetic_sweep import KineticSweep
from adatom.electrochem.sample import load_sample
from adatom.electrochem.tafel_posterior import with_posterior_slopes
from adatom.errors import AdatomError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers import read_recording
from adatom.readers.recording import Recording
from adatom.report.electrochem import analysis_json

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Setting NAME=VALUE, as electrode.area_cm2=0.196; wins over the file."
    ),
]


class TafelMethod(StrEnum):
    """How a Tafel slope is taken."""

    WINDOW = "window"
    POSTERIOR = "posterior"


def analyse(
    files: Annotated[
        list[Path],
        typer.Argument(help="Files of one sample; or one folder: each of its files by itself."),
    ],
    sample: Annotated[
        Path | None, typer.Option(help="What is known of sample and cell (TOML).")
    ] = None,
    set_: SetOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(help="Name a table's column: NAME=COLUMN, as potential_V=E; repeatable."),
    ] = None,
    kinetic_at: Annotated[
        str | None,
        typer.Option(
            help="Potentials of kinetic currents, V vs RHE, comma-separated; as the reaction has"
            " them where left out: 0.9,0.85,0.8 for ORR."
        ),
    ] = None,
    tafel: Annotated[
        TafelMethod,
        typer.Option(help="Slope in the longest straight window, or of the whole curve."),
    ] = TafelMethod.WINDOW,
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Picture: .png, .pdf or .svg.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws that give the intervals.")] = 0,
) -> None:
    """Figures of merit with 95 % intervals from measured sweeps (ORR, OER, HER)."""
    from adatom.cli.electrochem import column_map

    require_image(plot)
    require_writable(output_files(json_file, plot), inputs=files)
    settings = load_sample(sample, set_ or [])
    named = column_map(columns or []) or None
    at = _potentials(kinetic_at or "")

    def run(recordings: list[Recording]) -> Analysis:
        found = analyse_recordings(
            recordings, settings, read=read_recording, resistance_of=_resistance_of, seed=seed,
            kinetic_at_V=at,
        )  # fmt: skip
        return found if tafel is TafelMethod.WINDOW else with_posterior_slopes(found, seed=seed)

    if len(files) == 1 and files[0].is_dir():
        _batch(files[0], run, named, json_file)
        return
    found = run([read_recording(path, named) for path in files])
    put_json(json_file, analysis_json(found))
    put_plot(plot, found)
    if json_file != "-":
        _print(found)


def _potentials(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise AdatomError(f"--kinetic-at must be volts such as 0.9,0.85, got '{text}'") from None


def _resistance_of(recording: Recording) -> FigureOfMerit:
    from adatom.electrochem.impedance.resistance import uncompensated_resistance
    from adatom.electrochem.impedance.spectrum import spectra_of

    return uncompensated_resistance(spectra_of(recording)[0])


def _batch(
    folder: Path,
    run: Callable[[list[Recording]], Analysis],
    named: dict[str, str] | None,
    json_file: str | None,
) -> None:
    """Every file of a folder by itself; those that cannot be analysed are named at the end."""
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".toml")
    if not paths:
        raise AdatomError(f"{folder} has no files")
    rows: list[SweepAnalysis] = []
    refused: list[dict[str, str]] = []
    results = []
    evolved: list[KineticSweep] = []
    with progress_bar("files") as report:
        for done, path in enumerate(paths, 1):
            try:
                found = run([read_recording(path, named)])
            except AdatomError as error:
                refused.append({"file": str(path), "reason": str(error)})
            else:
                rows.extend(found.sweeps)
                evolved.extend(found.kinetic)
                results.append(analysis_json(found))
            report(done, len(paths), None)
    put_json(json_file, {"analyses": results, "refused": refused})
    if json_file != "-":
        wide_console().print(kinetic_table(evolved) if evolved else _table(rows))
    for item in refused:
        typer.echo(f"adatom: {item['reason']}", err=True)
    if refused:
        raise typer.Exit(2)


def _print(found: Analysis) -> None:
    console = wide_console()
    console.print(Text(f"RHE: {found.offset.source}, sd {1e3 * found.offset.sd_volt:.1f} mV"))
    if found.resistance:
        r = found.resistance
        console.print(Text(f"R_u: {r.ohm:.3g} ohm, sd {r.sd_ohm:.2g} ({r.source})"))
    else:
        console.print(Text("no correction of the ohmic drop: no resistance was given"))
    console.print(reaction_line(found))
    if found.sample.get("background.file") is None and not found.sample.get("background.zero"):
        console.print(Text("no background subtracted: none was given"))
    for recording in found.recordings:
        for note in recording.notes:
            console.print(Text(f"{recording.path.name}: {note}"))
    if found.kinetic:
        print_kinetic(console, found)
        return
    console.print(_table(found.sweeps))
    for series in found.speeds:
        way = "anodic" if series.rising else "cathodic"
        console.print(
            Text(f"Koutecky-Levich ({way}, {series.electrolyte}): n = {series.electrons.text(2)}")
        )
    for label, figure in found.hysteresis_V:
        console.print(Text(f"hysteresis of E_half, {label}: {figure.text(4)} V"))
    print_activities(console, found)
    for text, labels in _said(found).items():
        console.print(Text(f"- {text}: {', '.join(labels)}"))


def _said(found: Analysis) -> dict[str, list[str]]:
    """What a referee would object to, with the sweeps it holds for."""
    said: dict[str, list[str]] = {}
    for one in found.sweeps:
        half, slope = one.limited.half_wave_V_rhe, one.limited.tafel_slope_mV_dec
        ring = one.ring.flags if one.ring else ()
        for text in dict.fromkeys((*one.limited.flags, *ring, half.reason, slope.reason)):
            if text:
                said.setdefault(text, []).append(one.sweep.label)
    for series in found.speeds:
        for text in series.flags:
            said.setdefault(text, []).append("anodic" if series.rising else "cathodic")
    return said


def _table(sweeps: Sequence[SweepAnalysis]) -> Table:
    table = Table()
    ring = any(s.ring for s in sweeps)
    heads = ["sweep", "E_half / V vs RHE", "j_L / mA/cm2", "onset / V", "Tafel / mV/dec"]
    for head in [*heads, *(["n", "H2O2 / %"] if ring else [])]:
        table.add_column(head)
    for s in sweeps:
        one = s.limited
        cells = [
            s.sweep.label, one.half_wave_V_rhe.text(4), one.limiting_mA_cm2.text(3),
            one.onset_V_rhe.text(3), one.tafel_slope_mV_dec.text(1),
        ]  # fmt: skip
        if ring:
            cells += (
                [s.ring.mean_electron_number.text(3), s.ring.mean_peroxide_percent.text(2)]
                if s.ring
                else ["none", "none"]
            )
        table.add_row(*cells)
    return table
