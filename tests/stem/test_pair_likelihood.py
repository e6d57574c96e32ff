"""Rates of spots: derivatives of one function, limits, and the score at the truth."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from adatom.stem.pair_likelihood import BOND, C2, LONE, RATES, TWO, rates
from adatom.stem.projection import SPREADS_ANGSTROM, pair_tables
from adatom.stem.rooms import find_rooms
from adatom.stem.windows import Rectangle, isotropic_overlap

RESOLUTION, D0 = 1.5, 2.4
DISK = np.pi * RESOLUTION**2
TABLES = pair_tables(
    tilt="isotropic", resolution_angstrom=RESOLUTION, pair_distance_angstrom=(D0, D0)
)
SPREAD = SPREADS_ANGSTROM.index(0.1)
OF_PAIRS = np.array([t[SPREAD, 0] for t in (TABLES.merged, TABLES.linked, TABLES.clumped)] + [0.0])


def rates_of(single, pair, room, *, recall=1.0, field=(1e4, 8e3), pairs=OF_PAIRS):
    out = np.zeros((1, RATES))
    density = single + 2.0 * pair
    expected = rates(
        out, density, 2.0 * pair / density, pairs,
        np.array([*field, recall, 0.0, RESOLUTION, 0.05]), np.array([room]), np.array([True]),
    )  # fmt: skip
    return out[0], expected


@pytest.mark.parametrize("room", [(1.0, 1.0, 0.0), (0.6, 0.3, 0.0), (0.2, 0.1, 0.0)])
def test_rates_are_derivatives_of_one_function_of_lone_atoms(room):
    single, pair, step = 0.02, 0.01, 1e-5
    low, here, high = (rates_of(single + d, pair, room)[0] for d in (-step, 0.0, step))
    slope = (np.exp(high[:4]) - np.exp(low[:4])) / (2.0 * step)
    np.testing.assert_allclose(np.exp(here[1:5]), slope, rtol=1e-5)
    assert np.exp(here[LONE : LONE + 3]).sum() == pytest.approx(np.exp(here[1]))
    assert np.exp(here[TWO + 1 : TWO + 3]).sum() == pytest.approx(np.exp(here[2]))
    assert np.exp(here[BOND]) == pytest.approx(2.0 * pair)


def test_single_atoms_alone_are_a_poisson_process():
    single = 1e-4
    out, expected = rates_of(single, 0.0, (1.0, 1.0, 0.0))
    assert np.exp(out[0]) == pytest.approx(single * (1.0 + C2 * DISK * single), rel=1e-6)
    assert expected == pytest.approx(single * 1e4)
    # Those missed may lie where no spot is; two of them in one spot are missed once.
    _, expected = rates_of(single, 0.0, (1.0, 1.0, 0.0), recall=0.9)
    unseen = 0.1 * single + 0.1 * 0.9 * 0.5 * DISK * single**2
    assert expected == pytest.approx(1e4 * single - 8e3 * unseen, rel=1e-9)


def test_merged_pairs_need_room_and_partners_outside_belong_to_the_edge():
    few = 1e-7  # pairs, so that no two meet
    lone = [np.exp(rates_of(1e-15, few, (t, t**2, 0.0))[0][0]) / few for t in (1.0, 0.4)]
    np.testing.assert_allclose(lone, OF_PAIRS[0] * np.array([1.0, 0.4]), rtol=1e-4)
    crossing = np.append(OF_PAIRS[:3], 0.03)
    inside, edge = (
        np.exp(rates_of(1e-9, few, (1.0, 1.0, outside), pairs=crossing)[0][0])
        for outside in (0.0, 0.4)
    )
    assert edge - inside == pytest.approx(2.0 * few * 0.03 * 0.4 / 0.05, rel=1e-3)


def thrown(density, share, side, random):
    """Spots, bonds of each, atoms' bonds, of one field where nothing is missed or false."""
    margin = 8.0
    area = (side + 2 * margin) ** 2 / 100.0
    lone = random.random((random.poisson(density * (1.0 - share) * area), 2))
    middle = random.random((random.poisson(0.5 * density * share * area), 2))
    cosine, turn = random.random(len(middle)), random.random(len(middle)) * 2.0 * np.pi
    half = 0.5 * random.normal(D0, 0.1, len(middle)) * np.sqrt(1.0 - cosine**2)
    half = half[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    lone, middle = (p * (side + 2 * margin) - margin for p in (lone, middle))
    atoms = np.vstack([middle - half, middle + half, lone])
    links = cKDTree(atoms).query_pairs(RESOLUTION, output_type="ndarray")
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(atoms),) * 2)
    count, label = connected_components(graph, directed=False)
    members = np.bincount(label)
    spots = np.column_stack([np.bincount(label, x, count) / members for x in atoms.T])
    inside = ((spots >= 0) & (spots <= side)).all(axis=1)
    first, second = label[: len(middle)], label[len(middle) : 2 * len(middle)]
    bonded = (first != second) & inside[first] & inside[second]
    bonds = np.bincount(np.append(first[bonded], second[bonded]), minlength=count)
    return spots[inside], np.minimum(bonds[inside], 4), int(bonded.sum())


