"""The command as a user runs it: what it prints, what it writes, what it refuses."""

import json
import re

import numpy as np
import pytest

from adatom.cli import main

TABLE = "site,*OH,*O,*OOH\nA,0.86,2.2,4.06\nB,1.23,2.46,3.69\nC,1.9,3.6,5.1\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "energies.csv"
    path.write_text(TABLE)
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_json_holds_the_keys_other_tools_rely_on(capsys, table):
    code, out, err = run(capsys, "predict", "--energies", table, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    assert data["reaction"] == "ORR"
    assert {r["site"] for r in data["results"]} == {"A", "B", "C"}
    for result in data["results"]:
        assert set(result) >= {
            "site", "energy_source", "free_energies_eV", "limiting_potential_V_rhe",
            "overpotential_V", "potential_determining_step", "half_wave_potential_V_rhe",
            "tafel_slope_mV_dec", "intervals_95", "curve",
        }  # fmt: skip
        curve = result["curve"]
        keys = ("potential_V_rhe", "current_density_mA_cm2", "peroxide_yield_percent",
                "electron_number")  # fmt: skip
        assert len({len(curve[k]) for k in keys}) == 1
        low, high = result["intervals_95"]["limiting_potential_V_rhe"]
        assert low < high
        if result["tafel_slope_mV_dec"] is None:
            assert result["reasons"]["tafel_slope_mV_dec"]
    assert data["provenance"]["software"]["adatom"]


def test_the_same_seed_gives_the_same_numbers_whatever_else_is_predicted(capsys, table):
    _, alone, _ = run(capsys, "predict", "A", "--energies", table, "--json", "-")
    _, all_three, _ = run(capsys, "predict", "--energies", table, "--json", "-")
    first = json.loads(alone)["results"][0]
    among = json.loads(all_three)["results"][0]
    assert first == among


def test_intervals_narrow_with_the_uncertainty(capsys, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(
        "site,*OH,*O,*OOH,*OH_sd,*O_sd,*OOH_sd\nwide,1.0,2.4,4.2,.2,.2,.2\n"
        "sharp,1.0,2.4,4.2,.001,.001,.001\n"
    )
    _, out, _ = run(capsys, "predict", "--energies", path, "--json", "-", "--site-density", "1e-8")
    wide, sharp = json.loads(out)["results"]
    limiting, half_wave = "limiting_potential_V_rhe", "half_wave_potential_V_rhe"
    assert np.ptp(sharp["intervals_95"][limiting]) < 0.02 < np.ptp(wide["intervals_95"][limiting])
    # The attempt frequency stays uncertain however sharp the energies are.
    assert 0.1 < np.ptp(sharp["intervals_95"][half_wave]) < np.ptp(wide["intervals_95"][half_wave])


def test_files_are_written_whole_and_the_page_needs_no_network(capsys, table, tmp_path):
    page, numbers = tmp_path / "r.html", tmp_path / "r.json"
    code, out, _ = run(
        capsys, "predict", "A", "--energies", table, "--report", page, "--json", numbers
    )
    assert code == 0
    assert str(page) in out
    assert json.loads(numbers.read_text())["results"][0]["site"] == "A"
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert 'src="http' not in text
    outside = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "0.86" in outside
    assert "4e associative" in outside
    assert sorted(p.name for p in tmp_path.iterdir()) == ["energies.csv", "r.html", "r.json"]


@pytest.mark.parametrize(("reaction", "columns"), [("HER", "*H"), ("OER", "*OH,*O,*OOH")])
def test_reactions_without_plateau_say_so_and_give_an_overpotential(
    capsys, tmp_path, reaction, columns
):
    path = tmp_path / "e.csv"
    values = "0.6" if reaction == "HER" else "1.3,3.2,4.5"
    path.write_text(f"site,{columns}\nX,{values}\n")
    code, out, _ = run(capsys, "predict", "--energies", path, "--reaction", reaction, "--json", "-")
    assert code == 0
    result = json.loads(out)["results"][0]
    assert result["half_wave_potential_V_rhe"] is None
    assert "plateau" in result["reasons"]["half_wave_potential_V_rhe"]
    assert result["overpotential_at_10_mA_cm2_V"] > 0
    sign = -1 if reaction == "HER" else 1
    currents = [sign * j for j in result["curve"]["current_density_mA_cm2"]]
    assert all(j >= 0 for j in currents)


def test_the_tafel_branch_opens_when_two_hydrogens_have_an_energy(capsys, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("site,*H,*H*H\npair,0.1,0.2\nsingle,0.1,\n")
    _, out, _ = run(capsys, "predict", "--energies", path, "--reaction", "HER", "--json", "-")
    pair, single = json.loads(out)["results"]
    assert pair["closed_steps"] == []
    assert single["closed_steps"] == ["second Volmer", "second Heyrovsky", "Tafel"]


def test_a_label_is_text_and_not_markup(capsys, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("site,*OH,*O,*OOH\nFeN4 [/pyrrolic],0.9,2.4,4.1\nFeN4 [bold],0.9,2.4,4.1\n")
    code, out, _ = run(capsys, "predict", "--energies", path)
    assert code == 0
    assert "[bold]" in out
    assert "[/pyrrolic]" in out


def test_a_reason_stands_wherever_a_figure_is_missing(capsys, tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("site,*H\ndead,1.4\nslow,0.0\n")
    code, out, _ = run(
        capsys, "predict", "--energies", path, "--reaction", "HER", "--barrier", "1.2"
    )
    assert code == 0
    assert "dead, eta_10: 10 mA/cm2 are not reached" in " ".join(out.split())


def test_outputs_that_cannot_be_written_leave_nothing_behind(capsys, table, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for arguments in (
        ["--report", folder],
        ["--json", tmp_path / "x", "--report", tmp_path / "x"],
        ["--json", table],
    ):
        code, _, err = run(capsys, "predict", "--energies", table, *arguments)
        assert code == 2
        assert len(err.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["energies.csv", "out"]
    assert table.read_text().startswith("site,")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real.json")
    run(capsys, "predict", "--energies", table, "--json", link)
    assert link.is_symlink()
    assert (tmp_path / "real.json").is_file()


BAD = [
    (["FeN9@graphene"], ["character 3", "4 or 3 or 2 atoms", "not 9"]),
    (["QqN4@graphene"], ["character 1", "a metal"]),
    (["FeN4@graphene", "FeN4@graphene"], ["named twice"]),
    ([], ["at least one site"]),
    (["--energies", "none.csv"], ["none.csv", "does not exist"]),
    (["--energies", "x" * 300], ["File name too long"]),
    (["MnN4@graphene", "--engine", "chgnet", "--database", "."], ["is a folder"]),
    (["A", "A", "--energies", "TABLE"], ["named twice"]),
    (["D", "--energies", "TABLE"], ["site 'D' is not in", "A, B, C"]),
    (["--energies", "TABLE", "--engine", "chgnet"], ["not both"]),
    (["FeCoN6@graphene", "--positions", "metals"], ["--positions metals", "--engine"]),
    (["--energies", "TABLE", "--positions", "metals"], ["--engine", "columns"]),
    (["FeN4@graphene", "--engine", "chgnet", "--positions", "Fe-Co"], ["metals", "Fe-Co"]),
    (["--energies", "TABLE", "--reaction", "XYZ"], ["reaction 'XYZ'", "NRR, OER, ORR"]),
    (["--energies", "TABLE", "--reaction", "HER"], ["has no *H"]),
    (["--energies", "TABLE", "--electrolyte", "milk"], ["'milk'", "0.1 M KOH"]),
    (["--energies", "TABLE", "--potentials", "1.0,0.8,0.9"], ["number 3", "out of order"]),
    (["--energies", "TABLE", "--potentials", "1.0,1.0,0.9"], ["out of order"]),
    (["--energies", "TABLE", "--potentials", "1.0,x"], ["separated by commas"]),
    (["--energies", "TABLE", "--potentials", "1.0"], ["at least two"]),
    (["--energies", "TABLE", "--potentials", "1.0,nan"], ["finite"]),
    (["--energies", "TABLE", "--rpm", "0"], ["rpm"]),
    (["--energies", "TABLE", "--rpm", "fast"], ["--rpm"]),
    (["--energies", "TABLE", "--site-density", "-1"], ["site density"]),
    (["--energies", "TABLE", "--collection-efficiency", "2"], ["collection efficiency"]),
    (["--energies", "TABLE", "--collection-efficiency", "0"], ["collection efficiency"]),
    (["--energies", "TABLE", "--draws", "3"], ["40 draws"]),
    (["--energies", "TABLE", "--barrier", "-1"], ["barrier (eV)", "-1"]),
    (["MnN4@graphene", "--engine", "chgnet", "--rpm", "-5"], ["rotation (rpm)", "-5"]),
    (["--energies", "TABLE", "--correction", "solvation"], ["free energies"]),
    (["FeN4@graphene", "--engine", "vasp"], ["'vasp'", "chgnet, diep, sevennet, tblite, gpaw"]),
    (["--energies", "TABLE", "--sd", "0.3"], ["--sd does not apply"]),
    (["--energies", "TABLE", "--allow", "cutoff"], ["--allow does not apply"]),
    (["MnN4@graphene", "--engine", "chgnet", "--sd", "-1"], ["between 0 and 5 eV", "-1"]),
    (["FeN4@graphene", "--correction", "magic"], ["'magic'", "solvation"]),
    (["FeN4@graphene", "--nonsense"], ["--nonsense"]),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_bad_input_is_one_line_exit_two_and_nothing_written(
    capsys, table, tmp_path, monkeypatch, arguments, words
):
    monkeypatch.chdir(tmp_path)
    arguments = [str(table) if a == "TABLE" else a for a in arguments]
    code, out, err = run(
        capsys,
        "predict",
        *arguments,
        "--json",
        tmp_path / "o.json",
        "--report",
        tmp_path / "o.html",
    )
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err
    assert [p.name for p in tmp_path.iterdir()] == ["energies.csv"]


def test_an_engine_that_is_not_installed_is_answered_with_the_install_line(capsys, monkeypatch):
    monkeypatch.setattr("adatom.energies.engines.util.find_spec", lambda _: None)
    code, _, err = run(capsys, "predict", "MnN4@graphene", "--engine", "chgnet")
    assert code == 2
    assert "pip install" in err
    assert len(err.strip().splitlines()) == 1


def test_a_missing_output_folder_is_refused_before_anything_is_computed(capsys, table):
    code, _, err = run(capsys, "predict", "--energies", table, "--report", "/nowhere/r.html")
    assert code == 2
    assert "/nowhere" in err


def test_an_unknown_command_is_one_line(capsys):
    code, _, err = run(capsys, "forecast")
    assert code == 2
    assert "forecast" in err


def test_a_measured_sd_is_for_energies_without_their_own(capsys, table):
    code, _, err = run(capsys, "predict", "FeN4@graphene", "--sd", "0.33")
    assert code == 2
    assert "packaged sites have their own" in err
    code, _, err = run(capsys, "predict", "--energies", table, "--sd", "0.3")
    assert code == 2
    assert "_sd columns" in err
