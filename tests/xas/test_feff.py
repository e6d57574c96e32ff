import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from adatom.errors import SpectrumError
from adatom.xas import feff


def test_cluster_crosses_the_cell():
    symbols, vectors = feff.cut_cluster(bulk("Fe", "bcc", a=2.8665), 0, 3.0)
    distances = np.linalg.norm(vectors, axis=1)
    assert symbols == ["Fe"] * 15
    assert distances[1:9] == pytest.approx(8 * [2.4825], abs=1e-3)
    assert distances[9:] == pytest.approx(6 * [2.8665], abs=1e-3)


def test_input_has_one_potential_for_each_element():
    atoms = Atoms("FeN2C", [(0, 0, 0), (1.9, 0, 0), (-1.9, 0, 0), (0, 2.6, 0)])
    text = feff.feff_input(*feff.cut_cluster(atoms, 0, 6.0), label="x", edge="K",
                           longest_path_angstrom=5.0)  # fmt: skip
    assert {"0 26 Fe", "1 6 C", "2 7 N"} <= set(text.splitlines())
    assert text.count(" 2 N\n") == 2


def test_what_cannot_scatter_is_said():
    with pytest.raises(SpectrumError, match="no Co atom"):
        feff.site_paths(Atoms("Fe"), "Co", label="x")
    with pytest.raises(SpectrumError, match="nothing scatters"):
        feff.site_paths(Atoms("Fe"), "Fe", label="x")
    with pytest.raises(SpectrumError, match="overlap"):
        feff.site_paths(Atoms("FeN", [(0, 0, 0), (0, 0, 0.3)]), "Fe", label="x")


def test_no_feff_names_the_install_line(monkeypatch, tmp_path):
    monkeypatch.setattr(feff.util, "find_spec", lambda name: None)
    atoms = Atoms("FeN", [(0, 0, 0), (0, 0, 1.9)])
    with pytest.raises(SpectrumError, match="pip install 'feff10-rs"):
        feff.site_paths(atoms, "Fe", label="FeN", cache=tmp_path)


def test_feff_runs_and_is_not_run_twice(tmp_path, monkeypatch):
    """Two Fe with equal surroundings are one calculation."""
    pytest.importorskip("feff10", reason="needs feff10-rs")
    a, b = 1.885 / 2**0.5, 2.46
    corners = [(a, a, 0), (a, -a, 0), (-a, a, 0), (-a, -a, 0)]
    atoms = Atoms("FeN4", [(0, 0, 0), *corners]) + Atoms(
        "FeN4", np.add([(0, 0, 0), *corners], (0, 0, b))
    )
    found = feff.site_paths(
        atoms, "Fe", label="FeN4 twice", longest_path_angstrom=2.6, cache=tmp_path
    )
    nitrogen, metal = found.paths[0], found.singles(("Fe",), 2.5)[0]
    assert (nitrogen.name, nitrogen.degeneracy) == ("Fe-N", 4.0)
    assert nitrogen.distance_angstrom == pytest.approx(1.885, abs=1e-3)
    assert (metal.degeneracy, metal.distance_angstrom) == (1.0, 2.46)
    assert len(list(tmp_path.glob("*.json"))) == 1

    def must_not_run(*given):
        raise AssertionError("computed twice")

    monkeypatch.setattr(feff, "_run", must_not_run)
    feff.site_paths(atoms, "Fe", label="FeN4 twice", longest_path_angstrom=2.6, cache=tmp_path)


def test_a_feff6_input_of_others(data_folder, tmp_path, monkeypatch):
    """FeO of xraylarch's examples: 6 O at 2.155 A, 12 Fe at 3.048 A; read, not run, here."""
    seen = {}
    monkeypatch.setattr(feff, "_computed", lambda text, label, edge, cache: seen.update(text=text))
    feff.paths_from_input(data_folder / "xas" / "larch_feff_FeO.inp")
    assert "POTENTIALS" in seen["text"]
    wrong = tmp_path / "feff.inp"
    wrong.write_text("TITLE nothing\n")
    with pytest.raises(SpectrumError, match="POTENTIALS and ATOMS"):
        feff.paths_from_input(wrong)
