"""chi(k), its transforms and its noise, on shells that are known."""

import time

import numpy as np
import pytest
from absorption_files import chi_of_shell, edge_mu, energies, spectrum

from adatom.errors import SpectrumError
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fourier import hann_window, noise_of_chi, transform
from adatom.xas.normalisation import normalise

K = np.arange(0.0, 14.0001, 0.05)


def shell(distance: float, noise: float = 0.0, seed: int = 0, **more) -> FineStructure:
    chi = chi_of_shell(K, distance, **more)
    chi = chi + noise * np.random.default_rng(seed).standard_normal(len(K))
    return FineStructure("shell", K, chi, (3.0, 13.0), max(noise, 1e-6), 7112.0, 1.0)


@pytest.mark.parametrize("distance", [1.5, 2.2, 3.4])
@pytest.mark.parametrize("k_weight", [1, 2, 3])
def test_a_single_shell_peaks_at_its_distance(distance, k_weight):
    found = transform(shell(distance), k_weight=k_weight)
    assert found.peak_angstrom() == pytest.approx(distance, abs=0.01)


def test_transform_of_a_sine_has_the_analytic_height():
    # chi = sin(2 k R): at R the transform is i (integral of the window) / (2 sqrt(pi)).
    chi = np.sin(2 * K * 2.0)
    data = FineStructure("sine", K, chi, (3.0, 13.0), 1e-6, 7112.0, 1.0)
    found = transform(data, k_weight=0)
    area = np.trapezoid(hann_window(K, 3.0, 13.0, 1.0), K)
    assert area == pytest.approx(10.0, abs=1e-6)
    assert found.magnitude.max() == pytest.approx(area / (2 * np.sqrt(np.pi)), rel=5e-3)


def test_noise_is_recovered_under_a_signal():
    found = [noise_of_chi(K, shell(2.2, noise=0.002, seed=s).chi, (3.0, 13.0)) for s in range(30)]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(0.002, rel=0.1)


def test_bad_fine_structure_is_refused():
    with pytest.raises(SpectrumError, match="equal steps"):
        FineStructure("x", K**1.1, K, (3.0, 12.0), 1e-3, 7112.0, 1.0)
    with pytest.raises(SpectrumError, match="must lie within"):
        FineStructure("x", K, K, (3.0, 20.0), 1e-3, 7112.0, 1.0)
    with pytest.raises(SpectrumError, match="must lie within"):
        transform(shell(2.0), k_range_per_angstrom=(3.0, 20.0))


class TestWithRexafs:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("rexafs", reason="the extra xas is not installed")

    def test_background_leaves_the_shell(self):
        from adatom.xas.background import fine_structure

        e = energies(above=850.0)
        mu = edge_mu(e, distance=2.2)
        found = fine_structure(normalise(spectrum(e, mu), 7112.0))
        k = found.k_per_angstrom
        used = (k > 4.0) & (k < 13.0)
        truth = chi_of_shell(k, 2.2)[used]
        assert np.std(found.chi[used] - truth) < 0.06 * np.std(truth)
        assert transform(found).peak_angstrom() == pytest.approx(2.2, abs=0.02)

    def test_too_short_scans_are_refused(self):
        from adatom.xas.background import fine_structure

        e = energies(above=150.0)
        with pytest.raises(SpectrumError, match="XANES is possible"):
            fine_structure(normalise(spectrum(e, edge_mu(e)), 7112.0))

    def test_upper_end_of_k_falls_with_noise(self):
        from adatom.xas.background import usable_end

        ends = []
        for noise in (1e-4, 4e-3, 2e-2):
            chi = shell(2.2, noise=noise).chi
            ends.append(usable_end(K, chi, noise_of_chi(K, chi, (3.0, 14.0))))
        assert ends[0] > ends[1] > ends[2] >= 7.0

    def test_wavelet_peaks_where_the_signal_is(self):
        from adatom.xas.wavelet import cauchy_wavelet

        # A packet at k = 8 and R = 2.5.
        chi = np.exp(-0.5 * ((K - 8.0) / 1.2) ** 2) * np.sin(2 * K * 2.5)
        data = FineStructure("packet", K, chi, (3.0, 13.0), 1e-6, 7112.0, 1.0)
        k, r = cauchy_wavelet(data, k_weight=0).peak()
        # The wavelet widens with R, so that a packet broad in R peaks a little higher.
        assert (k, r) == (pytest.approx(8.0, abs=0.2), pytest.approx(2.5, abs=0.1))

    def test_wavelet_agrees_with_its_definition(self):
        """Munoz et al. 2003: spectrum times (a w)^n exp(-a w), with n = 2 R a."""
        from adatom.xas.wavelet import ORDER, cauchy_wavelet

        data = shell(2.2)
        found = cauchy_wavelet(data)
        points = 2048
        signal = data.chi * K**2 * _sills(K, 3.0, 13.0)
        w = 2 * np.pi * np.fft.fftfreq(points, 0.05)
        rows = []
        for r in found.r_angstrom:
            scaled = ORDER / (2 * r) * np.maximum(w, 1e-12)
            kernel = np.where(w > 0, np.exp(ORDER * np.log(scaled / ORDER) - scaled + ORDER), 0.0)
            rows.append(np.abs(np.fft.ifft(np.fft.fft(signal, points) * kernel))[: len(K)])
        own = np.array(rows)[:, K <= 13.0 + 1e-9]
        theirs = found.magnitude[:, np.isclose(found.k_per_angstrom[:, None], K[None]).any(1)]
        assert theirs.shape == own.shape
        overlap = (own * theirs).sum() / np.sqrt((own**2).sum() * (theirs**2).sum())
        assert overlap > 0.999

    def test_wavelet_takes_less_than_30_ms(self):
        from adatom.xas.wavelet import cauchy_wavelet

        data = shell(2.2)
        times = []
        for _ in range(8):
            start = time.process_time()
            cauchy_wavelet(data)
            times.append(time.process_time() - start)
        assert min(times) < 0.030


def _sills(k: np.ndarray, low: float, high: float) -> np.ndarray:
    """Half cosines of 1 / angstrom inside both limits."""
    rise = np.clip(np.minimum(k - low, high - k), 0.0, 1.0)
    return 0.5 * (1 - np.cos(np.pi * rise))
