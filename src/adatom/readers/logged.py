"""What other people's libraries log while they read: kept for the notes, not printed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from adatom.errors import printable

MOST = 20
"""Messages kept."""


@contextmanager
def kept_warnings(package: str) -> Iterator[list[str]]:
    """Yield the list into which the warnings of an imported package go meanwhile."""
    kept: dict[str, None] = {}
    keeper = _Keeper(kept)
    names = [
        name
        for name in logging.root.manager.loggerDict
        if name == package or name.startswith(f"{package}.")
    ]
    before = [(log, log.handlers, log.propagate) for log in map(logging.getLogger, names)]
    messages: list[str] = []
    try:
        for log, _, _ in before:
            log.handlers, log.propagate = [keeper], False
        yield messages
    finally:
        messages += kept
        for log, handlers, propagate in before:
            log.handlers, log.propagate = handlers, propagate


class _Keeper(logging.Handler):
    def __init__(self, kept: dict[str, None]) -> None:
        super().__init__(logging.WARNING)
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message once."""
        if len(self.kept) < MOST:
            self.kept[printable(record.getMessage(), 200)] = None
