"""A Quantum ESPRESSO pw.x output: structure and energy by ASE, settings from its lines."""

import re
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.io import read
from ase.units import Ry

from adatom.energies.finished.calculation import FinishedCalculation, text_lines, unfinished
from adatom.energies.settings import PLANE_WAVES, CalculationSettings
from adatom.errors import EnergyTableError

MAX_BYTES = 100_000_000
"""Larger outputs are refused: ASE reads them into memory as a whole."""
_U_OLD = re.compile(r"^(\w+)\s+(\d)\s+(-?\d+\.\d+)\s+-?\d+\.\d+\s+-?\d+\.\d+\s+-?\d+\.\d+$")
_U_NEW = re.compile(r"^U\((\w+)-(\d[spdf])\)\s*=\s*(-?\d+\.\d+)")
_POINT = re.compile(r"k\(\s*\d+\)\s*=\s*\(([^)]*)\)\s*,\s*wk\s*=\s*(\S+)")
_AXIS = re.compile(r"^b\([123]\)\s*=\s*\(([^)]*)\)")
_XC = {"SLA PW PBX PBC": "PBE", "SLA PW PSX PSC": "PBESOL", "SLA PZ NOGX NOGC": "PZ"}


def read_espresso(file: Path) -> FinishedCalculation:
    """Read the standard output of pw.x.

    The energy is the line ``!  total energy`` (the free energy of the electrons where there is
    smearing). Raises :class:`~adatom.errors.EnergyTableError` when it cannot be read, or is that
    of an unfinished or unconverged run.
    """
    if file.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB")
    parts = _Parts()
    try:
        for line in text_lines(file):
            parts.take(line.strip())
    except (ValueError, IndexError) as error:
        raise EnergyTableError(f"{file}: cannot be read as a pw.x output: {error}") from error
    if not parts.is_pw:
        raise EnergyTableError(f"{file}: cannot be read as a pw.x output: no 'Program PWSCF'")
    if parts.unconverged:
        raise unfinished(file, "convergence NOT achieved in its last electronic loop")
    if not parts.has_energy:
        raise unfinished(file, "no final energy")
    if not parts.ended:
        raise unfinished(file, "the run was cut off (no JOB DONE)")
    try:
        atoms = read(file, index=-1, format="espresso-out")
        assert isinstance(atoms, Atoms)
        energy = float(atoms.get_potential_energy())
        settings = parts.settings(atoms)
    except Exception as error:  # readers of foreign formats raise anything
        raise EnergyTableError(f"{file}: cannot be read as a pw.x output: {error}") from error
    notes = ("relaxation stopped at its largest number of steps",) if parts.out_of_steps else ()
    return FinishedCalculation(file, atoms, energy, settings, notes)


