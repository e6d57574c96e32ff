"""Structure files of a user: read with ASE, the format taken from the name.

The list is fixed: formats that unpickle or run code are not in it.
"""

from pathlib import Path

import ase.io
from ase import Atoms

from adatom.errors import StructureError

FORMATS = {
    ".extxyz": "extxyz",
    ".xyz": "extxyz",
    ".cif": "cif",
    ".vasp": "vasp",
    ".poscar": "vasp",
    ".contcar": "vasp",
    ".json": "json",
    ".traj": "traj",
    ".xsf": "xsf",
    ".pdb": "proteindatabank",
    ".pwi": "espresso-in",
    ".pwo": "espresso-out",
    ".outcar": "vasp-out",
    ".xml": "vasp-xml",
}
NAMES = {"POSCAR": "vasp", "CONTCAR": "vasp", "OUTCAR": "vasp-out", "vasprun.xml": "vasp-xml"}
MAX_BYTES = 200_000_000
"""Larger files are refused unread."""


def read_structure(path: Path) -> Atoms:
    """Read the last structure of a file.

    Raises :class:`~adatom.errors.StructureError` for a missing, too large, unknown or broken
    file.
    """
    kind = NAMES.get(path.name) or FORMATS.get(path.suffix.lower())
    if not path.is_file():
        raise StructureError(f"{path}: no such file")
    if kind is None:
        known = ", ".join([*NAMES, *(f"*{suffix}" for suffix in FORMATS)])
        raise StructureError(f"{path}: format not known from its name; expected one of: {known}")
    if path.stat().st_size > MAX_BYTES:
        raise StructureError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        atoms = ase.io.read(path, index=-1, format=kind)
    except Exception as error:  # readers of foreign formats raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StructureError(f"{path}: cannot be read as {kind}: {reason}") from error
    if not isinstance(atoms, Atoms) or not len(atoms):
        raise StructureError(f"{path}: holds no atoms")
    return atoms
