"""Calibration lines: weighted fit, draws for inverse prediction, limits of detection."""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from adatom.electrochem.propagation import LEVEL, Sampler
from adatom.errors import SampleError

FEWEST_STANDARDS = 3
"""Two points are a line without any measure of its scatter."""
SIGNIFICANCE = 0.01
"""Chance of a false alarm of each test: curvature, replicates that scatter more than the line."""
DETECTION, QUANTIFICATION = 3.3, 10.0
"""Times sd over slope: ICH guideline Q2, International Council for Harmonisation."""


@dataclass(frozen=True)
class CalibrationLine:
    """Response = intercept + slope * amount, fitted to standards by weighted least squares."""

    name: str
    unit: str
    """Of the amounts: ppm and % (mole fraction of the gas), M, mM, uM, mg/L ..."""
    amounts: np.ndarray
    """(S,), of the standards."""
    responses: np.ndarray
    """(S,), in whatever the detector gives: area, absorbance, ratio to an internal standard."""
    sd: np.ndarray | None = None
    """(S,), sets the weights, 1/sd^2; their common scale is read from the scatter. None: equal."""
    relative_sd: float = 0.0
    """Common to all standards: stock solution, certified gas."""
    extrapolate: bool = False
    """Take responses above the highest standard all the same, flagged."""
    intercept: float = field(init=False)
    slope: float = field(init=False)
    scatter: float = field(init=False)
    """Residual sd of one response at weight one (at the mean sd of the standards)."""
    covariance: np.ndarray = field(init=False)
    """(2, 2), of intercept and slope for a scatter of one."""
    notes: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        x, y = (np.array(a, dtype=float) for a in (self.amounts, self.responses))
        self._require_standards(x, y)
        weights = np.ones_like(x)
        if self.sd is not None:
            sd = np.array(self.sd, dtype=float)
            if sd.shape != x.shape or not (np.isfinite(sd).all() and (sd > 0).all()):
                raise SampleError(f"calibration {self.name}: one positive sd a standard")
            sd.flags.writeable = False
            object.__setattr__(self, "sd", sd)
            weights = np.mean(sd) ** 2 / sd**2
        design = np.stack([np.ones_like(x), x], axis=1)
        normal = design.T @ (weights[:, None] * design)
        covariance = np.linalg.inv(normal)
        intercept, slope = covariance @ (design.T @ (weights * y))
        residuals = y - design @ [intercept, slope]
        scatter = float(np.sqrt(weights @ residuals**2 / (len(x) - 2)))
        # Responses that lie on a line to the last digit printed are still rounded.
        scatter = max(scatter, 1e-9 * float(np.abs(y).max()))
        for array in (x, y, covariance):
            array.flags.writeable = False
        object.__setattr__(self, "amounts", x)
        object.__setattr__(self, "responses", y)
        object.__setattr__(self, "intercept", float(intercept))
        object.__setattr__(self, "slope", float(slope))
        object.__setattr__(self, "scatter", scatter)
        object.__setattr__(self, "covariance", covariance)
        if self._slope_share() >= 1.0:
            raise SampleError(
                f"calibration {self.name}: the slope {slope:g} is compatible with zero at 95 %;"
                " nothing can be read from this line"
            )
        object.__setattr__(self, "notes", self._curvature(design, weights))

    def _require_standards(self, x: np.ndarray, y: np.ndarray) -> None:
        if x.shape != y.shape or x.ndim != 1:
            raise SampleError(
                f"calibration {self.name}: {x.size} amounts but {y.size} responses; one each"
            )
        if not (np.isfinite(x).all() and np.isfinite(y).all()) or (x < 0).any():
            raise SampleError(f"calibration {self.name}: finite numbers, amounts not negative")
        if x.size < FEWEST_STANDARDS or len(np.unique(x)) < 2:
            raise SampleError(
                f"calibration {self.name}: at least {FEWEST_STANDARDS} standards of two or more"
                f" amounts are needed, got {x.size}"
            )

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the scatter."""
        return len(self.amounts) - 2

    @property
    def detection_limit(self) -> float:
        """3.3 times the residual sd (at the lowest standard) over the slope, in ``unit``."""
        return DETECTION * self.scatter / np.sqrt(self.weight(self._lowest)) / abs(self.slope)

    @property
    def quantification_limit(self) -> float:
        """10 times the same, in ``unit``."""
        return QUANTIFICATION / DETECTION * self.detection_limit

    @property
    def _lowest(self) -> float:
        return float(self.responses[np.argmin(self.amounts)])

    @property
    def top(self) -> float:
        """The highest standard, in ``unit``: the end of the calibrated range."""
        return float(self.amounts.max())

    @property
    def bottom(self) -> float:
        """The lowest standard, in ``unit``."""
        return float(self.amounts.min())

    def amount(self, response: float) -> float:
        """What a response stands for, in ``unit``, inside the range or not."""
        return (response - self.intercept) / self.slope

    def weight(self, response: float) -> float:
        """Of one reading at this response: interpolated between the standards' sd."""
        if self.sd is None:
            return 1.0
        order = np.argsort(self.responses)
        sd = float(np.interp(response, self.responses[order], self.sd[order]))
        return float(np.mean(self.sd) ** 2 / sd**2)

    def draw(self, sampler: Sampler) -> "DrawnLine":
        """Lines drawn from the distribution of this one, to be shared by all it calibrates."""
        scale = self.scatter * sampler.scale(self.freedom)
        root = np.linalg.cholesky(self.covariance)
        first, second = sampler.deviates(), sampler.deviates()
        intercept = self.intercept + scale * root[0, 0] * first
        slope = self.slope + scale * (root[1, 0] * first + root[1, 1] * second)
        factor = 1.0 + self.relative_sd * sampler.deviates()
        return DrawnLine(self, sampler, intercept, slope, scale, factor)

    def _slope_share(self) -> float:
        """Fieller's g: squared half-width of the slope's interval over the squared slope."""
        t = stats.t.ppf(0.5 + 0.5 * LEVEL, self.freedom)
        return float((t * self.scatter) ** 2 * self.covariance[1, 1] / self.slope**2)

    def _curvature(self, design: np.ndarray, weights: np.ndarray) -> tuple[str, ...]:
        if len(self.amounts) < 5:
            return (f"{len(self.amounts)} standards: too few to test whether the line is straight",)
        x = design[:, 1] / self.top
        bent = np.stack([np.ones_like(x), x, x**2], axis=1) * np.sqrt(weights)[:, None]
        solution, _, rank, _ = np.linalg.lstsq(bent, np.sqrt(weights) * self.responses, rcond=None)
        if rank < 3:
            return ("the standards have only two amounts: the line may bend between them",)
        rest = float(np.sum((np.sqrt(weights) * self.responses - bent @ solution) ** 2))
        freedom = len(x) - 3
        gained = self.scatter**2 * self.freedom - rest
        if rest > 0 and stats.f.sf(gained / (rest / freedom), 1, freedom) < SIGNIFICANCE:
            return ("the standards bend: a parabola fits better (p < 0.01); narrow the range",)
        return ()


