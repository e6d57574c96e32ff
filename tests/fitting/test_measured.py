import numpy as np
import pytest

from adatom.errors import CurveError
from adatom.fitting.measured import read_curve

HEADER = "potential_V_rhe,current_density_mA_cm2"


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "curve.csv"
        path.write_text(text)
        return read_curve(path, electrolyte="0.1 M KOH", rotation_rpm=1600.0)

    return of


def test_a_curve_is_read_with_its_standard_deviations(read):
    found = read(f"\ufeff# a comment\n{HEADER},sd_mA_cm2\n0.9,-0.1,0.01\n\n0.8,-1.5,0.02\n")
    assert found.curve.potential_V_rhe.tolist() == [0.9, 0.8]
    assert found.curve.current_density_mA_cm2.tolist() == [-0.1, -1.5]
    assert found.sd_mA_cm2.tolist() == [0.01, 0.02]
    assert found.curve.rotation_rpm == 1600.0
    swapped = read("current_density_mA_cm2, potential_V_rhe\n-0.1,0.9\n-1.5,0.8\n")
    assert np.array_equal(swapped.curve.potential_V_rhe, found.curve.potential_V_rhe)
    assert swapped.sd_mA_cm2 is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("E,j\n0.9,-0.1\n0.8,-1\n", "line 1: expected the columns potential_V_rhe"),
        (f"{HEADER},note\n0.9,-0.1,x\n", "line 1: expected the columns"),
        ("potential_V_rhe;current_density_mA_cm2\n0.9;-0.1\n", "line 1: expected the columns"),
        (f"{HEADER}\n0.9,-0.1\n0.8\n", "line 3: expected 2 values, got 1"),
        (f"{HEADER}\n0.9,-0.1\n0.8,much\n", "line 3: current_density_mA_cm2 must be a number"),
        (f"{HEADER}\n0.9,-0.1\n0.8,inf\n", "line 3"),
        (f"{HEADER}\n0.9,-0.1\n", "at least two"),
        (f"{HEADER}\n0.9,-0.1\n0.8,-1\n0.9,-0.1\n", "one sweep direction only"),
        (f"{HEADER}\n0.9,-0.1\n0.9,-1\n", "one sweep direction only"),
        (f"{HEADER},sd_mA_cm2\n0.9,-0.1,0.1\n0.8,-1,0\n", "line 3: sd_mA_cm2 must be positive"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_place(read, text, said):
    with pytest.raises(CurveError, match=said):
        read(text)


def test_bytes_and_sizes_are_bounded(tmp_path, read):
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CurveError, match="not a CSV file"):
        read_curve(path, electrolyte="x", rotation_rpm=None)
    with pytest.raises(CurveError, match="does not exist"):
        read_curve(tmp_path / "none.csv", electrolyte="x", rotation_rpm=None)
    rows = "".join(f"{1 - n * 1e-5:.5f},-1\n" for n in range(6000))
    with pytest.raises(CurveError, match="average neighbours"):
        read(f"{HEADER}\n{rows}")
