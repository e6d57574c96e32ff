"""Efficiencies, yields and turnover against hand calculations; refusals; ammonia's controls."""

import json
from pathlib import Path

import numpy as np
import pytest

from adatom.cli import main
from adatom.electrochem.products.charge import charge_of
from adatom.electrochem.products.efficiency import analyse_products
from adatom.electrochem.products.product_file import read_products
from adatom.errors import SampleError
from adatom.readers.recording import Segment

RUN = "[electrolysis]\ncharge_C = {charge}\nduration_s = 3600\narea_cm2 = 2.0\n"
GAS = """
[calibration.CO]
unit = "ppm"
amount = [0, 1000, 5000, 10000]
response = [0.0, 100.0, 500.0, 1000.0]
relative_sd = 0.0
[[product]]
name = "CO"
reactant = "CO2"
calibration = "CO"
response = {response}
outlet_flow_sccm = 20.0
sccm_reference_temperature_C = {celsius}
sccm_reference_pressure_kPa = 101.325
"""
DIRECT = '\n[[product]]\nname = "{name}"\nreactant = "{source}"\nresult = {result}\nunit = "umol"\n'
CONTROLS = """
[ammonia.argon]
duration_s = 3600
amount_umol = {argon}
[ammonia.open_circuit]
duration_s = {rest_s}
amount_umol = [0.05, 0.02]
[ammonia.nitrogen15]
duration_s = 3600
charge_C = 10.0
amount_umol = {label}
enrichment_percent = 98.0
"""


@pytest.fixture
def analyse(tmp_path):
    def run(text):
        path = tmp_path / "products.toml"
        path.write_text(text)
        return analyse_products(read_products(path))

    return run


def test_flow_of_gas_by_hand(analyse):
    """1000 ppm of 20 sccm for an hour: 1.2 mL at 0 C and 1 atm, 22.414 L/mol."""
    result = analyse(RUN.format(charge=20.0) + GAS.format(response=100.0, celsius=0.0))
    figures = result.products[0].figures
    moles = 1.2e-3 / 22.414
    assert figures["amount_umol"].value == pytest.approx(1e6 * moles, rel=1e-5)
    share = 100 * 2 * 96485.33 * moles / 20.0
    assert figures["faradaic_efficiency_percent"].value == pytest.approx(share, rel=1e-5)
    current = figures["partial_current_density_mA_cm2"].value
    assert current == pytest.approx(-20e3 / 3600 / 2.0 * share / 100, rel=1e-5)
    assert figures["yield_umol_h_cm2"].value == pytest.approx(1e6 * moles / 2.0, rel=1e-5)
    # The other convention of sccm holds less gas.
    warm = analyse(RUN.format(charge=20.0) + GAS.format(response=100.0, celsius=25.0))
    ratio = warm.products[0].figures["amount_umol"].value / figures["amount_umol"].value
    assert ratio == pytest.approx(273.15 / 298.15)


def test_beyond_the_calibration_there_is_no_number_and_no_sum(analyse):
    text = RUN.format(charge=20.0) + GAS.format(response=1500.0, celsius=0.0)
    result = analyse(text)
    figure = result.products[0].figures["faradaic_efficiency_percent"]
    assert figure.value is None
    assert "above the highest standard, 10000" in figure.reason
    assert result.total_efficiency.value is None
    assert "no efficiency of CO" in result.verdict
    allowed = analyse(text.replace("relative_sd = 0.0", "relative_sd = 0.0\nextrapolate = true"))
    assert allowed.products[0].figures["amount_umol"].value is not None
    assert "extrapolated" in allowed.products[0].flags[0]


def test_dilution_blank_and_mass_units_by_hand(analyse):
    """Indophenol: 0.5 ug/mL as NH4Cl above the blank, diluted twice, 30 mL; N2 -> NH3."""
    text = (
        RUN.format(charge=10.0)
        + """
[calibration.indophenol]
unit = "ug/mL"
amount = [0.0, 0.25, 0.5, 1.0, 2.0]
response = [0.031, 0.1311, 0.2309, 0.431, 0.831]
[[product]]
name = "NH3"
reactant = "N2"
calibration = "indophenol"
calibrated_as = "NH4Cl"
response = 0.243
blank_response = 0.043
dilution = 2.0
volume_mL = 30.0
"""
        + CONTROLS.format(argon="[0.05, 0.02]", rest_s=3600, label="[0.5, 0.03]")
    )
    figure = analyse(text).products[0].figures["amount_umol"]
    moles = 0.5 * 2 * 30.0 / 53.491  # ug/mL, dilution, mL, g/mol
    assert figure.value == pytest.approx(moles, rel=1e-3)
    result = analyse(text.replace("blank_response = 0.043\n", ""))
    assert result.products[0].parts[0]["blank_subtracted"] is False
    assert result.products[0].figures["amount_umol"].value == pytest.approx(
        0.53 * 2 * 30.0 / 53.491, rel=2e-3
    )


