"""What a recording promises whatever the file held."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from adatom.errors import RecordingError
from adatom.readers.naming import scaled
from adatom.readers.recording import Recording, Segment


def test_infinities_are_missing_and_counted():
    segment = Segment("table", {"potential_V": np.array([1.0, np.inf, -np.inf])})
    recording = Recording(Path("x"), "TDMS", (segment,), "", "0")
    assert list(np.isnan(segment["potential_V"])) == [False, True, True]
    assert recording.summary()["segments"][0]["missing"] == {"potential_V": 2}


@pytest.mark.parametrize(
    "rate, kept", [("0.01", True), ("fast", False), ("inf", False), ("", False)]
)
def test_a_canonical_setting_is_a_number_or_not_there(rate, kept):
    """Analysis takes scan rates from here."""
    settings = {"scan_rate_V_s": rate, "Scan Rate (V/s)": rate}
    segment = Segment("table", {"potential_V": np.zeros(2)}, settings)
    assert ("scan_rate_V_s" in segment.settings) == kept
    assert segment.settings["Scan Rate (V/s)"] == rate


def test_notes_are_single_lines_without_control_characters():
    recording = Recording(Path("x"), "table", (), "", "0", ("a\nb\x1b[31m", "c" * 10_000))
    assert recording.notes[0] == "a b?[31m"
    assert len(recording.notes[1]) < 2100


def test_signalling_nans_and_overflows_are_missing_without_a_word():
    signalling = np.array([0x7FF0000000000001, 0x3FF0000000000000], dtype=np.uint64).view(float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(np.isnan(scaled(signalling, 1e-3))) == [True, False]
        assert np.isinf(scaled(np.array([1e308]), 1e3))[0]


def test_a_segment_has_its_number_in_the_file():
    """Whatever columns are asked for: the same number names the same stretch everywhere."""
    rest = Segment("open circuit", {"potential_V": np.zeros(3)})
    held = [
        Segment("chronoamperometry", {"time_s": np.arange(n), "current_A": np.ones(n)})
        for n in (4, 5)
    ]
    recording = Recording(Path("x"), "table", (rest, *held), "", "0")
    assert recording.segment("current_A", number=2) is held[0]
    assert recording.segment("potential_V") is rest
    with pytest.raises(RecordingError, match=r"by its number: 2 chrono.*4 points.*, 3 chrono"):
        recording.segment("current_A")
    with pytest.raises(RecordingError, match="1 is none of them"):
        recording.segment("current_A", number=1)
    assert set(recording.to_frame()["segment"]) == {1, 2, 3}
