"""Electronic structure from the folder of a finished VASP run.

OUTCAR and CONTCAR (or POSCAR) are needed; every quantity takes the file it rests on and is
missing, with the reason, without it: DOSCAR or vasprun.xml for the d bands, LOCPOT for the work
function, ACF.dat or AECCAR0 + AECCAR2 + CHGCAR for the Bader charges.
"""

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read

from adatom.energies.bader import bader_basins
from adatom.energies.dband import DEFAULT_WINDOW_EV, DStates
from adatom.energies.electronic import (
    BaderCharges,
    ElectronicStructure,
    bands_in_window,
    charge_transfer,
    find_adsorbate,
    metal_indices,
)
from adatom.energies.vasp_dos import read_doscar, read_vasprun_dos
from adatom.energies.vasp_grid import VaspGrid, read_grid
from adatom.energies.vasp_outcar import Outcar, read_outcar
from adatom.energies.work_function import WorkFunction, work_function
from adatom.errors import AdatomError, EnergyTableError
from adatom.provenance import EnergySource

_NO_DOS = "add DOSCAR or vasprun.xml of a run with LORBIT = 11"
_NO_BADER = (
    "add ACF.dat, or AECCAR0, AECCAR2 and CHGCAR of a run with LAECHG = .TRUE. (CHGCAR alone has"
    " no maxima at the nuclei)"
)
_NO_POTENTIAL = "add LOCPOT of a run with LVHAR = .TRUE."
SAME_PLACE_A = 0.05
"""Files of one run agree on the atoms' positions within this distance."""
CHARGE_TOLERANCE_E = 0.01


class _Absent(Exception):
    """A quantity whose file is not there, or whose file cannot serve; the message says why."""


def vasp_electronic(
    folder: Path,
    *,
    adsorbate: str | None = None,
    window_eV: tuple[float, float] = DEFAULT_WINDOW_EV,
) -> ElectronicStructure:
    """Electronic structure from what lies in ``folder``.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file that is missing, unfinished,
    damaged, or of another structure.
    """
    outcar_path = _one_of(folder, "OUTCAR")
    structure_path = _one_of(folder, "CONTCAR", "POSCAR")
    if outcar_path is None or structure_path is None:
        lacking = "OUTCAR" if outcar_path is None else "CONTCAR (or POSCAR)"
        raise EnergyTableError(f"{folder}: no {lacking}; give the folder of a finished VASP run")
    outcar = read_outcar(outcar_path)
    atoms = _structure(structure_path)
    if len(atoms) != len(outcar.valences):
        raise EnergyTableError(
            f"{structure_path}: {len(atoms)} atoms, {outcar_path.name} has {len(outcar.valences)}"
        )
    chosen = () if adsorbate is None else find_adsorbate(adsorbate, atoms)
    missing: dict[str, str] = {}
    states: tuple[DStates, ...] = ()
    bader: BaderCharges | None = None
    work: WorkFunction | None = None
    notes: list[str] = []
    try:
        states = _d_states(folder, atoms)
    except _Absent as reason:
        missing["d bands"] = str(reason)
    bands, without = bands_in_window(states, atoms, window_eV)
    missing.update(without)
    try:
        bader, note = _bader(folder, atoms, outcar)
        notes.append(note)
    except _Absent as reason:
        missing["Bader charges"] = str(reason)
    try:
        work, note = _work_function(folder, atoms, outcar)
        notes.append(note)
    except _Absent as reason:
        missing["work function"] = str(reason)
    if outcar.moments_bohr is None and outcar.numbers.get("ISPIN") == 2:
        missing["sphere moments"] = "run with LORBIT = 11"
    if chosen and bader is None:
        missing["charge transfer"] = "needs the Bader charges"
    return ElectronicStructure(
        label=folder.resolve().name,
        structure=atoms,
        source=_source(folder, outcar, notes),
        fermi_eV=outcar.fermi_eV,
        total_moment_bohr=outcar.total_moment_bohr,
        window_eV=window_eV,
        d_states=states,
        d_bands=bands,
        sphere_moments_bohr=outcar.moments_bohr,
        bader=bader,
        transfer=charge_transfer(bader, atoms, chosen) if bader is not None and chosen else None,
        work_function=work,
        missing=missing,
    )


def _one_of(folder: Path, *names: str) -> Path | None:
    """The first of these files that is there and not empty."""
    for name in names:
        path = folder / name
        if path.is_file() and path.stat().st_size:
            return path
    return None


def _structure(path: Path) -> Atoms:
    if path.stat().st_size > 20_000_000:
        raise EnergyTableError(f"{path} is larger than 20 MB")
    try:
        atoms = read(path, format="vasp")
    except Exception as error:  # the reader raises anything
        raise EnergyTableError(f"{path}: cannot be read as a POSCAR: {error}") from error
    assert isinstance(atoms, Atoms)
    return atoms


def _d_states(folder: Path, atoms: Atoms) -> tuple[DStates, ...]:
    metals = metal_indices(atoms)
    if not metals:
        raise _Absent("the structure holds no metal")
    if (path := _one_of(folder, "DOSCAR")) is not None:
        return read_doscar(path, metals, len(atoms))
    if (path := _one_of(folder, "vasprun.xml")) is not None:
        return read_vasprun_dos(path, metals)
    raise _Absent(_NO_DOS)