def test_internal_standard_by_hand(analyse):
    """NMR: formate (1 H) beside dimethyl sulfoxide (6 H) of 1 mM, in 20 mL."""
    text = (
        RUN.format(charge=10.0)
        + """
[[product]]
name = "HCOO-"
reactant = "CO2"
response = [0.51, 0.49, 0.50]
volume_mL = 20.0
[product.internal_standard]
concentration_mM = 1.0
response = [6.0, 6.0, 6.0]
nuclei = 6
product_nuclei = 1
"""
    )
    figure = analyse(text).products[0].figures["amount_umol"]
    assert figure.value == pytest.approx(0.5 * 20.0)
    half = 4.303 * 0.01 / np.sqrt(3) * 20.0  # t(2), 97.5 %
    assert figure.interval_95 == pytest.approx((10.0 - half, 10.0 + half), abs=0.036)  # 3 sd


def test_efficiency_of_normal_inputs_agrees_with_the_delta_method(analyse):
    """Relative variances add where they are small; parts of one product add up."""
    text = RUN.format(charge="[20.0, 0.2]")
    text += DIRECT.format(name="CO", source="CO2", result="[50.0, 1.0]") + 'where = "gas"\n'
    text += DIRECT.format(name="CO", source="CO2", result="[10.0, 0.5]") + 'where = "liquid"\n'
    figure = analyse(text).products[0].figures["faradaic_efficiency_percent"]
    value = 100 * 2 * 96485.33 * 60e-6 / 20.0
    relative = np.sqrt((np.hypot(1.0, 0.5) / 60.0) ** 2 + 0.01**2)
    assert figure.value == pytest.approx(value, rel=1e-6)
    low, high = figure.interval_95
    assert (high - low) / 2 == pytest.approx(1.96 * relative * value, rel=0.03)


def test_one_flow_meter_is_one_error(analyse):
    """Two gases of one flow: the relative sd of the sum is that of the flow, not less."""
    text = RUN.format(charge=20.0)
    for name, source in (("CO", "CO2"), ("H2", "H2O")):
        text += DIRECT.format(name=name, source=source, result=1000.0).replace("umol", "ppm")
        text += "outlet_flow_mL_min = [20.0, 1.0]\ntemperature_C = 25.0\npressure_kPa = 100.0\n"
    total = analyse(text).total_efficiency
    low, high = total.interval_95
    assert (high - low) / total.value == pytest.approx(2 * 1.96 * 0.05, rel=0.03)


@pytest.mark.parametrize("charge, says", [(10.0, "more than the charge allows"),
                                          (20.0, "at least"), (12.06, "Compatible")])  # fmt: skip
def test_sum_is_judged_against_100_percent(analyse, charge, says):
    text = RUN.format(charge=f"[{charge}, 0.01]")
    text += DIRECT.format(name="CO", source="CO2", result="[50.0, 0.5]")
    text += DIRECT.format(name="H2", source="H2O", result="[12.5, 0.5]")
    result = analyse(text)
    assert says in result.verdict
    assert ("INCOMPATIBLE" in result.verdict) == (says != "Compatible")


def test_turnover_per_metal_atom(analyse):
    """10 umol on 1 mg with 5.5845 % Fe: 1 umol of Fe."""
    text = """
[illumination]
duration_s = 7200
[catalyst]
mass_mg = 1.0
metals_weight_percent = {Fe = [5.5845, 0.27923]}
[[product]]
name = "CO"
result = 10.0
unit = "umol"
"""
    result = analyse(text)
    figures = result.products[0].figures
    assert figures["turnover_number"].value == pytest.approx(10.0, rel=1e-4)
    assert figures["turnover_frequency_per_h"].value == pytest.approx(5.0, rel=1e-4)
    low, high = figures["turnover_number"].interval_95
    # 1/x of a normal x: the quantiles map exactly.
    assert (low, high) == pytest.approx((10 / 1.098, 10 / 0.902), rel=0.01)
    assert result.total_efficiency is None


