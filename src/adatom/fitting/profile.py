"""How far each parameter can go before the curve objects: the profile of chi2."""

from dataclasses import dataclass, replace

import numpy as np

from adatom.fitting.optimum import Optimum, Problem, refined

RESCUE_STARTS = 3
"""Starts of the search for another optimum before an end is believed."""


@dataclass(frozen=True)
class ProfileEnd:
    """Where the profile of a parameter crosses the threshold on one side."""

    value: float | None
    """None where it does not before a bound."""
    held_by: int | None
    """Number of another parameter whose bound, and not the curve, ends the interval."""
    within: tuple[np.ndarray, ...] = ()
    """Points (K,) of the profile inside the interval."""
    better: Optimum | None = None
    """A better optimum met on the way."""


@dataclass(frozen=True)
class Profile:
    """The profile of one parameter: the others are optimised at every value of it."""

    problem: Problem
    best: Optimum
    index: int
    threshold: float
    """Rise of the sum of squares at the ends of the interval."""
    thorough: bool
    """Whether to look for other optima before an end is believed: valleys are long or bent."""

    def end(
        self, start: Optimum, side: int, *, direction: np.ndarray, first_step: float
    ) -> ProfileEnd:
        """Walk from ``start`` to ``side`` (-1, +1) until chi2 rises enough.

        ``start`` is the best optimum or another as good within the threshold, ``direction`` (K,)
        how the others are expected to follow per unit.
        """
        k = self.index
        bound = self.problem.high[k] if side > 0 else self.problem.low[k]
        last, step = start, first_step
        within: list[np.ndarray] = []
        while last.point[k] != bound:
            at = last.point[k] + side * step
            at = min(at, bound) if side > 0 else max(at, bound)
            moved = at - last.point[k]
            here = self._solve(at, last.point + direction * moved)
            jumped = False
            if self._rise(here) > self.threshold and self.thorough:
                here, jumped = self._rescued(here)
            rise = self._rise(here)
            if rise < -1e-3 * self.threshold:
                return ProfileEnd(None, None, better=here)
            if rise > self.threshold:
                return self._crossed(last, here, within)
            within.append(here.point)
            direction = np.zeros_like(direction) if jumped else (here.point - last.point) / moved
            # Towards 1.5 times the threshold of a parabola, by no more than a factor of 3.
            wanted = 1.5 * self.threshold / max(rise, 1e-12 * self.threshold)
            away = abs(at - start.point[k])
            step = min(max(away * (np.sqrt(wanted) - 1.0), 0.5 * step), 3.0 * step)
            last = here
        return ProfileEnd(None, None, tuple(within))

    def _solve(self, value: float, guess: np.ndarray) -> Optimum:
        point = np.clip(guess, self.problem.low, self.problem.high)
        point[self.index] = value
        return self.problem.minimise(point, self._others)

    @property
    def _others(self) -> list[int]:
        return [k for k in range(len(self.best.point)) if k != self.index]

    def _rise(self, optimum: Optimum) -> float:
        return optimum.square - self.best.square

    def _height(self, optimum: Optimum) -> float:
        """Root of the rise over that of the threshold, minus 1: nearly linear in the parameter."""
        return float(np.sqrt(max(self._rise(optimum), 0.0) / self.threshold)) - 1.0

    def _rescued(self, here: Optimum) -> tuple[Optimum, bool]:
        """The best of several starts at the same value, and whether it is inside."""
        held = {self.index: float(here.point[self.index])}
        found = refined(self.problem, held, count=RESCUE_STARTS)[0]
        return (found, True) if self._rise(found) <= self.threshold else (here, False)

    def _crossed(self, inside: Optimum, outside: Optimum, within: list[np.ndarray]) -> ProfileEnd:
        """The end between two points, and what holds it.

        Where another parameter is at its bound there, that bound is moved out: an end that then
        comes less than twice as far is given where it comes, any other belongs to the bound.
        """
        limit = outside
        nearest, beyond = self._crossing(inside, outside)
        for _ in range(3 if self.thorough else 0):
            other, found = self._rescued(beyond)
            if not found:
                break
            nearest, beyond = self._crossing(other, limit)
        at = self.problem.at_bound(beyond.point)
        held = [k for k in self._others if at[k]]
        end = float(nearest.point[self.index])
        if held:
            wide = replace(self, problem=self.problem.widened(held))
            relieved = wide.problem.minimise(beyond.point, self._others)
            if self._rise(relieved) < self.threshold:
                centre = self.best.point[self.index]
                outer = wide._solve(float(centre + 2.0 * (end - centre)), relieved.point)
                if self._rise(outer) < self.threshold:
                    return ProfileEnd(end, held[0], tuple(within))
                end = float(wide._crossing(relieved, outer)[0].point[self.index])
        return ProfileEnd(end, None, tuple(within))

    def _crossing(self, inside: Optimum, outside: Optimum) -> tuple[Optimum, Optimum]:
        """The point between two nearest to the threshold, and the nearest one beyond it."""
        k = self.index
        for n in range(20):
            low, high = self._height(inside), self._height(outside)
            gap = abs(outside.point[k] - inside.point[k])
            reached = abs(outside.point[k] - self.best.point[k])
            # The profile may jump between branches: then the gap closes and the height does not.
            if min(abs(low), abs(high)) < 5e-3 or gap < 5e-3 * reached:
                break
            share = -low / (high - low) if n % 3 != 2 else 0.5
            guess = inside.point + share * (outside.point - inside.point)
            middle = self._solve(float(guess[k]), guess)
            if self._height(middle) > 0:
                outside = middle
            else:
                inside = middle
        nearest = outside if abs(self._height(outside)) < abs(self._height(inside)) else inside
        return nearest, outside
