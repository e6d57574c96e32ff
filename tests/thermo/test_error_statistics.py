"""Error statistics against analytic results, an independent library, and their own promise."""

from math import asin, pi

import numpy as np
import pytest
from scipy import stats

from adatom.thermo.error_statistics import (
    error_statistics,
    jackknife_se,
    outliers,
    spearman_interval,
)


def test_the_jackknife_of_a_mean_is_the_textbook_standard_error():
    values = np.random.default_rng(0).normal(size=9)
    expected = values.std(ddof=1) / 3.0
    assert jackknife_se(np.mean, values, np.arange(9)) == pytest.approx(expected)


def test_errors_shared_by_a_site_do_not_count_as_independent():
    own = np.random.default_rng(0).normal(size=5)
    values, sites = np.repeat(own, 4), np.repeat(np.arange(5), 4)
    expected = own.std(ddof=1) / np.sqrt(5)
    assert jackknife_se(np.mean, values, sites) == pytest.approx(expected)
    assert jackknife_se(np.mean, values[:4], sites[:4]) is None


def test_mean_scatter_and_rms_belong_together():
    reference = np.array([0.0, 1.0, 2.0, 3.0])
    engine = reference + np.array([0.3, 0.5, 0.1, 0.3])
    found = error_statistics("abcd", ["*OH"] * 4, reference, engine)
    assert found.mean_signed_eV == pytest.approx(0.3)
    assert found.mean_absolute_eV == pytest.approx(0.3)
    assert found.sd_eV == pytest.approx(np.std([0.3, 0.5, 0.1, 0.3], ddof=1))
    assert found.rms_eV**2 == pytest.approx(0.3**2 + found.sd_eV**2 * 3 / 4)
    assert (found.spearman, found.kendall) == (1.0, 1.0)


def test_a_constant_shift_is_bias_and_no_scatter():
    reference = np.array([0.0, 1.0, 5.0])
    found = error_statistics("abc", ["*O"] * 3, reference, reference - 0.4)
    assert found.mean_signed_eV == pytest.approx(-0.4)
    assert found.mean_absolute_se_eV == pytest.approx(0.0, abs=1e-12)
    assert found.rms_eV == pytest.approx(0.4)
    assert found.sd_eV == pytest.approx(0.0, abs=1e-12)


def test_ranks_of_one_adsorbate_are_those_of_scipy():
    rng = np.random.default_rng(3)
    reference = rng.normal(size=12)
    engine = reference + rng.normal(size=12)
    found = error_statistics(list(map(str, range(12))), ["*OH"] * 12, reference, engine)
    assert found.spearman == pytest.approx(stats.spearmanr(reference, engine).statistic)
    assert found.kendall == pytest.approx(stats.kendalltau(reference, engine).statistic)


def test_the_order_of_adsorbates_is_no_merit():
    """Between two sites an engine that knows the adsorbates but not the sites is no better."""
    sites, states = list("abab"), ["*OH", "*OH", "*OOH", "*OOH"]
    reference = np.array([0.5, 0.8, 3.7, 4.0])
    found = error_statistics(sites, states, reference, np.array([0.8, 0.5, 4.0, 3.7]))
    assert (found.spearman, found.kendall) == (-1.0, -1.0)
    assert found.spearman_interval_95 is None
    assert error_statistics(["a"], ["*OH"], reference[:1], reference[:1]).kendall is None


@pytest.mark.parametrize("sites", [4, 5])
def test_perfect_order_of_few_sites_proves_little(sites):
    """Chance puts n sites in order once in n!: 1/24 leaves zero in the interval, 1/120 not."""
    low, high = spearman_interval(1.0, sites)
    assert high == 1.0
    assert (low > 0.0) == (sites == 5)


def test_the_interval_of_many_sites_is_that_of_fisher():
    """Bonett and Wright 2000, 10.1007/BF02294183: se of artanh(r) is sqrt((1 + r2/2)/(n-3))."""
    low, high = spearman_interval(0.6, 100)
    se = np.sqrt((1 + 0.6**2 / 2) / 97)
    assert low == pytest.approx(np.tanh(np.arctanh(0.6) - 1.96 * se), abs=0.02)
    assert high == pytest.approx(np.tanh(np.arctanh(0.6) + 1.96 * se), abs=0.02)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(7)
    correlation, sites, trials = 0.7, 7, 400
    truth = 6 / pi * asin(correlation / 2)
    x, e = rng.standard_normal((2, trials, sites))
    y = correlation * x + np.sqrt(1 - correlation**2) * e
    found = [round(stats.spearmanr(a, b).statistic, 6) for a, b in zip(x, y, strict=True)]
    intervals = {r: spearman_interval(r, sites) for r in set(found)}
    held = sum(intervals[r][0] <= truth <= intervals[r][1] for r in found)
    # 95 % or a little more (ranks are discrete); three standard errors of 400 trials are 3 %.
    assert held / trials > 0.92


def test_outliers_are_far_from_the_rest_and_the_worst_comes_first():
    errors = np.array([0.1, 0.12, 0.09, 1.0, 0.11, -2.0, 0.1])
    assert list(outliers(errors)) == [5, 3]
    assert list(outliers(np.full(4, 0.3))) == []


def test_nothing_to_compare_is_refused():
    with pytest.raises(ValueError, match="finite"):
        error_statistics([], [], np.array([]), np.array([]))
