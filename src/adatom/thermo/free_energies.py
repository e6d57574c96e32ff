"""Adsorption free energies of a site, with their uncertainty and where they come from.

Everything is relative to H2O and H2 at U = 0 V vs RHE (computational hydrogen electrode):
dG_OH from H2O - 1/2 H2, dG_O from H2O - H2, dG_OOH from 2 H2O - 3/2 H2, dG_H from 1/2 H2
(Norskov et al. 2004, 10.1021/jp047349j).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from ase import Atoms

from adatom.energies.compute import SiteEnergies
from adatom.energies.workers import Finished
from adatom.errors import AdatomError
from adatom.provenance import EnergySource
from adatom.reactions.energy_names import adsorbate_named, is_lateral
from adatom.reactions.mechanism import BARE
from adatom.reactions.network import Network
from adatom.species import parse_species

THERMAL_EV: Mapping[str, float] = {"*H": 0.24, "*O": 0.05, "*OH": 0.35, "*OOH": 0.40}
"""Usual dZPE - T dS of adsorbates against H2O and H2 when no vibrations are given, eV
(Norskov et al. 2004, 10.1021/jp047349j, and the practice since)."""

CORRECTIONS_EV: Mapping[str, Mapping[str, float]] = {
    "solvation": {"*OH": -0.30, "*OOH": -0.30},
}
"""Corrections applied only when asked for by name, eV. ``solvation``: stabilisation of *OH and
*OOH by hydrogen bonds of water, about -0.3 eV."""

LARGEST_TERM_EV = 10.0
"""No adsorption free energy of a working site is larger."""
DEFAULT_CORRELATION = 0.8
"""Correlation of the errors of two adsorbates on one site: most of a functional's error belongs
to the metal-oxygen bond and is shared (a stated default, not a measurement)."""


@dataclass(frozen=True)
class FreeEnergies:
    """Free energies of the adsorbates of one site, eV at U = 0 V vs RHE."""

    label: str
    """Site notation, or whatever the user's table calls it."""
    values_eV: Mapping[str, float]
    sd_eV: Mapping[str, float]
    """Standard deviations."""
    source: EnergySource
    correlation: float = DEFAULT_CORRELATION
    structures: Mapping[str, Atoms] = field(default_factory=dict)
    """Relaxed structure of each state (``*`` the bare site), where there is one."""
    second_opinion_eV: Mapping[str, float] = field(default_factory=dict)
    """The same free energies from the engine run beside, where there is one."""
    positions: tuple[str, ...] = (BARE,)
    """Names of the positions of the site that its energies distinguish; equal names are equal
    positions. One position: the lowest of each adsorbate."""

    def __post_init__(self) -> None:
        for state, value in self.values_eV.items():
            sd = self.sd_eV.get(state)
            if not isfinite(value) or sd is None or not (isfinite(sd) and sd >= 0):
                raise AdatomError(
                    f"{self.label}: {state} needs a finite free energy and standard deviation,"
                    f" got {value} and {sd} eV"
                )
        if not 0.0 <= self.correlation <= 1.0:
            raise AdatomError(f"{self.label}: correlation must lie in 0..1, got {self.correlation}")

    def draws(self, names: Sequence[str], count: int, seed: int) -> np.ndarray:
        """Correlated normal draws of the energies named, shape (count, K), eV.

        The same seed gives every site the same standard deviates: an error of the method is
        shared by the sites compared.
        """
        rng = np.random.default_rng(seed)
        shared = rng.standard_normal((count, 1))
        own = rng.standard_normal((count, len(names)))
        mean = np.array([self.values_eV[s] for s in names])
        sd = np.array([self.sd_eV[s] for s in names])
        mixed = np.sqrt(self.correlation) * shared + np.sqrt(1.0 - self.correlation) * own
        return np.asarray(mean + sd * mixed)


def without_interactions(free: FreeEnergies, network: Network) -> FreeEnergies:
    """The same energies with every interaction that none is given for said to be zero.

    ``network`` is that of the site's positions. The statement is recorded as a correction.
    """
    names = [n for n in network.energy_names if is_lateral(n) and n not in free.values_eV]
    if not names:
        return free
    source = replace(
        free.source,
        corrections=(*free.source.corrections, f"interactions said to be zero: {', '.join(names)}"),
    )
    zeros = dict.fromkeys(names, 0.0)
    return replace(
        free, values_eV={**free.values_eV, **zeros}, sd_eV={**free.sd_eV, **zeros}, source=source
    )


