"""The area that an instrument writes by itself is told from one that somebody typed in."""

from pathlib import Path

import pytest

from adatom.readers import read_recording
from adatom.readers.electrode_area import area_of

SNIPPETS = Path(__file__).parent / "snippets"
FORMATS = {  # file: its line before and after the number, decimal mark, the line it goes before
    "cv.DTA": ("AREA\tQUANT\t", "\t&Area (cm^2)", ".", "PSTAT\t"),
    "impedance_decimal_comma.DTA": ("AREA\tQUANT\t", "\t&Area (cm^2)", ",", "PSTAT\t"),
    "impedance.mpt": ("Electrode surface area : ", " cm\xb2", ".", "Run on channel"),
    "three_segments.par": ("Working Electrode Area (cm2)=", "", ".", "Reference Electrode="),
    "spectrum.z": ("  Surface Area: ", "", ".", "  Potential-AC:"),
}


def with_area(tmp_path, name, number):
    before, after, mark, above = FORMATS[name]
    text = (SNIPPETS / name).read_bytes().decode("latin-1")
    lines = text.split("\n")
    line = before + number.replace(".", mark) + after
    at = next((n for n, old in enumerate(lines) if old.startswith(before)), None)
    if at is None:
        at = next(n for n, old in enumerate(lines) if old.startswith(above))
        lines.insert(at, line)
    lines[at] = line
    path = tmp_path / "file"
    path.write_bytes("\n".join(lines).encode("latin-1"))
    return read_recording(path)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("number", ["1", "1.000", "1.00000E+000", "0.001"])
def test_an_area_left_at_its_default_is_said(tmp_path, name, number):
    notes = " ".join(with_area(tmp_path, name, number).notes)
    assert f"area in the file is {float(number):g} cm2, the instrument's default" in notes


@pytest.mark.parametrize("name", FORMATS)
def test_an_area_that_was_typed_in_is_kept_as_a_setting(tmp_path, name):
    recording = with_area(tmp_path, name, "0.196")
    assert not any("area" in note for note in recording.notes)
    assert float(recording.segments[0].settings["area_cm2"]) == 0.196


@pytest.mark.parametrize(
    ("file", "area"),
    [
        ("impedancepy_exampleDataGamry.DTA", 1.0),
        ("pyimpspec_data.dta", 1.0),
        ("elchempy_DW25_ORR_disk.par", 1.0),
        ("impedancepy_exampleDataZPlot.z", 1.0),
    ],
)
def test_real_files_left_at_the_default(real, file, area):
    recording = read_recording(real(file))
    assert any("the instrument's default" in note for note in recording.notes)
    assert float(recording.segments[0].settings["area_cm2"]) == area


@pytest.mark.parametrize("text", ["", "one", "cm2"])
def test_texts_without_a_number(text):
    assert area_of(text) is None
