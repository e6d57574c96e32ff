"""The settings of a scanning transmission electron microscope that form a dark-field image."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from scipy import constants

from adatom.errors import ImageError

FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))
"""Full width at half maximum of a Gaussian in units of its standard deviation."""


@dataclass(frozen=True)
class Microscope:
    """Probe and annular detector.

    Aberrations beyond defocus and third-order spherical aberration are taken as corrected.
    """

    voltage_kV: float
    """Accelerating voltage."""
    convergence_mrad: float
    """Semi-angle of the probe."""
    inner_mrad: float = 80.0
    outer_mrad: float = 200.0
    """Semi-angles of the detector."""
    defocus_A: float = 0.0
    spherical_aberration_um: float = 0.0
    source_fwhm_A: float = 0.8
    """Width of the image of the source in the specimen, Gaussian; incoherent."""

    def __post_init__(self) -> None:
        """Refuse what is no microscope."""
        for name, low, high in (
            ("voltage_kV", 20.0, 1000.0),
            ("convergence_mrad", 5.0, 80.0),
            ("inner_mrad", 20.0, 300.0),
            ("outer_mrad", 30.0, 400.0),
            ("defocus_A", -2000.0, 2000.0),
            ("spherical_aberration_um", -2000.0, 2000.0),
            ("source_fwhm_A", 0.0, 3.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ImageError(f"{name} is {value:g}, expected {low:g} to {high:g}")
        if not self.convergence_mrad < self.inner_mrad < self.outer_mrad:
            raise ImageError(
                f"an annular dark-field detector lies outside the probe's cone: convergence"
                f" {self.convergence_mrad:g} < inner {self.inner_mrad:g} < outer"
                f" {self.outer_mrad:g} mrad is needed"
            )

    @property
    def wavelength_A(self) -> float:
        """Relativistic wavelength of the electrons, angstrom."""
        e, m, c, h = constants.e, constants.m_e, constants.c, constants.h
        energy = e * self.voltage_kV * 1e3
        return 1e10 * h / math.sqrt(2.0 * m * energy * (1.0 + energy / (2.0 * m * c**2)))

    @property
    def cutoff_per_A(self) -> float:
        """Highest spatial frequency of an incoherent image, 2 alpha / lambda."""
        return 2e-3 * self.convergence_mrad / self.wavelength_A

    @property
    def source_rms_A(self) -> float:
        """Standard deviation of the image of the source, angstrom."""
        return self.source_fwhm_A / FWHM

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


PACKAGED = (Microscope(80.0, 30.0), Microscope(200.0, 25.0))
"""Aberration-corrected microscopes whose images of single atoms come with the package."""
