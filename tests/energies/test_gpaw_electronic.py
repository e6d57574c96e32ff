"""Small systems through gpaw, against what is known of them."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

from adatom.energies.gpaw_electronic import _in_mid_cell, from_calculator, gpaw_electronic
from adatom.errors import AdatomError
from adatom.provenance import EnergySource

SOURCE = EnergySource("engine", "test")


@pytest.fixture(autouse=True)
def _gpaw():
    pytest.importorskip("gpaw", reason="extra dft is not installed")


def calculator(**changes):
    from gpaw import GPAW, FermiDirac

    settings = {
        "mode": "lcao", "basis": "dzp", "h": 0.25, "xc": "PBE",
        "occupations": FermiDirac(0.05), "txt": None,
    }  # fmt: skip
    return GPAW(**{**settings, **changes})


def test_oxygen_keeps_its_symmetry_and_its_two_unpaired_electrons():
    atoms = molecule("O2")  # carries one Bohr magneton an atom
    atoms.set_cell([6.0, 6.0, 7.0])
    atoms.center()
    atoms.pbc = True
    atoms.calc = calculator(spinpol=True)
    atoms.get_potential_energy()
    found = from_calculator(atoms.calc, atoms, label="O2", source=SOURCE, adsorbate=(0, 1))
    assert found.total_moment_bohr == pytest.approx(2.0, abs=1e-3)
    assert found.bader.moments_bohr == pytest.approx([1.0, 1.0], abs=5e-3)
    assert found.bader.charges_e == pytest.approx([0.0, 0.0], abs=5e-3)
    assert found.transfer.electrons == pytest.approx(0.0, abs=1e-6)
    assert "no metal" in found.missing["d bands"]


def test_the_d_band_of_a_zinc_atom_is_its_3d_level():
    atoms = Atoms("Zn", cell=[5.6] * 3)
    atoms.center()
    atoms.calc = calculator()
    atoms.get_potential_energy()
    found = from_calculator(atoms.calc, atoms, label="Zn", source=SOURCE, window_eV=(-15.0, 5.0))
    (band,) = found.d_bands
    levels = atoms.calc.get_eigenvalues() - atoms.calc.get_fermi_level()
    assert band.centre_eV == pytest.approx(levels[:5].mean(), abs=5e-3)
    assert band.width_eV < 0.02
    assert band.filling == pytest.approx(1.0, abs=1e-6)
    assert band.states == pytest.approx(10.0, abs=0.6)
    # An independent path: moments of gpaw's own broadened density.
    energies = np.linspace(-15.0, 5.0, 4001)
    density = atoms.calc.dos().raw_pdos(energies, 0, 2, width=0.1)
    assert (energies @ density) / density.sum() == pytest.approx(band.centre_eV, abs=1e-3)
    assert density.sum() * 0.005 == pytest.approx(band.states, abs=1e-3)
    assert found.missing["work function"] == "the structure is not a periodic sheet"


def test_the_faces_of_a_polar_layer_agree_with_a_dipole_layer():
    """The field removed afterwards, and cancelled in the calculation: levels within the errors."""
    found = []
    for corrected in (False, True):
        atoms = Atoms("LiH", positions=[(2, 2, 6.2), (2, 2, 7.8)], cell=[4, 4, 14.0], pbc=True)
        open_cell = atoms.copy()
        extra = {}
        if corrected:
            open_cell.pbc = (True, True, False)
            extra = {"poissonsolver": {"dipolelayer": "xy"}}
        open_cell.calc = calculator(kpts=(1, 1, 1), **extra)
        open_cell.get_potential_energy()
        result = from_calculator(
            open_cell.calc, atoms, label="LiH", source=SOURCE, dipole_layer=corrected
        )
        found.append(result.work_function)
    removed, cancelled = found
    assert cancelled.top_error_eV < 1e-3
    assert cancelled.top_eV - cancelled.bottom_eV == pytest.approx(5.17, abs=0.1)
    for face in ("top", "bottom"):
        difference = getattr(removed, f"{face}_eV") - getattr(cancelled, f"{face}_eV")
        assert abs(difference) < getattr(removed, f"{face}_error_eV")
    # What the field polarises makes the step larger, by the layer's response over the period.
    step = removed.top_eV - removed.bottom_eV
    assert 1.0 < step / (cancelled.top_eV - cancelled.bottom_eV) < 1.3


def test_overlapping_atoms_and_tilted_cells_are_refused_before_any_work():
    close = Atoms("CO", positions=[(0, 0, 5), (0, 0, 5.3)], cell=[8, 8, 12], pbc=True)
    with pytest.raises(AdatomError, match=r"overlap, 0\.30 A apart"):
        gpaw_electronic(close, label="x")
    tilted = Atoms("H2", positions=[(0, 0, 5), (0, 0, 5.8)], cell=[8, 8, 12], pbc=True)
    tilted.cell[2, 0] = 2.0
    with pytest.raises(AdatomError, match="along z"):
        gpaw_electronic(tilted, label="x", dipole_layer=True)


def test_the_engine_gives_hydrogen_without_moment_or_charge():
    atoms = molecule("H2")
    atoms.set_cell([6.0] * 3)
    atoms.center()
    atoms.pbc = True
    found = gpaw_electronic(atoms, label="H2")
    assert found.bader.charges_e == pytest.approx([0.0, 0.0], abs=5e-3)
    assert found.total_moment_bohr == pytest.approx(0.0, abs=1e-3)
    assert found.source.settings["density_refinement"] == 2
    assert "vacuum too thin" in found.missing["work function"]


def test_a_sheet_is_moved_away_from_the_dipole_layer():
    atoms = Atoms("CO", positions=[(0, 0, 11.8), (0, 0, 0.9)], cell=[8, 8, 12.0], pbc=True)
    moved = _in_mid_cell(atoms, "CO")
    assert moved.positions[:, 2] == pytest.approx([5.45, 6.55])
