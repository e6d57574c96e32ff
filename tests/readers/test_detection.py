"""Which format a file has shows in its content; what is no measurement is refused in one line."""

import io
import random
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adatom.errors import RecordingError
from adatom.readers import read_recording, source
from adatom.readers.detection import read_source
from adatom.readers.recording import COLUMNS, TECHNIQUES

SNIPPETS = sorted((Path(__file__).parent / "snippets").iterdir())
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validation"))

from damage import damaged  # noqa: E402
from fuzz_targets import TARGETS, attempt, seeds_of  # noqa: E402


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda p: p.name)
def test_the_name_of_a_file_does_not_matter(path, tmp_path):
    if path.name == "no_units.csv":
        pytest.skip("is refused by whatever name")
    copy = tmp_path / "measurement.pdf"
    copy.write_bytes(path.read_bytes())
    one, other = read_recording(path), read_recording(copy)
    assert one.format == other.format
    assert one.sha256 == other.sha256
    for s, t in zip(one.segments, other.segments, strict=True):
        assert all(np.array_equal(s[c], t[c], equal_nan=True) for c in s.columns)


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda p: p.name)
def test_every_snippet_holds_what_the_vocabulary_says(path):
    if path.name == "no_units.csv":
        pytest.skip("is refused")
    recording = read_recording(path)
    assert all(s.technique in TECHNIQUES for s in recording.segments)
    assert any(set(s.columns) & set(COLUMNS) for s in recording.segments)
    assert recording.header or path.name == "headerless_impedance.csv"


def test_no_files(tmp_path):
    with pytest.raises(RecordingError, match="does not exist"):
        read_recording(tmp_path / "none.csv")
    with pytest.raises(RecordingError, match="is a folder"):
        read_recording(tmp_path)
    for content in (b"", b"\r\n \n"):
        (tmp_path / "empty").write_bytes(content)
        with pytest.raises(RecordingError, match="is empty"):
            read_recording(tmp_path / "empty")
    with pytest.raises(RecordingError, match="device or pipe"):
        read_recording("/dev/null")


def test_too_large_a_file_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)  # ten gigabytes that take no space
    monkeypatch.setattr(Path, "open", lambda *a, **k: pytest.fail("was opened"))
    with pytest.raises(RecordingError, match=r"10000 MB, at most 256 MB.*export fewer points"):
        read_recording(path)


def test_a_file_that_grows_while_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("E/V,I/A\n1,2\n3,4\n")
    monkeypatch.setattr(source, "MAX_BYTES", 10)
    with pytest.raises(RecordingError, match="at most"):
        read_recording(path)


def test_absurd_lines_are_refused_at_once(written):
    with pytest.raises(RecordingError, match="no table"):
        written("1" * 60_000 + "x,2\n")
    with pytest.raises(RecordingError, match="a line of 200004 characters"):
        written("Index;WE(1).Current (A)\n1;2\n2" + ";" * 200_000 + "abc\n")


def test_foreign_containers_are_named(written):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../bomb.csv", b"0" * 1_000_000)
    with pytest.raises(RecordingError, match=r"ZIP container.*save its table as CSV"):
        written(packed.getvalue())
    with pytest.raises(RecordingError, match="gzip"):
        written(b"\x1f\x8b" + bytes(20))
    with pytest.raises(RecordingError, match="binary file of no known instrument"):
        written(b"RIFF\0\0\0\0" + bytes(range(256)))
    with pytest.raises(RecordingError, match="expected rows of at least two numbers"):
        written("a letter to a friend\nwithout numbers\n")


def test_a_map_applies_to_known_formats_too(snippet):
    (segment,) = snippet("cv_decimal_comma.mpt", {"current_density_mA_cm2": "Cs/µF"}).segments[:1]
    assert list(segment["current_density_mA_cm2"]) == [2.0, 2.0, 2.0]
    columns = {"impedance_imaginary_ohm": "-impedance_imaginary_ohm"}
    recording = snippet("three_segments.par", columns)
    assert list(recording.segments[1]["impedance_imaginary_ohm"]) == [2.5, 5.0]
    assert "impedance_imaginary_ohm" not in recording.segments[0]
    with pytest.raises(RecordingError, match="no column 'nothing'"):
        snippet("cv_decimal_comma.mpt", {"potential_V": "nothing"})


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_files_are_read_or_refused(seed):
    rng = random.Random(seed)
    originals = [path.read_bytes() for path in SNIPPETS]
    attempt(damaged(rng.choice(originals), originals, rng))


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_refused(data):
    for start in (b"", b"EC-Lab ASCII FILE\nNb header lines : 3\n", b"<Application>\n<Action0>\n"):
        attempt(start + data)


def test_tdms_groups_are_segments(tmp_path):
    nptdms = pytest.importorskip("nptdms", reason="reading TDMS needs the extra echem")
    path = tmp_path / "x"
    with nptdms.TdmsWriter(path) as writer:
        for group, values in (("a", [0.1, 0.2]), ("b", [0.3, 0.4])):
            channels = [
                nptdms.ChannelObject(group, "E", np.array(values), {"unit_string": "V"}),
                nptdms.ChannelObject(group, "I", np.array([-1.0, -2.0]), {"unit_string": "mA"}),
                nptdms.ChannelObject(group, "P", np.array([5, 6])),
            ]
            writer.write_segment(channels)
    recording = read_recording(path)
    assert recording.format == "TDMS"
    assert [list(s["potential_V"]) for s in recording.segments] == [[0.1, 0.2], [0.3, 0.4]]
    assert list(recording.segments[1]["current_A"]) == [-1e-3, -2e-3]
    assert list(recording.segments[0]["P"]) == [5.0, 6.0]
    data = path.read_bytes()
    rng = random.Random(0)
    for _ in range(200):
        attempt(damaged(data, [data], rng))


def test_tdms_infinities_are_missing_values_and_warnings_are_notes(tmp_path, capfd):
    nptdms = pytest.importorskip("nptdms", reason="reading TDMS needs the extra echem")
    path = tmp_path / "x"
    with nptdms.TdmsWriter(path) as writer:
        values = np.array([0.1, np.inf, 0.3])
        writer.write_segment([nptdms.ChannelObject("a", "E", values, {"unit_string": "V"})])
    assert read_recording(path).summary()["segments"][0]["missing"] == {"potential_V": 1}
    path.write_bytes(path.read_bytes()[:-8])
    assert any(note.startswith("npTDMS: ") for note in read_recording(path).notes)
    assert capfd.readouterr() == ("", "")


def test_files_do_not_steer_the_terminal(written):
    with pytest.raises(RecordingError) as refused:
        written("\x1b]0;evil\x07E,I\u202e\n0.1,2\n0.2,3\n")
    assert str(refused.value).isprintable()
    with pytest.raises(RecordingError) as refused:
        written("E" * 50_000 + ",I\n0.1,2\n0.2,3\n")
    assert len(str(refused.value)) < 1000
    notes = written("E/V,I/mA,\x1b[31mred\n0.1,1,x\n0.2,2,y\n").notes
    assert notes
    assert all(note.isprintable() for note in notes)


@pytest.mark.parametrize("target", TARGETS)
def test_every_format_has_files_to_damage(target):
    if target in ("biologic_mpr", "tdms"):
        pytest.skip("has none without the extra echem and the reference data")
    assert seeds_of(target)


def test_without_nptdms_the_install_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "nptdms", None)
    with pytest.raises(RecordingError, match="pip install 'npTDMS"):
        read_source(source.Source(Path("x"), b"TDSm" + bytes(40)))
