"""``adatom library``: published catalysts, and where a sample stands among them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

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
from adatom.cli.terminal import wide_console
from adatom.electrochem.result_file import ResultFile, SweepResult, read_result
from adatom.errors import LibraryError
from adatom.evidence.activity import kinetic_at
from adatom.figure_of_merit import FigureOfMerit
from adatom.library.published import Published, folded, published_catalysts, select
from adatom.library.standing import NOT_STATED, SELECTION_BIAS, entry_dict
from adatom.library.standing import standing as standing_of

app = typer.Typer(help="Published catalysts, each number with its source.", no_args_is_help=True)
MEASURED = {"E_half": "half_wave_potential", "tafel_slope": "tafel_slope",
            "H2O2_yield": "peroxide_yield"}  # fmt: skip
"""Metrics of the library by the figure of a sweep. Onsets are not compared: papers read them at
other currents."""


@app.callback()
def _group() -> None:
    """Published catalysts, each number with its source."""


@app.command("list")
def list_(
    reaction: Annotated[str | None, typer.Option(help="As ORR, OER, HER, CO2RR, NRR.")] = None,
    electrolyte: Annotated[str | None, typer.Option(help="As '0.1 M KOH'.")] = None,
    metric: Annotated[str | None, typer.Option(help="As E_half, tafel_slope, E_10.")] = None,
    json_file: JsonOption = None,
) -> None:
    """List published numbers with their sources."""
    require_writable(output_files(json_file))
    everything = published_catalysts()
    found = select(everything, reaction=reaction, electrolyte=electrolyte, metric=metric)
    if not found:
        for name, value in (
            ("reaction", reaction), ("electrolyte", electrolyte), ("metric", metric),
        ):  # fmt: skip
            _require_known(name, value, everything)
        raise LibraryError("no published number has this reaction, electrolyte and metric together")
    put_json(json_file, {"entries": [entry_dict(e) for e in found]})
    if json_file != "-":
        _print(found)


@app.command()
def standing(
    result: Annotated[Path, typer.Argument(help="JSON of adatom electrochem.")],
    metric: Annotated[str, typer.Option(help=f"One of {', '.join(MEASURED)}, j_k.")] = "E_half",
    at: Annotated[float, typer.Option(help="Potential of j_k, V vs RHE.")] = 0.85,
    direction: DirectionOption = None,
    rotation: RotationOption = None,
    cycle: CycleOption = None,
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Picture: .png, .pdf or .svg.")] = None,
) -> None:
    """Where a measured sample stands among catalysts published for the same electrolyte."""
    require_image(plot)
    require_writable(output_files(json_file, plot), inputs=[result])
    read = read_result(result)
    missing = [
        key for key in ("measurement.reaction", "electrolyte.name") if read.sample.get(key) is None
    ]
    if missing:
        raise LibraryError(
            f"{result}: a comparison needs {' and '.join(missing)}; set them in sample.toml or by"
            " --set and run adatom electrochem again"
        )
    sweep = read.sweep(direction=direction, rotation_rpm=rotation, cycle=cycle)
    figure, condition = _figure_of(read, sweep, metric, at)
    found = standing_of(
        metric, figure, condition=condition,
        electrolyte=read.sample.get("electrolyte.name"),
        reaction=read.sample.get("measurement.reaction"),
    )  # fmt: skip
    content = {"file": str(result), "sweep": sweep.label, **found.as_dict()}
    put_json(json_file, content)
    put_plot(plot, found)
    if json_file == "-":
        return
    console = wide_console()
    console.print(Text(f"{result}, sweep {sweep.label}"))
    console.print(Text(found.sentence))
    console.print(Text("nearest:"))
    for entry in found.nearest:
        console.print(Text(f"  {entry.value:g} {entry.catalyst}: {entry.citation}"))
    for text in (*found.left_out, SELECTION_BIAS, NOT_STATED):
        console.print(Text(f"- {text}"))


def _figure_of(
    read: ResultFile, sweep: SweepResult, metric: str, at_V_rhe: float
) -> tuple[FigureOfMerit, str]:
    """The sample's figure and the condition that it holds for."""
    if folded(metric) == folded("j_k"):
        figure = kinetic_at(str(read.path), sweep, at_V_rhe)
        short = abs(at_V_rhe - round(at_V_rhe, 2)) < 5e-4
        return figure, f"{at_V_rhe:{'.2f' if short else '.3f'}} V vs RHE"
    names = {folded(name): key for name, key in MEASURED.items()}
    key = names.get(folded(metric))
    if key is None:
        raise LibraryError(f"a sweep has no {metric}; expected one of {', '.join(MEASURED)}, j_k")
    if key not in sweep.figures:
        raise LibraryError(f"{read.path}: '{sweep.label}' has no {key}")
    return sweep.figures[key], ""


def _require_known(name: str, value: str | None, everything: tuple[Published, ...]) -> None:
    if value is not None and not select(everything, **{name: value}):
        known = sorted({getattr(e, name) for e in everything} - {""})
        raise LibraryError(f"{name} '{value}' is unknown; there are {', '.join(known)}")


def _print(found: tuple[Published, ...]) -> None:
    table = Table(box=None, pad_edge=False)
    for head in ("catalyst", "site", "reaction", "electrolyte", "metric", "value", "condition",
                 "source"):  # fmt: skip
        table.add_column(head)
    for e in found:
        sign = "" if e.qualifier == "=" else f"{e.qualifier} "
        error = "" if e.uncertainty is None else f" ± {e.uncertainty:g}"
        cells = (e.catalyst, e.site_type, e.reaction, e.electrolyte, e.metric,
                 f"{sign}{e.value:g}{error} {e.unit}", e.condition, e.citation)  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    console = wide_console()
    console.print(table)
    console.print(Text(f"{len(found)} numbers"))
