"""Kramers-Kronig, relaxation times and series resistance against analytic answers."""

import numpy as np
import pytest

from adatom.electrochem.impedance.kramers_kronig import kramers_kronig
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.relaxation_times import relaxation_times
from adatom.electrochem.impedance.resistance import (
    resistance_at_zero_phase_ohm,
    uncompensated_resistance,
)
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from impedance_spectra import synthetic

ARC = parse_circuit("R(RQ)")
ZARC = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-3, "CPE1.n": 0.8}
VALID = {
    "R(RQ)": ZARC,
    "randles": {"R0": 10.0, "R1": 63.0, "W1": 20.0, "C1": 1e-5},
    "porous": {"R0": 10.0, "TLM1.R": 30.0, "TLM1.Q": 2e-3, "TLM1.n": 0.95},
    "LR(RQ)": {"L1": 1e-6, **ZARC},
}


@pytest.mark.parametrize("noise", [0.001, 0.01])
@pytest.mark.parametrize("text", VALID)
def test_causal_spectra_pass(text, noise):
    circuit = parse_circuit(text)
    for seed in range(5):
        s = synthetic(circuit, VALID[text], noise=noise, seed=seed)
        test = kramers_kronig(s)
        assert test.consistent, test.sentence()
        assert test.noise == pytest.approx(noise, rel=0.5)


def test_inductive_loop_of_a_causal_system_passes():
    """Negative resistances in the chain: mu alone would stop too early."""
    circuit = parse_circuit("R0-p(R1-L1,R2,C1)")
    truth = {"R0": 10.0, "R1": 50.0, "L1": 20.0, "R2": 100.0, "C1": 1e-4}
    s = synthetic(circuit, truth, noise=0.002)
    assert s.impedance_ohm.imag.max() > 1.0
    assert kramers_kronig(s).consistent


def test_drift_is_found_where_it_happens():
    """The arc grows by 30 % while the slow frequencies are measured, three periods each."""
    f = np.logspace(5, -1, 61)
    time = np.cumsum(3.0 / f)
    growth = 1.0 + 0.3 * time / time[-1]
    z = [
        ARC.impedance_ohm(ZARC | {"R1": 63.0 * g}, np.array([x]))[0]
        for x, g in zip(f, growth, strict=True)
    ]
    random = np.random.default_rng(0)
    z = np.array(z) * (1 + 0.001 * random.standard_normal(61))
    test = kramers_kronig(ImpedanceSpectrum(f, z, "drift"))
    assert not test.consistent
    assert max(high for high, _ in test.failing_Hz) < 100.0
    assert "FAILS at" in test.sentence()


def test_one_disturbed_point_is_found():
    s = synthetic(ARC, ZARC, noise=0.002)
    z = s.impedance_ohm.copy()
    z[30] *= 1.05
    test = kramers_kronig(ImpedanceSpectrum(s.frequency_Hz, z, "mains"))
    assert not test.consistent
    assert test.fails[30]
    assert test.fails.sum() <= 5


def cole_cole(tau, resistance, quantity, exponent):
    """Analytic distribution of a resistor beside a CPE, per unit of ln tau."""
    x = exponent * np.log(tau / (resistance * quantity) ** (1.0 / exponent))
    angle = (1.0 - exponent) * np.pi
    return resistance / (2.0 * np.pi) * np.sin(angle) / (np.cosh(x) - np.cos(angle))


def test_relaxation_times_of_a_zarc_are_the_analytic_ones():
    s = synthetic(ARC, ZARC, noise=1e-4, points=81, ends=(6, -2))
    times = relaxation_times(s)
    exact = cole_cole(times.relaxation_time_s, 63.0, 1e-3, 0.8)
    assert np.abs(times.distribution_ohm - exact).sum() < 0.05 * exact.sum()
    (peak,) = times.peaks
    assert peak.relaxation_time_s == pytest.approx(0.063 ** (1 / 0.8), rel=0.13)  # half a step
    assert peak.resistance.value == pytest.approx(63.0, rel=0.005)
    assert times.series_resistance_ohm == pytest.approx(10.0, rel=0.005)


@pytest.mark.parametrize("noise", [0.001, 0.01])
def test_two_resistors_beside_capacitors_are_two_peaks(noise):
    circuit = parse_circuit("R(RC)(RC)")
    truth = {"R0": 10.0, "R1": 40.0, "C1": 2.5e-6, "R2": 60.0, "C2": 1e-2}
    times = relaxation_times(synthetic(circuit, truth, noise=noise, points=71, ends=(5, -2)))
    fast, slow = (peak for peak in times.peaks if peak.seen)
    assert fast.relaxation_time_s == pytest.approx(1e-4, rel=0.13)
    assert slow.relaxation_time_s == pytest.approx(0.6, rel=0.13)
    assert fast.resistance.value == pytest.approx(40.0, rel=0.02)
    assert slow.resistance.value == pytest.approx(60.0, rel=0.03)


def test_noise_makes_no_processes():
    """Ripples beside a sharp peak are not called peaks."""
    for seed in range(3):
        times = relaxation_times(synthetic(ARC, ZARC, noise=0.01, seed=seed, ends=(5, -2)))
        assert len([peak for peak in times.peaks if peak.seen]) == 1


def test_process_slower_than_the_measurement_has_no_resistance():
    truth = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 0.1, "CPE1.n": 0.9}
    times = relaxation_times(synthetic(ARC, truth, noise=0.001, ends=(5, 0)))
    assert times.peaks[-1].resistance.value is None
    assert times.polarization_resistance_ohm is None


@pytest.mark.parametrize("text, extra", [("R(RQ)", {}), ("LR(RQ)", {"L1": 1e-6})])
def test_series_resistance_is_found(text, extra):
    truth = {"R0": 12.0, "R1": 200.0, "CPE1.Q": 1e-4, "CPE1.n": 0.9} | extra
    inside = 0
    for seed in range(10):
        s = synthetic(parse_circuit(text), truth, noise=0.005, seed=seed)
        figure = uncompensated_resistance(s)
        low, high = figure.interval_95
        assert figure.value == pytest.approx(12.0, rel=0.03)
        assert figure.unit == "ohm"
        inside += low <= 12.0 <= high
    assert inside >= 8


def test_zero_phase_is_interpolated():
    s = synthetic(parse_circuit("LR(RQ)"), {"L1": 1e-5, **ZARC})
    crossing = resistance_at_zero_phase_ohm(s)
    assert crossing == pytest.approx(10.0, rel=0.05)
    assert resistance_at_zero_phase_ohm(synthetic(ARC, ZARC)) is None


def test_plateau_between_two_arcs_is_no_series_resistance():
    """Resistive at 1 kHz, but capacitive again above: the first arc is not closed."""
    circuit = parse_circuit("two-arcs")
    truth = {"R0": 20.0, "R1": 4000.0, "CPE1.Q": 3e-9, "CPE1.n": 0.87,
             "R2": 2e4, "CPE2.Q": 2e-4, "CPE2.n": 0.8}  # fmt: skip
    figure = uncompensated_resistance(synthetic(circuit, truth, noise=0.003, ends=(5.3, -1)))
    assert figure.value is None
    assert "not reached" in figure.reason


def test_spectrum_that_ends_too_low_is_refused():
    truth = {"R0": 10.0, "R1": 200.0, "CPE1.Q": 1e-4, "CPE1.n": 0.9}
    figure = uncompensated_resistance(synthetic(ARC, truth, noise=0.005, ends=(1.5, -1)))
    assert figure.value is None
    assert "measure beyond" in figure.reason
