"""Files that are written whole or not at all."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from adatom.errors import AdatomError


def require_writable(paths: Sequence[Path], *, inputs: Sequence[Path] = ()) -> None:
    """Raise :class:`~adatom.errors.AdatomError` before work is done that could not be written.

    An output that is one of the ``inputs`` is refused: nothing of the user's is overwritten.
    """
    read = [path.resolve() for path in inputs]
    for i, path in enumerate(paths):
        if not path.parent.is_dir():
            raise AdatomError(f"folder {path.parent} for {path.name} does not exist; create it")
        if path.is_dir():
            raise AdatomError(f"{path} is a folder; name a file in it")
        if path.resolve() in read:
            raise AdatomError(f"{path} is read by this command; write to another file")
        if path.resolve() in [other.resolve() for other in paths[:i]]:
            raise AdatomError(f"{path} is named twice; give each output its own file")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write all of a file or nothing of it; links are followed, devices and pipes written to."""
    target = path.resolve()
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            part.write_bytes(data)
            part.replace(target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        raise AdatomError(f"{path} cannot be written: {error.strerror}") from error
