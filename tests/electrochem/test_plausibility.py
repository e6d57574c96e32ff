"""Wrong units, areas, signs and references are named before any figure is made."""

import warnings

import numpy as np
import pytest
from test_analysis import analyse, write

from adatom.errors import SampleError


def rewritten(tmp_path, *, potential=1.0, current=1.0, heads=("Potential/V", "Current/A")):
    source = write(tmp_path / "source.csv")
    table = np.loadtxt(source, delimiter=",", skiprows=1)
    path = tmp_path / "changed.csv"
    columns = np.column_stack([potential * table[:, 0], current * table[:, 1]])
    np.savetxt(path, columns, delimiter=",", header=",".join(heads), comments="")
    return path


@pytest.mark.parametrize("area", ["1e-3", "0.002"])
def test_an_area_in_other_units(tmp_path, area):
    with pytest.raises(SampleError, match="more than diffusion brings"):
        analyse([write(tmp_path / "a.csv")], [f"electrode.area_cm2={area}"])


def test_milliamperes_called_amperes(tmp_path):
    with pytest.raises(SampleError, match="unit that the file says"):
        analyse([rewritten(tmp_path, current=1e3)])


def test_millivolts_called_volts(tmp_path):
    with pytest.raises(SampleError, match="are they in mV"):
        analyse([rewritten(tmp_path, potential=1e3)])


def test_the_other_sign_convention(tmp_path):
    path = rewritten(tmp_path, current=-1.0)
    with pytest.raises(SampleError, match="--columns current_A=-NAME"):
        analyse([path])
    with pytest.raises(SampleError, match="nearly all current is cathodic"):
        analyse([write(tmp_path / "b.csv")], ["measurement.reaction=OER"])


def test_a_reference_that_contradicts_the_file(tmp_path):
    silver = rewritten(tmp_path, heads=("E (V vs Ag/AgCl)", "I (A)"))
    with pytest.raises(SampleError, match="the sample says RHE"):
        analyse([silver])
    hydrogen = rewritten(tmp_path, heads=("E (V vs RHE)", "I (A)"))
    assert analyse([hydrogen]).sweeps[0].limited.half_wave_V_rhe.value == pytest.approx(
        0.85, abs=2e-3
    )


@pytest.mark.parametrize("area, electrons", [("1", "0.8"), ("0.08", "9.8")])
def test_an_area_left_at_its_default_shows_in_the_plateau(tmp_path, area, electrons):
    """The file is of 0.196 cm2 and four electrons: 4 x 0.196 / 1 and 4 x 0.196 / 0.08."""
    path = write(tmp_path / "a.csv")
    flags = analyse([path], [f"electrode.area_cm2={area}"]).sweeps[0].limited.flags
    (said,) = (f for f in flags if "after Levich" in f)
    assert f"is that of {electrons} electrons after Levich (1600 rpm, 0.1 M KOH" in said
    assert "check the area (1 cm2 is the default of many instruments)" in said
    assert not any("after Levich" in f for f in analyse([path]).sweeps[0].limited.flags)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_points_without_a_number_are_counted_and_the_first_is_named(tmp_path, share):
    source = write(tmp_path / "source.csv")
    table = np.loadtxt(source, delimiter=",", skiprows=1)
    table[5 : 5 + int(share * 800), 1] = np.nan
    path = tmp_path / "nan.csv"
    np.savetxt(path, table, delimiter=",", header="Potential/V,Current/A,rpm", comments="")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SampleError, match="points are no numbers, the first is point 6"):
            analyse([path])


def test_speeds_in_the_wrong_order(tmp_path):
    files = [write(tmp_path / f"{r}.csv", rpm=r) for r in (400.0, 900.0, 1600.0)]
    stripped = []
    for path, name in zip(files, "abc", strict=True):
        table = np.loadtxt(path, delimiter=",", skiprows=1)[:, :2]
        stripped.append(tmp_path / f"{name}.csv")
        np.savetxt(stripped[-1], table, delimiter=",", header="Potential/V,Current/A", comments="")
    series = analyse(stripped, ["measurement.rotation_rpm=1600,900,400"]).speeds[0]
    assert series.electrons.value is None
    assert "currents fall as the speed rises" in " ".join(series.flags)


def test_what_koutecky_levich_needs_is_said(tmp_path):
    from adatom.electrochem.analysis import analyse_recordings
    from adatom.electrochem.sample import load_sample
    from adatom.readers import read_recording

    files = [write(tmp_path / f"{r}.csv", rpm=r) for r in (400.0, 900.0, 1600.0)]
    sample = load_sample(None, ["electrode.area_cm2=0.196", "reference.electrode=RHE"])
    found = analyse_recordings([read_recording(p) for p in files], sample, read=read_recording,
                               resistance_of=lambda _: None)  # fmt: skip
    assert not found.speeds
    assert "set electrolyte.name" in found.left_out[0]
