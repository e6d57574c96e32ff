import numpy as np
import pytest
from scipy.spatial import cKDTree

from adatom.errors import ImageError
from adatom.stem.carbon import BOND_A, CARBON_PER_A3, amorphous_carbon, graphene_layers


def test_film_has_its_density_and_no_atoms_closer_than_a_bond():
    film = amorphous_carbon(
        field_A=(30.0, 20.0), thickness_A=15.0, rng=np.random.default_rng(0), margin_A=5.0
    )
    assert len(film) == pytest.approx(CARBON_PER_A3 * 40.0 * 30.0 * 15.0, rel=1e-3)
    assert cKDTree(film.positions).query(film.positions, k=2)[0][:, 1].min() >= BOND_A
    assert film.positions[:, :2].min() >= -5.0
    assert film.positions[:, 2].max() <= 15.0


def test_density_is_that_of_two_grams_per_cubic_centimetre():
    grams = CARBON_PER_A3 * 1e24 * 12.011 / 6.02214076e23
    assert grams == pytest.approx(2.0, abs=0.01)


def test_graphene_has_its_density_and_three_neighbours():
    sheets = graphene_layers(field_A=(40.0, 25.0), layers=2, rng=np.random.default_rng(1))
    # 2 atoms in a cell of (3 sqrt(3) / 2) a^2.
    expected = 2.0 / (1.5 * np.sqrt(3.0) * BOND_A**2)
    assert len(sheets) / (56.0 * 41.0) == pytest.approx(2.0 * expected, rel=0.03)
    inside = np.all((sheets.positions[:, :2] > 0) & (sheets.positions[:, :2] < (40, 25)), axis=1)
    tree = cKDTree(sheets.positions)
    near = tree.query(sheets.positions[inside], k=5)[0]
    assert np.allclose(near[:, 1:4], BOND_A, atol=1e-6)
    assert (near[:, 4] > 1.7 * BOND_A).all()


def test_films_too_large_are_refused():
    with pytest.raises(ImageError, match="atoms"):
        amorphous_carbon(field_A=(1e4, 1e4), thickness_A=100.0, rng=np.random.default_rng(0))
