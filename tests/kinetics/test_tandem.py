"""Limiting cases of carbon dioxide reduction: poisoning by *CO, and a pair that shares the work."""

import numpy as np
import pytest

from adatom.kinetics.products import product_turnovers
from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_mechanism, network_of
from adatom.thermo.best_path import best_path
from adatom.thermo.limiting import limiting_potential

CO2RR = load_mechanism("CO2RR")
METHANE = next(p for p in CO2RR.products if p.species == "CH4")
DILUTE = CO2RR.activities


def solved(positions, energies, *, potential=-0.9, model=None):
    """Efficiencies and turnovers by product, and electrons per site."""
    network = network_of(CO2RR, positions, known=energies)
    values = {n: energies.get(n, 0.0) for n in network.energy_names}
    compiled = compile_network(
        network, model, activities={s: a for s, a in DILUTE.items() if s in network.dissolved}
    )
    states = steady_states(compiled, state_energies(network, values), np.array([potential]))
    made = product_turnovers(network, states)
    shares = dict(zip(made.products, made.faradaic_efficiency[0, 0], strict=True))
    turnovers = dict(zip(made.products, made.turnover_Hz[0, 0], strict=True))
    return shares, turnovers, float(states.electron_turnover_Hz[0, 0])


def limit_V(positions, energies):
    network = network_of(CO2RR, positions, known=energies)
    values = {n: energies.get(n, 0.0) for n in network.energy_names}
    by_state = dict(zip(network.states, state_energies(network, values), strict=True))
    path = best_path(network, by_state, METHANE.equation, name="CH4")
    return limiting_potential(path, by_state).limiting_potential_V_rhe


def on(metal, **energies):
    return {f"*{x}@{metal}": v for x, v in energies.items()}


@pytest.mark.parametrize("binding", [-0.9, -1.2])
def test_strong_co_leaves_the_current_to_hydrogen_from_the_other_position(binding):
    """*CO fills the metal that makes it; hydrogen forms where CO does not bind."""
    # Two positions: one reduces CO2, the other binds H only.
    weak = on("Fe", COOH=0.2, CO=0.0) | on("N", H=0.7)
    strong = on("Fe", COOH=0.2, CO=binding) | on("N", H=0.7)
    before, _, _ = solved(("Fe", "N"), weak, potential=-0.5)
    after, _, _ = solved(("Fe", "N"), strong, potential=-0.5)
    assert before["H2"] < 0.05
    assert after["H2"] > 0.99
    assert sum(after.values()) == pytest.approx(1.0)


def test_on_one_position_strong_co_stops_both_products_alike():
    """Both start from the bare position, so that poisoning leaves their ratio: k_H / k_CO."""
    site = {"*COOH": 0.3, "*H": 0.3}
    shares, _, currents = zip(
        *(solved(("*",), {**site, "*CO": co}) for co in (-0.6, -0.8, -1.0)), strict=True
    )
    assert currents[0] > 1e3 * currents[1] > 1e6 * currents[2]
    for one in shares[1:]:
        assert one["CO"] == pytest.approx(shares[0]["CO"], rel=1e-3)


# Free energies of a methane path; the first transfer makes *COOH, the hardest later one *CHO.
LATER = {"CH2O": 0.3, "OCH3": -0.6, "O": 0.2, "OH": 0.1}


def atom(metal, *, cooh, co, cho):
    return on(metal, COOH=cooh, CO=co, CHO=cho, **LATER, H=0.6)


def test_a_tandem_pair_beats_both_atoms_where_their_hard_steps_differ():
    """Condition: max(dG1 of A, dG3 of B) below max(dG1, dG3) of A and of B each."""
    maker = atom("A", cooh=0.3, co=0.0, cho=1.2)  # dG1 0.3, dG3 1.2 eV
    finisher = atom("B", cooh=1.0, co=-0.3, cho=0.2)  # dG1 1.0, dG3 0.5 eV
    alone = [
        limit_V(("*",), {n.split("@")[0]: v for n, v in one.items()}) for one in (maker, finisher)
    ]
    assert alone == pytest.approx([-1.2, -1.0])
    pair = limit_V(("A", "B"), maker | finisher)
    assert pair == pytest.approx(-0.5)
    model = RateModel(step_barriers_eV={"*CO moves": 0.3})
    rates = []
    for positions, energies in (
        (("*",), {n.split("@")[0]: v for n, v in maker.items()}),
        (("*",), {n.split("@")[0]: v for n, v in finisher.items()}),
        (("A", "B"), maker | finisher),
    ):
        _, turnovers, _ = solved(
            positions, energies, potential=-0.7, model=model if len(positions) == 2 else None
        )
        rates.append(turnovers["CH4"])
    assert rates[2] > 10.0 * (rates[0] + rates[1])


def test_a_pair_on_one_scaling_line_gains_nothing():
    """Where A is better in both hard steps the pair's limit is that of A."""
    better = atom("A", cooh=0.3, co=-0.3, cho=0.3)
    worse = atom("B", cooh=0.6, co=-0.1, cho=0.8)
    alone = limit_V(("*",), {n.split("@")[0]: v for n, v in better.items()})
    assert limit_V(("A", "B"), better | worse) == pytest.approx(alone)
