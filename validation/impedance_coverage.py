"""Coverage and bias of circuit fits on synthetic spectra: the table of docs/impedance.md.

python validation/impedance_coverage.py [DRAWS]
"""

import sys

import numpy as np

from adatom.electrochem.impedance.fit import fit_circuit
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum

CASES = {
    "R(RQ)": ({"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}, "R1"),
    "R([RW]Q)": ({"R0": 10.0, "R1": 63.0, "W1": 30.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}, "R1"),
    "R(RQ)(RQ)": (
        {
            "R0": 10.0,
            "R1": 20.0,
            "CPE1.Q": 2e-5,
            "CPE1.n": 0.9,
            "R2": 63.0,
            "CPE2.Q": 2e-3,
            "CPE2.n": 0.85,
        },
        "R2",
    ),
}
FREQUENCY_HZ = np.logspace(5, -1, 61)
NOISES = {
    "0.5 ohm": lambda z: np.full(len(z), 0.5),
    "2 % of |Z|": lambda z: 0.02 * np.abs(z),
    "2 % of |Z'|, |Z''|": None,
}


def main(draws: int) -> None:
    """Print one row a circuit and noise."""
    print("| circuit | noise | true / ohm | mean of fits | covered | all parameters | rejected |")
    print("|---|---|---|---|---|---|---|")
    for text, (truth, name) in CASES.items():
        circuit = parse_circuit(text)
        exact = circuit.impedance_ohm(truth, FREQUENCY_HZ)
        for noise, sd in NOISES.items():
            random = np.random.default_rng(7)
            values, covered, rejected = [], [], 0
            for _ in range(draws):
                real, imaginary = random.standard_normal((2, len(exact)))
                if sd is None:
                    off = 0.02 * (exact.real * real + 1j * exact.imag * imaginary)
                else:
                    off = sd(exact) * (real + 1j * imaginary)
                fit = fit_circuit(ImpedanceSpectrum(FREQUENCY_HZ, exact + off, noise), circuit)
                values.append(fit.best_point[name])
                rejected += not fit.describes
                inside = {}
                for key, figure in fit.parameters.items():
                    low, high = figure.interval_95
                    inside[key] = (low or 0.0) <= truth[key] <= (np.inf if high is None else high)
                covered.append([inside[name], np.mean(list(inside.values()))])
            share = 100.0 * np.mean(covered, axis=0)
            error = np.std(values) / np.sqrt(draws)
            print(
                f"| {circuit} | {noise} | {truth[name]:g} | {np.mean(values):.2f} +- {error:.2f} |"
                f" {share[0]:.1f} % | {share[1]:.1f} % | {100 * rejected / draws:.1f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
