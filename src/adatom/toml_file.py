"""Small TOML files of a user's, read whole."""

import tomllib
from pathlib import Path
from typing import Any

from adatom.errors import AdatomError

MOST_BYTES = 1_000_000


def read_toml(
    path: Path, error: type[AdatomError], *, most_bytes: int = MOST_BYTES
) -> dict[str, Any]:
    """Its tables; raises ``error`` for what is no file, cannot be read, is too large or no TOML."""
    try:
        if path.exists() and not path.is_file():
            raise error(f"{path} is a folder, device or pipe; expected a TOML file")
        if path.stat().st_size > most_bytes:
            raise error(f"{path} is larger than {most_bytes // 1_000_000} MB; is it a TOML file?")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise error(f"{path} cannot be read: {failed.strerror}") from failed
    except (ValueError, RecursionError) as failed:
        raise error(f"{path}: not a TOML file: {failed}") from failed
