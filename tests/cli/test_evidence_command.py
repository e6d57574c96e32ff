"""``adatom evidence`` on sample files."""

import json
from math import log2

import numpy as np
import pytest

from adatom.cli import main
from adatom.evidence.composition import KINDS

SIMPLE = """
[sample]
metal = "Fe"
[stem]
pair_fraction = [0.4, 0.3, 0.5]
atoms = 300
clusters = 0
particles = 0
[exafs]
coordination_number = [0.4, 0.1, 0.7]
"""


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main(["evidence", *map(str, arguments)])
    return stop.value.code


@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "sample.toml"
    path.write_text(SIMPLE)
    return path


def test_the_example_gives_an_answer(tmp_path, capsys):
    assert run("--example") == 0
    path = tmp_path / "sample.toml"
    path.write_text(capsys.readouterr().out)
    page, picture, out = (tmp_path / n for n in ("page.html", "shares.png", "out.json"))
    assert run(path, "--json", out, "--report", page, "--plot", picture) == 0
    printed = capsys.readouterr().out
    assert "all together" in printed
    assert "metal outside the fields of view" in printed
    content = json.loads(out.read_text())
    values = [content[f"share_{kind}"]["value"] for kind in KINDS]
    assert sum(values) == pytest.approx(1.0)
    for kind in KINDS:
        figure = content[f"share_{kind}"]
        low, high = figure["interval_95"]
        assert 0.0 <= low < figure["value"] < high <= 1.0
        assert figure["unit"] == "1"
    # A third of the iron is in sextets, and EXAFS agrees.
    assert content["share_particles"]["interval_95"][0] > 0.1
    assert content["consistency"]["common_composition_p_value"] > 0.05
    kinds = {c["kind"] for c in content["contradictions"]}
    assert kinds == {"outside the fields of view"}
    assert {s["source"] for s in content["sources"]} == {
        "STEM", "EXAFS", "ICP", "Mossbauer", "XPS", "XRD",
    }  # fmt: skip
    assert page.read_text().startswith("<!doctype html>")
    assert "Contradictions" in page.read_text()
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_consistent_evidence_says_so(sample, capsys):
    assert run(sample, "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["consistency"]["consistent"] is True
    assert content["contradictions"] == []
    low, high = content["share_pairs"]["interval_95"]
    assert low < 0.4 < high
    for one in content["next_measurement"]:
        assert 0.0 <= one["expected_information_bit"] < log2(25)
        now = one["share_pairs_interval_width_now"]
        assert 0.0 < one["share_pairs_expected_interval_width"] < 1.05 * now


def test_results_of_the_other_commands_are_read(sample, tmp_path, capsys):
    """A posterior of quantiles says what the interval given by hand says."""
    rng = np.random.default_rng(0)
    draws = np.sort(rng.normal(0.4, 0.1 / 1.96, 20_000))
    stem = {
        "atoms": 300, "density_per_nm2": 1.0, "pair_fraction": 0.4,
        "pair_fraction_interval_95": [0.3, 0.5], "probability_no_pairs": 0.0,
        "pair_fraction_posterior": list(np.quantile(draws, (np.arange(200) + 0.5) / 200)),
    }  # fmt: skip
    xas = {
        "paths": [
            {"species": "Fe-N", "coordination_number": 4.0,
             "coordination_number_interval_95": [3.5, 4.5], "distance_angstrom": 1.95},
            {"species": "Fe-Fe", "coordination_number": {"value": 0.4, "interval_95": [0.1, 0.7]},
             "distance_angstrom": {"value": 2.4, "interval_95": [2.38, 2.42]}},
        ],
        "log10_bayes_factor_metal_metal": 300.0,
    }  # fmt: skip
    for name, content in (("stem", stem), ("xas", xas)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        for entry in xas["paths"]:
            if not isinstance(entry["distance_angstrom"], dict):
                entry["distance_angstrom_interval_95"] = [1.9, 2.0]
    (tmp_path / "xas.json").write_text(json.dumps(xas))
    files = tmp_path / "files.toml"
    files.write_text(
        SIMPLE.replace("pair_fraction = [0.4, 0.3, 0.5]", 'file = "stem.json"').replace(
            "coordination_number = [0.4, 0.1, 0.7]", 'file = "xas.json"\ns02_relative_sd = 0.1'
        )
    )
    answers = []
    for path in (sample, files):
        assert run(path, "--json", "-") == 0
        answers.append(json.loads(capsys.readouterr().out))
    for kind in KINDS:
        by_hand, read = (a[f"share_{kind}"] for a in answers)
        assert read["value"] == pytest.approx(by_hand["value"], abs=0.01)
        assert read["interval_95"] == pytest.approx(by_hand["interval_95"], abs=0.02)


def test_a_spectrum_without_a_metal_path(sample, tmp_path, capsys):
    """N over all models is used; without it an upper bound is asked for."""
    only = {"species": "N", "coordination_number": 4.0, "distance_angstrom": 1.95}
    models = {
        "metal_metal_coordination_number": 0.05,
        "metal_metal_coordination_number_interval_95": [0.0, 0.25],
    }
    sample.write_text(SIMPLE.replace("coordination_number = [0.4, 0.1, 0.7]", 'file = "x.json"'))
    xas = tmp_path / "x.json"
    xas.write_text(json.dumps({"paths": [only], "exafs": models}))
    assert run(sample, "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    exafs = next(s for s in content["sources"] if s["source"] == "EXAFS")
    assert exafs["measured"][0]["interval_95"] == [0.0, 0.25]
    assert exafs["alone"]["share_particles"]["interval_95"][1] < 0.06
    xas.write_text(json.dumps({"paths": [], "exafs": {**models, "verdict": "no model"}}))
    assert run(sample) == 2
    assert "no model describes this spectrum" in capsys.readouterr().err
    xas.write_text(json.dumps({"paths": [only]}))
    assert run(sample) == 2
    assert "coordination_number = [0, 0, bound]" in capsys.readouterr().err
    xas.write_text(json.dumps({"spectra": []}))
    assert run(sample) == 2
    assert "several spectra" in capsys.readouterr().err


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("atoms = 300", "atomes = 300", "did you mean atoms?"),
        ("[exafs]", "[exaf]", "did you mean exafs?"),
        ("[0.4, 0.3, 0.5]", "[40, 30, 50]", "not percent"),
        ("[0.4, 0.3, 0.5]", "[0.4, 0.5, 0.3]", "low <= value <= high"),
        ("[0.4, 0.3, 0.5]", "0.4", "[value, low, high]"),
        ("atoms = 300\n", "", "stem.clusters needs stem.atoms"),
        ("[0.4, 0.1, 0.7]", "[30.0, 20.0, 40.0]", "more than the 12 neighbours"),
        ("coordination_number = [0.4, 0.1, 0.7]", "", "needs exafs.coordination_number"),
        ("[exafs]\n", "[[exafs]]\ncoordination_number = [1, 0, 2]\n[[exafs]]\n"
         "s02_relative_sd = 0.2\n", "give it in the first [[exafs]]"),
        ("coordination_number = [0.4, 0.1, 0.7]", 'file = "none.json"', "none.json cannot be read"),
        ('"Fe"', '"Iron"', "an element such as Fe"),
        ('"Fe"', '"Co"\n[mossbauer]\nareas_percent = { D1 = 100 }\nareas_sd_percent = { D1 = 3 }',
         "is that of 57Fe"),
        ("[exafs]", "[mossbauer]\nareas_percent = { D1 = 100 }\n[exafs]",
         "needs mossbauer.areas_sd_percent"),
        ("[exafs]", "[prior]\ndirichlet = [1, 0, 0, 0]\n[exafs]", "allow at least two"),
        ("[exafs]", "[icp]\nmetal_wt_percent = 1.0\n[exafs]", "needs icp.metal_relative_sd"),
        ("[exafs]", "[exafs", "not a TOML file"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(sample, tmp_path, capsys, old, new, says):
    sample.write_text(SIMPLE.replace(old, new))
    out = tmp_path / "out.json"
    assert run(sample, "--json", out) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert says in said
    assert not out.exists()


def test_no_sample_and_no_overwriting(sample, capsys):
    assert run() == 2
    assert "--example" in capsys.readouterr().err
    assert run(sample, "--json", sample) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert run(sample.with_name("none.toml")) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_icp_without_its_inputs_is_not_used_and_said(sample, capsys):
    sample.write_text(SIMPLE + "[icp]\nmetal_wt_percent = 1.0\nmetal_relative_sd = 0.05\n")
    assert run(sample, "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    assert [s["source"] for s in content["sources"]] == ["STEM", "EXAFS"]
    note = next(n for n in content["notes"] if n.startswith("ICP is not used"))
    for name in ("stem.density_per_nm2", "icp.areal_mass_mg_m2"):
        assert name in note


def test_exafs_beyond_the_images_is_named(sample, capsys):
    """N(M-M) of 3.1 cannot be that of pairs; STEM saw no particles."""
    sample.write_text(SIMPLE.replace("[0.4, 0.1, 0.7]", "[3.1, 2.9, 3.3]"))
    assert run(sample, "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    (found,) = content["contradictions"]
    assert found["between"] == ["STEM", "EXAFS"]
    # (2.9 - 0.5) / (12 - 0.5) = 21 %.
    assert "at least 21 % of the metal in particles" in found["sentence"]
    assert "STEM saw no clusters or particles" in found["sentence"]
    assert content["share_particles"]["interval_95"][1] > 0.2
    # Particles of an oxide: (2.9 - 0.5) / (6 - 0.5) = 44 %.
    oxide = "[3.1, 2.9, 3.3]\nparticle_coordination = [4, 6]"
    sample.write_text(SIMPLE.replace("[0.4, 0.1, 0.7]", oxide))
    assert run(sample, "--json", "-") == 0
    (found,) = json.loads(capsys.readouterr().out)["contradictions"]
    assert "at least 44 % of the metal in particles" in found["sentence"]


@pytest.mark.parametrize(
    ("exafs", "said"),
    [
        ("coordination_number = [7.2, 5.4, 8.0]\ncounts = ['pairs']", "0 to 1"),
        ("coordination_number = [9.0, 8.0, 10.0]\n[prior]\ndirichlet = [1, 1, 0, 0]", "0 to 1"),
    ],
)
def test_a_number_that_no_composition_gives_is_named(tmp_path, capsys, exafs, said):
    path = tmp_path / "s.toml"
    path.write_text(f"[exafs]\n{exafs}\n")
    assert run(path, "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    (contradiction,) = found["contradictions"]
    assert contradiction["kind"] == "no composition"
    assert said in contradiction["sentence"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[exafs]\ncoordination_number = [-3.0, -4.0, -2.0]", "reaches above 0"),
        ("[exafs]\ncoordination_number = [1, 0.5, 1.5]\ndistance_angstrom = 248", "from 1 to 10"),
        ("[xps]\nsurface_ratio = [-1.0, -2.0, 0.1]", "not negative"),
        ("[icp]\nmetal_wt_percent = 1\nmetal_relative_sd = 5", "not percent"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, capsys, text, said):
    path = tmp_path / "s.toml"
    path.write_text(text + "\n")
    assert run(path) == 2
    assert said in capsys.readouterr().err


def test_another_element_and_cautions_of_images_are_said(tmp_path, capsys):
    (tmp_path / "xas.json").write_text(json.dumps({"paths": [], "element": "Fe"}))
    path = tmp_path / "s.toml"
    path.write_text('[sample]\nmetal = "Co"\n[exafs]\nfile = "xas.json"\n')
    assert run(path) == 2
    assert "the spectrum of Fe, but sample.metal is Co" in capsys.readouterr().err
    stem = {
        "pair_fraction": 0.4, "pair_fraction_interval_95": [0.3, 0.5], "atoms": 300, "fields": 2,
        "groups_of_three": {"caution": "more groups of three than expected"},
        "assumed": ["RECALL NOT GIVEN"],
    }  # fmt: skip
    (tmp_path / "stem.json").write_text(json.dumps(stem))
    path.write_text('[stem]\nfile = "stem.json"\n')
    assert run(path, "--json", "-") == 0
    answer = json.loads(capsys.readouterr().out)
    notes = answer["notes"]
    (linked,) = answer["results_read"]
    assert linked["file"].endswith("stem.json")
    assert len(linked["sha256"]) == 64
    assert "stem.json: more groups of three than expected" in notes
    assert "stem.json: RECALL NOT GIVEN" in notes
    path.write_text('[stem]\nfile = "stem.json"\nfields = 7\n')
    assert run(path) == 2
    assert "stem.fields is 7, but stem.json says 2" in capsys.readouterr().err
