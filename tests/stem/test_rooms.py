"""Places of merged atoms beside other spots, against atoms thrown one by one."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from adatom.stem.projection import pair_tables
from adatom.stem.random_fields import Population, throw_atoms
from adatom.stem.rooms import OF_MORE, bond_densities, find_rooms
from adatom.stem.windows import Rectangle

RESOLUTION = 1.5
WINDOW = Rectangle(100.0, 100.0)
REACH = np.array([1.8, 2.4])


def rooms_of(positions):
    return find_rooms(np.array(positions, float), RESOLUTION, WINDOW, REACH)


def test_a_spot_far_from_others_and_from_the_edge_has_all_its_room():
    found = rooms_of([[50.0, 50.0], [20.0, 20.0]])
    np.testing.assert_array_equal(found.classes[found.room], [[1.0, 1.0, 0.0]] * 2)


@pytest.mark.parametrize("distance", [1.55, 1.8, 2.1])
def test_room_beside_one_spot_is_that_of_linked_atoms_thrown(distance):
    random = np.random.default_rng(3)
    neighbour = np.array([distance, 0.0])
    expected = []
    for count in (2, 3):
        atoms = random.uniform(-3.0, 3.0, (300_000, count, 2))
        atoms[:, 0] = 0.0
        apart = np.linalg.norm(atoms[:, :, None] - atoms[:, None], axis=3)
        links = (apart < RESOLUTION).sum(axis=(1, 2)) - count
        linked = atoms[links >= 2 * (count - 1)]
        linked = linked - linked.mean(axis=1, keepdims=True)
        expected.append((np.linalg.norm(linked - neighbour, axis=2) >= RESOLUTION).all(1).mean())
    found = rooms_of([[50.0, 50.0], 50.0 + neighbour])
    # Levels are 0.15 apart; 128 places tell a share to 0.04.
    np.testing.assert_allclose(found.classes[found.room[0], :2], expected, atol=0.075 + 0.08)


def test_partners_of_a_spot_at_the_edge_are_half_outside():
    found = rooms_of([[0.0, 50.0], [1.0, 20.0], [50.0, 50.0]])
    edge, near, middle = found.classes[found.room, 2]
    assert edge in (0.4, 0.6)
    assert 0.1 <= near <= 0.4
    assert middle == 0.0


def test_no_place_is_linked_to_another_spot():
    random = np.random.default_rng(0)
    atoms = random.random((900, 2)) * 100.0
    links = cKDTree(atoms).query_pairs(RESOLUTION, output_type="ndarray")
    graph = coo_array((np.ones(len(links)), links.T), shape=(900, 900))
    count, label = connected_components(graph, directed=False)
    spots = np.array([atoms[label == n].mean(axis=0) for n in range(count)])
    spots = spots[cKDTree(spots).query(spots, k=2)[0][:, 1] > RESOLUTION]
    found = find_rooms(spots, RESOLUTION, WINDOW, REACH)
    tree = cKDTree(spots)
    roomy = found.classes[found.room, 0] > 0.2
    for kind in (1, 2):
        places = spots[:, None] + found.shifts_angstrom[kind]
        near = tree.query_ball_point(places.reshape(-1, 2), RESOLUTION - 1e-9)
        strangers = np.array([len(set(n) - {at // 32}) for at, n in enumerate(near)])
        share = (strangers.reshape(places.shape[:2]) > 0)[roomy].mean()
        assert share < (0.001 if kind == 1 else 0.15)  # three atoms may have no free place at all


def test_vectors_of_bonds_of_lone_atoms_are_those_of_pairs():
    positions = np.array([[40.0, 40.0], [42.0, 40.0]])
    tables = pair_tables(
        tilt="isotropic", resolution_angstrom=RESOLUTION, pair_distance_angstrom=(2.4, 2.4)
    )
    found = rooms_of(positions)
    density = bond_densities(positions, np.array([[0, 1]]), found.shifts_angstrom, tables)
    r, d = 2.0, 2.4
    exact = 1.0 / (2.0 * np.pi * d * np.sqrt(d**2 - r**2))
    # The least spread of distances is 0.03 A, and a bin 0.05 A.
    assert np.exp(density[0, 0, 0, 0]) == pytest.approx(exact, rel=0.05)


def test_places_kept_are_shared_as_spots_come():
    """Spots of three, four, five or more atoms in fields without and with many pairs."""
    counts = np.zeros(3)
    for share in (0.0, 0.3, 0.6, 0.9):
        population = Population(5.0, {"pair": share}, 2.4, 0.1, resolution_angstrom=1.5)
        atoms = throw_atoms(Rectangle(300.0, 300.0), population, np.random.default_rng(3))
        links = cKDTree(atoms).query_pairs(1.5, output_type="ndarray")
        graph = coo_array((np.ones(len(links)), links.T), shape=(len(atoms),) * 2)
        sizes = np.minimum(np.bincount(connected_components(graph, directed=False)[1]), 5)
        counts += np.bincount(sizes, minlength=6)[3:]
    kept = np.array(list(OF_MORE.values()))
    np.testing.assert_allclose(kept.sum() * counts / counts.sum(), kept, atol=1.5)
