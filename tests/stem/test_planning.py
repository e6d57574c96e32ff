import dataclasses
import json

import pytest

from adatom.errors import ImageError
from adatom.stem import pair_power
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.microscope import PACKAGED
from adatom.stem.planning import Session, plan_session
from adatom.stem.visibility import Support

IMAGES = packaged_atom_images(PACKAGED[0])
SESSION = Session(
    symbol="Fe", pair_distance_A=2.4, pair_fraction=0.3, density_per_nm2=0.5, side_A=100.0,
    dose_e_A2=1e5, pixel_A=0.2, support=Support("C", 2.0),
)  # fmt: skip


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pair_power, "LIBRARY", 150)
    monkeypatch.setattr(pair_power, "TRIALS", 150)


def test_a_plan_answers_in_a_sentence_and_in_numbers(quick):
    plan = plan_session(SESSION, IMAGES)
    assert plan.needed is not None
    assert plan.needed.power >= 0.95
    assert plan.sentence().startswith("about ")
    assert "0.3 of the Fe in pairs of 2.40 A" in plan.sentence()
    content = json.loads(json.dumps(plan.as_dict(), allow_nan=False))
    assert content["images_needed"] == plan.needed.images
    assert content["recall"] == plan.visibility.recall


def test_few_pairs_are_not_promised(quick):
    plan = plan_session(dataclasses.replace(SESSION, pair_fraction=0.005), IMAGES)
    assert plan.needed is None
    assert "only" in plan.sentence()


def test_a_measured_recall_replaces_the_expected_one(quick):
    plan = plan_session(dataclasses.replace(SESSION, recall=0.6), IMAGES)
    assert plan.recall == plan.field.recall == 0.6
    assert plan.visibility.recall != 0.6


def test_a_dose_that_shows_nothing_is_refused():
    with pytest.raises(ImageError, match="raise the dose"):
        plan_session(dataclasses.replace(SESSION, dose_e_A2=50.0), IMAGES)


@pytest.mark.parametrize(
    "wrong",
    [{"pair_fraction": 0.0}, {"pair_distance_A": 24.0}, {"recall": 0.0}, {"pixel_A": float("nan")}],
)
def test_sessions_that_are_none_are_refused(wrong):
    with pytest.raises(ImageError):
        dataclasses.replace(SESSION, **wrong)