def complete(density, share, spots, bonds, total, window, rooms, pairs):
    """Logarithm of the likelihood at the true bonds, without their distances."""
    area = window.area_nm2 * 100.0
    reach = TABLES.typical_angstrom(6)
    outside = 1.0 - isotropic_overlap(window, reach).mean()
    out = np.zeros((len(rooms.classes), RATES))
    expected = rates(
        out, density / 100.0, share, pairs,
        np.array([area, area, 1.0, 0.0, RESOLUTION, outside]), rooms.classes,
        np.ones(len(rooms.classes), bool),
    )  # fmt: skip
    return out[rooms.room, bonds].sum() + total * out[0, BOND] - expected


@pytest.mark.parametrize(("density", "share"), [(2.0, 0.5), (5.0, 0.9)])
def test_score_at_the_truth_of_thrown_fields_has_mean_zero(density, share):
    """Bias of f and density by one Newton step: the score's mean over the information."""
    window = Rectangle(*[10.0 * (600 / density) ** 0.5] * 2)
    random = np.random.default_rng(8)
    pairs = np.append(OF_PAIRS[:3], TABLES.crossing(window)[SPREAD, 0])
    reach = TABLES.typical_angstrom(6)
    scores, information = [], np.zeros((2, 2))
    h, k, fields = 0.01, 0.02 * density, 30
    for _ in range(fields):
        spots, bonds, total = thrown(density, share, window.size_angstrom[0], random)
        rooms = find_rooms(spots, RESOLUTION, window, reach)
        near = np.array(
            [
                [
                    complete(density + j * k, share + i * h, spots, bonds, total, window, rooms,
                             pairs)
                    for j in (-1, 0, 1)
                ]
                for i in (-1, 0, 1)
            ]
        )  # fmt: skip
        scores.append([(near[2, 1] - near[0, 1]) / (2 * h), (near[1, 2] - near[1, 0]) / (2 * k)])
        cross = (near[2, 2] - near[2, 0] - near[0, 2] + near[0, 0]) / (4 * h * k)
        information -= [
            [(near[2, 1] - 2 * near[1, 1] + near[0, 1]) / h**2, cross],
            [cross, (near[1, 2] - 2 * near[1, 1] + near[1, 0]) / k**2],
        ]
    steps = np.linalg.solve(information / fields, np.transpose(scores))
    bias, error = steps.mean(axis=1), steps.std(axis=1, ddof=1) / fields**0.5
    assert abs(bias[0]) < 0.01 + 3.0 * error[0]
    assert abs(bias[1]) < 0.01 * density + 3.0 * error[1]
