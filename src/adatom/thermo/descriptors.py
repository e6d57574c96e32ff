"""Published relations between an activity and simple descriptors, as lines and small functions.

They are regressions: each holds for the class of sites it was fitted to, its residuals were not
published with it, and so it orders candidates and predicts none. docs/scaling.md says what each
was checked with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from adatom.errors import AdatomError
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

PAULING: Mapping[str, float] = {
    "H": 2.20, "B": 2.04, "C": 2.55, "N": 3.04, "O": 3.44, "P": 2.19, "S": 2.58,
    "Sc": 1.36, "Ti": 1.54, "V": 1.63, "Cr": 1.66, "Mn": 1.55, "Fe": 1.83, "Co": 1.88,
    "Ni": 1.91, "Cu": 1.90, "Zn": 1.65, "Mo": 2.16, "Ru": 2.20, "Rh": 2.28, "Pd": 2.20,
    "Ag": 1.93, "Ir": 2.20, "Pt": 2.28,
}  # fmt: skip
"""Electronegativities on Pauling's scale, of the elements of shells and of common metals (Allred
1961, 10.1016/0022-1902(61)80142-5, as tabulated in the CRC Handbook of Chemistry and Physics)."""


@dataclass(frozen=True)
class PublishedLine:
    """A published straight line y = intercept + slope x."""

    x: str
    y: str
    slope: float
    intercept: float
    unit: str
    """Of the intercept; with x of the same unit, or of none."""
    source: str
    limits: str
    """For what it holds."""

    def value(self, x: float) -> float:
        """y at ``x``. Raises :class:`~adatom.errors.AdatomError` for an x that is not finite."""
        if not isfinite(x):
            raise AdatomError(f"{self.y} from {self.x}: expected a finite number, got {x}")
        return self.intercept + self.slope * x


_CO2RR_SOURCE = (
    "transition-metal surfaces, after Peterson and Norskov 2012 (10.1021/jz201461p); the"
    " coefficients are those in general use, not checked with the article"
)
_CO2RR_LIMITS = (
    "binding energies (not free energies) of stepped transition metals in eV with RPBE; the"
    " adsorbate of a single atom or pair may bind otherwise"
)
CO2RR_METALS: Mapping[str, PublishedLine] = {
    "*CHO": PublishedLine("Eb(CO)", "Eb(CHO)", 0.88, 2.03, "eV", _CO2RR_SOURCE, _CO2RR_LIMITS),
    "*COOH": PublishedLine("Eb(CO)", "Eb(COOH)", 0.73, 1.82, "eV", _CO2RR_SOURCE, _CO2RR_LIMITS),
    "*CH2O": PublishedLine("Eb(CO)", "Eb(CH2O)", 0.54, 0.25, "eV", _CO2RR_SOURCE, _CO2RR_LIMITS),
}
"""Scaling lines that metals obey in CO2 reduction, by adsorbate."""

ORR_DIMERS = PublishedLine(
    "electronegativity difference", "eta_ORR", 5.67, 0.13, "V",
    "regression over M2-N6 dimers quoted without its article; the original was not found",
    "which two electronegativities the difference is of is not stated where it is quoted: use one"
    " definition throughout, rank with it, and do not mix it with computed overpotentials",
)  # fmt: skip
"""Overpotential of oxygen reduction on M2-N6 dimers, V."""

_SHARE_OF_NITROGEN = 0.69


def pauling_electronegativity(element: str) -> float:
    """Electronegativity of an element on Pauling's scale.

    Raises :class:`~adatom.errors.AdatomError` for elements without one here.
    """
    if element not in PAULING:
        raise AdatomError(
            f"no electronegativity of '{element}' here; there are {', '.join(PAULING)}"
        )
    return PAULING[element]


def moiety_electronegativity(metal: float, nitrogen: float = PAULING["N"]) -> float:
    """Electronegativity of an M-N moiety, chi_MN = 0.69 chi_N + 0.31 chi_M.

    The support gives electrons to a moiety of larger chi than its own (carbon 2.55) and takes
    them from one of smaller. The weights add up to 1, so any scale may be used, one for both;
    the default nitrogen is on Pauling's, to which the weights are taken to belong (quoted without
    their article; the original was not found). Raises :class:`~adatom.errors.AdatomError` for
    values that are not positive and finite.
    """
    for name, value in (("metal", metal), ("nitrogen", nitrogen)):
        if not (isfinite(value) and value > 0.0):
            raise AdatomError(f"the electronegativity of {name} should be positive, got {value}")
    return _SHARE_OF_NITROGEN * nitrogen + (1.0 - _SHARE_OF_NITROGEN) * metal


def kubo_gap_eV(fermi_energy_eV: float, electrons: int) -> float:
    """Mean spacing of the levels of a small particle, delta = 4 E_F / (3 N), eV.

    ``fermi_energy_eV`` counts from the bottom of the band of free electrons, N is the number of
    ``electrons`` in it (Kubo 1962, 10.1143/JPSJ.17.975; Halperin 1986, 10.1103/RevModPhys.58.533).
    A mean for free electrons: the gap of one cluster depends on its symmetry and shells, and d
    electrons lie closer. Raises :class:`~adatom.errors.AdatomError` for values below what counts.
    """
    if not (isfinite(fermi_energy_eV) and fermi_energy_eV > 0.0):
        raise AdatomError(f"the Fermi energy should be positive in eV, got {fermi_energy_eV}")
    if electrons < 1:
        raise AdatomError(f"a particle should have 1 electron or more, got {electrons}")
    return 4.0 * fermi_energy_eV / (3.0 * electrons)


def is_metallic(
    fermi_energy_eV: float, electrons: int, *, temperature_K: float = ROOM_TEMPERATURE_K
) -> bool:
    """Whether heat bridges the Kubo gap, delta < k_B T."""
    if not (isfinite(temperature_K) and temperature_K > 0.0):
        raise AdatomError(f"the temperature should be above 0 K, got {temperature_K}")
    return kubo_gap_eV(fermi_energy_eV, electrons) < BOLTZMANN_EV_K * temperature_K
