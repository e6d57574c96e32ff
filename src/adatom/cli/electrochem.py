"""``adatom electrochem``: from measured files to figures of merit."""

import typer

from adatom.cli import products

app = typer.Typer(help="From measured files to figures of merit.", no_args_is_help=True)
app.command("products")(products.products)


@app.callback()
def _root() -> None:
    """From measured files to figures of merit."""
