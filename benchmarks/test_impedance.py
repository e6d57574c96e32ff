"""Fit of R(RQ) to 61 points, beside pyimpspec and impedance.py where they are installed."""

import numpy as np
import pytest

from adatom.electrochem.impedance.fit import fit_circuit
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum

TRUTH = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}
FREQUENCY_HZ = np.logspace(5, -1, 61)
ROUNDS = 30
TASK = "R(RQ) of 61 points"


@pytest.fixture
def noisy():
    exact = parse_circuit("R(RQ)").impedance_ohm(TRUTH, FREQUENCY_HZ)
    random = np.random.default_rng(0)
    return exact + 0.5 * (random.standard_normal(61) + 1j * random.standard_normal(61))


@pytest.mark.benchmark(group="impedance")
def test_adatom(benchmark, rates, noisy):
    """Target: 10 ms, with starting values, noise structure and intervals."""
    spectrum = ImpedanceSpectrum(FREQUENCY_HZ, noisy, "synthetic")
    fit = benchmark.pedantic(fit_circuit, (spectrum, "R(RQ)"), rounds=ROUNDS, warmup_rounds=3)
    assert fit.parameters["R1"].value == pytest.approx(63.0, rel=0.02)
    rates[f"{TASK}: adatom"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="impedance")
def test_pyimpspec(benchmark, rates, noisy):
    """Its least squares with its default weights, from its default values."""
    pyimpspec = pytest.importorskip("pyimpspec")
    data = pyimpspec.DataSet(frequencies=FREQUENCY_HZ, impedances=noisy)

    def fit():
        circuit = pyimpspec.parse_cdc("R(RQ)")
        return pyimpspec.fit_circuit(circuit, data, method="leastsq", weight="boukamp", num_procs=1)

    benchmark.pedantic(fit, rounds=ROUNDS, warmup_rounds=3)
    rates[f"{TASK}: pyimpspec"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="impedance")
def test_impedance_py(benchmark, rates, noisy):
    """It takes its starting values from the user: rough ones are given."""
    circuits = pytest.importorskip("impedance.models.circuits")

    def fit():
        circuit = circuits.CustomCircuit("R0-p(R1,CPE1)", initial_guess=[5.0, 100.0, 1e-3, 0.9])
        return circuit.fit(FREQUENCY_HZ, noisy)

    benchmark.pedantic(fit, rounds=ROUNDS, warmup_rounds=3)
    rates[f"{TASK}: impedance.py"] = 1.0 / benchmark.stats.stats.min
