"""The database: what is read back is what was written, whoever else writes or is killed."""

import re
import signal
import sqlite3
import subprocess
import sys
import warnings
from collections import Counter
from contextlib import closing
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

import ase.db
import numpy as np
import pytest
from ase import Atoms

from adatom.energies.store import Record, Store, frozen_copy
from adatom.errors import AdatomError, AdatomWarning


def finished(name, energy=-1.5):
    atoms = Atoms("FeOH", positions=[[0, 0, 0], [0, 0, 1.8], [0.9, 0, 2.1]], cell=[8, 8, 8], pbc=1)
    atoms.info = {"metals": [0], "adsorbate": [1, 2]}
    atoms.set_initial_magnetic_moments([4.0, 0.0, 0.0])
    record = Record(
        key=name, subject="FeN4@graphene", state="*OH", position="atop", engine="toy",
        energy_eV=energy, outcome="adsorbed", bound_metals=(0,), steps=3,
        max_force_eV_A=0.03, converged=True, spin_trials=((4.0, 3.9, energy),),
        total_moment_bohr=3.9, seconds=1.0, settings={"cutoff": 3.0, "kpts": [1, 1, 1]},
        versions={"toy": "1"},
    )  # fmt: skip
    return record, frozen_copy(atoms, energy, np.full((3, 3), 0.01))


