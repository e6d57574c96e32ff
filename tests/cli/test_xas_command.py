"""``adatom xas`` on made-up scans; the helpers are those of tests/xas."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "xas"))
from absorption_files import HBAR2_2M, edge_mu, energies, write_xdi
from exafs_simulated import K, exact_chi

from adatom.cli import main
from adatom.xas.evidence import compare_models

E = energies(above=400.0)


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["xas", *map(str, arguments)])
    return ended.value.code


def _scan(folder: Path, name: str, e0: float, **more) -> Path:
    return write_xdi(folder / f"{name}.xdi", E, edge_mu(E, e0, noise=5e-4), **more)


def test_flat_keys_state_and_units(tmp_path):
    sample, low, high = (_scan(tmp_path, n, e) for n, e in
                         (("s", 7119.0), ("two", 7117.0), ("three", 7121.0)))  # fmt: skip
    out = tmp_path / "o.json"
    code = run(sample, "--standard", f"{low}=2", "--standard", f"{high}=3", "--xanes-only",
               "--json", out)  # fmt: skip
    assert code == 0
    found = json.loads(out.read_text())
    assert found["edge_energy_eV"] == pytest.approx(7119.0, abs=0.1)
    assert found["edge_energy_definition"].startswith("half_height")
    assert found["oxidation_state"] == pytest.approx(2.5, abs=0.1)
    low95, high95 = found["oxidation_state_interval_95"]
    assert low95 < 2.5 < high95
    assert found["paths"] == []
    assert found["log10_bayes_factor_metal_metal"] is None
    assert "no fine structure" in found["paths_reason"] or "not asked" in found["paths_reason"]
    assert found["foil_offset_eV"] is None
    assert len(found["file"]["sha256"]) == 64


def test_a_metal_among_the_standards_takes_the_inflection(tmp_path):
    sample, foil, oxide = (_scan(tmp_path, n, e) for n, e in
                           (("s", 7118.0), ("foil", 7112.0), ("oxide", 7122.0)))  # fmt: skip
    out = tmp_path / "o.json"
    assert run(sample, "--standard", f"{foil}=0", "--standard", f"{oxide}=3", "--xanes-only",
               "--json", out) == 0  # fmt: skip
    assert json.loads(out.read_text())["edge_energy_definition"].startswith("first_inflection")


def test_a_foil_shifts_the_scale(tmp_path):
    sample, foil = _scan(tmp_path, "s", 7121.0), _scan(tmp_path, "foil", 7112.75)
    out = tmp_path / "o.json"
    assert run(sample, "--reference", foil, "--xanes-only", "--json", out) == 0
    found = json.loads(out.read_text())
    assert found["foil_offset_eV"] == pytest.approx(2.0, abs=0.05)
    assert found["edge_energy_eV"] == pytest.approx(7119.0, abs=0.1)
    assert found["foil_offset"]["expected_eV"] == 7110.75


def test_series_page_and_waterfall(tmp_path):
    scans = [_scan(tmp_path, f"s{i}", 7118.0 + i) for i in range(4)]
    at = [x for i in range(4) for x in ("--at", 0.2 * i)]
    out = tmp_path / "o.json"
    code = run(*scans, *at, "--against", "potential / V", "--xanes-only", "--json", out,
               "--report", tmp_path / "o.html", "--plot", tmp_path / "o.png")  # fmt: skip
    assert code == 0
    found = json.loads(out.read_text())
    assert len(found["spectra"]) == 4
    assert found["series"]["half_height_eV"]["slope"]["value"] == pytest.approx(5.0, rel=0.05)
    page = (tmp_path / "o.html").read_text()
    assert "potential / V" in page
    assert "<script src" not in page
    assert (tmp_path / "o.png").stat().st_size > 10_000


def test_repeated_scans_are_merged(tmp_path, capsys):
    scans = [
        write_xdi(tmp_path / f"s{i}.xdi", E,
                  edge_mu(E, 7118.0 + 0.4 * (i == 2), noise=5e-4, seed=i))
        for i in range(4)
    ]  # fmt: skip
    out = tmp_path / "o.json"
    assert run(*scans, "--merge", "--xanes-only", "--json", out) == 0
    found = json.loads(out.read_text())
    assert found["label"] == "mean of 4 scans"
    assert found["edge_energy_eV"] == pytest.approx(7118.1, abs=0.1)
    assert any("s2.xdi lies +0.40 eV" in said for said in found["warnings"])
    assert "s3.xdi" in found["file"]["notes"][0]
    assert run(*scans, scans[1], "--merge") == 2
    assert "s1.xdi is the same as" in capsys.readouterr().err


def _pairs(folder: Path, share: float) -> Path:
    """A scan of pairs beside single atoms."""
    e = energies(above=700.0)
    k = np.sqrt(np.maximum(e - 7112.0, 0.0) / HBAR2_2M)
    chi = exact_chi({"Fe2N6@graphene": share, "FeN4@graphene": 1.0 - share}, e0_shift_eV=0.0)
    mu = edge_mu(e, 7112.0, noise=2e-4, seed=round(100 * share))
    mu += np.interp(k, K, chi) * (1.0 - np.exp(-((k / 2.0) ** 4)))
    return write_xdi(folder / f"{share:.1f}.xdi", e, mu)


def test_numbers_follow_through_scans_of_one_sample(tmp_path, monkeypatch, capsys):
    # Few particles: only the model is needed.
    monkeypatch.setattr(
        "adatom.cli.xas_paths.compare_models", partial(compare_models, particles=60)
    )
    scans = [_pairs(tmp_path, share) for share in (0.1, 0.4, 0.7, 1.0)]
    at = [x for i in range(4) for x in ("--at", 0.2 * i)]
    out = tmp_path / "o.json"
    code = run(*scans, *at, "--paths", "--s02", 0.85, "--k-range", 3, 12, "--json", out,
               "--report", tmp_path / "o.html")  # fmt: skip
    assert code == 0
    found = json.loads(out.read_text())
    series = found["series"]
    assert series["exafs"]["label"] == "mean of 4 scans"
    number = series["coordination_number M-N"]
    assert [p["coordination_number"] for s in found["spectra"] for p in s["paths"]
            if p["shell"] == "M-N"] == number["values"]  # fmt: skip
    assert np.mean(number["values"]) == pytest.approx(4.0, abs=1.0)
    assert found["spectra"][0]["log10_bayes_factor_metal_metal"] is None
    said = capsys.readouterr().out
    assert "N(M-N): no trend" in said
    page = (tmp_path / "o.html").read_text()
    assert "R(M-N)" in page
    assert {p["shell"] for p in found["spectra"][0]["paths"]} == {
        "M-N",
        "metal-metal",
        "M-C",
        "M-O",
    }
    assert "mean of 4 scans" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--element", "Co"), "the header says Fe"),
        (("--standard", "x.xdi"), "must be FILE=STATE"),
        (("--edge-definition", "middle"), "expected one of"),
        (("--calibrate",), "no reference channel"),
        (("--combine",), "at least two standards"),
        (("--column", "i0"), "NAME=COLUMN"),
        (("--record", "other"), "no record 'other'"),
        (("--merge",), "a mean needs two or more"),
        (("--at", "nan"), "scan nan: expected a finite number"),
        (("--at", "1", "--at", "2"), "2 values of scan for 1 scans; give --at once for each"),
        (("--foil-edge", "nan"), "foil edge nan eV"),
        (("--k-range", "3", "3.2"), "at least 2"),
        (("--rbkg", "5"), "Rbkg 5"),
        (("--s02-sd", "0.1"), "give --s02 VALUE"),
        (("--s02", "3"), "expected 0.3 to 1.3"),
        (("--metal", "--no-paths"), "say --paths"),
        (("--site", "FeN4@graphene", "--site", "CoN4@graphene"), "2 with one metal atom and 0"),
        (("--rbkg", "3.0", "--k-range", "3", "9"), "Rbkg|k = "),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, arguments, said):
    sample = _scan(tmp_path, "s", 7112.0)
    assert run(sample, *arguments) == 2
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1
    import re

    assert re.search(said, error), error


def test_another_edge_and_missing_i0_are_named(tmp_path, capsys):
    cobalt = energies(7709.0, above=300.0)
    path = write_xdi(tmp_path / "co.xdi", cobalt, edge_mu(cobalt, 7709.0))
    assert run(path, "--xanes-only") == 2
    assert "Co K 7709" in capsys.readouterr().err
    path = write_xdi(tmp_path / "i.xdi", E, edge_mu(E), order=("energy", "itrans"))
    assert run(path) == 2
    assert "no column of I0" in capsys.readouterr().err
    np.savetxt(tmp_path / "k.dat", np.column_stack([E / 1e3, edge_mu(E)]), header="energy mu")
    assert run(tmp_path / "k.dat") == 2
    assert "--energy-unit keV" in capsys.readouterr().err


def test_an_input_is_never_overwritten(tmp_path, capsys):
    sample = _scan(tmp_path, "s", 7112.0)
    before = sample.read_bytes()
    assert run(sample, "--json", sample) == 2
    assert sample.read_bytes() == before
