"""Fits give back what spectra were made with, with intervals that hold, and say what they lack."""

import numpy as np
import pytest

from adatom.electrochem.impedance.fit import fit_circuit
from adatom.electrochem.impedance.noise import noise_exponent
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from adatom.errors import ImpedanceError
from impedance_spectra import synthetic

RANDLES = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}
CIRCUIT = parse_circuit("R(RQ)")
TRUTHS = {
    "randles-cpe": {"R0": 8.0, "R1": 40.0, "W1": 25.0, "CPE1.Q": 2e-5, "CPE1.n": 0.9},
    "nernst": {
        "R0": 8.0, "R1": 40.0, "Ws1.R": 60.0, "Ws1.tau": 0.3, "CPE1.Q": 2e-5, "CPE1.n": 0.9,
    },
    "two-arcs-inductive": {
        "L1": 1e-6, "R0": 8.0, "R1": 20.0, "CPE1.Q": 1e-5, "CPE1.n": 0.9,
        "R2": 80.0, "CPE2.Q": 3e-3, "CPE2.n": 0.85,
    },
    "adsorption": {"R0": 8.0, "CPE1.Q": 2e-5, "CPE1.n": 0.9, "R1": 30.0, "R2": 70.0, "C2": 5e-3},
    "gerischer": {
        "R0": 8.0, "R1": 20.0, "CPE1.Q": 1e-5, "CPE1.n": 0.9, "G1.R": 60.0, "G1.tau": 0.2,
    },
    "porous": {"R0": 8.0, "TLM1.R": 30.0, "TLM1.Q": 2e-3, "TLM1.n": 0.95},
}  # fmt: skip


@pytest.mark.parametrize("name", TRUTHS)
def test_exact_spectra_give_their_parameters_back(name):
    circuit = parse_circuit(name)
    fit = fit_circuit(synthetic(circuit, TRUTHS[name]), circuit)
    assert fit.describes
    for key, value in TRUTHS[name].items():
        assert fit.best_point[key] == pytest.approx(value, rel=1e-5), key


@pytest.mark.parametrize("proportional, noise", [(False, 0.5), (True, 0.02)])
def test_intervals_cover_the_truth_without_bias(proportional, noise):
    """100 draws: 95 % +- 2 standard errors (5 points); the campaign of 500 is in validation/."""
    inside, values, right = [], [], 0
    for seed in range(100):
        spectrum = synthetic(CIRCUIT, RANDLES, noise=noise, proportional=proportional, seed=seed)
        fit = fit_circuit(spectrum, CIRCUIT)
        low, high = fit.parameters["R1"].interval_95
        inside.append(low <= 63.0 <= high)
        values.append(fit.best_point["R1"])
        right += fit.describes
    assert 0.90 <= np.mean(inside) <= 1.0
    assert abs(np.mean(values) - 63.0) < 3.0 * np.std(values) / np.sqrt(len(values))
    assert right >= 96  # 1 % of right circuits are called wrong


def test_weights_from_noisy_points_would_be_biased():
    """What the weighting is for: the same least squares with 1/|Z measured| misses the truth."""
    from adatom.electrochem.impedance.elements import Frequencies
    from adatom.electrochem.impedance.least_squares import Problem

    found = []
    for seed in range(40):
        s = synthetic(CIRCUIT, RANDLES, noise=0.15, seed=seed)
        frequencies = Frequencies.of(s.frequency_Hz)
        problem = Problem(CIRCUIT, frequencies, s.impedance_ohm, 1.0 / s.modulus_ohm)
        start = problem.inward(np.array(list(RANDLES.values())))
        naive = problem.outward(problem.minimise(start).inner)[1]
        right = fit_circuit(s, CIRCUIT).best_point["R1"]
        found.append((naive, right))
    naive, right = np.mean(found, axis=0)
    error = np.std(found, axis=0) / np.sqrt(len(found))
    assert naive < 63.0 - 4.0 * error[0]
    assert abs(right - 63.0) < 3.0 * error[1]


def test_structure_of_the_noise_is_found():
    random = np.random.default_rng(0)
    modulus = np.geomspace(10.0, 1e4, 200)
    for exponent in (0.0, 0.5, 1.0):
        drawn = np.tile(modulus**exponent, 2) * random.standard_normal(400)
        assert noise_exponent(drawn, modulus) == pytest.approx(exponent, abs=0.06)


def test_what_the_spectrum_does_not_determine_is_open():
    """Down to 100 Hz only, an arc of 0.03 Hz is a CPE: its resistance is bounded from below."""
    truth = {"R0": 10.0, "R1": 1000.0, "CPE1.Q": 5e-3, "CPE1.n": 0.9}
    fit = fit_circuit(synthetic(CIRCUIT, truth, noise=0.01, ends=(5, 2)), CIRCUIT)
    figure = fit.parameters["R1"]
    assert figure.value is None
    assert figure.interval_95[1] is None
    assert "not determined" in figure.reason
    assert any(s.startswith("R1: not determined") for s in fit.sentences())
    assert fit.parameters["R0"].value == pytest.approx(10.0, rel=0.02)


