"""chi(k) to R and its noise; distances are not corrected for phase shifts.

Conventions of the field (Ifeffit, Larch): chi(R) = dk / sqrt(pi) sum chi k^w W exp(2 i k R), so its
unit is angstrom^-(w + 1). Peaks lie 0.3 to 0.5 angstrom below the distances they come from.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adatom.errors import SpectrumError

if TYPE_CHECKING:
    from adatom.xas.fine_structure import FineStructure

POINTS = 2048
NOISE_RANGE_ANGSTROM = (15.0, 25.0)
"""No scattering path reaches here (Newville, Boyanov, Sayers 1999, J. Synchrotron Rad. 6, 264,
10.1107/S0909049598018290)."""


@dataclass(frozen=True)
class RadialTransform:
    """chi(R), not corrected for phase shifts."""

    r_angstrom: np.ndarray
    """(M,)."""
    chi: np.ndarray
    """(M,), complex, angstrom^-(k_weight + 1)."""
    k_weight: int
    window_k_per_angstrom: tuple[float, float]
    taper_per_angstrom: float

    @property
    def magnitude(self) -> np.ndarray:
        """(M,), |chi(R)|."""
        return np.abs(self.chi)

    def peak_angstrom(self, low: float = 1.0, high: float = 6.0) -> float:
        """Position of the highest magnitude between two distances."""
        inside = np.flatnonzero((self.r_angstrom >= low) & (self.r_angstrom <= high))
        i = inside[int(np.argmax(self.magnitude[inside]))]
        if not 0 < i < len(self.chi) - 1:
            return float(self.r_angstrom[i])
        a, b, c = self.magnitude[i - 1 : i + 2]
        if b < max(a, c):  # no maximum, but the highest at a limit
            return float(self.r_angstrom[i])
        step = self.r_angstrom[1] - self.r_angstrom[0]
        return float(self.r_angstrom[i] + 0.5 * (a - c) / (a - 2 * b + c) * step)


def hann_window(k: np.ndarray, low: float, high: float, taper: float) -> np.ndarray:
    """(K,), 1 inside, cosine-squared sills of width ``taper`` centred on both limits."""
    if taper <= 0:
        return ((k >= low) & (k <= high)).astype(float)
    rise = np.clip((k - low) / taper + 0.5, 0.0, 1.0)
    fall = np.clip((high - k) / taper + 0.5, 0.0, 1.0)
    return np.asarray(np.sin(0.5 * np.pi * np.minimum(rise, fall)) ** 2)


def transform(
    data: "FineStructure",
    *,
    k_weight: int = 2,
    k_range_per_angstrom: tuple[float, float] | None = None,
    taper_per_angstrom: float = 1.0,
    r_max_angstrom: float = 10.0,
) -> RadialTransform:
    """Fourier transform of k-weighted chi within a Hann window.

    The range is that of ``data`` unless given. Raises :class:`~adatom.errors.SpectrumError` for a
    range that the data do not cover or a weight out of 0 to 3.
    """
    low, high = k_range_per_angstrom or data.k_range_per_angstrom
    k = data.k_per_angstrom
    if not 0.0 <= low < high <= k[-1] + 1e-9:
        raise SpectrumError(f"k range {low:g} to {high:g} must lie within 0 to {k[-1]:g}")
    if k_weight not in range(4):
        raise SpectrumError(f"k weight {k_weight}, expected 0, 1, 2 or 3")
    window = hann_window(k, low, high, taper_per_angstrom)
    step = data.k_step_per_angstrom
    points = max(POINTS, 1 << (len(k) - 1).bit_length())
    found = np.fft.ifft(data.chi * k**k_weight * window, points) * points * step / np.sqrt(np.pi)
    r = np.pi / (points * step) * np.arange(points // 2)
    keep = r <= r_max_angstrom
    return RadialTransform(r[keep], found[: points // 2][keep], k_weight, (low, high),
                           taper_per_angstrom)  # fmt: skip


def noise_of_chi(k: np.ndarray, chi: np.ndarray, k_range: tuple[float, float]) -> float:
    """Standard deviation of chi at one point of the grid ``k`` (K,).

    From the root mean square of the real and imaginary part of chi(R) (weight 1) at
    :data:`NOISE_RANGE_ANGSTROM`, taken as white noise within the window.
    """
    low, high = k_range
    window = hann_window(k, low, high, 1.0)
    weighted = chi * k * window
    step = k[1] - k[0]
    points = max(POINTS, 1 << (len(k) - 1).bit_length())
    r = np.pi / (points * step) * np.arange(points // 2)
    far = (r >= NOISE_RANGE_ANGSTROM[0]) & (r <= NOISE_RANGE_ANGSTROM[1])
    found = np.fft.ifft(weighted, points)[: points // 2][far] * points * step / np.sqrt(np.pi)
    rms = np.sqrt(np.mean(np.abs(found) ** 2) / 2.0)
    # White noise of standard deviation s has the variance s^2 (step^2 / pi) sum (k W)^2 / 2.
    unit = step / np.sqrt(np.pi) * np.sqrt(np.sum((k * window) ** 2) / 2.0)
    return float(rms / unit)
