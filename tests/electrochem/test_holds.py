"""Long holds: blocks in bounded memory, jumps, retention, half-life, and the commands."""

import json
import tracemalloc

import numpy as np
import pytest

from adatom.cli import main
from adatom.electrochem.blocks import block_series, segment_chunks
from adatom.electrochem.hold import analyse_hold
from adatom.electrochem.jumps import find_gaps, find_jumps
from adatom.errors import CurveError, RecordingError
from adatom.readers.recording import Segment

HOUR = 3600.0


def decaying(hours=20.0, points=4000, slope=-0.01, noise=0.002, seed=1):
    """mA/cm2: -1 at the start, losing ``-slope`` of it an hour; noise of correlation 0.5."""
    random = np.random.default_rng(seed)
    time = np.linspace(0.0, hours * HOUR, points)
    error = noise * random.standard_normal(points)
    error[1:] += 0.5 * error[:-1]
    return time, -(1.0 + slope * time / HOUR) + error


def series_of(time, value):
    return block_series([(time, value)])


def test_blocks_of_any_chunks_are_means_of_the_whole():
    time = np.arange(100_003.0)
    value = np.sin(time / 1000.0)
    chunks = [(time[a : a + 777], value[a : a + 777]) for a in range(0, len(time), 777)]
    blocks = block_series(chunks, most=1000)
    size = blocks.points_per_block
    assert 1000 <= len(blocks.time_s) <= 2000
    assert blocks.points == 100_003
    whole = len(blocks.value) * size
    assert blocks.value == pytest.approx(value[:whole].reshape(-1, size).mean(axis=1))
    assert blocks.time_s == pytest.approx(time[:whole].reshape(-1, size).mean(axis=1))
    assert whole > 100_003 - size