def _bader(folder: Path, atoms: Atoms, outcar: Outcar) -> tuple[BaderCharges, str]:
    if (path := _one_of(folder, "ACF.dat")) is not None:
        return _from_acf(path, atoms, outcar), "Bader charges: ACF.dat"
    paths = [_one_of(folder, name) for name in ("AECCAR0", "AECCAR2", "CHGCAR")]
    if any(p is None for p in paths):
        raise _Absent(_NO_BADER)
    core, valence, charge = (_grid(p, atoms) for p in paths if p is not None)
    shapes = {g.fields[0].shape for g in (core, valence, charge)}
    if len(shapes) > 1:
        raise EnergyTableError(
            f"{folder}: AECCAR0, AECCAR2 and CHGCAR lie on different grids; give those of one run"
        )
    quantities = np.stack(charge.densities)
    basins = bader_basins(
        core.densities[0] + valence.densities[0], quantities, cell_A=atoms.cell[:],
        positions_A=atoms.positions,
    )  # fmt: skip
    found = BaderCharges(
        charges_e=outcar.valences - basins.sums[0],
        errors_e=None if basins.grid_error is None else basins.grid_error[0],
        moments_bohr=basins.sums[1] if len(quantities) == 2 else None,
        stray_e=float(basins.stray[0]),
    )
    _require_electrons(folder / "CHGCAR", float(basins.sums[0].sum()), outcar)
    return found, "Bader charges: CHGCAR over the basins of AECCAR0 + AECCAR2, weight method"


def _from_acf(path: Path, atoms: Atoms, outcar: Outcar) -> BaderCharges:
    rows = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            parts = line.split()
            if not parts or not parts[0].isdigit():
                continue
            try:
                rows.append([float(part) for part in parts[1:5]])
            except ValueError:
                raise EnergyTableError(f"{path}, line {number}: expected numbers") from None
            if len(rows) > len(atoms) or len(rows[-1]) != 4:
                raise EnergyTableError(
                    f"{path}, line {number}: expected # X Y Z CHARGE for {len(atoms)} atoms"
                )
    table = np.array(rows).reshape(-1, 4)
    if len(table) != len(atoms):
        raise EnergyTableError(f"{path}: {len(table)} atoms, the structure has {len(atoms)}")
    _require_same_places(path, table[:, :3], atoms)
    _require_electrons(path, float(table[:, 3].sum()), outcar)
    return BaderCharges(outcar.valences - table[:, 3], None, None, 0.0)


def _require_electrons(path: Path, electrons: float, outcar: Outcar) -> None:
    expected = outcar.numbers.get("NELECT")
    if expected is None or abs(electrons - expected) > CHARGE_TOLERANCE_E:
        raise EnergyTableError(
            f"{path}: holds {electrons:.3f} electrons, OUTCAR {expected}; is it of this run, and"
            " of the valence charge (CHGCAR)?"
        )


def _require_same_places(path: Path, positions: np.ndarray, atoms: Atoms) -> None:
    shift = atoms.cell.scaled_positions(positions - atoms.positions)
    distance = np.linalg.norm((shift - np.round(shift)) @ atoms.cell[:], axis=1)
    if distance.max() > SAME_PLACE_A:
        i = int(distance.argmax())
        raise EnergyTableError(
            f"{path}: atom {i} lies {distance[i]:.2f} A from where the structure has it; the files"
            " are of different runs"
        )


def _grid(path: Path, atoms: Atoms) -> VaspGrid:
    grid = read_grid(path)
    if list(grid.atoms.numbers) != list(atoms.numbers) or not np.allclose(
        grid.atoms.cell[:], atoms.cell[:], atol=1e-3
    ):
        raise EnergyTableError(
            f"{path}: holds {grid.atoms.get_chemical_formula()} in its cell, the structure is"
            f" {atoms.get_chemical_formula()}; the files are of different runs"
        )
    _require_same_places(path, grid.atoms.positions, atoms)
    return grid


def _work_function(folder: Path, atoms: Atoms, outcar: Outcar) -> tuple[WorkFunction, str]:
    path = _one_of(folder, "LOCPOT")
    if path is None:
        raise _Absent(_NO_POTENTIAL)
    charge = float(outcar.valences.sum()) - outcar.numbers.get("NELECT", np.nan)
    if not abs(charge) < CHARGE_TOLERANCE_E:
        raise _Absent(f"the cell carries a charge of {charge:+.2f} e; its vacuum has no level")
    corrected = outcar.flags.get("LDIPOL", False)
    if corrected and outcar.numbers.get("IDIPOL") != 3:
        raise _Absent("LDIPOL without IDIPOL = 3; only a correction along the normal is read")
    grid = _grid(path, atoms)
    try:
        work = work_function(
            grid.fields[0], atoms, fermi_eV=outcar.fermi_eV, dipole_corrected=corrected
        )
    except AdatomError as error:
        raise _Absent(str(error)) from error
    note = "work function: LOCPOT"
    if outcar.flags.get("LVTOT") and not outcar.flags.get("LVHAR"):
        note += " with exchange and correlation (LVTOT), which dies away slowly in the vacuum"
    return work, note


def _source(folder: Path, outcar: Outcar, notes: list[str]) -> EnergySource:
    caution = ""
    if outcar.numbers.get("NKPTS") == 1:
        caution = (
            "one k-point: the Fermi level, and with it work function and d-band centre, is that"
            " of this point"
        )
    return EnergySource(
        "folder",
        f"VASP run {folder}",
        settings={**outcar.numbers, **outcar.flags},
        versions={"vasp": outcar.version} if outcar.version else {},
        notes=tuple(notes),
        caution=caution,
    )
