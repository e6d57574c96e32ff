"""Sites with several positions against independent atoms, the whole chain, and Gillespie."""

import numpy as np
import pytest

from adatom.kinetics.rates import compile_network, constants_at, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_mechanism, network_of, parse_mechanism

ORR_PAIR = """
name = "ORR"
overall = "O2 + 4 H+ + 4 e- -> 2 H2O"
potential_window_V_rhe = [0.2, 1.23]
[[step]]
name = "O2 -> *OOH"
equation = "* + O2 + H+ + e- -> *OOH"
[[step]]
name = "*OOH -> *O"
equation = "*OOH + H+ + e- -> *O + H2O"
[[step]]
name = "*O -> *OH"
equation = "*O + H+ + e- -> *OH"
[[step]]
name = "*OH -> H2O"
equation = "*OH + H+ + e- -> * + H2O"
[[step]]
name = "split"
equation = "*OOH + * -> *O + *OH"
bep_intercept_eV = 0.4
[[step]]
name = "hop"
equation = "*OH + * -> * + *OH"
bep_intercept_eV = 0.3
[[path]]
name = "4e"
equation = "O2 + 4 H+ + 4 e- -> 2 H2O"
steps = ["O2 -> *OOH", "*OOH -> *O", "*O -> *OH", "*OH -> H2O"]
"""
METALS = {"Fe": {"*OH": 0.8, "*O": 1.9, "*OOH": 3.8}, "Co": {"*OH": 1.0, "*O": 2.6, "*OOH": 4.1}}


def energies_of(network, *, lateral=0.0):
    """Position energies of METALS (A, B, C: Fe), one number for every interaction."""
    values = {}
    for name in network.energy_names:
        if "+" in name:
            values[name] = lateral
        else:
            occupant, metal = name.split("@")
            values[name] = METALS.get(metal, METALS["Fe"])[occupant]
    return values


def test_a_pair_without_interaction_is_two_independent_atoms():
    apart = (
        ORR_PAIR[: ORR_PAIR.index('[[step]]\nname = "split"')]
        + ORR_PAIR[ORR_PAIR.index("[[path]]") :]
    )
    orr = parse_mechanism(apart, where="apart.toml")
    potentials = np.linspace(0.3, 1.1, 9)
    single = network_of(orr)
    alone = {
        m: steady_states(compile_network(single), state_energies(single, METALS[m]), potentials)
        for m in METALS
    }
    pair = network_of(orr, ("Fe", "Co"))
    assert len(pair.states) == 16
    found = steady_states(
        compile_network(pair), state_energies(pair, energies_of(pair)), potentials
    )
    fe, co = alone["Fe"].occupations[0], alone["Co"].occupations[0]
    for n, state in enumerate(pair.states):
        a, b = (single.states.index(x) for x in state.split("|"))
        np.testing.assert_allclose(found.occupations[0, :, n], fe[:, a] * co[:, b], rtol=1e-10)
    total = alone["Fe"].electron_turnover_Hz + alone["Co"].electron_turnover_Hz
    np.testing.assert_allclose(found.electron_turnover_Hz, total, rtol=1e-10)


@pytest.mark.parametrize(("equal", "distinct"), [("Fe,Fe", "Fe,A"), ("Fe,Fe,Fe", "Fe,A,B")])
def test_lumping_equal_positions_changes_nothing(equal, distinct):
    mechanism = parse_mechanism(ORR_PAIR, where="pair.toml")
    small, whole = (network_of(mechanism, n.split(",")) for n in (equal, distinct))
    assert len(small.states) < len(whole.states)
    potentials = np.linspace(0.2, 1.1, 7)
    results = [
        steady_states(
            compile_network(n), state_energies(n, energies_of(n, lateral=0.15)), potentials
        )
        for n in (small, whole)
    ]
    np.testing.assert_allclose(
        results[0].electron_turnover_Hz, results[1].electron_turnover_Hz, rtol=1e-10
    )
    np.testing.assert_allclose(
        results[0].occupations[..., 0], results[1].occupations[..., 0], rtol=1e-10
    )


