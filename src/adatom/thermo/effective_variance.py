"""The straight line of maximum likelihood through points with errors in both axes.

The variance of a residual y - a - b x is V(b) = sd_y^2 + b^2 sd_x^2 - 2 b cov + scatter^2, and
the best line has the least chi2 = sum of residual^2 / V(b) (York, Evensen, Martinez and De Basabe
Delgado 2004, 10.1119/1.1632486).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from adatom.errors import AdatomError

EXACT = 1e-9
"""Errors below this share of the spread of the points count as this, so that a line through
points without errors has weights."""
_ANGLES = 180
"""Directions from which the best line is sought: half a turn in steps of one degree."""
_MOST_STEPS = 100


@dataclass(frozen=True)
class Points:
    """Points with their errors, each (n,)."""

    x: np.ndarray
    y: np.ndarray
    sd_x: np.ndarray
    sd_y: np.ndarray
    correlation: np.ndarray

    def _residuals(
        self, angle: np.ndarray | float, variance: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances across lines of ``angle`` from their best place, and weights, (..., n).

        The angle, unlike the slope, has no infinity: chi2 is smooth and periodic in it.
        """
        s, c = np.sin(np.asarray(angle))[..., None], np.cos(np.asarray(angle))[..., None]
        across = c * self.y - s * self.x
        spread = c**2 * (self.sd_y**2 + variance) + s**2 * self.sd_x**2
        spread = spread - 2.0 * s * c * self.correlation * self.sd_x * self.sd_y
        w = 1.0 / np.maximum(spread, EXACT**2 * np.maximum(c**2, EXACT))
        return across - (w * across).sum(-1, keepdims=True) / w.sum(-1, keepdims=True), w

    def chi2(self, angle: np.ndarray | float, variance: float) -> np.ndarray:
        """Sum of squared distances over their variances, shape of ``angle``."""
        d, w = self._residuals(angle, variance)
        return (w * d**2).sum(-1)

    def _chi2_slope(self, angle: float, variance: float) -> float:
        """Derivative of chi2 with the angle."""
        s, c = np.sin(angle), np.cos(angle)
        d, w = self._residuals(angle, variance)
        turned = -s * self.y - c * self.x
        cov = self.correlation * self.sd_x * self.sd_y
        widened = 2.0 * s * c * (self.sd_x**2 - self.sd_y**2 - variance)
        widened = widened - 2.0 * (c**2 - s**2) * cov
        return float((2.0 * w * d * turned - w**2 * d**2 * widened).sum())

    def best_angle(self, variance: float) -> float:
        """Angle of the line of least chi2: the best of all directions, then refined."""
        step = np.pi / _ANGLES
        angles = -0.5 * np.pi + (np.arange(_ANGLES) + 0.5) * step
        best = float(angles[np.argmin(self.chi2(angles, variance))])
        low, high = best - step, best + step
        if self._chi2_slope(low, variance) >= 0.0 or self._chi2_slope(high, variance) <= 0.0:
            return best
        return float(brentq(self._chi2_slope, low, high, args=(variance,), xtol=1e-15, rtol=1e-14))

    def scatter_variance(self) -> float:
        """Variance of the intrinsic scatter in y with which chi2 is n - 2.

        Newton's method on 1 / chi2, a straight line in the variance for equal errors.
        """
        aim, variance = len(self.x) - 2, 0.0
        for _ in range(_MOST_STEPS):
            angle = self.best_angle(variance)
            d, w = self._residuals(angle, variance)
            chi2 = float((w * d**2).sum())
            if abs(chi2 - aim) < 1e-9 * aim:
                return variance
            # At the best angle the derivative with the variance is that at a fixed angle.
            falls = float(np.cos(angle) ** 2 * (w**2 * d**2).sum())
            variance = max(variance + chi2 * (chi2 / aim - 1.0) / falls, 0.0)
        raise AdatomError(
            "line: no intrinsic scatter makes chi2 n - 2; look for a single point"
            " far off, or give the scatter"
        )

    def line(self, variance: float) -> tuple[float, float, np.ndarray]:
        """Slope, intercept, and covariance of (intercept, slope), (2, 2), after York 2004."""
        b = float(np.tan(self.best_angle(variance)))
        spread = variance + own_variance(b, self.sd_x, self.sd_y, self.correlation)
        w = 1.0 / np.maximum(spread, EXACT**2)
        a = float((w * (self.y - b * self.x)).sum() / w.sum())
        residual = self.y - a - b * self.x
        # The place on the line that the errors of a point make the most likely.
        gain = b * self.sd_x**2 - self.correlation * self.sd_x * self.sd_y
        adjusted = self.x + w * gain * residual
        middle = (w * adjusted).sum() / w.sum()
        spread_seen = (w * (adjusted - middle) ** 2).sum()
        # What is left of the errors in the adjusted x is not spread of the true ones: York's
        # 1 / spread_seen promises too much where errors in x are large.
        spread_true = spread_seen - (w * (self.sd_x**2 - w * gain**2)).sum()
        if spread_true <= 0.0:
            raise AdatomError("line: the x differ no more than their errors; give more sites")
        slope_variance = spread_seen / spread_true**2
        across = -middle * slope_variance
        covariance = np.array(
            [[1.0 / w.sum() + middle**2 * slope_variance, across], [across, slope_variance]]
        )
        return b, a, covariance


def own_variance(
    slope: float, sd_x: np.ndarray, sd_y: np.ndarray, correlation: np.ndarray
) -> np.ndarray:
    """Variance of y - slope x from the errors of a point, never below zero."""
    own = sd_y**2 + slope**2 * sd_x**2 - 2.0 * slope * correlation * sd_x * sd_y
    return np.maximum(own, 0.0)
