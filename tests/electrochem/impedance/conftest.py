"""Spectra of the reference data, read as minimally as their formats allow."""

import io

import numpy as np
import pytest

from adatom.electrochem.impedance.spectrum import spectrum_of
from impedance_spectra import segment


@pytest.fixture(scope="session")
def potential_series(data_folder):
    """14 potentials, 51 frequencies each, at a rotating disk in O2-saturated 0.5 M H2SO4."""
    lines = (data_folder / "echem" / "elchempy_JOS2_O2_EIS.par").read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Definition="))
    end = next(n for n in range(start, len(lines)) if lines[n].startswith("</"))
    rows = np.loadtxt(io.StringIO("\n".join(lines[start + 1 : end])), delimiter=",")
    found = []
    for number in np.unique(rows[:, 0]):
        r = rows[rows[:, 0] == number]
        part = segment(r[:, 9], r[:, 14] + 1j * r[:, 15], potential_V=r[:, 2])
        found.append(spectrum_of(part, f"JOS2 #{int(number)}"))
    return found


@pytest.fixture(scope="session")
def fuel_cell(data_folder):
    """The example of impedance.py: f, Z', Z''."""
    rows = np.loadtxt(data_folder / "echem" / "impedancepy_exampleData.csv", delimiter=",")
    return spectrum_of(segment(rows[:, 0], rows[:, 1] + 1j * rows[:, 2]), "fuel cell")