def sql(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "a.db"
    store = Store(path)
    store.put(*finished("first", -1.5))
    store.put(*finished("second", -2.5))
    return path


def test_what_is_read_is_what_was_written(database):
    record, atoms = finished("first")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, structure = Store(database).get("first")
    assert found == record
    assert np.array_equal(structure.positions, atoms.positions)
    assert structure.get_potential_energy() == record.energy_eV
    assert structure.info == {"metals": [0], "adsorbate": [1, 2]}


def flip(column, where):
    def damage(path):
        ((blob,),) = sql(path, f"select {column} from systems where id = 1")
        changed = bytearray(blob)
        changed[where if where >= 0 else len(changed) + where] ^= 0x10
        sql(path, f"update systems set {column} = ? where id = 1", bytes(changed))

    return damage


DAMAGES = {
    "a bit of the positions": flip("positions", 16),
    "a bit of the forces": flip("forces", 5),
    "a bit of the cell": flip("cell", 7),
    "a bit of the elements": flip("numbers", 0),
    "a bit of the record": flip("data", 200),
    "the start of the record": flip("data", 0),
    "the end of the record": flip("data", -3),
    "positions cut": lambda p: sql(
        p, "update systems set positions = substr(positions, 1, 40) where id = 1"
    ),
    "record lost": lambda p: sql(p, "update systems set data = x'' where id = 1"),
    "another energy": lambda p: sql(p, "update systems set energy = -9.9 where id = 1"),
    "no energy": lambda p: sql(p, "update systems set energy = null where id = 1"),
    "another row's record": lambda p: sql(
        p, "update systems set data = (select data from systems where id = 2) where id = 1"
    ),
    "another row's structure": lambda p: sql(
        p,
        "update systems set (positions, energy) ="
        " (select zeroblob(72), energy from systems where id = 2) where id = 1",
    ),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_row_is_named_not_used_and_replaced(database, what):
    DAMAGES[what](database)
    store = Store(database)
    with pytest.warns(AdatomWarning, match=r"row 1 of .*a\.db is damaged \(.+\); it is not used"):
        assert store.get("first") is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.get("second")[0].energy_eV == -2.5
        again = finished("first", -1.25)
        assert store.put(*again)[0] == again[0]
        assert store.get("first")[0] == again[0]
        assert store.get("second")[0].energy_eV == -2.5
    assert sql(database, "select count(*) from systems") == [(2,)]


def older(path, key, energy, record_energy=None):
    """A row as versions without checksum wrote it."""
    record, atoms = finished(key, energy)
    record = replace(record, energy_eV=energy if record_energy is None else record_energy)
    ase.db.connect(path).write(
        atoms, calculation=f"k{key}", subject="x", engine="toy", outcome="adsorbed",
        data={"record": asdict(record), "info": {"metals": [0]}, "state": "*OH"},
    )  # fmt: skip


def test_rows_of_older_versions_stay_readable(tmp_path):
    path = tmp_path / "old.db"
    older(path, "first", -1.5)
    older(path, "second", -1.5, record_energy=-1.4)
    store = Store(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.get("first")[0].energy_eV == -1.5
    with pytest.warns(AdatomWarning, match=r"row 2 .*record says -1.4 eV .* -1.5 eV"):
        assert store.get("second") is None


def test_the_first_result_of_a_calculation_stays(database):
    kept, atoms = Store(database).put(*finished("first", -7.0))
    assert kept.energy_eV == -1.5
    assert atoms.get_potential_energy() == -1.5
    assert sql(database, "select count(*) from systems") == [(2,)]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused_and_left_alone(database, share):
    whole = database.read_bytes()
    cut = whole[: int(share * len(whole))]
    database.write_bytes(cut)
    with pytest.raises(AdatomError, match=r"a\.db is damaged .*move it away"):
        Store(database).get("first")
    assert database.read_bytes() == cut


def test_a_page_of_rubbish_is_found_before_anything_is_computed(database):
    whole = bytearray(database.read_bytes())
    ((page,),) = sql(database, "select rootpage from sqlite_master where name = 'keys'")
    whole[4096 * (page - 1) : 4096 * page] = b"\xff" * 4096
    database.write_bytes(whole)
    with pytest.raises(AdatomError, match=r"a\.db is damaged"):
        Store(database)


def test_an_empty_file_is_a_new_database(tmp_path):
    path = tmp_path / "a.db"
    path.touch()
    store = Store(path)
    assert store.get("first") is None
    store.put(*finished("first"))
    assert store.get("first") is not None


def test_a_lock_file_left_by_a_killed_process_does_not_block(database):
    Path(f"{database}.lock").touch()
    Store(database).put(*finished("third"))
    assert Store(database).get("third") is not None


HALF_WRITTEN = """
import sys, time
from pathlib import Path
from adatom.energies.store import Store
from test_store import finished
store = Store(Path(sys.argv[1]))
with store._connection() as connection:
    connection.execute("pragma cache_size = 0")  # pages go to the file before the commit
    connection.execute("begin immediate")
    store._db.write(finished("third")[1], calculation="kthird", data={"big": "x" * 300000})
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_while_it_writes_leaves_no_trace(database):
    writer = subprocess.Popen(
        [sys.executable, "-c", HALF_WRITTEN, str(database)], cwd=Path(__file__).parent,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdout.readline() == "written\n"
    assert Path(f"{database}-journal").exists()
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    store = Store(database)
    assert store.get("first")[0].energy_eV == -1.5
    assert store.get("third") is None
    store.put(*finished("third"))
    assert store.get("third") is not None
    assert sql(database, "pragma integrity_check") == [("ok",)]


def write_many(path, writer, count, gate):
    gate.wait(60)
    store = Store(Path(path))
    for i in range(count):
        # Every second calculation is also done by all the others.
        name = f"shared-{i}" if i % 2 else f"own-{writer}-{i}"
        kept, _ = store.put(*finished(name, -1.0 - writer))
        assert store.get(name)[0] == kept


def test_processes_that_create_and_fill_one_database_at_once_lose_nothing(tmp_path):
    path, writers, count = tmp_path / "new.db", 4, 30
    context = get_context("spawn")
    gate = context.Barrier(writers)
    processes = [
        context.Process(target=write_many, args=(str(path), w, count, gate)) for w in range(writers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [p.exitcode for p in processes] == [0] * writers
    rows = sql(path, "select value from text_key_values where key = 'calculation'")
    counted = Counter(re.sub("^k", "", value) for (value,) in rows)
    expected = {f"own-{w}-{i}" for w in range(writers) for i in range(0, count, 2)}
    assert set(counted) == expected | {f"shared-{i}" for i in range(1, count, 2)}
    assert set(counted.values()) == {1}
    assert sql(path, "pragma integrity_check") == [("ok",)]


def test_a_database_that_another_process_holds_is_said_plainly(database, monkeypatch):
    monkeypatch.setattr("adatom.energies.store.LOCK_WAIT_S", 0.1)
    with closing(sqlite3.connect(database)) as other:
        other.execute("begin immediate")
        with pytest.raises(AdatomError, match=r"a\.db cannot be used: database is locked"):
            Store(database).put(*finished("third"))
        assert Store(database).get("first") is not None  # reading goes on
