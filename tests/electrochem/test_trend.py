"""Slopes under autocorrelated noise: coverage, limiting cases, an independent method."""

import numpy as np
import pytest

from adatom.electrochem.propagation import interval
from adatom.electrochem.trend import bin_means, fit_trend
from adatom.errors import CurveError


def autoregression(random, count, phi, sd=1.0):
    noise = sd * np.sqrt(1 - phi**2) * random.standard_normal(count)
    noise[0] = sd * random.standard_normal()
    for n in range(1, count):
        noise[n] += phi * noise[n - 1]
    return noise


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_slope_covers_the_truth_under_ar1_noise(phi):
    random = np.random.default_rng(11)
    time = np.arange(240.0)
    hit = 0
    for _ in range(400):
        value = 5.0 + 0.01 * time + autoregression(random, 240, phi)
        low, high = interval(fit_trend(bin_means(time, value), draws=3000).slope_per_s)
        hit += low <= 0.01 <= high
    assert 0.92 <= hit / 400 <= 0.98


def test_long_records_cover_after_averaging():
    """Noise correlated over 50 points of 12,000, and white noise of the instrument on top."""
    random = np.random.default_rng(12)
    time = np.arange(12000.0)
    hit = 0
    for _ in range(200):
        value = 1e-4 * time + autoregression(random, 12000, 0.98) + random.standard_normal(12000)
        low, high = interval(fit_trend(bin_means(time, value), draws=3000).slope_per_s)
        hit += low <= 1e-4 <= high
    assert 0.92 <= hit / 200 <= 0.985


def test_ordinary_least_squares_is_too_sure_where_this_is_not():
    random = np.random.default_rng(13)
    time = np.arange(300.0)
    naive = 0
    for _ in range(200):
        value = autoregression(random, 300, 0.9)
        (slope, _), covariance = np.polyfit(time, value, 1, cov=True)
        naive += abs(slope) <= 1.97 * np.sqrt(covariance[0, 0])
    assert naive / 200 < 0.75


def test_white_noise_gives_ordinary_least_squares():
    random = np.random.default_rng(14)
    time = np.arange(300.0)
    value = 2.0 + 0.1 * time + random.standard_normal(300)
    (slope, _), covariance = np.polyfit(time, value, 1, cov=True)
    trend = fit_trend(bin_means(time, value))
    low, high = interval(trend.slope_per_s)
    assert trend.slope_per_s[0] == pytest.approx(slope, abs=0.2 * np.sqrt(covariance[0, 0]))
    assert high - low == pytest.approx(2 * 1.968 * np.sqrt(covariance[0, 0]), rel=0.25)


def test_noise_as_slow_as_the_record_is_told():
    random = np.random.default_rng(15)
    time = np.arange(300.0)
    assert fit_trend(bin_means(time, np.cumsum(random.standard_normal(300)))).slow
    assert not fit_trend(bin_means(time, random.standard_normal(300))).slow


def test_a_step_is_no_slope():
    random = np.random.default_rng(16)
    time = np.arange(300.0)
    value = 1.0 + 3.0 * (time >= 150.0) + 0.05 * random.standard_normal(300)
    trend = fit_trend(bin_means(time, value, broken_at_s=[149.5]), breaks_s=[149.5])
    low, high = interval(trend.slope_per_s)
    assert low < 0.0 < high
    assert trend.coefficients[0, 2] == pytest.approx(3.0, abs=0.05)


def test_a_line_without_noise_is_exact():
    time = np.linspace(0.0, 10.0, 50)
    trend = fit_trend(bin_means(time, 3.0 - 0.2 * time))
    assert interval(trend.slope_per_s) == pytest.approx((-0.2, -0.2), abs=1e-6)


def test_gaps_do_not_move_the_slope():
    time = np.concatenate([np.arange(0.0, 100.0), np.arange(700.0, 1000.0)])
    value = 0.5 * time + np.random.default_rng(17).standard_normal(400)
    low, high = interval(fit_trend(bin_means(time, value)).slope_per_s)
    assert low < 0.5 < high
    assert high - low < 0.003


def test_too_short_is_refused():
    with pytest.raises(CurveError, match="at least 12"):
        bin_means(np.arange(5.0), np.arange(5.0))
    with pytest.raises(CurveError, match="no duration"):
        bin_means(np.zeros(50), np.arange(50.0))
