"""Scalar fields on VASP's grids: LOCPOT, CHGCAR, AECCAR0 and AECCAR2.

A file is a POSCAR, an empty line, three grid dimensions, and the values with the first index
running fastest; a spin-polarised file repeats dimensions and values. Charges are stored as
density times volume.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from ase import Atoms
from ase.io import read

from adatom.energies.bader import MAX_POINTS
from adatom.errors import EnergyTableError

MAX_BYTES = 3_000_000_000
"""Larger files are refused unread."""
_MAX_HEADER_LINES = 100_000


@dataclass(frozen=True)
class VaspGrid:
    """One or two fields on the grid of a cell."""

    atoms: Atoms
    fields: tuple[np.ndarray, ...]
    """As stored: total, and where there is one the spin difference; each (n1, n2, n3)."""

    @property
    def densities(self) -> tuple[np.ndarray, ...]:
        """The fields of a charge file, per cubic angstrom."""
        return tuple(values / self.atoms.cell.volume for values in self.fields)


def read_grid(path: Path) -> VaspGrid:
    """Read a file of VASP's grid format.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file when it is too large, cut
    short, or not of the format.
    """
    if path.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
    with path.open("rb") as file:
        atoms = _header(file, path)
        line = file.readline(200)
        shape = _dimensions(line)
        if shape is None:
            raise EnergyTableError(
                f"{path}: expected three grid dimensions after the structure, found"
                f" {line[:60].decode(errors='replace').strip()!r}"
            )
        fields = [_values(file, shape, path)]
        while spin := file.readline(1000):  # past the augmentation occupancies
            if _dimensions(spin) == shape:
                fields.append(_values(file, shape, path))
                break
    return VaspGrid(atoms, tuple(fields))


def _header(file: BinaryIO, path: Path) -> Atoms:
    lines: list[str] = []
    for _ in range(_MAX_HEADER_LINES):
        line = file.readline(1000)
        if not line or (not line.strip() and len(lines) > 7):
            break
        lines.append(line.decode(errors="replace"))
    try:
        atoms = read(io.StringIO("".join(lines)), format="vasp")
    except Exception as error:  # the reader raises anything
        raise EnergyTableError(f"{path}: does not begin with a POSCAR: {error}") from error
    assert isinstance(atoms, Atoms)
    return atoms


def _dimensions(line: bytes) -> tuple[int, int, int] | None:
    parts = line.split()
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return None
    a, b, c = (int(p) for p in parts)
    return (a, b, c) if min(a, b, c) > 0 else None


def _values(file: BinaryIO, shape: tuple[int, int, int], path: Path) -> np.ndarray:
    count = int(np.prod(shape))
    if count > MAX_POINTS:
        raise EnergyTableError(f"{path}: {count} grid points, more than {MAX_POINTS}")
    try:
        values = np.fromfile(file, dtype=float, count=count, sep=" ")
    except ValueError as error:
        raise EnergyTableError(f"{path}: holds something that is no number ({error})") from error
    if len(values) != count or not np.isfinite(values).all():
        raise EnergyTableError(
            f"{path}: expected {count} finite numbers on the grid, found {len(values)}; is the"
            " file complete?"
        )
    return values.reshape(shape, order="F")
