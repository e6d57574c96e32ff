"""Harmonic wavenumbers of diatomics with the embedded engine.

Source: Huber and Herzberg, Constants of Diatomic Molecules, Van Nostrand Reinhold 1979 (NIST
Chemistry WebBook), omega_e in cm^-1, gas phase. Tolerance: 3 % for N2, O2 and CO, what a
meta-GGA's own error allows; 8 % for H2, far from the solids that CHGNet was trained on.
"""

import pytest

from adatom.energies.engines import engine
from adatom.energies.minima import relaxed_vibrations
from adatom.energies.structures import subjects

pytest.importorskip("chgnet", reason="chgnet is not installed")


@pytest.mark.parametrize(
    ("name", "published_cm1", "tolerance"),
    [("N2", 2358.57, 0.03), ("O2", 1580.19, 0.03), ("CO", 2169.81, 0.03), ("H2", 4401.21, 0.08)],
)
def test_wavenumbers_of_diatomics(name, published_cm1, tolerance):
    found, notes = relaxed_vibrations(
        subjects(name), engine("chgnet"), max_force_eV_A=0.01, max_steps=200
    )
    assert not notes
    assert found.frequencies_cm1 == pytest.approx([published_cm1], rel=tolerance)
    assert found.rigid_modes == 5
