"""Lines with errors in both axes against analytic limits, an independent fit, and their promise."""

import numpy as np
import pytest
from scipy import optimize, stats

from adatom.errors import AdatomError
from adatom.thermo.lines import fit_line

X = np.array([0.1, 0.5, 0.9, 1.2, 1.9])
Y = np.array([0.30, 0.35, 0.62, 0.55, 1.10])


def test_without_stated_errors_it_is_ordinary_least_squares_with_student_t():
    fit, known = fit_line(X, Y, sd_x=0.0, sd_y=0.0), stats.linregress(X, Y)
    assert fit.slope == pytest.approx(known.slope, rel=1e-8)
    assert fit.intercept == pytest.approx(known.intercept, rel=1e-8)
    assert fit.slope_sd == pytest.approx(known.stderr, rel=1e-6)
    assert fit.intercept_sd == pytest.approx(known.intercept_stderr, rel=1e-6)
    assert fit.scatter == pytest.approx(fit.residual_sd, rel=1e-6)
    assert fit.quantile == pytest.approx(stats.t.ppf(0.975, 3))
    # Textbook prediction interval of a new point.
    at, n = 1.5, len(X)
    wide = 1 + 1 / n + (at - X.mean()) ** 2 / ((X - X.mean()) ** 2).sum()
    low, high = fit.prediction_interval_95(at)
    assert high - low == pytest.approx(2 * fit.quantile * fit.residual_sd * np.sqrt(wide), rel=1e-6)


def test_with_errors_in_y_alone_it_is_weighted_least_squares():
    sd = np.array([0.3, 0.2, 0.4, 0.3, 0.5])
    fit = fit_line(X, Y, sd_x=0.0, sd_y=sd)
    (slope, intercept), covariance = np.polyfit(X, Y, 1, w=1 / sd, cov="unscaled")
    assert (fit.slope, fit.intercept) == pytest.approx((slope, intercept), rel=1e-9)
    assert fit.slope_sd == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-9)
    assert fit.covariance[0, 1] == pytest.approx(covariance[0, 1], rel=1e-9)
    assert fit.scatter == 0.0


def test_it_agrees_with_orthogonal_distance_regression():
    """ODRPACK minimises over the true points themselves, another route to the same line."""
    odr = pytest.importorskip("scipy.odr", reason="newer releases of scipy drop it")
    sd_x, sd_y = np.full(5, 0.2), np.linspace(0.1, 0.3, 5)
    fit = fit_line(X, Y, sd_x=sd_x, sd_y=sd_y, scatter=0.0)
    model = odr.Model(lambda b, x: b[0] + b[1] * x)
    other = odr.ODR(odr.RealData(X, Y, sd_x, sd_y), model, beta0=[0, 0.5], sstol=1e-14).run()
    assert (fit.intercept, fit.slope) == pytest.approx(tuple(other.beta), rel=1e-5)
    assert fit.chi2 == pytest.approx(other.sum_square, rel=1e-8)


def test_correlated_errors_have_the_least_distance_in_their_own_metric():
    sd_x, sd_y, rho = 0.2, 0.15, 0.8
    fit = fit_line(X, Y, sd_x=sd_x, sd_y=sd_y, correlation=rho, scatter=0.0)
    inverse = np.linalg.inv([[sd_x**2, rho * sd_x * sd_y], [rho * sd_x * sd_y, sd_y**2]])

    def distance(p):
        d = np.stack([X - p[2:], Y - p[0] - p[1] * p[2:]])
        return np.einsum("in,ij,jn->", d, inverse, d)

    best = optimize.minimize(distance, [0.1, 0.5, *X], tol=1e-12)
    assert fit.chi2 == pytest.approx(best.fun, rel=1e-6)
    assert (fit.intercept, fit.slope) == pytest.approx(tuple(best.x[:2]), rel=1e-4)


def test_units_of_an_axis_do_not_matter():
    fit = fit_line(X, Y, sd_x=0.1, sd_y=0.1)
    scaled = fit_line(1000 * X, Y, sd_x=100.0, sd_y=0.1)
    assert scaled.slope == pytest.approx(fit.slope / 1000, rel=1e-9)
    assert scaled.slope_sd == pytest.approx(fit.slope_sd / 1000, rel=1e-9)
    assert scaled.scatter == pytest.approx(fit.scatter, rel=1e-9, abs=1e-12)


def test_points_exactly_on_a_line_give_it_back():
    fit = fit_line(X, 2.0 - 0.5 * X, sd_x=0.0, sd_y=0.0)
    assert (fit.intercept, fit.slope) == pytest.approx((2.0, -0.5), abs=1e-9)
    assert (fit.scatter, fit.slope_sd) == pytest.approx((0.0, 0.0), abs=1e-8)


