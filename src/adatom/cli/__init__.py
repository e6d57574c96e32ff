"""The command line: one command, one subcommand per verb.

Exit code 0 on success; 2 on bad input, with one line on standard error that says what,
where and how to mend it.
"""

import sys
import warnings
from typing import Any

import typer

from adatom.cli import (
    barrier,
    benchmark,
    check,
    dynamics,
    electrochem,
    electronic,
    energies,
    evidence,
    fit,
    library,
    mechanism,
    predict,
    scaling,
    sites,
    stability,
    stem,
    synergy,
    vibrations,
    volcano,
    xas,
)
from adatom.errors import AdatomError, AdatomWarning

app = typer.Typer(
    name="adatom",
    help="From an atomically dispersed site to a predicted polarization curve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("predict")(predict.predict)
app.command("scaling")(scaling.scaling)
app.command("evidence")(evidence.evidence)
app.command("fit")(fit.fit)
app.command("stability")(stability.stability)
app.command("synergy")(synergy.synergy)
app.command("volcano")(volcano.volcano)
app.command("xas")(xas.xas)
energies.app.command("benchmark")(benchmark.benchmark)
energies.app.command("check")(check.check)
energies.app.command("electronic")(electronic.electronic)
energies.app.command("vibrations")(vibrations.vibrations_)
energies.app.command("barrier")(barrier.barrier)
energies.app.command("dynamics")(dynamics.dynamics)
app.add_typer(electrochem.app, name="electrochem")
app.add_typer(energies.app, name="energies")
app.add_typer(library.app, name="library")
app.add_typer(sites.app, name="sites")
app.add_typer(stem.app, name="stem")
app.add_typer(mechanism.app, name="mechanism")


@app.callback()
def _root() -> None:
    """From an atomically dispersed site to a predicted polarization curve."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    command = typer.main.get_command(app)
    try:
        with warnings.catch_warnings():
            _one_line_warnings()
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


def _one_line_warnings() -> None:
    """Show adatom's own warnings, every one, as a line on standard error."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, AdatomWarning):
            typer.echo(f"adatom: warning: {message}", err=True)
        else:
            usual(message, category, *where, **more)

    warnings.showwarning = show
    warnings.simplefilter("always", AdatomWarning)


def _refuse(message: str) -> int:
    typer.echo("adatom: " + " ".join(message.split()), err=True)
    return 2
