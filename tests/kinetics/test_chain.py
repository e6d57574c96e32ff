"""The site Markov chain against exact arithmetic, a stiff ODE and thermodynamics."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import RateModel, compile_network, constants_at, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_network, restricted
from adatom.thermo.limiting import equilibrium_potential_V


def generator(network, forward, backward, zero=0.0):
    size = len(network.states)
    q = np.full((size, size), zero, dtype=object if not isinstance(zero, float) else float)
    for e in range(network.start.size):
        i, j = network.start[e], network.end[e]
        q[i, j] += forward[e]
        q[i, i] -= forward[e]
        q[j, i] += backward[e]
        q[j, j] -= backward[e]
    return q


def exact_solution(network, forward, backward):
    """Stationary probabilities and net fluxes in 500-digit arithmetic."""
    with mpmath.workdps(500):
        f, b = [mpmath.mpf(x) for x in forward], [mpmath.mpf(x) for x in backward]
        a = mpmath.matrix(generator(network, f, b, mpmath.mpf(0)).T.tolist())
        size = len(network.states)
        for column in range(size):
            a[size - 1, column] = 1
        right = mpmath.zeros(size, 1)
        right[size - 1] = 1
        p = mpmath.lu_solve(a, right)
        net = [
            p[int(network.start[e])] * f[e] - p[int(network.end[e])] * b[e]
            for e in range(network.start.size)
        ]
        return [p[i] for i in range(size)], net


def test_full_relative_precision_for_occupations_and_net_fluxes(orr):
    """Random sites whose rates span up to 150 decades, against 500-digit arithmetic."""
    network = compile_network(orr)
    rng = np.random.default_rng(1)
    widest = 0.0
    for _ in range(40):
        energies = np.concatenate([[0.0], rng.uniform(-3.0, 6.0, 3)])
        potential = rng.uniform(0.0, 1.2)
        activities = np.array([1.0, 10.0 ** rng.uniform(-9.0, 0.0)])
        forward, backward = constants_at(network, energies, potential, activities=activities)
        rates = np.concatenate([forward, backward])
        widest = max(widest, np.log10(rates.max() / rates.min()))
        found = steady_states(network, energies, potential, activities=activities)
        p, net = exact_solution(network, forward, backward)
        for n, exact in enumerate(p):
            assert abs(float((found.occupations[0, 0, n] - exact) / exact)) < 1e-13
        for e, exact in enumerate(net):
            assert abs(float((found.net_fluxes_Hz[0, 0, e] - exact) / exact)) < 1e-9
    assert widest > 80.0


def test_a_long_chain_of_random_rates_keeps_its_precision():
    """A birth-death chain has a closed form; 30 states, rates over 80 decades."""
    rng = np.random.default_rng(2)
    size = 30
    up, down = 10.0 ** rng.uniform(-40, 40, size - 1), 10.0 ** rng.uniform(-40, 40, size - 1)
    start, end = np.arange(size - 1), np.arange(1, size)
    none = np.zeros(size - 1, np.int64)
    occupation, flux, matrix = np.empty((size, 1)), np.empty((size - 1, 1)), np.empty((size, size))
    solve_chain(
        start, end, up, down, none, none, occupation, flux, matrix, *scratch(size, size - 1)
    )
    logs = np.concatenate([[0.0], np.cumsum(np.log(up) - np.log(down))])
    assert np.log(occupation[:, 0]) == pytest.approx(logs, abs=1e-11)
    gross = up * occupation[:-1, 0]
    assert np.all(np.abs(flux[:, 0]) <= 1e-13 * gross)


def test_steady_state_equals_a_stiff_ode_on_200_random_sites(orr):
    network = compile_network(orr)
    rng = np.random.default_rng(3)
    ideal = state_energies(orr, {"*OOH": 3.69, "*O": 2.46, "*OH": 1.23})
    worst = 0.0
    for _ in range(200):
        energies = ideal + np.concatenate([[0.0], rng.normal(0.0, 0.5, 3)])
        potential = rng.uniform(0.2, 1.2)
        q = generator(network, *constants_at(network, energies, potential))
        slowest = np.sort(np.abs(np.linalg.eigvals(q).real))[1]
        result = solve_ivp(
            lambda _, p, q=q: q.T @ p,
            (0.0, 60.0 / slowest),
            np.full(4, 0.25),
            method="BDF",
            jac=q.T,
            rtol=1e-12,
            atol=1e-16,
        )
        assert result.success
        settled = result.y[:, -1] / result.y[:, -1].sum()
        found = steady_states(network, energies, potential).occupations[0, 0]
        worst = max(worst, np.abs(found - settled).max())
    assert worst < 1e-8


@pytest.mark.parametrize("name", ["ORR", "OER", "HER"])
def test_every_net_flux_vanishes_at_equilibrium(name):
    network = load_network(name)
    equilibrium = equilibrium_potential_V(network.paths[0])
    rng = np.random.default_rng(4)
    compiled = compile_network(network)
    # O2 and H2O2 must be in equilibrium with each other too: 2 e- between 0.70 and 1.23 V.
    exchange = np.exp(-2.0 * (equilibrium - 0.70) / compiled.thermal_eV)
    activities = np.array([1.0, exchange]) if name == "ORR" else None
    for _ in range(20):
        energies = np.concatenate([[0.0], rng.normal(0.5, 1.0, len(network.states) - 1)])
        forward, _ = constants_at(compiled, energies, equilibrium, activities=activities)
        found = steady_states(compiled, energies, equilibrium, activities=activities)
        gross = forward * found.occupations[0, 0, compiled.start]
        assert np.all(np.abs(found.net_fluxes_Hz[0, 0]) <= 1e-10 * gross)


def tafel_slope_mV_dec(network, energies, potentials):
    rates = steady_states(network, energies, potentials).electron_turnover_Hz[0]
    return 1e3 * np.abs(np.diff(potentials) / np.diff(np.log10(rates)))


def test_volmer_limited_hydrogen_evolution_has_118_mv_per_decade(her):
    volmer = restricted(her, {"*H"})
    model = RateModel(step_barriers_eV={"Volmer": 0.9, "Heyrovsky": 0.1})
    network = compile_network(volmer, model)
    slopes = tafel_slope_mV_dec(network, np.array([0.0, 0.0]), np.linspace(-0.25, -0.4, 16))
    assert slopes == pytest.approx(118.3, abs=0.2)


def test_heyrovsky_limited_hydrogen_evolution_has_39_mv_per_decade_at_low_coverage(her):
    network = compile_network(
        restricted(her, {"*H"}), RateModel(step_barriers_eV={"Volmer": 0.0, "Heyrovsky": 0.6})
    )
    slopes = tafel_slope_mV_dec(network, np.array([0.0, 0.60]), np.linspace(-0.15, -0.30, 16))
    assert slopes == pytest.approx(39.4, abs=0.2)


def test_tafel_limited_hydrogen_evolution_has_30_mv_per_decade_at_low_coverage(her):
    barriers = {"Volmer": 0.0, "second Volmer": 0.0, "Heyrovsky": 3.0, "second Heyrovsky": 3.0,
                "Tafel": 1.2}  # fmt: skip
    network = compile_network(her, RateModel(step_barriers_eV=barriers))
    energies = state_energies(her, {"*H": 0.5, "*H*H": 1.0})
    slopes = tafel_slope_mV_dec(network, energies, np.linspace(-0.12, -0.25, 14))
    assert slopes == pytest.approx(29.6, abs=0.2)


def test_a_strongly_binding_site_is_poisoned_by_hydroxide(orr):
    network = compile_network(orr)
    energies = state_energies(orr, {"*OH": 0.0, "*O": 1.5, "*OOH": 3.2})
    found = steady_states(network, energies, 0.8, activities=np.array([1.0, 0.0]))
    assert found.occupations[0, 0, network.states.index("*OH")] > 0.99


def test_backward_constants_are_in_detailed_balance(orr):
    network = compile_network(orr)
    energies = state_energies(orr, {"*OH": 0.9, "*O": 2.1, "*OOH": 4.0})
    forward, backward = constants_at(network, energies, 0.7)
    change = energies[network.end] - energies[network.start] + network.solution_eV
    change = change + 0.7 * network.electrons
    assert np.log(forward / backward) == pytest.approx(-change / network.thermal_eV, abs=1e-10)
