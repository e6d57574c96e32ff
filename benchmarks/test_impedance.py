"""Fit of R(RQ) to 61 points, beside pyimpspec and impedance.py where they are installed.

Speed, and whether the resistance of 63 ohm comes back: its mean over draws of noise, and how often
a 95 % interval holds it (for the peers 1.96 of the standard errors that they give).
"""

import time
import warnings

import numpy as np
import pytest

from adatom.electrochem.impedance.fit import fit_circuit
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum

TRUTH = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}
FREQUENCY_HZ = np.logspace(5, -1, 61)
NOISE_OHM = 0.5
TASK = "R(RQ) of 61 points"
DRAWS = 500


def noisy(seed):
    """The spectrum with one draw of noise, (61,) complex, ohm."""
    exact = parse_circuit("R(RQ)").impedance_ohm(TRUTH, FREQUENCY_HZ)
    real, imaginary = np.random.default_rng(seed).standard_normal((2, 61))
    return exact + NOISE_OHM * (real + 1j * imaginary)


def adatom(impedance):
    fit = fit_circuit(ImpedanceSpectrum(FREQUENCY_HZ, impedance, "synthetic"), "R(RQ)")
    return fit.parameters["R1"].value, *fit.parameters["R1"].interval_95


def pyimpspec(impedance, **options):
    """Its fit from its default values; all methods and weights are tried where none is given."""
    package = pytest.importorskip("pyimpspec", reason="pyimpspec is not installed")
    data = package.DataSet(frequencies=FREQUENCY_HZ, impedances=impedance)
    fit = package.fit_circuit(package.parse_cdc("R(RQ)"), data, num_procs=1, **options)
    found = fit.to_parameters_dataframe().query("Parameter == 'R'").iloc[-1]
    half = 1.96 * found["Value"] * found["Std. err. (%)"] / 100.0
    return found["Value"], found["Value"] - half, found["Value"] + half


def impedance_py(impedance, **options):
    """It takes its starting values from the user: rough ones are given."""
    circuits = pytest.importorskip(
        "impedance.models.circuits", reason="impedance.py is not installed"
    )
    circuit = circuits.CustomCircuit("R0-p(R1,CPE1)", initial_guess=[5.0, 100.0, 1e-3, 0.9])
    circuit.fit(FREQUENCY_HZ, impedance, **options)
    value, half = circuit.parameters_[1], 1.96 * circuit.conf_[1]
    return value, value - half, value + half


FITS = {
    "adatom": (adatom, {}),
    "pyimpspec, least squares, boukamp": (pyimpspec, {"method": "leastsq", "weight": "boukamp"}),
    "pyimpspec, least squares, modulus": (pyimpspec, {"method": "leastsq", "weight": "modulus"}),
    "pyimpspec, least squares, unity": (pyimpspec, {"method": "leastsq", "weight": "unity"}),
    "pyimpspec, its default (all)": (pyimpspec, {}),
    "impedance.py, its default": (impedance_py, {}),
    "impedance.py, by modulus": (impedance_py, {"weight_by_modulus": True}),
}
SLOW = "pyimpspec, its default (all)"
"""Seconds a fit: a few draws only."""


@pytest.mark.benchmark(group="impedance")
@pytest.mark.parametrize("name", FITS)
def test_fit(name, benchmark, rates):
    """Target: 10 ms, with starting values, noise structure and intervals."""
    fit, options = FITS[name]
    rounds, warm = (2, 0) if name == SLOW else (30, 3)
    impedance, cpu_s = noisy(0), []

    def once():
        started = time.process_time()
        fit(impedance, **options)
        cpu_s.append(time.process_time() - started)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        benchmark.pedantic(once, rounds=rounds, warmup_rounds=warm)
    rates[f"{TASK}: {name}"] = 1.0 / benchmark.stats.stats.min
    rates[f"{TASK} (CPU seconds): {name}"] = 1.0 / min(cpu_s)


@pytest.mark.benchmark(group="impedance, draws of noise")
@pytest.mark.parametrize("name", FITS)
def test_bias(name, benchmark, findings):
    """Target: 63 ohm within the interval in 92 to 98 % of 500 draws."""
    fit, options = FITS[name]
    draws = 10 if name == SLOW else DRAWS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = benchmark.pedantic(
            lambda: np.array([fit(noisy(seed), **options) for seed in range(draws)], dtype=float),
            rounds=1,
        )
    value, low, high = found.T
    inside = np.mean((low <= TRUTH["R1"]) & (high >= TRUTH["R1"]))
    findings.append(
        f"R1 = 63 ohm, {NOISE_OHM} ohm of noise, {draws} draws: {name:36s} mean"
        f" {value.mean():8.2f} +- {value.std(ddof=1) / np.sqrt(draws):.2f}, scatter"
        f" {value.std(ddof=1):.2f}, covered {inside:6.1%}"
    )
    if name == "adatom":
        assert 0.92 <= inside <= 0.98
