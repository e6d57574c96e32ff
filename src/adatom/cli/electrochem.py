"""``adatom electrochem``: what is in instrument files, and what they say of a catalyst."""

import typer

from adatom.cli import cells, eis, long_records, products
from adatom.cli.capacitance import capacitance, gap
from adatom.cli.durability import durability
from adatom.cli.electrochem_analyse import analyse
from adatom.cli.electrochem_check import check
from adatom.cli.files_first import FilesFirst

app = typer.Typer(
    help="Instrument files: what is in them, and figures of merit from them.",
    no_args_is_help=True,
    cls=FilesFirst,
)
app.command("analyse")(analyse)
app.command("check")(check)
app.command("capacitance")(capacitance)
app.command("gap")(gap)
app.command("eis")(eis.eis)
app.command("products")(products.products)
app.command("stability")(long_records.stability)
app.command("durability")(durability)
app.command("cell")(cells.cell)
app.command("cycling")(cells.cycling)
app.command("capacity")(cells.capacity)


@app.callback()
def _group() -> None:
    """Instrument files: what is in them, and figures of merit from them."""
