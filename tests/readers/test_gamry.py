"""Gamry .DTA."""

import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording


def test_every_curve_is_a_segment(snippet):
    recording = snippet("cv.DTA")
    first, second = recording.segments
    assert first.technique == "cyclic voltammetry"
    assert list(first["potential_V"]) == [-0.2, -0.1, 0.0]
    assert list(second["current_A"]) == [-1.1e-6, -6e-7]
    assert first.settings["scan_rate_V_s"] == "0.05"
    assert first.settings["area_cm2"] == "0.196"
    assert recording.notes == ("CURVE2 announces 4 points and has 2: it is cut off",)


def test_decimal_comma_and_the_other_convention(snippet):
    recording = snippet("impedance_decimal_comma.DTA")
    (spectrum,) = recording.segments
    assert list(spectrum["impedance_real_ohm"]) == [10.5, 20.5]
    assert list(spectrum["impedance_imaginary_ohm"]) == [-2.5, -5.5]
    assert list(spectrum["current_A"]) == [1e-6, 1.5e-6]
    assert any("currents are turned" in note for note in recording.notes)
    assert any("1 cm2" in note for note in recording.notes)


def test_no_table_is_refused(written):
    with pytest.raises(RecordingError, match="never started"):
        written("EXPLAIN\nTAG\tCV\nAREA\tQUANT\t1\tArea\nCURVE1\tTABLE\t0\n\tPt\tT\n\t#\ts\n")


@pytest.mark.parametrize(
    "name, rest, points",
    [("impedancepy_exampleDataGamry.DTA", 387, 72), ("pyimpspec_data.dta", 40, 29)],
)
def test_real_files(real, name, rest, points):
    path = real(name)
    open_circuit, spectrum = read_recording(path).segments
    lines = path.read_bytes().decode("latin-1").replace(",", ".").splitlines()
    first = next(n for n, x in enumerate(lines) if x.startswith("ZCURVE")) + 3
    assert (len(open_circuit), len(spectrum)) == (rest, points)
    assert open_circuit.technique == "open circuit"
    places = {"frequency_Hz": 3, "impedance_real_ohm": 4, "impedance_imaginary_ohm": 5}
    for column, place in (places | {"current_A": 9, "potential_V": 10}).items():
        assert spectrum[column][0] == float(lines[first].split("\t")[place])
        assert spectrum[column][-1] == float(lines[-1].split("\t")[place])


def test_convention_1_is_anodic_positive(real):
    """Held below its rest potential, the cell takes a cathodic, that is negative, current."""
    open_circuit, spectrum = read_recording(real("impedancepy_exampleDataGamry.DTA")).segments
    assert spectrum.settings["CONVENTION"] == "1"
    assert (spectrum["potential_V"] < open_circuit["potential_V"][-1]).all()
    assert (spectrum["current_A"] < 0).all()
