"""Finished calculations in one ASE database (an SQLite file), each under a key.

The key is a hash of the starting structure, the engine, its versions and its settings, so
nothing is computed twice and an interrupted run resumes where it stopped. Several processes may
use one database; a row that is not as it was written is reported and not used.
"""

import contextlib
import hashlib
import json
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ase.db
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from adatom.energies.engines import Engine
from adatom.errors import AdatomError, AdatomWarning

LOCK_WAIT_S = 300.0
"""How long a process waits for another that is writing; a write takes about 10 ms."""
_RESULTS = ("energy", "forces", "magmom", "magmoms", "charges")
"""Results of a calculator that the checksum covers."""


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
    events: tuple[str, ...] = ()
    """What happened to the site and its adsorbate on the way, one line each."""


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
        # Not ASE's lock file: a killed process would leave it and block every later one. SQLite
        # locks the file itself, and undoes what a killed process had half written.
        self._db = ase.db.connect(str(path), type="db", append=True, use_lock_file=False)

    def get(self, key: str) -> tuple[Record, Atoms] | None:
        """The record and relaxed structure stored under ``key``, or None.

        A row that is not as it was written is not used: an
        :class:`~adatom.errors.AdatomWarning` names it. Raises
        :class:`~adatom.errors.AdatomError` if the file itself cannot be read.
        """
        if not self.path.exists() or not self.path.stat().st_size:
            return None
        with self._connection() as connection:
            found, damaged = self._find(connection, key)
        for row, reason in damaged.items():
            warnings.warn(
                f"row {row} of {self.path} is damaged ({reason}); it is not used", AdatomWarning,
                stacklevel=2,
            )  # fmt: skip
        return found

    def put(self, record: Record, atoms: Atoms) -> tuple[Record, Atoms]:
        """Store a record with its relaxed structure; return what the database now holds.

        If another process stored the same calculation meanwhile, its result stays and is
        returned, so that all processes continue from the same numbers. A damaged row of this
        calculation is replaced.
        """
        data = asdict(record)
        for name in ("energy_eV", "max_force_eV_A"):
            data[name] = None if np.isnan(data[name]) else data[name]
        data = json.loads(json.dumps(data))
        info = {
            k: [int(i) for i in atoms.info[k]] for k in ("metals", "adsorbate") if k in atoms.info
        }
        with self._connection() as connection:
            # One transaction each, the write lock taken first: else two processes that both
            # create the file or both miss the key would get into each other's way.
            connection.execute("begin immediate")
            self._db.count()  # creates the tables of a new file
            connection.commit()
            connection.execute("begin immediate")
            found, damaged = self._find(connection, record.key)
            if found is not None:
                return found
            self._db.write(
                atoms,
                id=next(iter(damaged), None),
                calculation=f"k{record.key}",
                subject=record.subject,
                engine=record.engine,
                outcome=record.outcome,
                data={
                    "record": data,
                    "info": info,
                    "state": record.state,
                    "checksum": _checksum(data, info, atoms),
                },
            )
        return record, atoms

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """One connection, committed at the end."""
        with _plain_errors(self.path), self._db:
            connection: sqlite3.Connection = self._db.connection
            connection.execute(f"pragma busy_timeout = {1000 * LOCK_WAIT_S:.0f}")
            yield connection

    def _find(
        self, connection: sqlite3.Connection, key: str
    ) -> tuple[tuple[Record, Atoms] | None, dict[int, str]]:
        """The first sound row under ``key``, and the damaged ones before it with the reason."""
        if "text_key_values" not in _tables(connection):
            return None, {}
        rows = connection.execute(
            "select id from text_key_values where key = 'calculation' and value = ? order by id",
            (f"k{key}",),
        ).fetchall()
        damaged: dict[int, str] = {}
        for (row_id,) in rows:
            try:
                return _verified(self._db.get(id=row_id), key), damaged
            except sqlite3.Error:
                raise
            except Exception as error:  # decoding flipped bytes raises anything
                damaged[row_id] = " ".join(str(error).split())[:200] or type(error).__name__
        return None, damaged


def _verified(row: Any, key: str) -> tuple[Record, Atoms]:
    """Record and structure of a row; raises anything if it is not as it was written."""
    data = dict(row.data["record"])
    info = row.data["info"]
    atoms = row.toatoms()
    # Rows of older versions have no checksum; what the record repeats must agree in any case.
    stored = row.data.get("checksum")
    if stored is not None and stored != _checksum(data, info, atoms):
        raise ValueError("its checksum does not match")
    if data["key"] != key:
        raise ValueError("its record belongs to another calculation")
    if data["energy_eV"] is not None and abs(data["energy_eV"] - row.energy) > 1e-8:
        raise ValueError(
            f"its record says {data['energy_eV']} eV and its structure {row.energy} eV"
        )
    data["bound_metals"] = tuple(data["bound_metals"])
    data["events"] = tuple(data.get("events", ()))
    data["spin_trials"] = tuple(tuple(t) for t in data["spin_trials"])
    for name in ("energy_eV", "max_force_eV_A"):
        data[name] = float("nan") if data[name] is None else data[name]
    atoms.info.update({k: list(v) for k, v in info.items()})
    return Record(**data), atoms


def _checksum(record: Mapping[str, Any], info: Mapping[str, Any], atoms: Atoms) -> str:
    """Hash of everything in a row that is read back: record, structure, energy, forces."""
    digest = hashlib.sha256(json.dumps([record, info], sort_keys=True).encode())
    arrays = {
        "numbers": atoms.numbers,
        "positions": atoms.positions,
        "cell": atoms.cell[:],
        "pbc": atoms.pbc,
        "initial_moments": atoms.get_initial_magnetic_moments(),
    }
    results = {} if atoms.calc is None else atoms.calc.results
    arrays |= {name: results[name] for name in _RESULTS if results.get(name) is not None}
    for name, values in arrays.items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def _tables(connection: sqlite3.Connection) -> set[str]:
    names = connection.execute("select name from sqlite_master where type = 'table'")
    return {name for (name,) in names}


@contextlib.contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    """What SQLite (or ASE, of a half-made file) raises, as one line for people."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise AdatomError(
            f"database {path} cannot be used: {error}; is another process stuck, the disk full,"
            " or the file write-protected?"
        ) from error
    except (sqlite3.DatabaseError, OSError) as error:
        raise AdatomError(
            f"database {path} is damaged ({error}); move it away and run again, or rescue its"
            f" rows with: sqlite3 {path} .recover"
        ) from error


def _require_ase_database(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(15) != b"SQLite format 3":
            raise AdatomError(f"{path} is not an SQLite database; name another --database")
    with (
        _plain_errors(path),
        contextlib.closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as connection,
    ):
        tables = _tables(connection)
        # Reads every page once, about 2 ms a MB: better now than after an hour of computing.
        (verdict,) = connection.execute("pragma quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(" ".join(verdict.split()))
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
