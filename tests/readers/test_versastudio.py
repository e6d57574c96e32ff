"""Princeton VersaStudio .par."""

import numpy as np
import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording
from adatom.readers.versastudio import ANALOG_OUTPUT


def rows(path):
    """Cells of the lines of numbers, read without the reader."""
    lines = path.read_bytes().decode("utf-8").splitlines()
    return [x.split(",") for x in lines if x[:1].isdigit() and x.count(",") == 23]


def test_segments_with_the_settings_of_their_actions(snippet):
    recording = snippet("three_segments.par")
    sweep, spectrum, rest = recording.segments
    assert [s.technique for s in recording.segments] == [
        "cyclic voltammetry",
        "impedance",
        "open circuit",
    ]
    assert list(sweep["current_A"]) == [-1e-6, -2e-6, -1.5e-6]
    assert sweep.settings["scan_rate_V_s"] == "0.01"
    assert sweep.settings["ir_compensation"] == "Disabled"
    assert sweep.settings["reference"] == "Ag/AgCl (0.197 Volts)"
    assert (sweep.settings[ANALOG_OUTPUT], rest.settings[ANALOG_OUTPUT]) == ("0.1", "0.225")
    assert "frequency_Hz" not in sweep
    assert list(spectrum["impedance_imaginary_ohm"]) == [-2.5, -5.0]
    assert any("400, 900 rpm | second line" in note for note in recording.notes)
    assert any("rotation speed is not in the file" in note for note in recording.notes)
    assert "rotation_rpm" not in sweep


def test_settings_are_not_attached_where_the_order_is_contradicted(snippet, written):
    text = snippet("three_segments.par").path.read_bytes()
    mixed = written(text.replace(b"0,0,0,21\r", b"0,0,0,38\r").replace(b",-5,21", b",-5,38"))
    mixed = written(text.replace(b",38", b",41"))  # open circuit where the actions say a sweep
    assert all("Action" not in s.settings for s in mixed.segments)
    assert any("not attached" in note for note in mixed.notes)


def test_a_count_of_thousands_of_digits_is_none(snippet, written):
    whole = snippet("three_segments.par")
    read = written(
        whole.path.read_bytes().replace(b"Segments=1\r", b"Segments=1" + b"0" * 5000 + b"\r")
    )
    assert [len(s) for s in read.segments] == [len(s) for s in whole.segments]


def test_cut_off_file_keeps_its_whole_rows(snippet, written):
    text = snippet("three_segments.par").path.read_bytes()
    short = written(text[: text.index(b"1,4,0.5,-1.0E") + 13])
    assert [len(s) for s in short.segments] == [3, 1]
    assert any("cut off" in note for note in short.notes)
    with pytest.raises(RecordingError, match="never started"):
        written(text[: text.index(b"0,0,0.9")])


@pytest.mark.parametrize(
    "name, points, technique",
    [
        ("elchempy_DW25_ORR_disk.par", [5, 2000] * 5, "cyclic voltammetry"),
        ("elchempy_DW25_ORR_ring.par", [40, 2000] * 5, "chronoamperometry"),
        ("elchempy_JOS2_O2_EIS.par", [51] * 14, "impedance"),
        ("elchempy_OCP_RHE_AgAgCl4.par", [100], "open circuit"),
        ("impedancepy_exampleDataVersaStudio.par", [61], "impedance"),
    ],
)
def test_real_files(real, name, points, technique):
    path = real(name)
    recording = read_recording(path)
    assert [len(s) for s in recording.segments] == points
    assert recording.segments[-1].technique == technique
    places = {"potential_V": 2, "current_A": 3, "time_s": 4}
    if technique == "impedance":
        places |= {"frequency_Hz": 9, "impedance_real_ohm": 14, "impedance_imaginary_ohm": 15}
    every = rows(path)
    edges = np.cumsum([0, *points])
    for segment, first, last in zip(recording.segments, edges, edges[1:], strict=False):
        for column, place in places.items():
            assert segment[column][0] == float(every[first][place])
            assert segment[column][-1] == float(every[last - 1][place])


def test_rotation_and_scan_rate_of_the_rrde_pair(real):
    disk = read_recording(real("elchempy_DW25_ORR_disk.par"))
    ring = read_recording(real("elchempy_DW25_ORR_ring.par"))
    assert {s.settings["scan_rate_V_s"] for s in disk.segments[1::2]} == {"0.01"}
    outputs = [s.settings[ANALOG_OUTPUT] for s in ring.segments[1::2]]
    assert outputs == ["0", "0.055", "0.11", "0.2475", "0.405"]
    assert any("rotation 0, 200, 400, 900, 1500 rpm" in note for note in disk.notes)
    # cathodic negative: oxygen reduction at low potential
    sweep = disk.segments[9]
    assert sweep["current_A"][np.argmin(sweep["potential_V"])] < -1e-5
