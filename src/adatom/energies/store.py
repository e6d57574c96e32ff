"""Finished calculations in one ASE database (an SQLite file), each under a key.

The key is a hash of the starting structure, the engine, its versions and its settings, so
nothing is computed twice and an interrupted run resumes where it stopped.
"""

import contextlib
import hashlib
import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ase.db
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from adatom.energies.engines import Engine
from adatom.errors import AdatomError


@dataclass(frozen=True)
class Record:
    """One finished relaxation (or one that failed, which is a result too)."""

    key: str
    subject: str
    """What was computed: a site notation, or a molecule."""
    state: str
    """``*`` for the bare site, an adsorbate such as ``*OH``, or the molecule again."""
    position: str
    """Where the adsorbate started: atop, atop-1, atop-2, bridge; empty otherwise."""
    engine: str
    energy_eV: float
    """Electronic energy; NaN when the engine failed."""
    outcome: str
    """adsorbed, moved, dissociated, desorbed; relaxed for bare sites and gases; failed."""
    bound_metals: tuple[int, ...]
    steps: int
    max_force_eV_A: float
    converged: bool
    spin_trials: tuple[tuple[float, float, float], ...]
    """Initial total moment, final total moment (Bohr magnetons) and energy (eV) of each trial."""
    total_moment_bohr: float | None
    """Total magnetic moment of the relaxed state; None where the engine has no spin."""
    seconds: float
    settings: dict[str, Any]
    versions: dict[str, str]
    message: str = ""


def calculation_key(atoms: Atoms, engine: Engine) -> str:
    """Hash of everything that determines the result: structure, engine, versions, settings."""
    content = {
        "symbols": atoms.get_chemical_symbols(),
        "positions": np.round(atoms.positions, 4).tolist(),
        "cell": np.round(atoms.cell[:], 4).tolist(),
        "pbc": [bool(p) for p in atoms.pbc],
        "engine": engine.name,
        "versions": engine.versions,
        "settings": engine.settings,
        "max_force": engine.max_force_eV_A,
        "max_steps": engine.max_steps,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


class Store:
    """The database of finished calculations at one path."""

    def __init__(self, path: Path) -> None:
        """Open (or on first write create) the database.

        Raises :class:`~adatom.errors.AdatomError` if the path is not such a database.
        """
        self.path = path
        if path.is_dir():
            raise AdatomError(f"{path} is a folder; name a --database file in it")
        if path.exists() and path.stat().st_size:
            _require_ase_database(path)
        elif not path.parent.is_dir():
            raise AdatomError(f"folder {path.parent} for the database does not exist; create it")
        self._db = ase.db.connect(str(path), type="db", append=True)

    def get(self, key: str) -> tuple[Record, Atoms] | None:
        """The record and relaxed structure stored under ``key``, or None."""
        if not self.path.exists():
            return None
        for row in self._db.select(calculation=f"k{key}"):
            data = dict(row.data["record"])
            data["bound_metals"] = tuple(data["bound_metals"])
            data["spin_trials"] = tuple(tuple(t) for t in data["spin_trials"])
            for name in ("energy_eV", "max_force_eV_A"):
                data[name] = float("nan") if data[name] is None else data[name]
            atoms = row.toatoms()
            atoms.info.update({k: list(v) for k, v in row.data["info"].items()})
            return Record(**data), atoms
        return None

    def put(self, record: Record, atoms: Atoms) -> None:
        """Store a record with its relaxed structure."""
        data = asdict(record)
        for name in ("energy_eV", "max_force_eV_A"):
            data[name] = None if np.isnan(data[name]) else data[name]
        info = {
            k: [int(i) for i in atoms.info[k]] for k in ("metals", "adsorbate") if k in atoms.info
        }
        self._db.write(
            atoms,
            calculation=f"k{record.key}",
            subject=record.subject,
            engine=record.engine,
            outcome=record.outcome,
            data={"record": data, "info": info, "state": record.state},
        )


def _require_ase_database(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(15) != b"SQLite format 3":
            raise AdatomError(f"{path} is not an SQLite database; name another --database")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'")
        tables = {name for (name,) in names}
    if tables and "systems" not in tables:
        raise AdatomError(f"{path} is another program's database; name another --database")


def frozen_copy(atoms: Atoms, energy_eV: float, forces: np.ndarray | None) -> Atoms:
    """The structure with its energy attached and the engine detached."""
    copy = atoms.copy()
    results: dict[str, Any] = {"energy": energy_eV}
    if forces is not None:
        results["forces"] = forces
    copy.calc = SinglePointCalculator(copy, **results)
    copy.info = {k: v for k, v in atoms.info.items() if k in ("metals", "adsorbate")}
    return copy
