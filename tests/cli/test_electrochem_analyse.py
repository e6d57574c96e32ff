"""``adatom electrochem FILE...`` as a user meets it."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from adatom.cli import app, main

SAMPLE = """
[electrode]
area_cm2 = 0.196
area_sd_cm2 = 0.002
[electrolyte]
name = "0.1 M KOH"
[reference]
electrode = "RHE"
offset_sd_V = 0.002
"""


@pytest.fixture
def lsv(tmp_path):
    grid = np.linspace(1.05, 0.2, 1200)
    kinetic = 5.7 * 10.0 ** ((0.85 - grid) / 0.06)
    rng = np.random.default_rng(0)
    current = -1e-3 * 0.196 * (5.7 * kinetic / (5.7 + kinetic) + 2e-3 * rng.standard_normal(1200))
    path = tmp_path / "lsv.csv"
    rows = "\n".join(f"{e:.6f},{i:.6e}" for e, i in zip(grid, current, strict=True))
    path.write_text("Potential/V,Current/A\n" + rows + "\n")
    (tmp_path / "sample.toml").write_text(SAMPLE)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["electrochem", *map(str, arguments)], catch_exceptions=False)


def failure(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", *map(str, arguments)])
    assert stop.value.code == 2
    message = capsys.readouterr().err.strip()
    assert "Traceback" not in message
    return message


def test_a_file_and_a_sample_give_table_json_and_picture(lsv, tmp_path):
    result, picture = tmp_path / "r.json", tmp_path / "r.png"
    shown = run(lsv, "--sample", tmp_path / "sample.toml", "--json", result, "--plot", picture)
    assert shown.exit_code == 0
    assert "0.850" in shown.output
    assert "no correction of the ohmic drop: no resistance was given" in shown.output
    sweep = json.loads(result.read_text())["sweeps"][0]
    assert sweep["half_wave_potential"]["value"] == pytest.approx(0.85, abs=1e-3)
    assert sweep["half_wave_potential"]["unit"] == "V vs RHE"
    low, high = sweep["tafel_slope"]["interval_95"]
    assert low < 60.0 < high
    assert sweep["tafel_slope"]["conditions"]["decades"] > 1.0
    assert picture.stat().st_size > 10_000


def test_json_alone_on_standard_output(lsv, tmp_path):
    shown = run(lsv, "--sample", tmp_path / "sample.toml", "--json", "-")
    assert len(json.loads(shown.output)["files"][0]["sha256"]) == 64


def test_a_folder_is_a_batch_in_which_bad_files_are_named(lsv, tmp_path, capsys):
    (tmp_path / "bad.csv").write_text("Potential/V,Current/A\n")
    message = failure(capsys, tmp_path, "--sample", tmp_path / "sample.toml")
    assert "bad.csv" in message
    assert message.count("\n") == 0


def test_what_is_missing_is_asked_for_by_name(lsv, capsys):
    assert "--set reference.electrode=" in failure(capsys, lsv)
    message = failure(capsys, lsv, "--set", "reference.electrode=RHE")
    assert "--set electrode.area_cm2=" in message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "electrode.area=1"], "did you mean electrode.area_cm2"),
        (["--kinetic-at", "high"], "--kinetic-at must be volts"),
        (["--plot", "r.txt"], ".png"),
        (["--sample", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_options(lsv, capsys, arguments, said):
    assert said in failure(capsys, lsv, *arguments)


def test_a_missing_file_is_named(tmp_path, capsys):
    assert "gone.csv" in failure(capsys, tmp_path / "gone.csv", "--set", "electrode.area_cm2=1")


def test_the_page_holds_the_same_numbers_and_what_they_rest_on(lsv, tmp_path):
    result, page = tmp_path / "r.json", tmp_path / "r.html"
    run(lsv, "--sample", tmp_path / "sample.toml", "--json", result, "--report", page)
    text = page.read_text()
    content = json.loads(result.read_text())
    half = content["sweeps"][0]["half_wave_potential"]["value"]
    assert f"{half:.4g}" in text
    assert content["files"][0]["sha256"] in text
    assert "electrode.area_cm2 = 0.196" in text
    assert "currents over 0.196 cm2" in text
    assert "src=" not in text.split("</script>")[-1]


def test_labels_are_text_not_markup(lsv, tmp_path):
    page = tmp_path / "r.html"
    run(
        lsv,
        "--sample",
        tmp_path / "sample.toml",
        "--set",
        "sample.name=<script>x",
        "--report",
        page,
    )
    assert "<h1><script>" not in page.read_text()


def test_a_folder_has_no_one_picture(lsv, tmp_path, capsys):
    message = failure(capsys, tmp_path, "--set", "reference.electrode=RHE", "--report", "r.html")
    assert "--plot and --report take the files of one sample" in message


def test_no_input_is_overwritten(lsv, tmp_path, capsys):
    sample = tmp_path / "sample.toml"
    before = sample.read_text()
    assert "sample.toml" in failure(capsys, lsv, "--sample", sample, "--json", sample)
    background = ["--set", f"background.file={lsv}"]
    other = tmp_path / "other.csv"
    other.write_text(lsv.read_text())
    failure(capsys, other, "--sample", sample, *background, "--json", lsv)
    assert sample.read_text() == before
    assert lsv.read_text() == other.read_text()


def test_a_folder_says_below_its_table_why_figures_are_missing(lsv, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    lines = lsv.read_text().splitlines(keepends=True)
    for name, count in (("a", 1200), ("b", 350), ("c", 350)):
        (folder / f"{name}.csv").write_text("".join(lines[:count]))
    shown = run(folder, "--sample", tmp_path / "sample.toml")
    assert shown.exit_code == 0
    below = shown.output.partition("\u2514")[2]
    (reason,) = [x for x in below.splitlines() if x.startswith("- no diffusion-limited plateau")]
    assert reason.endswith(": b 1.1 cathodic, c 1.1 cathodic")
    assert below.count("2 % of the largest current is assumed: b 1.1 cathodic") == 1
    assert "a 1.1 cathodic" not in below


def test_what_is_assumed_of_a_sweep_without_a_foot_is_in_the_result(lsv, tmp_path):
    lines = lsv.read_text().splitlines(keepends=True)
    cut = tmp_path / "cut.csv"
    cut.write_text(lines[0] + "".join(lines[220:]))
    result = tmp_path / "r.json"
    page = tmp_path / "r.html"
    run(cut, "--sample", tmp_path / "sample.toml", "--json", result, "--report", page)
    said = "the sweep starts within the wave: how well its background fits is unknown, 2 % of the"
    (sweep,) = json.loads(result.read_text())["sweeps"]
    assert sweep["half_wave_potential"]["value"] == pytest.approx(0.85, abs=2e-3)
    assert any(flag.startswith(said) for flag in sweep["flags"])
    assert said in page.read_text()
