"""``adatom electrochem stability``: a held potential or current."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.products import figure_cells
from adatom.cli.segments import ColumnsOption, SegmentOption, column_map
from adatom.cli.terminal import wide_console
from adatom.electrochem.blocks import BlockSeries, block_series, segment_chunks
from adatom.electrochem.hold import analyse_hold
from adatom.electrochem.propagation import HOUR_S
from adatom.errors import AdatomError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers import read_recording
from adatom.readers.long_table import column_chunks

QUANTITIES = {
    "current": "current_A",
    "density": "current_density_mA_cm2",
    "potential": "potential_V",
}
PlotOption = Annotated[Path | None, typer.Option(help="Draw it (.png, .pdf).")]


def stability(
    file: Annotated[Path, typer.Argument(help="Record of a held potential or current.")],
    quantity: Annotated[
        str | None, typer.Option(help="current, density or potential; default by the technique.")
    ] = None,
    segment: SegmentOption = None,
    columns: ColumnsOption = None,
    stream: Annotated[
        str | None,
        typer.Option(
            help="TIME,VALUE: names in the first line of a CSV of any length, in s and A"
            " (mA cm-2, V); read in chunks."
        ),
    ] = None,
    from_h: Annotated[float, typer.Option(help="Leave out what is before, h.")] = 0.0,
    window_s: Annotated[
        float | None, typer.Option(help="Over what first and last level are averaged; 2 % of it.")
    ] = None,
    end_of_life: Annotated[
        float | None,
        typer.Option(help="Share of the first current (default 0.5), or change of potential, V."),
    ] = None,
    extrapolate: Annotated[
        bool, typer.Option("--extrapolate", help="Follow the drift beyond the record.")
    ] = False,
    plot: PlotOption = None,
    json_file: JsonOption = None,
) -> None:  # fmt: skip
    """Retention (or shift), drift with an interval that knows autocorrelation, half-life, jumps."""
    require_image(plot)
    require_writable(output_files(plot, json_file), inputs=[file])
    if quantity is not None and quantity not in QUANTITIES:
        raise AdatomError(f"--quantity should be one of {', '.join(QUANTITIES)}, got '{quantity}'")
    series, name = _series(file, quantity, segment, columns, stream)
    if from_h:
        series = series.after(float(series.time_s[0]) + from_h * HOUR_S)
    result = analyse_hold(
        series, name, label=file.name, window_s=window_s, end_of_life=end_of_life,
        extrapolate=extrapolate,
    )  # fmt: skip
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if json_file != "-":
        print_figures(f"{file.name}, {name}", result.figures, result.notes)


def _series(
    file: Path,
    quantity: str | None,
    segment: int | None,
    columns: list[str] | None,
    stream: str | None,
) -> tuple[BlockSeries, str]:
    if stream is not None:
        time, comma, value = stream.partition(",")
        if not comma or quantity is None:
            raise AdatomError("--stream TIME,VALUE needs --quantity, which tells the unit")
        return block_series(column_chunks(file, time.strip(), value.strip())), QUANTITIES[quantity]
    wanted = ["time_s"] if quantity is None else ["time_s", QUANTITIES[quantity]]
    found = read_recording(file, column_map(columns or [])).segment(*wanted, number=segment)
    by_technique = {"chronoamperometry": "current_A", "chronopotentiometry": "potential_V"}
    name = QUANTITIES.get(quantity or "") or by_technique.get(found.technique)
    if name == "current_A" and quantity is None and name not in found:
        name = "current_density_mA_cm2"
    if name is None or name not in found:
        raise AdatomError(
            f"{file} does not say what was held: give --quantity current, density or potential"
        )
    return block_series(segment_chunks(found, name)), name


def print_figures(title: str, figures: Mapping[str, FigureOfMerit], notes: Sequence[str]) -> None:
    """A table of figures and the notes below."""
    table = Table(title=f"{title} (95 % intervals)")
    for column in ("figure", "value", "95 % interval", "unit", "remark"):
        table.add_column(column)
    for key, figure in figures.items():
        table.add_row(key, *figure_cells(figure))
    wide_console().print(table)
    for note in notes:
        typer.echo(f"note: {note}")
