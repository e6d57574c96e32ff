import numpy as np
import pytest

from adatom.sites.notation import METALS, parse_site
from adatom.sites.slabs import nearest_neighbour_A, slab_fit
from adatom.sites.structure import build_site


def test_nearest_neighbours_of_three_crystals():
    # a / sqrt 2 of fcc Cu (3.61 A), a of hcp Co (2.51 A), a sqrt 3 / 2 of bcc Fe (2.87 A).
    assert nearest_neighbour_A("Cu") == pytest.approx(3.61 / 2**0.5)
    assert nearest_neighbour_A("Co") == pytest.approx(2.51)
    assert nearest_neighbour_A("Fe") == pytest.approx(2.87 * 3**0.5 / 2)


def test_every_metal_fits_within_seven_percent():
    assert max(abs(slab_fit(metal).strain) for metal in METALS) < 0.07
    # Nickel is the metal that graphene is grown on one to one.
    assert (slab_fit("Ni").repeats, slab_fit("Ni").rows, slab_fit("Ni").turned) == (4, 4, False)


def test_a_slab_is_close_packed_below_the_sheet():
    atoms = build_site(parse_site("FeN4+Pt(slab)@graphene"))
    platinum = np.flatnonzero(atoms.symbols == "Pt")
    distances = atoms[platinum].get_all_distances(mic=True) + 1e3 * np.eye(len(platinum))
    nearest = distances.min()
    strain = atoms.info["slab_strain"]
    assert nearest == pytest.approx(3.92 / 2**0.5 * (1 + strain), rel=1e-6)
    assert ((distances < 1.01 * nearest).sum(axis=1) == 9).all()
    sheet = np.median(atoms.positions[atoms.symbols == "C", 2])
    assert sheet - atoms.positions[platinum, 2].max() > 3.2
    assert atoms.info["metals"] == [30]
