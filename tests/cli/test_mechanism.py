"""``adatom mechanism`` and the options of rates and positions of ``adatom predict``."""

import json

import pytest

from adatom.cli import main

PAIR = "site,*OH@Fe,*O@Fe,*OOH@Fe,*OH@Co,*O@Co,*OOH@Co\nFeCoN6@graphene,0.6,1.6,3.6,1.0,2.6,4.1\n"
FAST = ["--draws", "40", "--potentials", "1.1,0.9,0.7,0.5,0.3"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pair.csv").write_text(PAIR)

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return command


def test_the_list_names_every_reaction_with_its_potential(run):
    code, out, _ = run("mechanism", "list", "--json", "-")
    assert code == 0
    found = {m["name"]: m for m in json.loads(out)["mechanisms"]}
    assert set(found) == {"CER", "CO2RR", "HER", "HOR", "NO3RR", "NRR", "OER", "ORR"}
    assert found["CER"]["equilibrium_potential_V_rhe"] == pytest.approx(1.36, abs=0.01)


def test_showing_a_mechanism_on_a_pair(run, tmp_path):
    code, out, _ = run(
        "mechanism", "show", "HER", "--positions", "Fe-Co", "--json", "-", "--plot", "h.png"
    )
    assert code == 0
    shown = json.loads(out)
    assert len(shown["states"]) == 9
    assert shown["states"]["*H|*H"] == ["*H@Fe", "*H@Co", "*H@Co+*H@Fe"]
    assert (tmp_path / "h.png").read_bytes()[:4] == b"\x89PNG"
    code, out, _ = run("mechanism", "show", "HER")
    assert code == 0
    assert "no traps" in out


def test_interactions_are_asked_for_by_name(run):
    code, _, err = run("predict", "--energies", "pair.csv", *FAST)
    assert code == 2
    assert "no interaction energies for" in err
    assert "*OOH@Co+*OOH@Fe" in err
    assert "--lateral zero" in err


def test_a_pair_is_predicted_with_what_limits_it(run):
    code, out, _ = run(
        "predict", "--energies", "pair.csv", "--lateral", "zero", "--json", "-", *FAST
    )
    assert code == 0
    (site,) = json.loads(out)["results"]
    assert set(site["paths"]) == {"best path", "best to H2O2"}
    there = site["at_that_potential"]
    first = there["cycles"][0]
    assert first["states"][0] == first["states"][-1]
    assert first["electrons_consumed"] in (2, 4)
    assert there["energetic_span"]["span_eV"] > 0
    assert sum(site["degree_of_rate_control"]["steps"].values()) == pytest.approx(1.0, abs=1e-6)
    assert "interactions said to be zero" in str(site["energy_source"])


def test_rate_laws_barriers_activities_and_linear_terms_are_recorded(run, tmp_path):
    (tmp_path / "co2.csv").write_text("site,*COOH,*CO,*H\nA,0.5,0.0,0.6\n")
    arguments = ["predict", "--reaction", "CO2RR", "--energies", "co2.csv", "--draws", "40",
                 "--potentials", "-0.2,-0.5,-0.8", "--json", "-"]  # fmt: skip
    code, out, _ = run(
        *arguments, "--rate-law", "marcus", "--activity", "CO=0.1",
        "--step-barrier", "*CO -> CO=0.6", "--linear", "field=-0.5:*CO=0.2",
    )  # fmt: skip
    assert code == 0
    found = json.loads(out)
    (site,) = found["results"]
    assert site["free_energies_eV"]["*CO"] == pytest.approx(-0.1)
    assert "linear term field = -0.5" in str(site["energy_source"]["corrections"])
    assert found["provenance"]["conditions"]["activities"]["CO"] == 0.1
    assert found["provenance"]["conditions"]["rate_law"] == "marcus"
    shares = site["curve"]["faradaic_efficiency"]
    assert sum(s["nominal"][1] for s in shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mechanism", "show", "XYZ"], ["'XYZ' is unknown", "CO2RR"]),
        (["mechanism", "show", "absent.toml"], ["absent.toml does not exist"]),
        (["mechanism", "show", "ORR", "--positions", "A-B-C-D-E"], ["1 to 4 positions"]),
        (["mechanism", "show", "CO2RR", "--positions", "A-B-C"], ["more than 400 states"]),
        (["mechanism", "show", "ORR", "--plot", "x.gif"], [".png, .pdf or .svg"]),
        (["predict", "--energies", "pair.csv", "--lateral", "one"], ["--lateral must be zero"]),
        (["predict", "--energies", "pair.csv", "--rate-law", "eyring"], ["'eyring' is unknown"]),
        (["predict", "--energies", "pair.csv", "--exchange-rate", "1"], ["butler-volmer"]),
        (["predict", "--energies", "pair.csv", "--step-barrier", "x"], ["NAME=NUMBER"]),
        (["predict", "--energies", "pair.csv", "--step-barrier", "x=1"], ["no step 'x'"]),
        (["predict", "--energies", "pair.csv", "--activity", "Xe=1"], ["'Xe' cannot be given"]),
        (["predict", "--energies", "pair.csv", "--activity", "O2=-1"], ["'O2' cannot be given"]),
        (["predict", "--energies", "pair.csv", "--linear", "field=1"], ["names no adsorbates"]),
        (
            ["predict", "--energies", "pair.csv", "--lateral", "zero", "--linear", "f=1:*CO=1"],
            ["no energy of *CO"],
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments, words):
    code, _, err = run(*arguments)
    assert code == 2
    assert err.count("\n") == 1
    for word in words:
        assert word in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("site,*OH@Fe\nA,1\n", ["column 'positions'", "Fe-Co"]),
        ("site,positions,*OH@Fe\nA,Co-Ni,1\n", ["positions Co-Ni, not Fe"]),
        ("site,positions,*OH@Fe,*O\nA,Fe-Co,1,2\n", ["*O beside energies on its positions"]),
        ("site,positions,*O2*@Fe\nA,Fe-Co,1\n", ["sits on 2 position(s)"]),
        ("site,positions,*OH@Fe+*O\nA,Fe-Co,1\n", ["interaction"]),
        ("site,positions,*OH@Fe\nA,Fe-Co,1\n", ["no path of"]),
    ],
)
def test_tables_of_positions_say_what_is_wrong(run, tmp_path, text, words):
    (tmp_path / "bad.csv").write_text(text)
    code, _, err = run("predict", "--energies", "bad.csv", "--lateral", "zero", *FAST)
    assert code == 2
    for word in words:
        assert word in err
