"""Electronic structure from one self-consistent density of GPAW."""

import warnings
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import covalent_radii

from adatom.energies.bader import bader_basins
from adatom.energies.dband import DEFAULT_WINDOW_EV, DStates
from adatom.energies.electronic import (
    BaderCharges,
    ElectronicStructure,
    bands_in_window,
    charge_transfer,
    metal_indices,
)
from adatom.energies.engines import Engine, engine, initial_moments
from adatom.energies.work_function import sheet_extent, work_function
from adatom.errors import AdatomError, EngineError
from adatom.provenance import EnergySource

DENSITY_REFINEMENT = 2
"""The all-electron density is laid on a grid so many times finer than that of the orbitals."""
CITATIONS = (
    "Bader charges: Yu, Trinkle, J. Chem. Phys. 2011, 134, 064111, 10.1063/1.3553716",
    "d band: Hammer, Norskov, Adv. Catal. 2000, 45, 71, 10.1016/S0360-0564(02)45013-4",
    "field of a periodic dipole: Bengtsson, Phys. Rev. B 1999, 59, 12301,"
    " 10.1103/PhysRevB.59.12301",
)


def gpaw_electronic(
    atoms: Atoms,
    *,
    label: str,
    adsorbate: tuple[int, ...] = (),
    window_eV: tuple[float, float] = DEFAULT_WINDOW_EV,
    dipole_layer: bool = False,
) -> ElectronicStructure:
    """Electronic structure of ``atoms`` as they stand, with the settings of the engine ``gpaw``.

    Every starting moment of the engine is converged and the lowest energy kept. With
    ``dipole_layer`` the cell is open along its third vector and a layer of dipoles in the vacuum
    cancels the field.
    Raises :class:`~adatom.errors.EngineError` when gpaw is absent or no start converges, and
    :class:`~adatom.errors.AdatomError` when atoms overlap, or for a dipole layer in a cell that
    is not periodic or whose third vector is not normal to the others.
    """
    _require_apart(atoms, label)
    if dipole_layer:
        atoms = _in_mid_cell(atoms, label)
    chosen = engine("gpaw")
    calculator, note = _lowest_state(atoms, chosen, dipole_layer)
    return from_calculator(
        calculator, atoms, label=label, source=_source(chosen, note, dipole_layer),
        adsorbate=adsorbate, window_eV=window_eV, dipole_layer=dipole_layer,
    )  # fmt: skip


def from_calculator(
    calculator: Any,
    atoms: Atoms,
    *,
    label: str,
    source: EnergySource,
    adsorbate: tuple[int, ...] = (),
    window_eV: tuple[float, float] = DEFAULT_WINDOW_EV,
    dipole_layer: bool = False,
) -> ElectronicStructure:
    """Electronic structure from a GPAW calculator that holds a converged density of ``atoms``."""
    missing: dict[str, str] = {}
    fermi = float(calculator.get_fermi_level())
    polarised = calculator.get_number_of_spins() == 2
    metals = metal_indices(atoms)
    states = tuple(_d_states(calculator, i) for i in metals)
    bands, without = bands_in_window(states, atoms, window_eV)
    missing.update(without)
    if not metals:
        missing["d bands"] = "the structure holds no metal"
    bader = _bader(calculator, atoms, polarised)
    work = None
    if atoms.pbc.all():
        try:
            work = work_function(
                calculator.get_electrostatic_potential(), atoms, fermi_eV=fermi,
                dipole_corrected=dipole_layer,
            )  # fmt: skip
        except AdatomError as error:
            missing["work function"] = str(error)
    else:
        missing["work function"] = "the structure is not a periodic sheet"
    return ElectronicStructure(
        label=label,
        structure=atoms.copy(),
        source=source,
        fermi_eV=fermi,
        total_moment_bohr=float(calculator.get_magnetic_moment()) if polarised else 0.0,
        window_eV=window_eV,
        d_states=states,
        d_bands=bands,
        sphere_moments_bohr=np.array(calculator.get_magnetic_moments()) if polarised else None,
        bader=bader,
        transfer=charge_transfer(bader, atoms, adsorbate) if adsorbate else None,
        work_function=work,
        missing=missing,
    )


def _require_apart(atoms: Atoms, label: str) -> None:
    distances = atoms.get_all_distances(mic=True)
    radii = covalent_radii[atoms.numbers]
    close = distances < 0.5 * (radii[:, None] + radii[None, :])
    np.fill_diagonal(close, False)
    if close.any():
        i, j = (int(k) for k in np.argwhere(close)[0])
        raise AdatomError(
            f"{label}: atoms {i} ({atoms.symbols[i]}) and {j} ({atoms.symbols[j]}) overlap,"
            f" {distances[i, j]:.2f} A apart; relax the structure first"
        )


