"""The sampled posterior against sums over all ways to pair atoms, and against thrown fields."""

import itertools

import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem import pair_inference
from adatom.stem.convergence import effective_draws, split_r_hat
from adatom.stem.pair_inference import SeeingModel, infer_pairs
from adatom.stem.point_pattern import PointPattern
from adatom.stem.projection import SPREADS_ANGSTROM
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import Rectangle

FIELD = Rectangle(100.0, 100.0)
LONE = [[x, y] for x in range(8, 100, 12) for y in (8, 20, 32, 44)]
GROUPS = [[60, 70], [62.2, 70], [64.3, 71], [80, 80], [82.3, 80], [20, 85], [20, 87.6], [21, 89.9]]


def thrown(density, share, atoms, seed, **more):
    side = 10.0 * (atoms / density) ** 0.5
    window = Rectangle(side, side)
    population = Population(density, {"pair": share}, 2.4, 0.1, **more)
    points = throw_field(window, population, np.random.default_rng(seed))
    return PointPattern(points, window, 1.5, "thrown")


def matchings(bonds):
    """All sets of bonds without a common atom."""
    for size in range(len(bonds) + 1):
        for chosen in itertools.combinations(range(len(bonds)), size):
            ends = [v for b in chosen for v in bonds[b]]
            if len(set(ends)) == len(ends):
                yield chosen


def test_posterior_is_the_sum_over_all_pairings_where_nothing_merges():
    """In-plane pairs, recall 1, no false atoms, resolution far below all distances.

    L = exp(-(lambda_1 + lambda_2 (2 - c)) A) sum over matchings
        (lambda_1 + 2 lambda_2 (1 - c))^singles (2 lambda_2 h)^pairs,
    with h the normal density of d over 2 pi r and c the share of partners inside the field.
    """
    positions = np.array(LONE + GROUPS, float)
    pattern = PointPattern(positions, FIELD, 0.01, "made")
    d0 = 2.3
    found = infer_pairs(
        [pattern], SeeingModel(tilt="in-plane", recall=1.0, pair_distance_angstrom=(d0, d0))
    )
    area, inside = 1e4, 1.0 - 4.0 * d0 / np.pi / 100.0
    apart = np.linalg.norm(positions[:, None] - positions, axis=2)
    bonds = [(i, j) for i, j in zip(*np.nonzero(apart < 4.0), strict=True) if i < j]
    share = np.linspace(0.0, 1.0, 401)
    density = np.linspace(0.001, 0.02, 400)[:, None]
    total = np.zeros(share.size)
    single, pair = density * (1.0 - share), 0.5 * density * share
    alone = single + 2.0 * pair * (1.0 - inside)
    for spread in SPREADS_ANGSTROM:
        r = np.array([apart[b] for b in bonds])
        h = np.exp(-0.5 * ((r - d0) / spread) ** 2) / (spread * np.sqrt(2.0 * np.pi))
        h /= 2.0 * np.pi * r
        of_pairs = np.zeros(len(positions))
        for chosen in matchings(bonds):
            of_pairs[len(chosen)] += h[list(chosen)].prod()
        expected = np.exp(-(single + pair * (2.0 - inside)) * area)
        for pairs in np.flatnonzero(of_pairs):
            singles = len(positions) - 2 * pairs
            scaled = (alone / 0.005) ** singles * (2.0 * pair / 0.005**2) ** pairs
            total += (expected * scaled * of_pairs[pairs] / density).sum(axis=0)
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (total[1:] + total[:-1]))])
    levels = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    exact = np.interp(levels, cumulative / cumulative[-1], share)
    np.testing.assert_allclose(found.share_quantiles(levels), exact, atol=0.02)
    none = total[0] / (total[0] + np.trapezoid(total, share))
    assert found.probability_no_pairs == pytest.approx(
        max(none, 1 / found.effective_draws), rel=0.3
    )


def test_lone_atoms_far_apart_are_no_pairs():
    pattern = PointPattern(np.array(LONE, float), FIELD, 1.5, "made")
    found = infer_pairs([pattern], SeeingModel(recall=1.0))
    assert found.probability_no_pairs > 0.85
    assert found.share == 0.0
    assert found.share_interval_95[0] == 0.0


