"""Whether the energies of a folder may be subtracted: same system, same settings, finished.

Nothing is subtracted across a difference unless the difference was allowed by its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase.build import molecule

from adatom.energies.adsorbed import fate_of
from adatom.energies.compute import GASES
from adatom.energies.finished import FinishedCalculation, read_finished
from adatom.energies.layout import SiteFiles, find_sites
from adatom.energies.settings import (
    COMPARED,
    CalculationSettings,
    differences,
    unknown_settings,
)
from adatom.errors import AdatomError, EnergyTableError
from adatom.sites.notation import METALS
from adatom.species import parse_species

CELL_TOLERANCE_A = 1e-3
LARGE_FORCE_EV_A = 0.05
"""Forces beyond this are mentioned: the usual limit of a relaxation."""
ALLOWABLE: tuple[str, ...] = (*(c.name for c in COMPARED), "cell", "unknown")
"""Differences that may be allowed by name. ``unknown`` is a setting that only some files record.
Composition and unfinished runs are never allowed."""


@dataclass(frozen=True)
class Problem:
    """One reason why energies must not be subtracted."""

    name: str
    """One of ``ALLOWABLE``, or ``file``, ``composition``, ``missing``."""
    text: str
    """Which files, and what in them."""
    allowed: bool = False


@dataclass(frozen=True)
class SiteCheck:
    """The calculations of one site and its gas references, held against each other."""

    label: str
    calculations: Mapping[str, FinishedCalculation]
    """State or gas -> what could be read."""
    settings: Mapping[str, CalculationSettings]
    """State or gas -> settings, completed by those that the folder declares."""
    files: Mapping[str, str]
    """State or gas -> path within the folder."""
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]
    """Settings that no file records; they could not be compared."""
    cautions: tuple[str, ...]
    """Adsorbates that left the metal, forces left, incomplete relaxations."""
    ignored: tuple[str, ...]

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Problems that were not allowed."""
        return tuple(p for p in self.problems if not p.allowed)


def require_allowable(allow: Sequence[str]) -> None:
    """Raise :class:`~adatom.errors.AdatomError` for a name that cannot be allowed."""
    for name in allow:
        if name not in ALLOWABLE:
            raise AdatomError(
                f"'{name}' is no difference that can be allowed; expected: {', '.join(ALLOWABLE)}"
            )


def check_folder(
    folder: Path,
    *,
    adsorbates: tuple[str, ...],
    allow: Sequence[str] = (),
    declared: CalculationSettings | None = None,
) -> list[SiteCheck]:
    """Check every site of a folder.

    ``declared`` are settings known of all files that do not record their own code. Raises
    :class:`~adatom.errors.AdatomError` when no site is found or ``allow`` names no difference;
    everything else that is wrong is in the results.
    """
    require_allowable(allow)
    if not folder.is_dir():
        raise EnergyTableError(f"{folder} is no folder of finished calculations")
    sites = find_sites(folder, adsorbates=adsorbates)
    return [_check_site(site, folder, allow, declared) for site in sites]


def _check_site(
    site: SiteFiles, root: Path, allow: Sequence[str], declared: CalculationSettings | None
) -> SiteCheck:
    paths = {**site.states, **site.gases}
    problems: list[Problem] = []
    read: dict[str, FinishedCalculation] = {}
    for state, path in paths.items():
        try:
            read[state] = read_finished(path)
        except EnergyTableError as error:
            problems.append(Problem("file", str(error)))
    problems += [
        Problem(
            "missing",
            f"{site.home}: the gas reference {gas} is missing; put {gas}.extxyz (or the folder"
            f" {gas}), computed with the same settings, into {site.home} or {root}",
        )
        for gas in GASES
        if gas not in paths
    ]
    files = {s: str(c.file.relative_to(root)) for s, c in read.items()}
    problems += _composition(read) + _cells(read, files)
    settings = {s: _completed(c.settings, declared) for s, c in read.items()}
    by_file = {files[s]: one for s, one in settings.items()}
    gases = [files[gas] for gas in GASES if gas in files]
    found = differences(by_file, gases)
    covered = declared is not None and all(c.settings.code is None for c in read.values())
    partly, nowhere = ({}, []) if covered else unknown_settings(by_file, gases)
    grouped: dict[tuple[str, ...], list[str]] = {}
    for file, names in partly.items():
        grouped.setdefault(tuple(names), []).append(file)
    found += [
        ("unknown", f"unknown in {', '.join(those)}, known in other files: {', '.join(names)}")
        for names, those in grouped.items()
    ]
    problems += [Problem(name, f"{site.label}: {text}") for name, text in found]
    return SiteCheck(
        label=site.label,
        calculations=read,
        settings=settings,
        files=files,
        problems=tuple(Problem(p.name, p.text, p.name in allow) for p in problems),
        unknown=tuple(nowhere),
        cautions=tuple(_cautions(read, files)),
        ignored=site.ignored,
    )


def _completed(
    settings: CalculationSettings, declared: CalculationSettings | None
) -> CalculationSettings:
    if declared is None or settings.code not in (None, declared.code):
        return settings
    return settings.completed_by(declared)


def _composition(read: Mapping[str, FinishedCalculation]) -> list[Problem]:
    problems = []
    bare = read.get("*")
    for state, one in read.items():
        holds = one.atoms.get_chemical_formula()
        if state in GASES:
            if sorted(one.atoms.symbols) != sorted(molecule(state).symbols):
                problems.append(Problem("composition", f"{one.file}: holds {holds}, not {state}"))
        elif bare is not None and state != "*":
            expected = dict(parse_species(state).atoms)
            counts = one.atoms.symbols.formula.count()
            before = bare.atoms.symbols.formula.count()
            added = {s: counts.get(s, 0) - before.get(s, 0) for s in {*counts, *before}}
            if {s: n for s, n in added.items() if n} != expected:
                problems.append(
                    Problem(
                        "composition",
                        f"{one.file}: holds {holds}, which is not"
                        f" {bare.atoms.get_chemical_formula()} ({bare.file.name}) plus {state}",
                    )
                )
    return problems


def _cells(read: Mapping[str, FinishedCalculation], files: Mapping[str, str]) -> list[Problem]:
    if "*" not in read:
        return []
    bare = read["*"].atoms.cell[:]
    return [
        Problem("cell", f"{one.file}: its cell differs from that of {files['*']}")
        for state, one in read.items()
        if state not in GASES and not np.allclose(one.atoms.cell[:], bare, atol=CELL_TOLERANCE_A)
    ]


def _cautions(read: Mapping[str, FinishedCalculation], files: Mapping[str, str]) -> list[str]:
    found = [f"{files[state]}: {note}" for state, one in read.items() for note in one.notes]
    loose = {
        state: force
        for state, one in read.items()
        if (force := one.max_force_eV_A) is not None and force > LARGE_FORCE_EV_A
    }
    if loose:
        parts = ", ".join(f"{state} {force:.2f}" for state, force in loose.items())
        found.append(f"largest force left, above {LARGE_FORCE_EV_A:g} eV/A: {parts}")
    bare = read.get("*")
    if bare is None:
        return found
    if not any(s in METALS for s in bare.atoms.symbols):
        found.append(f"no metal in {files['*']}: whether adsorbates stay on it is not checked")
    for state, one in read.items():
        if state in GASES or state == "*":
            continue
        if fate := fate_of(state, one.atoms, bare.atoms):
            found.append(f"{state} {fate} in {files[state]}")
    return found
