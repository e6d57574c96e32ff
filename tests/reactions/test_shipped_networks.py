"""The shipped networks: products, paths, states on one and two positions, equilibrium."""

import math

import numpy as np
import pytest

from adatom.kinetics.rates import compile_network, constants_at
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_mechanism, load_network, network_of
from adatom.reactions.equation import change_of, dissolved
from adatom.reactions.expansion import MAX_STATES
from adatom.reactions.mechanism_file import shipped_mechanisms
from adatom.reactions.solution import solution_free_energies_eV
from adatom.species import parse_species
from adatom.thermo.limiting import equilibrium_potential_V, limiting_potential

ONE, EQUAL, DIFFERENT = ("*",), ("Fe", "Fe"), ("Fe", "Co")
# States on one position, on two equal ones, on two different ones. With p occupants (the empty
# one too) and q that fill two positions: p, p (p + 1)/2 + q, p^2 + q.
STATES = {
    "CER": (6, 22, 37), "CO2RR": (18, 182, 335), "HER": (3, 6, 9), "HOR": (6, 21, 36),
    "NO3RR": (19, 192, 363), "NRR": (13, 96, 174), "OER": (4, 11, 17), "ORR": (4, 11, 17),
}  # fmt: skip
NAMES = sorted(STATES)
# Textbook potentials of the products, V vs RHE (sources in test_solution.py). N2H4 and NH2OH from
# those of their cations: -0.23 - 7.98 x 0.0592/4, and (5 x 1.246 - 1.87 - 5.96 x 0.0592)/6.
POTENTIALS = {
    "H2": 0.0, "H2O2": 0.70, "O2": 1.23, "CO": -0.10, "HCOOH": -0.12, "CH3OH": 0.03, "CH4": 0.17,
    "C2H4": 0.08, "C2H5OH": 0.09, "N2H4": -0.348, "NO2-": 0.838, "NO": 0.957,
    "N2O": 1.116, "N2": 1.246, "NH2OH": 0.668, "Cl2": 1.358, "HOCl": 1.494, "CO2": -0.10,
}  # fmt: skip


