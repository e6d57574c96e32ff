"""States of a site whose metal may leave, from energies of one kind or another."""

from collections.abc import Mapping, Sequence

from adatom.species import parse_species
from adatom.thermo.free_energies import THERMAL_EV
from adatom.thermo.pourbaix import SiteState

ENGINE_FORMATION_SD_EV: Mapping[str, float] = {"chgnet": 1.16, "diep": 0.82}
"""Stated default sd of each engine's E_f per metal atom: rms distance from plane waves over Fe, Co
and Ni on N4 (docs/stability.md) and the 0.30 eV of a GGA table, as squares."""
RIM_H_THERMAL_EV = 0.34
"""dZPE - T dS of a hydrogen on the rim of a hole against 1/2 H2, eV: N-H of a free-base porphyrin
(validation/rim_hydrogen.py); stiffer than *H on a metal."""
CAUTION = (
    "formation energies compare a metal-nitrogen site with a bulk metal: errors do not cancel,"
    " and vibrations, solvation and barriers of the loss are not in them; compare sites before"
    " trusting one potential"
)


def hole_state(
    removed: tuple[str, ...], hydrogens: int, energy_eV: float, sd_eV: float,
    metals: Sequence[str],
) -> SiteState:  # fmt: skip
    """A hole from its electronic energy against the empty one, bulk metals and H2."""
    name = "empty" if len(removed) == len(metals) else f"without {''.join(removed)}"
    if hydrogens:
        name += f", {hydrogens} H"
    free = energy_eV + hydrogens * RIM_H_THERMAL_EV
    return SiteState(name, removed, free, sd_eV if hydrogens else 0.0, -hydrogens)


def released_electrons(state: str) -> int:
    """Electrons released when an adsorbate forms from water: 2 O - H."""
    species = parse_species(state)
    return 2 * species.count("O") - species.count("H")


def corrections_made(states: Sequence[SiteState]) -> tuple[str, ...]:
    """What was added to electronic energies, in words."""
    used = [s.name for s in states if s.name in THERMAL_EV]
    text = ", ".join(f"{name} {THERMAL_EV[name]:+.2f} eV" for name in used)
    rim = f"H on the rim of a hole {RIM_H_THERMAL_EV:+.2f} eV each"
    return (f"thermal (dZPE - T dS, usual values): {text}, {rim}".replace(": ,", ":"),)
