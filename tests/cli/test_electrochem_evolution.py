"""``adatom electrochem`` on oxygen evolution, its activities, and the bifunctional gap."""

import json

import numpy as np
import pytest

from adatom.cli import main


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", *map(str, arguments)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def write(path, volt, density, rng):
    noisy = density + 1e-3 * rng.standard_normal(volt.size)
    rows = [f"{v:.6f},{j:.8g}" for v, j in zip(volt, noisy, strict=True)]
    path.write_text("E (V vs RHE),j (mA/cm2)\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def evolution(tmp_path):
    volt = np.linspace(1.25, 1.65, 800)
    density = 10.0 * 10.0 ** ((volt - 1.60) / 0.06)
    return write(tmp_path / "oer.csv", volt, density, np.random.default_rng(0))


OER = ("--set", "measurement.reaction=OER", "--set", "reference.electrode=RHE")


def test_json_picture_and_activities(capsys, evolution, tmp_path):
    picture = tmp_path / "oer.png"
    loading = ("--set", "loading.catalyst_mg_cm2=0.5", "--set", "loading.metal_wt_percent=Fe:2")
    code, out, err = run(
        capsys, evolution, *OER, *loading, "--kinetic-at", "1.6", "--json", "-", "--plot", picture
    )
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["reaction"] == {"name": "OER", "assumed": False, "equilibrium_V_rhe": 1.229}
    (sweep,) = found["sweeps"]
    assert sweep["potential_at_10_mA_cm2"]["value"] == pytest.approx(1.60, abs=1e-3)
    assert sweep["overpotential_at_10_mA_cm2"]["value"] == pytest.approx(0.371, abs=1e-3)
    assert sweep["tafel_slope"]["value"] == pytest.approx(60.0, rel=0.02)
    (activity,) = found["activities"]
    assert activity["mass_activity"]["value"] == pytest.approx(20.0, rel=0.02)
    assert activity["turnover_frequency"]["conditions"]["electrons_per_turnover"] == 4
    assert picture.stat().st_size > 1000
    code, out, _ = run(capsys, evolution, *OER, *loading)
    assert code == 0
    assert "reaction: OER" in out
    assert "TOF" in out


def test_posterior_slope(capsys, evolution):
    code, out, _ = run(capsys, evolution, *OER, "--tafel", "posterior", "--json", "-")
    assert code == 0
    slope = json.loads(out)["sweeps"][0]["tafel_slope"]
    assert slope["conditions"]["method"] == "posterior"
    assert slope["value"] == pytest.approx(60.0, rel=0.02)


def test_gap(capsys, evolution, tmp_path):
    volt = np.linspace(1.05, 0.2, 900)
    kinetic = 5.0 * 10.0 ** ((0.85 - volt) / 0.07)
    reduction = write(
        tmp_path / "orr.csv", volt, -5.0 * kinetic / (5.0 + kinetic), np.random.default_rng(1)
    )
    for file, settings, name in (
        (reduction, ("--set", "reference.electrode=RHE"), "orr.json"),
        (evolution, OER, "oer.json"),
    ):
        assert run(capsys, file, *settings, "--json", tmp_path / name)[0] == 0
    code, out, _ = run(capsys, "gap", tmp_path / "orr.json", tmp_path / "oer.json", "--json", "-")
    assert code == 0
    assert json.loads(out)["bifunctional_gap"]["value"] == pytest.approx(0.75, abs=2e-3)
    code, _, err = run(capsys, "gap", tmp_path / "oer.json", tmp_path / "orr.json")
    assert code == 2
    assert "is an analysis of OER; expected one of ORR" in err
    code, _, err = run(capsys, "gap", reduction, tmp_path / "oer.json")
    assert code == 2
    assert "not the JSON of adatom electrochem" in err
    assert json.loads((tmp_path / "orr.json").read_text())["reaction"]["assumed"] is True
