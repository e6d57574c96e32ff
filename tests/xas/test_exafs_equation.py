import numpy as np
import pytest

from adatom.xas.exafs import PathParameters, chi_of_paths, tables_of
from adatom.xas.fine_structure import K2_PER_EV
from adatom.xas.scattering_path import ScatteringPath, read_feff_path

K = np.linspace(0.0, 18.0, 91)
AT = np.array([4.0, 6.0, 8.0, 10.0, 12.0, 14.0])


def plain(amplitude=0.5, mean_free_path=1e9, distance=2.5):
    """Constant amplitude, phase 0.3 k, momentum k: the textbook equation applies."""
    return ScatteringPath("Fe", ("N",), 1.0, distance, K, np.full(91, amplitude), 0.3 * K,
                          np.full(91, mean_free_path), K)  # fmt: skip


def parameters(number=1.0, shift=0.0, sigma2=0.0, third=None):
    c3 = None if third is None else np.array([third])
    return PathParameters(np.array([number]), np.array([shift]), np.array([sigma2]), c3)


def test_textbook_limit():
    """N f / (k R^2) sin(2kR + phase), damped by sigma2 (in amplitude) and the mean free path."""
    r, sigma2, mean_free_path = 2.5, 0.005, 8.0
    found = chi_of_paths(tables_of([plain()]), AT, 0.0, parameters(4.0))[0]
    np.testing.assert_allclose(
        found, 4 * 0.5 / (AT * r**2) * np.sin(2 * AT * r + 0.3 * AT), atol=1e-9
    )
    damped = chi_of_paths(tables_of([plain()]), AT, 0.0, parameters(4.0, sigma2=sigma2))[0]
    # sigma2 also turns the phase by -4 k sigma2/R: the 1/R^2 within the distribution.
    turned = 2 * AT * r + 0.3 * AT - 4 * AT * sigma2 / r
    want = 4 * 0.5 / (AT * r**2) * np.exp(-2 * AT**2 * sigma2) * np.sin(turned)
    np.testing.assert_allclose(damped, want, atol=1e-9)
    lossy = chi_of_paths(tables_of([plain(mean_free_path=mean_free_path)]), AT, 0.0, parameters())[
        0
    ]
    free = chi_of_paths(tables_of([plain()]), AT, 0.0, parameters())[0]
    np.testing.assert_allclose(lossy, free * np.exp(-2 * r / mean_free_path), atol=1e-9)


def test_a_shift_is_another_distance():
    moved = chi_of_paths(tables_of([plain()]), AT, 0.0, parameters(shift=0.1))
    there = chi_of_paths(tables_of([plain(distance=2.6)]), AT, 0.0, parameters())
    np.testing.assert_allclose(moved, there, atol=1e-9)


def test_e0_moves_the_origin_of_k():
    assert pytest.approx(0.262468, abs=1e-6) == K2_PER_EV
    shifted = chi_of_paths(tables_of([plain()]), AT, 5.0, parameters())
    there = chi_of_paths(tables_of([plain()]), np.sqrt(AT**2 - 5.0 * K2_PER_EV), 0.0, parameters())
    np.testing.assert_allclose(shifted, there, atol=1e-9)
    assert chi_of_paths(tables_of([plain()]), np.array([0.5]), 9.0, parameters())[0, 0] == 0.0


def test_third_cumulant_is_the_skew_of_the_distribution():
    """Against the mean of exp(2ikr) over a skewed (gamma) distribution of small width."""
    random = np.random.default_rng(0)
    shape, width = 400.0, 0.05
    r = (random.gamma(shape, 1.0, 400_000) - shape) / np.sqrt(shape) * width
    sigma2, third = width**2, 2.0 / np.sqrt(shape) * width**3
    table = tables_of([plain(distance=50.0)])
    k = np.array([4.0, 8.0])
    found = chi_of_paths(table, k, 0.0, parameters(sigma2=sigma2, third=third))[0]
    wave = np.exp(2j * np.outer(k, r)).mean(axis=1) * np.exp(1j * (2 * k * 50.0 + 0.3 * k))
    turned = np.exp(-4j * k * sigma2 / 50.0)
    want = 0.5 / (k * 50.0**2) * (wave * turned).imag
    np.testing.assert_allclose(found, want, atol=2e-3 * 0.5 / (4 * 50.0**2))


def test_xraylarch_gives_the_same_chi(data_folder):
    """path2chi of xraylarch 2026.3.1: degen 12, s02 0.9, e0 4, deltar 0.02, sigma2 0.008,
    third 1e-4 on its example path Cu-Cu; tolerance: splines on different grids."""
    path = read_feff_path(data_folder / "xas" / "larch_Cu_feff0001.dat")
    found = chi_of_paths(tables_of([path]), AT, 4.0, parameters(10.8, 0.02, 0.008, 1e-4))[0]
    larch = [-0.0425356153, 0.0338952774, -0.0024204399, -0.0030424876, 0.0018778971, -0.0006988784]
    np.testing.assert_allclose(found, larch, atol=3e-6)
