"""Tables: headers with units, column maps, separators, damage."""

import numpy as np
import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording


def test_units_in_the_header(snippet):
    (segment,) = snippet("lsv.csv").segments
    assert list(segment["potential_V"]) == [1.0, 0.9, 0.8]
    assert list(segment["current_density_mA_cm2"]) == [-0.01, -0.5, -3.0]
    assert segment.settings["reference"] == "RHE"


def test_semicolons_and_decimal_commas(snippet):
    (segment,) = snippet("semicolon_decimal_comma.csv").segments
    assert list(segment["potential_V"]) == [0.5, 0.25]
    assert list(segment["current_A"]) == [-1.5e-6, -2.5e-6]
    assert "Zeit/s" in segment


def test_units_in_a_line_of_their_own(snippet):
    recording = snippet("units_line.txt")
    (segment,) = recording.segments
    assert list(segment["potential_V"]) == [0.5, 0.4]
    assert list(segment["current_A"]) == [-1.5e-3, -2.5e-3]
    assert recording.notes == ("column 'note' holds text and is left out",)


def test_missing_units_are_asked_for_and_named_by_a_map(snippet):
    with pytest.raises(RecordingError, match=r"E, I; name them, for example --columns potential_V"):
        snippet("no_units.csv")
    (segment,) = snippet("no_units.csv", {"potential_mV": "E", "current_uA": "-I"}).segments
    assert list(segment["potential_V"]) == [0.5e-3, 0.4e-3]
    assert list(segment["current_A"]) == [1.5e-6, 2.5e-6]


@pytest.mark.parametrize(
    "columns, message",
    [
        ({"voltage": "E"}, "'voltage' is no known quantity; expected one of time_s"),
        ({"potential_V": "U"}, "no column 'U'; the file has E, I"),
        ({"potential_V": "E", "potential_mV": "E"}, "potential_V is named twice"),
    ],
)
def test_wrong_maps_are_refused(snippet, columns, message):
    with pytest.raises(RecordingError, match=message):
        snippet("no_units.csv", columns)


def test_columns_without_header(snippet, written):
    recording = snippet("headerless_impedance.csv")
    (segment,) = recording.segments
    assert segment.technique == "impedance"
    assert list(segment["frequency_Hz"]) == [1e4, 1e3, 1e2, 10.0, 1.0]
    assert "no header" in recording.notes[0]
    times = "".join(f"{0.1 * n},{n},{n}\n" for n in range(1, 40))  # evenly spaced: no frequencies
    with pytest.raises(RecordingError, match="3 columns without a header that names as many"):
        written(times)
    (segment,) = written(times, {"time_s": "column 1", "potential_V": "column 2"}).segments
    assert segment["potential_V"][-1] == 39.0


def test_damage_is_named_with_its_line(written):
    with pytest.raises(RecordingError, match=r"line 3: column 'I/mA'.*got 'oops'"):
        written("E/V,I/mA\n0.1,2\n0.2,oops\n0.3,4\n")
    with pytest.raises(RecordingError, match="line 3 has 3 values where the header names 2"):
        written("E/V,I/mA\n0.1,2\n0.2,3,4\n")
    with pytest.raises(RecordingError, match="line 3 has 4 values where the header names 2"):
        written("E/V,I/mA\n0.1,2\n0.2,,,\n0.3,4\n")
    with pytest.raises(RecordingError, match="thousands separators"):
        written("E/V;I/mA\n0.1;1,000\n0.2;2,000\n")
    cut = written("E/V,I/mA\n0.1,2.5\n0.2,2.5\n0.3")
    assert len(cut.segments[0]) == 2
    assert "ends within a row" in cut.notes[0]
    cut = written("E/V,I/mA\n0.1,2.5e-3\n0.2,2.5e-")
    assert len(cut.segments[0]) == 1


