"""``adatom evidence SAMPLE``: everything measured on a sample, one answer."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import wide_console
from adatom.errors import EvidenceError
from adatom.evidence.composition import KINDS
from adatom.evidence.sample_file import example_file, read_sample_file
from adatom.evidence.shares import JointShares, combine
from adatom.figure_of_merit import FigureOfMerit
from adatom.report.evidence import evidence_json


def evidence(
    sample: Annotated[
        Path | None, typer.Argument(help="What was measured on one sample (TOML).")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a sample file.")] = False,
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Picture: .png, .pdf or .svg.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")] = None,
    seed: Annotated[int, typer.Option(help="Of the outcomes of further measurements.")] = 0,
) -> None:
    """Shares of the metal in single atoms, pairs, clusters and particles, from all evidence."""
    if example:
        typer.echo(example_file(), nl=False)
        return
    if sample is None:
        raise EvidenceError(
            "name a sample file, as adatom evidence SAMPLE.toml; adatom evidence --example prints"
            " one"
        )
    require_image(plot)
    settings = read_sample_file(sample)
    tables = [
        table
        for name, first in settings.tables.items()
        for table in (first, *settings.repeated.get(name, ()))
    ]
    inputs = [sample, *(sample.parent / table["file"] for table in tables if "file" in table)]
    require_writable(output_files(json_file, plot, report), inputs=inputs)
    found = combine(settings, seed=seed)
    put_json(json_file, evidence_json(found))
    put_plot(plot, found)
    if report is not None:
        from adatom.report.evidence_page import evidence_html

        write_whole(report, evidence_html(found))
    if json_file != "-":
        _print(found)


def _print(found: JointShares) -> None:
    console = wide_console()
    table = Table(title="share of the metal / %, 95 % intervals")
    table.add_column("from")
    for kind in KINDS:
        table.add_column(kind.replace("_", " "))
    for source, figures in found.alone.items():
        table.add_row(f"{source} alone", *(_percent(figures[kind]) for kind in KINDS))
    table.add_section()
    table.add_row("all together", *(_percent(found.shares[kind]) for kind in KINDS))
    console.print(table)
    for contradiction in found.contradictions:
        p_value = f"p = {contradiction.p_value:.1g}"
        console.print(Text(f"! {contradiction.sentence} ({p_value})"))
    if found.agreement is not None and not found.contradictions:
        console.print(Text(f"the sources agree (p = {found.agreement.p_value:.2g})"))
    best = Table(title="what further measurement narrows the share in pairs")
    for head in ("measurement", "expected width / %", "now / %", "information / bit"):
        best.add_column(head)
    for one in found.next_measurements:
        best.add_row(
            one.name,
            f"{100 * one.expected_width:.0f}",
            f"{100 * one.width_now:.0f}",
            f"{one.expected_information_bit:.2f}",
        )
    console.print(best)
    for text in (*found.notes, *found.assumptions):
        console.print(Text(f"- {text}"))


def _percent(figure: FigureOfMerit) -> str:
    low, high = figure.interval_95
    assert figure.value is not None
    assert low is not None
    assert high is not None
    return f"{100 * figure.value:.0f} ({100 * low:.0f} to {100 * high:.0f})"
