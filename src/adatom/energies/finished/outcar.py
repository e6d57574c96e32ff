"""A VASP OUTCAR: last structure, energy, forces and settings, in one pass over its lines."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from ase.data import chemical_symbols
from ase.io import read

from adatom.energies.finished.calculation import (
    FinishedCalculation,
    text_lines,
    unfinished,
    with_results,
)
from adatom.energies.finished.vasp import (
    NELM_DEFAULT,
    numbers,
    parse_incar,
    potcar_exchange,
    vasp_settings,
)
from adatom.errors import EnergyTableError

_TAG = re.compile(r"\b([A-Z][A-Z_]*)\s*=\s*([^;=\s]+)")
_NINE_DIGITS = re.compile(r"-?\d+\.\d{9}")
_ITERATION = re.compile(r"Iteration\s+\d+\(\s*\d+\)")
_WHOLE_LINE = ("LDAUL", "LDAUU", "LDAUJ")
RELAXATIONS = {"1", "2", "3"}
"""Values of IBRION that relax the ions."""


def read_outcar(file: Path) -> FinishedCalculation:
    """Read an OUTCAR (or OUTCAR.gz).

    The energy is that for sigma -> 0. Raises :class:`~adatom.errors.EnergyTableError` when it
    cannot be read, or is that of an unfinished or unconverged run.
    """
    parts = _Parts()
    try:
        parts.read(text_lines(file))
        return parts.finished(file)
    except (ValueError, IndexError, KeyError) as error:
        raise EnergyTableError(f"{file}: cannot be read as a VASP OUTCAR: {error}") from error


class _Parts:
    """What a pass over the lines collects."""

    def __init__(self) -> None:
        self.is_vasp = False
        self.tags: dict[str, str] = {}
        self.potcar: list[str] = []
        self.titles: list[str] = []
        self.valences: list[float] = []
        self.exchange = ""
        self.counts: list[int] = []
        self.mesh: tuple[int, int, int] | None = None
        self.gamma: bool | None = None
        self.points = 0
        self.cell: list[list[float]] = []
        self.positions_forces: list[list[float]] = []
        self.energy: float | None = None
        self.echoed = False
        """Whether the input is repeated at its beginning, as VASP 6 does."""
        self.converged = self.relaxed = self.ended = False

    def read(self, lines: Iterator[str]) -> None:
        """Take everything from the lines, the last structure and energy prevailing."""
        header = True
        for line in lines:
            if header and _ITERATION.search(line):
                header = False
            if header:
                self._header(line, lines)
            if "Iteration" in line and _ITERATION.search(line):
                self.converged = False
            elif "aborting loop" in line:
                self.converged = "EDIFF is reached" in line
            elif "direct lattice vectors" in line and "position" not in line:
                self.cell = [_row(next(lines, "")) for _ in range(3)]
            elif line.startswith(" POSITION  ") and "TOTAL-FORCE" in line:
                next(lines, "")
                wanted = sum(self.counts)
                self.positions_forces = [
                    [float(v) for v in next(lines, "").split()[:6]] for _ in range(wanted)
                ]
            elif "energy  without entropy" in line:
                self.energy = float(line.split("=")[-1])
            elif "reached required accuracy" in line:
                self.relaxed = True
            elif "General timing and accounting" in line:
                self.ended = True
            elif line.lstrip().startswith("IVDW"):
                self.tags["IVDW"] = line.split("=")[1].strip()

    def _header(self, line: str, lines: Iterator[str]) -> None:
        text = line.strip()
        if text.startswith("vasp."):
            self.is_vasp = True
        elif text.startswith("INCAR:"):
            self.tags.clear()  # of the parallel layout, printed before
        elif text.startswith("POTCAR:"):
            self.echoed |= bool(self.tags) and not self.potcar
            self.potcar.append(text[7:].strip())
        elif text.startswith("TITEL"):
            self.titles.append(text.split("=", 1)[1].strip())
        elif text.startswith("LEXCH") and not self.exchange:
            value = text.split("=", 1)[1].split()[0]
            self.exchange = "" if value.isdigit() else value
        elif text.startswith("ZVAL"):
            self.valences = numbers(text.split("=", 1)[1])
        elif text.startswith("ions per type"):
            self.counts = [int(v) for v in text.split("=", 1)[1].split()]
        elif "generate k-points for:" in text:
            n1, n2, n3 = (int(v) for v in text.split(":", 1)[1].split()[:3])
            self.mesh = n1, n2, n3
        elif text.startswith("k-points in reciprocal lattice and weights"):
            self._points(lines)
        elif "LDA+U is selected" in text:
            self.tags |= {"LDAU": "T", "LDAUTYPE": text.split("=")[1].strip()}
        else:
            self._tags(text)

    def _points(self, lines: Iterator[str]) -> None:
        self.gamma = False
        while len(words := next(lines, "").split()) == 4:
            self.points += 1
            self.gamma |= not any(float(v) for v in words[:3])

    def _tags(self, text: str) -> None:
        for name in _WHOLE_LINE:
            if name in text and "=" in text:
                self.tags[name] = text.split("=", 1)[1].split("#", maxsplit=1)[0].strip()
                return
        for name, value in _TAG.findall(text):
            # VASP 5 prints METAGGA as a logical, VASP 6 the input with its name.
            if name != "METAGGA" or value != "F":
                self.tags[name] = value

    def finished(self, file: Path) -> FinishedCalculation:
        """The calculation, refused where it did not end well."""
        if not self.is_vasp or not self.counts:
            raise ValueError("expected 'vasp.' and 'ions per type' near its beginning")
        if not self.ended:
            raise unfinished(file, "the run was cut off (no timing at the end)")
        if self.energy is None or not self.positions_forces:
            raise unfinished(file, "no final energy")
        if not self.converged:
            nelm = self.tags.get("NELM", str(NELM_DEFAULT))
            raise unfinished(
                file, f"the last electronic loop did not reach EDIFF within NELM = {nelm} steps"
            )
        titles = (self.titles or self.potcar)[: len(self.counts)]
        species = [_element(title) for title in titles]
        symbols = [s for s, n in zip(species, self.counts, strict=True) for _ in range(n)]
        values = np.array(self.positions_forces)
        atoms = Atoms(symbols, positions=values[:, :3], cell=self.cell, pbc=True)
        atoms.set_constraint(_constraints(file, len(atoms)))
        incar = file.with_name("INCAR")
        beside = incar.is_file() and incar.stat().st_size < 10_000_000
        if beside and not self.echoed:
            self.tags = parse_incar(incar.read_text(errors="replace")) | self.tags
        electrons = self.tags.get("NELECT")
        charge = None
        if electrons is not None and len(self.valences) == len(self.counts):
            charge = float(np.dot(self.valences, self.counts)) - float(electrons)
        if self.mesh is None and self.points == 1 and self.gamma:
            self.mesh = (1, 1, 1)
        settings = vasp_settings(
            self.tags, species=species, pseudopotentials=titles,
            exchange=self.exchange or potcar_exchange(titles[0]),
            kpoints=self.mesh, kpoints_gamma=self.gamma, charge_e=charge,
            all_tags=self.echoed or beside,
        )  # fmt: skip
        notes: tuple[str, ...] = ()
        relaxes = self.tags.get("IBRION") in RELAXATIONS and int(self.tags.get("NSW", "0")) > 1
        if relaxes and not self.relaxed:
            notes = (f"relaxation stopped by NSW = {self.tags['NSW']} before it reached EDIFFG",)
        with_results(atoms, self.energy, values[:, 3:])
        return FinishedCalculation(file, atoms, self.energy, settings, notes)


def _row(line: str) -> list[float]:
    """Three numbers of nine decimals, which may touch."""
    found = [float(v) for v in _NINE_DIGITS.findall(line)[:3]]
    if len(found) != 3:
        raise ValueError(f"a lattice vector is '{line.strip()}'")
    return found


def _element(title: str) -> str:
    """Element of a pseudopotential such as ``PAW_PBE Fe_pv 02Aug2007``."""
    words = title.split()
    symbol = re.split(r"[_.]", words[1] if len(words) > 1 else words[0])[0]
    if symbol not in chemical_symbols:
        raise ValueError(f"no element in the pseudopotential's name '{title}'")
    return symbol


def _constraints(file: Path, count: int) -> list[FixAtoms]:
    """Fixed atoms of the CONTCAR or POSCAR beside it; an OUTCAR does not name them."""
    for name in ("CONTCAR", "POSCAR"):
        beside = file.with_name(name)
        if beside.is_file() and 0 < beside.stat().st_size < 10_000_000:
            try:
                atoms = read(beside, format="vasp")
            except Exception:  # only constraints are lost
                continue
            if isinstance(atoms, Atoms) and len(atoms) == count:
                return [c for c in atoms.constraints if isinstance(c, FixAtoms)]
    return []
