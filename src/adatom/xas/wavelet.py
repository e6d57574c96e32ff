"""Cauchy wavelet transform: which k a distance comes from; heavy scatterers peak at high k.

Munoz, Argoul, Farges 2003, Am. Mineral. 88, 694, 10.2138/am-2003-0423; computed by rexafs.
"""

from dataclasses import dataclass

import numpy as np

from adatom.errors import SpectrumError
from adatom.xas.extra import rexafs_module
from adatom.xas.fine_structure import FineStructure

R_MAX_ANGSTROM = 6.0
ORDER = 100


@dataclass(frozen=True)
class WaveletTransform:
    """|W(k, R)| of k-weighted chi; R is not corrected for phase shifts."""

    k_per_angstrom: np.ndarray
    """(K,)."""
    r_angstrom: np.ndarray
    """(M,)."""
    magnitude: np.ndarray
    """(M, K), in the unit of k^w chi."""
    k_weight: int
    order: int
    """Of the Cauchy wavelet: larger is sharper in R and broader in k."""

    def peak(self, low: float = 1.0, high: float = R_MAX_ANGSTROM) -> tuple[float, float]:
        """k (1 / angstrom) and R (angstrom) of the highest magnitude with R between two limits."""
        inside = (self.r_angstrom >= low) & (self.r_angstrom <= high)
        shown = np.where(inside[:, None], self.magnitude, -1.0)
        row, column = np.unravel_index(int(np.argmax(shown)), shown.shape)
        return float(self.k_per_angstrom[column]), float(self.r_angstrom[row])


def cauchy_wavelet(
    data: FineStructure,
    *,
    k_weight: int = 2,
    r_max_angstrom: float = R_MAX_ANGSTROM,
    order: int = ORDER,
) -> WaveletTransform:
    """Cauchy wavelet transform of k-weighted chi within the range of ``data``.

    Raises :class:`~adatom.errors.SpectrumError` for what rexafs refuses, or where it is absent.
    """
    rexafs = rexafs_module()
    try:
        found = rexafs.Wavelet(
            data.k_range_per_angstrom, kweight=k_weight, order=order, rmax=r_max_angstrom,
            kstep=data.k_step_per_angstrom, taper=1.0,
        ).calculate(data.k_per_angstrom, data.chi)  # fmt: skip
    except ValueError as error:
        raise SpectrumError(f"{data.label}: no wavelet transform: {error}") from None
    k = np.array(found.k)
    inside = k <= data.k_range_per_angstrom[1] + 1e-9
    magnitude = np.hypot(found.real, found.imaginary)[:, inside]
    return WaveletTransform(k[inside], np.array(found.r), magnitude, k_weight, order)
