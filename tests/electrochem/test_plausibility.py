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


def resisted(tmp_path, ohm):
    """A sweep behind ``ohm`` that nobody corrected for."""
    table = np.loadtxt(write(tmp_path / "source.csv"), delimiter=",", skiprows=1)
    table[:, 0] += ohm * table[:, 1]
    path = tmp_path / f"{ohm:g}.csv"
    np.savetxt(path, table[:850, :2], delimiter=",", header="Potential/V,Current/A", comments="")
    return path


def ohmic(ohm):
    return [f"resistance.ohm={ohm}", "resistance.fraction=1"]


def test_a_resistance_that_folds_the_potential_back_is_named(tmp_path):
    path = resisted(tmp_path, 20.0)
    found = analyse([path], ohmic(20.0)).sweeps[0].limited
    assert found.half_wave_V_rhe.value == pytest.approx(0.85, abs=3e-3)
    # j_L b^-1 ln(10) / 4 is the steepest slope dj/dE; of I it is A times that, behind 20 ohm.
    limit = found.limiting_mA_cm2.value
    steepest = 1e-3 * 0.196 * limit * np.log(10.0) / 0.06 / 4.0
    most = 20.0 + 1.0 / steepest
    for ohm in (1.2 * most, 3.0 * most, 30.0 * most):
        with pytest.raises(SampleError, match="runs back by") as refused:
            analyse([path], ohmic(ohm))
        said = str(refused.value)
        assert f"{ohm:.4g} ohm (resistance given)" in said
        stated = float(said.split("at most about ")[1].split(" ohm", maxsplit=1)[0])
        assert stated == pytest.approx(most, rel=0.1)
        assert "jump" not in said


def test_a_slope_that_no_kinetics_has_is_flagged(tmp_path):
    path = resisted(tmp_path, 0.0)
    assert not any("equilibrium" in f for f in analyse([path]).sweeps[0].limited.flags)
    # 80 ohm too much leave a slope of a few mV/dec but fold nothing yet.
    found = analyse([path], ohmic(80.0)).sweeps[0].limited
    assert found.tafel_slope_mV_dec.interval_95[1] < 14.8
    assert any("is the resistance that was corrected for too large?" in f for f in found.flags)


def test_a_bubble_is_no_fold(tmp_path):
    """When it leaves, the current rises at once and the corrected potential runs back."""
    ohm, felt, applied = 2.0, np.linspace(1.3, 1.75, 5000), np.linspace(1.3, 1.85, 900)

    def current(area):
        kinetic = area * 0.1 * 10.0 ** ((felt - 1.70) / 0.06)  # A
        return np.interp(applied, felt + ohm * kinetic, kinetic)

    measured = np.where(applied < 1.80, current(0.97), current(1.0))
    corrected = applied - ohm * measured
    assert np.max(np.maximum.accumulate(corrected) - corrected) > 1e-4
    path = tmp_path / "oer.csv"
    np.savetxt(path, np.column_stack([applied, measured]), delimiter=",",
               header="Potential/V,Current/A", comments="")  # fmt: skip
    settings = ["measurement.reaction=OER", "background.zero=foot", *ohmic(ohm)]
    found = analyse([path], settings).kinetic[0]
    assert found.tafel_slope_mV_dec.value == pytest.approx(60.0, abs=1.0)


@pytest.mark.parametrize("setting", ["background.file", "ring.file"])
def test_the_data_are_not_their_own_background_or_ring(tmp_path, setting):
    path = write(tmp_path / "a.csv")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    for other in (path, copy):
        with pytest.raises(SampleError, match="are the same file") as refused:
            analyse([path], [f"{setting}={other}"])
        assert setting in str(refused.value)
