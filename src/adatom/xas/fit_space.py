"""Where a fit compares data and model: a k window, an R range, and linear maps between.

Each function returns a :class:`FitSpace`: a matrix that takes chi(k) to residual coordinates whose
sum of squares is the misfit in that space. Conventions of the field (Newville, Rev. Mineral.
Geochem. 2014, 78, 33, 10.2138/rmg.2014.78.2): chi(R) = dk / sqrt(pi) sum of chi k^w window
exp(2ikR), distances not phase corrected, number of independent points 2 dk dR / pi.
"""

from dataclasses import dataclass

import numpy as np

from adatom.errors import SpectrumError
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fourier import hann_window

_NEGLIGIBLE = 1e-7
"""Singular values below this share of the largest one add nothing."""
R_STEP_ANGSTROM = np.pi / (2048 * 0.05)


@dataclass(frozen=True)
class FitWindow:
    """Ranges that are fitted; distances are those of chi(R), some 0.4 angstrom below bonds."""

    k_range_per_angstrom: tuple[float, float]
    r_range_angstrom: tuple[float, float] = (1.0, 3.0)
    k_weight: int = 2
    taper_per_angstrom: float = 1.0
    """Width of the Hanning sills of the window in k."""

    def __post_init__(self) -> None:
        k, r = self.k_range_per_angstrom, self.r_range_angstrom
        if not (0.0 <= k[0] < k[1] and 0.0 <= r[0] < r[1] <= 6.0):
            raise SpectrumError(
                f"fit window k {k[0]:g} to {k[1]:g} 1/A, R {r[0]:g} to {r[1]:g} A: expected rising"
                " ranges, R up to 6 A"
            )
        if self.k_weight not in {0, 1, 2, 3}:
            raise SpectrumError(f"k weight {self.k_weight}: expected 0, 1, 2 or 3")

    def tapered(self, k_per_angstrom: np.ndarray) -> np.ndarray:
        """The window at (K,) wavenumbers."""
        return hann_window(k_per_angstrom, *self.k_range_per_angstrom, self.taper_per_angstrom)

    @property
    def independent_points(self) -> float:
        """2 dk dR / pi: how many numbers the data hold within the window."""
        k, r = self.k_range_per_angstrom, self.r_range_angstrom
        return 2.0 * (k[1] - k[0]) * (r[1] - r[0]) / np.pi


@dataclass(frozen=True)
class FitSpace:
    """A linear map from chi on a grid of k to the coordinates in which a fit is made."""

    k_per_angstrom: np.ndarray
    """(K,), the points of the data that take part."""
    matrix: np.ndarray
    """(M, K)."""
    window: FitWindow


def default_window(data: FineStructure, r_range_angstrom: tuple[float, float] | None = None) -> (
    FitWindow
):  # fmt: skip
    """From 3 per angstrom (where FEFF's errors are largest below) to the data's own limit.

    R from 1 (or Rbkg, if larger) to 3 angstrom: first shell, metal-metal and second-shell carbon.
    """
    low, high = data.k_range_per_angstrom
    ranges = r_range_angstrom or (max(1.0, data.background_radius_angstrom), 3.0)
    return FitWindow((max(3.0, low), high), ranges)


def r_space(data: FineStructure, window: FitWindow) -> FitSpace:
    """Real and imaginary part of chi(R) within the R range: the usual space of fits."""
    k = data.k_per_angstrom
    used = np.flatnonzero(window.tapered(k) > 0.0)
    k = k[used]
    r = np.arange(*window.r_range_angstrom, R_STEP_ANGSTROM)
    weights = window.tapered(k) * k**window.k_weight * data.k_step_per_angstrom / np.sqrt(np.pi)
    angle = 2.0 * np.outer(r, k)
    return _compressed(k, np.vstack([np.cos(angle), np.sin(angle)]) * weights, window)


def k_space(data: FineStructure, window: FitWindow) -> FitSpace:
    """Weighted chi(k), window in k only: every distance counts, also those beyond the R range."""
    k, _ = _inside(data, window)
    return FitSpace(k, np.diag(k**window.k_weight), window)


