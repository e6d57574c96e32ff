"""``adatom electrochem FILE...``: instrument files and a sample to figures of merit."""

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli import evolution
from adatom.cli.evolution import (
    kinetic_row,
    kinetic_said,
    print_activities,
    print_kinetic,
    print_said,
    reaction_line,
)
from adatom.cli.options import (
    JsonOption,
    ReportOption,
    output_files,
    put_json,
    put_plot,
    require_image,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.segments import ColumnsOption, column_map
from adatom.cli.terminal import progress_bar, wide_console
from adatom.electrochem.analysis import Analysis, SweepAnalysis, analyse_recordings
from adatom.electrochem.sample import Sample, load_sample
from adatom.electrochem.tafel_posterior import with_posterior_slopes
from adatom.errors import AdatomError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers import read_recording
from adatom.readers.recording import Recording
from adatom.report.electrochem import analysis_json

HEADS = (
    "sweep", "E_half / V vs RHE", "j_L / mA/cm2", "onset / V", "Tafel / mV/dec", "n", "H2O2 / %",
)  # fmt: skip
FILES_WORTH_A_PROCESS = 100
"""Fewer are done before another process has started."""
START_OF_PROCESSES = "fork" if sys.platform == "linux" else "spawn"
"""A fork has everything imported, which takes as long as 300 files; elsewhere the libraries of the
system do not survive one."""
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
    columns: ColumnsOption = None,
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
    report: ReportOption = None,
    seed: Annotated[int, typer.Option(help="Of the draws that give the intervals.")] = 0,
) -> None:
    """Figures of merit with 95 % intervals from measured sweeps (ORR, OER, HER)."""
    require_image(plot)
    settings = load_sample(sample, set_ or [])
    inputs = [*files, *settings.files, *([sample] if sample else [])]
    require_writable(output_files(json_file, plot, report), inputs=inputs)
    named = column_map(columns or []) or None
    job = Job(settings, named, potentials(kinetic_at or ""), tafel, seed)
    if len(files) == 1 and files[0].is_dir():
        if plot is not None or report is not None:
            raise AdatomError(
                f"{files[0]} is a folder, whose files go into one table: --plot and --report take"
                " the files of one sample"
            )
        _batch(files[0], job, json_file)
        return
    found = job.analysis(files)
    put_json(json_file, analysis_json(found))
    put_plot(plot, found)
    if report is not None:
        from adatom.report.electrochem_page import electrochem_html

        write_whole(report, electrochem_html(found))
    if json_file != "-":
        _print(found)


@dataclass(frozen=True)
class Job:
    """What files are analysed with, in whichever process."""

    settings: Sample
    columns: dict[str, str] | None = None
    kinetic_at_V: tuple[float, ...] = ()
    tafel: TafelMethod = TafelMethod.WINDOW
    seed: int = 0

    def analysis(self, paths: Sequence[Path]) -> Analysis:
        """Of the files of one sample."""
        found = analyse_recordings(
            [read_recording(path, self.columns) for path in paths],
            self.settings,
            read=read_recording,
            resistance_of=_resistance_of,
            seed=self.seed,
            kinetic_at_V=self.kinetic_at_V,
        )
        if self.tafel is TafelMethod.WINDOW:
            return found
        return with_posterior_slopes(found, seed=self.seed)

    def __call__(self, path: Path) -> "_Rows | str":
        """What one file gives to the table, or why it gives nothing."""
        try:
            found = self.analysis([path])
        except AdatomError as error:
            return str(error)
        content = analysis_json(found)
        said = {text: [f"{path.stem} {s}" for s in sweeps] for text, sweeps in _said(found).items()}
        if found.kinetic:
            rows = [kinetic_row(s, path.stem) for s in found.kinetic]
            return _Rows(content, evolution.HEADS, rows, said)
        return _Rows(content, HEADS, [_row(s, path.stem) for s in found.sweeps], said)


@dataclass(frozen=True)
class _Rows:
    """What one file of a folder gives to the table."""

    content: dict[str, Any]
    """For JSON."""
    heads: Sequence[str]
    rows: list[list[str]]
    said: dict[str, list[str]]
    """Reasons and flags, each with the sweeps it holds for."""


