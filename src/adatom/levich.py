"""Levich: what diffusion through the boundary layer of a rotating disk brings.

Levich, Physicochemical Hydrodynamics, Prentice-Hall, 1962: m = 0.620 D^(2/3) w^(1/2) nu^(-1/6)
with w in rad/s.
"""

from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError
from adatom.units import FARADAY_C_MOL, rpm_to_rad_s

LEVICH_RAD_S = 0.620
"""Levich constant for angular speed in rad/s (0.201 belongs to rpm)."""


def mass_transfer_coefficient_cm_s(
    diffusion_cm2_s: float, viscosity_cm2_s: float, rotation_rpm: float
) -> float:
    """Levich mass-transfer coefficient, cm/s.

    Raises :class:`~adatom.errors.CurveError` unless every argument is positive.
    """
    if min(diffusion_cm2_s, viscosity_cm2_s, rotation_rpm) <= 0:
        raise CurveError(
            "diffusion coefficient, viscosity and rotation must be positive, got"
            f" {diffusion_cm2_s} cm2/s, {viscosity_cm2_s} cm2/s, {rotation_rpm} rpm"
        )
    speed = rpm_to_rad_s(rotation_rpm)
    return float(
        LEVICH_RAD_S * diffusion_cm2_s ** (2 / 3) * speed**0.5 * viscosity_cm2_s ** (-1 / 6)
    )


def limiting_current_density_mA_cm2(
    electrolyte: Electrolyte, rotation_rpm: float, *, species: str = "O2", electrons: int = 4
) -> float:
    """Magnitude of the diffusion-limited current density of ``species``, mA/cm2."""
    solute = electrolyte.solute(species)
    m = mass_transfer_coefficient_cm_s(
        solute.diffusion_cm2_s, electrolyte.viscosity_cm2_s, rotation_rpm
    )
    return 1e3 * electrons * FARADAY_C_MOL * m * solute.bulk_mol_cm3
