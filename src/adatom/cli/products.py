"""``adatom electrochem products``: what an electrolysis made."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adatom.cli.options import (
    JsonOption,
    ReportOption,
    output_files,
    put_json,
    put_plot,
    require_image,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import wide_console
from adatom.electrochem.products.efficiency import analyse_products
from adatom.electrochem.products.product_file import read_products
from adatom.electrochem.products.result import ProductResult, plain_name
from adatom.figure_of_merit import FigureOfMerit


def products(
    file: Annotated[Path, typer.Argument(help="Product file (.toml), see docs/products.md.")],
    plot: Annotated[Path | None, typer.Option(help="Draw the efficiencies (.png, .pdf).")] = None,
    json_file: JsonOption = None,
    report: ReportOption = None,
) -> None:
    """Faradaic efficiencies, partial currents, yields and turnover from calibrations and blanks.

    Ammonia needs its argon, open-circuit and 15N controls in the file; the verdict says whether
    they support it.
    """
    require_image(plot)
    experiment = read_products(file)
    inputs = [file, *map(Path, experiment.inputs)]
    require_writable(output_files(plot, json_file, report), inputs=inputs)
    result = analyse_products(experiment)
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if report is not None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        from adatom.report.products_page import products_html

        write_whole(report, products_html(result, file, digest))
    if json_file != "-":
        _print(result)


def _print(result: ProductResult) -> None:
    table = Table(title=f"{result.title} (95 % intervals)")
    for column in ("product", "figure", "value", "95 % interval", "unit", "remark"):
        table.add_column(column)
    for product in result.products:
        for key, figure in product.figures.items():
            table.add_row(product.name, plain_name(key), *figure_cells(figure))
    if result.total_efficiency is not None:
        table.add_row("sum", "faradaic efficiency", *figure_cells(result.total_efficiency))
    wide_console().print(table)
    for product in result.products:
        if product.equation:
            typer.echo(f"{product.name}: {product.equation}")
        for flag in product.flags:
            typer.echo(f"flag: {flag}")
    if result.verdict:
        typer.echo(f"sum of efficiencies: {result.verdict}")
    if result.ammonia is not None:
        reasons = "; ".join(result.ammonia.reasons)
        typer.echo(f"ammonia: {result.ammonia.verdict.upper()} by its controls: {reasons}")
    for note in result.notes:
        typer.echo(f"note: {note}")


def figure_cells(figure: FigureOfMerit) -> tuple[str, str, str, str]:
    """Value, interval, unit and reason of a figure, for a row of a table."""
    low, high = ("open" if end is None else f"{end:.4g}" for end in figure.interval_95)
    value = "none" if figure.value is None else f"{figure.value:.4g}"
    return value, f"{low} to {high}", figure.unit, figure.reason
