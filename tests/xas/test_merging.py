"""The mean of repeated scans, and what is said of scans that disagree."""

from pathlib import Path

import numpy as np
import pytest
from absorption_files import edge_mu, energies, spectrum

from adatom.errors import SpectrumError
from adatom.xas.analysis import Settings, analyse_spectrum
from adatom.xas.merging import merge_scans

E = energies(above=400.0)


def scans(count, *, shift=(), spoilt=(), noise=2e-3):
    found = []
    for n in range(count):
        mu = edge_mu(E, 7112.0 + (0.5 if n in shift else 0.0), noise=noise, seed=n)
        if n in spoilt:
            mu = mu + 0.05 * np.sin(E / 15.0)
        # Gain, offset and slope differ from scan to scan and are no fault.
        mu = (1.0 + 0.05 * n) * mu + 0.02 * n + 1e-5 * n * (E - 7112.0)
        found.append(spectrum(E, mu, label=f"scan {n}", path=Path(f"{n}.xdi")))
    return found


def test_noise_falls_with_the_root_of_the_number_of_scans():
    mean = merge_scans(scans(9, noise=3e-3))
    one, nine = (
        analyse_spectrum(s, Settings(xanes_only=True)).position.noise_mu
        for s in (scans(1, noise=3e-3)[0], mean)
    )
    assert nine == pytest.approx(1.2 * one / 3.0, rel=0.25)  # the mean gain is 1.2
    assert mean.doubts == ()
    assert "8.xdi" in mean.notes[0]


def test_a_drifted_and_a_spoilt_scan_are_named():
    (said,) = merge_scans(scans(6, shift=(3,))).doubts
    assert said.startswith("3.xdi lies +0.50 eV")
    (said,) = merge_scans(scans(6, spoilt=(2,))).doubts
    assert said.startswith("2.xdi departs")
    found = analyse_spectrum(merge_scans(scans(6, spoilt=(2,))), Settings(xanes_only=True))
    assert said in found.warnings


def test_other_energies_are_interpolated_within_the_overlap():
    first, second = scans(2, noise=0.0)
    moved = spectrum(E[10:-10] + 0.1, np.interp(E[10:-10] + 0.1, E, second.mu), path=Path("1.xdi"))
    mean = merge_scans([first, moved])
    assert mean.energy_eV[0] >= E[10]
    whole = np.isin(E, mean.energy_eV)
    np.testing.assert_allclose(mean.mu, 0.5 * (first.mu + second.mu)[whole], atol=2e-3)


def test_what_does_not_belong_together_is_refused():
    first, second = scans(2)
    with pytest.raises(SpectrumError, match="two or more"):
        merge_scans([first])
    with pytest.raises(SpectrumError, match="element Co, but Fe"):
        merge_scans([first, spectrum(E, second.mu, element="Co")])
    far = spectrum(E + 900.0, second.mu)
    with pytest.raises(SpectrumError, match="share"):
        merge_scans([first, far])
