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
    return trend_of(X, path_figures(scans, evidence)[name]).slope


def test_the_mean_of_scans_has_less_noise_and_the_k_of_all():
    scans = [spectrum({"FeN4@graphene": 1.0}, 1e-3, seed=i, k_max=12.0 + i) for i in range(2)]
    mean = mean_scan(scans)
    assert mean.k_range_per_angstrom == (2.0, 12.0)
    assert mean.noise_chi == pytest.approx(1e-3 / np.sqrt(2.0))
    np.testing.assert_allclose(mean.chi, 0.5 * (scans[0].chi + scans[1].chi))


def test_rising_pairs_are_followed(evidence):
    """The rise is certain, its size no more than sigma2 of the mean leaves N."""
    found = slope(scans_of_pairs(0.5, 3e-4, 1), evidence, "coordination_number M-M")
    print(f"N(M-M) rises by {found.text(2)} where 0.50 was put in")
    low, high = found.interval_95
    assert 0.0 < low < 0.5 < high
    still = slope(scans_of_pairs(0.5, 3e-4, 1), evidence, "distance_angstrom M-N")
    assert still.interval_95[0] < 0.0 < still.interval_95[1]
    assert np.ptp(still.interval_95) < 0.02


def test_constant_pairs_seldom_show_a_trend(evidence):
    """Of 30 series without a trend, 95 % of the intervals hold 0: 3 in 1000 below 25."""
    best = evidence.models[0]
    few = replace(evidence, models=(replace(best, draws=best.draws[::80]),))
    held = 0
    for seed in range(30):
        low, high = slope(
            scans_of_pairs(0.0, 1e-3, seed), few, "coordination_number M-M"
        ).interval_95
        held += low <= 0.0 <= high
    assert held >= 25


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
