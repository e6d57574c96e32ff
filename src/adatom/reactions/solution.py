"""Free energies of species in solution and in the gas, on the scale of the networks.

Zero are H2O(l), H2(g), CO2(g), N2(g) and Cl-; protons and electrons follow the computational
hydrogen electrode. With n_X atoms of X in a species S, from standard energies of formation:

    G(S) = dfG(S) - n_C dfG(CO2) - n_Cl dfG(Cl-) - (n_O - 2 n_C) dfG(H2O)

H2, N2 and H+ have dfG = 0. An ion stands with the protons that make it neutral, so that a step
that takes it up or lets it go has as many protons as electrons. At another pH than 0 the energy of
that pair is k_B T ln(10) z pH higher for an ion of charge z (an anion's lower), while its activity
stays the concentration of the ion: at a fixed potential against SHE the kinetics of a step without
protons does not change with pH.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import log
from typing import Any

from adatom.species import parse_species
from adatom.units import BOLTZMANN_EV_K, FARADAY_C_MOL, ROOM_TEMPERATURE_K


@dataclass(frozen=True)
class Formation:
    """Standard formation of one species at 25 C."""

    species: str
    gibbs_kJ_mol: float
    """Standard Gibbs energy of formation, kJ/mol."""
    state: str
    """g (1 bar), l, or aq (ideal 1 mol/kg)."""
    source: str
    """Handbook, by the short name explained in ``solution.toml``."""


@cache
def formations() -> dict[str, Formation]:
    """Standard formation of every species that has one, by name."""
    return {
        name: Formation(name, float(row["G_kJ_mol"]), str(row["state"]), str(row["source"]))
        for name, row in _data()["formation"].items()
    }


@cache
def solution_free_energies_eV(pH: float = 0.0) -> dict[str, float]:
    """Free energies relative to H2O, H2, CO2, N2 and Cl-, eV (25 C, standard states).

    Of an ion with the protons that make it neutral, at ``pH``.
    """
    free = {name: float(value) for name, value in _data()["free_energy_eV"].items()}
    for name in formations():
        free.setdefault(name, _relative_eV(name))
    per_pH = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K * log(10.0)
    return {s: g + parse_species(s).charge * per_pH * pH for s, g in free.items()}


def _relative_eV(name: str) -> float:
    table, species = formations(), parse_species(name)
    carbon, chlorine = species.count("C"), species.count("Cl")
    zero = (
        carbon * table["CO2"].gibbs_kJ_mol
        + chlorine * table["Cl-"].gibbs_kJ_mol
        + (species.count("O") - 2 * carbon) * table["H2O"].gibbs_kJ_mol
    )
    return (table[name].gibbs_kJ_mol - zero) * 1000.0 / FARADAY_C_MOL


@cache
def _data() -> dict[str, Any]:
    text = resources.files("adatom.reactions").joinpath("solution.toml").read_text()
    return tomllib.loads(text)
