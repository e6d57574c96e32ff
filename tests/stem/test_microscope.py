import pytest

from adatom.errors import ImageError
from adatom.stem.microscope import Microscope


@pytest.mark.parametrize(("kV", "picometre"), [(80.0, 4.176), (200.0, 2.508), (300.0, 1.969)])
def test_wavelength(kV, picometre):
    # Williams and Carter, Transmission Electron Microscopy, 2nd edition, table 1.2.
    assert 100.0 * Microscope(kV, 25.0).wavelength_A == pytest.approx(picometre, abs=0.002)


def test_cutoff_is_twice_the_aperture():
    m = Microscope(80.0, 30.0)
    assert m.cutoff_per_A == pytest.approx(2 * 0.030 / 0.04176, rel=1e-3)


@pytest.mark.parametrize(
    "settings",
    [
        {"voltage_kV": 0.08, "convergence_mrad": 30.0},
        {"voltage_kV": 80.0, "convergence_mrad": 0.03},
        {"voltage_kV": 80.0, "convergence_mrad": 79.0, "inner_mrad": 60.0},
        {"voltage_kV": float("nan"), "convergence_mrad": 30.0},
    ],
)
def test_what_is_no_dark_field_is_refused(settings):
    with pytest.raises(ImageError):
        Microscope(**settings)
