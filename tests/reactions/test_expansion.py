"""States and steps of sites with several positions: counts, symmetry, names, refusals."""

from itertools import product

import pytest

from adatom.errors import NetworkError
from adatom.reactions import load_network, network_of, parse_mechanism

PAIR = """
name = "HER"
overall = "2 H+ + 2 e- -> H2"
potential_window_V_rhe = [-0.5, 0.0]
[[step]]
name = "Volmer"
equation = "* + H+ + e- -> *H"
[[step]]
name = "Heyrovsky"
equation = "*H + H+ + e- -> * + H2"
[[step]]
name = "Tafel"
equation = "*H + *H -> 2 * + H2"
bep_intercept_eV = 0.3
[[step]]
name = "hop"
equation = "*H + * -> * + *H"
bep_intercept_eV = 0.2
[[step]]
name = "O2 on two"
equation = "O2 + 2 * -> *O2*"
bep_intercept_eV = 0.1
[[step]]
name = "split"
equation = "*O2* -> *O + *O"
bep_intercept_eV = 0.5
[[path]]
name = "both"
equation = "2 H+ + 2 e- -> H2"
steps = ["Volmer", "Heyrovsky"]
"""


@pytest.fixture
def mechanism():
    return parse_mechanism(PAIR, where="pair.toml")


def test_one_position_keeps_the_states_of_the_mechanism(mechanism):
    network = network_of(mechanism)
    assert network.states == ("*", "*H")
    assert [s.name for s in network.steps] == ["Volmer", "Heyrovsky"]
    assert network.energy_names == ("*H",)


def test_two_positions_have_every_reachable_occupation_once(mechanism):
    network = network_of(mechanism, ("Fe", "Co"))
    singly = {f"{a}|{b}" for a, b in product(("*", "*H", "*O"), repeat=2)}
    # Oxygen atoms come in twos: one of them alone is never reached without a step that takes it.
    lonely = {"*O|*", "*|*O", "*O|*H", "*H|*O"}
    assert set(network.states) == (singly - lonely) | {"*O2*"}
    assert network.bare == "*|*"
    assert network.parts["*H|*H"] == ("*H@Fe", "*H@Co", "*H@Co+*H@Fe")
    assert network.parts["*O2*"] == ("*O2*@Co-Fe",)
    tafel = [s for s in network.steps if s.rule == "Tafel"]
    assert [(s.start, s.end, s.solution) for s in tafel] == [("*H|*H", "*|*", (("H2", 1),))]
    # Moving there and moving back are one reversible step.
    hops = [s for s in network.steps if s.rule == "hop"]
    assert {frozenset((s.start, s.end)) for s in hops} == {frozenset(("*|*H", "*H|*"))}
    assert len(hops) == 1
    assert hops[0].symmetric


def test_equal_positions_are_lumped_with_their_ways(mechanism):
    network = network_of(mechanism, ("Fe", "Fe"))
    assert set(network.states) == {"*|*", "*H|*", "*H|*H", "*O2*", "*O|*O"}
    ways = {(s.rule, s.start): (s.ways_forward, s.ways_backward) for s in network.steps}
    assert ways["Volmer", "*|*"] == (2, 1)
    assert ways["Volmer", "*H|*"] == (1, 2)
    assert ways["Tafel", "*H|*H"] == (1, 1)
    assert not [s for s in network.steps if s.rule == "hop"]  # changes nothing between equals


def test_occupants_without_energies_are_left_out(mechanism):
    known = {"*H@Fe", "*H@Co", "*O2*@Co-Fe"}
    network = network_of(mechanism, ("Fe", "Co"), known=known)
    assert set(network.states) == {"*|*", "*H|*", "*|*H", "*H|*H", "*O2*"}
    assert not [s for s in network.steps if s.rule == "split"]


def test_occupants_of_far_positions_say_which():
    text = PAIR.replace(
        "[[path]]",
        """[[step]]
name = "x"
equation = "*O + H+ + e- -> *OH"
[[path]]""",
    )
    network = network_of(parse_mechanism(text, where="x.toml"), ("A", "B", "C"))
    assert "*O2*(1,3)|*" in network.states
    assert "*O2*|*H" in network.states
    assert len(network.states) == len(set(network.states))


def test_too_many_states_are_refused_with_the_way_out(mechanism):
    with pytest.raises(NetworkError, match="more than 3 states; take fewer positions"):
        network_of(mechanism, ("Fe", "Co"), max_states=3)
    with pytest.raises(NetworkError, match="1 to 4 positions"):
        network_of(mechanism, tuple("ABCDE"))


@pytest.mark.parametrize("name", ["", "Fe@x", "a b", "*Fe"])
def test_names_of_positions_are_words(mechanism, name):
    with pytest.raises(NetworkError, match="no name of a position"):
        network_of(mechanism, ("Fe", name))


def test_a_step_over_three_positions_is_refused():
    text = PAIR.replace("*H + *H -> 2 * + H2", "*H + *H + * -> 3 * + H2")
    with pytest.raises(NetworkError, match="3 before and 3 after"):
        parse_mechanism(text, where="own.toml")


def test_a_first_path_that_needs_two_positions_is_refused_on_one():
    text = PAIR.replace('["Volmer", "Heyrovsky"]', '["Volmer", "Volmer", "Tafel"]')
    mechanism = parse_mechanism(text, where="own.toml")
    assert [s.rule for s in network_of(mechanism, ("Fe", "Fe")).paths[0].steps][-1] == "Tafel"
    assert network_of(mechanism).paths == ()


def test_shipped_networks_on_one_position_are_as_before():
    assert load_network("ORR").states == ("*", "*OOH", "*O", "*OH")
    assert load_network("HER").required == ("*H",)
