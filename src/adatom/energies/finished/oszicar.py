"""A VASP run of which OSZICAR and INCAR are left, with CONTCAR or POSCAR and perhaps KPOINTS."""

import re
from itertools import groupby
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read

from adatom.energies.finished.calculation import (
    FinishedCalculation,
    text_lines,
    unfinished,
    with_results,
)
from adatom.energies.finished.outcar import RELAXATIONS
from adatom.energies.finished.vasp import (
    NELM_DEFAULT,
    is_true,
    kpoints_from_spacing,
    parse_incar,
    parse_kpoints,
    vasp_settings,
)
from adatom.energies.settings import CalculationSettings
from adatom.errors import EnergyTableError

_ELECTRONIC = re.compile(r"^[A-Z]{3,4}:\s*(\d+)\s")
_IONIC = re.compile(r"^\s*(\d+)\s.*\bE0=\s*(\S+)")
MAX_INPUT_BYTES = 10_000_000
"""Inputs (INCAR, KPOINTS, POSCAR) are never larger."""


def read_oszicar(file: Path) -> FinishedCalculation:
    """Read OSZICAR with the INCAR, CONTCAR or POSCAR, and KPOINTS beside it.

    The energy is E0 (sigma -> 0) of the last ionic step; pseudopotentials stay unknown. Raises
    :class:`~adatom.errors.EnergyTableError` for a missing or unreadable file, or an unconverged
    or unfinished run.
    """
    try:
        tags = parse_incar(_input(file, "INCAR"))
        energy, notes = _energy(file, tags)
        atoms, from_contcar = _structure(file)
        settings = _settings(file, tags, atoms)
    except (ValueError, IndexError) as error:
        raise EnergyTableError(
            f"{file}: cannot be read with the INCAR beside it: {error}"
        ) from error
    if not from_contcar and tags.get("IBRION", "-1") in RELAXATIONS:
        notes = (*notes, "structure from POSCAR, not from the end of its relaxation")
    with_results(atoms, energy, None)
    return FinishedCalculation(file, atoms, energy, settings, notes)


def _input(file: Path, name: str) -> str:
    path = file.with_name(name)
    if not path.is_file():
        raise EnergyTableError(f"{file}: {name} is missing beside it; add it, or give the OUTCAR")
    if path.stat().st_size > MAX_INPUT_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_INPUT_BYTES // 1_000_000} MB")
    return path.read_text(encoding="utf-8", errors="replace")


def _energy(file: Path, tags: dict[str, str]) -> tuple[float, tuple[str, ...]]:
    steps = loop = 0
    last_loop = 0
    energy: float | None = None
    for line in text_lines(file):
        if match := _ELECTRONIC.match(line):
            loop = int(match[1])
        elif match := _IONIC.match(line):
            energy, steps = float(match[2]), int(match[1])
            last_loop, loop = loop, 0
    if energy is None:
        raise unfinished(file, "no final energy")
    if loop:
        raise unfinished(file, f"the run was cut off in electronic step {loop}")
    nelm = int(tags.get("NELM", NELM_DEFAULT))
    if last_loop >= nelm:
        raise unfinished(file, f"the last electronic loop took all NELM = {nelm} steps")
    notes = ("an OSZICAR does not say whether the run came to its end",)
    allowed = int(tags.get("NSW", "0"))
    if tags.get("IBRION", "2" if allowed > 1 else "-1") in RELAXATIONS and 1 < allowed <= steps:
        notes = (f"relaxation took all NSW = {allowed} steps: it may not have converged",)
    return energy, notes


def _structure(file: Path) -> tuple[Atoms, bool]:
    for name in ("CONTCAR", "POSCAR"):
        path = file.with_name(name)
        if path.is_file() and path.stat().st_size:
            _input(file, name)
            try:
                atoms = read(path, format="vasp")
            except Exception as error:  # readers of foreign formats raise anything
                raise EnergyTableError(f"{path}: cannot be read as a POSCAR: {error}") from error
            assert isinstance(atoms, Atoms)
            return atoms, name == "CONTCAR"
    raise EnergyTableError(f"{file}: neither CONTCAR nor POSCAR beside it; add one")


def _settings(file: Path, tags: dict[str, str], atoms: Atoms) -> CalculationSettings:
    found: tuple[tuple[int, int, int], bool] | None = None
    if file.with_name("KPOINTS").is_file():
        found = parse_kpoints(_input(file, "KPOINTS"))
    elif "KSPACING" in tags:
        lengths = 2.0 * np.pi * np.linalg.norm(atoms.cell.reciprocal(), axis=1)
        mesh = kpoints_from_spacing(float(tags["KSPACING"].split()[0]), [float(v) for v in lengths])
        found = mesh, is_true(tags.get("KGAMMA", "T")) or all(n % 2 for n in mesh)
    species = [symbol for symbol, _ in groupby(atoms.get_chemical_symbols())]
    return vasp_settings(
        tags,
        species=species,
        kpoints=found[0] if found else None,
        kpoints_gamma=found[1] if found else None,
        charge_e=None if "NELECT" in tags else 0.0,
    )
