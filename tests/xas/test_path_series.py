"""Coordination numbers through a series of scans, against numbers that were put in."""

from dataclasses import replace

import numpy as np
import pytest
from exafs_simulated import spectrum

from adatom.errors import SpectrumError
from adatom.xas.evidence import compare_models
from adatom.xas.models import packaged_candidates
from adatom.xas.path_series import mean_scan, path_figures
from adatom.xas.series import trend_of

X = np.linspace(0.0, 1.0, 6)
S02, S02_SD = 0.85, 0.05


def scans_of_pairs(rise, noise, seed):
    """A share of pairs 0.4 to 0.4 + rise, the rest single atoms: N(M-M) is that share."""
    shares = 0.4 + rise * X
    return [
        spectrum({"Fe2N6@graphene": p, "FeN4@graphene": 1.0 - p}, noise, seed=100 * seed + i)
        for i, p in enumerate(shares)
    ]


@pytest.fixture(scope="module")
def evidence():
    """Of the mean of one series; particles and oxygen left out to save time."""
    mean = mean_scan(scans_of_pairs(0.5, 3e-4, 0))
    candidates = replace(packaged_candidates("Fe"), oxygen=None, carbon=None, foil=None)
    found = compare_models(mean, candidates, s02=S02, s02_sd=S02_SD, particles=200)
    assert any(shell.name == "M-M" for shell in found.models[0].model.shells)
    return found


def slope(scans, evidence, name):
    return trend_of(X, path_figures(scans, mean_scan(scans), evidence)[name]).slope


def test_the_mean_of_scans_has_less_noise_and_the_k_of_all():
    scans = [spectrum({"FeN4@graphene": 1.0}, 1e-3, seed=i, k_max=12.0 + i) for i in range(2)]
    mean = mean_scan(scans)
    assert mean.k_range_per_angstrom == (2.0, 12.0)
    assert mean.noise_chi == pytest.approx(1e-3 / np.sqrt(2.0))
    np.testing.assert_allclose(mean.chi, 0.5 * (scans[0].chi + scans[1].chi))


def test_rising_pairs_are_followed(evidence):
    """The rise is met, its size no better known than models and sigma2 of the mean leave N."""
    scans = scans_of_pairs(0.5, 3e-4, 1)
    found = slope(scans, evidence, "coordination_number metal-metal")
    print(f"N(metal-metal) rises by {found.text(2)} where 0.50 was put in")
    assert found.value == pytest.approx(0.5, abs=0.3)
    assert found.interval_95[0] < 0.5 < found.interval_95[1]
    # The fixture compares no models with oxygen: nothing may be said of it.
    assert "coordination_number M-O" not in path_figures(scans, mean_scan(scans), evidence)
    still = slope(scans, evidence, "distance_angstrom M-N")
    assert still.interval_95[0] < 0.0 < still.interval_95[1]


def test_what_another_model_explains_is_no_certain_trend(evidence):
    """Carbon stays where it is while pairs go: without a metal shell it would seem to move."""
    for seed in range(5):
        scans = scans_of_pairs(-0.4, 1e-3, seed)
        low, high = slope(scans, evidence, "distance_angstrom M-C").interval_95
        assert low < 0.0 < high


def test_constant_pairs_seldom_show_a_trend(evidence):
    """Of 40 series without a trend, 95 % of the intervals hold 0: 3 in 1000 below 34."""
    held = 0
    for seed in range(40):
        scans = scans_of_pairs(0.0, 1e-3, seed)
        low, high = slope(scans, evidence, "coordination_number M-N").interval_95
        held += low <= 0.0 <= high
    assert held >= 34


def test_scans_that_do_not_go_together_are_refused():
    iron = spectrum({"FeN4@graphene": 1.0}, 1e-3)
    short = spectrum({"FeN4@graphene": 1.0}, 1e-3, k_max=6.0)
    object.__setattr__(iron, "k_range_per_angstrom", (7.0, 13.0))
    with pytest.raises(SpectrumError, match="no usable range"):
        mean_scan([iron, short])
    cobalt = spectrum({"FeN4@graphene": 1.0}, 1e-3)
    object.__setattr__(cobalt, "element", "Co")
    with pytest.raises(SpectrumError, match="another edge"):
        mean_scan([short, cobalt])
