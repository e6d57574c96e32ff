"""A vasprun.xml: last structure, energy, forces and settings, element by element."""

from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from ase.units import bar

from adatom.energies.finished.calculation import (
    FinishedCalculation,
    open_bounded,
    unfinished,
    with_results,
)
from adatom.energies.finished.outcar import RELAXATIONS
from adatom.energies.finished.vasp import NELM_DEFAULT, potcar_exchange, vasp_settings
from adatom.errors import EnergyTableError

_LARGE = {"eigenvalues", "dos", "projected", "dielectricfunction", "primitive_cell"}


def read_vasprun(file: Path) -> FinishedCalculation:
    """Read a vasprun.xml (or vasprun.xml.gz).

    The energy is that for sigma -> 0. Raises :class:`~adatom.errors.EnergyTableError` when it
    cannot be read, or is that of an unfinished or unconverged run.
    """
    parts = _Parts()
    try:
        with open_bounded(file) as stream:
            parts.read(stream)
    except ElementTree.ParseError as error:
        if parts.root != "modeling":
            raise EnergyTableError(
                f"{file}: cannot be read as a VASP vasprun.xml: {error}"
            ) from error
        raise unfinished(file, f"the run was cut off ({error})") from error
    except (ValueError, IndexError, AttributeError) as error:
        raise EnergyTableError(f"{file}: cannot be read as a VASP vasprun.xml: {error}") from error
    try:
        return parts.finished(file)
    except (ValueError, IndexError) as error:
        raise EnergyTableError(f"{file}: cannot be read as a VASP vasprun.xml: {error}") from error


