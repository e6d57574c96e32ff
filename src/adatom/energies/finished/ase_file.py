"""Files that ASE reads, with the settings of the calculator where they are kept in them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.db import connect
from ase.io import read

from adatom.energies.finished.calculation import MAX_BYTES, FinishedCalculation
from adatom.energies.finished.vasp import vasp_settings
from adatom.energies.settings import PLANE_WAVES, CalculationSettings
from adatom.errors import EnergyTableError

FORMATS = {".extxyz": "extxyz", ".json": "json", ".traj": "traj", ".gpw": "gpw",
           ".castep": "castep-castep", ".abo": "abinit-out", ".aims": "aims-output"}  # fmt: skip
"""Suffix -> ASE format. A fixed list: none of these readers unpickles or runs anything."""

_GPAW_U = re.compile(r":([spdf]),(\d+(?:\.\d+)?)")


def read_ase(file: Path) -> FinishedCalculation:
    """Read the last structure of a file in one of ``FORMATS``.

    Settings are known where the file keeps the parameters of a VASP or GPAW calculator. Raises
    :class:`~adatom.errors.EnergyTableError` when it cannot be read or holds no energy.
    """
    kind = FORMATS[file.suffix.lower()]
    if file.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        atoms, kept = _last(file, kind)
    except Exception as error:  # readers of foreign formats raise anything
        raise EnergyTableError(f"{file}: cannot be read as {kind}: {error}") from error
    if not isinstance(atoms, Atoms) or atoms.calc is None:
        raise EnergyTableError(f"{file}: holds no energy; give the last step of a finished run")
    try:
        energy = float(atoms.get_potential_energy())
    except Exception as error:
        raise EnergyTableError(f"{file}: holds no energy ({error})") from error
    name = str(getattr(atoms.calc, "name", "unknown"))
    try:
        settings = _settings(name, kept, atoms)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EnergyTableError(f"{file}: its {name} parameters make no sense: {error}") from error
    return FinishedCalculation(file, atoms, energy, settings)


def _last(file: Path, kind: str) -> tuple[Any, Mapping[str, Any]]:
    """Last structure of a file, and the parameters of its calculator."""
    if kind == "json":  # ase.io drops the parameters that the rows keep
        rows = list(connect(str(file), type="json", use_lock_file=False).select())
        if not rows:
            return None, {}
        return rows[-1].toatoms(), rows[-1].get("calculator_parameters", {})
    atoms = read(file, index=-1, format=kind)
    return atoms, getattr(getattr(atoms, "calc", None), "parameters", None) or {}


def _settings(name: str, parameters: Mapping[str, Any], atoms: Atoms) -> CalculationSettings:
    if name == "vasp" and parameters:
        return _from_vasp(parameters, atoms)
    if name == "gpaw" and parameters:
        return gpaw_settings(parameters, atoms.get_chemical_symbols())
    codes = {"vasp": "VASP", "gpaw": "GPAW", "espresso": "Quantum ESPRESSO", "unknown": None}
    return CalculationSettings(code=codes.get(name, name))


def _from_vasp(parameters: Mapping[str, Any], atoms: Atoms) -> CalculationSettings:
    """Settings from the parameters of ASE's Vasp calculator, which hold what was set alone."""
    species = list(dict.fromkeys(atoms.get_chemical_symbols()))
    tags = {
        key.upper(): "T" if value is True else "F" if value is False else str(value)
        for key, value in parameters.items()
        if isinstance(value, str | int | float) and value is not None
    }
    moments = atoms.get_initial_magnetic_moments().any() or "magmoms" in atoms.calc.results
    if "ISPIN" not in tags and moments:  # ASE asks for spin when there are moments
        tags["ISPIN"] = "2"
    shells = parameters.get("ldau_luj")
    if shells:
        tags["LDAU"] = tags.get("LDAU", "T")
        for letter in "LUJ":
            unset = -1 if letter == "L" else 0.0
            values = [shells.get(s, {}).get(letter, unset) for s in species]
            tags[f"LDAU{letter}"] = " ".join(str(v) for v in values)
    functional = str(parameters.get("xc", "") or "").upper()
    exchange = {"PBE": "PE", "RPBE": "RP", "PBESOL": "PS", "PW91": "91", "LDA": "CA"}.get(
        functional, functional
    )
    mesh = _mesh(parameters.get("kpts"))
    gamma = None
    if mesh is not None:
        gamma = bool(parameters.get("gamma")) or all(n % 2 for n in mesh)
    return vasp_settings(
        tags,
        species=species,
        pseudopotentials=[_setup(parameters, s) for s in species],
        exchange=exchange or str(parameters.get("pp", "")).upper(),
        kpoints=mesh,
        kpoints_gamma=gamma,
        charge_e=None if "NELECT" in tags else float(parameters.get("charge") or 0.0),
    )


