import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.neighbours import (
    MERGING,
    chance_neighbour,
    global_envelope,
    neighbour_statistics,
    unmerged_density,
)
from adatom.stem.point_pattern import PointPattern
from adatom.stem.random_fields import Population, merge, throw_field
from adatom.stem.windows import Mask, Rectangle, isotropic_overlap

FIELD = Rectangle(100.0, 100.0)


def field(population, window=FIELD, seed=0, resolution=1.5):
    points = throw_field(window, population, np.random.default_rng(seed))
    return PointPattern(points, window, resolution, "thrown")


def test_a_third_of_random_atoms_has_a_neighbour_within_2_5_angstrom_at_2_per_nm2():
    assert chance_neighbour(2.0, 2.5) == pytest.approx(0.325, abs=5e-4)


def test_100_random_atoms_in_10_nm_give_13_6_pairs_within_3_angstrom():
    # Two uniform points of a unit square: P(d < r) = pi r^2 - 8 r^3 / 3 + r^4 / 2.
    r = 0.03
    exact = 4950 * (np.pi * r**2 - 8.0 * r**3 / 3.0 + r**4 / 2.0)
    assert exact == pytest.approx(13.6, abs=0.05)
    edges = np.linspace(0.0, 3.0, 201)
    overlap = isotropic_overlap(FIELD, 0.5 * (edges[1:] + edges[:-1]))
    assert 4950 * (np.pi * np.diff(edges**2) * overlap).sum() / 1e4 == pytest.approx(
        exact, rel=1e-4
    )


def test_k_of_random_points_is_pi_r2_in_rectangles_and_masks():
    pixels = np.hypot(*np.mgrid[-50:50, -50:50]) < 45
    for window in (FIELD, Mask(pixels, 1.0)):
        population = Population(3.0, {}, resolution_angstrom=1e-6)
        several = [
            neighbour_statistics(field(population, window, seed, 1e-3), simulations=2)
            for seed in range(20)
        ]
        k = np.array([one.ripley_k_nm2 for one in several])
        expected = np.pi * several[0].distance_angstrom ** 2 / 100.0
        error = k.std(axis=0, ddof=1) / 20**0.5
        assert (np.abs(k.mean(axis=0) - expected)[3:] < 4.0 * error[3:]).all()
        assert k.mean(axis=0)[-1] == pytest.approx(expected[-1], rel=0.02)


def test_pairs_raise_g_by_their_share_over_the_density():
    # In-plane pairs of distance d: g = 1 + f h / rho, h uniform over the ring of its bin.
    population = Population(1.0, {"pair": 0.5}, 2.4, tilt="in-plane", resolution_angstrom=0.01)
    window = Rectangle(300.0, 300.0)
    found = neighbour_statistics(field(population, window, 1, 0.01), simulations=20)
    at = np.searchsorted(found.distance_angstrom, 2.4)
    low, high = found.distance_angstrom[at - 1], found.distance_angstrom[at]
    expected = 1.0 + 0.5 / (0.01 * np.pi * (high**2 - low**2))
    assert found.pair_correlation[at] == pytest.approx(expected, rel=0.15)
    assert found.p_value <= 1 / 21


def test_envelopes_are_global():
    # Of random fields one in twenty leaves a 95 % envelope; a pointwise one far more.
    random = np.random.default_rng(0)
    tested = np.ones(20, bool)
    curves = np.cumsum(random.normal(size=(300, 100, 20)), axis=2)
    left = [global_envelope(c[:-1], c[-1], tested)[2] <= 0.05 for c in curves]
    assert np.mean(left) == pytest.approx(0.05, abs=4.0 * (0.05 * 0.95 / 300) ** 0.5)


@pytest.mark.parametrize("linked", [0.1, 0.3, 0.5])
def test_random_atoms_are_left_as_spots_by_the_stated_share(linked):
    random = np.random.default_rng(1)
    side = (4000.0 * np.pi / linked) ** 0.5
    left = np.mean([len(merge(random.random((4000, 2)) * side, 1.0)) for _ in range(20)]) / 4000.0
    assert left == pytest.approx(np.exp(-MERGING * linked), rel=0.01)


@pytest.mark.parametrize("seen", [{}, {"recall": 0.5, "false_fraction": 0.1}])
def test_density_before_merging_is_found_again(seen):
    population = Population(5.0, {}, resolution_angstrom=1.5, **seen)
    window = Rectangle(1000.0, 1000.0)
    assert unmerged_density(field(population, window), **seen) == pytest.approx(5.0, rel=0.025)


def test_more_atoms_than_the_resolution_can_show_are_refused():
    x, y = np.meshgrid(np.arange(1.0, 99.0, 1.6), np.arange(1.0, 99.0, 1.6))
    lattice = np.column_stack([x.ravel(), y.ravel()])
    with pytest.raises(ImageError, match="more than a resolution of 3 A can show"):
        unmerged_density(PointPattern(lattice, FIELD, 3.0, "lattice"))
