"""Relaxation, storage and resumption with the embedded engines (their weights ship with them)."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.lj import LennardJones

from adatom.energies.compute import compute_energies
from adatom.energies.engines import Engine, engine
from adatom.energies.folder import read_folder, write_folder
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store, calculation_key
from adatom.errors import AdatomError
from adatom.sites.notation import parse_site
from adatom.thermo.free_energies import electronic_formation_energies_eV


def toy_engine(calculator, **changes):
    fields = {
        "name": "toy", "description": "toy", "versions": {"toy": "1"},
        "settings": {"cutoff": 3.0}, "citations": (),
        "max_force_eV_A": 0.01, "max_steps": 100, "spin_resolved": False, "prerelax": None,
        "calculator": calculator,
    }  # fmt: skip
    return Engine(**{**fields, **changes})


def dimer(distance):
    atoms = molecule("H2")
    atoms.set_distance(0, 1, distance)
    return atoms


def test_a_relaxation_reaches_the_known_minimum():
    toy = toy_engine(lambda _: LennardJones(sigma=1.0, epsilon=0.1, rc=10.0))
    record, atoms = relax(Task("H2", "H2", "", dimer(1.2), toy))
    assert record.outcome == "relaxed"
    assert record.converged
    assert record.max_force_eV_A < 0.01
    assert atoms.get_distance(0, 1) == pytest.approx(2 ** (1 / 6), abs=0.02)


def test_a_relaxation_stops_at_its_step_limit_and_says_so():
    toy = toy_engine(lambda _: LennardJones(sigma=1.0, epsilon=0.1, rc=10.0), max_steps=1)
    record, _ = relax(Task("H2", "H2", "", dimer(1.6), toy))
    assert not record.converged
    assert record.steps == 1


def test_an_engine_that_raises_is_a_recorded_failure():
    def broken(_):
        raise RuntimeError("no convergence")

    record, _ = relax(Task("H2", "H2", "", dimer(0.8), toy_engine(broken)))
    assert record.outcome == "failed"
    assert "no convergence" in record.message
    assert np.isnan(record.energy_eV)


def test_one_spin_state_that_does_not_converge_does_not_lose_the_others():
    class Fussy(LennardJones):
        implemented_properties = (*LennardJones.implemented_properties, "magmom")

        def calculate(self, atoms=None, properties=None, system_changes=()):
            if atoms.get_initial_magnetic_moments().sum() == 2.0:
                raise RuntimeError("no convergence at low spin")
            super().calculate(atoms, ["energy", "forces"], list(system_changes))
            self.results["magmom"] = 4.0

    atoms = dimer(1.2)
    atoms.symbols[0] = "Fe"
    atoms.info["metals"] = [0]
    toy = toy_engine(lambda _: Fussy(sigma=1.0, epsilon=0.1, rc=10.0), spin_resolved=True)
    record, _ = relax(Task("x", "x", "", atoms, toy))
    assert record.outcome == "relaxed"
    assert [trial[0] for trial in record.spin_trials] == [4.0]


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table precious (x)")
    with pytest.raises(AdatomError, match="another program"):
        Store(path)


def test_the_key_holds_structure_engine_version_and_settings():
    base = toy_engine(None)
    key = calculation_key(dimer(0.8), base)
    assert key == calculation_key(dimer(0.8), base)
    assert key != calculation_key(dimer(0.81), base)
    assert key != calculation_key(dimer(0.8), toy_engine(None, versions={"toy": "2"}))
    assert key != calculation_key(dimer(0.8), toy_engine(None, settings={"cutoff": 4.0}))
    assert key != calculation_key(dimer(0.8), toy_engine(None, max_steps=5))


def test_records_survive_the_database(tmp_path):
    toy = toy_engine(lambda _: LennardJones(sigma=1.0, epsilon=0.1, rc=10.0))
    store = Store(tmp_path / "a.db")
    record, atoms = relax(Task("H2", "H2", "", dimer(1.2), toy))
    assert store.get(record.key) is None
    store.put(record, atoms)
    found, structure = Store(tmp_path / "a.db").get(record.key)
    assert found == record
    assert structure.positions == pytest.approx(atoms.positions)
    assert structure.get_potential_energy() == pytest.approx(record.energy_eV)


def test_a_file_that_is_no_database_is_refused_untouched(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my precious notes")
    with pytest.raises(AdatomError, match="not an SQLite database"):
        Store(path)
    assert path.read_text() == "my precious notes"


def test_chgnet_relaxes_a_site_and_nothing_is_computed_twice(tmp_path):
    pytest.importorskip("chgnet", reason="extra mlip is not installed")
    seen = []
    arguments = {
        "engine_name": "chgnet",
        "adsorbates": ("*H",),
        "store": Store(tmp_path / "a.db"),
        "workers": 2,
        "progress": lambda done, total, record: seen.append((done, total, record)),
    }
    (first,) = compute_energies([parse_site("CoN4@graphene")], **arguments)
    assert first.lowest["*H"][0].outcome == "adsorbed"
    assert first.bare[0].converged
    hydrogen = electronic_formation_energies_eV(first)["*H"]
    assert -1.0 < hydrogen < 1.0
    assert sum(record is not None for _, _, record in seen) == 4
    seen.clear()
    (again,) = compute_energies([parse_site("CoN4@graphene")], **arguments)
    assert [record for _, _, record in seen if record is not None] == []
    assert again.records == first.records

    folder = tmp_path / "out"
    write_folder(folder, [first])
    (read,) = read_folder(folder, adsorbates=("*H",))
    assert read.label == "CoN4@graphene"
    assert read.calculation.engine == "chgnet"
    assert read.calculation.versions == first.engine.versions
    assert read.energies_eV["*H"] == pytest.approx(first.lowest["*H"][0].energy_eV)
    assert read.gases_eV["H2O"] == pytest.approx(first.gases["H2O"][0].energy_eV)
    with pytest.raises(AdatomError, match="exists already"):
        write_folder(folder, [first])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.db", "out"]


def test_diep_and_chgnet_agree_on_water_within_their_nature():
    """Each engine has its own zero; the H-O-H geometry they find is physical in both."""
    for name in ("chgnet", "diep"):
        pytest.importorskip(name, reason="extra mlip is not installed")
        water = molecule("H2O")
        water.set_cell([10.0] * 3)
        water.center()
        record, atoms = relax(Task("H2O", "H2O", "", water, engine(name)))
        assert record.outcome == "relaxed", record.message
        assert atoms.get_distance(0, 1) == pytest.approx(0.97, abs=0.05)
        assert atoms.get_angle(1, 0, 2) == pytest.approx(105.0, abs=6.0)


def test_gpaw_computes_hydrogen_spin_resolved():
    pytest.importorskip("gpaw", reason="extra dft is not installed")
    atoms = dimer(0.75)
    atoms.set_cell([6.0] * 3)
    atoms.center()
    record, _ = relax(Task("H2", "H2", "", atoms, engine("gpaw")))
    assert record.outcome == "relaxed", record.message
    # PBE puts H2 6.7 eV below two spin-paired atoms; double-zeta orbitals fall 0.3 eV short.
    assert record.energy_eV == pytest.approx(-6.4, abs=0.2)
    assert record.total_moment_bohr == pytest.approx(0.0, abs=1e-3)
    assert len(record.spin_trials) == 1


def test_an_engine_on_anothers_geometries_runs_the_whole_chain(tmp_path, monkeypatch):
    """Each stage starts from the minima of the one before; its results are found again."""
    from functools import partial

    from adatom.energies import compute

    class Spring(LennardJones):
        """Every atom pulled to where the engine before left it, and a constant per engine."""

        def __init__(self, shift):
            super().__init__()
            self.shift = shift

        def calculate(self, atoms=None, properties=None, system_changes=()):
            self.results = {"energy": self.shift, "forces": np.zeros((len(atoms), 3))}

    chain = {"first": None, "second": "first", "third": "second"}

    def toy(name):
        shift = -float(list(chain).index(name))
        return toy_engine(lambda _: Spring(shift), name=name, prerelax=chain[name])

    monkeypatch.setattr(compute, "engine", toy)
    monkeypatch.setattr(compute, "run_tasks", partial(run_here, {}))
    (result,) = compute_energies(
        [parse_site("FeN4@graphene")], engine_name="third", adsorbates=("*H",),
        store=Store(tmp_path / "a.db"),
    )  # fmt: skip
    assert result.bare[0].energy_eV == -2.0
    assert [r.engine for r in result.prerelaxed] == ["first", "first", "second", "second"]
    assert result.notes == ()


def test_plane_waves_start_from_orbitals():
    pytest.importorskip("gpaw", reason="gpaw is not installed")
    from adatom.energies import engines

    assert engines.engine("gpaw-pw").prerelax == "gpaw"


def test_minima_outside_the_window_of_an_engine_are_not_pursued(tmp_path, monkeypatch):
    """Hydrogen 0.1 eV lower on iron than on cobalt: a window of 0.5 eV pursues both, 0 eV one."""
    from functools import partial

    from adatom.energies import compute

    class Preference(LennardJones):
        def calculate(self, atoms=None, properties=None, system_changes=()):
            iron, cobalt = (atoms.positions[atoms.symbols == metal] for metal in ("Fe", "Co"))
            to_iron, to_cobalt = (np.linalg.norm(m - atoms.positions[-1]) for m in (iron, cobalt))
            energy = -0.1 if to_iron < to_cobalt else 0.0
            self.results = {"energy": energy, "forces": np.zeros((len(atoms), 3))}

    monkeypatch.setattr(compute, "engine", lambda name: toy_engine(lambda _: Preference()))
    monkeypatch.setattr(compute, "run_tasks", partial(run_here, {}))
    pursued = {}
    for window in (0.5, 0.0):
        point = toy_engine(
            lambda _: Preference(), name="point", prerelax="toy", max_steps=0, window_eV=window
        )
        (result,) = compute_energies(
            [parse_site("FeCoN6@graphene")], engine_name=point, adsorbates=("*H",),
            store=Store(tmp_path / "a.db"),
        )  # fmt: skip
        pursued[window] = result.finished("*H")
        assert pursued[window][0][0].energy_eV == -0.1
    assert len(pursued[0.5]) > 1
    assert len(pursued[0.0]) == 1


def run_here(done, tasks, store, workers, progress):
    """The tasks one after another in this process."""
    for task in tasks:
        done[task.key] = relax(task)
    return done
