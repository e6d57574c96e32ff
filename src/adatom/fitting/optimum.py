"""Least squares within bounds, and how far each parameter can go before the curve objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.optimize import least_squares

from adatom.fitting.model import CurveModel

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

    def at_bound(self, point: np.ndarray) -> np.ndarray:
        """Which parameters (K,) lie at a bound."""
        near = EXHAUSTED * (self.high - self.low)
        return (point - self.low < near) | (self.high - point < near)


def refined(problem: Problem) -> list[Optimum]:
    """Local optima from the best points of the coarse search, best first."""
    model, kept = problem.model.thinned(COARSE_POTENTIALS)
    axes = [
        np.linspace(p.low, p.high, p.starts + 2)[1:-1] if p.starts > 1 else np.array([1.0])
        for p in model.parameters
    ]
    points = np.array(list(product(*axes)))
    residuals = model.currents_mA_cm2(points) - problem.measured_mA_cm2[kept]
    squares = ((residuals / problem.sd_mA_cm2[kept]) ** 2).sum(axis=1)
    indices = np.array(list(product(*(range(len(axis)) for axis in axes))))
    chosen: list[int] = []
    for i in np.argsort(squares):
        if all(np.abs(indices[i] - indices[j]).max() > 1 for j in chosen):
            chosen.append(int(i))
        if len(chosen) == STARTS:
            break
    columns = range(len(model.parameters))
    found = [problem.minimise(points[i], columns) for i in chosen]
    return sorted(found, key=lambda optimum: optimum.square)


@dataclass(frozen=True)
class ProfileEnd:
    """Where the profile of a parameter crosses the threshold on one side."""

    value: float | None
    """None where it does not before a bound."""
    held_by: int | None
    """Number of another parameter that was at its bound there, so that the bound and not the
    curve ends the interval."""
    within: tuple[np.ndarray, ...] = ()
    """Points (K,) of the profile inside the interval."""
    better: Optimum | None = None
    """A better optimum met on the way."""


def profile_end(
    problem: Problem, best: Optimum, start: Optimum, index: int, side: int, *, threshold: float,
    direction: np.ndarray, first_step: float,
) -> ProfileEnd:  # fmt: skip
    """Follow the profile of parameter ``index`` to ``side`` (-1, +1) until chi2 rises enough.

    From ``start``, the ``best`` optimum or another as good within ``threshold``; the other
    parameters are optimised at every step. ``direction`` (K,) is how they are expected to follow
    per unit of this one.
    """
    others = [k for k in range(len(best.point)) if k != index]
    bound = problem.high[index] if side > 0 else problem.low[index]

    def solve(value: float, guess: np.ndarray) -> Optimum:
        point = np.clip(guess, problem.low, problem.high)
        point[index] = value
        return problem.minimise(point, others)

    last, step = start, first_step
    within: list[np.ndarray] = []
    while last.point[index] != bound:
        at = last.point[index] + side * step
        at = min(at, bound) if side > 0 else max(at, bound)
        moved = at - last.point[index]
        here = solve(at, last.point + direction * moved)
        rise = here.square - best.square
        if rise < -1e-3 * threshold:
            return ProfileEnd(None, None, better=here)
        if rise > threshold:
            here, beyond = _crossing(solve, best, last, here, index, threshold)
            held = [k for k in others if problem.at_bound(beyond.point)[k]]
            return ProfileEnd(float(here.point[index]), held[0] if held else None, tuple(within))
        within.append(here.point)
        direction = (here.point - last.point) / moved
        # Towards 1.5 times the threshold of a parabola, by no more than a factor of 3.
        wanted = 1.5 * threshold / max(rise, 1e-12 * threshold)
        away = abs(at - start.point[index])
        step = min(max(away * (np.sqrt(wanted) - 1.0), 0.5 * step), 3.0 * step)
        last = here
    return ProfileEnd(None, None, tuple(within))


def _crossing(
    solve: Callable[[float, np.ndarray], Optimum], best: Optimum, inside: Optimum,
    outside: Optimum, index: int, threshold: float,
) -> tuple[Optimum, Optimum]:  # fmt: skip
    """The point between two where the profile crosses, and the nearest one found beyond it.

    By interpolation, as the root of chi2 is nearly linear in the parameter, and bisection.
    """
    root = np.sqrt(threshold)

    def height(optimum: Optimum) -> float:
        return float(np.sqrt(max(optimum.square - best.square, 0.0)) - root)

    for n in range(20):
        low, high = height(inside), height(outside)
        gap = abs(outside.point[index] - inside.point[index])
        reached = abs(outside.point[index] - best.point[index])
        # The profile may jump between branches: then the gap closes and the height does not.
        if min(abs(low), abs(high)) < 5e-3 * root or gap < 5e-3 * reached:
            break
        share = -low / (high - low) if n % 3 != 2 else 0.5
        guess = inside.point + share * (outside.point - inside.point)
        middle = solve(float(guess[index]), guess)
        if height(middle) > 0:
            outside = middle
        else:
            inside = middle
    nearest = outside if abs(height(outside)) < abs(height(inside)) else inside
    return nearest, outside
