"""What engines are compared with: the packaged DFT, or a user's table or folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adatom.energies.folder import FolderSite, read_folder
from adatom.energies.layout import CALCULATION_FILE
from adatom.errors import EnergyTableError
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.packaged import packaged_folder, plane_wave_differences_eV
from adatom.thermo.sources import ADSORBATES, SD_WITH_PLANE_WAVES_EV, free_energies_of
from adatom.thermo.table import read_free_energies

PLANE_WAVES, ORBITALS, GIVEN = "plane waves", "orbitals", "given"
"""Kinds of reference value. Orbitals alone bind too strongly: such values are compared apart."""


@dataclass(frozen=True)
class ReferenceValue:
    """One free energy that an engine is compared with."""

    site: str
    state: str
    value_eV: float
    """At U = 0 V vs RHE against H2O and H2."""
    sd_eV: float
    """Its own standard deviation."""
    kind: str
    orbitals_eV: float | None = None
    """What the packaged double-zeta orbitals give, where plane waves replace it."""


@dataclass(frozen=True)
class Reference:
    """Free energies that engines are compared with."""

    description: str
    values: tuple[ReferenceValue, ...]
    finished: tuple[FolderSite, ...] = ()
    """Where the values come from a folder of finished calculations, its sites."""
    relaxations: tuple[tuple[str, str, float], ...] = ()
    """State, outcome and wall time (s) of each relaxation behind it, as the folder says."""
    source: str = ""
    """Name of the user's file or folder."""
    unrelaxed_eV: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Site -> state or gas -> electronic energy before the first step of its relaxation, where
    the folder records it: the lowest over the initial spins."""


def packaged_reference() -> Reference:
    """The packaged DFT, with plane waves where they have been computed."""
    folder = packaged_folder()
    sites = read_folder(folder, adsorbates=ADSORBATES)
    differences = plane_wave_differences_eV()
    values = []
    for site in sites:
        free = free_energies_of(site, "packaged", "packaged", required=(), optional=ADSORBATES)
        known = differences.get(site.label, {})
        for state, value in free.values_eV.items():
            if state in known:
                better = value + known[state]
                found = ReferenceValue(
                    site.label, state, better, SD_WITH_PLANE_WAVES_EV, PLANE_WAVES, value
                )
            else:
                found = ReferenceValue(site.label, state, value, free.sd_eV[state], ORBITALS)
            values.append(found)
    count = sum(v.kind == PLANE_WAVES for v in values)
    description = (
        f"packaged DFT (PBE): {count} free energies with plane waves (500 eV single points at the"
        " packaged geometries)"
    )
    if count < len(values):
        description += (
            f"; {len(values) - count} with double-zeta orbitals only, compared apart and not in"
            " the stated sd"
        )
    return Reference(
        description, tuple(values), tuple(sites), _relaxations(folder),
        unrelaxed_eV=_unrelaxed_eV(folder),
    )  # fmt: skip


def reference_from(path: Path) -> Reference:
    """A user's table of free energies (CSV), or folder of finished calculations.

    Raises :class:`~adatom.errors.EnergyTableError` where these cannot be read or hold none of
    the adsorbates that engines place.
    """
    if path.is_dir():
        sites = tuple(read_folder(path, adsorbates=ADSORBATES))
        found: Sequence[FreeEnergies] = [
            free_energies_of(s, "folder", str(path), required=(), optional=ADSORBATES)
            for s in sites
        ]
        what, relaxations = "finished calculations with the usual thermal terms", _relaxations(path)
    else:
        sites, relaxations = (), ()
        found = read_free_energies(path, required=(), optional=ADSORBATES)
        what = "free energies as given (thermal terms and corrections are those of the table)"
    values = tuple(
        ReferenceValue(free.label, state, value, free.sd_eV[state], GIVEN)
        for free in found
        for state, value in free.values_eV.items()
    )
    if not values:
        raise EnergyTableError(
            f"{path}: none of {', '.join(ADSORBATES)} to compare with; expected site,*OH,*O,*OOH"
        )
    return Reference(f"{path.name}: {what}", values, sites, relaxations, path.name)


def _relaxations(folder: Path) -> tuple[tuple[str, str, float], ...]:
    """State, outcome and seconds of each relaxation that ``calculation.json`` records, if any."""
    path = folder / CALCULATION_FILE
    try:
        content = json.loads(path.read_text()) if path.is_file() else {}
        return tuple(
            (str(record["state"]), str(record["outcome"]), float(record["seconds"]))
            for records in content.get("records", {}).values()
            for record in records
            if record["engine"] == content["engine"] and record["state"].startswith("*")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EnergyTableError(f"{path}: its records cannot be read ({error!r})") from error


def _unrelaxed_eV(folder: Path) -> dict[str, dict[str, float]]:
    """Energies before the first step, on the lowest pre-relaxed geometry of each state."""
    content = json.loads((folder / CALCULATION_FILE).read_text())
    found: dict[str, dict[str, float]] = {}
    for site, records in content["records"].items():
        before = {
            (r["state"], r["position"]): r["energy_eV"]
            for r in records
            if r["engine"] != content["engine"]
        }
        # The highest geometry first, so that the lowest is what stays.
        own = [r for r in records if r["engine"] == content["engine"]]
        own.sort(key=lambda r: -before.get((r["state"], r["position"]), 0.0))
        found[site] = {r["state"]: min(e for _, _, e in r["spin_trials"]) for r in own}
    return found