def test_a_true_pair_far_from_others_is_known_as_one():
    found = infer_pairs([thrown(0.5, 0.9, 300, 3)], SeeingModel(recall=1.0))
    assert found.share_interval_95[0] < 0.9 < found.share_interval_95[1]
    assert found.bond_probability[0].max() > 0.99
    assert np.median(found.distance_angstrom) == pytest.approx(2.4, abs=0.08)


def test_fields_named_together_narrow_the_interval():
    fields = [thrown(1.0, 0.5, 150, seed) for seed in range(4)]
    one = infer_pairs(fields[:1], SeeingModel(recall=1.0)).share_interval_95
    all_ = infer_pairs(fields, SeeingModel(recall=1.0)).share_interval_95
    assert all_[1] - all_[0] < 0.7 * (one[1] - one[0])


def test_same_seed_same_numbers_and_another_seed_nearly_so():
    field = thrown(1.0, 0.5, 150, 1)
    first, again, other = (infer_pairs([field], SeeingModel(recall=1.0), seed=s) for s in (1, 1, 2))
    assert first.share_interval_95 == again.share_interval_95
    np.testing.assert_allclose(first.share_interval_95, other.share_interval_95, atol=0.03)


def test_short_calibration():
    """40 fields: at a true coverage of 95 % fewer than 33 come up once in 3,000 runs."""
    seen = {"recall": 0.9, "false_fraction": 0.02}
    covered = 0
    for seed in range(40):
        low, high = infer_pairs(
            [thrown(1.0, 0.6, 150, seed, **seen)], SeeingModel(**seen)
        ).share_interval_95
        covered += low <= 0.6 <= high
    assert covered >= 33


def test_random_fields_are_not_called_paired():
    """20 fields: at 5 % false calls more than 4 come up once in 400 runs."""
    seen = {"recall": 0.9, "false_fraction": 0.02}
    called = sum(
        infer_pairs([thrown(2.0, 0.0, 150, seed, **seen)], SeeingModel(**seen))
        .probability_no_pairs < 0.05
        for seed in range(20)
    )  # fmt: skip
    assert called <= 4


def test_chains_that_do_not_agree_are_refused(monkeypatch):
    monkeypatch.setattr(pair_inference, "ATTEMPTS", (48,))
    with pytest.raises(ImageError, match=r"did not converge.*nothing is reported"):
        infer_pairs([thrown(5.0, 0.5, 150, 1)], SeeingModel(recall=1.0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"recall": 0.0}, "recall 0 must be above 0"),
        ({"false_fraction": 0.6}, "false fraction 0.6"),
        ({"pair_distance_angstrom": (3.0, 2.0)}, "pair distance 3:2"),
        ({"tilt": "sideways"}, "tilt 'sideways'"),
        ({"tilt": 95.0}, "tilt 95 deg"),
    ],
)
def test_impossible_models_are_refused(arguments, said):
    with pytest.raises(ImageError, match=said):
        SeeingModel(**arguments)


def test_r_hat_and_effective_draws_of_known_chains():
    random = np.random.default_rng(0)
    independent = random.normal(size=(4, 5000))
    assert split_r_hat(independent) == pytest.approx(1.0, abs=2e-3)
    assert effective_draws(independent) == pytest.approx(20_000, rel=0.1)
    assert split_r_hat(independent + np.arange(4)[:, None]) > 1.3
    # First-order autoregression: n (1 - c) / (1 + c).
    walk = independent.copy()
    for t in range(1, walk.shape[1]):
        walk[:, t] = 0.8 * walk[:, t - 1] + 0.6 * walk[:, t]
    assert effective_draws(walk) == pytest.approx(20_000 / 9.0, rel=0.2)


def test_what_is_no_number_is_refused(monkeypatch):
    pattern = PointPattern(np.array(LONE, float), FIELD, 1.5, "lone atoms")
    infer_pairs([pattern], SeeingModel())
    whole = pair_inference.sample

    def broken(*given):
        found = whole(*given)
        found[1][3] = np.nan
        return found

    monkeypatch.setattr(pair_inference, "sample", broken)
    with pytest.raises(ImageError, match="did not converge"):
        infer_pairs([pattern], SeeingModel())
