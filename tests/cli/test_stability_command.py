"""``adatom stability`` as a user runs it."""

import json

import numpy as np
import pytest

from adatom.cli import main

TABLE = (
    "site,formation,formation_sd,*OH,empty_2H\n"
    "CoN4@graphene,-3.1,0.2,1.1,-2.4\nFeN4@graphene,-0.4,0.2,0.5,-2.4\n"
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "formation.csv"
    path.write_text(TABLE)
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["stability", *(str(a) for a in arguments)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_json_holds_the_numbers_with_their_conditions(capsys, table):
    code, out, err = run(capsys, "--energies", table, "--ph", 7, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    assert data["conditions"]["pH"] == 7
    cobalt, iron = data["results"]
    assert data["rank_activity_among"] == ["CoN4@graphene"]
    assert cobalt["verdict"]["name"] == "stable"
    assert iron["verdict"]["name"] == "precipitates"
    assert "Fe2O3(s)" in iron["verdict"]["lowest_state_without_metal"]
    standard = cobalt["dissolution_potential"]["standard"]
    assert standard["potential_V_she"] == pytest.approx(-0.28 + 3.1 / 2)
    assert standard["sd_V"] == pytest.approx(0.1)
    for result in (cobalt, iron):
        assert sum(result["verdict"]["probabilities"].values()) == pytest.approx(1.0)
        diagram = result["map"]
        shape = np.array(diagram["lowest_state_index"]).shape
        assert shape == (len(diagram["potential_V_she"]), len(diagram["pH"]))
        assert len(diagram["states"]) == len(diagram["keeps_metal"])
    assert all(f["source"] for f in cobalt["forms"]["Co"])


def test_the_table_names_the_sites_that_may_be_ranked(capsys, table):
    code, out, _ = run(capsys, "--energies", table, "--ph", 7)
    assert code == 0
    assert "rank activity only among: CoN4@graphene" in out
    assert "errors do not cancel" in out
    code, out, _ = run(capsys, "FeN4@graphene", "--energies", table, "--ph", 1)
    assert "no site probably keeps its metal" in out


def test_the_map_is_drawn_and_holds_every_site(capsys, table, tmp_path):
    import matplotlib.image

    picture = tmp_path / "map.png"
    code, _, err = run(capsys, "--energies", table, "--plot", picture, "--scale", "rhe")
    assert code == 0, err
    pixels = matplotlib.image.imread(picture)
    assert pixels.shape[1] > 1500
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name at least one site"),
        (("OsN4@graphene", "--energies", "{table}"), "is not in"),
        (("--energies", "{table}", "--ph", 20), "--ph must lie"),
        (("--energies", "{table}", "--activity", 0), "--activity must lie"),
        (("--energies", "{table}", "--potential", 5), "--potential must lie"),
        (("--energies", "{table}", "--scale", "NHE"), "SHE or RHE"),
        (("--energies", "{table}", "--plot", "map.doc"), ".png"),
        (("--energies", "{table}", "--engine", "chgnet"), "not both"),
        (("--energies", "nowhere.csv"), "does not exist"),
        (("FeN4@graphene", "--engine", "abacus"), "unknown"),
        (("OsN4@graphene",), "Os: no standard potential"),
        (("FeN4@graphene", "--json", "{table}", "--energies", "{table}"), "read by this command"),
    ],
)
def test_bad_input_ends_in_one_line_and_two(
    capsys, table, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    filled = [str(a).replace("{table}", str(table)) for a in arguments]
    code, out, err = run(capsys, *filled)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["formation.csv"]
