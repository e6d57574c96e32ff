"""``adatom electrochem``: from instrument files to figures of merit."""

import typer

from adatom.cli import eis

app = typer.Typer(help="From instrument files to figures of merit.", no_args_is_help=True)
app.command("eis")(eis.eis)


@app.callback()
def _root() -> None:
    """From instrument files to figures of merit."""
