"""How likely a spectrum is under a model, errors of theory included.

In the independent coordinates y of :func:`~adatom.xas.fit_space.independent_space` the residuals
are normal with variance

    noise^2 D_i + f^2 <y^2>:

what was measured (white noise of chi, carried into the coordinates), and what no FEFF path ever
reproduces, a share f of the signal. f is unknown: its logarithm is uniform from 0.02 to 1, and it
is summed out. Fits of foils of known structure leave R factors (f^2) of 0.003 to 0.005
(``validation/exafs_foils.py``); without f every good spectrum would prove every path.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtri

from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitSpace, FitWindow, data_in, independent_space
from adatom.xas.models import Model, require_s02
from adatom.xas.spectrum_model import SpectrumModel

MISFITS = np.geomspace(0.02, 1.0, 28)
"""Values of f that are summed over."""


@dataclass(frozen=True)
class Observation:
    """Data in independent coordinates, with what is known of their noise."""

    space: FitSpace
    values: np.ndarray
    """(M,)."""
    variance: np.ndarray
    """(M, F): of every coordinate for every share f."""

    @property
    def power(self) -> float:
        """Sum of squares of the data."""
        return float(self.values @ self.values)


def observe(data: FineStructure, window: FitWindow) -> Observation:
    """Project data and noise; coordinates are rotated so that the noise is uncorrelated."""
    space = independent_space(data, window)
    noise, rotation = np.linalg.eigh(space.matrix @ space.matrix.T * data.noise_chi**2)
    rotated = FitSpace(space.k_per_angstrom, rotation.T @ space.matrix, window)
    values = data_in(rotated, data)
    signal = max(float(np.mean(values**2 - noise)), 0.0)
    return Observation(rotated, values, noise[:, None] + MISFITS**2 * signal)


class Likelihood:
    """Log likelihood of a model on the unit cube of its priors."""

    def __init__(self, model: Model, seen: Observation, s02: float, s02_sd: float) -> None:
        """``s02`` with standard deviation ``s02_sd`` (0: exactly known) from a standard."""
        require_s02(s02, s02_sd)
        self.model, self._seen = model, seen
        self._s02, self._s02_sd = s02, s02_sd
        self._spectrum = SpectrumModel(model, seen.space)
        self._low = np.array([p.low for p in model.parameters])
        self._span = np.array([p.high for p in model.parameters]) - self._low
        self._log_norm = -0.5 * np.log(2.0 * np.pi * seen.variance).sum(axis=0)

    @property
    def dimensions(self) -> int:
        """Of the unit cube: S02 and the parameters of the model."""
        return 1 + len(self._low)

    def parameters(self, u: np.ndarray) -> np.ndarray:
        """(B, D) points of the unit cube -> S02, dE0, N, dR, sigma2, ..."""
        s02 = self._s02 + self._s02_sd * ndtri(np.clip(u[:, :1], 1e-9, 1.0 - 1e-9))
        return np.hstack([np.maximum(s02, 0.05), self._low + u[:, 1:] * self._span])

    def __call__(self, u: np.ndarray) -> np.ndarray:
        """(B, D) -> (B,)."""
        return np.asarray(logsumexp(self._by_misfit(u), axis=1) - np.log(len(MISFITS)))

    def misfit(self, u: np.ndarray) -> np.ndarray:
        """(B,) posterior mean of ln f at each point, as f."""
        each = self._by_misfit(u)
        weights = np.exp(each - each.max(axis=1, keepdims=True))
        mean = weights @ np.log(MISFITS) / weights.sum(axis=1)
        return np.asarray(np.exp(mean))

    def r_factor(self, u: np.ndarray) -> np.ndarray:
        """(B,) sum of squared residuals over that of the data."""
        residual = self._seen.values - self._spectrum(self.parameters(u))
        return np.asarray((residual**2).sum(axis=1) / self._seen.power)

    def _by_misfit(self, u: np.ndarray) -> np.ndarray:
        residual = self._seen.values - self._spectrum(self.parameters(u))
        return np.asarray(-0.5 * residual**2 @ (1.0 / self._seen.variance) + self._log_norm)
