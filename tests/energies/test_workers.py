"""Killed runs, several processes on one database, and sites that fail beside sites that do not.

Run as a program it is one process of such a run: ``test_workers.py DATABASE LOG SECONDS SITE...``.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from ase.calculators.calculator import Calculator, all_changes

from adatom.energies.compute import compute_energies
from adatom.energies.engines import Engine
from adatom.energies.store import Store
from adatom.errors import EngineError
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site

ADSORBATES = ("*H", "*O", "*OH", "*OOH")
SITES = ("FeN4@graphene", "CoN4@graphene")
STARTS = 1 + 1 + 1 + 2 + 2
"""Of M-N4: bare, *H, *O, and *OH and *OOH each with its tail along x and along y."""
TASKS = 2 + len(SITES) * STARTS


class Tethered(Calculator):
    """Every atom bound harmonically to where it starts: relaxed at once, energies known."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if not hasattr(self, "home"):
            self.home = atoms.positions.copy()
            time.sleep(float(os.environ.get("TETHERED_SECONDS", "0")))
            with open(os.environ["TETHERED_LOG"], "a") as log:
                log.write(f"{atoms.get_chemical_formula()}\n")
            fails = os.environ.get("TETHERED_FAILS", "none")
            if atoms.get_chemical_formula() in fails.split(","):
                raise RuntimeError("no convergence")
        away = atoms.positions - self.home
        self.results = {
            "energy": 0.5 * float((away**2).sum()) - 0.1 * float(np.sum(atoms.numbers)),
            "forces": -away,
        }


def tethered(atoms):
    return Tethered()


ENGINE = Engine(
    name="tethered", description="harmonic tethers", versions={"tethered": "1"}, settings={},
    citations=(), max_force_eV_A=0.05, max_steps=5, spin_resolved=False, prerelax=None,
    calculator=tethered,
)  # fmt: skip


def run(database, *, sites=SITES, workers=1):
    return compute_energies(
        [parse_site(s) for s in sites], engine_name=ENGINE, adsorbates=ADSORBATES,
        store=Store(Path(database)), workers=workers,
    )  # fmt: skip


