"""``adatom electrochem eis`` on spectra made by hand."""

import json

import numpy as np
import pytest

from adatom.cli import main
from adatom.cli.eis import analyse
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import spectra_of, spectrum_of
from adatom.errors import ImpedanceError, RecordingError
from adatom.readers.recording import Recording, Segment
from impedance_spectra import segment, synthetic

CIRCUIT = parse_circuit("R(RQ)")
TRUTH = {"R0": 10.0, "R1": 63.0, "CPE1.Q": 1e-4, "CPE1.n": 0.85}


def recording(tmp_path, *parts):
    return Recording(tmp_path / "a.mpt", "by hand", parts, "", "0")


def part(potential=0.8, **truth):
    s = synthetic(CIRCUIT, TRUTH | truth, noise=0.005)
    return segment(s.frequency_Hz, s.impedance_ohm, potential_V=np.full(len(s), potential))


def test_one_spectrum_to_json_picture_and_table(tmp_path, capsys):
    spectra = spectra_of(recording(tmp_path, part()))
    analyse(spectra, CIRCUIT, json_file=str(tmp_path / "r.json"), plot=tmp_path / "r.png")
    (found,) = json.loads((tmp_path / "r.json").read_text())["spectra"]
    low, high = found["fit"]["parameters"]["R1"]["interval_95"]
    assert low < found["fit"]["parameters"]["R1"]["value"] < high
    assert found["fit"]["parameters"]["R1"]["value"] == pytest.approx(63.0, rel=0.01)
    assert found["fit"]["parameters"]["R1"]["unit"] == "ohm"
    assert found["kramers_kronig"]["consistent"]
    assert found["uncompensated_resistance"]["value"] == pytest.approx(10.0, rel=0.02)
    assert found["potential_V"] == pytest.approx(0.8)
    assert (tmp_path / "r.png").stat().st_size > 20_000
    assert "R0-p(R1,CPE1)" in capsys.readouterr().out


def test_series_to_json_on_standard_output(tmp_path, capsys):
    spectra = spectra_of(recording(tmp_path, part(0.7, R1=80.0), part(0.8)))
    analyse(spectra, CIRCUIT, json_file="-", plot=tmp_path / "s.png")
    found = json.loads(capsys.readouterr().out)["spectra"]
    assert [s["potential_V"] for s in found] == pytest.approx([0.7, 0.8])
    values = [s["fit"]["parameters"]["R1"]["value"] for s in found]
    assert values == pytest.approx([80.0, 63.0], rel=0.03)
    assert (tmp_path / "s.png").is_file()


def test_rows_without_impedance_are_left_out(tmp_path):
    """As in a file whose spectra stand among points of direct current."""
    s = synthetic(CIRCUIT, TRUTH)
    f, z = s.frequency_Hz, s.impedance_ohm
    mixed = segment(np.r_[0.0, f, np.nan], np.r_[np.nan, z, np.nan])
    (found,) = spectra_of(recording(tmp_path, mixed))
    assert np.array_equal(found.frequency_Hz, f)
    assert np.array_equal(found.impedance_ohm, z)


def test_files_without_impedance_are_refused(tmp_path):
    other = Segment("cyclic voltammetry", {"potential_V": [1.0, 2.0]})
    with pytest.raises(RecordingError, match="frequency_Hz"):
        spectra_of(recording(tmp_path, other))
    with pytest.raises(ImpedanceError, match="no column frequency_Hz"):
        spectrum_of(other, "a")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--circuit", "R(X"], "circuit 'R(X': character 3 is 'X'"),
        (["--plot", "a.txt"], "expected an image name"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, arguments, said):
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(SystemExit) as caught:
        main(["electrochem", "eis", str(tmp_path / "a.csv"), *arguments])
    error = capsys.readouterr().err
    assert caught.value.code == 2
    assert said in error
    assert len(error.splitlines()) == 1
