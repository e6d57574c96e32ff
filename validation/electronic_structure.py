"""What the settings of ``adatom energies electronic --engine gpaw`` cost in accuracy.

Graphene's work function with double-zeta orbitals and with plane waves; the dipole step of a layer
of LiH with the field removed afterwards and cancelled in the calculation; Bader charges of water
against the fineness of the density's grid. Three minutes on one core.

    python validation/electronic_structure.py
"""

import numpy as np
from ase import Atoms
from ase.build import graphene, molecule
from gpaw import GPAW, PW, FermiDirac

from adatom.energies.bader import bader_basins
from adatom.energies.engines import engine
from adatom.energies.work_function import work_function


def main() -> None:
    """Print one row a work function, one row a layer, one row a grid."""
    print("graphene, PBE: basis, k-points along a side, work function / eV")
    for name, mode in (("dzp", {"mode": "lcao", "basis": "dzp", "h": 0.22}), ("plane waves",
                       {"mode": PW(400)})):  # fmt: skip
        for k in (6, 12):
            sheet = graphene(a=2.46, vacuum=7.5)
            sheet.pbc = True
            sheet.calc = GPAW(
                xc="PBE", kpts=(k, k, 1), occupations=FermiDirac(0.1), txt=None, **mode
            )
            sheet.get_potential_energy()
            work = work_function(
                sheet.calc.get_electrostatic_potential(), sheet,
                fermi_eV=sheet.calc.get_fermi_level(), dipole_corrected=False,
            )  # fmt: skip
            print(f"{name:12} {k:3d} {work.top_eV:6.2f}")
    print("layer of LiH, 4 x 4 A, dzp: period / A, dipole layer, step between the faces / eV")
    for length in (14.0, 28.0):
        for corrected in (False, True):
            middle = length / 2.0
            layer = Atoms(
                "LiH",
                positions=[(2, 2, middle - 0.8), (2, 2, middle + 0.8)],
                cell=[4, 4, length],
                pbc=True,
            )
            open_layer = layer.copy()
            open_layer.pbc = (True, True, not corrected)
            open_layer.calc = GPAW(
                mode="lcao", basis="dzp", h=0.25, xc="PBE", occupations=FermiDirac(0.05), txt=None,
                **({"poissonsolver": {"dipolelayer": "xy"}} if corrected else {}),
            )  # fmt: skip
            open_layer.get_potential_energy()
            work = work_function(
                open_layer.calc.get_electrostatic_potential(), layer,
                fermi_eV=open_layer.calc.get_fermi_level(), dipole_corrected=corrected,
            )  # fmt: skip
            print(f"{length:4.0f} {corrected!s:6} {work.top_eV - work.bottom_eV:6.2f}")
    print("water, engine gpaw: refinement, charges of O, H, H / e, error stated for O / e")
    water = molecule("H2O")
    water.set_cell([7.0] * 3)
    water.pbc = True
    water.center()
    water.calc = engine("gpaw").calculator(water)
    water.get_potential_energy()
    for refinement in (1, 2, 3, 4):
        density = np.asarray(water.calc.get_all_electron_density(gridrefinement=refinement))
        basins = bader_basins(
            density, density[None], cell_A=water.cell[:], positions_A=water.positions
        )
        charges = " ".join(f"{q:+.3f}" for q in water.numbers - basins.sums[0])
        error = np.nan if basins.grid_error is None else basins.grid_error[0, 0]
        print(f"{refinement:3d} {charges} {error:.3f}")


if __name__ == "__main__":
    main()
