import json

import pytest
import typer
from typer.testing import CliRunner

from adatom.cli.stem_plan import plan
from adatom.errors import AdatomError
from adatom.stem import pair_power

QUICK = ["--field-angstrom", "100", "--pixel-angstrom", "0.2"]


def _run(*arguments):
    app = typer.Typer()
    app.command()(plan)
    result = CliRunner().invoke(app, [*arguments, *QUICK])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pair_power, "LIBRARY", 100)
    monkeypatch.setattr(pair_power, "TRIALS", 100)


def test_table_sentence_json_and_picture(quick, tmp_path):
    result = _run(
        "FeNiN6@graphene", "--density", "0.5,1", "--json", str(tmp_path / "plan.json"),
        "--plot", str(tmp_path / "plan.png"),
    )  # fmt: skip
    assert result.exit_code == 0
    plans = json.loads((tmp_path / "plan.json").read_text())["plans"]
    assert [p["density_per_nm2"] for p in plans] == [0.5, 1.0]
    assert {p["metal"] for p in plans} == {"Fe"}
    assert all(p["sentence"] in " ".join(result.output.split()) for p in plans)
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


def test_json_to_standard_output_is_all_there_is(quick):
    result = _run("--metal", "Pt", "--distance", "2.6", "--json", "-")
    assert json.loads(result.output)["plans"][0]["pair_distance_angstrom"] == 2.6


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "name a pair"),
        (["Fe2N6@graphene", "--metal", "Fe"], "name a pair"),
        (["--metal", "Fe"], "--distance"),
        (["FeN4@graphene"], "two"),
        (["--metal", "Xx", "--distance", "2.4"], "no image of a Xx"),
        (["--metal", "Fe", "--distance", "24"], "1.8 to 3.6"),
        (["Fe2N6@graphene", "--density", "1,dense"], "above 0"),
        (["Fe2N6@graphene", "--dose", ",".join(["1e4"] * 25)], "at most"),
        (["Fe2N6@graphene", "--thickness-angstrom", "nan"], "thickness"),
        (["Fe2N6@graphene", "--plot", "plan.txt"], ".png"),
    ],
)
def test_what_cannot_be_planned_is_said(arguments, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AdatomError, match=word):
        _run(*arguments)
    assert not list(tmp_path.iterdir())
