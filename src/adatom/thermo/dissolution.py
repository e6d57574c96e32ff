"""What a metal becomes when it leaves its site: ions, hydroxides, oxides, and the bulk metal.

Every form is written M + a H2O -> form + h H+ + z e-, per metal atom, so its free energy
against the bulk metal, H2O, H+ and H2 is linear in potential and pH:
G(U, pH) = z e E0 - z e U - h k_B T ln(10) pH + k_B T ln(a), with a the activity of a dissolved
form (Pourbaix, Atlas of Electrochemical Equilibria in Aqueous Solutions, Pergamon, 1966).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isfinite, log

from ase.formula import Formula

from adatom.errors import AdatomError
from adatom.units import BOLTZMANN_EV_K, FARADAY_C_MOL, ROOM_TEMPERATURE_K

SOURCES: Mapping[str, str] = {
    "CRC": "Vanysek, Electrochemical Series, CRC Handbook of Chemistry and Physics, 92nd ed., 2011",
    "BM": "Baes, Mesmer, The Hydrolysis of Cations, Wiley, 1976",
    "NBS": "Wagman et al., J. Phys. Chem. Ref. Data 1982, 11, Suppl. 2 (NBS tables)",
    "BPJ": "Bard, Parsons, Jordan, Standard Potentials in Aqueous Solution, Dekker, 1985",
    "POU": "Pourbaix, Atlas of Electrochemical Equilibria in Aqueous Solutions, Pergamon, 1966",
    "SUPCRT": "Shock, Sassani, Willis, Sverjensky, Geochim. Cosmochim. Acta 1997, 61, 907,"
    " 10.1016/S0016-7037(96)00339-0",
}
"""Handbooks behind ``dissolved.csv``, by the short name of its column ``source``. Its values were
held against independent tables in the tests, not against the printed pages."""

NERNST_V: float = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K * log(10.0)
"""k_B T ln(10) / e at 25 C, V per unit of pH."""
WATER_KJ_MOL = -237.129
"""Standard free energy of formation of liquid water (Wagman et al. 1982)."""
WATER_LOG_K = -13.995
"""Ion product of water at 25 C (Baes, Mesmer 1976)."""
DEFAULT_ACTIVITY = 1e-6
"""Activity of a dissolved form at which corrosion is said to begin (Pourbaix 1966)."""


@dataclass(frozen=True)
class Form:
    """One form of a metal outside its site, per metal atom, at 25 C."""

    name: str
    metal: str
    phase: str
    """aq (dissolved), s (oxide or hydroxide) or metal."""
    free_energy_eV: float
    """At U = 0 V vs SHE, pH 0 and unit activity, against bulk metal, H2O, H+ and H2."""
    electrons: float
    """Electrons released per metal atom when it forms from the metal and water."""
    protons: float
    """Protons released per metal atom."""
    source: str

    def at_eV(self, potential_V_she: float, pH: float, activity: float) -> float:
        """Free energy at a potential, pH and activity (of a dissolved form), eV."""
        dilution = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K * log(activity) if self.phase == "aq" else 0
        return (
            self.free_energy_eV
            + dilution
            - self.electrons * potential_V_she
            - self.protons * NERNST_V * pH
        )

    @property
    def standard_potential_V_she(self) -> float:
        """Standard potential of form/metal at pH 0, V vs SHE."""
        return self.free_energy_eV / self.electrons


def forms_of(metal: str) -> tuple[Form, ...]:
    """Every known form of a metal, the bulk metal first.

    Raises :class:`~adatom.errors.AdatomError`, naming the metal, when none is known.
    """
    rows = _table()
    if metal not in rows:
        raise AdatomError(
            f"{metal}: no standard potential is packaged; known metals: {', '.join(rows)}"
        )
    return (Form(f"{metal}(s)", metal, "metal", 0.0, 0.0, 0.0, "reference"), *rows[metal])


@cache
def cohesive_energies_eV() -> Mapping[str, float]:
    """Measured cohesive energy of each metal, eV/atom (Kittel 2005, chapter 3, table 1)."""
    return {row["metal"]: float(row["cohesive_eV"]) for row in _rows("cohesive.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("adatom.thermo").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if line[:1] != "#"))


@cache
def _table() -> Mapping[str, tuple[Form, ...]]:
    found: dict[str, Form] = {}
    for row in _rows("dissolved.csv"):
        found[row["form"]] = _form(row, found)
    metals: dict[str, list[Form]] = {}
    for form in found.values():
        metals.setdefault(form.metal, []).append(form)
    return {metal: tuple(forms) for metal, forms in metals.items()}


def _form(row: Mapping[str, str], known: Mapping[str, Form]) -> Form:
    name, parent, quantity, value = row["form"], row["parent"], row["quantity"], float(row["value"])
    metal, oxygen, protons, electrons = _composition(name)
    start = known.get(parent)
    z = electrons - (start.electrons if start else 0.0)
    h = protons - (start.protons if start else 0.0)
    energy = start.free_energy_eV if start else 0.0
    if quantity == "G":
        atoms = Formula(name.split("(s)")[0].rstrip("+-")).count()[metal]
        energy = (value / atoms - oxygen * WATER_KJ_MOL) * 1000.0 / FARADAY_C_MOL
    elif quantity == "log_K":
        energy -= value * NERNST_V
    elif quantity == "E":
        energy += z * value
    elif quantity == "E_base":
        energy += z * value - h * WATER_LOG_K * NERNST_V
    else:
        raise AssertionError(f"dissolved.csv: {name} has the unknown quantity {quantity}")
    balanced = (quantity == "G") == (parent == "") and (quantity == "log_K") == (
        abs(z) < 1e-9 and parent != ""
    )
    if not balanced or (parent not in ("", metal) and start is None) or not isfinite(energy):
        raise AssertionError(f"dissolved.csv: {name} from '{parent}' does not balance")
    phase = "s" if name.endswith("(s)") else "aq"
    return Form(name, metal, phase, energy, electrons, protons, SOURCES[row["source"]])


def _composition(name: str) -> tuple[str, float, float, float]:
    """Metal, and oxygens, released protons and released electrons per metal atom."""
    body = name.removesuffix("(s)")
    charge = body.count("+") - body.count("-")
    counts = Formula(body.rstrip("+-")).count()
    (metal,) = (element for element in counts if element not in ("H", "O"))
    n = counts[metal]
    oxygen, hydrogen = counts.get("O", 0) / n, counts.get("H", 0) / n
    protons = 2.0 * oxygen - hydrogen
    return metal, oxygen, protons, charge / n + protons