def test_below_detection_has_no_value_but_an_interval(analyse):
    text = RUN.format(charge=20.0) + GAS.format(response=1.0, celsius=0.0).replace(
        "[0.0, 100.0, 500.0, 1000.0]", "[2.0, 98.0, 503.0, 999.0]"
    )
    figure = analyse(text).products[0].figures["amount_umol"]
    assert figure.value is None
    assert "below the detection limit" in figure.reason
    assert figure.interval_95[0] < 0 < figure.interval_95[1]


def test_intervals_cover_the_truth(analyse, tmp_path):
    """A whole experiment simulated 300 times: line, readings, flow and charge all noisy."""
    random = np.random.default_rng(3)
    amounts = np.array([500.0, 1000.0, 2000.0, 5000.0, 10000.0])
    truth = 100 * 2 * 96485.33 * (3000e-6 * 20.0 * 60 / 22413.97) / 50.0
    hit = 0
    for _ in range(300):
        stock = 1 + 0.02 * random.standard_normal()  # the bottle differs from its label
        standards = 0.1 * amounts * stock + 4.0 * random.standard_normal(5)
        readings = 300.0 + 4.0 * random.standard_normal(3)
        flow = 20.0 + 0.3 * random.standard_normal()
        charge = 50.0 + 0.5 * random.standard_normal()
        text = (
            RUN.format(charge=[float(charge), 0.5])
            + f"""
[calibration.CO]
unit = "ppm"
amount = {amounts.tolist()}
response = {standards.tolist()}
relative_sd = 0.02
[[product]]
name = "CO"
reactant = "CO2"
calibration = "CO"
response = {readings.tolist()}
outlet_flow_sccm = {[float(flow), 0.3]}
sccm_reference_temperature_C = 0.0
sccm_reference_pressure_kPa = 101.325
"""
        )
        low, high = analyse(text).products[0].figures["faradaic_efficiency_percent"].interval_95
        hit += low <= truth <= high
    assert 0.92 <= hit / 300 <= 0.98


@pytest.mark.parametrize(
    "argon, rest_s, label, verdict, says",
    [
        ("[0.1, 0.05]", 3600, "[1.9, 0.1]", "supported", "15N accounts for it"),
        ("[1.9, 0.1]", 3600, "[1.9, 0.1]", "not supported", "not above the argon blank"),
        ("[0.1, 0.05]", 3600, "[0.02, 0.02]", "not supported", "no 15NH3"),
        ("[0.1, 0.05]", 3600, "[0.7, 0.05]", "not supported", "15N accounts for 3"),
        ("[0.1, 0.05]", 600, "[1.9, 0.1]", "undecided", "lasted 600 s"),
        ("[0.1, 0.05]", 3600, "[1.5, 0.6]", "undecided", "leaves open"),
    ],
)
def test_ammonia_verdicts(analyse, argon, rest_s, label, verdict, says):
    text = RUN.format(charge=10.0) + DIRECT.format(name="NH3", source="N2", result="[2.0, 0.1]")
    found = analyse(text + CONTROLS.format(argon=argon, rest_s=rest_s, label=label)).ammonia
    assert found.verdict == verdict
    assert any(says in reason for reason in found.reasons)


@pytest.mark.parametrize("missing", ["argon", "open_circuit", "nitrogen15"])
def test_ammonia_without_a_control_is_refused_by_name(analyse, missing):
    controls = CONTROLS.format(argon="[0.1, 0.05]", rest_s=3600, label="[1.9, 0.1]")
    sections = controls.strip().split("[ammonia.")[1:]
    kept = "".join("[ammonia." + s for s in sections if not s.startswith(missing))
    text = RUN.format(charge=10.0) + DIRECT.format(name="NH4+", source="NO3-", result="[2.0, 0.1]")
    with pytest.raises(SampleError, match=f"{missing} is missing"):
        analyse(text + kept)


