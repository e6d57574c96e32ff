"""Errors and coverage on synthetic laboratory sets; validation/electrochem_coverage.py has 500.

With n sets a true coverage of 95 % is seen within three binomial standard errors.
"""

import numpy as np
import pytest
from campaign import predicted_campaign, straight_campaign
from laboratory import predicted_truth


def margin(count):
    return 3.0 * np.sqrt(0.95 * 0.05 / count)


@pytest.fixture(scope="module")
def straight():
    return straight_campaign(150, 7)


@pytest.fixture(scope="module")
def predicted():
    return predicted_campaign(predicted_truth(100, 8), 8)


def test_no_figure_is_refused_where_there_is_one(straight):
    assert all(len(found.truth) == 150 for found in straight.values())


@pytest.mark.parametrize("name", ["limit", "half_wave", "tafel"])
def test_straight_lines_are_covered(straight, name):
    assert straight[name].coverage == pytest.approx(0.95, abs=margin(150))


@pytest.mark.parametrize("name", ["limit", "half_wave", "tafel", "electrons", "peroxide"])
def test_predicted_curves_are_covered(predicted, name):
    assert predicted[name].coverage == pytest.approx(0.95, abs=margin(100))


def test_median_errors(straight, predicted):
    """2 mV, 3 %, 0.03 electrons and 0.5 percentage points; no bias of the slope beyond 0.5."""
    for found in (straight, predicted):
        assert np.median(np.abs(found["half_wave"].error)) < 2e-3
        slope = found["tafel"]
        assert np.median(np.abs(slope.error) / slope.truth) < 0.03
        assert abs(slope.error.mean()) < 0.5
    assert np.median(np.abs(predicted["electrons"].error)) < 0.03
    assert np.median(np.abs(predicted["peroxide"].error)) < 0.5
