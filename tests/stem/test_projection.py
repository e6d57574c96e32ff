"""Projected distances against closed forms and against pairs thrown one by one."""

import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.projection import (
    BIN_ANGSTROM,
    overlap_area,
    pair_tables,
    ratio_distribution,
)
from adatom.stem.random_fields import Population, throw_atoms
from adatom.stem.windows import Rectangle


def test_isotropic_tilt_has_the_density_r_over_d_root():
    # p(r) = r / (d sqrt(d^2 - r^2)); its mean is pi d / 4.
    x = np.linspace(0.0, 1.0, 200_001)
    below = ratio_distribution(x, "isotropic")
    at = 100_000
    slope = (below[at + 1] - below[at - 1]) / (x[at + 1] - x[at - 1])
    assert slope == pytest.approx(x[at] / np.sqrt(1.0 - x[at] ** 2), rel=1e-6)
    assert np.trapezoid(1.0 - below, x) == pytest.approx(np.pi / 4.0, abs=1e-5)


def test_pairs_in_the_image_plane_keep_their_distance():
    assert ratio_distribution(np.array([0.999, 1.0]), "in-plane").tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(
        ratio_distribution(np.array([0.5, 0.99, 1.0]), 0.0), [0.0, 0.0, 1.0]
    )


@pytest.mark.parametrize("tilt", ["isotropic", 25.0, 60.0])
def test_distribution_is_that_of_pairs_thrown_one_by_one(tilt):
    population = Population(1.0, {"pair": 1.0}, 2.4, tilt=tilt)
    atoms = throw_atoms(Rectangle(2000.0, 1000.0), population, np.random.default_rng(4))
    seen = np.hypot(*(atoms[0::2] - atoms[1::2]).T) / 2.4
    for ratio in (0.5, 0.8, 0.95):
        expected = ratio_distribution(np.array(ratio), tilt)
        assert (seen < ratio).mean() == pytest.approx(expected, abs=5.0 * 0.5 / len(seen) ** 0.5)


def test_tables_are_normalised_and_know_how_many_pairs_merge():
    tables = pair_tables(
        tilt="isotropic", resolution_angstrom=1.5, pair_distance_angstrom=(2.4, 2.4)
    )
    edges = np.arange(tables.density.shape[2] + 1) * BIN_ANGSTROM
    mass = (tables.density * np.pi * np.diff(edges**2)).sum(axis=2)
    np.testing.assert_allclose(mass, 1.0 - tables.merged, rtol=1e-9)
    # At s -> 0 a share 1 - sqrt(1 - (1.5 / 2.4)^2) of the pairs is closer than the resolution.
    assert tables.merged[0, 0] == pytest.approx(1.0 - np.sqrt(1.0 - (1.5 / 2.4) ** 2), abs=2e-3)


def test_two_disks_overlap_as_known():
    assert overlap_area(np.array([0.0]), 2.0)[0] == pytest.approx(4.0 * np.pi)
    assert overlap_area(np.array([4.0]), 2.0)[0] == 0.0
    # At one radius apart: r^2 (2 pi / 3 - sqrt(3) / 2).
    expected = 4.0 * (2.0 * np.pi / 3.0 - 3.0**0.5 / 2.0)
    assert overlap_area(np.array([2.0]), 2.0)[0] == pytest.approx(expected)


def test_partners_outside_a_large_window_are_few():
    tables = pair_tables(
        tilt="in-plane", resolution_angstrom=1.5, pair_distance_angstrom=(2.4, 2.4)
    )
    crossing = tables.crossing(Rectangle(100.0, 100.0))[0, 0]
    assert crossing == pytest.approx(4.0 * 2.4 / np.pi / 100.0, abs=5e-4)
    np.testing.assert_allclose(tables.typical_angstrom(3), [2.2, 2.4, 2.6], atol=0.15)


def test_areas_that_make_one_spot_of_a_pair_and_more_are_those_of_atoms_thrown():
    tables = pair_tables(
        tilt="isotropic", resolution_angstrom=1.5, pair_distance_angstrom=(2.4, 2.4)
    )
    random = np.random.default_rng(2)
    atoms = throw_atoms(Rectangle(1500.0, 1500.0), Population(1.0, {"pair": 1.0}, 2.4), random)
    first, second = atoms[0::2], atoms[1::2]
    third = first + random.uniform(-5.0, 5.0, first.shape)
    near = (np.hypot(*(third - first).T) < 1.5).astype(int) + (np.hypot(*(third - second).T) < 1.5)
    together = np.where(np.hypot(*(first - second).T) < 1.5, near >= 1, near == 2).mean() * 100.0
    assert tables.linked[0, 0] == pytest.approx(together, rel=0.03)


def test_a_resolution_that_hides_every_pair_is_refused():
    with pytest.raises(ImageError, match=r"hides pairs of up to 3.5 A.*--pair-distance"):
        pair_tables(tilt="isotropic", resolution_angstrom=3.6, pair_distance_angstrom=(2.0, 3.5))
