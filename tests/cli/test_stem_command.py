"""``adatom stem`` on tables of positions: numbers, refusals, one line each."""

import json

import numpy as np
import pytest

from adatom.cli import main
from adatom.stem import group_shares
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import Rectangle

ASKED = ["--field-angstrom", "130", "--resolution-angstrom", "1.5"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stem")
    for name, share in (("paired", 0.7), ("random", 0.0)):
        window = Rectangle(130.0, 130.0)
        points = throw_field(window, Population(1.0, {"pair": share}), np.random.default_rng(5))
        bright = np.where(np.arange(len(points)) % 2, 60.0, 400.0)
        rows = np.column_stack([points, bright])
        np.savetxt(folder / f"{name}.csv", rows, "%.4f", ",", comments="",
                   header="x_angstrom,y_angstrom,intensity")  # fmt: skip
    return folder


def run(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    said = capsys.readouterr()
    return stop.value.code, said.out, said.err


def test_paired_field_in_json_page_and_picture(tables, capsys, tmp_path):
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    code, out, _ = run(
        ["stem", tables / "paired.csv", *ASKED, "--json", "-", "--report", page, "--plot", picture,
         "--metals", "Fe,Pt"], capsys,
    )  # fmt: skip
    found = json.loads(out)
    assert code == 0
    assert found["verdict"].startswith("paired atoms: yes (probability")
    assert found["atoms"] == len(np.loadtxt(tables / "paired.csv", delimiter=",", skiprows=1))
    assert found["density_per_nm2"] == pytest.approx(found["atoms"] / 169.0)
    low, high = found["pair_fraction_interval_95"]
    assert low < 0.7 < high
    assert low < found["pair_fraction"] < high
    assert found["probability_no_pairs"] < 0.05
    low, high = found["pair_distance_interval_95"]
    assert low <= 2.4 <= high
    quantiles = found["pair_fraction_posterior"]
    assert len(quantiles) == 200
    assert quantiles == sorted(quantiles)
    assert any("RECALL NOT GIVEN" in text for text in found["assumed"])
    assert any("FALSE FRACTION NOT GIVEN" in text for text in found["assumed"])
    neighbours = found["files"][0]["neighbours"]
    half_bin = 0.5 * neighbours["distance_angstrom"][0]
    assert neighbours["pair_correlation_distance_angstrom"][0] == pytest.approx(half_bin)
    best = found["doublets"][0]
    assert best["probability"] > 0.8
    assert 0.0 <= best["hetero_probability"] <= 1.0
    assert found["convergence"]["r_hat"] < 1.05
    assert "Are they really pairs" in page.read_text()
    assert "http" not in page.read_text().split("<body>")[1]
    assert picture.stat().st_size > 10_000


def test_groups_are_given_where_asked_for(tables, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(group_shares, "ROUNDS", (120, 120, 120, 120))
    page = tmp_path / "page.html"
    code, out, _ = run(
        ["stem", tables / "paired.csv", *ASKED, "--groups", "--json", tmp_path / "found.json",
         "--report", page], capsys,
    )  # fmt: skip
    assert code == 0
    assert "with groups, trimers" in out
    assert "with trimers and clusters: three or more" in page.read_text()
    found = json.loads((tmp_path / "found.json").read_text())["group_shares"]
    low, high = found["pair_fraction"]["interval_95"]
    assert 0.0 <= low < high <= 1.0
    assert found["populations_thrown"] == 480


def test_random_field_is_not_called_paired(tables, capsys):
    code, out, _ = run(["stem", tables / "random.csv", *ASKED, "--recall", "1",
                        "--false-fraction", "0", "--json", "-"], capsys)  # fmt: skip
    found = json.loads(out)
    assert code == 0
    assert found["assumed"] == []
    assert found["pair_fraction"] == 0.0
    assert not found["verdict"].startswith("paired")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resolution-angstrom", "1.5"], "give --field-angstrom SIDE"),
        (["--field-angstrom", "130"], "give --resolution-angstrom"),
        (["--field-angstrom", "50", "--resolution-angstrom", "1.5"], "lies outside the field"),
        ([*ASKED, "--pair-distance", "1.2:1.4"], "hides pairs of up to 1.4 A"),
        ([*ASKED, "--pair-distance", "2"], "must be LOW:HIGH"),
        ([*ASKED, "--tilt", "steep"], "must be isotropic, in-plane"),
        ([*ASKED, "--recall", "1.5"], "recall 1.5"),
        ([*ASKED, "--false-fraction", "0.7"], "false fraction 0.7"),
        ([*ASKED, "--metals", "Fe"], "must be two elements"),
        (["--field-angstrom", "wide", "--resolution-angstrom", "1.5"], "must be a side in A"),
        ([*ASKED, "--plot", "x.txt"], "ends in .png"),
    ],
)
def test_bad_input_is_one_line_with_the_remedy(tables, capsys, options, said):
    code, out, err = run(["stem", tables / "paired.csv", *options], capsys)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert not out


def test_few_atoms_and_unknown_files_are_refused(tables, capsys, tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("x_angstrom,y_angstrom\n" + "".join(f"{5 * n},5\n" for n in range(9)))
    code, _, err = run(["stem", few, *ASKED], capsys)
    assert (code, "9 atoms, at least 10" in err) == (2, True)
    code, _, err = run(["stem", tmp_path / "none.csv", *ASKED], capsys)
    assert (code, "does not exist" in err) == (2, True)


def test_positions_in_nanometres_and_fields_given_twice_are_refused(tables, tmp_path, capsys):
    rows = (tables / "paired.csv").read_text().splitlines()
    small = tmp_path / "nm.csv"
    body = [",".join(f"{float(v) / 10:.4f}" for v in row.split(",")[:2]) for row in rows[1:]]
    small.write_text("\n".join(["x_angstrom,y_angstrom", *body]) + "\n")
    code, _, err = run(["stem", small, *ASKED], capsys)
    assert (code, "are positions in angstrom" in err) == (2, True)
    code, _, err = run(["stem", small, "--field-angstrom", "10", "--resolution-angstrom", "0.15"],
                       capsys)  # fmt: skip
    assert (code, "atoms per nm2, and graphene has 38" in err) == (2, True)
    copy = tmp_path / "copy.csv"
    copy.write_text("\n".join(rows) + "\n")
    code, _, err = run(["stem", tables / "paired.csv", copy, *ASKED], capsys)
    assert (code, "has the same atoms as" in err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--image", "HAADF"], "belong to images"),
        (["--pixel-size", "0.2"], "belong to images"),
        (["--picture", "a.png"], "tables of positions have none"),
        (["--report", "a.png"], "expected a page name that ends in .html"),
    ],
)
def test_options_of_images_and_names_of_pages(tables, capsys, options, said):
    code, _, err = run(["stem", tables / "paired.csv", *ASKED, *options], capsys)
    assert (code, said in err) == (2, True)
