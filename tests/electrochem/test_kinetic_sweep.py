"""Oxygen and hydrogen evolution: figures of sweeps whose truth is known, flags, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from evolution import analysed, measured_evolution

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.corrections import (
    MeasuredSweep,
    per_area,
    to_rhe,
    without_background,
    without_ohmic_drop,
)
from adatom.electrochem.draws import InputErrors
from adatom.electrochem.kinetic_sweep import OhmicDrop
from adatom.electrochem.measured_reaction import REACTIONS
from adatom.electrochem.sample import load_sample
from adatom.errors import CurveError, SampleError
from adatom.readers import read_recording

EXACT = InputErrors()


def clean(slope_mV_dec, e_10_V, start_V, *, reaction="OER", background=0.0):
    """An ideal Tafel line as densities, and its figures."""
    forward = -1.0 if REACTIONS[reaction].cathodic else 1.0
    volt = np.linspace(start_V, e_10_V + forward * 1.2e-3 * slope_mV_dec, 1000)
    driven = 10.0 * 10.0 ** (forward * (volt - e_10_V) * 1e3 / slope_mV_dec) + background
    return MeasuredSweep("clean", volt, None, forward * driven)


def figures(sweep, reaction="OER", ohmic=None, **options):
    from adatom.electrochem.draws import draw_inputs
    from adatom.electrochem.kinetic_sweep import analyse_kinetic

    rng = np.random.default_rng(0)
    return analyse_kinetic(
        sweep, draw_inputs(EXACT, rng), reaction=REACTIONS[reaction], rng=rng, ohmic=ohmic,
        **options,
    )  # fmt: skip


def limited_figures_of(sweep, *, cathodic):
    from adatom.electrochem.draws import draw_inputs
    from adatom.electrochem.limited_sweep import analyse_limited

    rng = np.random.default_rng(0)
    return analyse_limited(sweep, draw_inputs(EXACT, rng), cathodic=cathodic, rng=rng)


@pytest.mark.parametrize(("slope", "e_10"), [(30.0, 1.45), (60.0, 1.55), (120.0, 1.70)])
def test_a_straight_line_comes_back(slope, e_10):
    found = figures(clean(slope, e_10, 1.25))
    assert found.tafel_slope_mV_dec.value == pytest.approx(slope, rel=2e-3)
    assert found.potentials_V_rhe[0].value == pytest.approx(e_10, abs=2e-4)
    assert found.overpotentials_V[0].value == pytest.approx(e_10 - 1.229, abs=2e-4)
    assert found.overpotentials_V[1].value == pytest.approx(e_10 + 1e-3 * slope - 1.229, abs=3e-4)
    assert found.onset_V_rhe.value == pytest.approx(e_10 - 2e-3 * slope, abs=5e-4)


def test_hydrogen_evolution_runs_the_other_way():
    found = figures(clean(40.0, -0.15, 0.1, reaction="HER"), "HER")
    assert found.potentials_V_rhe[0].value == pytest.approx(-0.15, abs=2e-4)
    assert found.overpotentials_V[0].value == pytest.approx(0.15, abs=2e-4)
    assert found.tafel_slope_mV_dec.value == pytest.approx(40.0, rel=2e-3)
    at = found.kinetic_mA_cm2[1]
    assert at.conditions["at_V_rhe"] == -0.1
    assert at.value == pytest.approx(10.0 * 10 ** (-50 / 40), rel=0.02)


def test_no_slope_within_50_mV_of_equilibrium():
    found = figures(clean(30.0, -0.02, 0.05, reaction="HER"), "HER")
    window = found.tafel_slope_mV_dec.conditions.get("window_V_rhe")
    assert found.tafel_slope_mV_dec.value is None or max(window) <= -0.05


def test_a_level_that_is_not_reached_has_no_figure_but_a_reason():
    volt = np.linspace(1.2, 1.5, 500)
    found = figures(MeasuredSweep("low", volt, None, 10.0 ** ((volt - 1.45) / 0.06)))
    assert found.potentials_V_rhe[0].value is None
    # Neighbours are averaged: 6.4 of the 6.8 mA/cm2 of the last point.
    reason = found.potentials_V_rhe[0].reason
    assert "does not reach 10 mA/cm2: its largest current is 6.4 mA/cm2" in reason


def test_intervals_cover_the_truth():
    covered = {"tafel": [], "e_10": []}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        slope, e_10 = rng.uniform(30.0, 120.0), rng.uniform(1.45, 1.65)
        found = analysed(*measured_evolution(slope, e_10, rng), np.random.default_rng(1000 + seed))
        for name, figure, true in (
            ("tafel", found.tafel_slope_mV_dec, slope),
            ("e_10", found.potentials_V_rhe[0], e_10),
        ):
            low, high = figure.interval_95
            covered[name].append((low or 0.0) <= true <= (high or np.inf))
    # 60 binomial trials of 0.95: fewer than 52 happen once in 200 times.
    assert min(sum(c) for c in covered.values()) >= 52


def test_the_foot_is_subtracted_only_when_asked_for():
    sweep = clean(60.0, 1.60, 1.2, background=0.2)
    left, zeroed = figures(sweep), figures(sweep, zero_at_foot=True)
    assert left.foot.offset_mA_cm2 == pytest.approx(0.2, rel=0.02)
    assert [c.name for c in left.sweep.corrections] == []
    assert [c.name for c in zeroed.sweep.corrections] == ["background"]
    assert zeroed.tafel_slope_mV_dec.value == pytest.approx(60.0, rel=5e-3)
    low, high = left.tafel_slope_mV_dec.interval_95
    assert low < 60.0 < high
    assert high - low > 3.0 * np.subtract(*zeroed.tafel_slope_mV_dec.interval_95[::-1])
    assert "more than the onset" in left.onset_V_rhe.reason


def with_resistance(ohm, fraction):
    felt = np.linspace(1.2, 1.62, 1000)
    current = 0.196e-3 * 10.0 * 10.0 ** ((felt - 1.55) / 0.06)
    sweep = to_rhe(per_area(MeasuredSweep("iR", felt + ohm * current, current), 0.196), 0.0, "")
    sweep = without_ohmic_drop(sweep, ohm, fraction=fraction, compensated=0.0, source="made")
    return figures(sweep, ohmic=OhmicDrop(ohm, 1.0 - fraction))


def test_what_a_resistance_does_is_flagged():
    assert any("iR-dominated" in f for f in with_resistance(20.0, 1.0).flags)
    assert not any("iR" in f or "resistance" in f for f in with_resistance(1.0, 1.0).flags)
    # What is left uncorrected bends the line: the window ends before it.
    partly = with_resistance(5.0, 0.8).tafel_slope_mV_dec
    assert partly.value == pytest.approx(60.0, rel=0.01)
    assert partly.conditions["window_mA_cm2"][1] < 5.0


def test_densities_need_no_area_and_refuse_an_ohmic_correction(tmp_path):
    volt = np.linspace(1.2, 1.62, 400)
    file = tmp_path / "oer.csv"
    rows = [f"{v:.6f},{10 * 10 ** ((v - 1.55) / 0.06):.8g}" for v in volt]
    file.write_text("E (V vs RHE),j (mA/cm2)\n" + "\n".join(rows) + "\n")
    settings = ["measurement.reaction=OER", "reference.electrode=RHE"]

    def run(*more):
        return analyse_recordings(
            [read_recording(file)], load_sample(None, [*settings, *more]), read=read_recording,
            resistance_of=lambda _: None, draws=50,
        )  # fmt: skip

    (found,) = run().kinetic
    assert found.potentials_V_rhe[0].value == pytest.approx(1.55, abs=5e-4)
    with pytest.raises(SampleError, match="current densities and no currents"):
        run("resistance.ohm=5", "resistance.fraction=1")
    with pytest.raises(SampleError, match=r"ORR, OER, HER, got 'OXR'"):
        run("measurement.reaction=OXR")


def test_iridium_oxide_from_a_public_file(data_folder):
    """Densities per geometric area, iR-free; potential where the file itself crosses 10 mA/cm2."""
    path = data_folder / "echem" / "OER_Ir_LSV.txt"
    recording = read_recording(path, {"current_density_mA_cm2": "j Ageo"})
    sample = load_sample(
        None, ["measurement.reaction=OER", "reference.electrode=RHE", "background.zero=foot"]
    )
    (found,) = analyse_recordings(
        [recording], sample, read=read_recording, resistance_of=lambda _: None
    ).kinetic
    volt = recording.segments[0]["potential_V"]
    density = recording.segments[0]["current_density_mA_cm2"]
    crossing = volt[np.flatnonzero(density < 10.0 + found.foot.offset_mA_cm2)[-1]]
    assert found.potentials_V_rhe[0].value == pytest.approx(crossing, abs=1e-3)
    # About 40 mV/dec is what iridium oxides show in acid.
    assert found.tafel_slope_mV_dec.value == pytest.approx(40.0, abs=4.0)
    assert found.tafel_slope_mV_dec.conditions["decades"] > 2.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("reaction", ["HER", "OER"])
def test_no_current_in_the_driving_direction_is_said(reaction):
    forward = -1.0 if reaction == "HER" else 1.0
    right = clean(40.0, -0.15 if reaction == "HER" else 1.5, 0.1 if reaction == "HER" else 1.2,
                  reaction=reaction)  # fmt: skip
    for density in (-right.density, 0.0 * right.density, -forward * np.ones(1000)):
        wrong = replace(right, current_density_mA_cm2=density)
        with pytest.raises(CurveError, match="turn the sign of the column"):
            figures(wrong, reaction)
    blank = replace(to_rhe(right, 0.0, "RHE"), label="blank")
    blank = replace(blank, current_density_mA_cm2=2.0 * right.density)
    less = without_background(to_rhe(right, 0.0, "RHE"), blank)
    with pytest.raises(CurveError, match="the background is larger than the sweep"):
        figures(less, reaction)
    with pytest.raises(CurveError, match="the background is larger than the sweep"):
        limited_figures_of(less, cathodic=reaction == "HER")
