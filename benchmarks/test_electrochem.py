"""A folder of 1,000 oxygen-reduction sweeps to figures, beside what a user would pick instead.

That is a bare pandas and scipy script, lmfit's sigmoid, and ec4py. None gives an interval that
holds what is uncertain; ec4py has no half-wave potential and draws each Tafel line.
"""

import json
import os
import resource
import subprocess
import sys
import time

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from scipy.interpolate import interp1d
from scipy.stats import linregress

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.sample import load_sample
from adatom.readers import read_recording

matplotlib.use("Agg")
FILES, POINTS = 1000, 1200
AREA_CM2, PLATEAU_MA_CM2 = 0.196, 5.7
SETTINGS = [
    f"electrode.area_cm2={AREA_CM2}", "electrode.area_sd_cm2=0.002", "reference.electrode=RHE",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of 1,200 points: one Tafel line and one plateau each, and noise."""
    root = tmp_path_factory.mktemp("sweeps")
    grid = np.linspace(1.08, 0.2, POINTS)
    for i in range(FILES):
        rng = np.random.default_rng(i)
        kinetic = PLATEAU_MA_CM2 * 10.0 ** (
            (rng.uniform(0.75, 0.9) - grid) * 1e3 / rng.uniform(40, 120)
        )
        j = -PLATEAU_MA_CM2 * kinetic / (PLATEAU_MA_CM2 + kinetic)
        j += 5e-3 * rng.standard_normal(POINTS)
        table = pd.DataFrame({"Potential/V": grid, "Current/A": 1e-3 * AREA_CM2 * j})
        table.to_csv(root / f"{i}.csv", index=False, float_format="%.8g")
    return root


def adatom(path):
    return analyse_recordings(
        [read_recording(path)],
        load_sample(None, SETTINGS),
        read=read_recording,
        resistance_of=lambda _: None,
    )


def _density(path):
    table = pd.read_csv(path)
    return table.iloc[:, 0].to_numpy(), 1e3 * table.iloc[:, 1].to_numpy() / AREA_CM2


def script(path):
    """Plateau by eye, half of it interpolated, a straight line through log10 j_k: no interval."""
    potential, density = _density(path)
    limit = density[(potential > 0.3) & (potential < 0.5)].mean()
    half = float(interp1d(density, potential)(0.5 * limit))
    part = (density / limit > 0.1) & (density / limit < 0.8)
    kinetic = density[part] * limit / (limit - density[part])
    return half, linregress(np.log10(-kinetic), potential[part]).slope


def sigmoid(path):
    """lmfit's step model through the whole sweep."""
    models = pytest.importorskip("lmfit.models", reason="lmfit is not installed")
    potential, density = _density(path)
    model = models.StepModel(form="logistic") + models.ConstantModel()
    parameters = model.make_params(amplitude=5.7, center=0.85, sigma=-0.02, c=-5.7)
    return model.fit(density, parameters, x=potential)


def ec4py(path):
    """Its sweep, current at the plateau, and Tafel slope corrected for that current."""
    package = pytest.importorskip("ec4py", reason="ec4py is not installed")
    potential, density = _density(path)
    sweep = package.LSV_Data()
    times = np.linspace(0.0, 88.0, potential.size)
    sweep.convert(times, potential, density, V0=potential[0], V1=potential[-1])
    found = sweep.get_i_at_E(0.4), sweep.Tafel([0.82, 0.9], 0.4)
    pyplot.close("all")
    return found


@pytest.mark.benchmark(group="sweeps")
def test_the_command(folder, benchmark, rates, findings, tmp_path):
    """Target: 1,000 files in under 15 s on two cores, intervals included, memory flat.

    First of this file: the peak of a process started here counts what this one holds then.
    """
    out = tmp_path / "r.json"
    command = [sys.executable, "-c", "from adatom.cli import main; main()", "electrochem"]
    command += [str(folder), "--json", str(out)]
    for setting in SETTINGS:
        command += ["--set", setting]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    benchmark.pedantic(
        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), rounds=1
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = benchmark.stats.stats.min
    assert len(json.loads(out.read_text())["analyses"]) == FILES
    rates[f"{FILES} sweep files: adatom, the command"] = FILES / seconds
    rates[f"{FILES} sweep files (CPU seconds): adatom, the command"] = FILES / cpu
    findings.append(
        f"{FILES} sweep files by the command: {seconds:.1f} s, {cpu:.1f} CPU s on"
        f" {os.cpu_count()} cores, largest process {after.ru_maxrss / 1e3:.0f} MB"
    )


@pytest.mark.benchmark(group="sweeps")
@pytest.mark.parametrize("task", [adatom, script, sigmoid, ec4py], ids=lambda f: f.__name__)
def test_files_to_figures(task, folder, benchmark, rates):
    """In one process."""
    paths = sorted(folder.iterdir())
    task(paths[0])
    started = time.process_time()
    benchmark.pedantic(lambda: [task(path) for path in paths], rounds=1)
    cpu = time.process_time() - started
    rates[f"{FILES} sweep files: {task.__name__}, one process"] = FILES / benchmark.stats.stats.min
    rates[f"{FILES} sweep files (CPU seconds): {task.__name__}, one process"] = FILES / cpu
