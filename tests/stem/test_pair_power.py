import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem import pair_power
from adatom.stem.pair_power import Field, count_distances, power_curve

FIELD = Field(
    side_A=100.0, density_per_nm2=1.0, pair_distance_A=2.4, distance_spread_A=0.1, recall=0.9,
    false_share=0.02, resolution_A=0.9, position_sd_A=0.05,
)  # fmt: skip


def test_chance_neighbours_are_those_of_a_square_of_random_points():
    # Mean number of couples closer than r: N (N - 1) / 2 times the distribution of the distance
    # of two points in a square, pi r^2 - 8 r^3 / 3 + r^4 / 2 for side 1 (Philip 2007).
    rng = np.random.default_rng(0)
    seen, expected = 0.0, 0.0
    r = pair_power.REACH_A / FIELD.side_A
    below = np.pi * r**2 - 8.0 * r**3 / 3.0 + r**4 / 2.0
    apart = Field(100.0, 1.0, 2.4, 0.1, 0.9, 0.02, 1e-6, 0.05)
    for _ in range(60):
        counts, atoms = count_distances(apart, 0.0, rng)
        seen += counts.sum()
        expected += atoms * (atoms - 1) / 2.0 * below
    assert seen == pytest.approx(expected, abs=4.0 * np.sqrt(expected))


def test_recall_and_false_atoms_set_the_number_found():
    rng = np.random.default_rng(1)
    found = np.mean([count_distances(FIELD, 0.0, rng)[1] for _ in range(200)])
    # 100 atoms, those merged with a neighbour within 0.9 A counted once (about 1.2 of 100).
    assert found == pytest.approx(0.9 * 98.8 / 0.98, abs=3.0)


def test_pairs_of_one_length_peak_there():
    rng = np.random.default_rng(2)
    counts = sum(count_distances(FIELD, 0.9, rng)[0] for _ in range(40))
    assert 2.2 <= 0.1 * (int(np.argmax(counts)) + 0.5) <= 2.5


def test_false_calls_power_and_estimate(monkeypatch):
    monkeypatch.setattr(pair_power, "LIBRARY", 300)
    monkeypatch.setattr(pair_power, "TRIALS", 300)
    none = power_curve(FIELD, 1e-9, (1, 4), seed=3)
    assert all(p.power < 0.12 for p in none)
    some = power_curve(FIELD, 0.2, (1, 4), seed=3)
    assert none[0].power < some[0].power < some[1].power
    assert some[1].power > 0.9
    assert some[1].mean_share == pytest.approx(0.2, abs=0.03)
    assert some[1].sd_share == pytest.approx(some[0].sd_share / 2.0, rel=0.3)
    assert some == power_curve(FIELD, 0.2, (1, 4), seed=3)


def test_fields_without_atoms_are_refused():
    with pytest.raises(ImageError, match="larger field"):
        Field(50.0, 0.01, 2.4, 0.1, 0.9, 0.02, 0.9, 0.05)