class _Parts:
    """What a pass over the lines collects."""

    def __init__(self) -> None:
        self.is_pw = self.has_energy = self.ended = self.unconverged = self.out_of_steps = False
        self.functional: str | None = None
        self.cutoff: float | None = None
        self.smearing = "fixed occupations"
        self.spin = False
        self.u: dict[str, float] = {}
        self.shells: set[str] = set()
        self.plus_u = self.extended_u = False
        self.dispersion = "none"
        self.dipole = "none"
        self.solvation = "none"
        self.pseudopotentials: dict[str, str] = {}
        self.valence: dict[str, float] = {}
        self.electrons: float | None = None
        self.axes: list[list[float]] = []
        self.points: list[list[float]] = []
        self.weights: list[float] = []
        self.counting = False
        self._species_table = False
        self._pseudo_of = ""

    def take(self, line: str) -> None:
        """Take what one line says."""
        self._progress(line)
        if self.has_energy:
            return
        if self._pseudo_of and line:
            self.pseudopotentials[self._pseudo_of] = line.rsplit("/", 1)[-1]
            self._pseudo_of = ""
        elif line.startswith("PseudoPot. #"):
            self._pseudo_of = _element(line.split(" for ")[1].split(maxsplit=1)[0])
        elif line.startswith("kinetic-energy cutoff"):
            self.cutoff = float(line.split("=")[1].split(maxsplit=1)[0]) * Ry
        elif line.startswith("Exchange-correlation"):
            name = line.split("=")[1].split("(", maxsplit=1)[0].strip()
            self.functional = _XC.get(" ".join(name.split()), name)
        elif line.startswith("number of electrons"):
            self.electrons = float(line.split("=")[1].split(maxsplit=1)[0])
        elif line.startswith("atomic species") and "valence" in line:
            self._species_table = True
        elif self._species_table:
            self._species(line)
        elif line.startswith("Starting magnetic structure"):
            self.spin = True
        elif line.startswith("number of k points="):
            if "smearing" in line:
                kind, _, width = line.partition(" smearing, width (Ry)=")
                kind = " ".join(kind.split()[5:])
                self.smearing = f"{kind} {float(width.split()[-1]) * Ry:.4g} eV"
        else:
            self._axes_points(line)
            self._corrections(line)

    def _progress(self, line: str) -> None:
        if line.startswith("Program PWSCF"):
            self.is_pw = True
        elif line.startswith("!") and "total energy" in line:
            self.has_energy, self.unconverged = True, False
        elif line.startswith("convergence NOT achieved"):
            self.unconverged = True
        elif line.startswith("JOB DONE"):
            self.ended = True
        elif line.startswith("The maximum number of steps has been reached"):
            self.out_of_steps = True
        # These appear with the first energy.
        elif line.startswith("total magnetization"):
            self.spin = True
        elif line.startswith("DFT-D3"):
            self.dispersion = "D3"
        elif line.startswith("Dispersion XDM"):
            self.dispersion = "XDM"
        elif line.startswith("Dispersion T-S") or line.startswith("Dispersion MBD"):
            self.dispersion = line.split()[1]
        elif line.startswith("Dispersion Correction"):
            self.dispersion = "D2"

    def _species(self, line: str) -> None:
        words = line.split()
        if len(words) < 4:
            self._species_table = False
            return
        self.valence[_element(words[0])] = float(words[1])

    def _axes_points(self, line: str) -> None:
        if match := _AXIS.match(line):
            self.axes.append([float(v) for v in match[1].split()])
        elif "cart. coord. in units 2pi/alat" in line:
            self.counting = True
        elif match := _POINT.search(line):
            if self.counting:
                self.points.append([float(v) for v in match[1].split()])
                self.weights.append(float(match[2]))
        elif self.points:
            self.counting = False

    def _corrections(self, line: str) -> None:
        if "LDA+U calculation" in line or line.startswith("Hubbard parameters of DFT+U"):
            self.plus_u = True
            self.extended_u = "Dudarev" not in line and "Simplified" not in line
        elif self.plus_u and (match := _U_OLD.match(line) or _U_NEW.match(line)):
            element = _element(match[1])
            self.u[element] = float(match[3])
            shell = match[2] if match[2][-1].isalpha() else "spdf"[int(match[2])]
            self.shells.add(f"{match[1]} {shell[-1]}")
        elif "dipole correction" in line.lower() or line.startswith("Adding external electric"):
            self.dipole = "on"
        elif line.startswith("Environ Module"):
            self.solvation = "Environ"

    def settings(self, atoms: Atoms) -> CalculationSettings:
        """The settings, by element for those of ``atoms``."""
        symbols = atoms.get_chemical_symbols()
        charge = None
        if self.electrons is not None and set(symbols) <= set(self.valence):
            charge = sum(self.valence[s] for s in symbols) - self.electrons
        mesh = self._mesh()
        scheme = "not Dudarev" if self.extended_u else "Dudarev"
        return CalculationSettings(
            code="Quantum ESPRESSO",
            functional=self.functional,
            hubbard_u_eV={s: self.u.get(s, 0.0) for s in dict.fromkeys(symbols)},
            hubbard_scheme=f"{scheme}: {', '.join(sorted(self.shells))}" if self.plus_u else "",
            cutoff_eV=self.cutoff,
            basis=PLANE_WAVES,
            kpoints=mesh,
            kpoints_gamma=None if mesh is None else True,
            spin_polarised=self.spin,
            dispersion=self.dispersion,
            smearing=self.smearing,
            pseudopotentials=self.pseudopotentials or None,
            charge_e=charge,
            solvation=self.solvation,
            dipole_correction=self.dipole,
        )

    def _mesh(self) -> tuple[int, int, int] | None:
        """Divisions of a mesh that holds Gamma, from the points that symmetry left."""
        if len(self.axes) != 3 or not self.points:
            return None
        points = np.array(self.points) @ np.linalg.inv(np.array(self.axes))
        weights = np.array(self.weights)
        at_gamma = np.flatnonzero(np.abs(points).max(axis=1) < 1e-4)
        if len(at_gamma) != 1:
            return None
        total = round(float(weights.sum() / weights[at_gamma[0]]))
        n1, n2, n3 = (_divisions(values) for values in points.T)
        # Reduced points may miss an axis: the weight of Gamma tells how many there were.
        return (n1, n2, n3) if n1 * n2 * n3 == total else None


def _divisions(values: np.ndarray) -> int:
    for n in range(1, 41):
        if np.allclose(values * n, np.round(values * n), atol=2e-3):
            return n
    return 0


def _element(label: str) -> str:
    """Element of a species label such as ``Fe1`` or ``O_h``."""
    for length in (2, 1):
        if label[:length].capitalize() in chemical_symbols and label[:length].isalpha():
            return label[:length].capitalize()
    raise ValueError(f"species '{label}' is no element")
