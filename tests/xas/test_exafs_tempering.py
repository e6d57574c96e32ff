"""Evidence against closed forms."""

import numpy as np
import pytest
from scipy.special import ndtr

from adatom.xas.tempering import temper


def correlated(dimensions, seed):
    """A Gaussian well inside the cube, strongly correlated; its evidence is its integral."""
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.standard_normal((dimensions, dimensions)))[0]
    variance = np.geomspace(1e-5, 4e-3, dimensions)
    inverse = axes / variance @ axes.T
    exact = 0.5 * np.log(2 * np.pi * variance).sum()
    return lambda u: -0.5 * np.einsum("bi,ij,bj->b", u - 0.5, inverse, u - 0.5), exact


@pytest.mark.parametrize("dimensions", [3, 8])
def test_correlated_gaussian(dimensions):
    log_likelihood, exact = correlated(dimensions, 1)
    found = temper(log_likelihood, dimensions, np.random.default_rng(2))
    assert found.log_evidence == pytest.approx(exact, abs=0.5)
    assert found.points.mean(axis=0) == pytest.approx(0.5, abs=0.02)
    expected = 0.25 * np.geomspace(1e-5, 4e-3, dimensions).sum()
    assert 0.25 * found.points.var(axis=0).sum() == pytest.approx(expected, rel=0.25)


def test_a_gaussian_cut_by_the_prior():
    """Centred on a face: half of it (times the width) in one direction."""
    sd = 0.05

    def log_likelihood(u):
        return -0.5 * (((u - np.array([0.0, 0.02])) / sd) ** 2).sum(axis=1)

    exact = np.log(2 * np.pi * sd**2 * 0.5 * (1.0 - ndtr(-0.02 / sd)))
    found = temper(log_likelihood, 2, np.random.default_rng(0))
    assert found.log_evidence == pytest.approx(exact, abs=0.2)


def test_two_modes():
    sd, apart = 0.02, 0.5

    def log_likelihood(u):
        one, two = (-0.5 * (((u - c) / sd) ** 2).sum(axis=1) for c in (0.25, 0.25 + apart))
        return np.logaddexp(one, two + np.log(3.0))

    found = temper(log_likelihood, 3, np.random.default_rng(3))
    assert found.log_evidence == pytest.approx(
        np.log(4.0) + 1.5 * np.log(2 * np.pi * sd**2), abs=0.4
    )
    assert np.mean(found.points[:, 0] > 0.5) == pytest.approx(0.75, abs=0.12)