@pytest.mark.parametrize(
    "change, says",
    [
        (("outlet_flow_sccm = 20.0\n", ""), "needs headspace or flow"),
        (("sccm_reference_temperature_C = 0.0\n", ""), "sccm_reference_temperature_C is missing"),
        (('unit = "ppm"', 'unit = "parts"'), "'parts' is none of"),
        (("charge_C", "charge_mC"), "charge_C is missing"),
        (('reactant = "CO2"\n', ""), "reactant is missing"),
        (('calibration = "CO"', 'calibration = "H2"'), "there is no"),
        (("[electrolysis]", "[electrolysys]"), "exactly one section"),
        (("area_cm2", "area_cm"), "'area_cm' is not understood"),
        (("response = 100.0", "response = [1, nan]"), "list of 1 to"),
        (("response = 100.0", "response = '100'"), "list of 1 to"),
        (("20.0\n[", "[20.0, 15.0]\n["), "above a third"),
        (("duration_s = 3600", "duration_s = -1"), "above 0"),
        (("[[product]]", "[product"), "not a TOML file"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path, capsys, change, says):
    text = RUN.format(charge="20.0") + GAS.format(response=100.0, celsius=0.0)
    path = tmp_path / "p.toml"
    if change[0].startswith("20.0\n"):
        change = ("charge_C = 20.0", "charge_C = [20.0, 15.0]")
    assert change[0] in text
    path.write_text(text.replace(*change))
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "products", str(path), "--json", str(tmp_path / "out.json")])
    _, err = capsys.readouterr()
    assert stop.value.code == 2
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.json").exists()


def test_charge_of_a_recording():
    """A decaying current: the integral is known; half of it from half-life on."""
    time = np.linspace(0.0, 100.0, 2001)
    segment = Segment("chronoamperometry", {"time_s": time, "current_A": -np.exp(-time / 50.0)})
    whole = charge_of(segment, current_relative_sd=0.001)
    exact = 50.0 * (1 - np.exp(-2.0))
    assert whole.charge_C.value == pytest.approx(exact, rel=1e-6)
    assert whole.charge_C.sd == pytest.approx(0.001 * exact, rel=0.01)
    assert whole.sign == -1
    part = charge_of(segment, from_s=20.01, to_s=60.02)
    assert part.charge_C.value == pytest.approx(50 * (np.exp(-0.4002) - np.exp(-1.2004)), rel=1e-6)
    assert part.duration_s == pytest.approx(40.01)


@pytest.mark.parametrize(
    "columns, options, says",
    [
        ({"time_s": [0, 1, 2]}, {}, "current_A or current_density"),
        ({"current_A": [0, 1, 2]}, {}, "needs the column time_s"),
        ({"time_s": [0, 2, 1], "current_A": [1, 1, 1]}, {}, "do not rise"),
        ({"time_s": [0, 1, 2], "current_density_mA_cm2": [1, 1, 1]}, {}, "state area_cm2"),
        ({"time_s": [0, 1, 2], "current_A": [1, 1, 1]}, {"to_s": 5.0}, "runs from 0 to 2 s"),
        ({"time_s": [0, 1, 2, 3, 4, 900], "current_A": [1] * 6}, {}, "no current is recorded"),
        ({"time_s": [0, 1, 2], "current_A": [0, 0, 0]}, {}, "integrates to zero"),
    ],
)
def test_charge_that_cannot_be_told(columns, options, says):
    with pytest.raises(SampleError, match=says):
        charge_of(Segment("table", columns), **options)


def test_json_goes_to_standard_output_alone(tmp_path, capsys):
    path = Path(tmp_path / "p.toml")
    path.write_text(RUN.format(charge=20.0) + GAS.format(response=100.0, celsius=0.0))
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "products", str(path), "--json", "-"])
    out, _ = capsys.readouterr()
    assert stop.value.code == 0
    assert json.loads(out)["products"][0]["equation"] == "CO2 + 2 H+ + 2 e- -> H2O + CO"


def test_the_record_of_the_current_is_not_overwritten(tmp_path, capsys):
    record = tmp_path / "ca.csv"
    record.write_text("time (s),I (A)\n" + "".join(f"{t},-0.01\n" for t in range(100)))
    path = tmp_path / "p.toml"
    text = RUN.format(charge=20.0) + GAS.format(response=100.0, celsius=0.0)
    for line in ("charge_C = 20.0\n", "duration_s = 3600\n"):
        assert line in text
        text = text.replace(line, "")
    path.write_text(text.replace("[electrolysis]", "[electrolysis]\nfile = 'ca.csv'"))
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "products", str(path), "--json", str(record)])
    assert stop.value.code == 2
    assert "is read by this command" in capsys.readouterr().err
    assert record.read_text().startswith("time")


def test_a_metal_is_an_element(tmp_path, capsys):
    """Weight percent of an oxide would count its formula units as atoms."""
    path = tmp_path / "p.toml"
    catalyst = "\n[catalyst]\nmass_mg = 1.0\nmetals_weight_percent = { Fe2O3 = 2.0 }\n"
    path.write_text(RUN.format(charge=20.0) + GAS.format(response=100.0, celsius=0.0) + catalyst)
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "products", str(path)])
    assert stop.value.code == 2
    assert "'Fe2O3' is no element" in capsys.readouterr().err
