"""A folder of oxygen-reduction sweeps to figures with intervals, beside scripts without.

What a user would pick instead: a bare pandas and scipy script, and lmfit's sigmoid where lmfit is
installed. Neither gives an interval that holds what is uncertain.
"""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import interp1d
from scipy.stats import linregress

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.sample import load_sample
from adatom.readers import read_recording

FILES, POINTS = 100, 1200


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """100 files of 1,200 points: one Tafel line and one plateau each, and noise."""
    root = tmp_path_factory.mktemp("sweeps")
    grid = np.linspace(1.08, 0.2, POINTS)
    for i in range(FILES):
        rng = np.random.default_rng(i)
        kinetic = 5.7 * 10.0 ** ((rng.uniform(0.75, 0.9) - grid) * 1e3 / rng.uniform(40, 120))
        j = -5.7 * kinetic / (5.7 + kinetic) + 5e-3 * rng.standard_normal(POINTS)
        table = pd.DataFrame({"Potential/V": grid, "Current/A": 1e-3 * 0.196 * j})
        table.to_csv(root / f"{i}.csv", index=False, float_format="%.8g")
    return sorted(root.iterdir())


def adatom(path):
    sample = load_sample(
        None,
        ["electrode.area_cm2=0.196", "electrode.area_sd_cm2=0.002", "reference.electrode=RHE"],
    )
    return analyse_recordings(
        [read_recording(path)], sample, read=read_recording, resistance_of=lambda _: None
    )


def script(path):
    """Plateau by eye, half of it interpolated, a straight line through log10 j_k: no interval."""
    table = pd.read_csv(path)
    potential, density = table.iloc[:, 0].to_numpy(), 1e3 * table.iloc[:, 1].to_numpy() / 0.196
    limit = density[(potential > 0.3) & (potential < 0.5)].mean()
    half = float(interp1d(density, potential)(0.5 * limit))
    part = (density / limit > 0.1) & (density / limit < 0.8)
    kinetic = density[part] * limit / (limit - density[part])
    return half, linregress(np.log10(-kinetic), potential[part]).slope


def sigmoid(path):
    """lmfit's step model through the whole sweep."""
    models = pytest.importorskip("lmfit.models")
    table = pd.read_csv(path)
    model = models.StepModel(form="logistic") + models.ConstantModel()
    parameters = model.make_params(amplitude=5.7, center=0.85, sigma=-0.02, c=-5.7)
    return model.fit(1e3 * table.iloc[:, 1] / 0.196, parameters, x=table.iloc[:, 0])


@pytest.mark.benchmark(group="sweeps")
@pytest.mark.parametrize("task", [adatom, script, sigmoid], ids=lambda f: f.__name__)
def test_files_to_figures(task, folder, benchmark, rates):
    """Target: 1,000 files of 1,200 points in under 15 s on two cores, intervals included."""
    task(folder[0])
    started = time.process_time()
    benchmark.pedantic(lambda: [task(path) for path in folder], rounds=1)
    cpu = time.process_time() - started
    rates[f"sweep files: {task.__name__}"] = FILES / benchmark.stats.stats.min
    rates[f"sweep files (CPU seconds): {task.__name__}"] = FILES / cpu
