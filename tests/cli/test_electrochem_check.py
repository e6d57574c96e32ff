"""``adatom electrochem check`` as a user runs it."""

import json
from pathlib import Path

import pytest

from adatom.cli import main

SNIPPETS = Path(__file__).resolve().parents[1] / "readers" / "snippets"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "check", *map(str, arguments)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_what_is_in_the_files(capsys):
    code, out, err = run(
        capsys, SNIPPETS / "rde_with_impedance_nova.txt", SNIPPETS / "three_segments.par"
    )
    assert (code, err) == (0, "")
    assert "Autolab NOVA" in out
    assert "1600" in out
    assert "0.299 .. 0.499" in out
    assert "beware: the electrode area in the file is 1 cm2" in out


def test_json_holds_units_in_its_names(capsys):
    code, out, _ = run(capsys, SNIPPETS / "rde_with_impedance_nova.txt", "--json", "-")
    (file,) = json.loads(out)["files"]
    assert code == 0
    assert len(file["sha256"]) == 64
    sweep, spectrum = file["segments"]
    assert sweep["technique"] == "cyclic voltammetry"
    assert sweep["points"] == 4
    assert sweep["ranges"]["potential_V"] == [0.299, 0.499]
    assert sweep["ranges"]["rotation_rpm"] == [1600.0, 1600.0]
    assert sweep["settings"]["scan_rate_V_s"] == "0.005"
    assert spectrum["ranges"]["frequency_Hz"] == [100.0, 1000.0]


def test_columns_are_named_and_the_rest_still_shown(capsys):
    table, good = SNIPPETS / "no_units.csv", SNIPPETS / "lsv.csv"
    code, out, err = run(capsys, table, good)
    assert code == 2
    assert "lsv.csv: table" in out
    assert err.count("\n") == 1
    assert "--columns potential_V='E'" in err
    code, out, _ = run(capsys, table, "--columns", "potential_V=E", "--columns", "current_mA=-I")
    assert code == 0
    assert "0.0015 .. 0.0025" in out


@pytest.mark.parametrize("text", ["potential_V", "=E", "potential_V="])
def test_a_map_that_is_none_is_refused(capsys, text):
    code, _, err = run(capsys, SNIPPETS / "lsv.csv", "--columns", text)
    assert code == 2
    assert "must be NAME=COLUMN" in err
