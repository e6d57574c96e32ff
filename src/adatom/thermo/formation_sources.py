"""Formation energies of sites from a table, a folder of results, or an engine."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from adatom.energies.check import CELL_TOLERANCE_A
from adatom.energies.finished import FinishedCalculation, is_calculation, read_finished
from adatom.energies.folder import FolderSite, read_folder
from adatom.energies.formation import FormationSet, compute_formation
from adatom.energies.settings import CalculationSettings, differences
from adatom.energies.store import Store
from adatom.energies.workers import Progress
from adatom.errors import AdatomError, EnergyTableError, NotationError
from adatom.provenance import EnergySource
from adatom.sites.notation import METALS, Site, parse_site
from adatom.species import parse_species
from adatom.thermo.dissolution import forms_of
from adatom.thermo.free_energies import (
    THERMAL_EV,
    apply_corrections,
    electronic_formation_energies_eV,
    formation_energy_eV,
)
from adatom.thermo.pourbaix import SiteState
from adatom.thermo.sources import ADSORBATES
from adatom.thermo.stability import Formation
from adatom.thermo.stated_errors import ENGINE_SD_EV
from adatom.thermo.table import DEFAULT_FORMATION_SD_EV, DEFAULT_SD_EV, read_free_energies

ENGINE_FORMATION_SD_EV: Mapping[str, float] = {"chgnet": 1.16, "diep": 0.82}
"""Stated default sd of each engine's E_f per metal atom: rms distance from plane waves over Fe, Co
and Ni on N4 (docs/stability.md) and the 0.30 eV of a GGA table, as squares."""
RIM_H_THERMAL_EV = 0.34
"""dZPE - T dS of a hydrogen on the rim of a hole against 1/2 H2, eV: N-H of a free-base porphyrin
(validation/rim_hydrogen.py); stiffer than *H on a metal."""
LARGEST_FORMATION_EV = 15.0
"""No metal is bound more strongly to a hole, against its bulk: settings were mixed."""
CAUTION = (
    "formation energies compare a metal-nitrogen site with a bulk metal: errors do not cancel,"
    " and vibrations, solvation and barriers of the loss are not in them; compare sites before"
    " trusting one potential"
)
ENGINE_CAUTION = (
    "absolute formation energies of a universal potential across such different bonding are"
    " poorly known (chgnet 1.1, diep 0.7 eV too weak on Fe, Co, Ni-N4; not corrected)"
)

_HOLE_FILE = re.compile(r"(empty|vac|without)([-_].*)?")


def formations_from_table(path: Path) -> list[Formation]:
    """Read ``formation`` (and holes and adsorbates where given) of every site of a table.

    Raises :class:`~adatom.errors.EnergyTableError` as :func:`read_free_energies` does, and for a
    site whose label does not say its metals.
    """
    found = []
    for row in read_free_energies(path, required=["formation"], optional=None):
        metals = _metals_of(row.label, path)
        formation = row.values_eV["formation"]
        states = [
            SiteState("*", (), formation, 0.0, 0),
            SiteState("empty", tuple(sorted(metals)), 0.0, 0.0, 0),
        ]
        for name, value in row.values_eV.items():
            sd = row.sd_eV[name]
            if name.startswith("*"):
                states.append(SiteState(name, (), formation + value, sd, _electrons(name)))
            elif name != "formation":
                states.append(_hole_of_column(name, value, sd, metals, f"{path}: '{row.label}'"))
        found.append(
            Formation(
                row.label, metals, formation, row.sd_eV["formation"], tuple(states),
                replace(row.source, caution=CAUTION), {},
            )
        )  # fmt: skip
    return found


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


def formations_from_engine(
    sites: Sequence[Site],
    *,
    engine_name: str,
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Formation]:
    """Compute sites, holes and bulk metals with one engine.

    Raises :class:`~adatom.errors.AdatomError` before any work for a metal without sourced forms.
    """
    for site in sites:
        for metal in site.metals:
            forms_of(metal)
    results = compute_formation(
        sites, engine_name=engine_name, adsorbates=ADSORBATES, store=store, workers=workers,
        progress=progress,
    )  # fmt: skip
    return [_from_engine_result(result) for result in results]


def _from_engine_result(result: FormationSet) -> Formation:
    energies, engine = result.energies, result.energies.engine
    metals = energies.site.metals
    sd = ENGINE_SD_EV[engine.name]
    formation_sd = ENGINE_FORMATION_SD_EV.get(engine.name, DEFAULT_FORMATION_SD_EV)
    whole = tuple(sorted(metals))
    (empty_eV,) = (
        h.record.energy_eV for h in result.holes if h.removed == whole and not h.hydrogens
    )
    hydrogen_eV = energies.gases["H2"][0].energy_eV / 2.0
    formation = energies.bare[0].energy_eV - empty_eV - sum(result.bulk_eV[m] for m in metals)
    states = [SiteState("*", (), formation, 0.0, 0)]
    covered = apply_corrections(electronic_formation_energies_eV(energies))
    states += [
        SiteState(name, (), formation + value, sd, _electrons(name))
        for name, value in covered.items()
    ]
    for hole in result.holes:
        kept = Counter(metals) - Counter(hole.removed)
        energy = hole.record.energy_eV - empty_eV - hole.hydrogens * hydrogen_eV
        energy -= sum(n * result.bulk_eV[m] for m, n in kept.items())
        states.append(_hole(hole.removed, hole.hydrogens, energy, sd, metals))
    notes = [*energies.notes]
    notes += [f"hole {r.state}: hydrogen left the rim, not used" for r in result.lost]
    source = EnergySource(
        "engine",
        f"engine {engine.name}: {engine.description}; bulk metals at relaxed volume",
        settings=engine.settings,
        versions=engine.versions,
        corrections=_corrections(states),
        uncertainty=f"stated defaults of the engine: sd {sd} eV of an adsorbate,"
        f" {formation_sd} eV of the formation energy of a metal atom",
        citations=engine.citations,
        notes=tuple(notes),
        caution=f"{ENGINE_CAUTION}; {CAUTION}",
    )
    return Formation(
        str(energies.site), metals, formation, formation_sd, tuple(states), source, result.bulk_eV
    )


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
        SiteState(s, (), formation + value, sd, _electrons(s)) for s, value in covered.items()
    ]
    for name, lost, added, energy in found.values():
        if lost:
            reference = empty_eV + added["H"] / 2.0 * site.gases_eV["H2"]
            reference += sum(n * bulk[m] for m, n in (whole - lost).items())
            removed = tuple(sorted(lost.elements()))
            states.append(_hole(removed, added["H"], energy - reference, sd, metals))
        else:
            parts = [f"*{p.upper()}" for p in _adsorbate_parts(name)]
            value = formation_energy_eV(
                "*" + "".join(p[1:] for p in parts), energy, site.energies_eV["*"], site.gases_eV
            )
            value += sum(THERMAL_EV[p] for p in parts)
            label = f"{''.join(parts)} ({name})"
            released = sum(_electrons(p) for p in parts)
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
        corrections=_corrections(states),
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


def _hole(
    removed: tuple[str, ...], hydrogens: int, energy_eV: float, sd_eV: float,
    metals: Sequence[str],
) -> SiteState:  # fmt: skip
    """A hole from its electronic energy against the empty one, bulk metals and H2."""
    name = "empty" if len(removed) == len(metals) else f"without {''.join(removed)}"
    if hydrogens:
        name += f", {hydrogens} H"
    free = energy_eV + hydrogens * RIM_H_THERMAL_EV
    return SiteState(name, removed, free, sd_eV if hydrogens else 0.0, -hydrogens)


def _hole_of_column(
    column: str, value: float, sd: float, metals: tuple[str, ...], where: str
) -> SiteState:
    """A hole from a column ``empty_2H`` or ``without_Fe_Co_2H``: a free energy already."""
    words = column.split("_")
    hydrogens = int(words.pop()[:-1]) if words[-1][:-1].isdigit() else 0
    removed = tuple(sorted(words[1:] or metals))
    if Counter(removed) - Counter(metals):
        raise EnergyTableError(f"{where}: {column} takes out a metal that the site does not have")
    name = "empty" if len(removed) == len(metals) else f"without {''.join(removed)}"
    name += f", {hydrogens} H" if hydrogens else ""
    # Without hydrogen its errors are those of E_f, which every lost metal carries.
    return SiteState(name, removed, value, sd if hydrogens else 0.0, -hydrogens)


def _electrons(state: str) -> int:
    species = parse_species(state)
    return 2 * species.count("O") - species.count("H")


def _corrections(states: Sequence[SiteState]) -> tuple[str, ...]:
    used = [s.name for s in states if s.name in THERMAL_EV]
    text = ", ".join(f"{name} {THERMAL_EV[name]:+.2f} eV" for name in used)
    rim = f"H on the rim of a hole {RIM_H_THERMAL_EV:+.2f} eV each"
    return (f"thermal (dZPE - T dS, usual values): {text}, {rim}".replace(": ,", ":"),)


def _metals_of(label: str, path: Path) -> tuple[str, ...]:
    for text in (label, f"{label}@graphene"):
        try:
            return parse_site(text).metals
        except NotationError:
            continue
    raise AdatomError(
        f"{path}: site '{label}' does not say its metals; name it by its notation, for example"
        " FeCoN6@graphene"
    )
