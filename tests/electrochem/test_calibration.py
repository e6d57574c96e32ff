"""Calibration lines: a published example, Fieller against draws, coverage, refusals."""

import numpy as np
import pytest
from scipy import stats

from adatom.electrochem.products.calibration import CalibrationLine
from adatom.electrochem.propagation import Sampler, interval
from adatom.errors import SampleError

# Miller and Miller, Statistics and Chemometrics for Analytical Chemistry, 6th ed., Pearson 2010,
# section 5.4-5.6: fluorescein standards, pg/mL, and their fluorescence.
FLUORESCEIN = CalibrationLine(
    "fluorescein", "pg/mL", np.arange(0.0, 13.0, 2.0),
    np.array([2.1, 5.0, 9.0, 12.6, 17.3, 21.0, 24.7]),
)  # fmt: skip


def fieller(line, response, replicates=1):
    """95 % interval of the amount: Fieller, J. R. Stat. Soc. B 1954, 16, 175."""
    t2 = stats.t.ppf(0.975, line.freedom) ** 2 * line.scatter**2
    v = line.covariance
    gap = response - line.intercept
    # (gap - b x)^2 <= t^2 s^2 (1/(w m) + v00 + 2 x v01 + x^2 v11), a quadratic in x.
    reading = 1.0 / (line.weight(response) * replicates)
    a = line.slope**2 - t2 * v[1, 1]
    half = gap * line.slope + t2 * v[0, 1]
    root = np.sqrt(half**2 - a * (gap**2 - t2 * (reading + v[0, 0])))
    return (half - root) / a, (half + root) / a


def drawn_interval(line, readings, count=20_000):
    drawn = line.draw(Sampler(seed=1, count=count))
    return interval(drawn.amount(drawn.response(np.asarray(readings))[0]))


def test_line_of_a_textbook():
    assert FLUORESCEIN.slope == pytest.approx(1.93, abs=0.005)
    assert FLUORESCEIN.intercept == pytest.approx(1.52, abs=0.005)
    assert FLUORESCEIN.scatter == pytest.approx(0.4329, abs=1e-4)  # 0.43285, rounded up there
    errors = FLUORESCEIN.scatter * np.sqrt(np.diag(FLUORESCEIN.covariance))
    assert errors == pytest.approx([0.2949, 0.0409], abs=5e-5)


@pytest.mark.parametrize("response, amount, half", [(2.9, 0.72, 0.68), (13.5, 6.21, 0.62),
                                                    (23.0, 11.13, 0.68)])  # fmt: skip
def test_inverse_prediction_of_a_textbook(response, amount, half):
    low, high = drawn_interval(FLUORESCEIN, [response], 400_000)
    assert FLUORESCEIN.amount(response) == pytest.approx(amount, abs=0.006)
    # The book rounds the standard error to two digits before it multiplies.
    assert 0.5 * (high - low) == pytest.approx(half, abs=0.03)


def test_draws_have_the_interval_of_fieller():
    for replicates in (1, 4):
        readings = np.full(replicates, 13.5)
        expected = fieller(FLUORESCEIN, 13.5, replicates)
        assert drawn_interval(FLUORESCEIN, readings, 400_000) == pytest.approx(expected, abs=0.01)


def test_a_steep_line_has_the_symmetric_interval():
    x = np.linspace(0.0, 10.0, 11)
    noise = 1e-3 * np.array([1, -1, 1, 1, -1, 1, -1, -1, 1, -1, 1.0])
    line = CalibrationLine("steep", "mM", x, 5.0 * x + noise)
    low, high = drawn_interval(line, [25.0], 400_000)
    error = line.scatter / line.slope * np.sqrt(1 + 1 / 11)
    assert high - low == pytest.approx(2 * 2.262 * error, rel=0.01)  # t(9), 97.5 %


@pytest.mark.parametrize("weighted", [False, True])
def test_coverage_of_the_inverse_prediction(weighted):
    random = np.random.default_rng(7)
    x = np.array([0.0, 1.0, 2.0, 5.0, 10.0])
    hit = 0
    for _ in range(1000):
        sd = 0.05 + 0.02 * x if weighted else np.full(5, 0.1)
        y = 0.3 + 2.0 * x + sd * random.standard_normal(5)
        line = CalibrationLine("c", "mM", x, y, sd if weighted else None)
        reading = 0.3 + 2.0 * 4.0 + (0.13 if weighted else 0.1) * random.standard_normal()
        low, high = drawn_interval(line, [reading], 4000)
        hit += low <= 4.0 <= high
    assert 930 <= hit <= 970


def test_limits_follow_the_scatter():
    assert FLUORESCEIN.detection_limit == pytest.approx(3.3 * 0.4329 / 1.9304, rel=1e-3)
    assert FLUORESCEIN.quantification_limit == pytest.approx(10 * 0.4329 / 1.9304, rel=1e-3)


def test_bent_standards_are_told():
    x = np.linspace(0.0, 10.0, 8)
    assert "bend" in CalibrationLine("b", "mM", x, x - 0.03 * x**2).notes[0]
    assert FLUORESCEIN.notes == ()


@pytest.mark.parametrize(
    "amounts, responses, says",
    [
        ([0, 1], [0, 1], "at least 3"),
        ([1, 1, 1], [1, 2, 3], "two or more amounts"),
        ([0, 1, 2], [0, 1], "3 amounts but 2"),
        ([0, 1, 2], [1.0, 0.2, 1.1], "compatible with zero"),
        ([0, 1, np.nan], [0, 1, 2], "finite"),
    ],
)
def test_lines_that_say_nothing_are_refused(amounts, responses, says):
    with pytest.raises(SampleError, match=says):
        CalibrationLine("c", "mM", np.array(amounts, float), np.array(responses, float))


def test_scattering_replicates_take_their_own_spread():
    drawn = FLUORESCEIN.draw(Sampler(seed=2))
    response, note = drawn.response(np.array([8.0, 13.0, 18.0, 15.0]))
    assert "replicates scatter" in note
    assert np.std(response[1:]) > 1.5
