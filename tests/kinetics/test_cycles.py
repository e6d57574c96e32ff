"""Net fluxes taken apart into cycles; the energetic span against exact turnovers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adatom.kinetics.cycles import energetic_span, net_cycles
from adatom.kinetics.rates import compile_network, constants_at, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_mechanism, load_network, network_of

FE = {"*OH": 0.8, "*O": 1.9, "*OOH": 3.8}
CO = {"*OH": 1.0, "*O": 2.6, "*OOH": 4.1}


def pair():
    known = {f"{x}@{m}" for m in ("Fe", "Co") for x in FE}
    network = network_of(load_mechanism("ORR"), ("Fe", "Co"), known=known)
    values = {f"{x}@Fe": v for x, v in FE.items()} | {f"{x}@Co": v for x, v in CO.items()}
    return network, {n: values.get(n, 0.1) for n in network.energy_names}


def total(network, cycles):
    names = [s.name for s in network.steps]
    flux = np.zeros(len(names))
    for cycle in cycles:
        for step, back in zip(cycle.steps, cycle.backward, strict=True):
            flux[names.index(step.name)] += -cycle.flux_Hz if back else cycle.flux_Hz
    return flux


@settings(deadline=None, max_examples=20)
@given(st.floats(0.3, 1.1), st.booleans())
def test_cycles_add_up_to_the_net_fluxes(potential, two):
    network, values = pair() if two else (load_network("ORR"), FE)
    states = steady_states(
        compile_network(network), state_energies(network, values), np.array([potential]),
        activities=np.array([1.0, 1e-4]),
    )  # fmt: skip
    flux = states.net_fluxes_Hz[0, 0]
    cycles = net_cycles(network, flux, most=1000)
    np.testing.assert_allclose(total(network, cycles), flux, atol=1e-6 * np.abs(flux).max())
    fluxes = [c.flux_Hz for c in cycles]
    assert fluxes == sorted(fluxes, reverse=True)
    for cycle in cycles:
        assert cycle.states[0] == cycle.states[-1]


def test_the_dominant_cycle_of_the_orr_is_the_four_electron_path():
    orr = load_network("ORR")
    states = steady_states(
        compile_network(orr), state_energies(orr, FE), np.array([0.5]),
        activities=np.array([1.0, 1e-8]),
    )  # fmt: skip
    first = net_cycles(orr, states.net_fluxes_Hz[0, 0])[0]
    assert [s.name for s in first.steps] == [s.name for s in orr.paths[0].steps]
    assert first.electrons == 4
    assert first.change == {"O2": -1}


@pytest.mark.parametrize("potential", [0.2, 0.3])
def test_the_energetic_span_gives_the_turnover_where_one_state_dominates(potential):
    orr = load_network("ORR")
    compiled, energies = compile_network(orr), state_energies(orr, {**FE, "*OH": 0.3})
    activities = np.array([1.0, 1e-30])
    states = steady_states(compiled, energies, np.array([potential]), activities=activities)
    cycle = net_cycles(orr, states.net_fluxes_Hz[0, 0])[0]
    constants = constants_at(compiled, energies, potential, activities=activities)
    span = energetic_span(orr, compiled, cycle, constants)
    estimate = compiled.attempt_Hz * np.exp(-span.span_eV / compiled.thermal_eV)
    assert span.intermediate == "*OH"
    assert cycle.flux_Hz == pytest.approx(estimate, rel=0.05)
