import pytest
from ase import Atoms

from adatom.energies import engines
from adatom.energies.engines import ENGINES, engine, initial_moments
from adatom.energies.relax import Task, relax
from adatom.energies.store import calculation_key
from adatom.errors import EngineError
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(EngineError, match="chgnet, diep, gpaw"):
        engine("vasp")


@pytest.mark.parametrize("name", ENGINES)
def test_a_missing_engine_is_answered_with_its_install_line(name, monkeypatch):
    monkeypatch.setattr("adatom.energies.engines.util.find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install") as caught:
        engine(name)
    assert "\n" not in str(caught.value)


def test_spin_trials_start_high_low_and_opposed():
    single = build_site(parse_site("FeN4@graphene"))
    assert [sum(m) for m in initial_moments(single)] == [4.0, 2.0]
    pair = build_site(parse_site("FeCoN6@graphene"))
    assert [sum(m) for m in initial_moments(pair)] == [7.0, 3.0, 1.0]
    assert initial_moments(Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.74]])) == [[0.0, 0.0]]


# Keys of one structure with fixed versions, computed when results were first stored under them.
# They must never change: every stored result would be computed again.
PINNED_KEYS = {
    "chgnet": "8e278aa1b355d5c59a54cdd2",
    "diep": "0dc21822a1e26ad07ed51a18",
    "gpaw": "4279f73835c3df6c21f10f04",
    "gpaw-point": "3e0c60e6e014da72eaf74f83",
}


@pytest.mark.parametrize("name", PINNED_KEYS)
def test_the_key_of_stored_results_does_not_change(name, monkeypatch):
    monkeypatch.setattr(engines.metadata, "version", lambda package: f"1.0-{package}")
    monkeypatch.setattr(engines.util, "find_spec", lambda _: object())
    atoms = Atoms("FeN", positions=[[0.1, 0.2, 5.0], [1.3, 1.4, 5.0]], cell=[9.0, 9.0, 15.0])
    atoms.pbc = True
    assert calculation_key(atoms, engine(name)) == PINNED_KEYS[name]


def test_a_point_is_the_relaxing_preset_without_its_steps():
    pytest.importorskip("gpaw")
    point, relaxing = engine("gpaw-point"), engine("gpaw")
    assert point.settings == relaxing.settings
    assert (point.max_steps, point.prerelax, point.spin_resolved) == (0, "chgnet", True)


def test_a_point_leaves_the_geometry_and_carries_forces():
    pytest.importorskip("gpaw")
    start = Atoms("H2", positions=[[2.5, 2.5, 2.0], [2.5, 2.5, 2.9]], cell=[5.0] * 3)
    record, atoms = relax(Task("H2", "H2", "", start, engine("gpaw-point")))
    assert (record.outcome, record.steps, record.converged) == ("relaxed", 0, False)
    assert atoms.positions == pytest.approx(start.positions)
    assert record.max_force_eV_A > 0.05
