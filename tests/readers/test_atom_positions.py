import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.readers.atom_positions import read_mask, read_positions


def written(tmp_path, text, name="atoms.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_columns_in_any_order_with_intensity_and_recall(tmp_path):
    path = written(
        tmp_path, "recall,y_angstrom,x_angstrom,intensity,snr\n0.9,2,1,50,8\n0.8,4,3,60,9\n"
    )
    found = read_positions(path)
    np.testing.assert_array_equal(found.positions_angstrom, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(found.recall, [0.9, 0.8])
    np.testing.assert_array_equal(found.intensity, [50, 60])
    assert "snr" in found.notes[0]


def test_semicolons_with_decimal_commas(tmp_path):
    found = read_positions(written(tmp_path, "x_angstrom;y_angstrom\n1,5;2,25\n"))
    np.testing.assert_array_equal(found.positions_angstrom, [[1.5, 2.25]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,2\n", "line 1: no column x_angstrom and y_angstrom"),
        ("x_angstrom,y_nm\n1,2\n", "no column y_angstrom"),
        ("x_angstrom,y_angstrom\n1,2\n1,two\n", "line 3: column 'y_angstrom' should hold a number"),
        ("", "is empty"),
    ],
)
def test_bad_tables_name_column_and_line(tmp_path, text, said):
    with pytest.raises(ImageError, match=said):
        read_positions(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match="does not exist"):
        read_positions(tmp_path / "none.csv")


def test_masks_from_png_and_from_numbers(tmp_path):
    from PIL import Image

    pixels = np.zeros((6, 9), np.uint8)
    pixels[1:4, 2:8] = 255
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), pixels > 0)
    np.savetxt(tmp_path / "mask.csv", pixels, delimiter=",", fmt="%d")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.csv"), pixels > 0)
    with pytest.raises(ImageError, match="no image that can be read"):
        read_mask(written(tmp_path, "0 1\n", "false.png"))


def test_decimal_commas_between_commas_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x_angstrom,y_angstrom\n1,5,2,5\n3,5,4,5\n")
    with pytest.raises(ImageError, match="decimal commas between commas"):
        read_positions(path)