def potentials(text: str) -> tuple[float, ...]:
    """Of an option ``--kinetic-at``, V vs RHE; raises :class:`~adatom.errors.AdatomError`."""
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise AdatomError(f"--kinetic-at must be volts such as 0.9,0.85, got '{text}'") from None


def _resistance_of(recording: Recording) -> FigureOfMerit:
    return _resistance_in(recording.path, recording.sha256)


@cache
def _resistance_in(path: Path, sha256: str) -> FigureOfMerit:
    """Of an impedance file: fitted once, not for each file of a folder; ``sha256`` is its own."""
    from adatom.electrochem.impedance.resistance import uncompensated_resistance
    from adatom.electrochem.impedance.spectrum import spectra_of

    return uncompensated_resistance(spectra_of(read_recording(path))[0])


def _batch(folder: Path, job: Job, json_file: str | None) -> None:
    """Every file of a folder by itself; those that cannot be analysed are named at the end."""
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".toml")
    if not paths:
        raise AdatomError(f"{folder} has no files")
    refused: list[dict[str, str]] = []
    results = []
    table: Table | None = None
    said: dict[str, list[str]] = {}
    with _outcomes(paths, job) as outcomes, progress_bar("files") as report:
        for done, (path, outcome) in enumerate(zip(paths, outcomes, strict=True), 1):
            if isinstance(outcome, str):
                refused.append({"file": str(path), "reason": outcome})
            else:
                results.append(outcome.content)
                table = table or Table(*outcome.heads)
                for row in outcome.rows:
                    table.add_row(*row)
                for text, sweeps in outcome.said.items():
                    said.setdefault(text, []).extend(sweeps)
            report(done, len(paths), None)
    put_json(json_file, {"analyses": results, "refused": refused})
    if json_file != "-" and table is not None:
        console = wide_console()
        console.print(table)
        print_said(console, said)
    for item in refused:
        typer.echo(f"adatom: {item['file']}: {item['reason']}", err=True)
    if refused:
        raise typer.Exit(2)


@contextmanager
def _outcomes(paths: Sequence[Path], job: Job) -> Iterator[Iterator["_Rows | str"]]:
    """Results in the order of the files, from as many processes as are worth their start.

    To be entered before a progress bar starts its thread: Linux forks the processes.
    """
    workers = min(os.cpu_count() or 1, 1 + len(paths) // FILES_WORTH_A_PROCESS)
    if workers == 1:
        yield map(job, paths)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context(START_OF_PROCESSES)) as pool:
        yield pool.map(job, paths, chunksize=10)


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
        print_said(console, _said(found))
        return
    table = Table(*HEADS)
    for one in found.sweeps:
        table.add_row(*_row(one))
    console.print(table)
    for series in found.speeds:
        way = "anodic" if series.rising else "cathodic"
        console.print(
            Text(f"Koutecky-Levich ({way}, {series.electrolyte}): n = {series.electrons.text(2)}")
        )
    for label, figure in found.hysteresis_V:
        console.print(Text(f"hysteresis of E_half, {label}: {figure.text(4)} V"))
    print_activities(console, found)
    for text in found.left_out:
        console.print(Text(f"- {text}"))
    print_said(console, _said(found))


def _said(found: Analysis) -> dict[str, list[str]]:
    """What a referee would object to, with the sweeps it holds for."""
    said: dict[str, list[str]] = {}
    for unlimited in found.kinetic:
        for text in kinetic_said(unlimited):
            said.setdefault(text, []).append(unlimited.sweep.label)
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


def _row(found: SweepAnalysis, file: str = "") -> list[str]:
    one, ring = found.limited, found.ring
    return [
        f"{file} {found.sweep.label}".strip(),
        one.half_wave_V_rhe.text(4),
        one.limiting_mA_cm2.text(3),
        one.onset_V_rhe.text(3),
        one.tafel_slope_mV_dec.text(1),
        ring.mean_electron_number.text(3) if ring else "",
        ring.mean_peroxide_percent.text(2) if ring else "",
    ]
