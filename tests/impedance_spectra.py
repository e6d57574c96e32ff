"""Synthetic spectra of known parameters."""

import numpy as np

from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from adatom.readers.recording import Segment


def segment(frequency, z, **columns):
    named = {
        "frequency_Hz": frequency,
        "impedance_real_ohm": np.real(z),
        "impedance_imaginary_ohm": np.imag(z),
    }
    return Segment("impedance", named | columns)


def synthetic(circuit, truth, *, noise=0.0, proportional=True, points=61, seed=0, ends=(5, -1)):
    """A spectrum of known parameters; noise of |Z| or in ohm."""
    f = np.logspace(*ends, points)
    z = circuit.impedance_ohm(truth, f)
    sd = noise * np.abs(z) if proportional else noise
    random = np.random.default_rng(seed)
    drawn = random.standard_normal(points) + 1j * random.standard_normal(points)
    return ImpedanceSpectrum(f, z + sd * drawn, "synthetic")
