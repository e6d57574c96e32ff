"""Moments of densities of states whose moments are known."""

import numpy as np
import pytest

from adatom.energies.dband import d_bands, states_from_density
from adatom.errors import AdatomError

GRID = np.linspace(-12.0, 8.0, 20001)


def test_a_rectangular_band():
    density = np.where((GRID > -5.0) & (GRID < 1.0), 5.0 / 6.0, 0.0)[None]
    (band,) = d_bands(states_from_density(3, GRID, density))
    assert (band.atom, band.spin) == (3, "both")
    assert band.centre_eV == pytest.approx(-2.0, abs=1e-3)
    assert band.width_eV == pytest.approx(6.0 / np.sqrt(12.0), abs=1e-3)
    assert band.filling == pytest.approx(5.0 / 6.0, abs=1e-3)
    assert band.states == pytest.approx(5.0, abs=5e-3)


def test_gaussian_bands_of_each_spin_and_of_both():
    def gaussian(centre, sigma):
        return 5.0 * np.exp(-((GRID - centre) ** 2) / (2 * sigma**2)) / sigma / np.sqrt(2 * np.pi)

    density = np.stack([gaussian(-3.0, 0.8), gaussian(0.0, 0.5)])
    up, down, both = d_bands(states_from_density(0, GRID, density))
    assert (up.centre_eV, up.width_eV) == pytest.approx((-3.0, 0.8), abs=1e-5)
    assert (down.centre_eV, down.width_eV) == pytest.approx((0.0, 0.5), abs=1e-5)
    assert (up.filling, down.filling) == pytest.approx((1.0, 0.5), abs=1e-3)
    assert both.centre_eV == pytest.approx(-1.5, abs=1e-5)
    # Law of total variance: mean of the variances plus variance of the means.
    assert both.width_eV**2 == pytest.approx((0.64 + 0.25) / 2 + 1.5**2, abs=1e-4)
    assert both.filling == pytest.approx(0.75, abs=1e-3)
    assert both.states == pytest.approx(10.0, abs=1e-3)


def test_filling_does_not_jump_with_the_grid_around_the_fermi_level():
    """The point nearest the Fermi level is occupied as far as its interval lies below it."""
    fillings = []
    for shift in np.linspace(0.0, 0.05, 7):
        grid = np.arange(-6.0, 4.0, 0.05) + shift
        density = np.where((grid > -5.02) & (grid < 3.02), 1.0, 0.0)[None]
        fillings.append(d_bands(states_from_density(0, grid, density))[0].filling)
    assert fillings == pytest.approx([5.02 / 8.04] * 7, abs=0.006)


def test_the_window_cuts_and_an_empty_one_is_refused():
    density = np.where(np.abs(GRID) < 4.0, 1.0, 0.0)[None]
    (band,) = d_bands(states_from_density(0, GRID, density), (-2.0, 0.0))
    assert (band.centre_eV, band.filling) == pytest.approx((-1.0, 1.0), abs=1e-3)
    with pytest.raises(AdatomError, match="widen the window"):
        d_bands(states_from_density(0, GRID, density), (5.0, 6.0))
    with pytest.raises(AdatomError, match="is empty"):
        d_bands(states_from_density(0, GRID, density), (1.0, -1.0))
    with pytest.raises(AdatomError, match="must rise"):
        states_from_density(0, GRID[::-1], density)
