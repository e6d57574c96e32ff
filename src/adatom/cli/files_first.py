"""A command group whose files may be named without the name of the command."""

from typing import Any

from typer.core import TyperGroup


class FilesFirst(TyperGroup):
    """``adatom GROUP FILE...`` is the analysis: the command whose name may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the analysis in front of anything that names no command."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["analyse", *args]
        return super().parse_args(ctx, args)
