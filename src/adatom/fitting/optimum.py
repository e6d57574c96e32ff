"""Weighted least squares of a curve within bounds, from many starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.optimize import least_squares

from adatom.fitting.model import TRANSPORT, CurveModel

STARTS = 6
"""Best points of the coarse search that are refined, no two of them neighbours."""
COARSE_POTENTIALS = 40
EXHAUSTED = 1e-3
"""Of the range: closer to a bound a parameter is at it (the search stays inside)."""


@dataclass(frozen=True)
class Optimum:
    """A point (K,) with the weighted sum of squares there."""

    point: np.ndarray
    square: float


@dataclass(frozen=True)
class Problem:
    """Measured currents with their weights, and the model of them."""

    model: CurveModel
    measured_mA_cm2: np.ndarray
    """(P,)"""
    sd_mA_cm2: np.ndarray
    """(P,) ones where only the sum of squares counts."""

    @property
    def low(self) -> np.ndarray:
        """Lower bounds (K,)."""
        return np.array([p.low for p in self.model.parameters])

    @property
    def high(self) -> np.ndarray:
        """Upper bounds (K,)."""
        return np.array([p.high for p in self.model.parameters])

    @property
    def decades(self) -> np.ndarray:
        """Comparable changes (K,)."""
        return np.array([p.decade for p in self.model.parameters])

    def residuals(self, point: np.ndarray) -> np.ndarray:
        """Model minus measurement over sd (P,)."""
        return (self.model.currents_mA_cm2(point)[0] - self.measured_mA_cm2) / self.sd_mA_cm2

    def linearised(
        self, point: np.ndarray, columns: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Residuals (P,) and their derivatives (P, K')."""
        currents, slopes = self.model.linearised(point, columns)
        return (currents - self.measured_mA_cm2) / self.sd_mA_cm2, slopes / self.sd_mA_cm2[:, None]

    def minimise(self, start: np.ndarray, columns: Sequence[int]) -> Optimum:
        """Least squares over the parameters numbered, the others as in ``start`` (K,)."""
        index = list(columns)
        if not index:
            r = self.residuals(start)
            return Optimum(start, float(r @ r))
        low, high, decades = self.low[index], self.high[index], self.decades[index]

        def whole(part: np.ndarray) -> np.ndarray:
            point = start.copy()
            point[index] = part
            return point

        # Residuals and slopes of a point cost one call together; the slopes are wanted next.
        @lru_cache(maxsize=1)
        def linearised(part: bytes) -> tuple[np.ndarray, np.ndarray]:
            return self.linearised(whole(np.frombuffer(part)), index)

        def residuals(part: np.ndarray) -> np.ndarray:
            return linearised(part.tobytes())[0]

        def jacobian(part: np.ndarray) -> np.ndarray:
            return linearised(part.tobytes())[1]

        inside = np.clip(start[index], low + 1e-9 * (high - low), high - 1e-9 * (high - low))
        found = least_squares(
            residuals, inside, jac=jacobian, bounds=(low, high), x_scale=decades,
            xtol=1e-8, ftol=1e-7, gtol=1e-10, max_nfev=60,
        )  # fmt: skip
        return Optimum(whole(found.x), 2.0 * float(found.cost))

    def widened(self, columns: Sequence[int]) -> "Problem":
        """The same with the bounds of some parameters so far out that they hold nothing."""
        parameters = tuple(
            replace(p, low=0.1 * p.low, high=10.0 * p.high)
            if k in columns and p.name == TRANSPORT  # which must stay positive
            else replace(p, low=p.low - 20.0 * p.decade, high=p.high + 20.0 * p.decade)
            if k in columns
            else p
            for k, p in enumerate(self.model.parameters)
        )
        return replace(self, model=replace(self.model, parameters=parameters))

    def at_bound(self, point: np.ndarray) -> np.ndarray:
        """Which parameters (K,) lie at a bound."""
        near = EXHAUSTED * (self.high - self.low)
        return (point - self.low < near) | (self.high - point < near)


def refined(
    problem: Problem, held: Mapping[int, float] | None = None, *, count: int = STARTS
) -> list[Optimum]:
    """Local optima from the ``count`` best points of the coarse search, best first.

    ``held`` are numbers of parameters that keep a value.
    """
    held = held or {}
    model, kept = problem.model.thinned(COARSE_POTENTIALS)
    axes = [
        np.array([held[k]])
        if k in held
        else np.linspace(p.low, p.high, p.starts + 2)[1:-1]
        if p.starts > 1
        else np.array([1.0])
        for k, p in enumerate(model.parameters)
    ]
    points = np.array(list(product(*axes)))
    residuals = model.currents_mA_cm2(points) - problem.measured_mA_cm2[kept]
    squares = ((residuals / problem.sd_mA_cm2[kept]) ** 2).sum(axis=1)
    indices = np.array(list(product(*(range(len(axis)) for axis in axes))))
    chosen: list[int] = []
    for i in np.argsort(squares):
        if all(np.abs(indices[i] - indices[j]).max() > 1 for j in chosen):
            chosen.append(int(i))
        if len(chosen) == count:
            break
    columns = [k for k in range(len(axes)) if k not in held]
    found = [problem.minimise(points[i], columns) for i in chosen]
    return sorted(found, key=lambda optimum: optimum.square)
