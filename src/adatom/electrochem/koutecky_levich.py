"""Koutecky-Levich: 1/j = 1/j_k + 1/(B w^(1/2)) over several speeds of rotation."""

import numpy as np

from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError
from adatom.levich import limiting_current_density_mA_cm2
from adatom.units import rpm_to_rad_s


def koutecky_levich(
    rotations_rpm: np.ndarray,
    current_densities_mA_cm2: np.ndarray,
    electrolyte: Electrolyte,
    *,
    sd_mA_cm2: np.ndarray | None = None,
    species: str = "O2",
) -> tuple[np.ndarray, np.ndarray]:
    """Electron number and kinetic current density (mA/cm2, magnitude) from at least three speeds.

    Speeds (S,) in rpm, current densities (..., S) of any sign; both results (...). The kinetic
    current is infinite where the intercept is not positive. With standard deviations (S,) the
    least squares of 1/j against w^(-1/2) are weighted: the variance of 1/j is that of j over j^4,
    so that the slow, small currents weigh little. Without, all speeds weigh the same.

    Raises :class:`~adatom.errors.CurveError` with fewer than three different speeds.
    """
    speeds = np.array([rpm_to_rad_s(float(r)) for r in rotations_rpm])
    if len(np.unique(np.round(speeds, 6))) < 3 or (speeds <= 0).any():
        given = ", ".join(f"{r:g}" for r in rotations_rpm)
        raise CurveError(f"Koutecky-Levich needs at least 3 different speeds in rpm, got {given}")
    currents = np.abs(np.asarray(current_densities_mA_cm2, dtype=float))
    x, y = speeds**-0.5, 1.0 / currents
    weight = np.ones_like(currents)
    if sd_mA_cm2 is not None:
        weight = (currents**2 / np.asarray(sd_mA_cm2, dtype=float)) ** 2
    total = weight.sum(axis=-1)
    mean_x, mean_y = (weight * x).sum(axis=-1) / total, (weight * y).sum(axis=-1) / total
    from_mean = x - mean_x[..., None]
    slope = (weight * from_mean * (y - mean_y[..., None])).sum(axis=-1)
    slope = slope / (weight * from_mean**2).sum(axis=-1)
    intercept = mean_y - slope * mean_x
    per_electron = limiting_current_density_mA_cm2(
        electrolyte, float(rotations_rpm[0]), species=species, electrons=1
    ) / np.sqrt(speeds[0])
    with np.errstate(divide="ignore"):
        kinetic = np.where(intercept > 0, 1.0 / intercept, np.inf)
    return 1.0 / (slope * per_electron), kinetic