def test_scatter_appears_only_beyond_the_stated_errors():
    quiet, loud = fit_line(X, Y, sd_x=0.1, sd_y=0.3), fit_line(X, Y, sd_x=0.01, sd_y=0.01)
    assert (quiet.scatter, quiet.degrees_of_freedom) == (0.0, np.inf)
    assert quiet.chi2_probability > 0.5
    assert loud.scatter > 0.05
    assert loud.degrees_of_freedom == 3
    assert loud.chi2_probability < 1e-6
    spread = loud.scatter**2 + 0.01**2 * (1 + loud.slope**2)
    residuals = Y - loud.value(X)
    assert (residuals**2).sum() / spread == pytest.approx(3.0, rel=1e-6)


def test_least_squares_would_flatten_the_line_and_this_does_not():
    rng = np.random.default_rng(4)
    true = rng.uniform(-0.5, 0.5, 4000)
    x, y = true + 0.2 * rng.standard_normal(4000), true + 0.2 * rng.standard_normal(4000)
    assert np.polyfit(x, y, 1)[0] == pytest.approx(1 / (1 + 0.04 * 12), abs=0.03)
    fit = fit_line(x, y, sd_x=0.2, sd_y=0.2)
    assert abs(fit.slope - 1.0) < 3 * fit.slope_sd < 0.1


@pytest.mark.parametrize("slope", [0.25, 0.5, 0.75])
def test_intervals_hold_the_truth_as_often_as_they_say(slope):
    """500 sets of 10 sites, 0.1 eV errors in both axes with correlation 0.5, 0.1 eV scatter."""
    rng = np.random.default_rng(int(100 * slope))
    sets, n = 500, 10
    true = np.append(np.linspace(-1, 1, n), 0.3)
    shared, own_x, own_y, scatter = 0.1 * rng.standard_normal((4, sets, n + 1))
    x = true + np.sqrt(0.5) * (shared + own_x)
    y = 1.0 + slope * true + np.sqrt(0.5) * (shared + own_y) + scatter
    errors = {"sd_x": 0.1, "sd_y": 0.1, "correlation": 0.5}
    fits = [fit_line(a[:n], b[:n], **errors) for a, b in zip(x, y, strict=True)]
    slopes = np.array([f.slope for f in fits])
    assert abs(slopes.mean() - slope) < 3 * slopes.std() / np.sqrt(sets)
    held = np.mean([f.slope_interval_95[0] <= slope <= f.slope_interval_95[1] for f in fits])
    assert 0.92 <= held <= 0.98
    new = [f.prediction_interval_95(a[n], **errors) for f, a in zip(fits, x, strict=True)]
    held = np.mean([low <= b[n] <= high for (low, high), b in zip(new, y, strict=True)])
    assert 0.92 <= held <= 0.98


def test_drawn_lines_have_the_covariance_and_for_estimated_scatter_heavier_tails():
    known = fit_line(X, Y, sd_x=0.1, sd_y=0.3)
    drawn = known.draws(40_000, np.random.default_rng(0))
    assert drawn.mean(axis=0) == pytest.approx([known.intercept, known.slope], abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(known.covariance, rel=0.05)
    loose = fit_line(X, Y, sd_x=0.0, sd_y=0.0)
    away = np.abs(loose.draws(40_000, np.random.default_rng(0))[:, 1] - loose.slope)
    assert np.quantile(away, 0.95) == pytest.approx(loose.quantile * loose.slope_sd, rel=0.05)


def test_a_probability_belongs_to_every_distance():
    known, loose = fit_line(X, Y, sd_x=0.1, sd_y=0.3), fit_line(X, Y, sd_x=0.0, sd_y=0.0)
    assert known.two_sided_p(-1.959964) == pytest.approx(0.05, rel=1e-5)
    assert loose.two_sided_p(loose.quantile) == pytest.approx(0.05, rel=1e-9)


def test_results_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        fit_line(X, Y, sd_x=0.1, sd_y=0.1).covariance[0, 0] = 1.0


@pytest.mark.parametrize(
    "change, message",
    [
        ({"x": X[:2], "y": Y[:2]}, "3 points or more"),
        ({"x": np.full(5, 0.7)}, "every x is 0.7"),
        ({"x": [0.1, np.nan, 1, 2, 3]}, "x should be finite"),
        ({"y": [0.1, np.inf, 1, 2, 3]}, "y should be finite"),
        ({"y": Y[:4]}, "y should have one value a point"),
        ({"sd_x": -0.1}, "sd_x cannot be negative"),
        ({"sd_y": [0.1, 0.1, -0.2, 0.1, 0.1]}, "sd_y cannot be negative"),
        ({"correlation": 1.2}, "correlation should lie"),
        ({"sd_x": 2.0}, "differ no more than their errors"),
        ({"scatter": -1.0}, "scatter about a line"),
        ({"scatter": np.nan}, "scatter about a line"),
    ],
)
def test_what_gives_no_line_is_refused_in_one_line(change, message):
    given = {"x": X, "y": Y, "sd_x": 0.1, "sd_y": 0.1, **change}
    with pytest.raises(AdatomError, match=message) as error:
        fit_line(given.pop("x"), given.pop("y"), **given)
    assert "\n" not in str(error.value)