def with_linear_term(
    free: FreeEnergies, name: str, strength: float, coefficients_eV: Mapping[str, float]
) -> FreeEnergies:
    """The energies with coefficient x strength added to each adsorbate named.

    An electric field (strength in V/A, coefficients are minus dipole moments in e A), a cation's
    concentration on whatever scale the coefficients (eV per unit) belong to. An adsorbate without
    position is meant wherever it sits. The term is recorded as a correction. Raises
    :class:`~adatom.errors.AdatomError` for an adsorbate that the site has no energy for.
    """
    if not (isfinite(strength) and all(map(isfinite, coefficients_eV.values()))):
        raise AdatomError(f"linear term '{name}': strength and coefficients must be finite")
    values = dict(free.values_eV)
    for occupant, coefficient in coefficients_eV.items():
        meant = [n for n in values if n == occupant or n.partition("@")[0] == occupant]
        meant = [n for n in meant if not is_lateral(n)]
        if not meant:
            raise AdatomError(
                f"linear term '{name}': {free.label} has no energy of {occupant}; it has"
                f" {', '.join(free.values_eV)}"
            )
        for each in meant:
            values[each] += coefficient * strength
            if abs(values[each]) > LARGEST_TERM_EV:
                raise AdatomError(
                    f"linear term '{name}': {each} of {free.label} becomes {values[each]:.3g} eV;"
                    " are strength and coefficients in units that multiply to eV?"
                )
    shifts = ", ".join(f"{s} {c * strength:+.2f} eV" for s, c in coefficients_eV.items())
    source = replace(
        free.source,
        corrections=(*free.source.corrections, f"linear term {name} = {strength:g}: {shifts}"),
    )
    return replace(free, values_eV=values, source=source)


def formation_energy_eV(
    adsorbate: str, adsorbed_eV: float, bare_eV: float, gas_eV: Mapping[str, float]
) -> float:
    """Electronic energy of an adsorbate (H and O only) against H2O and H2, eV."""
    species = parse_species(adsorbate)
    unknown = [element for element, _ in species.atoms if element not in ("H", "O")]
    if unknown:
        raise AdatomError(f"{adsorbate}: no reference for {unknown[0]}")
    n_oxygen, n_hydrogen = species.count("O"), species.count("H")
    reference = n_oxygen * gas_eV["H2O"] + (n_hydrogen / 2.0 - n_oxygen) * gas_eV["H2"]
    return adsorbed_eV - bare_eV - reference


def apply_corrections(
    electronic_eV: Mapping[str, float],
    corrections: Sequence[str] = (),
    thermal_eV: Mapping[str, float] = THERMAL_EV,
) -> dict[str, float]:
    """Free energies from electronic ones: thermal terms always, others by name.

    Those of an adsorbate are the same on every position (``*OH``, ``*OH@Fe``). ``corrections``
    are names in ``CORRECTIONS_EV``; ``thermal_eV`` the usual terms or those of computed
    vibrations. Raises :class:`~adatom.errors.AdatomError` for an adsorbate without thermal term.
    """
    free = {}
    for name, energy in electronic_eV.items():
        adsorbate = adsorbate_named(name)
        if adsorbate not in thermal_eV:
            raise AdatomError(
                f"{adsorbate}: no thermal correction; give its free energy in a table"
            )
        extra = sum(CORRECTIONS_EV[c].get(adsorbate, 0.0) for c in corrections)
        free[name] = energy + thermal_eV[adsorbate] + extra
    return free


def electronic_formation_energies_eV(
    result: SiteEnergies, minima: Mapping[str, Finished] | None = None
) -> dict[str, float]:
    """Formation energies of every adsorbate of a computed site, eV.

    ``minima`` are relaxations by the name of their energy (``*OH@Fe``); without them the lowest of
    each adsorbate.
    """
    gases = {name: record.energy_eV for name, (record, _) in result.gases.items()}
    bare = result.bare[0].energy_eV
    return {
        name: formation_energy_eV(adsorbate_named(name), record.energy_eV, bare, gases)
        for name, (record, _) in (result.lowest if minima is None else minima).items()
    }
