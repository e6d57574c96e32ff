"""``adatom electrochem``: from measured files to figures of merit."""

import typer

from adatom.cli import cells, long_records, products

app = typer.Typer(help="From measured files to figures of merit.", no_args_is_help=True)
app.command("products")(products.products)
app.command("stability")(long_records.stability)
app.command("durability")(long_records.durability)
app.command("cell")(cells.cell)
app.command("cycling")(cells.cycling)
app.command("capacity")(cells.capacity)


@app.callback()
def _root() -> None:
    """From measured files to figures of merit."""
