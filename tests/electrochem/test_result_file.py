"""Results read back: equal to what was written, and everything else refused in one line."""

import json

import numpy as np
import pytest
from laboratory import measured, straight_truth

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.draws import InputErrors, draw_inputs, log_parts
from adatom.electrochem.result_file import read_result
from adatom.electrochem.sample import load_sample
from adatom.errors import AdatomError
from adatom.readers import read_recording
from adatom.report.electrochem import analysis_json


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    made = measured(straight_truth(60.0, 0.86, 5.5), np.zeros(951), np.random.default_rng(1))
    path = tmp_path_factory.mktemp("data") / "a.csv"
    both = np.concatenate([made.potential_V, made.potential_V[::-1]])
    current = np.concatenate([made.current_A, made.current_A[::-1]])
    np.savetxt(path, np.c_[both, current], delimiter=",", header="E/V,I/A", comments="")
    sample = load_sample(
        None,
        [
            "electrode.area_cm2=0.2", "electrode.area_sd_cm2=0.002", "reference.offset_V=0.95",
            "reference.offset_sd_V=0.002", "loading.metal_wt_percent=Fe:1.2,Co:0.8",
            "measurement.rotation_rpm=1600",
        ],
    )  # fmt: skip
    return analyse_recordings(
        [read_recording(path)], sample, read=read_recording, resistance_of=lambda _: None,
        kinetic_at_V=(0.9, 0.85, 0.5),
    )  # fmt: skip


@pytest.fixture
def content(analysis):
    return json.loads(json.dumps(analysis_json(analysis), allow_nan=False))


@pytest.fixture
def written(content, tmp_path):
    def write():
        path = tmp_path / "a.json"
        path.write_text(json.dumps(content))
        return path

    return write


def test_what_was_written_comes_back(analysis, written):
    found = read_result(written())
    assert dict(found.sample.values) == dict(analysis.sample.values)
    assert found.reference == analysis.offset
    assert [s.direction for s in found.sweeps] == ["cathodic", "anodic"]
    for read, made in zip(found.sweeps, analysis.sweeps, strict=True):
        assert read.label == made.sweep.label
        assert read.corrected_for == ("area", "reference")
        assert read.rotation_rpm == 1600.0
        assert read.figures["half_wave_potential"] == made.limited.half_wave_V_rhe or (
            read.figures["half_wave_potential"].value == made.limited.half_wave_V_rhe.value
        )
        for a, b in zip(read.kinetic_mA_cm2, made.limited.kinetic_mA_cm2, strict=True):
            assert (a.value, tuple(a.interval_95)) == (b.value, tuple(b.interval_95))
            assert a.conditions["at_V_rhe"] == b.conditions["at_V_rhe"]


def test_one_sweep_is_chosen_or_asked_for(written):
    found = read_result(written())
    assert found.sweep(direction="anodic").label.endswith("anodic")
    assert found.sweep(direction="anodic", rotation_rpm=1600.0, cycle=1).direction == "anodic"
    for options, says in (
        ({}, "has 2 sweeps: .* choose one with --direction"),
        ({"direction": "anodic", "cycle": 2}, "no such sweep"),
        ({"rotation_rpm": 900.0}, "no such sweep"),
        ({"direction": "down"}, "direction must be cathodic or anodic"),
    ):
        with pytest.raises(AdatomError, match=says):
            found.sweep(**options)


@pytest.mark.parametrize(
    "where, value, says",
    [
        (("sweeps",), [], "has no sweeps"),
        (("sweeps",), {}, "sweeps must be a list of tables"),
        (("sweeps", 0, "direction"), "up", r"sweeps\[0\].direction must be cathodic or anodic"),
        (("sweeps", 0, "rotation_rpm"), "fast", "rotation_rpm must be a number, got fast"),
        (("sweeps", 0, "corrected_for"), [1], "corrected_for must be a list of texts"),
        (("sweeps", 0, "half_wave_potential", "value"), True, "value must be a number"),
        (("sweeps", 0, "half_wave_potential", "value"), 10**400, "value must be a number"),
        (("sweeps", 0, "half_wave_potential", "interval_95"), [0.9, 1.0], "around the value"),
        (("sweeps", 0, "half_wave_potential", "interval_95"), [0.1], "two numbers"),
        (("sweeps", 0, "kinetic_current_density", 0, "value"), -1.0, "value"),
        (("sweeps", 0, "kinetic_current_density", 0, "conditions"), {}, "at_V_rhe must be"),
        (("reference", "offset_V"), None, "reference.offset_V must be a number"),
        (("sample", "electrode.area_cm2"), "big", "a.json: electrode.area_cm2 must be a number"),
        (("sample", "electrode.aera_cm2"), 1.0, "did you mean electrode.area_cm2"),
        (("analyses",), [], "analyses of a folder"),
    ],
)
def test_a_file_that_is_not_as_written_is_refused(content, written, where, value, says):
    at = content
    for key in where[:-1]:
        at = at[key]
    at[where[-1]] = value
    with pytest.raises(AdatomError, match=says) as stop:
        read_result(written())
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"sweeps": NaN}', "\x00\xff"])
def test_what_is_no_json_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(AdatomError, match="not the JSON of adatom electrochem"):
        read_result(path)


def test_no_file_and_too_large_a_file_are_refused(tmp_path):
    with pytest.raises(AdatomError, match="is no file"):
        read_result(tmp_path)
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(65_000_000)
    with pytest.raises(AdatomError, match="65 MB"):
        read_result(path)


def test_the_error_of_a_current_is_told_apart_by_what_it_is_from():
    rng = np.random.default_rng(4)
    inputs = draw_inputs(InputErrors(0.002, 0.3, 0.01), rng, 5000)
    slope, per_ohm = -38.4, 0.02
    logs = slope * inputs.reference_V + per_ohm * inputs.resistance_ohm
    logs = logs + np.log(inputs.area_factor) + 0.03 * rng.standard_normal(5000)
    parts = log_parts(np.concatenate([[1.0], np.exp(logs)]), inputs)
    assert parts["reference"] == pytest.approx(-38.4 * 0.002, rel=0.05)
    assert parts["resistance"] == pytest.approx(0.006, rel=0.2)
    assert parts["area"] == pytest.approx(0.01, rel=0.1)
    assert parts["rest"] == pytest.approx(0.03, rel=0.05)


def test_inputs_that_are_exact_have_no_part():
    inputs = draw_inputs(InputErrors(), np.random.default_rng(4), 100)
    values = np.exp(0.1 * np.random.default_rng(5).standard_normal(101))
    parts = log_parts(values, inputs)
    assert (parts["reference"], parts["resistance"], parts["area"]) == (0.0, 0.0, 0.0)
    assert parts["rest"] == pytest.approx(np.log(values[1:]).std(ddof=1))
