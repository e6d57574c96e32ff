"""Fine structure chi(k): what an absorption spectrum hands to Fourier transforms and path fits."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import constants

from adatom.errors import SpectrumError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

K2_PER_EV = float(2.0 * constants.m_e * constants.e / constants.hbar**2 * constants.angstrom**2)
"""k^2 in 1/angstrom^2 of a photoelectron of 1 eV: 0.2625."""


@dataclass(frozen=True)
class FineStructure:
    """chi(k) of one edge on a uniform grid, without k weight and without a window."""

    label: str
    k_per_angstrom: np.ndarray
    """(K,), uniform from 0."""
    chi: np.ndarray
    """(K,), dimensionless: (mu - background) / edge step."""
    k_range_per_angstrom: tuple[float, float]
    """Between these wavenumbers chi may be used: above the edge region, below the noise."""
    noise_chi: float
    """Standard deviation of chi at one grid point, white in k, from chi(R) at 15 to 25 angstrom."""
    edge_energy_eV: float
    """E0, from which k counts."""
    background_radius_angstrom: float
    """Rbkg: below this distance chi(R) went into the background."""
    element: str | None = None
    """Symbol of the absorber, where known."""
    edge: str | None = None
    """K, L3, ..., where known."""
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("k_per_angstrom", "chi"):
            array = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        k = self.k_per_angstrom
        if k.ndim != 1 or k.shape != self.chi.shape or len(k) < 16:
            raise SpectrumError(
                f"{self.label}: k and chi must be equally long with at least 16 points, got"
                f" {k.shape} and {self.chi.shape}"
            )
        steps = np.diff(k)
        if k[0] != 0.0 or steps.min() <= 0.0 or np.ptp(steps) > 1e-6 * steps.max():
            raise SpectrumError(
                f"{self.label}: k must rise from 0 in equal steps; interpolate onto such a grid"
            )
        if not np.isfinite(self.chi).all():
            raise SpectrumError(f"{self.label}: chi must be finite numbers")
        low, high = self.k_range_per_angstrom
        if not 0.0 <= low < high <= k[-1] + 1e-9:
            raise SpectrumError(
                f"{self.label}: the k range {low:g} to {high:g} must lie within 0 to {k[-1]:g}"
            )
        if not self.noise_chi > 0.0:
            raise SpectrumError(f"{self.label}: the noise of chi must be positive")

    @property
    def k_step_per_angstrom(self) -> float:
        """Spacing of the grid."""
        return float(self.k_per_angstrom[1])

    def plot(self, ax: "Axes | None" = None, *, k_weight: int = 2) -> "Axes":
        """Draw k-weighted chi on given axes (or new ones) and return them."""
        from adatom.plot.xas import plot_fine_structure

        return plot_fine_structure(self, ax, k_weight=k_weight)
