import sys

import numpy as np
import pytest
from ase import Atoms

from adatom.errors import ImageError
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.linear_image import linear_image
from adatom.stem.microscope import PACKAGED, Microscope
from adatom.stem.simulation import multislice_image, on_grid, simulate_atom_images

COARSE = Microscope(200.0, 10.0, inner_mrad=40.0, outer_mrad=70.0, source_fwhm_A=0.0)


def test_absence_of_abtem_names_the_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "abtem", None)
    with pytest.raises(ImageError, match=r"pip install 'adatom\[stem-simulation\]'"):
        simulate_atom_images(PACKAGED[0], ["C"])


def test_packaged_tables_come_out_again():
    pytest.importorskip("abtem")
    packaged = packaged_atom_images(PACKAGED[0])
    again = simulate_atom_images(PACKAGED[0], ["C"])
    assert np.allclose(again.fraction["C"], packaged.fraction["C"], rtol=1e-3, atol=1e-9)


def test_two_atoms_apart_are_the_sum_of_their_images():
    pytest.importorskip("abtem")
    side = 12.0
    atoms = Atoms("CN", [[3.1, 6.0, 1.0], [8.7, 5.2, 3.0]], cell=[side, side, 4.0], pbc=True)
    atoms.positions[:, :2] = on_grid(atoms, COARSE)
    settings = {"field_A": (side, side), "pixel_A": 0.6}
    full = multislice_image(atoms, COARSE, **settings)
    images = simulate_atom_images(COARSE, ["C", "N"])
    around = atoms.repeat((3, 3, 1))
    around.positions[:, :2] -= side
    linear = linear_image(around, images, vibration_rms_A=0.0, **settings)
    assert np.abs(full - linear).max() < 0.05 * linear.max()
    assert np.unravel_index(full.argmax(), full.shape) == np.unravel_index(
        linear.argmax(), linear.shape
    )


def test_fields_that_take_hours_are_refused():
    pytest.importorskip("abtem")
    atoms = Atoms("C", cell=[500.0, 500.0, 5.0], pbc=True)
    with pytest.raises(ImageError, match="linear image"):
        multislice_image(atoms, PACKAGED[0], field_A=(500.0, 500.0), pixel_A=0.2)
