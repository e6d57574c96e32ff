import numpy as np

from adatom.stem.model_check import check_groups
from adatom.stem.pair_inference import SeeingModel, infer_pairs
from adatom.stem.point_pattern import PointPattern
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import Rectangle


def inferred(shares, seed):
    window = Rectangle(140.0, 140.0)
    points = throw_field(window, Population(1.0, shares, 2.4, 0.05), np.random.default_rng(seed))
    return infer_pairs([PointPattern(points, window, 1.5, "thrown")], SeeingModel(recall=1.0))


def test_single_atoms_and_pairs_explain_themselves():
    for seed in range(3):
        found = check_groups(inferred({"pair": 0.5}, seed), simulations=99)
        assert found.p_value > 0.01
        assert found.sentence == ""


def test_triangles_are_noticed():
    found = check_groups(inferred({"triangle": 0.7}, 1), simulations=199)
    assert found.p_value < 0.01
    assert "groups of three" in found.sentence
