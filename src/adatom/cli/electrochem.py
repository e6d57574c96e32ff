"""``adatom electrochem``: what is in instrument files, and what they say of a catalyst."""

from typing import Any

import typer
from typer.core import TyperGroup

from adatom.cli import cells, eis, long_records, products
from adatom.cli.capacitance import capacitance, gap
from adatom.cli.durability import durability
from adatom.cli.electrochem_analyse import analyse
from adatom.cli.electrochem_check import check


class _FilesFirst(TyperGroup):
    """``adatom electrochem FILE...`` is the analysis: the command whose name may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the analysis in front of anything that names no command."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["analyse", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Instrument files: what is in them, and figures of merit from them.",
    no_args_is_help=True,
    cls=_FilesFirst,
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