def start(database, log, seconds, sites=SITES):
    environment = dict(os.environ, TETHERED_LOG=str(log), TETHERED_SECONDS=str(seconds))
    return subprocess.Popen(
        [sys.executable, __file__, str(database), *sites], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "log"
    path.write_text("")
    monkeypatch.setenv("TETHERED_LOG", str(path))
    return path


def bare_formula(site):
    return build_site(parse_site(site)).get_chemical_formula()


def keys(database):
    """How often each calculation stands in a database, read without adatom."""
    if not database.exists() or not database.stat().st_size:
        return Counter()
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        rows = connection.execute("select value from text_key_values where key = 'calculation'")
        return Counter(value for (value,) in rows)


def children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(p) for p in found]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_killed_run_resumes_without_recomputing(tmp_path, log):
    database = tmp_path / "killed.db"
    process = start(database, log, 0.3)
    wait_until(lambda: sum(keys(database).values()) >= TASKS // 2)
    workers = children(process.pid)
    assert workers
    process.send_signal(signal.SIGKILL)
    process.communicate()
    # The worker does not go on alone with what is queued.
    wait_until(lambda: not any(alive(pid) for pid in workers), 10.0)
    stored = keys(database)
    begun = len(log.read_text().splitlines())
    assert TASKS // 2 <= sum(stored.values()) < TASKS
    assert begun <= sum(stored.values()) + 2  # under way or not yet stored

    results = run(database)
    recomputed = len(log.read_text().splitlines()) - begun
    assert recomputed == TASKS - sum(stored.values())
    assert set(keys(database).values()) == {1}
    assert len(keys(database)) == TASKS
    undisturbed = run(tmp_path / "whole.db")
    for found, expected in zip(results, undisturbed, strict=True):
        assert not found.lost
        for ours, theirs in zip(found.records, expected.records, strict=True):
            assert (ours.key, ours.energy_eV) == (theirs.key, theirs.energy_eV)


def test_two_processes_on_one_new_database_lose_nothing(tmp_path, log):
    database = tmp_path / "shared.db"
    both = [
        start(database, log, 0.0, ("FeN4@graphene", "CoN4@graphene", "NiN4@graphene")),
        start(database, log, 0.0, ("NiN4@graphene", "CoN4@graphene", "CuN4@graphene")),
    ]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    counted = keys(database)
    assert len(counted) == 2 + 4 * STARTS
    assert set(counted.values()) == {1}
    before = len(log.read_text().splitlines())
    run(database, sites=("FeN4@graphene", "CoN4@graphene", "NiN4@graphene", "CuN4@graphene"))
    assert len(log.read_text().splitlines()) == before


def test_a_site_that_fails_leaves_the_others(tmp_path, log, monkeypatch):
    ok, bad = "CoN4@graphene", "FeN4@graphene"
    monkeypatch.setenv("TETHERED_FAILS", bare_formula(bad))
    lost, complete = run(tmp_path / "a.db", sites=(bad, ok))
    assert set(lost.lost) == set(ADSORBATES)
    assert "no convergence" in lost.lost["*H"]
    assert not complete.lost
    assert set(complete.lowest) == set(ADSORBATES)
    with pytest.raises(EngineError, match=r"FeN4@graphene.*\*OH.*no convergence"):
        lost.require(["*OH"])
    complete.require(ADSORBATES)


def test_one_lost_adsorbate_leaves_the_others_of_its_site(tmp_path, log, monkeypatch):
    (site,) = run(tmp_path / "a.db", sites=("FeN4@graphene",))
    monkeypatch.setenv("TETHERED_FAILS", site.lowest["*OOH"][1].get_chemical_formula())
    (partial,) = run(tmp_path / "b.db", sites=("FeN4@graphene",))
    assert set(partial.lost) == {"*OOH"}
    assert set(partial.lowest) == {"*H", "*O", "*OH"}
    # Not stored: a failure may be mended, so it is tried again.
    monkeypatch.setenv("TETHERED_FAILS", "none")
    (mended,) = run(tmp_path / "b.db", sites=("FeN4@graphene",))
    assert not mended.lost


def test_a_gas_that_fails_stops_everything(tmp_path, log, monkeypatch):
    monkeypatch.setenv("TETHERED_FAILS", "H2O")
    with pytest.raises(EngineError, match="gas H2O: RuntimeError: no convergence"):
        run(tmp_path / "a.db")


@pytest.mark.parametrize("failing", [1, 2])
def test_the_command_names_what_is_incomplete(tmp_path, log, monkeypatch, capsys, failing):
    from adatom.cli import main as command  # not at the top: every worker would load it

    monkeypatch.setenv("TETHERED_FAILS", ",".join(map(bare_formula, SITES[:failing])))
    monkeypatch.setattr(
        "adatom.cli.energies.compute_energies",
        lambda sites, **given: compute_energies(sites, **{**given, "engine_name": ENGINE}),
    )
    folder = tmp_path / "out"
    with pytest.raises(SystemExit) as stop:
        command(["energies", "compute", *SITES, "--engine", "chgnet", "--workers", "1",
                 "--database", str(tmp_path / "a.db"), "--folder", str(folder)])  # fmt: skip
    errors = capsys.readouterr().err.splitlines()
    named = [line for line in errors if line.startswith("adatom: warning: ")]
    assert len(named) == failing
    assert "FeN4@graphene is incomplete" in named[0]
    if failing == 1:
        assert stop.value.code == 0
        assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == ["CoN4@graphene"]
    else:
        assert stop.value.code == 2
        assert not folder.exists()


if __name__ == "__main__":
    for result in run(sys.argv[1], sites=sys.argv[2:]):
        assert not result.lost, result.lost
