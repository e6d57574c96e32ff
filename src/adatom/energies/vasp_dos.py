"""d states of chosen atoms from VASP's DOSCAR or vasprun.xml, read line by line."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from adatom.energies.dband import DStates, states_from_density
from adatom.errors import AdatomError, EnergyTableError

MAX_BYTES = 2_000_000_000
"""Larger files are refused unread."""
MAX_ENERGIES = 100_000

# Columns after the energy -> (spins, columns that are d within one spin). By l: s p d (f); by lm:
# s, 3 p, 5 d (7 f). Spins alternate.
_LAYOUTS: dict[int, tuple[int, slice]] = {
    3: (1, slice(2, 3)), 4: (1, slice(2, 3)), 9: (1, slice(4, 9)), 16: (1, slice(4, 9)),
    6: (2, slice(2, 3)), 8: (2, slice(2, 3)), 18: (2, slice(4, 9)), 32: (2, slice(4, 9)),
}  # fmt: skip
_HINT = "run with LORBIT = 11"


def read_doscar(path: Path, atoms: Sequence[int], natoms: int) -> tuple[DStates, ...]:
    """d states of ``atoms`` (counted from 0) from a DOSCAR of ``natoms`` atoms.

    Raises :class:`~adatom.errors.EnergyTableError` naming file and line: projections missing,
    another number of atoms, cut short, not a number.
    """
    _require_size(path)
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = ((n, line) for n, line in enumerate(file, start=1))
        head = [line for _, line in islice(lines, 6)]
        try:
            found, count = int(head[0].split()[0]), int(head[5].split()[2])
            fermi = float(head[5].split()[3])
        except (IndexError, ValueError):
            raise EnergyTableError(f"{path}: not a DOSCAR (its first six lines)") from None
        if found != natoms:
            raise EnergyTableError(f"{path}: of {found} atoms, the structure has {natoms}")
        if not 2 <= count <= MAX_ENERGIES:
            raise EnergyTableError(f"{path}: {count} energies; expected 2 to {MAX_ENERGIES}")
        for _ in islice(lines, count):  # the total density of states
            pass
        wanted = {}
        for atom in range(max(atoms, default=-1) + 1):
            header = next(lines, None)
            if header is None:
                raise EnergyTableError(
                    f"{path}: no projected density of states of atom {atom}; {_HINT}"
                )
            if atom in atoms:
                wanted[atom] = _doscar_block(path, lines, count)
            else:
                for _ in islice(lines, count):
                    pass
    return tuple(_states(path, atom, wanted[atom], fermi) for atom in atoms)


def _doscar_block(path: Path, lines: Iterator[tuple[int, str]], count: int) -> np.ndarray:
    rows: list[list[float]] = []
    for number, line in islice(lines, count):
        try:
            row = [float(part) for part in line.split()]
        except ValueError:
            raise EnergyTableError(f"{path}, line {number}: expected numbers") from None
        if rows and len(row) != len(rows[0]):
            raise EnergyTableError(
                f"{path}, line {number}: {len(row)} columns, expected {len(rows[0])}"
            )
        rows.append(row)
    if len(rows) != count:
        raise EnergyTableError(f"{path}: cut short; expected {count} energies an atom")
    return np.array(rows)


def _states(path: Path, atom: int, table: np.ndarray, fermi: float) -> DStates:
    layout = _LAYOUTS.get(table.shape[1] - 1)
    if layout is None:
        raise EnergyTableError(
            f"{path}: {table.shape[1]} columns an atom are no collinear projection onto s, p, d;"
            f" {_HINT}"
        )
    spins, columns = layout
    density = np.stack([table[:, 1 + s :: spins][:, columns].sum(axis=1) for s in range(spins)])
    return _checked(path, atom, table[:, 0] - fermi, density)


def _checked(path: Path, atom: int, energies: np.ndarray, density: np.ndarray) -> DStates:
    if not (np.isfinite(energies).all() and np.isfinite(density).all()):
        raise EnergyTableError(f"{path}: the density of states of atom {atom} is not finite")
    try:
        return states_from_density(atom, energies, density)
    except AdatomError as error:
        raise EnergyTableError(f"{path}, atom {atom}: {error}") from error


def read_vasprun_dos(path: Path, atoms: Sequence[int]) -> tuple[DStates, ...]:
    """d states of ``atoms`` (counted from 0) from the partial density of a vasprun.xml.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file: not XML, cut short, no
    projections, spin-orbit coupling.
    """
    _require_size(path)
    rows: dict[tuple[int, int], list[list[float]]] = {}
    fields: list[str] = []
    fermi: float | None = None
    try:
        for kind, atom, spin, text in _vasprun_items(path):
            if kind == "efermi":
                fermi = float(text)
            elif kind == "field":
                fields.append(text.strip())
            elif atom in atoms:
                rows.setdefault((atom, spin), []).append([float(part) for part in text.split()])
    except (ElementTree.ParseError, ValueError, IndexError) as error:
        raise EnergyTableError(f"{path}: not a complete vasprun.xml ({error})") from error
    columns = [n for n, name in enumerate(fields) if name.startswith("d") or name == "x2-y2"]
    if fermi is None or not columns or any((a, 0) not in rows for a in atoms):
        raise EnergyTableError(f"{path}: no projected density of d states; {_HINT}")
    spins = 1 + max(s for _, s in rows)
    if spins > 2:
        raise EnergyTableError(f"{path}: spin-orbit coupling; only collinear spins are read")
    states = []
    for a in atoms:
        try:
            tables = np.array([rows[a, s] for s in range(spins)], dtype=float)
            density = tables[:, :, columns].sum(axis=2)
        except (KeyError, ValueError, IndexError) as error:
            raise EnergyTableError(f"{path}: the density of atom {a} is incomplete") from error
        states.append(_checked(path, a, tables[0, :, 0] - fermi, density))
    return tuple(states)


def _vasprun_items(path: Path) -> Iterator[tuple[str, int, int, str]]:
    """Fermi level, names of the fields, and rows (with atom and spin) of the partial density.

    Elements are dropped as they close, so that memory does not grow with the file.
    """
    place: list[str] = []
    atom, spin = -1, -1
    for event, node in ElementTree.iterparse(path, events=("start", "end")):
        if event == "start":
            place.append(node.tag)
            words = node.get("comment", "").split()
            if node.tag == "set" and words[:1] == ["ion"]:
                atom = int(words[1]) - 1
            elif node.tag == "set" and words[:1] == ["spin"]:
                spin = int(words[1]) - 1
            continue
        place.pop()
        if node.tag == "i" and node.get("name") == "efermi":
            yield "efermi", -1, -1, node.text or ""
        elif node.tag in ("field", "r") and "partial" in place and "dos" in place:
            yield node.tag, atom, spin, node.text or ""
        if node.tag != "field":
            node.clear()


def _require_size(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
