"""``adatom sites``: what it prints, writes and refuses."""

import json
import subprocess
import sys

import ase.io
import pytest

from adatom.cli import main
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_list_prints_one_site_a_line(capsys):
    code, out, _ = run(capsys, "sites", "list", "M1M2N6@graphene", "--metals", "Fe,Co")
    assert code == 0
    assert out.split() == ["Fe2N6@graphene", "FeCoN6@graphene", "Co2N6@graphene"]


def test_list_of_thirty_metals_as_json(capsys, tmp_path):
    path = tmp_path / "pairs.json"
    code, _, _ = run(
        capsys, "sites", "list", "M1M2N6@graphene", "--metals", "3d,4d,5d", "--json", path
    )
    assert code == 0
    assert len(json.loads(path.read_text())["sites"]) == 465


def test_list_streams_into_a_pipe_that_closes():
    command = [
        sys.executable, "-c", "from adatom.cli import main; main()", "sites", "list",
        "M1M2M3X6@graphene", "--metals", "3d,4d,5d", "--shell", "N,C,S,P",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        process.stdout.close()
        error = process.stderr.read().decode()
        process.wait(timeout=60)
    assert lines[0].startswith(b"Sc3N6@graphene")
    assert "Traceback" not in error


def test_show_says_what_a_notation_and_a_file_are(capsys, tmp_path):
    code, out, _ = run(capsys, "sites", "show", "Fe-N3S1-OH@graphene")
    assert code == 0
    assert "asymmetric: coordination (lateral); coordination (axial)" in out
    path = tmp_path / "CONTCAR"
    ase.io.write(path, build_site(parse_site("FeCoN6@graphene")), format="vasp")
    code, out, _ = run(capsys, "sites", "show", path, "--json", "-")
    found = json.loads(out)
    assert code == 0
    # VASP sorts nothing: the metals come in the order of the file.
    assert found["notation"] == "FeCoN6@graphene"
    assert found["pairs"][0]["distance_A"] == pytest.approx(2.46)
    assert not found["symmetric"]


def test_show_draws_and_writes_the_structure(capsys, tmp_path):
    picture, structure = tmp_path / "site.png", tmp_path / "site.extxyz"
    code, _, _ = run(
        capsys, "sites", "show", "FeN4+Fe4@graphene", "--plot", picture, "--structure", structure
    )
    assert code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert len(ase.io.read(structure)) == 126 + 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "FeN9@graphene"], "character 3 is 'N', expected 4 or 3 or 2 atoms"),
        (["show", "FeN4@graphitee"], "expected a support"),
        (["show", "absent.cif"], "absent.cif: no such file"),
        (["show", "FeN4@graphene", "--plot", "x.gif"], ".png, .pdf or .svg"),
        (["show", "FeN4@graphene", "--json", "nowhere/x.json"], "does not exist"),
        (["list", "M1M2N9@graphene"], "character 5"),
        (["list", "MN4@graphene", "--metals", "Xx"], "metals: expected"),
        (["list", "MX4@graphene", "--shell", "Zr"], "shell elements: expected"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, arguments, words):
    code, out, err = run(capsys, "sites", *arguments)
    assert code == 2
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_structures_that_are_no_sites_are_refused(capsys, tmp_path):
    atoms = build_site(parse_site("FeN4@graphene"))
    bare = tmp_path / "bare.extxyz"
    ase.io.write(bare, atoms[:-1], columns=["symbols", "positions"])
    code, _, err = run(capsys, "sites", "show", bare)
    assert (code, "no metal" in err) == (2, True)
    atoms.positions[0] = atoms.positions[1] + 0.1
    ase.io.write(tmp_path / "overlap.extxyz", atoms, columns=["symbols", "positions"])
    code, _, err = run(capsys, "sites", "show", tmp_path / "overlap.extxyz")
    assert (code, "overlap" in err) == (2, True)
    (tmp_path / "broken.cif").write_text("data_\n_cell")
    code, _, err = run(capsys, "sites", "show", tmp_path / "broken.cif")
    assert (code, "cannot be read as cif" in err) == (2, True)