def test_ten_million_points_take_little_memory():
    def chunks():
        for start in range(0, 10_000_000, 100_000):
            time = np.arange(start, start + 100_000, dtype=float)
            yield time, -1e-3 * (1 - 1e-8 * time)

    tracemalloc.start()
    blocks = block_series(chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert blocks.points == 10_000_000
    assert peak < 30e6  # the two columns alone are 160e6
    figures = analyse_hold(blocks, "current_A").figures
    assert figures["drift_A_h"].value == pytest.approx(1e-3 * 1e-8 * HOUR, rel=1e-3)


def test_times_that_fall_and_missing_numbers():
    with pytest.raises(RecordingError, match="times fall"):
        block_series([(np.array([0.0, 1.0]), np.ones(2)), (np.array([0.5, 2.0]), np.ones(2))])
    with pytest.raises(RecordingError, match="too few"):
        block_series([(np.array([0.0, np.nan]), np.ones(2))])
    segment = Segment("table", {"time_s": [0, 1, 2], "current_A": [1, np.nan, 3]})
    blocks = block_series(segment_chunks(segment, "current_A"))
    assert (blocks.points, blocks.left_out) == (2, 1)


def test_a_refill_is_found_and_noise_is_not():
    time, value = decaying()
    assert find_jumps(series_of(time, value)) == ()
    refilled = value - 0.08 * (time > 10 * HOUR)
    (jump,) = find_jumps(series_of(time, refilled))
    assert jump.time_s == pytest.approx(10 * HOUR, abs=time[1])
    assert jump.size == pytest.approx(-0.08, abs=0.005)
    spike = value.copy()
    spike[2000:2002] += 0.5
    assert find_jumps(series_of(time, spike)) == ()


def test_false_jumps_are_rare_in_slow_noise():
    random = np.random.default_rng(5)
    for _ in range(20):
        value = random.standard_normal(5000)
        for n in range(1, 5000):
            value[n] += 0.95 * value[n - 1]
        assert find_jumps(series_of(np.arange(5000.0), value)) == ()


def test_a_coarse_converter_makes_no_jumps():
    time, value = decaying(noise=0.0005)
    assert find_jumps(series_of(time, np.round(value, 2))) == ()


def test_a_smooth_printed_decay_has_no_jumps():
    time = np.arange(3601.0)
    assert find_jumps(series_of(time, np.round(-20 - 0.5 * np.exp(-time / 600), 5))) == ()


def test_gaps_are_named():
    time = np.concatenate([np.arange(100.0), np.arange(500.0, 600.0)])
    (gap,) = find_gaps(series_of(time, np.ones(200)))
    assert (gap.from_s, gap.to_s) == (99.0, 500.0)


def test_retention_and_drift_of_a_known_decay():
    time, value = decaying()
    result = analyse_hold(series_of(time, value), "current_density_mA_cm2", window_s=360.0)
    retention = result.figures["retention_percent"]
    # The means of the first and last 0.1 h of a line from 1 to 0.8.
    assert retention.interval_95[0] < 100 * (0.8 + 0.0005) / (1 - 0.0005) < retention.interval_95[1]
    assert np.ptp(retention.interval_95) < 0.5
    drift = result.figures["drift_mA_cm2_h"]
    assert drift.interval_95[0] < 0.01 < drift.interval_95[1]
    life = result.figures["half_life_h"]
    assert life.value is None
    assert "not extrapolated unless asked" in life.reason
    assert life.interval_95 == (pytest.approx(20.0, abs=0.1), None)
    asked = analyse_hold(series_of(time, value), "current_density_mA_cm2", extrapolate=True)
    life = asked.figures["half_life_h"]
    assert life.interval_95[0] < 50.0 < life.interval_95[1]
    assert "EXTRAPOLATED" in life.reason


def test_retention_covers_the_truth():
    hit = 0
    for seed in range(120):
        time, value = decaying(points=600, noise=0.01, seed=seed)
        result = analyse_hold(series_of(time, value), "current_A", window_s=HOUR)
        low, high = result.figures["retention_percent"].interval_95
        hit += low <= 100 * 0.805 / 0.995 <= high
    assert 0.92 <= hit / 120 <= 0.99


def test_extrapolated_life_is_open_without_a_drift():
    time, value = decaying(slope=0.0)
    result = analyse_hold(series_of(time, value), "current_A", extrapolate=True)
    assert result.figures["half_life_h"].interval_95[1] is None
    assert "compatible with none" in result.figures["half_life_h"].reason


def test_half_life_inside_the_record_is_read_and_covers():
    """1 - 0.01 t/h: the first window of 1.2 h has the level 0.994, half of it is at 50.3 h."""
    hit = 0
    for seed in range(60):
        time, value = decaying(hours=60.0, noise=0.01, points=3000, seed=seed)
        life = analyse_hold(series_of(time, value), "current_A").figures["half_life_h"]
        assert "EXTRAPOLATED" not in life.reason
        hit += life.interval_95[0] < 50.3 < life.interval_95[1]
    assert 0.88 <= hit / 60 <= 1.0


def test_potential_has_a_shift_and_a_life_only_by_a_criterion():
    time = np.linspace(0, 100 * HOUR, 3000)
    value = 1.50 + 0.0002 * time / HOUR + 0.001 * np.random.default_rng(3).standard_normal(3000)
    figures = analyse_hold(series_of(time, value), "potential_V").figures
    assert set(figures) == {"potential_shift_mV", "drift_mV_h"}
    assert figures["potential_shift_mV"].value == pytest.approx(20 * 0.98, abs=0.5)
    assert figures["drift_mV_h"].interval_95[0] < 0.2 < figures["drift_mV_h"].interval_95[1]
    life = analyse_hold(series_of(time, value), "potential_V", end_of_life=0.010).figures["life_h"]
    assert life.interval_95[0] - 1 < 51.0 < life.interval_95[1] + 1


def test_jumps_are_steps_and_not_drift():
    time, value = decaying()
    jumped = analyse_hold(series_of(time, value - 0.3 * (time > 12 * HOUR)), "current_A")
    drift = jumped.figures["drift_A_h"]
    assert drift.interval_95[0] < 0.01 < drift.interval_95[1]
    assert any("jump of -0.3" in note for note in jumped.notes)
    # As measured: the level at the end holds the jump.
    assert jumped.figures["retention_percent"].value == pytest.approx(110.0, abs=1.0)


def test_a_bent_drift_is_told():
    time, _ = decaying()
    value = -np.exp(-time / (5 * HOUR)) + 0.001 * np.random.default_rng(4).standard_normal(4000)
    notes = analyse_hold(series_of(time, value), "current_A").notes
    assert any("not straight" in note or "random walk" in note for note in notes)


def test_currents_about_zero_are_refused():
    time = np.linspace(0, HOUR, 500)
    value = 1e-6 * np.random.default_rng(6).standard_normal(500)
    with pytest.raises(CurveError, match="compatible with zero"):
        analyse_hold(series_of(time, value), "current_A")


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["electrochem", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return run


def test_stability_of_a_streamed_csv(command, tmp_path):
    time, value = decaying(points=2000)
    rows = "\n".join(f"{t:.3f};{v:.6f};x" for t, v in zip(time, value, strict=True))
    (tmp_path / "ca.csv").write_text("time/s;<I>;remark\n" + rows + "\n")
    code, out, err = command(
        "stability", "ca.csv", "--stream", "time/s,<I>", "--quantity", "density", "--json", "-",
        "--plot", "ca.png",
    )  # fmt: skip
    assert code == 0, err
    figures = json.loads(out)["figures"]
    assert figures["drift_mA_cm2_h"]["value"] == pytest.approx(0.01, rel=0.05)
    assert figures["drift_mA_cm2_h"]["unit"] == "mA cm-2 h-1"
    assert (tmp_path / "ca.png").stat().st_size > 5000


@pytest.mark.parametrize(
    "text, columns, says",
    [
        ("t,i\n0,1\n", "t,j", "one column 'j'"),
        ("t,i\n0,1\n1,abc\n", "t,i", "not a table of numbers"),
        ("t,i", "t,i", "first line should name"),
        ("t,i\n0,5,1,5\n1,5,2,5\n", "t,i", "more cells than its first line has names (2)"),
        ("t,i\n0,1\n" + "1" * 200_000, "t,i", "a line of more than 100000 characters"),
        ("t,i\n0,1\n1,2\n", "t", "needs --quantity"),
    ],
)
def test_streamed_tables_that_cannot_be_read(command, tmp_path, text, columns, says):
    (tmp_path / "a.csv").write_text(text)
    code, _, err = command("stability", "a.csv", "--stream", columns, "--quantity", "current")
    assert code == 2
    assert says in err
    assert err.count("\n") == 1


def test_a_real_record_agrees_with_its_own_points(data_folder):
    """BioLogic hold of 12 h: the retention is that of plain means over the same windows."""
    detection = pytest.importorskip("adatom.readers.detection")
    (segment,) = detection.read_recording(data_folder / "echem" / "yadg_ca.mpt").require(
        "current_A"
    )
    series = block_series(segment_chunks(segment, "current_A"))
    series = series.after(series.time_s[0] + 0.5 * HOUR)
    result = analyse_hold(series, "current_A", window_s=1800.0)
    early = series.time_s < series.time_s[0] + 1800.0
    late = series.time_s > series.time_s[-1] - 1800.0
    plain = 100 * series.value[late].mean() / series.value[early].mean()
    retention = result.figures["retention_percent"]
    assert retention.value == pytest.approx(plain, abs=0.5)
    assert retention.interval_95[0] < plain < retention.interval_95[1]
    assert any("not straight" in note for note in result.notes)
