"""The best path against named paths and against brute force over all walks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adatom.reactions import load_mechanism, load_network, network_of
from adatom.thermo.best_path import best_path
from adatom.thermo.limiting import limiting_potential, step_free_energy_eV

FOUR = "O2 + 4 H+ + 4 e- -> 2 H2O"
TWO = "O2 + 2 H+ + 2 e- -> H2O2"


@settings(deadline=None, max_examples=50)
@given(st.floats(0.0, 2.0), st.floats(0.5, 4.0), st.floats(3.0, 5.0))
def test_on_one_position_it_is_the_named_path(oh, o, ooh):
    orr, site = load_network("ORR"), {"*OH": oh, "*O": o, "*OOH": ooh}
    two = best_path(orr, site, TWO, name="2e")
    assert limiting_potential(two, site) == limiting_potential(orr.paths[1], site)
    four = limiting_potential(best_path(orr, site, FOUR, name="4e"), site)
    named = limiting_potential(orr.paths[0], site).limiting_potential_V_rhe
    assert four.limiting_potential_V_rhe >= named - 1e-12


def hardest(path, energies):
    return max(float(step_free_energy_eV(s, energies)) for s in path.steps if s.electrons)


def every_walk(network, energies, length, wanted):
    """Hardest electron transfer of every closed walk of this many steps with this outcome."""
    found = []

    def extend(state, walked):
        if len(walked) == length:
            change = {}
            for step in walked:
                for species, n in step.solution:
                    change[species] = change.get(species, 0) + n
            if state == network.bare and {s: n for s, n in change.items() if n} == wanted:
                found.append(max(float(step_free_energy_eV(s, energies)) for s in walked))
            return
        for step in network.steps:
            if step.start == state:
                extend(step.end, [*walked, step])

    extend(network.bare, [])
    return min(found)


def test_on_a_pair_it_is_the_best_of_all_walks():
    known = {f"{x}@{m}" for m in ("Fe", "Co") for x in ("*OH", "*O", "*OOH")}
    pair = network_of(load_mechanism("ORR"), ("Fe", "Co"), known=known)
    rng = np.random.default_rng(1)
    for _ in range(3):
        names = {n: rng.normal({"*OH": 0.9, "*O": 2.3, "*OOH": 4.0}.get(n.split("@")[0], 0.0), 0.4)
                 for n in pair.energy_names if "+" not in n}  # fmt: skip
        names |= {n: rng.normal(0.0, 0.2) for n in pair.energy_names if "+" in n}
        energies = {s: sum(names[p] for p in pair.parts[s]) for s in pair.states}
        path = best_path(pair, energies, FOUR, name="4e")
        assert path.electrons == 4
        assert path.steps[0].start == path.steps[-1].end == pair.bare
        assert all(a.end == b.start for a, b in pairwise(path.steps))
        if all(s.electrons for s in pair.steps):
            assert hardest(path, energies) == pytest.approx(
                every_walk(pair, energies, 4, {"O2": -1})
            )


def test_no_path_where_none_leads():
    assert best_path(load_network("HER"), {"*H": 0.1, "*H*H": 0.3}, FOUR, name="4e") is None


def test_an_uphill_move_is_no_way_round_a_hard_transfer():
    """H binds on A by 0.1 eV and is oxidised from B after a move uphill: not counted as easier."""
    hor = load_mechanism("HOR")
    known = {"*H@A", "*H@B"}
    pair = network_of(hor, ("A", "B"), known=known)
    names = {"*H@A": -0.1, "*H@B": 0.1}
    energies = {s: sum(names.get(p, 0.0) for p in pair.parts[s]) for s in pair.states}
    path = best_path(pair, energies, hor.overall, name="HOR")
    found = limiting_potential(path, energies)
    assert found.thermal_step is None
    assert found.overpotential_V == pytest.approx(0.1)