def _mesh(kpts: Any) -> tuple[int, int, int] | None:
    if not isinstance(kpts, Sequence | np.ndarray) or np.shape(kpts) != (3,):
        return None
    n1, n2, n3 = (int(n) for n in kpts)
    return n1, n2, n3


def _setup(parameters: Mapping[str, Any], symbol: str) -> str:
    family = str(parameters.get("pp") or parameters.get("xc") or "").upper()
    setups = parameters.get("setups") or {}
    if isinstance(setups, str):
        return f"{family} {setups}"
    return f"{family} {setups.get('base', '')} {symbol}{setups.get(symbol, '')}"


def gpaw_settings(
    parameters: Mapping[str, Any], symbols: Sequence[str] = ()
) -> CalculationSettings:
    """Settings from GPAW's parameters, or from those that adatom records of its engines.

    A Hubbard correction is part of the setups: ``{"Fe": ":d,4.0"}``.
    """
    mode, cutoff = parameters.get("mode"), None
    name = str(mode.get("name", "")) if isinstance(mode, Mapping) else str(mode or "")
    if isinstance(mode, Mapping) and "ecut" in mode:
        cutoff = float(mode["ecut"])
    elif name.startswith("pw ") and name.endswith(" eV"):
        cutoff = float(name[3:-3])
    basis: str | None = None
    if name.startswith("pw"):
        basis = PLANE_WAVES
    elif name:
        spacing = parameters.get("h", parameters.get("h_A"))
        grid = f", grid {float(spacing):g} A" if isinstance(spacing, int | float) else ""
        orbitals = parameters.get("basis") or ""
        if isinstance(orbitals, Mapping):
            orbitals = ", ".join(f"{k} {v}" for k, v in orbitals.items())
        basis = f"{name} {orbitals}".strip().replace("default ", "") + grid
    kpts = parameters.get("kpts")
    gamma = bool(kpts.get("gamma")) if isinstance(kpts, Mapping) else False
    mesh = _mesh(kpts.get("size") if isinstance(kpts, Mapping) else kpts)
    spin = parameters.get("spinpol", parameters.get("spin_polarised"))
    functional = parameters.get("xc")
    if isinstance(functional, Mapping):
        functional = functional.get("name")
    setups = parameters.get("setups") or {}
    u_eV = dict.fromkeys(symbols, 0.0)
    shells = []
    for element, setup in setups.items() if isinstance(setups, Mapping) else ():
        if match := _GPAW_U.search(str(setup)):
            u_eV[element] = float(match[2])
            shells.append(f"{element} {match[1]}")
    plain = isinstance(setups, Mapping)
    return CalculationSettings(
        code="GPAW",
        functional=str(functional) if isinstance(functional, str) else None,
        hubbard_u_eV=u_eV if plain else None,
        hubbard_scheme=f"GPAW: {', '.join(sorted(shells))}" if shells else "",
        cutoff_eV=cutoff,
        basis=basis,
        kpoints=mesh,
        kpoints_gamma=gamma or all(n % 2 for n in mesh) if mesh else None,
        spin_polarised=bool(spin) if spin is not None else None,
        dispersion="none",
        solvation="none" if "cavity" not in parameters else "continuum",
        dipole_correction="none" if not parameters.get("poissonsolver") else None,
        charge_e=float(parameters.get("charge") or 0.0),
    )
