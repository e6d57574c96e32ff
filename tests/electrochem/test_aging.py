"""Raw sweeps before and after a test: known shifts come back, shared errors cancel."""

import json

import numpy as np
import pytest

from adatom.cli import main

AREA, SLOPE, LIMIT = 0.196, 0.06, 5.7
SHARED = ["--set", f"electrode.area_cm2={AREA}", "--set", "electrode.area_sd_cm2=0.02",
          "--set", "reference.offset_V=0", "--set", "reference.offset_sd_V=0.005"]  # fmt: skip


def write(path, half, *, seed, limit=LIMIT, both=False):
    grid = np.linspace(1.05, 0.2, 900)
    grid = np.concatenate([grid, grid[::-1]]) if both else grid
    rng = np.random.default_rng(seed)
    kinetic = LIMIT * 10.0 ** ((half - grid) / SLOPE)
    density = limit * kinetic / (limit + kinetic) + 5e-3 * rng.standard_normal(len(grid))
    table = np.column_stack([grid, -1e-3 * AREA * density])
    np.savetxt(path, table, delimiter=",", header="Potential/V,Current/A", comments="")
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "durability", *map(str, arguments)])
    return stop.value.code, *capsys.readouterr()


def test_shift_and_retention_come_back_and_what_is_shared_cancels(tmp_path, capsys):
    hit, shifts = 0, []
    for seed in range(12):
        before = write(tmp_path / f"b{seed}.csv", 0.87, seed=2 * seed)
        after = write(tmp_path / f"a{seed}.csv", 0.85, seed=2 * seed + 1)
        code, out, err = run(
            capsys, before, after, "--after", f"{after}=5000", *SHARED, "--kinetic-at", "0.85",
            "--json", "-",
        )  # fmt: skip
        assert code == 0, err
        found = json.loads(out)
        changes = found["states"][1]["changes"]
        assert found["states"][0]["changes"] == {}
        low, high = changes["half_wave_potential_shift"]["interval_95"]
        hit += low <= -0.02 <= high
        shifts.append(changes["half_wave_potential_shift"]["value"])
        # Each E_half is known to 5 mV by its reference; the shift is known far better.
        own = np.ptp(found["states"][1]["half_wave_potential"]["interval_95"])
        assert own > 0.015
        assert high - low < 0.4 * own
        kept = changes["kinetic_current_at_0.85_V_retention"]
        assert kept["interval_95"][0] <= 100.0 * 10.0 ** (-0.02 / SLOPE) <= kept["interval_95"][1]
        assert changes["limiting_current_retention"]["value"] == pytest.approx(100.0, abs=1.0)
        low, high = changes["limiting_current_retention"]["interval_95"]
        assert high - low < 20.0  # the area alone is known to 10 %, 40 % wide
    assert np.mean(shifts) == pytest.approx(-0.02, abs=5e-4)
    assert hit >= 10  # of 12 at 95 %: fewer once in fifty times


def test_three_states_have_a_slope_and_a_picture(tmp_path, capsys):
    files = [write(tmp_path / f"{n}.csv", 0.87 - 2e-6 * n, seed=n) for n in (0, 5000, 10000)]
    options = [x for p, n in zip(files[1:], (5000, 10000), strict=True)
               for x in ("--after", f"{p.name}={n}")]  # fmt: skip
    code, out, _ = run(capsys, *files, *options, *SHARED, "--json", "-", "--plot",
                       tmp_path / "a.png")  # fmt: skip
    assert code == 0
    slope = json.loads(out)["trend"]["slope"]
    assert slope["unit"] == "V vs RHE per 1000 cycles"
    assert slope["interval_95"][0] <= -0.002 <= slope["interval_95"][1]
    assert slope["value"] == pytest.approx(-0.002, abs=5e-4)
    assert (tmp_path / "a.png").stat().st_size > 10_000
    code, out, _ = run(capsys, *files, *options, *SHARED)
    assert "half_wave_potential_shift" in out
    assert "cancel from changes" in " ".join(out.split())


def test_oxygen_evolution_is_followed_at_ten(tmp_path, capsys):
    grid = np.linspace(1.25, 1.65, 900)
    for name, ten in (("b.csv", 1.55), ("a.csv", 1.58)):
        current = 1e-3 * AREA * 10.0 * 10.0 ** ((grid - ten) / 0.05)
        np.savetxt(tmp_path / name, np.column_stack([grid, current]), delimiter=",",
                   header="Potential/V,Current/A", comments="")  # fmt: skip
    code, out, err = run(
        capsys, tmp_path / "b.csv", tmp_path / "a.csv", "--after", "a.csv=24h", *SHARED,
        "--set", "measurement.reaction=OER", "--kinetic-at", "1.55", "--json", "-",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["states"][1]["hours"] == 24
    changes = found["states"][1]["changes"]
    assert changes["potential_at_10_mA_cm2_shift"]["value"] == pytest.approx(0.03, abs=3e-4)
    kept = changes["current_at_1.55_V_retention"]["value"]
    assert kept == pytest.approx(100 * 10 ** (-0.03 / 0.05), rel=0.02)


def test_what_is_not_said_is_asked_for(tmp_path, capsys):
    one, two, three = (write(tmp_path / f"{n}.csv", 0.87, seed=n) for n in range(3))
    for arguments, says in (
        ([one, two], "only one file is the start; give the others --after FILE=CYCLES"),
        ([one, two, "--after", "9.csv=5"], "must be FILE=5000 or FILE=24h"),
        ([one, two, "--after", "1.csv=many"], "is no number of cycles"),
        ([one, two, "--after", "1.csv=5", "--after", "1.csv=6"], "twice"),
        ([one, two, three, "--after", "1.csv=5", "--after", "2.csv=5h"], "hours (h) for others"),
        ([one, two, three, "--after", "1.csv=5", "--after", "2.csv=5"], "equally many cycles"),
        ([one], "raw sweeps need --after"),
    ):
        code, _, err = run(capsys, *arguments, *SHARED)
        assert code == 2
        assert says in err
    write(one, 0.87, seed=1, both=True)
    code, _, err = run(capsys, one, two, "--after", "1.csv=5", *SHARED)
    assert code == 2
    assert "choose one with --direction" in err
    code, _, err = run(capsys, one, two, "--after", "1.csv=5", *SHARED, "--direction", "cathodic")
    assert code == 0, err
