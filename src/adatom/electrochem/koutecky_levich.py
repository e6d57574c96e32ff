"""Koutecky-Levich: 1/j = 1/j_k + 1/(B w^(1/2)) over several speeds of rotation."""

from dataclasses import dataclass

import numpy as np

from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError
from adatom.levich import limiting_current_density_mA_cm2
from adatom.units import rpm_to_rad_s


@dataclass(frozen=True)
class KouteckyLevichLine:
    """The straight line at one potential."""

    electrons: float
    electrons_sd: float
    """From the currents alone, without diffusion, solubility and viscosity."""
    kinetic_mA_cm2: float
    """Magnitude of j_k, infinite where the intercept is not positive."""
    inverse_kinetic: float
    """Intercept 1/j_k, cm2/mA."""
    inverse_kinetic_sd: float
    lack_of_fit: float
    """chi2 over its degrees of freedom, with the standard deviations given."""


def koutecky_levich_line(
    rotations_rpm: np.ndarray,
    current_densities_mA_cm2: np.ndarray,
    sd_mA_cm2: np.ndarray,
    electrolyte: Electrolyte,
    *,
    species: str = "O2",
) -> KouteckyLevichLine:
    """Weighted least squares of 1/j against w^(-1/2) over at least three speeds.

    Speeds (S,) in rpm, current densities (S,) of any sign with their standard deviations (S,).
    The variance of 1/j is that of j over j^4, so that the slow, small currents weigh little.

    Raises :class:`~adatom.errors.CurveError` with fewer than three different speeds, or without
    flow.
    """
    speeds = np.array([rpm_to_rad_s(float(r)) for r in rotations_rpm])
    if len(np.unique(np.round(speeds, 6))) < 3 or (speeds <= 0).any():
        given = ", ".join(f"{r:g}" for r in rotations_rpm)
        raise CurveError(f"Koutecky-Levich needs at least 3 different speeds in rpm, got {given}")
    currents = np.abs(np.asarray(current_densities_mA_cm2, dtype=float))
    x, y = speeds**-0.5, 1.0 / currents
    weight = (currents**2 / np.asarray(sd_mA_cm2, dtype=float)) ** 2
    total, mean_x, mean_y = (
        weight.sum(),
        np.average(x, weights=weight),
        np.average(y, weights=weight),
    )
    spread = (weight * (x - mean_x) ** 2).sum()
    slope = (weight * (x - mean_x) * (y - mean_y)).sum() / spread
    intercept = mean_y - slope * mean_x
    chi2 = (weight * (y - intercept - slope * x) ** 2).sum()
    per_electron = limiting_current_density_mA_cm2(
        electrolyte, float(rotations_rpm[0]), species=species, electrons=1
    ) / np.sqrt(speeds[0])
    electrons = 1.0 / (slope * per_electron)
    return KouteckyLevichLine(
        electrons=float(electrons),
        electrons_sd=float(abs(electrons / slope) / np.sqrt(spread)),
        kinetic_mA_cm2=float(1.0 / intercept) if intercept > 0 else float("inf"),
        inverse_kinetic=float(intercept),
        inverse_kinetic_sd=float(np.sqrt(1.0 / total + mean_x**2 / spread)),
        lack_of_fit=float(chi2 / (len(x) - 2)),
    )


def koutecky_levich(
    rotations_rpm: np.ndarray,
    current_densities_mA_cm2: np.ndarray,
    electrolyte: Electrolyte,
    *,
    species: str = "O2",
) -> tuple[float, float]:
    """Electron number and kinetic current density (mA/cm2, magnitude) of noise-free curves.

    All speeds weigh the same in 1/j. Raises as :func:`koutecky_levich_line`.
    """
    even = np.abs(np.asarray(current_densities_mA_cm2, dtype=float)) ** 2
    line = koutecky_levich_line(
        rotations_rpm, current_densities_mA_cm2, even, electrolyte, species=species
    )
    return line.electrons, line.kinetic_mA_cm2
