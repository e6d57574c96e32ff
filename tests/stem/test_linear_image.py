import numpy as np
import pytest
from ase import Atoms
from scipy.interpolate import make_interp_spline

from adatom.errors import ImageError
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.linear_image import linear_image
from adatom.stem.microscope import PACKAGED, Microscope

SHARP = packaged_atom_images(Microscope(80.0, 30.0, source_fwhm_A=0.0))


def _image(atoms, images=SHARP, pixel=0.2, side=12.0, vibration=0.0):
    return linear_image(
        atoms, images, field_A=(side, side * 0.75), pixel_A=pixel, vibration_rms_A=vibration
    )


@pytest.mark.parametrize("pixel", [0.1, 0.25, 0.5])
def test_one_atom_shows_its_own_image(pixel):
    x, y = 5.83, 4.11
    image = _image(Atoms("Fe", [[x, y, 3.0]]), pixel=pixel)
    rows, columns = (np.indices(image.shape) + 0.5) * pixel
    radius = np.hypot(columns - x, rows - y)
    table = make_interp_spline(SHARP.radius_A, SHARP.fraction["Fe"])
    near = radius < 3.0
    assert np.abs(image[near] - table(radius[near])).max() < 0.005 * table(0.0)


def test_images_add_and_move_with_their_atoms():
    both = _image(Atoms("FePt", [[4.0, 4.0, 0], [6.2, 5.1, 9.0]]))
    alone = _image(Atoms("Fe", [[4.0, 4.0, 0]])) + _image(Atoms("Pt", [[6.2, 5.1, 0]]))
    assert np.allclose(both, alone, atol=1e-4 * both.max())
    moved = _image(Atoms("Fe", [[4.0 + 3 * 0.2, 4.0, 0]]))
    start = _image(Atoms("Fe", [[4.0, 4.0, 0]]))
    assert np.allclose(moved[:, 3:], start[:, :-3], atol=1e-4 * start.max())


def test_signal_is_the_cross_section_whatever_the_blur():
    for fwhm, vibration in ((0.0, 0.0), (1.2, 0.1)):
        images = packaged_atom_images(Microscope(80.0, 30.0, source_fwhm_A=fwhm))
        image = _image(Atoms("Pt", [[6.0, 4.5, 0]]), images, vibration=vibration)
        total = image.sum() * 0.2**2
        assert total == pytest.approx(images.cross_section_A2("Pt"), rel=0.02)


def test_source_and_vibration_widen_by_their_variances():
    image = {}
    for fwhm in (0.0, 1.0):
        images = packaged_atom_images(Microscope(80.0, 30.0, source_fwhm_A=fwhm))
        made = _image(Atoms("Fe", [[6.0, 4.5, 0]]), images, pixel=0.1, vibration=0.1 * (fwhm > 0))
        image[fwhm] = np.fft.rfft2(made)
    # At a low frequency the Gaussian transfer is 1 - 2 pi^2 k^2 variance.
    k = 3.0 / 12.0
    variance = (1.0 / 2.3548) ** 2 + 0.1**2
    seen = abs(image[1.0][0, 3]) / abs(image[0.0][0, 3])
    assert seen == pytest.approx(np.exp(-2 * np.pi**2 * k**2 * variance), rel=0.01)


def test_atoms_beyond_the_margin_do_not_wrap_around():
    image = _image(Atoms("Pt", [[-20.0, 4.0, 0]]))
    assert image.max() < 1e-9


def test_fields_too_large_and_unknown_elements_are_refused():
    with pytest.raises(ImageError, match="too large"):
        linear_image(Atoms("C"), SHARP, field_A=(1e4, 1e4), pixel_A=0.1)
    with pytest.raises(ImageError, match="Xe atom"):
        _image(Atoms("Xe", [[4.0, 4.0, 0]]))


def test_both_packaged_microscopes_render():
    for microscope in PACKAGED:
        images = packaged_atom_images(microscope)
        assert _image(Atoms("Ru", [[4.0, 4.0, 0]]), images).max() > 0.0
