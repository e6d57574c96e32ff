"""Free energies of species in solution and in the gas, on the scale of the networks.

Zero are H2O(l), H2(g), CO2(g), N2(g) and Cl-; protons and electrons follow the computational
hydrogen electrode. With n_X atoms of X in a species S, from standard energies of formation:

    G(S) = dfG(S) - n_C dfG(CO2) - n_Cl dfG(Cl-) - (n_O - 2 n_C) dfG(H2O)

H2, N2 and H+ have dfG = 0. An ion stands with the protons that make it neutral, so that a step
that takes it up or lets it go has as many protons as electrons, and U_RHE alone enters;
:func:`activity_with_protons` gives the activity of that pair.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from adatom.errors import NetworkError
from adatom.species import parse_species
from adatom.units import FARADAY_C_MOL


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
def solution_free_energies_eV() -> dict[str, float]:
    """Free energies relative to H2O, H2, CO2, N2 and Cl-, eV (25 C, standard states, pH 0)."""
    free = {name: float(value) for name, value in _data()["free_energy_eV"].items()}
    for name in formations():
        free.setdefault(name, _relative_eV(name))
    return free


def activity_with_protons(species: str, activity: float, pH: float) -> float:
    """Activity that an ion has in a network, of the ion with the protons that make it neutral.

    a x 10^(z pH) for the charge z: an anion (Cl-, NO3-) is multiplied by the activity of H+.
    Neutral species keep theirs; a weak acid or base needs its undissociated share. Raises
    :class:`~adatom.errors.NetworkError` for an activity that is not positive.
    """
    if not activity > 0:
        raise NetworkError(f"activity of {species} must be positive, got {activity}")
    return float(activity * 10.0 ** (parse_species(species).charge * pH))


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
