"""Plateau, half-wave and Tafel slope where the answer is known in closed form."""

import numpy as np
import pytest

from adatom.electrochem import limited
from adatom.electrochem.limited import limited_figures
from adatom.electrochem.local_fits import current_at, first_crossing

GRID = np.linspace(1.05, 0.2, 240)


def wave(slope, half=0.85, limit=5.7, grid=GRID):
    kinetic = limit * 10.0 ** ((half - grid) * 1e3 / slope)
    return limit * kinetic / (limit + kinetic)


def figures(current, grid=GRID, sd=5e-3):
    return limited_figures(grid[None], current[None], np.array([sd]))[0]


@pytest.mark.parametrize("slope", [30.0, 47.0, 60.0, 107.0, 120.0])
def test_one_tafel_line_behind_one_plateau_comes_back(slope):
    """j = j_L j_k / (j_L + j_k): half-wave where j_k = j_L, slope as put in."""
    row = figures(wave(slope))
    assert row[limited.HALF] == pytest.approx(0.85, abs=2e-4)
    assert -row[limited.TAFEL] == pytest.approx(slope, rel=2e-3)
    assert row[limited.PLATEAU] == pytest.approx(5.7, rel=2e-3)
    assert row[limited.COUNT] == 1


def test_ignoring_transport_would_give_another_slope():
    """Why j_k: between the same currents log j itself is far from straight."""
    current = wave(107.0)
    part = (current > 0.57) & (current < 4.56)
    naive = -1e3 / np.polyfit(GRID[part], np.log10(current[part]), 1)[0]
    assert naive > 140
    assert -figures(current)[limited.TAFEL] == pytest.approx(107.0, abs=0.5)


def test_the_window_avoids_a_bend_of_the_kinetics():
    """60 mV/dec that turn into 120 at a tenth of a volt: the longer straight part is taken."""
    line = (0.85 - GRID) * 1e3 / 60.0
    bend = np.where(GRID < 0.83, (0.83 - GRID) * 1e3 / 120.0 + 20.0 / 60.0, line)
    kinetic = 5.7 * 10.0**bend
    row = figures(5.7 * kinetic / (5.7 + kinetic))
    assert min(abs(-row[limited.TAFEL] - 60.0), abs(-row[limited.TAFEL] - 120.0)) < 3.0
    high, low = row[limited.T_START], row[limited.T_END]
    assert low > 0.82 or high < 0.84


def test_no_plateau_no_half_wave():
    kinetic_only = 0.5 * 10.0 ** ((0.9 - GRID) * 1e3 / 300.0)
    row = figures(kinetic_only)
    assert np.isnan(row[limited.PLATEAU])
    assert np.isnan(row[limited.HALF])


def test_of_two_plateaus_the_larger_current_limits_and_both_are_counted():
    """A current that falls off again where peroxide takes over."""
    falls = wave(60.0) * (1.0 - 0.25 / (1.0 + np.exp((GRID - 0.45) / 0.01)))
    row = figures(falls)
    assert row[limited.COUNT] == 2
    assert row[limited.PLATEAU] == pytest.approx(5.7, rel=5e-3)


def test_figures_do_not_depend_on_the_scale_of_current_or_potential():
    base = figures(wave(60.0))
    doubled = figures(2.0 * wave(60.0), sd=1e-2)
    shifted = limited_figures(GRID[None] + 0.1, wave(60.0)[None], np.array([5e-3]))[0]
    assert doubled[limited.HALF] == pytest.approx(base[limited.HALF], abs=1e-9)
    assert doubled[limited.TAFEL] == pytest.approx(base[limited.TAFEL], rel=1e-9)
    assert shifted[limited.HALF] == pytest.approx(base[limited.HALF] + 0.1, abs=1e-9)


def test_a_sweep_upwards_driving_anodically_gives_the_same():
    """Oxidation: the mirror image, driven towards higher potentials."""
    mirrored = limited_figures(-GRID[None], wave(60.0)[None], np.array([5e-3]))[0]
    assert mirrored[limited.HALF] == pytest.approx(-figures(wave(60.0))[limited.HALF], abs=1e-9)


def test_current_at_a_potential_is_a_local_line():
    line = 2.0 - 3.0 * GRID
    found = current_at(GRID[None], line[None], np.array([0.5, 0.323, 2.0]), 0.006)[0]
    assert found[:2] == pytest.approx(2.0 - 3.0 * np.array([0.5, 0.323]))
    assert np.isnan(found[2])


def test_the_crossing_of_a_level_along_an_exponential():
    current = 0.1 * np.exp((0.93 - GRID) / 0.026)
    assert first_crossing(GRID[None], current[None], 0.1)[0] == pytest.approx(0.93, abs=1e-6)
    assert first_crossing(GRID[None], current[None], 1e30)[0] == -np.inf
    assert np.isnan(first_crossing(GRID[None], 1.0 + current[None], 0.1)[0])
