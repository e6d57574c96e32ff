"""``adatom electrochem durability``: a figure of merit before and after cycles or hours."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from adatom.cli.electrochem_analyse import Job, SetOption, potentials
from adatom.cli.long_records import PlotOption, print_figures
from adatom.cli.options import (
    CycleOption,
    DirectionOption,
    JsonOption,
    RotationOption,
    output_files,
    put_json,
    put_plot,
    require_image,
)
from adatom.cli.output import require_writable
from adatom.cli.segments import ColumnsOption, column_map
from adatom.electrochem.aging import Aging, analyse_aging
from adatom.electrochem.durability import durability as analyse_durability
from adatom.electrochem.sample import load_sample
from adatom.errors import AdatomError
from adatom.figure_of_merit import FigureOfMerit

MOST_POINTS = 1000
LONGEST_ROW = 200
"""Bytes of four numbers."""


def durability(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Raw sweeps before and after, with --after; or one CSV of figures:"
            " cycles (or hours),value,low_95,high_95."
        ),
    ],
    after: Annotated[
        list[str] | None,
        typer.Option(help="FILE=5000 (cycles) or FILE=24h of a raw sweep; repeatable. Others: 0."),
    ] = None,
    sample: Annotated[
        Path | None, typer.Option(help="What is known of sample and cell (TOML); raw sweeps.")
    ] = None,
    set_: SetOption = None,
    columns: ColumnsOption = None,
    kinetic_at: Annotated[
        str | None, typer.Option(help="Potentials whose currents are followed, V vs RHE.")
    ] = None,
    direction: DirectionOption = None,
    rotation: RotationOption = None,
    cycle: CycleOption = None,
    figure: Annotated[str, typer.Option(help="Name of the figure in a CSV.")] = "E_half",
    unit: Annotated[str, typer.Option(help="Its unit in a CSV.")] = "V vs RHE",
    common_sd: Annotated[
        float, typer.Option(min=0.0, help="Of reference or area, shared by all points of a CSV.")
    ] = 0.0,
    plot: PlotOption = None,
    json_file: JsonOption = None,
    seed: Annotated[int, typer.Option(help="Of the draws that give the intervals.")] = 0,
) -> None:
    """Shift of a figure of merit over cycles or hours, and its slope, with intervals.

    Of raw sweeps also the retention of the kinetic and limiting currents.
    """
    require_image(plot)
    if not after and len(files) == 1:
        require_writable(output_files(plot, json_file), inputs=files)
        _of_figures(files[0], figure, unit, common_sd, plot, json_file)
        return
    axis, times = _times(files, after or [])
    settings = load_sample(sample, set_ or [])
    inputs = [*files, *settings.files, *([sample] if sample else [])]
    require_writable(output_files(plot, json_file), inputs=inputs)
    kinetic_at_V = potentials(kinetic_at or "")
    job = Job(settings, column_map(columns or []) or None, kinetic_at_V, seed=seed)
    found = analyse_aging(
        job.analysis(files), times, axis, kinetic_at_V=kinetic_at_V, direction=direction,
        rotation_rpm=rotation, cycle=cycle,
    )  # fmt: skip
    put_plot(plot, found)
    put_json(json_file, found.as_dict())
    if json_file != "-":
        _print(found)


def _times(files: Sequence[Path], texts: Sequence[str]) -> tuple[str, dict[Path, float]]:
    """Cycles or hours of each file; those that no option names are the start."""
    names = [path.stem for path in files]
    if len(set(names)) < len(names):
        raise AdatomError(f"{', '.join(names)}: files with equal names cannot be told apart")
    times: dict[Path, float] = {}
    units = set()
    for text in texts:
        name, equal, value = text.rpartition("=")
        path = next((p for p in files if str(p) == name), None)
        path = path or next((p for p in files if p.name == name), None)
        if not equal or path is None:
            raise AdatomError(
                f"--after '{text}' must be FILE=5000 or FILE=24h with one of the files"
                f" {', '.join(map(str, files))}"
            )
        if path in times:
            raise AdatomError(f"--after names {path} twice")
        units.add("hours" if value.endswith("h") else "cycles")
        try:
            times[path] = float(value.removesuffix("h"))
        except ValueError:
            raise AdatomError(f"--after '{text}': '{value}' is no number of cycles") from None
        if not 0.0 <= times[path] < 1e12:
            raise AdatomError(f"--after '{text}': {value} is no number of cycles or hours")
    if len(units) > 1:
        raise AdatomError("--after gives cycles for some files and hours (h) for others")
    first = [path for path in files if path not in times]
    if len(first) > 1:
        raise AdatomError(
            f"{', '.join(map(str, first))}: only one file is the start; give the others --after"
            " FILE=CYCLES"
        )
    return (units or {"cycles"}).pop(), times | dict.fromkeys(first, 0.0)


def _print(found: Aging) -> None:
    first, *later = found.states
    for state in later:
        title = f"{state.sweep.label} after {state.at:g} {found.axis}, since {first.at:g}"
        print_figures(title, state.changes, ())
    slope = {f"{found.trend.name}, slope": found.trend.slope}
    flags = [f"{s.sweep.label}: {flag}" for s in found.states for flag in s.flags]
    print_figures(f"{len(found.states)} sweeps", slope, [*found.notes, *flags])


def _of_figures(
    file: Path, figure: str, unit: str, common_sd: float, plot: Path | None, json_file: str | None
) -> None:
    axis, at, points = _points(file, unit)
    result = analyse_durability(figure, axis, at, points, common_sd=common_sd)
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if json_file != "-":
        shown = {"shift": result.shift, "slope": result.slope}
        print_figures(f"{figure}, {len(points)} points", shown, result.notes)


def _points(file: Path, unit: str) -> tuple[str, list[float], list[FigureOfMerit]]:
    expected = "a header cycles,value,low_95,high_95 (or hours,...); raw sweeps need --after"
    if not file.is_file():
        raise AdatomError(f"{file} is no file; expected a CSV with {expected}")
    if file.stat().st_size > MOST_POINTS * LONGEST_ROW:
        raise AdatomError(f"{file}: more than {MOST_POINTS} points; is it a raw record?")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for _, row in zip(range(MOST_POINTS + 2), csv.reader(stream), strict=False)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise AdatomError(f"{file}: not a CSV file: {error}; expected {expected}") from None
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) != 4 or header[0] not in ("cycles", "hours") or header[1:] != [
        "value", "low_95", "high_95"
    ]:  # fmt: skip
        raise AdatomError(f"{file}: expected {expected}, got {','.join(header)[:80]}")
    if len(rows) > MOST_POINTS + 1:
        raise AdatomError(f"{file}: more than {MOST_POINTS} points; is it a raw record?")
    at, points = [], []
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            where, value, low, high = (float(cell) for cell in row)
        except ValueError:
            raise AdatomError(f"{file}, line {line}: four numbers expected, got {row}") from None
        if not low <= value <= high:
            raise AdatomError(f"{file}, line {line}: {value:g} lies outside {low:g} to {high:g}")
        at.append(where)
        points.append(FigureOfMerit(value, (low, high), "", unit))
    return header[0], at, points