def test_these_are_all_the_shipped_networks():
    assert sorted(shipped_mechanisms()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_released_species_is_a_product_and_every_product_is_reached_by_a_path(name):
    mechanism = load_mechanism(name)
    released = {s for step in mechanism.steps for s, n in step.solution if n > 0}
    # Steps that hand H2 or CO back do so by going backward; *moves* release nothing.
    assert released == {p.species for p in mechanism.products}
    made = {s for path in mechanism.paths for s in dissolved(change_of(path.equation, name))}
    assert {p.species for p in mechanism.products} <= made


@pytest.mark.parametrize("name", NAMES)
def test_products_have_their_textbook_potentials(name):
    free = solution_free_energies_eV()
    for product in load_mechanism(name).products:
        change = change_of(product.equation, name)
        found = sum(n * free[s] for s, n in dissolved(change).items()) / change["e-"]
        expected = POTENTIALS.get(product.species)
        if product.species == "NH3":
            expected = 0.092 if name == "NRR" else 0.82
        assert found == pytest.approx(expected, abs=0.02), product.equation


@pytest.mark.parametrize("name", NAMES)
def test_the_first_path_walks_on_one_position_without_optional_states(name):
    network = load_network(name)
    first = network.paths[0]
    assert first.name == network.mechanism.paths[0].name
    assert not {step.end for step in first.steps} & set(network.optional)
    assert first.steps[0].start == first.steps[-1].end == "*"


@pytest.mark.parametrize("name", NAMES)
def test_every_path_walks_on_two_equal_positions(name):
    network = network_of(load_mechanism(name), EQUAL)
    assert len(network.paths) == len(network.mechanism.paths)


def test_required_states_of_the_oxygen_and_hydrogen_networks_are_those_of_one_position():
    assert load_network("ORR").required == ("*OOH", "*O", "*OH")
    assert load_network("OER").required == ("*OH", "*O", "*OOH")
    assert load_network("HER").required == ("*H",)
    assert load_network("CO2RR").required == ("*COOH", "*CO", "*H")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("positions", [ONE, EQUAL, DIFFERENT])
def test_states_are_as_many_as_counted_and_all_connected(name, positions):
    network = network_of(load_mechanism(name), positions)
    assert len(network.states) == STATES[name][(ONE, EQUAL, DIFFERENT).index(positions)]
    assert len(network.states) < MAX_STATES
    occupants = network.mechanism.occupants
    pairs = sum(x.endswith("*") and x != "*" for x in occupants)
    p = len(occupants) - pairs
    counted = {ONE: p, EQUAL: p * (p + 1) // 2 + pairs, DIFFERENT: p * p + pairs}[positions]
    assert len(network.states) == counted
    near: dict[str, set[str]] = {state: set() for state in network.states}
    for step in network.steps:
        near[step.start].add(step.end)
        near[step.end].add(step.start)
    seen, waiting = {network.bare}, [network.bare]
    while waiting:
        for state in near[waiting.pop()] - seen:
            seen.add(state)
            waiting.append(state)
    assert seen == set(network.states)


def potential_of_composition_eV(network, species, potential_V):
    """Chemical potential of a composition in equilibrium with the electrode and the reactants.

    Independent of the equations of the file: from the composition alone, with H2O, CO2 and Cl-
    at activity 1, nitrogen as the reactant has it, and (H+ + e-) at the potential.
    """

    def pairs(name):  # (H+ + e-) in it against CO2, N2, Cl- with its H+, and H2O
        of = parse_species(name)
        oxygen = of.count("O") - 2 * of.count("C")
        return of.count("H") - of.charge - 2 * oxygen - of.count("Cl")

    nitrogen = 0.0
    if network.name == "NO3RR":
        nitrogen = solution_free_energies_eV()["NO3-"] + pairs("NO3-") * potential_V
    return parse_species(species).count("N") * nitrogen - pairs(species) * potential_V


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("positions", [ONE, EQUAL, DIFFERENT])
def test_every_net_flux_vanishes_at_the_equilibrium_potential(name, positions):
    network = network_of(load_mechanism(name), positions)
    potential = equilibrium_potential_V(load_network(name).paths[0])
    thermal, free = compile_network(network).thermal_eV, solution_free_energies_eV()
    found = {
        s: math.exp((potential_of_composition_eV(network, s, potential) - free[s]) / thermal)
        for s in network.dissolved
    }
    # At the equilibrium of the overall reaction both its sides have activity 1.
    overall = dissolved(change_of(network.mechanism.overall, name))
    assert all(found[s] == pytest.approx(1.0, rel=1e-9) for s in overall)
    compiled = compile_network(
        network, activities={s: a for s, a in found.items() if s not in network.transported}
    )
    moving = np.array([found[s] for s in network.transported])
    held = [
        sum(potential_of_composition_eV(network, x, potential) for x in state.split("|"))
        for state in network.states
    ]
    # Arrangements that symmetry makes of a state, on two positions.
    alike = [2.0 if positions == EQUAL and "|" in s and len(set(s.split("|"))) == 2 else 1.0
             for s in network.states]  # fmt: skip
    rng = np.random.default_rng(6)
    for _ in range(3):
        energies = np.concatenate([[0.0], rng.normal(0.3, 0.7, len(network.states) - 1)])
        forward, backward = constants_at(compiled, energies, potential, activities=moving)
        steady = steady_states(compiled, energies, potential, activities=moving)
        occupied = steady.occupations[0, 0]
        gross = forward * occupied[compiled.start]
        net = gross - backward * occupied[compiled.end]
        assert np.all(np.abs(net) <= 1e-9 * gross)
        if positions == ONE:
            assert np.all(np.abs(steady.net_fluxes_Hz[0, 0]) <= 1e-9 * gross)
        # The occupations are those of the grand canonical ensemble.
        logs = np.log(alike) - (energies - np.array(held)) / thermal
        expected = logs - logs.max() - np.log(np.exp(logs - logs.max()).sum())
        assert np.log(occupied) == pytest.approx(expected, abs=1e-9)


def test_the_step_that_binds_nitrate_sets_no_limiting_potential():
    network = load_network("NO3RR")
    energies = dict.fromkeys(network.states, 0.0)
    # Binding nitrate is 2 eV uphill, and every reduction after it goes down.
    for n, step in enumerate(network.paths[0].steps):
        energies[step.end] = 8.2 - 1.0 * n if step.end != "*" else 0.0
    result = limiting_potential(network.paths[0], energies)
    assert result.determining_step != "NO3- -> *NO3"
    assert result.limiting_potential_V_rhe == pytest.approx(1.0)
