"""``adatom energies check`` and the guard of ``adatom predict --energies FOLDER``."""

import json

import pytest
from ase.build import molecule

from adatom.cli import main
from adatom.sites.adsorbates import place_adsorbate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from vasp_files import Run, outcar, vasprun

ENERGIES = {"clean": -100.0, "OH": -110.5, "O": -106.5, "OOH": -115.5}


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


@pytest.fixture
def mixed(tmp_path):
    """Co-N4 whose substrate alone was computed with a Hubbard U."""
    bare = build_site(parse_site("CoN4@graphene"))
    home = tmp_path / "runs" / "CoN4"
    for state, energy in ENERGIES.items():
        atoms = bare if state == "clean" else place_adsorbate(bare, f"*{state}", "atop")
        (home / state).mkdir(parents=True)
        plus_u = Run(u_eV=3.32 if state == "clean" else 0.0)
        (home / state / "OUTCAR").write_text(outcar(atoms, energy, plus_u))
    for gas, energy in (("H2", -6.0), ("H2O", -14.0)):
        (home.parent / gas).mkdir()
        (home.parent / gas / "vasprun.xml").write_text(vasprun(molecule(gas, vacuum=5.0), energy))
    return home.parent


def test_the_mixed_folder_is_refused_with_files_and_values(capsys, mixed):
    code, out, err = run(capsys, "energies", "check", mixed)
    assert code == 2
    assert "Co 3.32" in out
    line = " ".join(out.split())
    assert "refused (hubbard_u): CoN4: Hubbard U Co: 3.32 eV in CoN4/clean/OUTCAR; 0 eV in" in line
    assert err.startswith("adatom: ")
    assert err.count("\n") == 1
    for part in ("3.32 eV in CoN4/clean/OUTCAR", "CoN4/OH/OUTCAR", "--allow hubbard_u"):
        assert part in err


def test_an_allowed_difference_passes_and_is_recorded(capsys, mixed, tmp_path):
    file = tmp_path / "check.json"
    code, out, _ = run(capsys, "energies", "check", mixed, "--allow", "hubbard_u", "--json", file)
    assert code == 0
    assert "allowed (hubbard_u)" in out
    data = json.loads(file.read_text())
    assert data["consistent"] is True
    site = data["sites"]["CoN4"]
    assert site["allowed"] == ["hubbard_u"]
    assert site["differences"][0]["allowed"] is True
    assert site["calculations"]["*"]["settings"]["hubbard_u_eV"]["Co"] == 3.32
    assert site["calculations"]["*OH"]["energy_eV"] == -110.5


def test_json_on_standard_output_holds_the_refusal_too(capsys, mixed):
    code, out, _ = run(capsys, "energies", "check", mixed, "--json", "-")
    assert code == 2
    data = json.loads(out)
    assert data["consistent"] is False
    assert data["sites"]["CoN4"]["differences"][0]["name"] == "hubbard_u"


def test_predict_refuses_the_same_and_records_what_was_allowed(capsys, mixed):
    code, _, err = run(capsys, "predict", "--energies", mixed)
    assert code == 2
    assert "Hubbard U Co" in err
    code, out, err = run(
        capsys, "predict", "--energies", mixed, "--allow", "hubbard_u", "--json", "-"
    )
    assert code == 0, err
    (result,) = json.loads(out)["results"]
    assert "allowed by --allow hubbard_u" in result["energy_source"]["caution"]
    code, out, _ = run(capsys, "predict", "--energies", mixed, "--allow", "hubbard_u")
    assert "allowed by --allow hubbard_u" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["energies", "check", "FOLDER", "--allow", "plus_u"], "expected: code, functional"),
        (["energies", "check", "FOLDER/CoN4/clean/OUTCAR"], "is no folder"),
        (["energies", "check", "FOLDER/H2"], "no bare site found"),
        (["predict", "FeN4@graphene", "--allow", "hubbard_u"], "give it with --energies"),
        (["predict", "FeN4@graphene", "--sd", "0.5"], "packaged sites have their own"),
    ],
)
def test_wrong_uses_are_one_line(capsys, mixed, arguments, words):
    code, _, err = run(capsys, *(a.replace("FOLDER", str(mixed)) for a in arguments))
    assert code == 2
    assert words in err
    assert err.count("\n") == 1


def test_an_unmeasured_engine_asks_for_its_uncertainty(capsys):
    pytest.importorskip("gpaw")
    code, _, err = run(capsys, "predict", "MnN4@graphene", "--engine", "gpaw-point-k3")
    assert code == 2
    assert "no measured uncertainty" in err
    assert "--sd" in err
