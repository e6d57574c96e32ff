"""Terminal output: tables, and a progress bar that is silent in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from adatom.energies.store import Record
    from adatom.energies.workers import Progress as ProgressCallback


def wide_console() -> Console:
    """The terminal; in a pipe wide enough that no table is folded."""
    return Console() if sys.stdout.isatty() else Console(width=160)


@contextmanager
def progress_bar(what: str) -> Iterator["ProgressCallback"]:
    """Yield the callback that long computations report to."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    ) as bar:
        task = bar.add_task(what)

        def report(done: int, total: int, record: "Record | None") -> None:
            label = f"{record.subject} {record.state} {record.position}" if record else what
            bar.update(task, completed=done, total=total, description=label)

        yield report
