import numpy as np
import pytest

from adatom.errors import SpectrumError
from adatom.xas.path_files import packaged_labels, packaged_paths, read_path_set, write_path_set
from adatom.xas.scattering_path import read_feff_path


@pytest.fixture
def copper(data_folder):
    return read_feff_path(data_folder / "xas" / "larch_Cu_feff0001.dat")


def test_feff6_file(copper):
    assert (copper.name, copper.degeneracy, copper.distance_angstrom) == ("Cu-Cu", 12.0, 2.5478)
    assert copper.single
    # Second row of the table: mag[feff] x red factor, real[2 phc] + phase[feff].
    assert copper.amplitude[1] == pytest.approx(3.3976e-2 * 0.9873)
    assert copper.phase[1] == pytest.approx(3.5020 - 5.6318)
    assert copper.mean_free_path_angstrom[0] == pytest.approx(15.637)
    assert copper.real_momentum_per_angstrom[-1] > 19.0


def test_a_file_that_is_none(tmp_path):
    wrong = tmp_path / "feff0001.dat"
    wrong.write_text("k chi\n1 2\n")
    with pytest.raises(SpectrumError, match="nleg, deg, reff"):
        read_feff_path(wrong)
    with pytest.raises(SpectrumError, match="no such file"):
        read_feff_path(tmp_path / "feff0002.dat")


def test_packaged_sets_survive_a_round_trip(tmp_path):
    paths = packaged_paths("Fe2N6@graphene")
    write_path_set(paths, tmp_path / "set.json")
    again = read_path_set(tmp_path / "set.json")
    assert again.provenance == paths.provenance
    for one, other in zip(paths.paths, again.paths, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.amplitude, other.amplitude)
    (tmp_path / "set.json").write_text("{}")
    with pytest.raises(SpectrumError, match="no file of scattering paths"):
        read_path_set(tmp_path / "set.json")


def test_shells_of_the_packaged_foils():
    """Numbers and distances of the lattices: bcc 8 and 6, fcc 12 and 6."""
    for label, numbers, ratio in (("Fe foil", (8, 6), 2 / 3**0.5), ("Cu foil", (12, 6), 2**0.5)):
        first, second = packaged_paths(label).singles((label[:2],), 4.0)
        assert (first.degeneracy, second.degeneracy) == numbers
        assert second.distance_angstrom / first.distance_angstrom == pytest.approx(ratio, abs=1e-4)
    assert packaged_paths("Fe foil").paths[0].distance_angstrom == pytest.approx(2.482, abs=1e-3)


def test_an_unknown_name_lists_the_known_ones():
    assert "Fe foil" in packaged_labels()
    with pytest.raises(SpectrumError, match="CuN4@graphene"):
        packaged_paths("Xe foil")
