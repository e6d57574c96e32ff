"""Bader charges of water, and the work function of graphene.

Water: Henkelman, Arnaldsson, Jonsson, Comput. Mater. Sci. 2006, 36, 354,
10.1016/j.commatsci.2005.04.010, Table 1: H +0.576 e, O -1.157 e (Bader's own -1.16 and +0.58).
Here PBE, LCAO dzp; tolerance 0.02 e for functional, basis and geometry.

Graphene: 4.5 eV, Giovannetti et al., Phys. Rev. Lett. 2008, 101, 026803,
10.1103/PhysRevLett.101.026803 (LDA, plane waves). Here PBE, LCAO dzp, whose orbitals end within a
few angstrom: 0.12 eV below plane waves (docs/electronic.md), and PBE lies below LDA; tolerance
0.4 eV.
"""

import pytest
from ase.build import graphene, molecule

from adatom.energies.gpaw_electronic import from_calculator, gpaw_electronic
from adatom.provenance import EnergySource


def test_bader_charges_of_water():
    pytest.importorskip("gpaw", reason="extra dft is not installed")
    water = molecule("H2O")
    water.set_cell([7.0] * 3)
    water.center()
    water.pbc = True
    bader = gpaw_electronic(water, label="H2O").bader
    assert bader.charges_e[0] == pytest.approx(-1.157, abs=0.02)
    assert bader.charges_e[1:] == pytest.approx([0.576, 0.576], abs=0.02)
    assert bader.charges_e.sum() == pytest.approx(0.0, abs=1e-6)


def test_work_function_of_graphene():
    pytest.importorskip("gpaw", reason="extra dft is not installed")
    from gpaw import GPAW, FermiDirac

    sheet = graphene(a=2.46, vacuum=6.0)
    sheet.pbc = True
    sheet.calc = GPAW(
        mode="lcao", basis="dzp", h=0.22, xc="PBE", kpts=(6, 6, 1),
        occupations=FermiDirac(0.1), txt=None,
    )  # fmt: skip
    sheet.get_potential_energy()
    source = EnergySource("engine", "test")
    work = from_calculator(sheet.calc, sheet, label="graphene", source=source).work_function
    assert work.top_eV == pytest.approx(4.5, abs=0.4)
    assert work.bottom_eV == pytest.approx(work.top_eV, abs=1e-4)
    assert work.top_error_eV < 0.01
