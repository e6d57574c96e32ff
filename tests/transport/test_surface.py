"""Coupling of transport to sites whose several states react with dissolved species."""

import numpy as np
import pytest

from adatom.electrolytes import load_electrolyte
from adatom.kinetics.rates import compile_network, state_energies, sums_of_parts
from adatom.kinetics.steady_state import steady_states
from adatom.levich import limiting_current_density_mA_cm2
from adatom.reactions import load_mechanism, network_of
from adatom.transport import rotating_disk
from adatom.transport.rotating_disk import disk_response
from adatom.transport.surface import solve_surface

KOH = load_electrolyte("0.1 M KOH")
FE = {"*OH": 0.8, "*O": 1.9, "*OOH": 3.8}
CO = {"*OH": 1.0, "*O": 2.6, "*OOH": 4.1}
KNOWN = {f"{x}@{m}" for m in ("Fe", "Co") for x in FE}
GRID = np.linspace(1.2, 0.2, 41)


def respond(network, values, *, density=1e-8):
    return disk_response(
        compile_network(network), state_energies(network, values), GRID, KOH,
        rotation_rpm=1600.0, site_density_mol_cm2=density, byproduct="H2O2",
    )  # fmt: skip


def pair_values(network):
    values = {f"{x}@Fe": v for x, v in FE.items()} | {f"{x}@Co": v for x, v in CO.items()}
    return {n: values.get(n, 0.0) for n in network.energy_names}


def test_iteration_and_the_linear_solution_agree_on_one_position(monkeypatch):
    network = network_of(load_mechanism("ORR"))
    for site in (FE, CO, {"*OH": 0.3, "*O": 1.0, "*OOH": 3.4}):
        linear = respond(network, site)
        with monkeypatch.context() as patch:
            patch.setattr(rotating_disk.CompiledNetwork, "meets_bare_only", False)
            iterated = respond(network, site)
        np.testing.assert_allclose(
            iterated.current_density_mA_cm2, linear.current_density_mA_cm2, rtol=1e-8
        )
        np.testing.assert_allclose(
            iterated.byproduct_mol_cm2_s, linear.byproduct_mol_cm2_s, rtol=1e-6, atol=1e-20
        )


def test_two_independent_atoms_on_a_pair_share_the_oxygen_like_a_mixture():
    """A pair of equal atoms at density G carries the current of single atoms at density 2 G."""
    orr = load_mechanism("ORR")
    known = {f"{x}@Fe" for x in FE}
    pair, single = network_of(orr, ("Fe", "Fe"), known=known), network_of(orr)
    both = respond(pair, {n: FE[n.split("@")[0]] if "+" not in n else 0.0
                          for n in pair.energy_names})  # fmt: skip
    alone = respond(single, FE, density=2e-8)
    np.testing.assert_allclose(both.current_density_mA_cm2, alone.current_density_mA_cm2, rtol=1e-8)


def test_what_diffuses_in_is_what_the_sites_consume():
    pair = network_of(load_mechanism("ORR"), ("Fe", "Co"), known=KNOWN)
    compiled, energies = compile_network(pair), state_energies(pair, pair_values(pair))
    found = respond(pair, pair_values(pair))
    plateau = limiting_current_density_mA_cm2(KOH, 1600.0)
    assert abs(found.current_density_mA_cm2[0, -1]) == pytest.approx(plateau, rel=0.01)
    for p in (10, 20, 30):
        again = steady_states(
            compiled, energies, GRID[p : p + 1], activities=found.surface_activities[0, p]
        )
        current = -1e3 * rotating_disk.FARADAY_C_MOL * 1e-8 * again.electron_turnover_Hz[0, 0]
        assert current == pytest.approx(found.current_density_mA_cm2[0, p], rel=1e-8)


def test_an_unbalanced_point_is_refused(monkeypatch):
    pair = network_of(load_mechanism("ORR"), ("Fe", "Co"), known=KNOWN)

    def failing(*arguments):
        turnover, surface, residual = solve_surface(*arguments)
        return turnover, surface, residual + 1.0

    monkeypatch.setattr(rotating_disk, "solve_surface", failing)
    with pytest.raises(rotating_disk.CurveError, match="not balanced"):
        respond(pair, pair_values(pair))


def test_random_sites_are_balanced_at_every_potential_and_density():
    """Steps of 0.2 V and densities over six decades: far starts for the iteration."""
    pair = network_of(load_mechanism("ORR"), ("Fe", "Co"), known=KNOWN)
    rng = np.random.default_rng(3)
    names, nominal = pair.energy_names, pair_values(pair)
    values = np.array([nominal[n] for n in names]) + rng.normal(0.0, 0.4, (60, len(names)))
    energies = values @ sums_of_parts(pair).T
    density = 10.0 ** rng.uniform(-12, -6, 60)
    coarse = np.arange(1.1, 0.0, -0.2)
    found = disk_response(
        compile_network(pair), energies, coarse, KOH,
        rotation_rpm=1600.0, site_density_mol_cm2=density, byproduct="H2O2",
    )  # fmt: skip
    plateau = limiting_current_density_mA_cm2(KOH, 1600.0)
    assert np.all(found.current_density_mA_cm2 > -1.0001 * plateau)
    # Oxygen that arrives is reduced by four electrons, or by two and leaves.
    supply = plateau / (4e3 * rotating_disk.FARADAY_C_MOL)
    arrived = supply * (1.0 - found.surface_activities[..., 0])
    electrons = -found.current_density_mA_cm2 / (1e3 * rotating_disk.FARADAY_C_MOL)
    np.testing.assert_allclose(
        electrons, 4.0 * arrived - 2.0 * found.byproduct_mol_cm2_s, rtol=1e-6, atol=1e-16
    )