def q_space(data: FineStructure, window: FitWindow) -> FitSpace:
    """chi(q): the R range transformed back, compared over the k range."""
    forward = r_space(data, window)
    k = forward.k_per_angstrom
    r = np.arange(*window.r_range_angstrom, R_STEP_ANGSTROM)
    weights = window.tapered(k) * k**window.k_weight * data.k_step_per_angstrom
    q, _ = _inside(data, window)
    kernel = np.cos(2.0 * (q[:, None] - k[None])[:, :, None] * r).sum(axis=2)
    return _compressed(k, kernel * weights * R_STEP_ANGSTROM * 2.0 / np.pi, window)


def independent_space(data: FineStructure, window: FitWindow) -> FitSpace:
    """The 2 dk dR / pi orthonormal functions of k that hold the R range, no taper.

    They are Slepian's (discrete prolate spheroidal) functions, of all functions on the k range
    those best confined to the R range: Slepian, Bell Syst. Tech. J. 1978, 57, 1371,
    10.1002/j.1538-7305.1978.tb02104.x. Their coefficients are as many numbers as the data
    hold, and white noise stays white.
    """
    k, step = _inside(data, window)
    low, high = window.r_range_angstrom
    apart = k[:, None] - k[None]
    band = high * np.sinc(2.0 * high * apart / np.pi) - low * np.sinc(2.0 * low * apart / np.pi)
    _, vectors = np.linalg.eigh(band * step * 2.0 / np.pi)
    count = max(1, int(window.independent_points))
    return FitSpace(k, vectors[:, : -count - 1 : -1].T * k**window.k_weight, window)


def _inside(data: FineStructure, window: FitWindow) -> tuple[np.ndarray, float]:
    low, high = window.k_range_per_angstrom
    k = data.k_per_angstrom
    k = k[(k >= low - 1e-9) & (k <= high + 1e-9)]
    if len(k) < 16:
        raise SpectrumError(
            f"{data.label}: {len(k)} points between k = {low:g} and {high:g}; a fit needs 16"
        )
    return k, data.k_step_per_angstrom


def _compressed(k: np.ndarray, matrix: np.ndarray, window: FitWindow) -> FitSpace:
    """The same sum of squares with as few rows as there are independent directions."""
    if len(k) < 16:
        raise SpectrumError(f"{len(k)} points of chi in the window; a fit needs 16")
    _, size, rows = np.linalg.svd(matrix, full_matrices=False)
    keep = size > _NEGLIGIBLE * size[0]
    return FitSpace(k, size[keep, None] * rows[keep], window)


def data_in(space: FitSpace, data: FineStructure) -> np.ndarray:
    """Coordinates (M,) of measured chi in a space made for these data."""
    first = round(float(space.k_per_angstrom[0] / data.k_step_per_angstrom))
    chi = data.chi[first : first + len(space.k_per_angstrom)]
    return np.asarray(space.matrix @ chi)


def at_nodes(space: FitSpace, longest_angstrom: float) -> FitSpace:
    """The same map for model functions, from fewer points.

    chi of paths no longer than ``longest_angstrom`` is a polynomial in k on the range, to 1e-6, of
    a degree of about longest x dk; taken at that many Gauss-Legendre points it gives the same
    coordinates as on the grid of the data.
    """
    k = space.k_per_angstrom
    centre, half = 0.5 * (k[0] + k[-1]), 0.5 * (k[-1] - k[0])
    count = int(2.0 * longest_angstrom * half + 24.0)
    if count >= len(k):
        return space
    nodes, weights = np.polynomial.legendre.leggauss(count)
    degrees = np.arange(count)
    at_points = np.polynomial.legendre.legvander(nodes, count - 1)
    transform = (at_points * weights[:, None]).T * (degrees[:, None] + 0.5)
    grid = np.polynomial.legendre.legvander((k - centre) / half, count - 1)
    return FitSpace(centre + half * nodes, space.matrix @ grid @ transform, space.window)
