"""Non-negative least squares with a smooth solution: the inner problem of relaxation times."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import nnls


@dataclass(frozen=True)
class Window:
    """One peak: rises from ``first`` to ``top``, falls to ``end`` (not included)."""

    first: int
    top: int
    end: int
    height: float

    def joined(self, other: "Window") -> "Window":
        """One peak over this and the next window, where the higher of both is."""
        higher = self if self.height >= other.height else other
        return Window(self.first, higher.top, other.end, higher.height)


def windows_of(g: np.ndarray) -> tuple[Window, ...]:
    """The peaks of a distribution (T,), cut at the minima between them."""
    padded = np.r_[0.0, g, 0.0]
    tops = np.flatnonzero((padded[1:-1] > padded[:-2]) & (padded[1:-1] >= padded[2:]))
    cuts = [int(a + np.argmin(g[a:b])) for a, b in pairwise(tops.tolist())]
    edges: list[int] = [0, *cuts, len(g)]
    return tuple(
        Window(a, int(top), b, float(g[int(top)]))
        for a, top, b in zip(edges[:-1], tops, edges[1:], strict=True)
    )


@dataclass(frozen=True)
class Regularised:
    """Least squares of non-negative x = (R, L, g) with the second derivative of g penalised."""

    design: np.ndarray
    """(2 N, 2 + T), weighted."""
    target: np.ndarray
    """(2 N,), weighted."""
    step: float
    """Of ln tau."""
    strength: float = 0.0
    penalty: np.ndarray = field(init=False)
    """(T, 2 + T); g is 0 beyond the grid."""

    def __post_init__(self) -> None:
        count = self.design.shape[1] - 2
        second = np.eye(count, k=-1) - 2.0 * np.eye(count) + np.eye(count, k=1)
        object.__setattr__(
            self, "penalty", np.hstack([np.zeros((count, 2)), second / self.step**2])
        )

    def solve(
        self, windows: tuple[Window, ...] = (), target: np.ndarray | None = None
    ) -> np.ndarray:
        """(2 + T,) solution; with ``windows`` one that has a single peak in each."""
        stack = np.vstack([self.design, np.sqrt(self.strength) * self.penalty])
        aim = np.zeros(len(stack))
        aim[: len(self.target)] = self.target if target is None else target
        shape = _single_peaks(self.design.shape[1], windows)
        found: np.ndarray = nnls(stack @ shape, aim)[0]
        return shape @ found

    def residuals(self, solution: np.ndarray) -> np.ndarray:
        """(2 N,), weighted."""
        return self.target - self.design @ solution

    def effective_parameters(self, solution: np.ndarray) -> float:
        """Trace of the matrix from data to fit, over the numbers that are not held at 0."""
        free = solution > 0
        a, b = self.design[:, free], self.penalty[:, free]
        normal = a.T @ a
        tiny = 1e-14 * np.trace(normal) * np.eye(len(normal))
        return float(np.trace(np.linalg.solve(normal + self.strength * b.T @ b + tiny, normal)))

    def with_strength(self, strengths: np.ndarray) -> tuple["Regularised", bool]:
        """Regularised as strongly as cross-validation allows; whether that is an end of the range.

        The largest strength whose score is within a standard error of the least: a mean of the
        squares of 2 N numbers has the relative standard error sqrt(2 / 2 N). The least score
        itself leaves ripples that look like processes.
        """
        size = len(self.target)
        tried = [replace(self, strength=float(s)) for s in strengths]
        scores = []
        for problem in tried:
            solution = problem.solve()
            left = max(size - problem.effective_parameters(solution), 1e-9)
            residuals = problem.residuals(solution)
            scores.append(size * float(residuals @ residuals) / left**2)
        within = np.array(scores) <= min(scores) * (1.0 + np.sqrt(2.0 / size))
        chosen = int(np.flatnonzero(within).max())
        return tried[chosen], chosen in (0, len(tried) - 1)


def _single_peaks(size: int, windows: tuple[Window, ...]) -> np.ndarray:
    """(2 + T, 2 + T) from non-negative steps up and down to numbers that rise and fall once."""
    shape = np.eye(size)
    for w in windows:
        first, middle, end = w.first + 2, w.top + 3, w.end + 2
        shape[first:middle, first:middle] = np.tri(middle - first)
        shape[middle:end, middle:end] = np.tri(max(end - middle, 0)).T
    return shape
