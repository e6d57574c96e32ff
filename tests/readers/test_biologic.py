"""BioLogic .mpt and .mpr; expected values are taken from lines of the files by hand."""

import numpy as np
import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording


def cells(path, line):
    """Values of one line of a text export, decimal commas or not."""
    text = path.read_bytes().decode("latin-1").splitlines()[line]
    return [float(c.replace(",", ".")) for c in text.split("\t") if c]


def test_decimal_commas_loops_and_settings(snippet):
    recording = snippet("cv_decimal_comma.mpt")
    first, second = recording.segments
    assert recording.format == "BioLogic .mpt"
    assert first.technique == "cyclic voltammetry"
    assert list(first["potential_V"]) == [0.1, 0.2, 0.3]
    assert list(first["current_A"]) == [-1.5e-3, -0.5e-3, 0.25e-3]
    assert list(second["time_s"]) == [3.0, 4.0, 5.0]
    assert second["charge_C"][-1] == pytest.approx(0.5 * 3.6)  # 1 mA h is 3.6 C
    assert first.settings["scan_rate_V_s"] == "0.01"
    assert first.settings["area_cm2"] == "0.196"
    assert first.settings["reference"].startswith("SCE")
    assert first.settings["Ei (V) vs."] == "Ref"
    assert "Cs/µF" in first
    assert recording.notes == ()


def test_imaginary_part_is_turned_and_direct_current_kept_apart(snippet):
    direct, spectrum = snippet("impedance.mpt").segments
    assert direct.technique == "table"
    assert "frequency_Hz" not in direct
    assert list(spectrum["impedance_imaginary_ohm"]) == [-2.5, -5.0]
    assert spectrum["current_A"][0] == -2e-4
    (note,) = snippet("impedance.mpt").notes
    assert "0.001 cm2" in note


def test_cut_off_files_say_so(snippet, written):
    whole = (snippet("cv_decimal_comma.mpt").path).read_bytes()
    short = written(whole[:-60])
    assert sum(map(len, short.segments)) == 5
    assert any("announces 6 points" in note for note in short.notes)
    with pytest.raises(RecordingError, match="cut off"):
        written(whole[:300])


def test_counts_of_thousands_of_digits_are_none(snippet, written):
    """Python refuses to turn so many into an integer; the rows are read as one loop."""
    whole = (snippet("cv_decimal_comma.mpt").path).read_bytes()
    read = written(whole.replace(b"number 3 to 5", b"number 3 to 5" + b"5" * 5000))
    assert sum(map(len, read.segments)) == 6


def test_number_that_is_none_is_refused_with_its_line(snippet, written):
    text = snippet("impedance.mpt").path.read_bytes().replace(b"2.0E+001", b"2.0x+001")
    with pytest.raises(RecordingError, match=r"line 11: .*'Re\(Z\)/Ohm'.*'2.0x\+001'"):
        written(text)


REAL = {
    "impedancepy_exampleDataBioLogic.mpt": ("impedance", 61, {"frequency_Hz": (0, 1.0),
        "impedance_real_ohm": (1, 1.0), "impedance_imaginary_ohm": (2, -1.0),
        "potential_V": (6, 1.0), "current_A": (7, 1e3)}),
    "ixdat_Pt_poly_cv.mpt": ("cyclic voltammetry", 73, {"time_s": (6, 1.0), "potential_V": (8, 1.0),
        "current_A": (9, 1e3), "cycle": (10, 1.0), "charge_C": (11, 1.0)}),
    "yadg_ca.mpt": ("chronoamperometry", 68, {"time_s": (7, 1.0), "potential_V": (9, 1.0),
        "current_A": (10, 1e3), "charge_C": (12, 1.0)}),
    "yadg_lsv.mpt": ("linear sweep", 66, {"time_s": (4, 1.0), "potential_V": (6, 1.0),
        "current_A": (7, 1e3), "charge_C": (8, 1.0)}),
    "yadg_peis.mpt": ("impedance", 70, {"frequency_Hz": (0, 1.0), "impedance_real_ohm": (1, 1.0),
        "impedance_imaginary_ohm": (2, -1.0), "current_A": (7, 1e3)}),
    "yadg_zir.mpt": ("impedance", 50, {"frequency_Hz": (0, 1.0), "impedance_real_ohm": (1, 1.0),
        "impedance_imaginary_ohm": (2, -1.0), "potential_V": (6, 1.0)}),
}  # fmt: skip
"""Technique, lines of the header, and for each name its place and what it is divided by."""


@pytest.mark.parametrize("name", REAL)
def test_real_exports(real, name):
    technique, header, places = REAL[name]
    path = real(name)
    recording = read_recording(path)
    (segment,) = recording.segments
    lines = path.read_bytes().decode("latin-1").splitlines()
    assert segment.technique == technique
    assert len(segment) == len([x for x in lines[header:] if x.strip()])
    assert recording.header.count("\n") + 1 == header
    for column, (place, divisor) in places.items():
        assert segment[column][0] == cells(path, header)[place] / divisor
        assert segment[column][-1] == cells(path, -1)[place] / divisor


@pytest.mark.parametrize("name", ["ca", "lsv", "peis", "zir"])
def test_binary_equals_its_export_to_the_last_printed_digit(real, name):
    pytest.importorskip("yadg", reason="reading .mpr needs the extra echem")
    binary = read_recording(real(f"yadg_{name}.mpr")).segments[0]
    path = real(f"yadg_{name}.mpt")
    header = REAL[f"yadg_{name}.mpt"][1]
    places = REAL[f"yadg_{name}.mpt"][2]
    lines = [x for x in path.read_bytes().decode("latin-1").splitlines()[header:] if x.strip()]
    assert binary.technique == REAL[f"yadg_{name}.mpt"][0]
    assert len(binary) == len(lines)
    for column, (place, divisor) in places.items():
        printed = [line.split("\t")[place] for line in lines]
        last_digit = [_last_digit(text) for text in printed]
        expected = np.array(printed, dtype=float) / divisor
        off = np.abs(binary[column] - expected)
        # half a unit of the last digit; some have 16 digits, where doubles have steps of their own
        steps = 2.0 * np.spacing(np.abs(expected))
        allowed = 0.5 * np.array(last_digit) / abs(divisor) * (1 + 1e-6) + steps
        assert (off <= allowed).all(), column


def _last_digit(printed):
    """Worth of one unit in the last digit of a number in scientific notation."""
    digits, exponent = printed.split("E")
    return 10.0 ** (int(exponent) - len(digits.partition(".")[2]))


def test_settings_of_the_binary_equal_those_of_the_export(real):
    pytest.importorskip("yadg", reason="reading .mpr needs the extra echem")
    for name in ("ca", "lsv", "peis", "zir"):
        binary, text = (
            read_recording(real(f"yadg_{name}.{s}")).segments[0].settings for s in ("mpr", "mpt")
        )
        for setting in ("scan_rate_V_s", "area_cm2", "ir_compensation"):
            assert binary.get(setting) == text.get(setting)


def test_without_yadg_the_install_line_is_given(written, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "yadg", None)
    monkeypatch.setitem(sys.modules, "yadg.extractors", None)
    monkeypatch.setitem(sys.modules, "yadg.extractors.eclab", None)
    with pytest.raises(RecordingError, match=r"pip install 'yadg>=7.0'"):
        written(b"BIO-LOGIC MODULAR FILE\x1a" + bytes(50))
