"""Autolab NOVA: commands of different length side by side in one table."""

import pytest

from adatom.errors import RecordingError
from adatom.readers import read_recording


def test_two_commands_in_one_table(snippet):
    recording = snippet("rde_with_impedance_nova.txt")
    sweep, spectrum = recording.segments
    assert recording.format == "Autolab NOVA"
    assert (sweep.technique, spectrum.technique) == ("cyclic voltammetry", "impedance")
    assert list(sweep["current_A"]) == [-1.5e-6, -2.5e-6, -3.5e-6, -3.0e-6]
    assert list(sweep["potential_V"]) == [0.499, 0.399, 0.299, 0.399]
    assert list(sweep["rotation_rpm"]) == [1600.0] * 4
    assert sweep.settings["scan_rate_V_s"] == "0.005"
    assert list(spectrum["impedance_imaginary_ohm"]) == [-2.5, -5.0]
    assert list(spectrum["time_s"]) == [1.5, 2.5]  # its own Time, the second of that name
    assert "rotation_rpm" not in spectrum


def test_tabs_and_decimal_commas(written):
    (segment,) = written(
        "Potential applied (V)\tTime (s)\tWE(1).Current (A)\tWE(1).Potential (V)\r\n"
        "0,5\t1\t-1,5E-06\t0,499\r\n0,4\t2\t-2,5E-06\t0,399\r\n"
    ).segments
    assert segment.technique == "linear sweep"
    assert list(segment["current_A"]) == [-1.5e-6, -2.5e-6]


def test_a_table_without_rows_is_refused(written):
    with pytest.raises(RecordingError, match="two rows"):
        written("Index;WE(1).Current (A);WE(1).Potential (V)\n")


@pytest.mark.parametrize(
    "name, speed, spectrum",
    [(f"O2_{n:04d}rpm", n, n == 1600) for n in (250, 500, 750, 1000, 1400, 1600, 2000)]
    + [("N2_1000rpm", 1000, True)],
)
def test_real_files(real, name, speed, spectrum):
    path = real(f"autolab_superP_{name}.txt")
    lines = path.read_bytes().decode("utf-8-sig").splitlines()[2:]
    rows = [line.split(";") for line in lines]
    sweep, *others = read_recording(path).segments
    whole = [r for r in rows if r[7]]
    assert len(sweep) == len(whole) == 830
    for column, place in {"time_s": 7, "current_A": 9, "potential_V": 10, "cycle": 11}.items():
        assert sweep[column][0] == float(whole[0][place])
        assert sweep[column][-1] == float(whole[-1][place])
    assert set(sweep["rotation_rpm"]) == {float(speed)}
    assert sweep.settings["scan_rate_V_s"] == "0.01"
    assert sweep.technique == "cyclic voltammetry"
    assert len(others) == spectrum
    if spectrum:
        (eis,) = others
        whole = [r for r in rows if r[14]]
        assert len(eis) == len(whole) == 61
        places = {"frequency_Hz": 14, "impedance_real_ohm": 15, "time_s": 19}
        for column, place in places.items():
            assert eis[column][-1] == float(whole[-1][place])
        assert eis["impedance_imaginary_ohm"][-1] == -float(whole[-1][16])
