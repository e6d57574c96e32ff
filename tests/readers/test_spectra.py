"""Every format of impedance spectra: one spectrum in all of them is the same after reading."""

import numpy as np
import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording

EIS = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
FORMATS = {
    "impedance.mpt": "BioLogic .mpt",
    "impedance_chi.txt": "CH Instruments",
    "rde_with_impedance_nova.txt": "Autolab NOVA",
    "three_segments.par": "VersaStudio .par",
    "spectrum.z": "ZPlot .z",
    "z60w.txt": "ZPlot .z",
    "spectrum.dfr": "Eco Chemie .dfr",
    "spectrum.i2b": ".i2b",
    "powersuite.txt": "PowerSuite",
    "session.pssession": "PalmSens .pssession",
}


@pytest.mark.parametrize("name", FORMATS)
def test_one_small_spectrum_in_every_format(snippet, name):
    recording = snippet(name)
    (spectrum,) = recording.require(*EIS)
    assert recording.format == FORMATS[name]
    assert spectrum.technique == "impedance"
    assert [list(spectrum[c]) for c in EIS] == [[1000.0, 100.0], [10.0, 20.0], [-2.5, -5.0]]


def test_the_same_real_spectrum_in_five_formats(real):
    """Of different numbers of printed digits: equal to the fewest."""
    digits = {"dfr": 1e-12, "i2b": 1e-12, "dta": 1e-12, "pssession": 1e-12, "z": 5e-7}
    whole = np.loadtxt(real("pyimpspec_data.i2b"), skiprows=6).T
    for suffix, relative in digits.items():
        (spectrum,) = read_recording(real(f"pyimpspec_data.{suffix}")).require(*EIS)
        assert len(spectrum) == 29
        for column, values in zip(EIS, whole, strict=True):
            np.testing.assert_allclose(spectrum[column], values, rtol=relative)


@pytest.mark.parametrize(
    "name, points, first, last",
    [
        ("impedancepy_exampleDataAutolab.txt", 41, (10000, 0.013785863964281, 0.007191946305823),
         (0.1, 0.0345697771923854, -0.00390292888845954)),
        ("impedancepy_exampleDataCHInstruments.txt", 73, (9.961e4, 98.91, -2.748),
         (0.1, 5685.0, -15860.0)),
        ("impedancepy_exampleDataPowersuite.txt", 30, (0.1, 423929.46, -49014.063),
         (2e6, -470.54113, -1397.7358)),
        ("impedancepy_exampleDataZPlot.z", 21, (3e5, 147.77, -11.335), (3e3, 613.68, -137.13)),
        ("impedancepy_exampleData.csv", 66, (3.1623e-3, 4.949989776405060160e-02,
         -2.043869854441892481e-02), (1e4, 1.577148266048593317e-02, 1.015747456493823649e-02)),
    ],
)  # fmt: skip
def test_real_spectra(real, name, points, first, last):
    (spectrum,) = read_recording(real(name)).segments
    assert len(spectrum) == points
    assert tuple(spectrum[c][0] for c in EIS) == first
    assert tuple(spectrum[c][-1] for c in EIS) == last


@pytest.mark.parametrize("name", ["spectrum.dfr", "spectrum.i2b", "z60w.txt"])
def test_announced_points_that_are_missing_are_noted(snippet, written, name):
    text = snippet(name).path.read_bytes()
    cut = text[: text.index(b"100.0" if b"100.0" in text else b"100,0")]
    cut = cut if name != "spectrum.dfr" else cut + b"1.0\n"
    recording = written(cut)
    assert len(recording.segments[0]) == 1
    assert any("announces" in note for note in recording.notes)


def test_rubbish_in_a_spectrum_is_refused_with_its_line(snippet, written):
    text = snippet("spectrum.dfr").path.read_bytes().replace(b" 20.0", b" 2o.0")
    with pytest.raises(RecordingError, match=r"line 14: expected a number, got '2o\.0'"):
        written(text)
    with pytest.raises(RecordingError, match="cut off"):
        written("ZPLOT2 ASCII\n  Measured Data\n")


def test_scans_of_a_palmsens_session(snippet):
    first, second, _ = snippet("session.pssession").segments
    assert first.technique == "cyclic voltammetry"
    assert list(first["current_A"]) == [-1.5e-6, 2.5e-6, -1e-6]
    assert list(second["potential_V"]) == [0.1, 0.2]
    assert float(first.settings["scan_rate_V_s"]) == 0.05
    assert first.settings["reference"] == "SCE"


def test_damaged_session_is_refused(snippet, written):
    data = snippet("session.pssession").path.read_bytes()
    with pytest.raises(RecordingError, match="cut off or damaged"):
        written(data[: len(data) // 4 * 2])


def test_ch_instruments_disk_and_ring_with_a_note_on_polarity(snippet):
    recording = snippet("rrde_chi.txt")
    (segment,) = recording.segments
    assert segment.technique == "linear sweep"
    assert list(segment["current_A"]) == [1.5e-6, 2.5e-6, 3.5e-6]
    assert list(segment["ring_current_A"]) == [-1e-8, -2e-8, -3e-8]
    assert segment.settings["scan_rate_V_s"] == "0.01"
    assert any("cathodic positive" in note for note in recording.notes)
    (turned,) = snippet("rrde_chi.txt", {"current_A": "-current_A"}).segments
    assert list(turned["current_A"]) == [-1.5e-6, -2.5e-6, -3.5e-6]


def test_a_padded_count_is_read(snippet, written):
    whole = snippet("spectrum.dfr")
    first, second, rest = whole.path.read_bytes().split(b"\n", 2)
    padded = written(b"\n".join([first, b" " * 40 + second, rest]))
    assert len(padded.segments[0]) == len(whole.segments[0])