def test_resistance_too_small_to_be_seen_is_bounded_from_above():
    """R0 of 0.001 ohm beside |Z| above 1000 ohm."""
    truth = {"R0": 1e-3, "R1": 4000.0, "CPE1.Q": 3e-9, "CPE1.n": 0.87}
    fit = fit_circuit(synthetic(CIRCUIT, truth, noise=0.01, ends=(5.3, 1)), CIRCUIT)
    figure = fit.parameters["R0"]
    assert figure.value is None
    assert figure.interval_95[0] is None
    assert 1.0 < figure.interval_95[1] < 200.0


def test_profile_agrees_with_brute_force():
    """Two overlapping arcs: ends of an interval that is no parabola, against fits at fixed R1."""
    from adatom.electrochem.impedance.elements import Frequencies
    from adatom.electrochem.impedance.least_squares import Problem

    circuit = parse_circuit("two-arcs")
    truth = {"R0": 10.0, "R1": 20.0, "CPE1.Q": 1e-4, "CPE1.n": 0.9,
             "R2": 63.0, "CPE2.Q": 1e-3, "CPE2.n": 0.85}  # fmt: skip
    s = synthetic(circuit, truth, noise=0.03)
    fit = fit_circuit(s, circuit)
    figure = fit.parameters["R1"]
    assert figure.conditions["interval"] == "profile"
    weights = np.abs(fit.fitted_ohm) ** -fit.noise_exponent
    problem = Problem(circuit, Frequencies.of(s.frequency_Hz), s.impedance_ohm, weights)
    best = problem.inward(np.array(list(fit.best_point.values())))
    least = problem.minimise(best).square
    freedom = 2 * len(s) - len(truth)
    limit = 1.9811**2 * least / freedom  # t of 115 degrees of freedom
    others = [0, *range(2, len(truth))]
    rises = []
    for end in figure.interval_95:
        held = best.copy()
        # Small steps, so that the others follow.
        for value in np.linspace(best[1], np.log(end), 40):
            held[1] = value
            held = problem.minimise(held, others).inner
        rises.append(problem.minimise(held, others).square - least)
    assert rises[0] == pytest.approx(rises[1], rel=0.06)
    assert limit * 0.95 < rises[0] < limit * 1.7  # wider where the residuals ask for it


def test_wrong_circuit_is_rejected_and_said():
    circuit = parse_circuit("two-arcs")
    truth = {"R0": 10.0, "R1": 20.0, "CPE1.Q": 1e-5, "CPE1.n": 0.9,
             "R2": 63.0, "CPE2.Q": 5e-3, "CPE2.n": 0.85}  # fmt: skip
    s = synthetic(circuit, truth, noise=0.005)
    assert fit_circuit(s, circuit).describes
    fit = fit_circuit(s, "R(RQ)")
    assert not fit.describes
    assert fit.sentences()[0].startswith("THE CIRCUIT DOES NOT DESCRIBE")


def test_ideal_capacitor_is_told_from_a_cpe():
    truth = {"R0": 10.0, "R1": 63.0, "C1": 1e-5}
    fit = fit_circuit(synthetic(parse_circuit("R(RC)"), truth, noise=0.01, seed=3), "R(RQ)")
    low, high = fit.parameters["CPE1.n"].interval_95
    assert low < 1.0 <= high + 1e-6
    assert low > 0.97


def test_arcs_are_numbered_from_fast_to_slow():
    circuit = parse_circuit("two-arcs")
    truth = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 5e-3, "CPE1.n": 0.85,
             "R2": 20.0, "CPE2.Q": 1e-5, "CPE2.n": 0.9}  # fmt: skip
    fit = fit_circuit(synthetic(circuit, truth, noise=0.002), circuit, start=truth)
    assert fit.best_point["R1"] == pytest.approx(20.0, rel=0.05)
    assert fit.best_point["R2"] == pytest.approx(63.0, rel=0.05)


def test_too_few_points_are_refused():
    s = synthetic(CIRCUIT, RANDLES, points=5)
    with pytest.raises(ImpedanceError, match="5 points cannot determine the 7 parameters"):
        fit_circuit(s, "two-arcs")


@pytest.mark.parametrize(
    "frequency, z, said",
    [
        ([1, 2, 3, 4, np.nan], np.ones(5) - 1j, "point 5"),
        ([1, 2, 3, 4, -5], np.ones(5) - 1j, "above 0"),
        ([1, 2, 3], np.ones(3) - 1j, "3 points"),
        ([1, 2, 3, 4, 5], -np.ones(5) - 1j, "columns in the right order"),
        ([1, 2, 3, 4, 5], np.array([1, 1, 0, 1, 1]) + 0j, "point 3 is 0"),
    ],
)
def test_numbers_that_are_no_spectrum_are_refused(frequency, z, said):
    with pytest.raises(ImpedanceError, match=said):
        ImpedanceSpectrum(np.array(frequency, dtype=float), z, "bad")
