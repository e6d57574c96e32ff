"""``adatom volcano`` as a user runs it."""

import json

import numpy as np
import pytest

from adatom.cli import main

TABLE = (
    "site,*OH,*O,*OOH,*OH_sd,*O_sd\n"
    "on,0.86,1.72,4.06,0.1,0.15\noff,1.0,2.2,3.9,0.15,0.2\n"
)  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text(TABLE)
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["volcano", *(str(a) for a in arguments)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_the_json_holds_map_lines_and_sites(capsys, table):
    code, out, err = run(capsys, "--energies", table, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    assert data["quantity"] == "limiting potential"
    assert data["apex"]["value_V_rhe"] == pytest.approx(0.86, abs=1e-9)
    assert data["apex"]["descriptors_eV"]["*OH"] == pytest.approx(0.86, abs=1e-9)
    assert len(data["values_V_rhe"]) == len(data["axes"][0]["free_energy_eV"])
    assert {line["state"]: line["intercept_eV"] for line in data["lines"]} == {
        "*OOH": 3.2,
        "*O": 0.0,
    }
    assert all(line["source"] for line in data["lines"])
    on, off = data["sites"]
    assert on["own_value_V_rhe"] == pytest.approx(0.86, abs=1e-9)
    assert on["map_value_V_rhe"] == pytest.approx(0.86, abs=1e-9)
    assert off["own_value_V_rhe"] == pytest.approx(1.0, abs=1e-9)
    assert off["map_value_V_rhe"] == pytest.approx(0.72, abs=1e-9)
    assert off["own_minus_line_eV"]["*OOH"] == pytest.approx(-0.3)
    assert off["descriptor_covariance_eV2"] == [[pytest.approx(0.0225)]]


def test_a_kinetic_map_of_two_descriptors_is_drawn_and_reported(capsys, table, tmp_path):
    import matplotlib.image

    picture, page, numbers = (tmp_path / n for n in ("map.png", "map.html", "map.json"))
    code, out, err = run(
        capsys, "--energies", table, "--x", "*OH", "--y", "*O", "--kinetic", "--potential", 0.8,
        "--points", 40, "--plot", picture, "--report", page, "--json", numbers,
    )  # fmt: skip
    assert code == 0, err
    assert "most abundant state" in out
    pixels = matplotlib.image.imread(picture)
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 200
    text = page.read_text()
    assert "https://cdn" not in text.split("<body>")[1]
    assert "at 0.8 V vs RHE" in text
    data = json.loads(numbers.read_text())
    assert np.array(data["values_log10_per_s"], dtype=float).shape == (40, 40)
    assert data["conditions"]["activities"] == {"O2": 1.0, "H2O2": 0.0}
    assert len(data["sites"][0]["descriptor_covariance_eV2"]) == 2


def test_packaged_sites_by_name(capsys):
    code, out, err = run(capsys, "FeN4@graphene", "CoN4@graphene", "--json", "-")
    assert code == 0, err
    assert [s["site"] for s in json.loads(out)["sites"]] == ["FeN4@graphene", "CoN4@graphene"]


def test_a_map_without_sites_and_with_lines_of_the_user(capsys):
    code, out, err = run(
        capsys, "--reaction", "CO2RR", "--x", "*CO", "--line", "*COOH=0.6+0.5**CO",
        "--line", "*H=0.3", "--x-range=-1,0.5", "--kinetic", "--potential", -0.6,
        "--product", "CO", "--activity", "CO=1e-6", "--json", "-",
    )  # fmt: skip
    assert code == 0, err
    data = json.loads(out)
    assert data["conditions"]["product"] == "CO"
    assert data["conditions"]["activities"]["CO"] == 1e-6
    assert "*CO -> *CHO" in data["steps_closed_for_want_of_lines"]


def test_the_axis_holds_every_site(capsys, table):
    table.write_text("site,*OH,*O,*OOH\nweak,3.1,5.0,6.0\n")
    code, out, _ = run(capsys, "--energies", table, "--json", "-")
    assert code == 0
    assert json.loads(out)["axes"][0]["free_energy_eV"][-1] == pytest.approx(3.4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--reaction", "XYZ"), "XYZ"),
        (("--reaction", "CO2RR"), "name one with --x"),
        (("--reaction", "CO2RR", "--x", "*CO"), "no line is known for *COOH, *H"),
        (("--reaction", "NRR", "--x", "*N"), "no line is known for"),
        (("--x", "*H"), "has no *H"),
        (("--y", "*OH"), "both axes"),
        (("--line", "*OOH"), "expected for example"),
        (("--line", "*OOH=3.2+1.0**H"), "rests on *H"),
        (("--x-range", "2,0"), "rising energies"),
        (("--x-range", "a"), "rising energies"),
        (("--y-range", "0,2"), "--y"),
        (("--points", "1"), "--points"),
        (("--points", "100000"), "--points"),
        (("--kinetic",), "needs its potential"),
        (("--potential", "0.8"), "add --kinetic"),
        (("--activity", "O2=1", "--barrier", "0.3"), "add --kinetic"),
        (("--kinetic", "--potential", "9"), "within 5 V"),
        (("--kinetic", "--potential", "0.8", "--activity", "O2"), "SPECIES=NUMBER"),
        (("--kinetic", "--potential", "0.8", "--activity", "CO=1"), "no dissolved CO"),
        (("--kinetic", "--potential", "0.8", "--activity", "O2=nan"), "0 or more"),
        (("--kinetic", "--potential", "0.8", "--barrier", "-1"), "barrier"),
        (("--kinetic", "--potential", "0.8", "--site-density", "0"), "site density"),
        (("--kinetic", "--potential", "0.8", "--product", "CO"), "does not make CO"),
        (("--plot", "map.doc"), ".png"),
        (("--energies", "nowhere.csv"), "does not exist"),
        (("OsN4@graphene",), "is not packaged"),
        (("OsN4@graphene", "--energies", "{table}"), "is not in"),
        (("--energies", "{table}", "--json", "{table}"), "read by this command"),
        (("--energies", "{table}", "--correction", "solvation"), "holds free energies"),
        (("--sd", "0.1"), "give it with --energies"),
        (("--reaction", "HER", "--energies", "{table}"), "has no *H"),
    ],
)
def test_bad_input_ends_in_one_line_and_two(
    capsys, table, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *(a.replace("{table}", str(table)) for a in arguments))
    assert code == 2, err
    assert message in err
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sites.csv"]
