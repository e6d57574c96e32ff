"""Physical constants, taken once from ``scipy.constants`` (CODATA), and conversions at the borders.

Inside adatom energies are in eV, potentials in V, lengths in angstrom, rates in s^-1.
"""

from math import pi

from scipy import constants as _c

ELEMENTARY_CHARGE_C: float = _c.e
"""Elementary charge, C."""
FARADAY_C_MOL: float = _c.e * _c.N_A
"""Faraday constant, C mol^-1."""
AVOGADRO_MOL: float = _c.N_A
"""Avogadro constant, mol^-1."""
BOLTZMANN_EV_K: float = _c.k / _c.e
"""Boltzmann constant, eV K^-1."""
BOLTZMANN_OVER_PLANCK_HZ_K: float = _c.k / _c.h
"""k_B/h, s^-1 K^-1: times temperature it is the attempt frequency of transition-state theory."""
ROOM_TEMPERATURE_K: float = 298.15
"""25 C in K."""


def rpm_to_rad_s(rotation_rpm: float) -> float:
    """Angular speed in rad/s of a disk turning at ``rotation_rpm`` revolutions per minute."""
    return rotation_rpm * 2.0 * pi / 60.0
