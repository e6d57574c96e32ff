"""Formation energies of sites from a folder of finished calculations."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adatom.energies.check import CELL_TOLERANCE_A
from adatom.energies.finished import FinishedCalculation, is_calculation, read_finished
from adatom.energies.folder import FolderSite, read_folder
from adatom.energies.settings import CalculationSettings, differences
from adatom.errors import EnergyTableError
from adatom.provenance import EnergySource
from adatom.sites.notation import METALS
from adatom.thermo.formation_states import (
    CAUTION,
    ENGINE_FORMATION_SD_EV,
    corrections_made,
    hole_state,
    released_electrons,
)
from adatom.thermo.free_energies import THERMAL_EV, apply_corrections, formation_energy_eV
from adatom.thermo.pourbaix import SiteState
from adatom.thermo.sources import ADSORBATES
from adatom.thermo.stability import Formation
from adatom.thermo.stated_errors import ENGINE_SD_EV
from adatom.thermo.table import DEFAULT_FORMATION_SD_EV, DEFAULT_SD_EV

LARGEST_FORMATION_EV = 15.0
"""No metal is bound more strongly to a hole, against its bulk: settings were mixed."""
_HOLE_FILE = re.compile(r"(empty|vac|without)([-_].*)?")


def formations_from_folder(path: Path, *, allow: Sequence[str] = ()) -> list[Formation]:
    """Read every site of a folder that also holds its holes and ``bulk-METAL`` files.

    ``SITE/empty.*`` (also ``vac``), ``empty-2H.*``, ``without-Fe.*``: what is missing and what
    saturates it is read from the composition. Further covered states are files named after
    their adsorbates, ``oh-oh-anti.json``. ``allow`` names differences between files that are
    accepted. Raises :class:`~adatom.errors.EnergyTableError`
    naming the file that is missing or does not fit.
    """
    sites = read_folder(path, adsorbates=ADSORBATES, allow=allow)
    return [_from_folder_site(site, path, allow) for site in sites]


def _from_folder_site(site: FolderSite, root: Path, allow: Sequence[str]) -> Formation:
    home = (root / site.files["*"]).parent
    clean = read_finished(root / site.files["*"])
    bare, declared = clean.atoms, site.calculation.declared
    metals = tuple(s for s in bare.get_chemical_symbols() if s in METALS)
    if not metals:
        raise EnergyTableError(f"{root / site.files['*']}: holds no metal")
    bulk = {m: _bulk_eV(m, home, root, clean, declared, allow) for m in sorted(set(metals))}
    engine = site.calculation.engine
    sd = ENGINE_SD_EV.get(engine, DEFAULT_SD_EV)
    formation_sd = ENGINE_FORMATION_SD_EV.get(engine, DEFAULT_FORMATION_SD_EV)
    extra = [_extra(home / name, clean, declared, allow) for name in site.ignored]
    found = {e[0]: e for e in extra if e is not None}
    whole = Counter(metals)
    empties = [e for e in found.values() if e[1] == whole and not e[2]]
    if not empties:
        raise EnergyTableError(
            f"{home}: no empty.* (the bare site without {', '.join(metals)}, relaxed); the"
            " formation energy needs it"
        )
    empty_eV = empties[0][3]
    formation = site.energies_eV["*"] - empty_eV - sum(bulk[m] for m in metals)
    if abs(formation) > LARGEST_FORMATION_EV * len(metals):
        raise EnergyTableError(
            f"{home}: the formation energy comes out at {formation:.1f} eV; are the site, its"
            " hole and the bulk metals of one set of settings?"
        )
    states = [SiteState("*", (), formation, 0.0, 0)]
    adsorbed = {s: e for s, e in site.energies_eV.items() if s != "*"}
    covered = apply_corrections(
        {
            s: formation_energy_eV(s, e, site.energies_eV["*"], site.gases_eV)
            for s, e in adsorbed.items()
        }
    )
    states += [
        SiteState(s, (), formation + value, sd, released_electrons(s))
        for s, value in covered.items()
    ]
    for name, lost, added, energy in found.values():
        if lost:
            reference = empty_eV + added["H"] / 2.0 * site.gases_eV["H2"]
            reference += sum(n * bulk[m] for m, n in (whole - lost).items())
            removed = tuple(sorted(lost.elements()))
            states.append(hole_state(removed, added["H"], energy - reference, sd, metals))
        else:
            parts = [f"*{p.upper()}" for p in _adsorbate_parts(name)]
            value = formation_energy_eV(
                "*" + "".join(p[1:] for p in parts), energy, site.energies_eV["*"], site.gases_eV
            )
            value += sum(THERMAL_EV[p] for p in parts)
            label = f"{''.join(parts)} ({name})"
            released = sum(released_electrons(p) for p in parts)
            states.append(SiteState(label, (), formation + value, sd, released))
    unread = [n for n, e in zip(site.ignored, extra, strict=True) if e is None]
    notes = (f"files not used: {', '.join(unread)}",) if unread else ()
    calculation = site.calculation
    source = EnergySource(
        "folder",
        f"{root}: {calculation.description}".rstrip(": "),
        settings=calculation.settings,
        versions=calculation.versions,
        citations=calculation.citations,
        corrections=corrections_made(states),
        uncertainty=f"stated defaults: sd {sd} eV of an adsorbate, {formation_sd} eV of the"
        " formation energy of a metal atom",
        notes=(*calculation.notes.get(site.label, ()), *notes),
        caution="; ".join((CAUTION, *site.cautions)),
    )
    return Formation(site.label, metals, formation, formation_sd, tuple(states), source, bulk)


_Extra = tuple[str, Counter[str], Counter[str], float]
"""Name, metals lost, H and O added, electronic energy in eV."""


def _extra(
    path: Path,
    clean: FinishedCalculation,
    declared: CalculationSettings | None,
    allow: Sequence[str],
) -> _Extra | None:
    """A hole, or a covered state that the usual names do not cover; None for other files."""
    stem = path.stem.lower()
    parts = _adsorbate_parts(stem)
    if not is_calculation(path) or not (_HOLE_FILE.fullmatch(stem) or parts):
        return None
    found = read_finished(path)
    atoms, energy, bare = found.atoms, found.energy_eV, clean.atoms
    before, after = Counter(bare.get_chemical_symbols()), Counter(atoms.get_chemical_symbols())
    lost, added = before - after, after - before
    expected = Counter("".join(parts).upper())
    if parts and (lost or added != expected):
        raise EnergyTableError(
            f"{path}: holds {atoms.get_chemical_formula()}, which is not"
            f" {bare.get_chemical_formula()} plus {' and '.join(p.upper() for p in parts)}"
        )
    if not parts and (not lost or set(lost) - METALS or set(added) - {"H"}):
        raise EnergyTableError(
            f"{path}: holds {atoms.get_chemical_formula()}, which is not"
            f" {bare.get_chemical_formula()} without metal (and with H in its place)"
        )
    if not np.allclose(atoms.cell[:], bare.cell[:], atol=CELL_TOLERANCE_A):
        raise EnergyTableError(f"{path}: its cell differs from that of the bare site")
    _require_same_settings(found, clean, declared, allow)
    return stem, lost, added, energy


def _adsorbate_parts(stem: str) -> list[str]:
    """``oh-o-anti`` -> oh, o; empty when the name does not begin with two adsorbates."""
    known = {s.lstrip("*").lower() for s in ADSORBATES}
    words = re.split(r"[-_+]", stem)
    count = next((n for n, word in enumerate(words) if word not in known), len(words))
    return words[:count] if count > 1 else []


def _bulk_eV(
    metal: str,
    home: Path,
    root: Path,
    clean: FinishedCalculation,
    declared: CalculationSettings | None,
    allow: Sequence[str],
) -> float:
    for place in (home, root):
        for path in sorted((*place.glob(f"bulk-{metal}.*"), *place.glob(f"bulk-{metal}"))):
            if not is_calculation(path):
                continue
            found = read_finished(path)
            atoms, energy = found.atoms, found.energy_eV
            if set(atoms.get_chemical_symbols()) != {metal}:
                raise EnergyTableError(
                    f"{path}: holds {atoms.get_chemical_formula()}, not bulk {metal}"
                )
            _require_same_settings(found, clean, declared, allow, crystal=True)
            return energy / len(atoms)
    raise EnergyTableError(
        f"{home}: bulk {metal} is missing; put bulk-{metal}.extxyz, its crystal computed with the"
        f" same settings and converged k-points, into {home} or {root}"
    )


def _require_same_settings(
    found: FinishedCalculation,
    clean: FinishedCalculation,
    declared: CalculationSettings | None,
    allow: Sequence[str],
    *,
    crystal: bool = False,
) -> None:
    """Refuse a difference to the bare site; a crystal has k-points of its own."""
    settings = {
        str(one.file): one.settings.completed_by(declared) if declared else one.settings
        for one in (clean, found)
    }
    for name, text in differences(settings, [str(found.file)] if crystal else []):
        if name not in allow:
            raise EnergyTableError(f"{found.file}: not subtracted: {text}; or --allow {name}")
