import numpy as np
import pytest
from ase.data import atomic_numbers
from ase.utils.xrdebye import waasmaier
from scipy import constants

from adatom.errors import ImageError
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.microscope import PACKAGED, Microscope


def _born_cross_section(symbol, microscope):
    """First Born approximation: X-ray form factors of Waasmaier and Kirfel by Mott and Bethe,
    averaged over the directions in the probe's cone; angstrom squared."""
    gamma = 1.0 + constants.e * microscope.voltage_kV * 1e3 / (constants.m_e * constants.c**2)
    mott_bethe = (
        constants.m_e
        * constants.e**2
        / (8.0 * np.pi * constants.epsilon_0 * constants.h**2)
        * 1e-10
    )  # 0.0239 per angstrom
    a = waasmaier[symbol]
    theta = 1e-3 * np.linspace(microscope.inner_mrad, microscope.outer_mrad, 241)[:, None]
    around = np.linspace(0.0, 2.0 * np.pi, 73)[:-1]
    total = weight = 0.0
    for tilt in 1e-3 * np.linspace(0.5, microscope.convergence_mrad, 15):
        q = np.hypot(theta * np.cos(around) - tilt, theta * np.sin(around))
        s = q / microscope.wavelength_A / 2.0
        form = a[10] + sum(a[2 * i] * np.exp(-a[2 * i + 1] * s**2) for i in range(5))
        amplitude = gamma * mott_bethe * (atomic_numbers[symbol] - form) / s**2
        ring = (amplitude**2).mean(axis=1) * 2.0 * np.pi * theta[:, 0]
        total += tilt * np.trapezoid(ring, theta[:, 0])
        weight += tilt
    return total / weight


@pytest.mark.parametrize("microscope", PACKAGED, ids=lambda m: f"{m.voltage_kV:g}kV")
@pytest.mark.parametrize("symbol", ["C", "N", "O"])
def test_cross_sections_of_light_atoms_are_those_of_single_scattering(symbol, microscope):
    images = packaged_atom_images(microscope)
    expected = _born_cross_section(symbol, microscope)
    assert images.cross_section_A2(symbol) == pytest.approx(expected, rel=0.05)


def test_contrast_rises_as_a_power_of_the_atomic_number():
    # Exponents of 1.6 to 1.9 are usual for detectors beyond 80 mrad (Krivanek et al., Nature 2010,
    # 464, 571, 10.1038/nature08879, find 1.64 for light atoms at 60 kV from 58 mrad).
    images = packaged_atom_images(PACKAGED[0])
    symbols = ["C", "Fe", "Ru", "Pt"]
    z = np.log([atomic_numbers[s] for s in symbols])
    slope = np.polyfit(z, np.log([images.cross_section_A2(s) for s in symbols]), 1)[0]
    assert 1.5 < slope < 2.0


def test_the_image_falls_to_half_within_the_diffraction_limit():
    for microscope in PACKAGED:
        images = packaged_atom_images(microscope)
        profile = images.fraction["C"]
        half = np.interp(-0.5 * profile[0], -profile[:12], images.radius_A[:12])
        # An ideal aperture gives 0.514 lambda / alpha across; the atom itself adds to it.
        ideal = 0.514 * microscope.wavelength_A / (1e-3 * microscope.convergence_mrad)
        assert ideal < 2.0 * half < 1.35 * ideal


def test_tables_are_read_only_and_name_their_command():
    images = packaged_atom_images(PACKAGED[0])
    assert "validation/stem_atom_images.py" in images.provenance["command"]
    with pytest.raises(ValueError, match="read-only"):
        images.fraction["C"][0] = 1.0


def test_other_microscopes_are_refused():
    with pytest.raises(ImageError, match="60 kV"):
        packaged_atom_images(Microscope(60.0, 30.0))
    with pytest.raises(ImageError, match="aberrations"):
        packaged_atom_images(Microscope(80.0, 30.0, defocus_A=50.0))