@dataclass(frozen=True)
class DrawnLine:
    """Draws of one line; every amount read from it shares them."""

    line: CalibrationLine
    sampler: Sampler
    intercept: np.ndarray
    """(1 + D,)"""
    slope: np.ndarray
    """(1 + D,)"""
    scatter: np.ndarray
    """(1 + D,)"""
    factor: np.ndarray
    """(1 + D,), of the amounts of all standards."""

    def response(self, readings: np.ndarray) -> tuple[np.ndarray, str]:
        """Draws (1 + D,) of the true response behind readings (R,), and a note or nothing.

        A reading scatters as the standards do about their line; where replicates scatter more
        than that (F test, 1 %) their own standard deviation is taken.
        """
        mean, count = float(np.mean(readings)), len(readings)
        sd = self.line.scatter / np.sqrt(self.line.weight(mean))
        if count > 1:
            own = float(np.std(readings, ddof=1))
            if stats.f.sf(own**2 / sd**2, count - 1, self.line.freedom) < SIGNIFICANCE:
                error = own * self.sampler.scale(count - 1) / np.sqrt(count)
                note = f"replicates scatter {own / sd:.1f} times as much as the standards"
                return mean + error * self.sampler.deviates(), note
        error = sd / self.line.scatter * self.scatter / np.sqrt(count)
        return mean + error * self.sampler.deviates(), ""

    def amount(self, response: np.ndarray) -> np.ndarray:
        """Draws (1 + D,) of the amount behind drawn responses, in the line's unit."""
        return self.factor * (response - self.intercept) / self.slope

    def difference(self, response: np.ndarray, blank: np.ndarray) -> np.ndarray:
        """Draws (1 + D,) of sample minus blank, in the line's unit: the intercept cancels."""
        return self.factor * (response - blank) / self.slope
