"""The command line: one command, one subcommand per verb.

Exit code 0 on success; 2 on bad input, with one line on standard error that says what,
where and how to mend it.
"""

import sys

import typer

from adatom.cli import energies, predict, stability
from adatom.errors import AdatomError

app = typer.Typer(
    name="adatom",
    help="From an atomically dispersed site to a predicted polarization curve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("predict")(predict.predict)
app.command("stability")(stability.stability)
app.add_typer(energies.app, name="energies")


@app.callback()
def _root() -> None:
    """From an atomically dispersed site to a predicted polarization curve."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="adatom", standalone_mode=False)
    except AdatomError as error:
        code = _refuse(str(error))
    except OSError as error:
        code = _refuse(f"{error.filename or 'a file'}: {error.strerror or error}")
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted; finished calculations are stored, run again to resume", err=True)
        code = 130
    except Exception as error:
        # Usage errors of the parser; their class moved between releases of typer.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        if not error.format_message():  # help was printed for want of a command
            sys.exit(2)
        where = context.command_path if context else "adatom"
        code = _refuse(f"{error.format_message()} (see '{where} --help')")
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(message: str) -> int:
    typer.echo("adatom: " + " ".join(message.split()), err=True)
    return 2
