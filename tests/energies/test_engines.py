import pytest
from ase import Atoms

from adatom.energies.engines import ENGINES, engine, initial_moments
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