def _in_mid_cell(atoms: Atoms, label: str) -> Atoms:
    """The sheet moved to the middle of its cell: the dipole layer lies at the cell's boundary."""
    a, b, c = atoms.cell[:]
    if not atoms.pbc.all() or max(abs(a[2]), abs(b[2]), abs(c[0]), abs(c[1])) > 1e-3:
        raise AdatomError(
            f"{label}: a dipole layer needs a periodic cell whose third vector is along z, normal"
            " to the sheet"
        )
    plane, low, high = sheet_extent(atoms)
    moved = atoms.copy()
    moved.positions[:, 2] += c[2] / 2.0 - plane - (low + high) / 2.0
    moved.wrap()
    return moved


def _lowest_state(atoms: Atoms, chosen: Engine, dipole_layer: bool) -> tuple[Any, str]:
    """The converged calculator of lowest energy, and what became of every start."""
    marked = atoms.copy()
    marked.info["metals"] = list(metal_indices(atoms))
    best: tuple[float, Any] | None = None
    outcomes, failure = [], ""
    for moments in initial_moments(marked):
        trial = atoms.copy()
        trial.set_initial_magnetic_moments(moments)
        trial.calc = chosen.calculator(trial)
        if dipole_layer:
            trial.pbc = (True, True, False)
            trial.calc = trial.calc.new(poissonsolver={"dipolelayer": "xy"}, txt=None)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                energy = float(trial.get_potential_energy())
                final = float(trial.get_magnetic_moment())
        except Exception as error:  # a start that does not converge is one start lost
            failure = f"{type(error).__name__}: {error}"
            outcomes.append(f"{sum(moments):g} -> not converged")
            continue
        outcomes.append(f"{sum(moments):g} -> {final:.2f} at {energy:.3f} eV")
        if best is None or energy < best[0]:
            best = (energy, trial.calc)
    if best is None:
        raise EngineError(f"gpaw found no density for any starting moment; {failure}")
    return best[1], f"total moments tried (Bohr magnetons): {'; '.join(outcomes)}"


def _source(chosen: Engine, note: str, dipole_layer: bool) -> EnergySource:
    cautions = []
    if list(chosen.settings.get("kpts", [1, 1, 1])) == [1, 1, 1]:
        cautions.append(
            "one k-point: the Fermi level, and with it work function and d-band centre, is that"
            " of the Gamma point"
        )
    if chosen.settings.get("mode") == "lcao":
        cautions.append(
            "orbitals of finite range lower work functions (graphene's by 0.12 eV,"
            " docs/electronic.md)"
        )
    return EnergySource(
        "engine",
        f"engine {chosen.name}: {chosen.description}; single point",
        settings={
            **chosen.settings,
            "density_refinement": DENSITY_REFINEMENT,
            "dipole_layer": dipole_layer,
        },
        versions=chosen.versions,
        citations=(*chosen.citations, *CITATIONS),
        notes=(note,),
        caution="; ".join(cautions),
    )


def _d_states(calculator: Any, atom: int) -> DStates:
    """Kohn-Sham levels weighted by their projections on the atom's bound d partial waves."""
    from gpaw.dos import get_projector_numbers

    dos = calculator.dos()
    weights = dos.wfs.pdos_weights(atom, get_projector_numbers(calculator.setups[atom], 2))
    spins, nk = len(dos.eig_skn), len(dos.weight_k)
    share = dos.weight_k * (2.0 / spins)  # states that a level at each k-point stands for
    occupations = np.array(
        [
            [calculator.get_occupation_numbers(kpt=k, spin=s) for k in range(nk)]
            for s in range(spins)
        ]
    )
    states = weights.transpose(2, 0, 1) * share[:, None]
    occupied = states * np.clip(occupations / share[:, None], 0.0, 1.0)
    return DStates(
        atom,
        dos.eig_skn.reshape(spins, -1),
        states.reshape(spins, -1),
        occupied.reshape(spins, -1),
    )


def _bader(calculator: Any, atoms: Atoms, polarised: bool) -> BaderCharges:
    if not hasattr(calculator, "dft"):
        raise EngineError("this gpaw is too old for its densities; pip install 'gpaw>=26.7'")
    field = calculator.dft.densities().all_electron_densities(grid_refinement=DENSITY_REFINEMENT)
    channels = field.data  # one per spin, electrons per cubic angstrom
    density = channels.sum(axis=0)
    quantities = np.stack([density, channels[0] - channels[1]]) if polarised else density[None]
    basins = bader_basins(density, quantities, cell_A=atoms.cell[:], positions_A=atoms.positions)
    return BaderCharges(
        charges_e=atoms.numbers - basins.sums[0],
        errors_e=None if basins.grid_error is None else basins.grid_error[0],
        moments_bohr=basins.sums[1] if polarised else None,
        stray_e=float(basins.stray[0]),
    )
