"""Finished calculations: which reader a file or the folder of a run needs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from adatom.energies.finished.ase_file import FORMATS, read_ase
from adatom.energies.finished.calculation import FinishedCalculation
from adatom.energies.finished.espresso import read_espresso
from adatom.energies.finished.oszicar import read_oszicar
from adatom.energies.finished.outcar import read_outcar
from adatom.energies.finished.vasprun import read_vasprun
from adatom.errors import EnergyTableError

__all__ = ["FinishedCalculation", "is_calculation", "read_finished"]

_SUFFIXES = {
    ".outcar": read_outcar,
    ".xml": read_vasprun,
    ".pwo": read_espresso,
    ".out": read_espresso,
    **dict.fromkeys(FORMATS, read_ase),
}
_NAMES = {"OUTCAR": read_outcar, "OSZICAR": read_oszicar}
_PREFERRED = ("vasprun.xml", "vasprun.xml.gz", "OUTCAR", "OUTCAR.gz", "OSZICAR")
"""Of the outputs of one VASP run the one that tells most."""


def is_calculation(path: Path) -> bool:
    """Whether a file, or a folder by what it holds, looks like a calculation that can be read."""
    if path.is_dir():
        return bool(_candidates(path))
    return path.is_file() and _reader(path) is not None


def read_finished(path: Path) -> FinishedCalculation:
    """Read one file, or the folder of one run.

    Raises :class:`~adatom.errors.EnergyTableError`, naming the file, when it cannot be read, is
    unfinished or not converged electronically, or when a folder leaves the choice open.
    """
    if path.is_dir():
        found = _candidates(path)
        if not found:
            raise EnergyTableError(
                f"{path}: no calculation in it; expected vasprun.xml, OUTCAR, OSZICAR with INCAR,"
                f" a pw.x output (.pwo, .out), or one of *{', *'.join(FORMATS)}"
            )
        if len(found) > 1:
            names = ", ".join(f.name for f in found)
            raise EnergyTableError(f"{path}: several calculations ({names}); keep one")
        path = found[0]
    reader = _reader(path)
    if reader is None:
        raise EnergyTableError(f"{path}: no reader for this name; expected {', '.join(_SUFFIXES)}")
    calculation = reader(path)
    forces = calculation.atoms.calc.results.get("forces", 0.0)
    if not np.isfinite(calculation.energy_eV) or not np.isfinite(forces).all():
        raise EnergyTableError(f"{path}: its energy or a force is no number")
    return calculation


def _candidates(folder: Path) -> list[Path]:
    for name in _PREFERRED:
        if (folder / name).is_file():
            return [folder / name]
    return sorted(p for p in folder.iterdir() if p.is_file() and _reader(p) is not None)


def _reader(path: Path) -> Callable[[Path], FinishedCalculation] | None:
    if path.name.startswith("."):
        return None
    name = path.name.removesuffix(".gz")
    if name in _NAMES:
        return _NAMES[name]
    reader = _SUFFIXES.get(Path(name).suffix.lower())
    return None if reader is read_ase and name != path.name else reader
