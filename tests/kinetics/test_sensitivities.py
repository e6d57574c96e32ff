"""Apparent slopes, orders and activation energies against limits and finite differences."""

import numpy as np
import pytest

from adatom.kinetics.products import product_turnovers, releases
from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.sensitivities import sensitivities
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_network, restricted

KT = 0.025692579


def her(barriers, energy=0.5, **model):
    network = restricted(load_network("HER"), {"*H"})
    rates = RateModel(step_barriers_eV=barriers, **model)
    compiled = compile_network(network, rates)
    return network, compiled, state_energies(network, {"*H": energy})


def test_tafel_slopes_of_the_hydrogen_limits():
    """Volmer 118, Heyrovsky at low coverage 39 mV/dec (25 C, beta 1/2)."""
    _, volmer, energies = her({"Volmer": 0.8, "Heyrovsky": 0.0}, energy=0.0)
    assert sensitivities(volmer, energies, -0.3).tafel_slope_mV_dec == pytest.approx(
        -118.3, abs=0.2
    )
    _, heyrovsky, energies = her({"Volmer": 0.0, "Heyrovsky": 0.9}, energy=0.6)
    assert sensitivities(heyrovsky, energies, -0.2).tafel_slope_mV_dec == pytest.approx(
        -39.4, abs=0.2
    )


@pytest.mark.parametrize("law", ["constant", "marcus", "butler-volmer"])
def test_derivatives_equal_finite_differences(law):
    orr = load_network("ORR")
    model = (
        RateModel(law=law, exchange_rate_Hz=1e4) if law == "butler-volmer" else RateModel(law=law)
    )
    values = {"*OH": 0.95, "*O": 2.3, "*OOH": 4.0}
    energies = state_energies(orr, values)
    compiled = compile_network(orr, model)
    potential, activities = 0.8, np.array([0.7, 1e-6])
    found = sensitivities(compiled, energies, potential, activities=activities)

    def rate(u=potential, a=activities):
        return steady_states(compiled, energies, np.array([u]), activities=a).electron_turnover_Hz

    h = 1e-6
    numeric = np.log(rate(potential + h) / rate(potential - h))[0, 0] / (2 * h)
    assert found.tafel_slope_mV_dec == pytest.approx(1e3 * np.log(10) / numeric, rel=1e-6)
    for t, species in enumerate(orr.transported):
        up, down = activities.copy(), activities.copy()
        up[t] *= 1 + h
        down[t] *= 1 - h
        numeric = np.log(rate(a=up) / rate(a=down))[0, 0] / (2 * h)
        assert found.reaction_orders[species] == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_the_activation_energy_of_one_slow_step_is_its_barrier():
    """Rate kT/h exp(-Ga/kT): k_B T^2 d ln r / dT = Ga + kT."""
    _, compiled, energies = her({"Volmer": 0.9, "Heyrovsky": 0.0}, energy=0.0)
    found = sensitivities(compiled, energies, -0.4)
    assert found.apparent_activation_energy_eV == pytest.approx(0.9 - 0.2 + KT, abs=1e-3)


def test_a_fixed_activity_multiplies_the_rate_and_leaves_the_barrier():
    """First order in a reactant whose adsorption is the slow step, not order beta."""
    orr = load_network("ORR")
    energies = state_energies(orr, {"*OH": 1.5, "*O": 3.1, "*OOH": 4.9})
    reference = compile_network(orr)
    found = sensitivities(reference, energies, 0.6, activities=np.array([1.0, 1e-20]))
    assert found.reaction_orders["O2"] == pytest.approx(1.0, abs=1e-3)
    oer = load_network("OER")
    values = state_energies(oer, {"*OH": 0.7, "*O": 2.2, "*OOH": 3.9})
    grid = np.array([1.23])
    thin = compile_network(oer, activities={"O2": 1e-3})
    shifted = 1.23 + KT / 4 * np.log(1e-3)
    flux = steady_states(thin, values, np.array([shifted])).net_fluxes_Hz
    assert np.abs(flux).max() < 1e-9 * thin.attempt_Hz * np.exp(-0.9 / KT) + 1e-12
    assert steady_states(thin, values, grid).electron_turnover_Hz[0, 0] < 0


def test_faradaic_efficiencies_add_up_and_hide_where_signs_differ():
    orr = load_network("ORR")
    compiled = compile_network(orr)
    energies = state_energies(orr, {"*OH": 1.2, "*O": 3.6, "*OOH": 4.2})
    states = steady_states(
        compiled, energies, np.linspace(0.2, 0.6, 5), activities=np.array([1.0, 1e-9])
    )
    assert releases(orr, "O2").tolist() == [-1, 0, 0, 0, 0, 0]
    made = product_turnovers(orr, states)
    assert made.faradaic_efficiency.shape == (1, 5, len(made.products))
    total = (states.net_fluxes_Hz @ compiled.electrons)[..., None]
    np.testing.assert_allclose(
        made.electrons_Hz.sum(axis=-1, keepdims=True) if len(made.products) > 1 else total,
        total, rtol=1e-9,
    )  # fmt: skip


def test_an_exchange_rate_belongs_to_butler_volmer():
    with pytest.raises(Exception, match="belongs to butler-volmer"):
        RateModel(exchange_rate_Hz=1.0)
    with pytest.raises(Exception, match="'tafel' is unknown"):
        RateModel(law="tafel")
