"""From files to figures, end to end on files whose truth is known."""

from pathlib import Path

import numpy as np
import pytest

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.sample import load_sample
from adatom.electrolytes import load_electrolyte
from adatom.errors import AdatomError, CurveError, RecordingError, SampleError
from adatom.levich import limiting_current_density_mA_cm2
from adatom.readers import read_recording

AREA = 0.196
SETTINGS = [f"electrode.area_cm2={AREA}", "reference.electrode=RHE", "electrolyte.name=0.1 M KOH"]


def write(path: Path, *, rpm=1600.0, half=0.85, slope=60.0, ring=None, shift=0.0, potential=None,
          electrons=4.0):  # fmt: skip
    """A cathodic and an anodic sweep that lags by ``shift``; one kinetics at every speed."""
    down = np.linspace(1.05, 0.2, 850) if potential is None else potential
    limit = limiting_current_density_mA_cm2(load_electrolyte("0.1 M KOH"), rpm) * electrons / 4.0
    rng = np.random.default_rng(int(rpm))

    def sweep(grid, half):
        kinetic = 5.7 * 10.0 ** ((half - grid) * 1e3 / slope)
        j = -limit * kinetic / (limit + kinetic)
        return 1e-3 * AREA * (j + 2e-3 * rng.standard_normal(len(grid)))

    grid = np.concatenate([down, down[::-1]])
    current = np.concatenate([sweep(down, half), sweep(down[::-1], half + shift)])
    columns = {"Potential/V": grid, "Current/A": current, "rpm": np.full(len(grid), rpm)}
    if ring is not None:
        columns["I ring/A"] = ring * np.abs(current)
    lines = [",".join(columns)]
    lines += [",".join(f"{v:.8g}" for v in row) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path


def analyse(paths, settings=(), **options):
    sample = load_sample(None, [*SETTINGS, *settings])
    recordings = [read_recording(p) for p in paths]
    return analyse_recordings(
        recordings, sample, read=read_recording, resistance_of=lambda _: None, **options
    )


def test_speeds_give_four_electrons_and_the_kinetic_current(tmp_path):
    files = [write(tmp_path / f"{r}.csv", rpm=r) for r in (400.0, 900.0, 1600.0, 2500.0)]
    found = analyse(files)
    assert len(found.sweeps) == 8
    cathodic, anodic = found.speeds
    for series in (cathodic, anodic):
        assert series.electrons.value == pytest.approx(4.0, abs=0.03)
        low, high = series.electrons.interval_95
        assert low < 4.0 < high
        assert not series.flags
        for line in series.lines:
            true = 5.7 * 10.0 ** ((0.85 - line.potential_V_rhe) / 0.06)
            low, high = line.kinetic_mA_cm2.interval_95
            assert low < true < high


def test_directions_are_kept_apart_and_their_difference_reported(tmp_path):
    found = analyse([write(tmp_path / "a.csv", shift=0.012)])
    down, up = (s.limited.half_wave_V_rhe for s in found.sweeps)
    assert up.value - down.value == pytest.approx(0.012, abs=1e-3)
    ((_, hysteresis),) = found.hysteresis_V
    low, high = hysteresis.interval_95
    assert low < 0.012 < high


def test_the_curve_is_the_one_that_predictions_give(tmp_path):
    curve = analyse([write(tmp_path / "a.csv")]).curves()[0]
    assert curve.rotation_rpm == 1600.0
    assert curve.electrolyte == "0.1 M KOH"
    assert curve.current_density_mA_cm2[-1] == pytest.approx(-5.7, abs=0.05)
    assert any("0.196 cm2" in text for text in curve.provenance["corrections"])


def test_more_electrons_than_oxygen_takes_are_pointed_out(tmp_path):
    files = [write(tmp_path / f"{r}.csv", rpm=r, electrons=5.2) for r in (400.0, 900.0, 1600.0)]
    assert "more than the 4 electrons" in " ".join(analyse(files).speeds[0].flags)


def test_ring_and_disk_swapped_or_without_efficiency(tmp_path):
    ringed = [write(tmp_path / "a.csv", ring=0.01)]
    with pytest.raises(SampleError, match=r"electrode\.collection_efficiency"):
        analyse(ringed)
    good = analyse(ringed, ["electrode.collection_efficiency=0.37"]).sweeps[0].ring
    assert good.mean_peroxide_percent.value == pytest.approx(
        200 * (0.01 / 0.37) / (1 + 0.01 / 0.37), rel=1e-2
    )
    with pytest.raises(SampleError, match="swapped"):
        analyse([write(tmp_path / "b.csv", ring=2.0)], ["electrode.collection_efficiency=0.37"])
    with pytest.raises(SampleError, match="cathodic"):
        analyse([write(tmp_path / "c.csv", ring=-0.2)], ["electrode.collection_efficiency=0.37"])


def test_the_area_is_asked_for_and_an_impossible_one_refused(tmp_path):
    recording = read_recording(write(tmp_path / "a.csv"))
    with pytest.raises(SampleError, match=r"electrode\.area_cm2"):
        analyse_recordings([recording], load_sample(None, SETTINGS[1:]), read=read_recording,
                           resistance_of=lambda _: None)  # fmt: skip
    with pytest.raises(SampleError, match="more than diffusion brings to a disk"):
        analyse([write(tmp_path / "b.csv")], ["electrode.area_cm2=1e-6"])


def test_a_sweep_that_reaches_no_plateau_has_no_half_wave_and_says_why(tmp_path):
    short = write(tmp_path / "a.csv", potential=np.linspace(1.05, 0.84, 300))
    found = analyse([short]).sweeps[0].limited
    assert found.half_wave_V_rhe.value is None
    assert "no diffusion-limited plateau within 0.84 to 1.05 V" in found.half_wave_V_rhe.reason


def test_single_points_that_dropped_out_are_no_plateau(tmp_path):
    """Two readings of nothing in a coarse sweep left a plateau of one bin, without a slope."""
    grid = np.linspace(1.05, 0.2, 80)
    kinetic = 5.7 * 10.0 ** ((0.85 - grid) / 0.06)
    current = 2e-4 * 5.7 * kinetic / (5.7 + kinetic)
    current[[25, 27]] = 0.0
    path = tmp_path / "a.csv"
    rows = "".join(f"{e:.4f},{-i:.5e}\n" for e, i in zip(grid, current, strict=True))
    path.write_text("Potential/V,Current/A\n" + rows)
    half = analyse([path], ["electrode.area_cm2=0.2"]).sweeps[0].limited.half_wave_V_rhe
    assert half.value is None or abs(half.value - 0.85) < 0.01


def test_jumps_are_refused_with_their_place(tmp_path):
    jump = np.concatenate([np.linspace(1.05, 0.7, 400), np.linspace(0.65, 0.2, 450)])
    with pytest.raises(CurveError, match=r"jumps by 0\.050 V at 0\.700 V"):
        analyse([write(tmp_path / "a.csv", potential=jump)])


def test_speeds_that_contradict_the_file_or_do_not_count(tmp_path):
    path = write(tmp_path / "a.csv")
    with pytest.raises(SampleError, match="turned at 1600 rpm, the sample says 900"):
        analyse([path], ["measurement.rotation_rpm=900"])
    with pytest.raises(SampleError, match="3 speeds for 1 segments"):
        analyse([path], ["measurement.rotation_rpm=400,900,1600"])


def test_impedance_instead_of_a_sweep_is_refused(tmp_path):
    path = tmp_path / "z.csv"
    path.write_text("f/Hz,Re(Z)/Ohm,Im(Z)/Ohm\n" + "\n".join(f"{10**k},5,-1" for k in range(20)))
    with pytest.raises((RecordingError, SampleError)):
        analyse([path])


def test_background_without_the_same_direction(tmp_path):
    down = np.linspace(1.05, 0.2, 850)
    one_way = tmp_path / "n2.csv"
    rows = "\n".join(f"{e:.6f},{-1e-6:.3g}" for e in down[::-1])
    one_way.write_text("Potential/V,Current/A\n" + rows + "\n")
    with pytest.raises(AdatomError, match="no sweep in the same direction"):
        analyse([write(tmp_path / "a.csv")], [f"background.file={one_way}"])


def test_the_same_seed_gives_the_same_intervals(tmp_path):
    path = write(tmp_path / "a.csv")
    one, other = analyse([path], seed=3), analyse([path], seed=3)
    again = analyse([path], seed=4)
    interval = [x.sweeps[0].limited.half_wave_V_rhe.interval_95 for x in (one, other, again)]
    assert interval[0] == interval[1]
    assert interval[0] != interval[2]


def test_real_ring_disk_set(data_folder):
    """DW25, five speeds, with its calibration against RHE (0.5 M sulfuric acid)."""
    folder = data_folder / "echem"
    settings = [
        "electrode.area_cm2=0.2376", "electrode.collection_efficiency=0.38",
        "electrolyte.name=0.5 M H2SO4", "reference.calibration_of=RHE",
        f"reference.calibration_file={folder / 'elchempy_OCP_RHE_AgAgCl4.par'}",
        "measurement.rotation_rpm=0,200,400,900,1500",
        f"ring.file={folder / 'elchempy_DW25_ORR_ring.par'}",
    ]  # fmt: skip
    recording = read_recording(folder / "elchempy_DW25_ORR_disk.par")
    found = analyse_recordings([recording], load_sample(None, settings), read=read_recording,
                               resistance_of=lambda _: None)  # fmt: skip
    # The record settles at -0.250 V: RHE against the reference electrode.
    assert found.offset.volt == pytest.approx(0.250, abs=1e-3)
    assert len(found.sweeps) == 10
    still = found.sweeps[0].limited
    assert still.half_wave_V_rhe.value is None
    fastest = found.sweeps[8]
    assert fastest.sweep.rotation_rpm == 1500.0
    assert 0.60 < fastest.limited.half_wave_V_rhe.value < 0.70
    assert any("plateau slopes" in flag for flag in fastest.limited.flags)
    # By hand at 0.3 V: |I_D| and I_R of the point nearest to it.
    at = int(np.argmin(np.abs(fastest.sweep.potential_V - 0.3)))
    disk = abs(fastest.sweep.current_A[at])
    ring = fastest.sweep.ring_current_A[at]
    by_hand = 200 * (ring / 0.38) / (disk + ring / 0.38)
    near = int(np.argmin(np.abs(fastest.ring.potential_V_rhe - 0.3)))
    assert fastest.ring.peroxide_percent[0, near] == pytest.approx(by_hand, abs=0.3)
    assert any("not parallel" in flag for flag in found.speeds[0].flags)


def test_real_set_with_background(data_folder):
    """NOVA exports at seven speeds less their nitrogen scan (0.1 M KOH, 4 mm glassy carbon)."""
    folder = data_folder / "echem"
    settings = [
        "electrode.area_cm2=0.1257", "electrolyte.name=0.1 M KOH", "electrolyte.pH=13",
        "reference.electrode=Ag/AgCl 3.5 M KCl",
        f"background.file={folder / 'autolab_superP_N2_1000rpm.txt'}",
    ]  # fmt: skip
    recordings = [read_recording(p) for p in sorted(folder.glob("autolab_superP_O2_*.txt"))]
    found = analyse_recordings(recordings, load_sample(None, settings), read=read_recording,
                               resistance_of=lambda _: None)  # fmt: skip
    cathodic = found.speeds[0]
    assert cathodic.rotations_rpm == (250, 500, 750, 1000, 1400, 1600, 2000)
    # The stated diameter gives more electrons than oxygen can take: pointed out, not hidden.
    assert cathodic.electrons.value > 5
    assert any("more than the 4 electrons" in flag for flag in cathodic.flags)
    limits = [s.limited.limiting_mA_cm2.value for s in found.sweeps if not s.sweep.potential_V[-1] >
              s.sweep.potential_V[0]]  # fmt: skip
    roots = np.sqrt(np.array(cathodic.rotations_rpm) / 1600)
    # Levich: proportional to the root of the speed, in this real set within a tenth.
    assert np.array(limits) / roots == pytest.approx(np.full(7, limits[5]), rel=0.1)