def test_one_position_gives_the_langmuir_coverage():
    """Only adsorption: theta = K / (1 + K), K = exp(-(dG + eU) / kT)."""
    text = """
name = "H"
overall = "2 H+ + 2 e- -> H2"
potential_window_V_rhe = [-0.5, 0.5]
[[step]]
name = "Volmer"
equation = "* + H+ + e- -> *H"
[[step]]
name = "Heyrovsky"
equation = "*H + H+ + e- -> * + H2"
barrier_eV = 5.0
[[path]]
name = "p"
equation = "2 H+ + 2 e- -> H2"
steps = ["Volmer", "Heyrovsky"]
"""
    network = network_of(parse_mechanism(text, where="h.toml"))
    compiled = compile_network(network)
    potentials = np.linspace(-0.2, 0.2, 9)
    found = steady_states(compiled, state_energies(network, {"*H": 0.05}), potentials)
    k = np.exp(-(0.05 + potentials) / compiled.thermal_eV)
    np.testing.assert_allclose(found.occupations[0, :, 1], k / (1.0 + k), rtol=1e-10)


def simulate(network, energies, potential, events, seed):
    """Gillespie's direct method on the chain: time in each state, electrons, elapsed time."""
    forward, backward = constants_at(network, energies, potential)
    n_states = len(network.states)
    moves = [[] for _ in range(n_states)]
    for e in range(network.start.size):
        moves[network.start[e]].append((forward[e], network.end[e], network.electrons[e]))
        moves[network.end[e]].append((backward[e], network.start[e], -network.electrons[e]))
    rates = [np.array([m[0] for m in each]) for each in moves]
    sums = [np.cumsum(r) for r in rates]
    rng = np.random.default_rng(seed)
    waiting, picks = rng.exponential(size=events), rng.random(events)
    spent, electrons, at = np.zeros(n_states), 0.0, 0
    for wait, pick in zip(waiting, picks, strict=True):
        total = sums[at][-1]
        spent[at] += wait / total
        chosen = int(np.searchsorted(sums[at], pick * total))
        _, nxt, n = moves[at][chosen]
        electrons += n
        at = nxt
    return spent, electrons, spent.sum()


HYDROGEN = {"Fe": {"*H": -0.05}, "Co": {"*H": 0.10}}
CARBON = {"*COOH": 0.35, "*CO": -0.05, "*H": 0.1, "*CHO": 0.45, "*CH2O": 0.2, "*OCH3": -0.5,
          "*O": 0.3, "*OH": 0.1}  # fmt: skip


def chosen(name):
    """A shipped network on a site with several states of comparable probability."""
    if name == "CO2RR":
        return network_of(load_mechanism(name), known=CARBON), CARBON, -0.45
    metals = METALS if name == "ORR" else HYDROGEN
    known = {f"{x}@{m}" for m in metals for x in metals[m]}
    network = network_of(load_mechanism(name), ("Fe", "Co"), known=known)
    values = {f"{x}@{m}": v for m in metals for x, v in metals[m].items()}
    full = {n: values.get(n, 0.1) for n in network.energy_names}
    return network, full, 0.85 if name == "ORR" else -0.02


@pytest.mark.parametrize("name", ["ORR", "HER", "CO2RR"])
def test_a_gillespie_simulation_agrees_within_three_standard_errors(name):
    network, values, potential = chosen(name)
    swept = {
        s: 1e-6 for s in network.dissolved if s not in ("O2", "H2", "CO2", *network.transported)
    }
    compiled = compile_network(network, activities=swept)
    energies = state_energies(network, values)
    exact = steady_states(compiled, energies, np.array([potential]))
    runs = [simulate(compiled, energies, potential, 12_000, seed) for seed in range(16)]
    shares = np.array([spent / total for spent, _, total in runs])
    turnovers = np.array([electrons / total for _, electrons, total in runs])
    error = shares.std(axis=0, ddof=1) / 4.0
    likely = exact.occupations[0, 0] > 1e-3
    off = np.abs(shares.mean(axis=0) - exact.occupations[0, 0])[likely]
    assert likely.sum() >= 2
    assert np.all(off < 3.0 * error[likely])
    off = abs(turnovers.mean() - exact.electron_turnover_Hz[0, 0])
    assert off < 3.0 * turnovers.std(ddof=1) / 4.0
    assert abs(exact.electron_turnover_Hz[0, 0]) > turnovers.std(ddof=1) / 4.0
