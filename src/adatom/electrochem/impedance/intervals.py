"""95 % intervals of circuit parameters: linear where that holds, else from the profile of chi2."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from adatom.electrochem.impedance.least_squares import WIDEST, Optimum, Problem
from adatom.electrochem.impedance.noise import leverages

CURVED = 0.1
"""Relative error of chi2 at the ends of a linear interval beyond which its profile is walked."""
BETTER = 0.01
"""Fall of chi2, of the threshold, that makes another optimum the better one."""


@dataclass(frozen=True)
class Interval:
    """One parameter's interval in its own unit; None where a side is open."""

    low: float | None
    high: float | None
    reason: str
    profiled: bool


def covariance(optimum: Optimum, moving: np.ndarray) -> np.ndarray | None:
    """Of the moving inner parameters (M, M), with noise estimated from the residuals.

    None where the data say nothing of a combination of them.
    """
    jacobian = optimum.jacobian[:, moving]
    scale = np.sqrt((jacobian**2).sum(axis=0))
    if not scale.all():
        return None
    _, singular, basis = np.linalg.svd(jacobian / scale, full_matrices=False)
    if singular[-1] < 1e-7 * singular[0]:
        return None
    freedom = len(optimum.residuals) - len(optimum.inner)
    root = basis.T / singular
    found = (root @ root.T) / np.outer(scale, scale)
    return found * optimum.square / freedom


def moving_parameters(problem: Problem, inner: np.ndarray) -> np.ndarray:
    """(K,) bool: all but exponents that lie at 0 or 1."""
    return ~(problem.circuit.exponents & (np.abs(np.cos(inner)) < 1e-3))


def intervals(
    problem: Problem, best: Optimum, names: Collection[str]
) -> Mapping[str, Interval] | Optimum:
    """The interval of each named parameter; or a better optimum, where a profile comes to one."""
    freedom = len(best.residuals) - len(best.inner)
    quantile = float(stats.t.ppf(0.975, freedom))
    variance = best.square / freedom
    moving = moving_parameters(problem, best.inner)
    matrix = covariance(best, moving)
    widths = np.ones(len(best.inner))
    if matrix is not None:
        widths[moving] = _widening(best, moving, matrix)
    linear = _linear(problem, best, matrix, widths, quantile, variance)
    found = {}
    for k, name in enumerate(problem.circuit.names):
        if name not in names:
            continue
        if linear is not None and k in linear:
            low, high = linear[k]
            found[name] = Interval(low, high, "", profiled=False)
        else:
            profiled = _profiled(problem, best, k, (quantile * widths[k]) ** 2 * variance)
            if isinstance(profiled, Optimum):
                return profiled
            found[name] = profiled
    return found


