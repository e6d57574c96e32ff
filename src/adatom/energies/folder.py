"""A folder of finished calculations: read with every check, and written.

Which files are which states: :mod:`adatom.energies.layout`. ``calculation.json`` at the top, when
present, says what computed them. :func:`write_folder` writes such a folder, whole or not at all;
the energies that adatom ships are one.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import write

from adatom.energies.check import ALLOWABLE, SiteCheck, check_folder
from adatom.energies.compute import GASES, SiteEnergies
from adatom.energies.finished.ase_file import gpaw_settings
from adatom.energies.layout import CALCULATION_FILE
from adatom.energies.settings import CalculationSettings
from adatom.energies.store import Record
from adatom.errors import AdatomError, EnergyTableError


@dataclass(frozen=True)
class Calculation:
    """What computed the energies of a folder, as its ``calculation.json`` says."""

    engine: str = ""
    description: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    citations: tuple[str, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Site -> what a reader of its energies must know."""

    @property
    def declared(self) -> CalculationSettings | None:
        """Settings of every file beside it that does not record its own; None without engine."""
        if not self.engine:
            return None
        if self.engine.startswith("gpaw"):
            return gpaw_settings(self.settings)
        functional = self.settings.get("functional")
        return CalculationSettings(
            code=self.engine, functional=functional if isinstance(functional, str) else None
        )


@dataclass(frozen=True)
class FolderSite:
    """Electronic energies of one site read from files."""

    label: str
    energies_eV: Mapping[str, float]
    """State (``*`` the bare site) -> energy."""
    gases_eV: Mapping[str, float]
    structures: Mapping[str, Atoms]
    files: Mapping[str, str]
    calculation: Calculation = field(default_factory=Calculation)
    ignored: tuple[str, ...] = ()
    """Files whose names are no state."""
    cautions: tuple[str, ...] = ()
    """Allowed differences, settings that could not be compared, adsorbates that left the metal,
    forces left."""


def read_folder(
    folder: Path, *, adsorbates: tuple[str, ...], allow: Sequence[str] = ()
) -> list[FolderSite]:
    """Read every site of a folder.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file: unreadable, unfinished, no
    energy, an adsorbate that is not the bare site plus its atoms, another cell, another setting
    (unless ``allow`` names it), a missing gas reference.
    """
    calculation = read_calculation(folder)
    checks = check_folder(folder, adsorbates=adsorbates, allow=allow, declared=calculation.declared)
    return [_site(check, folder, calculation) for check in checks]


def _site(check: SiteCheck, folder: Path, calculation: Calculation) -> FolderSite:
    require_consistent([check], folder)
    cautions = [f"difference allowed by --allow {p.name}: {p.text}" for p in check.problems]
    if check.unknown:
        cautions.append(f"not recorded in the files, so not compared: {', '.join(check.unknown)}")
    energies = {s: c.energy_eV for s, c in check.calculations.items()}
    return FolderSite(
        label=check.label,
        energies_eV={s: e for s, e in energies.items() if s not in GASES},
        gases_eV={gas: energies[gas] for gas in GASES},
        structures={s: c.atoms for s, c in check.calculations.items() if s not in GASES},
        files=check.files,
        calculation=calculation,
        ignored=check.ignored,
        cautions=(*cautions, *check.cautions),
    )


def require_consistent(checks: Sequence[SiteCheck], folder: Path) -> None:
    """Raise :class:`~adatom.errors.EnergyTableError` with the first problem not allowed."""
    refused = [problem for check in checks for problem in check.refused]
    if not refused:
        return
    first = refused[0]
    text = first.text if str(folder) in first.text else f"{folder}: {first.text}"
    if first.name in ALLOWABLE:
        text += f"; not subtracted: recompute with one setting, or --allow {first.name}"
    if len(refused) > 1:
        others = sorted({p.name for p in refused[1:]})
        text += f" (and {len(refused) - 1} more: {', '.join(others)}; see adatom energies check)"
    raise EnergyTableError(text)


