"""What the settings of ``adatom energies electronic --engine gpaw`` cost in accuracy.

Graphene's work function with double-zeta orbitals and with plane waves; Bader charges of water
against the fineness of the density's grid. Two minutes on one core.

    python validation/electronic_structure.py
"""

import numpy as np
from ase.build import graphene, molecule
from gpaw import GPAW, PW, FermiDirac

from adatom.energies.bader import bader_basins
from adatom.energies.engines import engine
from adatom.energies.work_function import work_function


def main() -> None:
    """Print one row a work function, then one row a grid."""
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
