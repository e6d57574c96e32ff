"""Checkpoints of path searches, in extended XYZ files that other programs read too."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import read, write

from adatom.energies.engines import Engine
from adatom.errors import AdatomError


def path_key(start: Atoms, end: Atoms, engine: Engine, how: dict[str, Any]) -> str:
    """Hash of the ends, the engine and the method: what a checkpoint must belong to."""
    content = [
        *([list(a.symbols), np.round(a.positions, 3).tolist(), np.round(a.cell[:], 3).tolist()]
          for a in (start, end)),
        engine.name, engine.settings, engine.versions, how,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def save_path(checkpoint: Path | None, band: Sequence[Atoms], key: str, done: int) -> None:
    """Write the structures of a path with its key and the steps done; nothing without a file."""
    if checkpoint is None:
        return
    copies = []
    for image in band:
        copy = image.copy()
        copy.info = {"path": key, "done": done}
        copies.append(copy)
    part = checkpoint.with_name(f".{checkpoint.name}.part")
    write(part, copies, format="extxyz")
    part.replace(checkpoint)


def resume_path(checkpoint: Path | None, key: str, count: int) -> tuple[list[Atoms], int] | None:
    """Structures and steps of a checkpoint; None where there is none yet.

    Raises :class:`~adatom.errors.AdatomError` when the file is no path, or that of another search.
    """
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        found = read(checkpoint, index=":", format="extxyz")
        keys = {str(image.info.get("path")) for image in found}
        done = int(found[0].info["done"])
    except Exception as error:  # the reader raises anything
        raise AdatomError(f"{checkpoint}: not a path of adatom ({error}); name another") from error
    if keys != {key} or len(found) != count:
        raise AdatomError(
            f"{checkpoint} holds a path between other structures, or of another engine; name"
            " another --checkpoint"
        )
    return found, done