def write_folder(
    folder: Path, results: Sequence[SiteEnergies], *, texts: Mapping[str, str] | None = None
) -> None:
    """Write computed sites as a folder that :func:`read_folder` reads back.

    Beside the structures with their energies goes ``calculation.json``: engine, settings,
    versions, and the record of every relaxation, also of those that were not the lowest;
    ``texts`` are further files by name.
    Raises :class:`~adatom.errors.AdatomError` if the folder exists already.
    """
    require_absent(folder)
    chosen = results[0].engine
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for gas, (_, atoms) in results[0].gases.items():
            _write_state(atoms, scratch / f"{gas}.extxyz")
        for result in results:
            home = scratch / str(result.site)
            home.mkdir()
            _write_state(result.bare[1], home / "clean.extxyz")
            for adsorbate, (_, atoms) in result.lowest.items():
                _write_state(atoms, home / f"{adsorbate.lstrip('*')}.extxyz")
        content = {
            "engine": chosen.name,
            "description": chosen.description,
            "settings": chosen.settings,
            "versions": chosen.versions,
            "citations": chosen.citations,
            "notes": {str(r.site): r.notes for r in results},
            "records": {
                str(r.site): [
                    _record_dict(record)
                    for record in (*r.records, *(o for o, _ in r.others), *r.prerelaxed)
                ]
                for r in results
            },
        }
        (scratch / CALCULATION_FILE).write_text(json.dumps(content, indent=1) + "\n")
        for name, text in (texts or {}).items():
            (scratch / name).write_text(text)
        scratch.chmod(0o755)
        scratch.rename(folder)
    except OSError as error:
        shutil.rmtree(scratch, ignore_errors=True)
        raise AdatomError(f"{folder} cannot be written: {error.strerror}") from error


def require_absent(folder: Path) -> None:
    """Raise :class:`~adatom.errors.AdatomError` unless ``folder`` can be created."""
    if folder.exists():
        raise AdatomError(f"{folder} exists already; name another --folder, or remove it")
    if not folder.parent.is_dir():
        raise AdatomError(f"folder {folder.parent} for {folder.name} does not exist; create it")


def _record_dict(record: Record) -> dict[str, Any]:
    shared = {"subject", "settings", "versions"}
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in asdict(record).items()
        if name not in shared
    }


def read_calculation(folder: Path) -> Calculation:
    """What ``calculation.json`` says; empty without one, an error when it cannot be used."""
    path = folder / CALCULATION_FILE
    if not path.is_file():
        return Calculation()
    try:
        data = json.loads(path.read_text())
    except ValueError as error:
        raise EnergyTableError(f"{path}: not JSON: {error}") from error
    expected: dict[str, type] = {
        "engine": str, "description": str, "settings": dict, "versions": dict,
        "citations": list, "notes": dict,
    }  # fmt: skip
    if not isinstance(data, dict):
        raise EnergyTableError(f"{path}: expected an object with {', '.join(expected)}")
    for name, kind in expected.items():
        if not isinstance(data.setdefault(name, kind()), kind):
            raise EnergyTableError(f"{path}: '{name}' must be a JSON {kind.__name__}")
    for site, notes in data["notes"].items():
        if not isinstance(notes, list):
            raise EnergyTableError(f"{path}: the notes of '{site}' must be a JSON list")
    return Calculation(
        engine=data["engine"],
        description=data["description"],
        settings=data["settings"],
        versions={str(k): str(v) for k, v in data["versions"].items()},
        citations=tuple(str(c) for c in data["citations"]),
        notes={k: tuple(str(n) for n in v) for k, v in data["notes"].items()},
    )


def _write_state(atoms: Atoms, path: Path) -> None:
    copy = atoms.copy()
    copy.calc = atoms.calc
    copy.info = {}
    write(path, copy, format="extxyz", columns=["symbols", "positions"])