def test_a_header_that_misses_a_name_never_moves_the_others(written):
    with pytest.raises(RecordingError, match="3 columns without a header that names as many"):
        written("E/V,I/mA\n1,0.1,2\n2,0.2,3\n")  # rows numbered, their numbers not named
    (segment,) = written("E/V,I/mA\n0.1,2,\n0.2,3,\n").segments
    assert list(segment["potential_V"]) == [0.1, 0.2]
    (segment,) = written(",E/V,I/mA\n1,0.1,2\n2,0.2,3\n").segments
    assert list(segment["current_A"]) == [2e-3, 3e-3]


def test_quoted_numbers(written):
    (segment,) = written('"E/V","I/mA"\n"0.1","2"\n"0.2","3"\n').segments
    assert list(segment["current_A"]) == [2e-3, 3e-3]


def test_gaps_and_infinities_are_missing_values(written):
    recording = written("E/V,I/mA\n0.1,\n0.2,nan\n0.3,inf\n0.4,4\n")
    (segment,) = recording.segments
    assert list(np.isnan(segment["current_A"])) == [True, True, True, False]
    assert "infinite" in recording.notes[0]
    assert recording.summary()["segments"][0]["missing"] == {"current_A": 3}
    assert recording.summary()["segments"][0]["ranges"]["current_A"] == [4e-3, 4e-3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encodings_and_line_ends(written, encoding, ending):
    text = ending.join(["E/V\tI/µA", "0.1\t2", "0.2\t3", ""])
    (segment,) = written(text, encoding=encoding).segments
    assert list(segment["current_A"]) == [2e-6, 3e-6]


@pytest.mark.parametrize("number", ["1E4294967295", "1E2147483648", "1E-4294967295", "9e999"])
def test_absurd_exponents_are_no_other_numbers(written, number):
    """to_numeric of pandas 2 makes 10 of 1E-4294967295 and ends the process over another."""
    (segment,) = written(f"E/V,I/mA\n0.1,2\n0.2,{number}\n0.3,1E999999\n").segments
    assert segment["current_A"][0] == 2e-3
    assert segment["current_A"][1] == 0.0 or np.isnan(segment["current_A"][1])
    assert np.isnan(segment["current_A"][2])


def test_words_are_no_numbers(written):
    recording = written("E/V,I/mA,ok\n0.1,2,True\n0.2,3,False\n")
    assert "column 'ok' holds text" in recording.notes[0]


def test_numbers_are_read_to_the_last_bit(written):
    rng = np.random.default_rng(1)
    values = rng.normal(size=(500, 2)) * 10.0 ** rng.integers(-20, 20, (500, 2))
    text = "t/s,E/V\n" + "".join(f"{a!r},{b!r}\n" for a, b in values.tolist())
    (segment,) = written(text).segments
    assert (segment["time_s"] == values[:, 0]).all()
    assert (segment["potential_V"] == values[:, 1]).all()


@pytest.mark.parametrize("label, place", [("f1tl", 0), ("f2tl", 0)])
def test_real_microampere_densities(real, label, place):
    path = real(f"echemdb_strmcnik_2010_enhanced_880_{label}_black.csv")
    lines = path.read_text().splitlines()
    (segment,) = read_recording(path).segments
    assert len(segment) == len(lines) - 1
    for at, line in ((0, lines[1]), (-1, lines[-1])):
        potential, density = map(float, line.split(","))
        assert segment["potential_V"][at] == potential
        assert segment["current_density_mA_cm2"][at] == density / 1000


def test_real_table_with_a_line_of_units(real):
    path = real("OER_Ir_LSV.txt")
    lines = path.read_text().splitlines()
    with pytest.raises(RecordingError, match=r"'j', 'j Ageo' all say that they are the current"):
        read_recording(path)
    (segment,) = read_recording(path, {"current_density_mA_cm2": "j"}).segments
    assert len(segment) == len(lines) - 3
    assert segment.settings["reference"] == "RHE"
    assert segment["potential_V"][-1] == float(lines[-1].split("\t")[0])
    assert segment["current_density_mA_cm2"][-1] == float(lines[-1].split("\t")[1])
    assert "j Ageo" in segment


@pytest.mark.parametrize("name", ["DBFC_PdC_EIS.csv", "DBFC_PdC_polarization.csv"])
def test_real_table_without_units_needs_a_map(real, name):
    path = real(name)
    with pytest.raises(RecordingError, match="z_real, z_img"):
        read_recording(path)
    columns = {"impedance_real_ohm": "z_real", "impedance_imaginary_ohm": "-z_img"}
    (segment,) = read_recording(path, columns).segments
    lines = path.read_text().splitlines()
    assert len(segment) == len(lines) - 1
    assert segment["impedance_real_ohm"][-1] == float(lines[-1].split(",")[0])
    assert segment["impedance_imaginary_ohm"][-1] == -float(lines[-1].split(",")[1])
    assert "z_real" in segment


@pytest.mark.parametrize("name", ["OER_ReadMe_Echem.txt", "DBFC_PdC_polarization.names",
    "echemdb_strmcnik_2010_enhanced_880_f1tl_black.yaml"])  # fmt: skip
def test_real_texts_that_are_no_data_are_refused(real, name):
    with pytest.raises(RecordingError):
        read_recording(real(name))


def test_our_own_names_are_headers(tmp_path):
    """Tables written by adatom can be read by it."""
    path = tmp_path / "own.csv"
    path.write_text("potential_V,current_density_mA_cm2\n1.0,-1e-3\n0.9,-2e-3\n")
    (segment,) = read_recording(path).segments
    assert list(segment.columns) == ["potential_V", "current_density_mA_cm2"]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("E/V,j (mA/cm2),j geo (mA/cm2)", "current_density_mA_cm2=j geo (mA/cm2)"),
        ("E/V,I/A,I/A", "current_A=I/A (2)"),
        ("E (V vs RHE),E (V vs SCE),I/A", "potential_V=E (V vs SCE)"),
        ("E/V,I/mA,I_disk/mA", "current_mA=I_disk/mA"),
        ("E/mV,I/A,E/mV", "potential_mV=E/mV (2)"),
    ],
)
def test_columns_that_say_the_same_are_asked_for(written, header, named):
    rows = "".join(f"{0.1 * n},{0.2 * n},{0.3 * n}\n" for n in range(9))
    with pytest.raises(RecordingError, match="name the one that is meant") as refused:
        written(f"{header}\n{rows}")
    assert f'--columns "{named}"' in str(refused.value)
    name, _, column = named.partition("=")
    (segment,) = written(f"{header}\n{rows}", {name: column}).segments
    last = 0.8 * (2 if "RHE" in header else 3)
    if "_m" in name and "density" not in name:
        last, name = 1e-3 * last, name.replace("_m", "_")
    assert segment[name][-1] == pytest.approx(last)


