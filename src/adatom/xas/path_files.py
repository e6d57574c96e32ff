"""Sets of scattering paths as small JSON files; the packaged ones.

Packaged sets are computed by ``python validation/exafs_path_sets.py``, which states their
structures; they let the common metals be analysed without FEFF.
"""

import json
import os
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from adatom.errors import SpectrumError
from adatom.xas.scattering_path import MAX_BYTES, PathSet, ScatteringPath

_ARRAYS = (
    "amplitude",
    "phase",
    "mean_free_path_angstrom",
    "real_momentum_per_angstrom",
)


def write_path_set(paths: PathSet, file: Path) -> None:
    """Write a set whole or not at all; six significant digits."""
    content = {
        "label": paths.label,
        "absorber": paths.absorber,
        "edge": paths.edge,
        "provenance": paths.provenance,
        "paths": [_as_dict(path) for path in paths.paths],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_text(json.dumps(content, separators=(",", ":")))
    os.replace(part, file)


def read_path_set(file: Path) -> PathSet:
    """Read what :func:`write_path_set` wrote; SpectrumError where it is something else."""
    if not file.is_file() or file.stat().st_size > 4 * MAX_BYTES:
        raise SpectrumError(f"{file}: expected a file of scattering paths (JSON, at most 4 MB)")
    try:
        content = json.loads(file.read_text())
        return PathSet(
            label=str(content["label"]),
            absorber=str(content["absorber"]),
            edge=str(content["edge"]),
            paths=tuple(_path(entry, content["absorber"]) for entry in content["paths"]),
            provenance=dict(content["provenance"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SpectrumError(f"{file}: no file of scattering paths ({error}); delete it") from None


@lru_cache(maxsize=64)
def packaged_paths(label: str) -> PathSet:
    """A packaged set by its name: a foil (``Fe foil``) or a site (``FeN4@graphene``).

    Raises SpectrumError with the names that exist.
    """
    if label not in packaged_labels():
        raise SpectrumError(
            f"no packaged paths for '{label}'; packaged: {', '.join(packaged_labels())}; others"
            " are computed from a structure by adatom.xas.feff.site_paths"
        )
    with resources.as_file(resources.files("adatom.xas") / "paths" / _file_name(label)) as file:
        return read_path_set(file)


@lru_cache(maxsize=1)
def packaged_labels() -> tuple[str, ...]:
    """Names of the packaged sets."""
    folder = resources.files("adatom.xas") / "paths"
    names = (entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return tuple(sorted(name.removesuffix(".json").replace("_", " ") for name in names))


def _file_name(label: str) -> str:
    return label.replace(" ", "_") + ".json"


def _as_dict(path: ScatteringPath) -> dict[str, Any]:
    return {
        "species": list(path.species),
        "degeneracy": path.degeneracy,
        "distance_angstrom": path.distance_angstrom,
        "source": path.source,
        "k_per_angstrom": np.round(path.k_per_angstrom, 4).tolist(),
        **{name: [float(f"{x:.5e}") for x in getattr(path, name)] for name in _ARRAYS},
    }


def _path(entry: dict[str, Any], absorber: str) -> ScatteringPath:
    return ScatteringPath(
        absorber=str(absorber),
        species=tuple(str(symbol) for symbol in entry["species"]),
        degeneracy=float(entry["degeneracy"]),
        distance_angstrom=float(entry["distance_angstrom"]),
        k_per_angstrom=np.array(entry["k_per_angstrom"], dtype=float),
        source=str(entry["source"]),
        **{name: np.array(entry[name], dtype=float) for name in _ARRAYS},
    )
