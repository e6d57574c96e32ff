from pathlib import Path

import numpy as np
import pytest

from adatom.electrochem.reference import NERNST_V, rhe_offset
from adatom.electrochem.sample import load_sample
from adatom.errors import SampleError
from adatom.readers.recording import Recording, Segment


def test_file_and_command_line_with_the_command_line_winning(tmp_path):
    path = tmp_path / "sample.toml"
    path.write_text("[electrode]\narea_cm2 = 0.2\n[background]\nfile = 'n2.csv'\n")
    found = load_sample(path, ["electrode.area_cm2=0.196", "measurement.rotation_rpm=400,900"])
    assert found.require("electrode.area_cm2", "x") == 0.196
    assert found.get("measurement.rotation_rpm") == (400.0, 900.0)
    assert found.file("background.file") == tmp_path / "n2.csv"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["electrode.aera_cm2=1"], "did you mean electrode.area_cm2"),
        (["reaktion=ORR"], "did you mean measurement.reaction"),
        (["pH=13"], "did you mean electrolyte.pH"),
        (["whatever=1"], "known: sample.name, electrode.area_cm2"),
        (["electrode.area_cm2"], "NAME=VALUE"),
        (["electrode.area_cm2=-1"], "must not be negative"),
        (["electrode.area_cm2=0"], "must be positive"),
        (["electrode.area_cm2=nan"], "must be a number"),
        (["electrode.area_cm2=big"], "expected a number"),
        (["electrode.collection_efficiency=1.2"], "between 0 and 1"),
        (["resistance.ohm=5"], "resistance.fraction"),
        (["resistance.ohm=5", "resistance.eis_file=z.mpt"], "say the same thing"),
        (["reference.electrode=SCE", "reference.offset_V=1"], "say the same thing"),
        (["ring.zero=auto"], "must be foot"),
    ],
)
def test_settings_that_cannot_be(given, said):
    with pytest.raises(SampleError, match=said):
        load_sample(None, given)


def test_what_is_missing_is_asked_for_by_name():
    with pytest.raises(SampleError, match=r"--set electrode\.area_cm2="):
        load_sample(None).require("electrode.area_cm2", "A current density")


@pytest.mark.parametrize("text", ["area = 1", "[electrode", "\x00"])
def test_files_that_are_no_sample(tmp_path, text):
    path = tmp_path / "sample.toml"
    path.write_text(text)
    with pytest.raises(SampleError, match=r"sample\.toml"):
        load_sample(path)


def test_the_offset_of_tabulated_electrodes_follows_the_ph():
    sample = load_sample(None, ["reference.electrode=Ag/AgCl sat. KCl", "electrolyte.pH=13"])
    assert rhe_offset(sample, None).volt == pytest.approx(0.197 + 0.05916 * 13, abs=1e-4)
    assert pytest.approx(0.05916, abs=1e-5) == NERNST_V
    with pytest.raises(SampleError, match=r"electrolyte\.pH"):
        rhe_offset(load_sample(None, ["reference.electrode=SCE"]), None)
    with pytest.raises(SampleError, match="expected RHE"):
        rhe_offset(load_sample(None, ["reference.electrode=Pt wire"]), None)


def calibration(tmp_path, potential):
    segment = Segment("open circuit", {"potential_V": potential})
    return Recording(tmp_path / "ocp.csv", "table", (segment,), "", "")


def test_a_calibration_has_the_sign_that_it_was_recorded_with(tmp_path):
    record = calibration(tmp_path, np.full(100, -0.251))
    as_rhe = load_sample(None, ["reference.calibration_of=RHE"])
    assert rhe_offset(as_rhe, record).volt == pytest.approx(0.251)
    as_reference = load_sample(None, ["reference.calibration_of=reference"])
    assert rhe_offset(as_reference, record).volt == pytest.approx(-0.251)
    with pytest.raises(SampleError, match="calibration_of"):
        rhe_offset(load_sample(None), record)


def test_a_calibration_that_drifts_is_refused(tmp_path):
    drifting = calibration(tmp_path, np.linspace(-0.25, -0.22, 100))
    with pytest.raises(SampleError, match=r"still moves by 15\.\d mV"):
        rhe_offset(load_sample(None, ["reference.calibration_of=RHE"]), drifting)


@pytest.mark.parametrize("text", [b"\xff\xfe\0", b"a=" + b"[" * 5000, b"[electrode]\narea_cm2="
                         + b"9" * 5000, b"[electrode]\narea_cm2=1" + b"0" * 400])  # fmt: skip
def test_hostile_files_are_one_line(tmp_path, text):
    path = tmp_path / "sample.toml"
    path.write_bytes(text)
    with pytest.raises(SampleError) as refused:
        load_sample(path)
    assert str(refused.value).isprintable()


def test_devices_and_large_files_are_refused_unread(tmp_path):
    with pytest.raises(SampleError, match="device or pipe"):
        load_sample(Path("/dev/zero"))
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(SampleError, match="is it a TOML file"):
        load_sample(path)
