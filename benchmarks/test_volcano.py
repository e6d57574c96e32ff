"""Kinetic volcano maps, steady states of a pair that reduces CO2, results streamed to a file."""

import subprocess
import sys

import numpy as np
import pytest

from adatom.kinetics.rates import compile_network
from adatom.kinetics.steady_state import steady_states
from adatom.kinetics.volcano import activity_map
from adatom.reactions import load_network
from adatom.reactions.expansion import network_of
from adatom.reactions.mechanism_file import load_mechanism

OXYGEN = {"*OH": np.linspace(0.0, 2.0, 200), "*O": np.linspace(0.0, 4.0, 200)}


@pytest.mark.benchmark(group="volcano")
def test_kinetic_map_of_200_by_200(benchmark, rates):
    """Target: under 1 s."""
    orr = load_network("ORR")
    found = benchmark.pedantic(
        activity_map, (orr, OXYGEN), {"potential_V_rhe": 0.8}, rounds=5, warmup_rounds=1
    )
    assert np.isfinite(found.values).all()
    rates["ORR volcano point: adatom"] = found.values.size / benchmark.stats.stats.min
    assert benchmark.stats.stats.min < 1.0


def carbon_dioxide_on_a_pair():
    """CO2RR on two different metals: 60 states, 150 steps, C2H4 and C2H5OH among its products."""
    single = ("*COOH", "*CO", "*H", "*CHO", "*O", "*OH")
    both = ("*OCCO*", "*OCCHO*", "*OCCOH*", "*OCC*", "*OCCH*", "*OCHCHO*", "*OCHCHOH*",
            "*OCHCH*", "*OCHCH2*", "*OCHCH3*", "*OCH2CH3*")  # fmt: skip
    known = {f"{s}@{p}" for s in single for p in ("Ag", "Cu")} | {f"{s}@Ag-Cu" for s in both}
    return network_of(load_mechanism("CO2RR"), ("Cu", "Ag"), known=known)


@pytest.mark.benchmark(group="60 states")
def test_pair_of_60_states(benchmark, rates):
    """Target: 20,000 a second."""
    network = carbon_dioxide_on_a_pair()
    assert len(network.states) == 60
    rng = np.random.default_rng(0)
    sites = rng.normal(0.2, 0.4, (4000, 60))
    sites[:, 0] = 0.0
    compiled = compile_network(network)
    found = benchmark.pedantic(
        steady_states, (compiled, sites, np.array([-0.6])), rounds=7, warmup_rounds=1
    )
    assert np.allclose(found.occupations.sum(axis=-1), 1.0)
    rates["CO2RR of 60 states: adatom"] = len(sites) / benchmark.stats.stats.min
    assert rates["CO2RR of 60 states: adatom"] > 20_000


STREAM = """
import resource, sys
import numpy as np
from adatom.kinetics.volcano import stream_activity
from adatom.reactions import load_network
side = int(sys.argv[2])
axes = {"*OH": np.linspace(0.0, 2.0, side), "*O": np.linspace(0.0, 4.0, side)}
points = stream_activity(sys.argv[1], load_network("ORR"), axes, 0.8)
print(points, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.benchmark(group="streamed to a file")
def test_ten_million_results_in_a_file(benchmark, rates, tmp_path):
    """Target: peak memory of the whole process under 1 GB; its start is in the time."""
    printed = []

    def stream():
        arguments = [sys.executable, "-c", STREAM, str(tmp_path / "map.npy"), "3163"]
        printed.append(subprocess.check_output(arguments, text=True))

    benchmark.pedantic(stream, rounds=2)
    points, peak = (int(word) for word in printed[-1].split())
    assert np.load(tmp_path / "map.npy", mmap_mode="r").shape == (3163, 3163)
    benchmark.extra_info["peak_memory_MB"] = peak / 1e6
    name = f"ORR result in a file ({peak / 1e6:.0f} MB at most): adatom"
    rates[name] = points / benchmark.stats.stats.min
    assert peak < 1e9
