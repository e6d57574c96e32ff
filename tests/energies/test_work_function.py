"""Vacuum levels of synthetic potentials whose levels are known."""

import numpy as np
import pytest
from ase import Atoms

from adatom.energies.work_function import RESPONSE_A, work_function
from adatom.errors import AdatomError

LENGTH = 20.0


def sheet(*heights, length=LENGTH):
    positions = [(0.5 * i, 0.3, z) for i, z in enumerate(heights)]
    return Atoms("C" * len(heights), positions=positions, cell=[3.0, 3.0, length], pbc=True)


def profile(true, field=0.0, plane=5.0, n=200):
    """Potential on the grid from a function of the height, plus the field about the plane."""
    z = np.arange(n) * LENGTH / n
    z = np.where(z > plane + LENGTH / 2, z - LENGTH, z)
    return np.broadcast_to(true(z) + field * (z - plane), (4, 4, n))


def well(z, plane=5.0, top=4.0, bottom=4.0):
    """A well at the sheet between two vacuum levels."""
    side = 0.5 * (1 + np.tanh((z - plane) / 0.4))
    return bottom + (top - bottom) * side - 15.0 * np.exp(-((z - plane) ** 2))


def test_a_symmetric_sheet_has_one_work_function():
    found = work_function(profile(well), sheet(5.0, 5.0), fermi_eV=-0.5, dipole_corrected=False)
    assert (found.top_eV, found.bottom_eV) == pytest.approx((4.5, 4.5), abs=1e-4)
    assert found.field_V_A == pytest.approx(0.0, abs=1e-9)
    assert found.top_error_eV < 1e-4
    assert found.vacuum_A == pytest.approx(13.0)


@pytest.mark.parametrize("plane", [5.0, 0.2, 19.7])
def test_the_field_of_a_periodic_dipole_is_removed(plane):
    """A step of 0.6 eV forces a field of -step / L on the periodic cell."""
    step = 0.6
    z = np.arange(200) * LENGTH / 200
    relative = (z - plane + LENGTH / 2) % LENGTH - LENGTH / 2
    values = well(relative, 0.0, 4.0 + step, 4.0) - step / LENGTH * relative
    found = work_function(
        np.broadcast_to(values, (3, 3, 200)), sheet(plane, plane), fermi_eV=0.0,
        dipole_corrected=False,
    )  # fmt: skip
    assert found.top_eV == pytest.approx(4.6, abs=1e-3)
    assert found.bottom_eV == pytest.approx(4.0, abs=1e-3)
    assert found.field_V_A == pytest.approx(-step / LENGTH, abs=1e-4)


def test_a_corrected_potential_has_two_plateaus():
    def corrected(z):
        return well(z, 5.0, 4.6, 4.0)

    values = profile(corrected)
    found = work_function(values, sheet(5.0, 5.0), fermi_eV=0.0, dipole_corrected=True)
    assert (found.top_eV, found.bottom_eV) == pytest.approx((4.6, 4.0), abs=1e-4)
    assert found.top_error_eV < 1e-4


def test_what_is_not_flat_is_uncertain():
    def rippled(z):
        return well(z) + 0.05 * np.cos(2.0 * z)

    found = work_function(profile(rippled), sheet(5.0, 5.0), fermi_eV=0.0, dipole_corrected=False)
    assert found.top_error_eV == pytest.approx(0.05, abs=0.02)


def test_the_thickness_of_the_sheet_counts_where_a_field_is():
    def polar(z):  # a step of -2 eV, so that a field of 0.1 eV/A closes the period of 20 A
        return well(z, top=3.0, bottom=5.0)

    thin, thick = (
        work_function(
            profile(polar, field=0.1), sheet(5.0, 5.0, high), fermi_eV=0.0, dipole_corrected=False
        )
        for high in (5.0, 7.0)
    )
    assert thin.field_V_A == pytest.approx(0.1, abs=1e-4)
    assert thin.top_error_eV == pytest.approx(0.1 * RESPONSE_A, abs=1e-3)
    assert thick.top_error_eV - thin.top_error_eV == pytest.approx(0.1, abs=1e-3)
    assert (thick.top_eV, thick.bottom_eV) == pytest.approx((3.0, 5.0), abs=1e-3)


def test_thin_vacuum_is_refused():
    with pytest.raises(AdatomError, match=r"9\.5 A between the outermost nuclei"):
        work_function(profile(well), sheet(0.0, 4.0, 10.5), fermi_eV=0.0, dipole_corrected=False)
