"""Weighted complex least squares of a circuit: MINPACK with exact derivatives.

Parameters are fitted as logarithms, exponents n as u with n = (1 + sin u)/2, so that every step
stays inside what is physical.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import leastsq

from adatom.electrochem.impedance.circuit import Circuit
from adatom.electrochem.impedance.elements import Frequencies
from adatom.electrochem.impedance.noise import stacked

EVALUATIONS = 60
"""Of the model in one minimisation, at most."""
WIDEST = 60.0
"""Of a logarithm: beyond, every element is a short or a break."""


@dataclass(frozen=True)
class Problem:
    """What is fitted, to what, with which weights."""

    circuit: Circuit
    frequencies: Frequencies
    measured: np.ndarray
    """(N,) complex, ohm."""
    weights: np.ndarray
    """(N,), 1/ohm: of real and imaginary part alike."""

    def outward(self, inner: np.ndarray) -> np.ndarray:
        """Parameters (..., K) in their units of the fitted ones."""
        exponents = self.circuit.exponents
        safe = np.clip(inner, -WIDEST, WIDEST)
        return np.where(exponents, 0.5 * (1.0 + np.sin(inner)), np.exp(safe))

    def inward(self, point: np.ndarray) -> np.ndarray:
        """The fitted numbers of parameters (..., K)."""
        exponents = self.circuit.exponents
        angle = np.arcsin(np.clip(2.0 * np.where(exponents, point, 0.5) - 1.0, -1.0, 1.0))
        return np.where(exponents, angle, np.log(np.where(exponents, 1.0, point)))

    def values(self, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted residuals (2 N,) and Jacobian (2 N, K)."""
        z, slopes = self.circuit.values(self.outward(inner), self.frequencies)
        jacobian = stacked(np.array(slopes) * self.weights).T
        exponents = self.circuit.exponents
        if exponents.any():
            jacobian = jacobian * np.where(exponents, 0.5 * np.cos(inner), 1.0)
        return stacked((z - self.measured) * self.weights), jacobian

    def minimise(
        self, start: np.ndarray, free: Sequence[int] | None = None, tolerance: float = 1e-10
    ) -> "Optimum":
        """The optimum reached from inner ``start`` (K,), moving only ``free`` parameters."""
        moving = list(range(len(start))) if free is None else list(free)
        whole = np.array(start, dtype=float)
        kept: list[tuple[bytes, np.ndarray, np.ndarray]] = []

        def at(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            key = x.tobytes()
            if not kept or kept[0][0] != key:
                whole[moving] = x
                residuals, jacobian = self.values(whole)
                if not np.isfinite(residuals).all():
                    # A step too far: worse than anything, and no direction.
                    residuals, jacobian = np.full_like(residuals, 1e30), np.zeros_like(jacobian)
                kept[:] = [(key, residuals, jacobian)]
            return kept[0][1:]

        if moving:
            solve: Any = leastsq  # typed or not, as scipy's stubs are there or not
            found = solve(
                lambda x: at(x)[0],
                whole[moving].copy(),
                Dfun=lambda x: at(x)[1][:, moving],
                ftol=tolerance,
                xtol=1e-8,
                maxfev=EVALUATIONS,
                full_output=True,
            )[0]
            whole[moving] = found
        # One u for each n: beyond a quarter turn the sine comes back.
        exponents = self.circuit.exponents
        whole[exponents] = np.arcsin(np.sin(whole[exponents]))
        whole[~exponents] = np.clip(whole[~exponents], -WIDEST, WIDEST)
        residuals, jacobian = self.values(whole)
        return Optimum(whole, residuals, jacobian)


@dataclass(frozen=True)
class Optimum:
    """Where a minimisation ended."""

    inner: np.ndarray
    residuals: np.ndarray
    """(2 N,), weighted."""
    jacobian: np.ndarray
    """(2 N, K), weighted, by the inner parameters."""

    @property
    def square(self) -> float:
        """Sum of squares."""
        return float(self.residuals @ self.residuals)