def _widening(best: Optimum, moving: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(M,) at least 1: where the residuals themselves say more than the noise model does.

    White's standard errors (Econometrica 1980, 48, 817, 10.2307/1912934), residuals freed of what
    fitting takes of them: they hold whatever the noise depends on, as on Z' and Z'' apart.
    """
    jacobian = best.jacobian[:, moving]
    freedom = len(best.residuals) - len(best.inner)
    inverse = matrix * freedom / max(best.square, 1e-300)
    own = best.residuals**2 / np.clip(1.0 - leverages(jacobian), 0.01, 1.0)
    sandwich = inverse @ (jacobian.T @ (own[:, None] * jacobian)) @ inverse
    return np.sqrt(np.maximum(np.diag(sandwich) / np.diag(matrix), 1.0))


def _linear(
    problem: Problem,
    best: Optimum,
    matrix: np.ndarray | None,
    widths: np.ndarray,
    quantile: float,
    variance: float,
) -> dict[int, tuple[float, float]] | None:
    """Ends of the intervals for which chi2 is a parabola as far as its ends."""
    if matrix is None:
        return None
    found = {}
    at = np.flatnonzero(moving_parameters(problem, best.inner))
    reach = quantile * widths[at]
    # The others follow along the valley.
    steps = (reach / np.sqrt(np.diag(matrix)))[:, None] * matrix
    ends = np.repeat(best.inner[None], 2 * len(at), axis=0)
    ends[: len(at), at] += steps
    ends[len(at) :, at] -= steps
    z = problem.circuit.values(problem.outward(ends), problem.frequencies)[0]
    squares = (np.abs((z - problem.measured) * problem.weights) ** 2).sum(axis=-1)
    rises = (squares - best.square) / (np.tile(reach, 2) ** 2 * max(variance, 1e-300))
    outer = problem.outward(ends)
    inside = np.abs(ends) < np.pi / 2
    for m, k in enumerate(at):
        pair = rises[[m, m + len(at)]]
        if np.abs(pair - 1.0).max() > CURVED and variance > 0:
            continue
        if problem.circuit.exponents[k] and not inside[[m, m + len(at)], k].all():
            continue
        found[int(k)] = (float(outer[m + len(at), k]), float(outer[m, k]))
    return found


def _profiled(problem: Problem, best: Optimum, k: int, threshold: float) -> Interval | Optimum:
    ends: list[float | None] = []
    reasons = []
    for side in (-1, 1):
        end = _walk(problem, best, k, side, threshold)
        if isinstance(end, Optimum):
            return end
        if end is None:
            exponent = problem.circuit.exponents[k]
            if exponent:
                ends.append(0.0 if side < 0 else 1.0)
                continue
            reasons.append(
                f"it may be as {'small' if side < 0 else 'large'} as it likes without chi2 rising"
            )
        ends.append(end)
    if problem.circuit.exponents[k] and ends == [0.0, 1.0]:
        return Interval(None, None, "every exponent from 0 to 1 describes the data", True)
    return Interval(ends[0], ends[1], "; ".join(reasons), True)


def _walk(
    problem: Problem, best: Optimum, k: int, side: int, threshold: float
) -> float | Optimum | None:
    """Where the profile crosses the threshold, in the unit of the parameter; None if nowhere.

    An optimum that is better than the best by a hundredth of the threshold is given instead.
    """
    others = [i for i in range(len(best.inner)) if i != k]
    exponent = bool(problem.circuit.exponents[k])
    limit = side * (np.pi / 2 if exponent else WIDEST)
    before, last, step = best, best, 0.02
    while abs(last.inner[k] - limit) > 1e-6:
        value = last.inner[k] + side * step
        value = max(value, limit) if side < 0 else min(value, limit)
        start = last.inner.copy()
        if last is not before:
            # The others go on as they did.
            slope = (last.inner - before.inner) / (last.inner[k] - before.inner[k])
            start += slope * (value - last.inner[k])
        here = _held(problem, start, k, value, others)
        if here.square - best.square > threshold:
            # An end is believed only where the others do not help from either start.
            other = _held(problem, last.inner, k, value, others)
            here = min(here, other, key=lambda found: found.square)
        rise = here.square - best.square
        if rise < -BETTER * threshold:
            return here
        if rise > threshold:
            return _crossing(problem, best, last, here, k, others, threshold)
        step *= 3.0 if rise < 0.1 * threshold else 1.5
        before, last = last, here
    return None


def _held(problem: Problem, guess: np.ndarray, k: int, value: float, others: list[int]) -> Optimum:
    start = guess.copy()
    start[k] = value
    return problem.minimise(start, others, tolerance=1e-6)


def _crossing(
    problem: Problem,
    best: Optimum,
    inside: Optimum,
    outside: Optimum,
    k: int,
    others: list[int],
    threshold: float,
) -> float:
    """The parameter at which the rise is the threshold: bisected in the root of the rise."""
    for _ in range(25):
        low, high = (
            np.sqrt(max(o.square - best.square, 0.0) / threshold) - 1.0 for o in (inside, outside)
        )
        if min(-low, high) < 1e-2:
            break
        share = float(np.clip(-low / (high - low), 0.1, 0.9))
        guess = inside.inner + share * (outside.inner - inside.inner)
        starts = (guess, inside.inner)
        tried = [_held(problem, start, k, float(guess[k]), others) for start in starts]
        middle = min(tried, key=lambda found: found.square)
        if middle.square - best.square > threshold:
            outside = middle
        else:
            inside = middle
    nearest = inside if -low < high else outside
    return float(problem.outward(nearest.inner)[k])
