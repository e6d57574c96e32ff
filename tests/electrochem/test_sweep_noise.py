"""Smoothing of a sweep against scipy's filter, and noise that grows with the current."""

import numpy as np
import pytest
from scipy.signal import savgol_filter

from adatom.electrochem.noise import ORDER, WINDOW, Noise, smoothed


@pytest.mark.parametrize("count", [9, 10, 31, 240])
def test_smoothing_is_that_of_savitzky_and_golay(count):
    values = np.random.default_rng(count).standard_normal(count)
    assert smoothed(values) == pytest.approx(savgol_filter(values, WINDOW, ORDER), abs=1e-12)


def test_noise_relative_to_the_current_adds_in_quadrature():
    values = np.linspace(0.0, 4.0, 50)
    along = Noise(0.3, 0.0, relative=0.1).along(values)
    assert along[0] == pytest.approx(0.3)
    assert along[-1] == pytest.approx(0.5)
    assert Noise(0.3, 0.0).along(values) == pytest.approx(0.3)
