"""``adatom synergy`` and ``adatom library`` on files of ``adatom electrochem``."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "evidence"))
from synergy_laboratory import laboratory

from adatom.cli import main


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([*map(str, arguments)])
    return stop.value.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("results")
    laboratory(path, 5.0, np.random.default_rng(3))
    return path


def named(folder):
    files = [folder / f"{n}.json" for n in ("pair", "fe", "co")]
    return ["--pair", files[0], "--single", files[1], "--single", files[2]]


def test_a_pair_that_helps_is_said_to(folder, capsys):
    assert run("synergy", *named(folder), "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["verdict"] == "helps"
    low, high = content["synergy"]["interval_95"]
    assert low < 5.0 < high
    assert content["singles"][0]["turnover_frequency"]["unit"] == "s-1"
    assert sum(content["atomic_fractions"].values()) == pytest.approx(1.0)
    of_parts = sum(u["sd_of_ln_synergy"] ** 2 for u in content["uncertainties"])
    assert np.sqrt(of_parts) == pytest.approx(np.log(high / low) / 3.92, rel=0.05)
    assert run("synergy", *named(folder)) == 0
    assert capsys.readouterr().out.startswith("The pair helps: S = ")


def test_bad_input_is_one_line_and_nothing_is_written(folder, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert run("synergy", *named(folder), "--at", "0.8", "--json", out) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--kinetic-at 0.8" in said
    assert not out.exists()
    assert run("synergy", *named(folder), "--json", folder / "fe.json") == 2
    assert "is read by this command" in capsys.readouterr().err
    assert run("synergy", "--pair", folder / "pair.json", "--single", folder / "no.json") == 2
    assert "is no file" in capsys.readouterr().err


def raw(folder, name, half_V, metals, toml):
    """A sweep and what is known of it."""
    grid = np.linspace(1.05, 0.2, 900)
    kinetic = 5.6 * 10.0 ** ((half_V - grid) / 0.065)
    noise = 3e-3 * np.random.default_rng(len(name)).standard_normal(900)
    current = -1e-3 * 0.196 * (5.6 * kinetic / (5.6 + kinetic) + noise)
    table = np.column_stack([grid, current])
    path = folder / f"{name}.csv"
    np.savetxt(path, table, delimiter=",", header="Potential/V,Current/A", comments="")
    content = ", ".join(f"{m} = {w}" for m, w in metals.items())
    spread = ", ".join(f"{m} = {0.03 * w}" for m, w in metals.items())
    (folder / toml).write_text(f"""
[electrode]
area_cm2 = 0.196
area_sd_cm2 = 0.002
[electrolyte]
name = "0.1 M KOH"
[reference]
electrode = "RHE"
offset_sd_V = 0.001
[loading]
catalyst_mg_cm2 = 0.1
catalyst_sd_mg_cm2 = 0.003
metal_wt_percent = {{ {content} }}
metal_sd_wt_percent = {{ {spread} }}
[measurement]
reaction = "ORR"
rotation_rpm = 1600
""")
    return path


def test_raw_files_are_what_their_results_are(tmp_path, capsys):
    pair = raw(tmp_path, "pair", 0.88, {"Fe": 1.0}, "pair.toml")
    single = raw(tmp_path, "single", 0.85, {"Fe": 1.0}, "sample.toml")
    assert run("synergy", "--pair", pair, "--single", single, "--at", "0.85", "--json", "-") == 0
    direct = json.loads(capsys.readouterr().out)
    written = []
    for path, toml in ((pair, "pair.toml"), (single, "sample.toml")):
        written.append(path.with_suffix(".json"))
        run("electrochem", path, "--sample", tmp_path / toml, "--kinetic-at", "0.85", "--json",
            written[-1])  # fmt: skip
    capsys.readouterr()
    run("synergy", "--pair", written[0], "--single", written[1], "--json", "-")
    by_file = json.loads(capsys.readouterr().out)
    assert direct["synergy"]["value"] == by_file["synergy"]["value"]
    assert direct["synergy"]["interval_95"] == pytest.approx(by_file["synergy"]["interval_95"])
    # Same metal, loading and slope: S is the ratio of kinetic currents.
    low, high = direct["synergy"]["interval_95"]
    assert low < 10.0 ** (0.03 / 0.065) < high
    assert run("synergy", "--pair", pair, "--single", single, "--json", tmp_path / "pair.toml") == 2
    assert "is read by this command" in capsys.readouterr().err
    (tmp_path / "sample.toml").unlink()
    assert run("synergy", "--pair", pair, "--single", single) == 2
    assert "single.toml or sample.toml" in capsys.readouterr().err


def test_the_library_is_listed(capsys):
    arguments = ["--reaction", "ORR", "--electrolyte", "0.1 M KOH", "--metric", "E_half"]
    assert run("library", "list", *arguments, "--json", "-") == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    assert len(entries) == 10
    assert all(e["source"] and e["unit"] == "V vs RHE" for e in entries)
    assert run("library", "list", "--reaction", "NRR") == 0
    assert "Table 5" in capsys.readouterr().out
    assert run("library", "list", "--electrolyte", "tea") == 2
    assert "electrolyte 'tea' is unknown; there are 0.05 M H2SO4" in capsys.readouterr().err


def test_a_sample_is_set_among_published_ones(folder, tmp_path, capsys):
    picture = tmp_path / "standing.png"
    file = folder / "pair.json"
    assert run("library", "standing", file, "--plot", picture, "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    sweep = json.loads(file.read_text())["sweeps"][0]
    assert content["figure"]["value"] == sweep["half_wave_potential"]["value"]
    better = sum(e["value"] > content["figure"]["value"] for e in content["entries"])
    assert content["rank"] == better + 1
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("library", "standing", file) == 0
    assert "is not the average catalyst" in " ".join(capsys.readouterr().out.split())


def test_too_few_published_values_are_refused(folder, capsys):
    for metric, says in (
        ("tafel_slope", "at least 5 are needed"),
        ("j_k", "at 0.85 V vs RHE to compare with: 1"),
        ("E_10", "a sweep has no E_10"),
        ("H2O2_yield", "has no peroxide_yield"),
    ):
        assert run("library", "standing", folder / "pair.json", "--metric", metric) == 2
        assert says in capsys.readouterr().err
