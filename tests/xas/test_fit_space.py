import numpy as np
import pytest
from exafs_simulated import spectrum

from adatom.errors import SpectrumError
from adatom.xas.fit_space import (
    FitWindow,
    at_nodes,
    data_in,
    independent_space,
    k_space,
    q_space,
    r_space,
)

WINDOW = FitWindow((3.0, 12.0), (1.0, 3.0))


@pytest.fixture
def pair():
    return spectrum({"Fe2N6@graphene": 1.0}, 1e-5)


def wave(data, r):
    """A spectrum with one distance: k^-2 sin(2kr)."""
    k = data.k_per_angstrom
    return np.sin(2.0 * k * r) / np.maximum(k, 0.5) ** 2


def test_independent_points():
    assert WINDOW.independent_points == pytest.approx(2 * 9 * 2 / np.pi)


@pytest.mark.parametrize("make", [r_space, q_space, independent_space])
def test_distances_outside_the_range_do_not_count(pair, make):
    space = make(pair, WINDOW)
    first = round(space.k_per_angstrom[0] / 0.05)
    used = slice(first, first + len(space.k_per_angstrom))
    inside, outside = (np.linalg.norm(space.matrix @ wave(pair, r)[used]) for r in (2.0, 4.5))
    assert outside < 0.1 * inside


def test_r_space_is_the_usual_transform(pair):
    """|chi(R)| summed over R, each point counted with real and imaginary part."""
    space = r_space(pair, WINDOW)
    k = pair.k_per_angstrom
    rise = np.clip(k - 2.5, 0, 1)
    fall = np.clip(12.5 - k, 0, 1)
    weight = np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2 * k**2
    r = np.arange(1.0, 3.0, np.pi / (2048 * 0.05))
    chi_r = 0.05 / np.sqrt(np.pi) * np.exp(2j * np.outer(r, k)) @ (pair.chi * weight)
    assert np.linalg.norm(data_in(space, pair)) == pytest.approx(np.linalg.norm(chi_r), rel=1e-6)


def test_independent_coordinates_are_orthonormal_and_as_many_as_there_are(pair):
    space = independent_space(pair, WINDOW)
    rows = space.matrix / space.k_per_angstrom**2
    assert len(rows) == int(WINDOW.independent_points) == 11
    np.testing.assert_allclose(rows @ rows.T, np.eye(11), atol=1e-12)


@pytest.mark.parametrize("make", [r_space, q_space, k_space, independent_space])
def test_few_nodes_give_the_same_coordinates(pair, make):
    space = make(pair, WINDOW)
    few = at_nodes(space, 4.3)
    assert len(few.k_per_angstrom) < 0.5 * len(space.k_per_angstrom)

    def model(k):
        return np.sin(2 * k * 4.2 + 0.4 * k) * np.exp(-0.01 * k**2) / k

    full = space.matrix @ model(space.k_per_angstrom)
    quick = few.matrix @ model(few.k_per_angstrom)
    np.testing.assert_allclose(quick, full, atol=1e-5 * np.abs(full).max())


def test_windows_that_make_no_sense_are_refused(pair):
    with pytest.raises(SpectrumError, match="rising"):
        FitWindow((12.0, 3.0))
    with pytest.raises(SpectrumError, match="k weight 5"):
        FitWindow((3.0, 12.0), k_weight=5)
    with pytest.raises(SpectrumError, match="needs 16"):
        independent_space(pair, FitWindow((3.0, 3.4)))
