"""A folder of finished calculations, one ASE-readable file per state.

::

    FOLDER/H2.extxyz  H2O.extxyz            gas references (or inside each site's folder)
    FOLDER/FeN4@graphene/clean.extxyz  H.extxyz  O.extxyz  OH.extxyz  OOH.extxyz

A folder that holds the states itself is one site, named after the folder. Formats are chosen
by name from a fixed list; nothing is unpickled. ``calculation.json`` at the top, when present,
says what computed them. :func:`write_folder` writes such a folder, whole or not at all; the
energies that adatom ships are one.
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
from ase.build import molecule
from ase.io import read, write

from adatom.energies.compute import GASES, SiteEnergies
from adatom.energies.store import Record
from adatom.errors import AdatomError, EnergyTableError
from adatom.species import parse_species

_BARE_NAMES = {"clean", "bare", "*"}
_FORMATS = {
    ".extxyz": "extxyz",
    ".json": "json",
    ".traj": "traj",
    ".outcar": "vasp-out",
    ".xml": "vasp-xml",
    ".pwo": "espresso-out",
}
MAX_BYTES = 500_000_000
"""Larger files are refused unread."""
CELL_TOLERANCE_A = 1e-3
CALCULATION_FILE = "calculation.json"


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


def read_folder(folder: Path, *, adsorbates: tuple[str, ...]) -> list[FolderSite]:
    """Read every site of a folder.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file: unreadable, no energy, an
    adsorbate that is not the bare site plus its atoms, another cell, another calculator, a
    missing gas reference.
    """
    states = {s.lstrip("*").lower(): s for s in adsorbates}
    inside = sorted(p for p in folder.iterdir() if p.is_dir())
    homes = [p for p in inside if any(_stem(f) in _BARE_NAMES for f in p.iterdir())]
    lost = [p for p in inside if p not in homes and any(_stem(f) in states for f in p.iterdir())]
    if lost:
        raise EnergyTableError(f"{lost[0]}: adsorbates but no clean.* (the bare site); add it")
    if any(_stem(f) in _BARE_NAMES for f in folder.iterdir() if f.is_file()):
        homes = [folder]
    if not homes:
        raise EnergyTableError(
            f"{folder}: no bare site found; expected SITE/clean.extxyz (or .json, .traj, .xml,"
            " .outcar, .pwo) beside SITE/OH.extxyz ..., and H2, H2O"
        )
    return [_site(home, folder, states) for home in homes]


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
                    _record_dict(record) for record in (*r.records, *r.others, *r.prerelaxed)
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


def _read_calculation(folder: Path) -> Calculation:
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


def _stem(path: Path) -> str:
    return path.stem.lstrip("*").lower() if path.stem != "*" else "*"


def _format(path: Path) -> str | None:
    return _FORMATS.get(path.suffix.lower())


def _site(home: Path, root: Path, states: dict[str, str]) -> FolderSite:
    found: dict[str, tuple[Path, Atoms, float]] = {}
    ignored = []
    for path in sorted(p for p in home.iterdir() if p.is_file()):
        if path.name == CALCULATION_FILE:
            continue
        stem = _stem(path)
        state = "*" if stem in _BARE_NAMES else states.get(stem)
        if state is None and path.stem in GASES:
            state = path.stem
        if state is None or _format(path) is None:
            ignored.append(path.name)
            continue
        if state in found:
            raise EnergyTableError(f"{path}: {state} is also in {found[state][0].name}; keep one")
        found[state] = (path, *_read(path))
    for gas in GASES:
        if gas not in found:
            found[gas] = _gas(gas, home, root)
    bare_path, bare, _ = found["*"]
    for state, (path, atoms, _) in found.items():
        if state in states.values():
            _check_same_system(state, path, atoms, bare_path, bare)
    for gas in GASES:
        path, atoms, _ = found[gas]
        if sorted(atoms.get_chemical_symbols()) != sorted(molecule(gas).get_chemical_symbols()):
            raise EnergyTableError(f"{path}: holds {atoms.get_chemical_formula()}, not {gas}")
    _check_same_calculator({s: a for s, (_, a, _) in found.items()}, found)
    energies = {s: e for s, (_, _, e) in found.items() if s.startswith("*")}
    return FolderSite(
        label=home.resolve().name,
        energies_eV=energies,
        gases_eV={gas: found[gas][2] for gas in GASES},
        structures={s: a for s, (_, a, _) in found.items() if s.startswith("*")},
        files={s: str(p.relative_to(root)) for s, (p, _, _) in found.items()},
        calculation=_read_calculation(root),
        ignored=tuple(ignored),
    )


def _gas(gas: str, home: Path, root: Path) -> tuple[Path, Atoms, float]:
    for place in (home, root):
        for path in sorted(place.glob(f"{gas}.*")):
            if _format(path) is not None:
                return (path, *_read(path))
    raise EnergyTableError(
        f"{home}: the gas reference {gas} is missing; put {gas}.extxyz, computed with the same"
        f" settings, into {home} or {root}"
    )


def _read(path: Path) -> tuple[Atoms, float]:
    if path.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        atoms = read(path, index=-1, format=_format(path))
    except Exception as error:  # readers of foreign formats raise anything
        raise EnergyTableError(f"{path}: cannot be read as {_format(path)}: {error}") from error
    if not isinstance(atoms, Atoms) or atoms.calc is None:
        raise EnergyTableError(f"{path}: holds no energy; give the last step of a finished run")
    try:
        energy = float(atoms.get_potential_energy())
    except Exception as error:
        raise EnergyTableError(f"{path}: holds no energy ({error})") from error
    if not np.isfinite(energy):
        raise EnergyTableError(f"{path}: its energy is {energy}")
    return atoms, energy


def _check_same_system(state: str, path: Path, atoms: Atoms, bare_path: Path, bare: Atoms) -> None:
    difference: dict[str, int] = {}
    for symbol in atoms.get_chemical_symbols():
        difference[symbol] = difference.get(symbol, 0) + 1
    for symbol in bare.get_chemical_symbols():
        difference[symbol] = difference.get(symbol, 0) - 1
    found = {s: n for s, n in difference.items() if n}
    expected = dict(parse_species(state).atoms)
    if found != expected:
        raise EnergyTableError(
            f"{path}: holds {atoms.get_chemical_formula()}, which is not"
            f" {bare.get_chemical_formula()} ({bare_path.name}) plus {state}"
        )
    if not np.allclose(atoms.cell[:], bare.cell[:], atol=CELL_TOLERANCE_A):
        raise EnergyTableError(f"{path}: its cell differs from that of {bare_path.name}")


def _check_same_calculator(
    structures: Mapping[str, Atoms], found: Mapping[str, tuple[Path, Atoms, float]]
) -> None:
    names = {s: str(getattr(a.calc, "name", "unknown")) for s, a in structures.items()}
    first = names["*"]
    for state, name in names.items():
        if name != first:
            raise EnergyTableError(
                f"{found[state][0]}: computed with {name}, the bare site with {first};"
                " energies of different calculators are not subtracted"
            )