@pytest.mark.parametrize("given", ["current_A=-I/mA", "current_uA=I/mA"])
def test_a_map_that_contradicts_the_unit_of_the_header(written, given):
    name, _, column = given.partition("=")
    with pytest.raises(RecordingError, match="is not in the unit that the header") as refused:
        written("E/V,I/mA\n" + "0.1,1\n0.2,2\n0.3,3\n", {name: column})
    assert f'--columns "current_mA={column}"' in str(refused.value)


@pytest.mark.parametrize("header", ["E/V,I/A,I range (A)", "E/V,I/mA,j (mA/cm2)", "E/V,I/A,t/s"])
def test_columns_that_say_different_things_are_not(written, header):
    written(f"{header}\n" + "".join(f"{0.1 * n},{0.2 * n},{0.3 * n}\n" for n in range(9)))


def test_a_column_written_twice_is_one(written):
    written("E/V,I/A,I/A\n" + "".join(f"{0.1 * n},{0.2 * n},{0.2 * n}\n" for n in range(9)))


def test_a_cell_of_many_digits_is_refused_without_reading_it_again_and_again(written):
    """An ambiguous pattern needs minutes for it: as many steps as the square of the digits."""
    with pytest.raises(RecordingError, match=r"line 3: .*'j/mA cm-2'.* number"):
        written(b"E/V,j/mA cm-2\n0.1,-1.0\n0.2," + b"7" * 100_000 + b"x\n0.3,-3.0\n0.4,-4.0\n")
