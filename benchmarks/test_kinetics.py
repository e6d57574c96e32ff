"""Steady states and disk curves a second, beside scipy's stiff integrator on the same mechanism."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from adatom.electrolytes import load_electrolyte
from adatom.kinetics.rates import CompiledNetwork, compile_network
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_network
from adatom.transport.rotating_disk import disk_response


def random_sites(count):
    """ORR free energies (eV) of the bare site, *OOH, *O and *OH on noisy scaling lines."""
    rng = np.random.default_rng(0)
    oh = rng.normal(0.9, 0.4, count)
    ooh, o = oh + 3.2 + rng.normal(0, 0.1, count), 2 * oh + 0.5 + rng.normal(0, 0.2, count)
    return np.column_stack([np.zeros(count), ooh, o, oh])


def record(benchmark, rates, name, items):
    rates[name] = items / benchmark.stats.stats.min
    benchmark.extra_info["per_second"] = rates[name]


@pytest.mark.benchmark(group="ORR steady states")
def test_adatom(benchmark, rates):
    network = compile_network(load_network("ORR"))
    sites, grid = random_sites(20_000), np.linspace(0.2, 1.2, 100)
    benchmark.pedantic(steady_states, (network, sites, grid), rounds=3, warmup_rounds=1)
    record(benchmark, rates, "ORR steady state: adatom", sites.shape[0] * grid.size)


@pytest.mark.benchmark(group="ORR steady states")
def test_scipy_bdf(benchmark, rates):
    """The same chain integrated to its steady state with scipy's BDF, analytic Jacobian."""
    network = compile_network(load_network("ORR"))
    sites, grid = random_sites(8), np.linspace(0.3, 0.9, 4)

    def integrate():
        for energies in sites:
            for potential in grid:
                q = generator(network, energies, potential)
                slowest = np.sort(np.abs(np.linalg.eigvals(q).real))[1]
                solve_ivp(lambda _, p, q=q: q.T @ p, (0.0, 30.0 / slowest), np.full(4, 0.25),
                          method="BDF", jac=q.T, rtol=1e-8, atol=1e-12)  # fmt: skip

    benchmark.pedantic(integrate, rounds=2)
    record(benchmark, rates, "ORR steady state: scipy BDF", sites.shape[0] * grid.size)


def generator(network, energies, potential):
    """Rate matrix from the documented rate law, in numpy."""
    delta = (energies[network.end] - energies[network.start] + network.solution_eV
             + network.electrons * potential)  # fmt: skip
    barrier = np.maximum(0, np.maximum(delta, network.intrinsic_eV + network.slope * delta))
    forward = network.attempt_Hz * np.exp(-barrier / network.thermal_eV)
    backward = forward * np.exp(delta / network.thermal_eV)
    q = np.zeros((energies.size, energies.size))
    np.add.at(q, (network.start, network.end), forward)
    np.add.at(q, (network.end, network.start), backward)
    return q - np.diag(q.sum(axis=1))


@pytest.mark.benchmark(group="curves with transport")
def test_campaign_of_300_sites_100_potentials_200_draws(benchmark, rates):
    orr = load_network("ORR")
    network, grid = compile_network(orr), np.linspace(0.2, 1.2, 100)
    koh = load_electrolyte("0.1 M KOH")
    draws = np.random.default_rng(1).normal(0, 0.2, (200, 1))
    batches = [site + draws * [0, 1, 2, 1] for site in random_sites(300)]

    def campaign():
        for batch in batches:
            disk_response(network, batch, grid, koh, rotation_rpm=1600.0,
                          site_density_mol_cm2=1e-8, byproduct="H2O2")  # fmt: skip

    benchmark.pedantic(campaign, rounds=2, warmup_rounds=1)
    record(benchmark, rates, "ORR disk point with transport: adatom", 300 * 100 * 200)


@pytest.mark.benchmark(group="number of states")
@pytest.mark.parametrize("size", [4, 8, 16, 32, 64, 100])
def test_number_of_states(benchmark, rates, size):
    """A ring of electron transfers with as many random cross links, ``size`` states."""
    rng = np.random.default_rng(size)
    ring = np.arange(size)
    start = np.concatenate([ring, rng.integers(0, size, size)])
    end = np.concatenate([(ring + 1) % size, (start[size:] + rng.integers(1, size, size)) % size])
    orr = compile_network(load_network("ORR"))
    steps = 2 * size
    network = CompiledNetwork(
        states=tuple(f"s{i}" for i in ring), transported=(), start=start, end=end,
        electrons=np.where(np.arange(steps) < size, 1.0, 0.0),
        consumes=np.zeros(steps, np.int64), produces=np.zeros(steps, np.int64),
        solution_eV=np.zeros(steps), slope=np.full(steps, 0.5), intrinsic_eV=np.full(steps, 0.26),
        law=np.zeros(steps, np.int64), factors=np.ones((2, steps)),
        computed=np.zeros(steps, bool), dissolved=(), changes=np.zeros((steps, 0)),
        names=tuple(f"e{i}" for i in range(steps)), rules=tuple(f"e{i}" for i in range(steps)),
        thermal_eV=orr.thermal_eV, attempt_Hz=orr.attempt_Hz,
    )  # fmt: skip
    count = 200_000 // size
    chains, grid = rng.normal(0, 0.3, (count, size)), np.linspace(0.2, 1.2, 20)
    benchmark.pedantic(steady_states, (network, chains, grid), rounds=3, warmup_rounds=1)
    record(benchmark, rates, f"chain of {size} states: adatom", count * grid.size)
