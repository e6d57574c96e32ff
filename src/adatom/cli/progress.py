"""A progress bar on a terminal, silence in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adatom.energies.compute import Progress as ProgressCallback
from adatom.energies.store import Record


@contextmanager
def progress_bar(what: str) -> Iterator[ProgressCallback]:
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

        def report(done: int, total: int, record: Record | None) -> None:
            label = f"{record.subject} {record.state} {record.position}" if record else what
            bar.update(task, completed=done, total=total, description=label)

        yield report
