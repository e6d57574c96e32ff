"""Slopes that bond counting expects of scaling relations, and a fitted slope against them.

An adsorbate AHx binds with gamma = (x_max - x) / x_max of the strength of A, where x_max hydrogens
saturate A; two adsorbates that bind through the same A scale with the ratio of their gamma
(Abild-Pedersen et al. 2007, 10.1103/PhysRevLett.99.016105).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adatom.thermo.lines import LineFit

SATURATION: Mapping[str, int] = {"O": 2, "S": 2, "N": 3, "C": 4}
"""Hydrogens that saturate a central atom (H2O, H2S, NH3, CH4)."""
SIGNIFICANT = 0.05
"""Two-sided probability below which a difference is called one."""
_SINGLE_BONDS = re.compile(r"\*([CNOS])(?:H(\d*))?(OH)?")


@dataclass(frozen=True)
class SlopeTest:
    """A fitted slope against one that bond counting expects."""

    expected: float
    z: float
    """Fitted minus expected slope in standard errors."""
    p_value: float
    """Probability of so large a difference, either way, were the expected slope the true one."""

    @property
    def words(self) -> str:
        """The verdict in words."""
        verdict = "differs from" if self.p_value < SIGNIFICANT else "agrees with"
        return (
            f"{verdict} {self.expected:.3g} of bond counting (z = {self.z:+.2f},"
            f" p = {self.p_value:.2g})"
        )


def bond_counting_gamma(adsorbate: str) -> float | None:
    """(x_max - x) / x_max of an adsorbate whose central atom, written first, binds to the site.

    x counts the single bonds of the central atom to hydrogen and to a hydroxyl: *OH and *OOH 1/2,
    *CH2 1/2, *NH2 1/3, *CHOH 1/2. None for adsorbates with other bonds (*CO, *N2), which cannot be
    counted from the formula, and for more bonds than the central atom has.
    """
    match = _SINGLE_BONDS.fullmatch(adsorbate)
    if match is None:
        return None
    centre, hydrogens, hydroxyl = match.groups()
    x = (0 if hydrogens is None else int(hydrogens or 1)) + (hydroxyl is not None)
    most = SATURATION[centre]
    return (most - x) / most if x <= most else None


def expected_slope(x: str, y: str) -> float | None:
    """Slope that bond counting gives to y against x.

    None for adsorbates of different central atoms, or of which bonds cannot be counted.
    """
    below, above = bond_counting_gamma(x), bond_counting_gamma(y)
    if not below or above is None or x[1] != y[1]:
        return None
    return above / below


def slope_test(line: LineFit, expected: float) -> SlopeTest:
    """Test a fitted slope against an expected one."""
    z = (line.slope - expected) / line.slope_sd
    return SlopeTest(expected, z, line.two_sided_p(z))
