"""Shares of trimers and clusters of fields thrown with known ones."""

import numpy as np
import pytest

from adatom.stem import group_shares
from adatom.stem.group_shares import KINDS, infer_groups
from adatom.stem.pair_inference import SeeingModel, infer_pairs
from adatom.stem.point_pattern import PointPattern
from adatom.stem.random_fields import SHAPES, Population, throw_field
from adatom.stem.windows import Rectangle

WINDOW = Rectangle(200.0, 200.0)


def inferred(shares, seed):
    population = Population(1.0, shares, 2.4, 0.05)
    points = throw_field(WINDOW, population, np.random.default_rng(seed))
    return infer_pairs([PointPattern(points, WINDOW, 1.5, "thrown")], SeeingModel(recall=1.0))


@pytest.fixture(scope="module")
def of_triangles():
    return inferred({"triangle": 0.6}, 1)


def test_triangles_are_told_from_pairs(of_triangles):
    found = infer_groups(of_triangles)
    held = found.intervals()
    for name, true in (("single", 0.4), ("trimer", 0.6), ("three_or_more", 0.6)):
        _, low, high = held[name]
        assert low <= true <= high
    assert held["three_or_more"][1] > 0.2
    assert held["pair"][0] < 0.2
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)
    assert found.shares.min() >= 0.0
    assert found.p_value > 0.01
    assert set(KINDS) <= set(SHAPES)


def test_pairs_are_not_taken_for_trimers():
    held = infer_groups(inferred({"pair": 0.6}, 2)).intervals()
    _, low, high = held["pair"]
    assert low <= 0.6 <= high
    assert held["three_or_more"][0] < 0.25
    assert held["three_or_more"][1] == 0.0


def test_same_seed_same_shares_and_plain_data(of_triangles, monkeypatch):
    monkeypatch.setattr(group_shares, "ROUNDS", (120, 120, 120, 120))
    steps = []
    first, again = (
        infer_groups(of_triangles, seed=4, progress=lambda *at: steps.append(at)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.shares, again.shares)
    assert steps[-1] == (480, 480)
    plain = first.as_dict()
    low, high = plain["trimer_fraction"]["interval_95"]
    assert low <= plain["trimer_fraction"]["value"] <= high
    assert set(plain) >= {f"{name}_fraction" for name in (*KINDS.values(), "three_or_more")}
