"""Power curves, cycling and capacity: analytic cells, coverage, refusals, the commands."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from adatom.cli import main
from adatom.electrochem.cycling import analyse_cycling, specific_capacity
from adatom.electrochem.power import power_curve
from adatom.errors import CurveError


def voltage(j):
    """Ohmic and Tafel losses, V; j in mA/cm2."""
    return 1.35 - 0.06 * np.log(j) - 0.0020 * j


def test_ohmic_cell_has_its_peak_at_half_the_voltage():
    """V = 1 - R j: P = 1/(4 R) at j = 1/(2 R)."""
    j = np.linspace(5.0, 450.0, 40)
    curve = power_curve(j, 1.0 - 0.002 * j)
    assert curve.peak_power_mW_cm2.value == pytest.approx(125.0)
    assert curve.current_at_peak_mA_cm2.value == pytest.approx(250.0)


def test_area_scatters_the_peak():
    j = np.linspace(5.0, 450.0, 40)
    peak = power_curve(j, 1.0 - 0.002 * j, area_relative_sd=0.03).peak_power_mW_cm2
    assert peak.interval_95 == pytest.approx((125 / 1.0588, 125 / 0.9412), rel=0.005)


def test_peak_covers_the_truth():
    random = np.random.default_rng(9)
    best = minimize_scalar(lambda j: -j * voltage(j), bounds=(10, 500), method="bounded")
    hit = 0
    j = np.linspace(2.0, 430.0, 45)
    for _ in range(200):
        noisy = voltage(j) + 0.004 * random.standard_normal(45)
        low, high = power_curve(j, noisy).peak_power_mW_cm2.interval_95
        hit += low <= -best.fun <= high
    assert 0.92 <= hit / 200 <= 0.985


def test_a_curve_that_ends_early_has_a_bound_and_no_peak():
    j = np.linspace(5.0, 100.0, 20)
    curve = power_curve(j, voltage(j))
    assert curve.peak_power_mW_cm2.value is None
    assert curve.peak_power_mW_cm2.interval_95 == (pytest.approx(100 * voltage(100.0)), None)
    assert "still rises" in curve.peak_power_mW_cm2.reason


def test_sign_and_order_of_the_record_do_not_matter():
    j = np.linspace(5.0, 450.0, 40)
    one = power_curve(j, voltage(j)).peak_power_mW_cm2.value
    other = power_curve(-j[::-1], voltage(j)[::-1])
    assert other.peak_power_mW_cm2.value == pytest.approx(one)
    assert "turned positive" in other.notes[0]


@pytest.mark.parametrize(
    "j, v, says",
    [
        ([1, 2, 3], [1, 0.9, 0.8], "needs 5 points"),
        (np.linspace(1, 100, 20), 1.2 + 0.001 * np.linspace(1, 100, 20), "falls with the current"),
        (np.linspace(1, 100, 20), -np.ones(20), "falls with the current"),
    ],
)
def test_what_is_no_discharge(j, v, says):
    with pytest.raises(CurveError, match=says):
        power_curve(np.array(j, float), np.array(v, float))


def cycles(number, *, gap=0.8, growth=0.0, rest=True, seed=0):
    """Galvanostatic, 10 mA: half an hour each way; the gap grows by ``growth`` V a cycle."""
    random = np.random.default_rng(seed)
    parts = []
    for n in range(number):
        half = 0.5 * (gap + growth * n)
        for current, level in ((-0.01, 1.6 - half), (0.01, 1.6 + half)):
            parts.append((np.full(60, current), level + 0.002 * random.standard_normal(60)))
            if rest:
                parts.append((np.zeros(5), np.full(5, 1.5)))
    current, potential = (np.concatenate(x) for x in zip(*parts, strict=True))
    return 30.0 * np.arange(len(current)), potential, current


def test_gap_and_efficiencies_by_hand():
    result = analyse_cycling(*cycles(40), gap_rise_V=0.2)
    assert result.figures["gap_V"].value == pytest.approx(0.8, abs=0.002)
    assert result.figures["energy_efficiency_percent"].value == pytest.approx(60.0, abs=0.1)
    assert result.figures["coulombic_efficiency_percent"].value == pytest.approx(100.0)
    drift = result.figures["gap_drift_mV_per_cycle"]
    assert abs(drift.value) < 0.045  # four standard errors: 0.82 mV sqrt(12) / 40^1.5
    life = result.figures["cycle_life"]
    assert (life.value, life.interval_95) == (None, (40.0, None))


def test_cycle_life_by_the_criterion():
    """4 mV a cycle: 0.2 V over the median of the first three (cycle 1) is passed after 51."""
    result = analyse_cycling(*cycles(80, growth=0.004, rest=False), gap_rise_V=0.2)
    assert result.figures["cycle_life"].value == pytest.approx(52, abs=1)
    low, high = result.figures["gap_drift_mV_per_cycle"].interval_95
    assert low < 4.0 < high
    assert "0.2 V above" in result.criterion


def test_exchanged_sign_and_single_discharges_are_refused():
    time, potential, current = cycles(5)
    with pytest.raises(CurveError, match="turn the sign"):
        analyse_cycling(time, potential, -current, gap_rise_V=0.2)
    with pytest.raises(CurveError, match="two charges and two"):
        analyse_cycling(time, potential, -np.abs(current), gap_rise_V=0.2)


def test_capacity_of_zinc_by_hand():
    """10 mA for 8 h are 80 mAh; of 100 mg zinc 800 mAh/g, 97.6 % of 2F/(3.6 * 65.38)."""
    time = np.linspace(0, 8 * 3600, 500)
    capacity, share = specific_capacity(time, np.full(500, -0.01), zinc_mg=100, zinc_sd_mg=1)
    assert capacity.value == pytest.approx(800.0)
    assert share.value == pytest.approx(100 * 800 / (2 * 96485.332 / 3.6 / 65.38))
    assert capacity.interval_95 == pytest.approx((800 / 1.0196, 800 / 0.9804), rel=0.002)
    _, share = specific_capacity(time, np.full(500, -0.01), zinc_mg=80, zinc_sd_mg=1)
    assert "above what zinc can give" in share.reason
    with pytest.raises(CurveError, match="mass of zinc"):
        specific_capacity(time, np.full(500, -0.01), zinc_mg=1, zinc_sd_mg=1)


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """A command on a file ``a.csv`` with these columns."""
    monkeypatch.chdir(tmp_path)

    def run(columns, *arguments):
        table = np.column_stack(list(columns.values()))
        np.savetxt("a.csv", table, delimiter=",", header=",".join(columns), comments="")
        with pytest.raises(SystemExit) as stop:
            main(["electrochem", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return run


def test_cell_command_needs_an_area_for_currents(command, tmp_path):
    j = np.linspace(5.0, 450.0, 40)
    columns = {"E (V)": voltage(j), "I (A)": -1e-3 * j * 4.5}
    code, _, err = command(columns, "cell", "a.csv")
    assert code == 2
    assert "--area-cm2" in err
    code, out, err = command(columns, "cell", "a.csv", "--area-cm2", "4.5", "--area-sd-cm2", "0.1",
                             "--json", "-", "--plot", "p.png")  # fmt: skip
    assert code == 0, err
    assert json.loads(out)["peak_power_mW_cm2"]["unit"] == "mW cm-2"
    assert (tmp_path / "p.png").stat().st_size > 5000


def test_cycling_and_capacity_commands(command, tmp_path):
    time, potential, current = cycles(80, growth=0.004)
    columns = {"time (s)": time, "E (V)": potential, "I (A)": current}
    code, out, err = command(columns, "cycling", "a.csv", "--json", "-", "--plot", "c.png")
    assert code == 0, err
    assert json.loads(out)["cycles"] == 80
    assert (tmp_path / "c.png").stat().st_size > 5000
    code, out, err = command(columns, "capacity", "a.csv", "--zinc-mg", "100", "--json", "-")
    assert code == 2
    assert "charge" in err


def test_impedance_is_no_polarization(data_folder, capsys):
    """The file named so holds impedance: its own .names says it, and so does its header."""
    pytest.importorskip("adatom.readers.detection")
    file = data_folder / "echem" / "DBFC_PdC_polarization.csv"
    assert file.read_text().startswith("z_real,z_img,applied_voltage")
    assert "Zreal (ohm.cm2)" in file.with_suffix(".names").read_text()
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "cell", str(file), "--area-cm2", "4.5"])
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
