import numpy as np
import pytest

from adatom.fitting.noise import durbin_watson_chance, examine, neighbour_noise_mA_cm2


def test_the_durbin_watson_moments_are_those_of_the_dense_quadratic_form():
    """d = e'Ae/e'e with e = M y: E = tr(MA)/(n-k), and the variance of Durbin and Watson."""
    rng = np.random.default_rng(0)
    n, k = 30, 3
    jacobian = rng.standard_normal((n, k))
    m = np.eye(n) - jacobian @ np.linalg.pinv(jacobian)
    difference = np.diff(np.eye(n), axis=0)
    a = difference.T @ difference
    mean = np.trace(m @ a) / (n - k)
    square = np.trace(m @ a @ m @ a)
    variance = 2 * (square - mean * np.trace(m @ a)) / ((n - k) * (n - k + 2))
    assert durbin_watson_chance(mean, jacobian) == pytest.approx(0.5, abs=1e-12)
    below = durbin_watson_chance(mean - 1.959963985 * np.sqrt(variance), jacobian)
    assert below == pytest.approx(0.025, rel=1e-6)


def test_the_chance_is_right_for_independent_noise():
    rng = np.random.default_rng(1)
    jacobian = np.vander(np.linspace(0.0, 1.0, 25), 3)
    m = np.eye(25) - jacobian @ np.linalg.pinv(jacobian)
    residuals = rng.standard_normal((4000, 25)) @ m
    d = (np.diff(residuals, axis=1) ** 2).sum(axis=1) / (residuals**2).sum(axis=1)
    chances = np.array([durbin_watson_chance(x, jacobian) for x in d])
    assert np.mean(chances < 0.01) == pytest.approx(0.01, abs=0.005)
    assert np.mean(chances < 0.5) == pytest.approx(0.5, abs=0.03)


def test_neighbour_noise_does_not_see_a_line_on_uneven_potentials():
    rng = np.random.default_rng(2)
    x = np.sort(rng.random(4000))
    y = 3.0 - 2.0 * x
    assert neighbour_noise_mA_cm2(x, y) < 1e-12
    noisy = y + 0.02 * rng.standard_normal(x.size)
    assert neighbour_noise_mA_cm2(x, noisy) == pytest.approx(0.02, rel=0.05)
    assert neighbour_noise_mA_cm2(x[:2], y[:2]) is None


def test_a_smooth_misfit_is_a_pattern_and_noise_is_none():
    x = np.linspace(1.0, 0.5, 40)
    noise = 0.01 * np.random.default_rng(3).standard_normal(40)
    jacobian = np.ones((40, 1))
    assert not examine(x, noise, jacobian, None, 1e-4).patterned
    wave = examine(x, noise + 0.02 * np.sin(8 * x), jacobian, None, 1e-4)
    assert wave.patterned
    assert wave.reduced_chi2 > 1.5
    assert not examine(x, 1e-3 * np.sin(8 * x), jacobian, None, 1e-2).patterned
    large = examine(x, noise, jacobian, np.full(40, 0.003), 1e-4)
    assert large.too_large
    assert examine(x[:5], noise[:5], jacobian[:5], None, 1e-4).durbin_watson is None
