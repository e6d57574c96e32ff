"""Figures of merit before and after cycles: analytic limits, coverage, refusals."""

import json

import numpy as np
import pytest

from adatom.cli import main
from adatom.electrochem.durability import durability
from adatom.errors import CurveError
from adatom.figure_of_merit import FigureOfMerit, no_figure


def point(value, sd):
    return FigureOfMerit(value, (value - 1.96 * sd, value + 1.96 * sd), "", "V")


def test_shift_of_two_points_by_hand():
    result = durability("E_half", "cycles", [0, 5000], [point(0.90, 0.003), point(0.88, 0.004)])
    assert result.shift.value == pytest.approx(-0.02)
    assert result.shift.interval_95 == pytest.approx((-0.02 - 0.0098, -0.02 + 0.0098), abs=1e-5)
    assert result.slope.value == pytest.approx(-0.004)
    assert result.slope.unit == "V per 1000 cycles"
    assert "cannot be told" in result.notes[0]


def test_what_is_common_leaves_the_difference():
    both = [point(0.90, 0.005), point(0.88, 0.005)]
    result = durability("E_half", "cycles", [0, 1000], both, common_sd=0.004)
    assert np.ptp(result.shift.interval_95) == pytest.approx(
        2 * 1.96 * 0.003 * np.sqrt(2), rel=1e-3
    )


@pytest.mark.parametrize("understated", [1.0, 0.3])
def test_slope_covers_the_truth_also_when_points_scatter_more_than_told(understated):
    random = np.random.default_rng(8)
    at = np.arange(6) * 2000.0
    hit = 0
    for _ in range(1000):
        values = 0.9 - 2e-6 * at + 0.002 * random.standard_normal(6)
        points = [point(v, 0.002 * understated) for v in values]
        low, high = durability("E_half", "cycles", at, points).slope.interval_95
        hit += low <= -0.002 <= high
    assert 920 <= hit <= 980


@pytest.mark.parametrize(
    "at, points, says",
    [
        ([0], [point(1, 0.1)], "two points"),
        ([0, 0], [point(1, 0.1)] * 2, "should rise"),
        ([0, 1], [point(1, 0.1), no_figure("no plateau")], "no plateau"),
    ],
)
def test_points_that_tell_nothing(at, points, says):
    with pytest.raises(CurveError, match=says):
        durability("E_half", "cycles", at, points)
    with pytest.raises(CurveError, match="cycles or hours"):
        durability("E_half", "days", [0, 1], [point(1, 0.1)] * 2)
    with pytest.raises(CurveError, match="narrower"):
        durability("E_half", "hours", [0, 1], [point(1, 0.1)] * 2, common_sd=0.2)


def test_command(tmp_path, capsys):
    file = tmp_path / "adt.csv"
    file.write_text("cycles,value,low_95,high_95\n0,0.91,0.905,0.915\n5000,0.90,0.895,0.905\n"
                    "10000,0.89,0.885,0.895\n")  # fmt: skip
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "durability", str(file), "--json", "-", "--plot",
              str(tmp_path / "a.png")])  # fmt: skip
    out, err = capsys.readouterr()
    assert stop.value.code == 0, err
    assert json.loads(out)["slope"]["value"] == pytest.approx(-0.002)
    file.write_text("cycles,value\n0,1\n")
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "durability", str(file)])
    assert stop.value.code == 2
    assert "low_95" in capsys.readouterr().err


def test_a_file_of_ten_gigabytes_is_refused_unread(tmp_path, capsys):
    file = tmp_path / "huge.csv"
    with file.open("wb") as out:
        out.write(b"cycles,value,low_95,high_95\n0,1,0,2\n")
        out.truncate(10_000_000_000)  # takes no space
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "durability", str(file)])
    assert stop.value.code == 2
    assert "is it a raw record?" in capsys.readouterr().err
