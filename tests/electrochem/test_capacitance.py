"""C_dl of voltammograms made from a capacitance; area from a specific capacitance that is given."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from adatom.cli import main
from adatom.electrochem.capacitance import analyse_capacitance
from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.sample import load_sample
from adatom.errors import CurveError

TRUE_MF_CM2 = 2.5
RATES = (10.0, 20.0, 40.0, 80.0, 160.0)


def voltammogram(rate_mV_s, rng, *, noise=0.002, leak=0.003, curved=0.0):
    """Both directions between 0.9 and 1.1 V: charging, a leak through zero at 1 V, and noise."""
    volt = np.linspace(0.9, 1.1, 300)
    charging = 1e-3 * TRUE_MF_CM2 * rate_mV_s * (1.0 - curved * rate_mV_s)
    for rising in (True, False):
        potential = volt if rising else volt[::-1]
        density = (1.0 if rising else -1.0) * charging + leak * (potential - 1.0) / 0.1
        density = density + noise * rng.standard_normal(300)
        yield MeasuredSweep(
            f"{rate_mV_s:g} {rising}", potential, None, density, scan_rate_mV_s=rate_mV_s
        )


def series(seed, rates=RATES, **options):
    rng = np.random.default_rng(seed)
    return [s for rate in rates for s in voltammogram(rate, rng, **options)]


def test_the_capacitance_comes_back_and_its_interval_covers_it():
    sample = load_sample(None, [])
    covered = 0
    for seed in range(100):
        found = analyse_capacitance(series(seed), sample, at_V_rhe=1.0)
        low, high = found.capacitance_mF_cm2.interval_95
        covered += low <= TRUE_MF_CM2 <= high
        assert found.capacitance_mF_cm2.value == pytest.approx(TRUE_MF_CM2, rel=0.02)
    # Fewer than 88 of 100 happen once in 300 times at a true 0.95.
    assert covered >= 88


def test_the_active_area_needs_the_specific_capacitance_and_holds_its_error():
    without = analyse_capacitance(
        series(0), load_sample(None, ["electrode.area_cm2=0.2"]), at_V_rhe=1.0
    )
    assert without.area_cm2.value is None
    assert "electrode.specific_capacitance_uF_cm2" in without.area_cm2.reason
    settings = [
        "electrode.area_cm2=0.2",
        "electrode.specific_capacitance_uF_cm2=40",
        "electrode.specific_capacitance_sd_uF_cm2=8",
    ]
    found = analyse_capacitance(series(0), load_sample(None, settings), at_V_rhe=1.0)
    assert found.area_cm2.value == pytest.approx(TRUE_MF_CM2 * 0.2 / 0.040, rel=0.02)
    assert found.roughness.value == pytest.approx(TRUE_MF_CM2 / 0.040, rel=0.02)
    low, high = found.area_cm2.interval_95
    assert np.log(high / low) == pytest.approx(2 * 1.96 * 0.2, rel=0.05)


def test_a_bent_line_and_a_reaction_are_flagged():
    sample = load_sample(None, [])
    bent = analyse_capacitance(series(1, curved=2e-3), sample, at_V_rhe=1.0)
    assert any("not on a line" in f for f in bent.flags)
    straight = analyse_capacitance(series(1), sample, at_V_rhe=1.0)
    assert not straight.flags
    wide = np.subtract(*bent.capacitance_mF_cm2.interval_95[::-1])
    assert wide > 3.0 * np.subtract(*straight.capacitance_mF_cm2.interval_95[::-1])
    leaking = analyse_capacitance(series(1, leak=0.5), sample, at_V_rhe=1.05)
    assert any("faradaic" in f for f in leaking.flags)


def test_too_few_rates_and_unknown_rates_are_refused():
    sample = load_sample(None, [])
    with pytest.raises(CurveError, match=r"at least 3 scan rates.*only 10, 20 mV/s; measure at"):
        analyse_capacitance(series(0, rates=(10.0, 20.0)), sample, at_V_rhe=1.0)
    with pytest.raises(CurveError, match=r"there are none; choose --at within.* 0.900 to 1.100 V"):
        analyse_capacitance(series(0), sample, at_V_rhe=0.5)
    with pytest.raises(CurveError, match="anodic and cathodic sweeps"):
        analyse_capacitance(series(0)[::2], sample, at_V_rhe=1.0)
    volt = np.linspace(0.9, 1.1, 300)
    unknown = [MeasuredSweep("unknown", volt, None, 0.0 * volt)]
    with pytest.raises(CurveError, match="--scan-rates"):
        analyse_capacitance(unknown, sample, at_V_rhe=1.0)


def timed(folder, *, rates=RATES):
    """Files whose times tell the scan rate."""
    rng, files = np.random.default_rng(4), []
    for rate in rates:
        up, down = voltammogram(rate, rng)
        volt = np.concatenate([up.potential_V, down.potential_V])
        time = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(volt)))]) / (1e-3 * rate)
        table = np.column_stack([time, volt, np.concatenate([up.density, down.density])])
        path = folder / f"{rate:g}.csv"
        np.savetxt(path, table, delimiter=",", header="t/s,E (V vs RHE),j (mA/cm2)", comments="")
        files.append(str(path))
    return files


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        ("0.01,0.02,0.04,0.08,0.16", "10.csv: --scan-rates says 0.01 mV/s.* is in mV/s"),
        ("160,80,40,20,10", "says 160 mV/s, the file .* 10 mV/s; give the rates in the order"),
        ("10,20,40", "3 scan rates .10, 20, 40 mV/s. for 5 files .10.csv, 20.csv"),
        ("10,20,fast", "--scan-rates must be mV/s"),
    ],
)
def test_scan_rates_that_are_not_those_of_the_files(tmp_path, capsys, rates, says):
    common = ["--at", "1.0", "--set", "reference.electrode=RHE"]
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "capacitance", *timed(tmp_path), *common, "--scan-rates", rates])
    assert stop.value.code == 2
    assert re.search(says, capsys.readouterr().err)


def test_rates_in_another_order_are_noticed_without_times():
    swapped = [
        replace(sweep, scan_rate_mV_s=rate)
        for sweep, rate in zip(series(0), np.repeat(RATES[::-1], 2), strict=True)
    ]
    found = analyse_capacitance(swapped, load_sample(None, []), at_V_rhe=1.0)
    assert any("in the order of the files" in flag for flag in found.flags)


def test_the_sample_is_not_overwritten(tmp_path, capsys):
    sample = tmp_path / "sample.toml"
    sample.write_text('[reference]\nelectrode = "RHE"\n')
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "capacitance", *timed(tmp_path), "--at", "1.0", "--sample",
              str(sample), "--json", str(sample)])  # fmt: skip
    assert stop.value.code == 2
    assert "is read by this command" in capsys.readouterr().err
    assert "RHE" in sample.read_text()


def test_command(tmp_path, capsys):
    rng = np.random.default_rng(3)
    files = []
    for rate in RATES:
        up, down = voltammogram(rate, rng)
        volt = np.concatenate([up.potential_V, down.potential_V])
        density = np.concatenate([up.density, down.density])
        file = tmp_path / f"cv_{rate:g}.csv"
        rows = [f"{v:.6f},{j:.6f}" for v, j in zip(volt, density, strict=True)]
        file.write_text("E (V vs RHE),j (mA/cm2)\n" + "\n".join(rows) + "\n")
        files.append(str(file))
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "capacitance", *files, "--at", "1.0", "--scan-rates",
              ",".join(f"{r:g}" for r in RATES), "--set", "reference.electrode=RHE",
              "--json", "-"])  # fmt: skip
    assert stop.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["capacitance"]["value"] == pytest.approx(TRUE_MF_CM2, rel=0.02)
    assert found["capacitance"]["unit"] == "mF/cm2"
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "capacitance", *files, "--at", "1.0", "--set",
              "reference.electrode=RHE"])  # fmt: skip
    assert stop.value.code == 2
    assert "--scan-rates" in capsys.readouterr().err
