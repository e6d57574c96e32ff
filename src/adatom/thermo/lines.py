"""Straight lines through points with errors in both axes, and what they promise for a new point.

The intrinsic scatter of the points about the line in y is what makes chi2 equal n - 2 (Tremaine
et al. 2002, 10.1086/341002), and none where the stated errors alone explain the residuals.
"""

from dataclasses import dataclass, field
from math import inf, isinf, sqrt

import numpy as np
from scipy.special import chdtrc, chdtri, ndtr, ndtri, stdtr, stdtrit

from adatom.errors import AdatomError
from adatom.thermo.effective_variance import EXACT, Points, own_variance

FEWEST_POINTS = 3


@dataclass(frozen=True)
class LineFit:
    """The line y = intercept + slope x through n points, in the units of their axes."""

    slope: float
    intercept: float
    covariance: np.ndarray
    """(2, 2), of intercept and slope, in this order."""
    scatter: float
    """Intrinsic standard deviation of the points about the line in y, beyond their errors."""
    residual_sd: float
    """Root of the sum of squared residuals in y over n - 2."""
    chi2: float
    """Of the residuals in units of the stated errors alone, at its minimum; infinite where points
    without errors lie off any line."""
    points: int
    degrees_of_freedom: float
    """Of Student's t behind the intervals: n - 2 where the scatter was estimated from the points,
    infinite (normal) where the errors are those stated."""
    x_range: tuple[float, float]
    """Smallest and largest x; beyond it the line is an extrapolation."""
    quantile: float = field(init=False)
    """Half width of a 95 % interval in standard deviations."""

    def __post_init__(self) -> None:
        self.covariance.flags.writeable = False
        known = isinf(self.degrees_of_freedom)
        value = ndtri(0.975) if known else stdtrit(self.degrees_of_freedom, 0.975)
        object.__setattr__(self, "quantile", float(value))

    @property
    def slope_sd(self) -> float:
        """Standard error of the slope."""
        return sqrt(self.covariance[1, 1])

    @property
    def intercept_sd(self) -> float:
        """Standard error of the intercept."""
        return sqrt(self.covariance[0, 0])

    @property
    def slope_interval_95(self) -> tuple[float, float]:
        """95 % interval of the slope."""
        half = self.quantile * self.slope_sd
        return self.slope - half, self.slope + half

    @property
    def chi2_probability(self) -> float:
        """Probability of so large a chi2 or a larger one, were the stated errors all there is."""
        return 0.0 if isinf(self.chi2) else float(chdtrc(self.points - 2, self.chi2))

    def value(self, x: np.ndarray | float) -> np.ndarray:
        """The line at ``x``, any shape."""
        return np.asarray(self.intercept + self.slope * np.asarray(x, dtype=float))

    def prediction_sd(
        self,
        x: np.ndarray | float,
        *,
        sd_x: np.ndarray | float = 0.0,
        sd_y: np.ndarray | float = 0.0,
        correlation: np.ndarray | float = 0.0,
    ) -> np.ndarray:
        """Standard deviation of a new point's y minus the line at its x, shape of ``x``.

        It holds the uncertainty of the line, the intrinsic scatter, and the new point's own
        errors ``sd_x`` and ``sd_y`` with their ``correlation``.
        """
        at = np.asarray(x, dtype=float)
        c = self.covariance
        line = c[0, 0] + 2.0 * at * c[0, 1] + at**2 * c[1, 1]
        own = own_variance(self.slope, np.asarray(sd_x), np.asarray(sd_y), np.asarray(correlation))
        return np.sqrt(line + self.scatter**2 + own)

    def prediction_interval_95(
        self,
        x: np.ndarray | float,
        *,
        sd_x: np.ndarray | float = 0.0,
        sd_y: np.ndarray | float = 0.0,
        correlation: np.ndarray | float = 0.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the y of a new point at ``x`` lies with 95 % probability: low and high."""
        sd = self.prediction_sd(x, sd_x=sd_x, sd_y=sd_y, correlation=correlation)
        return self.value(x) - self.quantile * sd, self.value(x) + self.quantile * sd

    def two_sided_p(self, z: float) -> float:
        """Probability of a deviation of ``z`` standard deviations or more, either way."""
        if isinf(self.degrees_of_freedom):
            return 2.0 * float(ndtr(-abs(z)))
        return 2.0 * float(stdtr(self.degrees_of_freedom, -abs(z)))

    def draws(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Lines that the points allow: intercept and slope, shape (count, 2)."""
        away = rng.multivariate_normal(np.zeros(2), self.covariance, size=count)
        if not isinf(self.degrees_of_freedom):
            nu = self.degrees_of_freedom
            away *= np.sqrt(nu / rng.chisquare(nu, size=(count, 1)))
        return np.array([self.intercept, self.slope]) + away


def fit_line(
    x: np.ndarray,
    y: np.ndarray,
    *,
    sd_x: np.ndarray | float,
    sd_y: np.ndarray | float,
    correlation: np.ndarray | float = 0.0,
    scatter: float | None = None,
) -> LineFit:
    """Fit a line to points ``x``, ``y``, shape (n,), with errors that are independent among points.

    ``sd_x``, ``sd_y`` and the ``correlation`` of the two errors of a point are (n,) or one for
    all. ``scatter`` is the intrinsic standard deviation in y; None estimates it from the points.
    Raises :class:`~adatom.errors.AdatomError` for fewer than three points, numbers that are not
    finite, negative errors, a correlation outside -1..1, and x that differ no more than their
    errors do.
    """
    p = _checked(x, y, sd_x, sd_y, correlation)
    if scatter is not None and not 0.0 <= scatter < inf:
        raise AdatomError(f"the scatter about a line should be 0 or more, got {scatter}")
    _require_spread(p)
    scale_x, scale_y = p.x.std(), p.y.std() or 1.0
    q = Points(p.x / scale_x, p.y / scale_y, p.sd_x / scale_x, p.sd_y / scale_y, p.correlation)
    n = len(q.x)

    stated = float(q.chi2(q.best_angle(0.0), 0.0))
    free = scatter is None and stated > n - 2
    if scatter is not None:
        variance = (scatter / scale_y) ** 2
    else:
        variance = q.scatter_variance() if free else 0.0
    slope, intercept, covariance = q.line(variance)
    b = slope * scale_y / scale_x
    to_units = np.array([scale_y, scale_y / scale_x])
    residuals = p.y - intercept * scale_y - b * p.x
    exact = np.any(own_variance(slope, q.sd_x, q.sd_y, q.correlation) <= EXACT**2)
    return LineFit(
        slope=float(b),
        intercept=float(intercept * scale_y),
        covariance=covariance * np.outer(to_units, to_units),
        scatter=float(np.sqrt(variance) * scale_y),
        residual_sd=float(np.sqrt((residuals**2).sum() / (n - 2))),
        chi2=inf if exact and stated > n - 2 else stated,
        points=n,
        degrees_of_freedom=float(n - 2) if free else inf,
        x_range=(float(p.x.min()), float(p.x.max())),
    )


def _checked(
    x: np.ndarray,
    y: np.ndarray,
    sd_x: np.ndarray | float,
    sd_y: np.ndarray | float,
    correlation: np.ndarray | float,
) -> Points:
    given = {"x": x, "y": y, "sd_x": sd_x, "sd_y": sd_y, "correlation": correlation}
    shape = np.shape(x)
    if len(shape) != 1 or shape[0] < FEWEST_POINTS:
        raise AdatomError(f"a line needs {FEWEST_POINTS} points or more, got shape {shape}")
    arrays = {}
    for name, values in given.items():
        array = np.asarray(values, dtype=float)
        if array.shape not in ((), shape) or (name == "y" and array.shape != shape):
            raise AdatomError(f"line: {name} should have one value a point, {shape[0]}")
        if not np.isfinite(array).all():
            raise AdatomError(f"line: {name} should be finite, got {array}")
        arrays[name] = np.broadcast_to(array, shape)
    for name in ("sd_x", "sd_y"):
        if (arrays[name] < 0.0).any():
            raise AdatomError(f"line: {name} cannot be negative, got {arrays[name].min():g}")
    if (np.abs(arrays["correlation"]) > 1.0).any():
        raise AdatomError(f"line: correlation should lie in -1..1, got {arrays['correlation']}")
    return Points(**arrays)


def _require_spread(p: Points) -> None:
    """A vertical line that the errors in x allow leaves the slope open."""
    spread = float(p.x.max() - p.x.min())
    if spread <= EXACT * max(1.0, float(np.abs(p.x).max())):
        raise AdatomError(f"line: every x is {p.x[0]:g}; a slope needs x that differ")
    if (p.sd_x <= EXACT * spread).any():
        return
    w = p.sd_x**-2
    chi2 = float((w * (p.x - (w * p.x).sum() / w.sum()) ** 2).sum())
    most = float(chdtri(len(p.x) - 1, 0.05))
    if chi2 < most:
        raise AdatomError(
            f"line: the x from {p.x.min():.3g} to {p.x.max():.3g} differ no more than their errors"
            f" (chi2 {chi2:.1f} about one value, {most:.1f} needed); give more sites or smaller sd"
        )
