"""A finished calculation as read from its files."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from adatom.energies.settings import CalculationSettings
from adatom.errors import EnergyTableError

MAX_BYTES = 500_000_000
"""Larger files (unpacked) are refused unread."""
MAX_LINE = 100_000
"""Longer lines are cut: no line that is read is longer."""


@dataclass(frozen=True)
class FinishedCalculation:
    """Energy, structure and settings of one calculation that ended well."""

    file: Path
    atoms: Atoms
    """Last structure, with its energy (eV) and, where known, its forces (eV/angstrom)."""
    energy_eV: float
    """Electronic energy, extrapolated to zero smearing where the code gives that."""
    settings: CalculationSettings
    notes: tuple[str, ...] = ()
    """What the files cannot tell, or tell of an incomplete relaxation."""

    @property
    def max_force_eV_A(self) -> float | None:
        """Largest force on an atom that is free to move; None where no forces are given."""
        if "forces" not in self.atoms.calc.results:
            return None
        forces = np.asarray(self.atoms.get_forces(apply_constraint=True))
        return float(np.linalg.norm(forces, axis=1).max()) if len(forces) else 0.0


def unfinished(file: Path, why: str) -> EnergyTableError:
    """The error that refuses an unfinished calculation."""
    return EnergyTableError(f"{file}: not a finished calculation: {why}; finish it or remove it")


def with_results(atoms: Atoms, energy_eV: float, forces: np.ndarray | None) -> Atoms:
    """The structure with energy (eV) and forces (eV/angstrom) attached."""
    results = {"energy": energy_eV} | ({} if forces is None else {"forces": forces})
    atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def open_bounded(file: Path) -> IO[bytes]:
    """Open a file, gzipped or not, that is no larger than ``MAX_BYTES`` unpacked.

    Raises :class:`~adatom.errors.EnergyTableError` when it is larger or no gzip file.
    """
    too_large = f"{file} is larger than {MAX_BYTES // 1_000_000} MB"
    if file.stat().st_size > MAX_BYTES:
        raise EnergyTableError(too_large)
    if file.suffix != ".gz":
        return file.open("rb")
    size = 0
    try:
        with gzip.open(file) as packed:
            while block := packed.read(1 << 20):
                size += len(block)
                if size > MAX_BYTES:
                    raise EnergyTableError(too_large)
    except (OSError, EOFError) as error:
        raise EnergyTableError(f"{file}: cannot be unpacked: {error}") from error
    return gzip.open(file)  # type: ignore[return-value]


def text_lines(file: Path) -> Iterator[str]:
    """Lines of a text file one by one, without their ends."""
    with open_bounded(file) as stream:
        while line := stream.readline(MAX_LINE):
            yield line.decode("utf-8", errors="replace").rstrip()
