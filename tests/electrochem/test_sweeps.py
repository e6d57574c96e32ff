import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adatom.electrochem.sweeps import MOST_BINS, binned, split_sweeps
from adatom.errors import CurveError


def triangle(cycles, step=0.001):
    up, down = np.arange(0.0, 1.0, step), np.arange(1.0, 0.0, -step)
    return np.concatenate([np.concatenate([down, up])] * cycles)


@pytest.mark.parametrize("cycles", [1, 2, 5])
def test_every_half_cycle_is_one_sweep(cycles):
    found = split_sweeps(triangle(cycles))
    assert [s.direction for s in found] == ["cathodic", "anodic"] * cycles
    assert found[0].slice.start == 0
    assert found[-1].slice.stop == 2000 * cycles


def test_noise_of_the_potential_does_not_split_a_sweep():
    rng = np.random.default_rng(0)
    noisy = triangle(2) + 1e-3 * rng.standard_normal(4000)
    assert len(split_sweeps(noisy)) == 4


def test_a_rest_before_the_sweep_belongs_to_no_other_sweep():
    found = split_sweeps(np.concatenate([np.full(100, 1.0), np.linspace(1.0, 0.0, 500)]))
    assert [s.direction for s in found] == ["cathodic"]


def test_a_constant_potential_does_not_sweep():
    with pytest.raises(CurveError, match="does not sweep"):
        split_sweeps(np.full(100, 0.9))


@settings(max_examples=50, deadline=None)
@given(st.integers(30, 3000), st.booleans())
def test_bins_keep_the_mean_and_the_direction(points, rising):
    potential = np.linspace(0.0, 1.0, points)[:: 1 if rising else -1]
    x, y = binned(potential, 3.0 * potential + 1.0)
    assert len(x) <= MOST_BINS
    assert (x[-1] > x[0]) == rising
    assert y == pytest.approx(3.0 * x + 1.0)


def test_jumps_and_gaps_in_the_data_are_refused_with_their_place():
    potential = np.concatenate([np.linspace(1.0, 0.6, 400), np.linspace(0.55, 0.2, 350)])
    with pytest.raises(CurveError, match=r"jumps by 0\.050 V at 0\.600 V"):
        binned(potential, potential)
    values = np.linspace(0.0, 1.0, 100)
    values[17] = np.nan
    with pytest.raises(CurveError, match=r"1 of 100 points are no numbers, the first is point 18"):
        binned(np.linspace(1.0, 0.0, 100), values)
    with pytest.raises(CurveError, match="too short"):
        binned(np.linspace(1.0, 0.0, 10), np.zeros(10))