class _Parts:
    """What a pass over the elements collects; each is dropped as soon as it is used."""

    def __init__(self) -> None:
        self.root = ""
        self.tags: dict[str, str] = {}
        self.incar: dict[str, str] = {}
        self.mesh: tuple[int, int, int] | None = None
        self.gamma: bool | None = None
        self.symbols: list[str] = []
        self.types: list[tuple[int, str, float, str]] = []
        self.fixed: list[int] = []
        self.ionic_steps = self.electronic_steps = self.last_loop = 0
        self.smearing_shift: float | None = None
        self.free_energy: float | None = None
        self.cell: np.ndarray | None = None
        self.fractions: np.ndarray | None = None
        self.forces: np.ndarray | None = None

    def read(self, stream: IO[bytes]) -> None:
        """Take everything from the stream, the last ionic step prevailing."""
        events = ElementTree.iterparse(stream, events=("start", "end"))
        inside_calculation = False
        for event, element in events:
            if event == "start":
                self.root = self.root or element.tag
                inside_calculation |= element.tag == "calculation"
                continue
            if element.tag == "incar":
                self.incar = _tags(element)
            elif element.tag == "parameters":
                self.tags = _tags(element)
            elif element.tag == "kpoints" and not inside_calculation:
                self._kpoints(element)
            elif element.tag == "atominfo":
                self._atoms(element)
            elif element.tag == "structure" and not inside_calculation:
                self._structure(element)
            elif element.tag == "scstep":
                self._electronic_step(element)
            elif element.tag == "calculation":
                self._ionic_step(element)
                inside_calculation = False
            elif element.tag not in _LARGE and not (inside_calculation and element.tag == "set"):
                continue
            element.clear()

    def _kpoints(self, element: ElementTree.Element) -> None:
        points = _rows(element.find("varray[@name='kpointlist']"))
        if points is not None:
            self.gamma = bool((np.abs(points) < 1e-6).all(axis=1).any())
            if len(points) == 1 and self.gamma:
                self.mesh = (1, 1, 1)
        divisions = element.find("generation/v[@name='divisions']")
        if divisions is not None:
            n1, n2, n3 = (int(v) for v in (divisions.text or "").split())
            self.mesh = n1, n2, n3

    def _atoms(self, element: ElementTree.Element) -> None:
        for row in element.iterfind("array[@name='atoms']/set/rc"):
            self.symbols.append((row[0].text or "").strip())
        for row in element.iterfind("array[@name='atomtypes']/set/rc"):
            count, symbol, _, valence, title = ((c.text or "").strip() for c in row)
            self.types.append((int(count), symbol, float(valence), title))

    def _structure(self, element: ElementTree.Element) -> None:
        cell = _rows(element.find("crystal/varray[@name='basis']"))
        fractions = _rows(element.find("varray[@name='positions']"))
        if cell is not None and fractions is not None:
            self.cell, self.fractions = cell, fractions
        selective = element.find("varray[@name='selective']")
        if selective is not None:
            rows = [(v.text or "").split() for v in selective]
            self.fixed = [i for i, row in enumerate(rows) if all(w == "F" for w in row)]

    def _electronic_step(self, element: ElementTree.Element) -> None:
        self.electronic_steps += 1
        free, zero = _energy(element, "e_fr_energy"), _energy(element, "e_0_energy")
        if free is not None and zero is not None:
            self.smearing_shift = zero - free

    def _ionic_step(self, element: ElementTree.Element) -> None:
        self.ionic_steps += 1
        self.last_loop, self.electronic_steps = self.electronic_steps, 0
        self.free_energy = _energy(element, "e_fr_energy")
        structure = element.find("structure")
        if structure is not None:
            self._structure(structure)
        self.forces = _rows(element.find("varray[@name='forces']"))

    def finished(self, file: Path) -> FinishedCalculation:
        """The calculation, refused where it did not end well."""
        tags = {**self.tags, **self.incar}
        if self.root != "modeling" or not self.types or self.cell is None:
            raise ValueError("expected <modeling> with <atominfo> and a structure")
        if self.free_energy is None or self.smearing_shift is None:
            raise unfinished(file, "no final energy")
        nelm = int(self.tags.get("NELM") or tags.get("NELM") or NELM_DEFAULT)
        if self.last_loop >= nelm:
            raise unfinished(file, f"the last electronic loop took all NELM = {nelm} steps")
        # The last loop alone has the right difference: the summary repeats e_fr_energy (VASP 5).
        energy = self.free_energy + self.smearing_shift - self._pressure_volume()
        atoms = Atoms(self.symbols, cell=self.cell, scaled_positions=self.fractions, pbc=True)
        if self.fixed:
            atoms.set_constraint(FixAtoms(self.fixed))
        electrons = self.tags.get("NELECT")
        charge = None
        if electrons is not None:
            charge = sum(n * valence for n, _, valence, _ in self.types) - float(electrons)
        settings = vasp_settings(
            tags,
            species=[symbol for _, symbol, _, _ in self.types],
            pseudopotentials=[title for *_, title in self.types],
            exchange=potcar_exchange(self.types[0][3]),
            kpoints=self.mesh, kpoints_gamma=self.gamma, charge_e=charge,
        )  # fmt: skip
        notes: tuple[str, ...] = ()
        steps = int(tags.get("NSW", "0"))
        if tags.get("IBRION") in RELAXATIONS and 1 < steps <= self.ionic_steps:
            notes = (f"relaxation took all NSW = {steps} steps: it may not have converged",)
        with_results(atoms, energy, self.forces)
        return FinishedCalculation(file, atoms, energy, settings, notes)

    def _pressure_volume(self) -> float:
        """Work of a PSTRESS, eV: the last energy of an ionic step is an enthalpy."""
        pressure_kbar = float(self.tags.get("PSTRESS", "0").split()[0])
        assert self.cell is not None
        return pressure_kbar * 1000.0 * bar * abs(float(np.linalg.det(self.cell)))


def _tags(element: ElementTree.Element) -> dict[str, str]:
    return {
        item.get("name", "").upper(): (item.text or "").strip()
        for item in element.iter()
        if item.tag in ("i", "v") and item.get("name")
    }


def _rows(element: ElementTree.Element | None) -> np.ndarray | None:
    if element is None:
        return None
    return np.array([[float(v) for v in (row.text or "").split()] for row in element])


def _energy(element: ElementTree.Element, name: str) -> float | None:
    found = element.find(f"energy/i[@name='{name}']")
    return None if found is None or not found.text else float(found.text)
