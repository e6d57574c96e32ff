"""Levich limits, coupling of kinetics with transport, ring-disk relations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from adatom.electrochem.koutecky_levich import koutecky_levich
from adatom.electrolytes import load_electrolyte, shipped_electrolytes
from adatom.errors import CurveError, ElectrolyteError
from adatom.kinetics.rates import compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.levich import limiting_current_density_mA_cm2, mass_transfer_coefficient_cm_s
from adatom.reactions import load_network, restricted
from adatom.ring_disk import electron_number, peroxide_yield_percent
from adatom.transport.rotating_disk import (
    disk_response,
    ring_current_density_mA_cm2,
)
from adatom.units import FARADAY_C_MOL

GOOD = {"*OH": 0.86, "*O": 2.2, "*OOH": 4.06}
DENSITY = 1e-8


def respond(orr, electrolyte, energies, potentials, rpm=1600.0, density=DENSITY):
    return disk_response(
        compile_network(orr), state_energies(orr, energies), np.array(potentials), electrolyte,
        rotation_rpm=rpm, site_density_mol_cm2=density, byproduct="H2O2",
    )  # fmt: skip


def test_levich_limit_of_four_electrons_at_1600_rpm_in_alkali(koh):
    # 0.620 x 4 x F x (1.9e-5)^(2/3) x (167.6)^(1/2) x 0.01^(-1/6) x 1.2e-6 by hand
    by_hand = 0.620 * 4 * 96485.33 * 7.1202e-4 * 12.9439 * 2.15443 * 1.2e-6 * 1e3
    assert limiting_current_density_mA_cm2(koh, 1600.0) == pytest.approx(by_hand, rel=1e-3)


def test_the_plateau_and_its_electron_number(orr, koh):
    found = respond(orr, koh, GOOD, [0.6, 0.5, 0.4])
    assert np.all(found.current_density_mA_cm2 < -5.5)
    assert np.all(found.current_density_mA_cm2 > -6.0)
    ring = ring_current_density_mA_cm2(found.byproduct_mol_cm2_s, 0.37)
    assert electron_number(found.current_density_mA_cm2, ring, 0.37) == pytest.approx(4.0, abs=0.01)


def test_koutecky_levich_of_a_predicted_set_returns_n_and_the_kinetic_current(orr, koh):
    rotations = np.array([400.0, 900.0, 1600.0, 2500.0])
    # First order in O2: the site is bare, forming *OOH is slow, and *OOH does not leave.
    weak = {"*OH": 1.3, "*O": 2.4, "*OOH": 4.2}
    potential, density = 0.85, 2e-15
    currents = np.array(
        [
            respond(orr, koh, weak, [potential], r, density).current_density_mA_cm2[0, 0]
            for r in rotations
        ]
    )
    assert 0.1 < currents[0] / -limiting_current_density_mA_cm2(koh, 400.0) < 0.95
    n, kinetic = koutecky_levich(rotations, currents, koh)
    assert n == pytest.approx(4.0, abs=0.01)
    states = steady_states(
        compile_network(orr), state_energies(orr, weak), potential, activities=np.array([1.0, 0.0])
    )
    exact = 1e3 * FARADAY_C_MOL * density * states.electron_turnover_Hz[0, 0]
    assert kinetic == pytest.approx(exact, rel=1e-3)


def test_koutecky_levich_of_a_peroxide_maker_returns_two(orr, koh):
    # *O and *OH so unstable that *OOH can only leave as H2O2, which then cannot be reduced.
    maker = {"*OH": 4.0, "*O": 6.0, "*OOH": 4.8}
    rotations = np.array([400.0, 900.0, 1600.0])
    responses = [respond(orr, koh, maker, [0.50], r, 5e-13) for r in rotations]
    currents = np.array([r.current_density_mA_cm2[0, 0] for r in responses])
    n, _ = koutecky_levich(rotations, currents, koh)
    assert n == pytest.approx(2.0, abs=0.05)
    ring = ring_current_density_mA_cm2(responses[0].byproduct_mol_cm2_s, 0.37)
    disk = responses[0].current_density_mA_cm2
    assert electron_number(disk, ring, 0.37) == pytest.approx(2.0, abs=0.02)
    assert peroxide_yield_percent(disk, ring, 0.37) == pytest.approx(100.0, abs=1.0)


def test_ring_relations_follow_from_the_products():
    """A disk that sends a share x of its oxygen to H2O2: n = 4 - 2 x, yield = 100 x %."""
    for x in (0.0, 0.1, 0.5, 1.0):
        oxygen = 1.0e-8
        disk = np.array([-1e3 * FARADAY_C_MOL * oxygen * (4 - 2 * x)])
        ring = ring_current_density_mA_cm2(np.array([oxygen * x]), 0.37)
        assert electron_number(disk, ring, 0.37) == pytest.approx(4 - 2 * x)
        assert peroxide_yield_percent(disk, ring, 0.37) == pytest.approx(100 * x)


def test_coupling_equals_an_independent_root_search(orr, koh):
    """Two nested bracketing searches over the surface concentrations, with the plain solver."""
    network = compile_network(orr)
    energies = state_energies(orr, {"*OH": 1.5, "*O": 3.1, "*OOH": 4.55})
    density, potential, rpm = 3e-13, 0.80, 1600.0
    oxygen, peroxide = koh.solute("O2"), koh.solute("H2O2")
    m = [mass_transfer_coefficient_cm_s(s.diffusion_cm2_s, koh.viscosity_cm2_s, rpm)
         for s in (oxygen, peroxide)]  # fmt: skip

    def use(x, y):
        found = steady_states(network, energies, potential, activities=np.array([x, y]))
        flux = found.net_fluxes_Hz[0, 0]
        return density * flux[0], density * (flux[5] - flux[4]), found.electron_turnover_Hz[0, 0]

    def peroxide_at(x):
        def balance(y):
            return m[1] * peroxide.reference_mol_cm3 * (0.0 - y) - use(x, y)[1]

        return brentq(balance, 0.0, 10.0, xtol=1e-22, rtol=1e-13)

    def oxygen_balance(x):
        return m[0] * oxygen.reference_mol_cm3 * (1.0 - x) - use(x, peroxide_at(x))[0]

    x = brentq(oxygen_balance, 0.0, 1.0, xtol=1e-15, rtol=1e-13)
    expected = -1e3 * FARADAY_C_MOL * density * use(x, peroxide_at(x))[2]
    found = disk_response(
        network, energies, np.array([potential]), koh, rotation_rpm=rpm,
        site_density_mol_cm2=density, byproduct="H2O2",
    )  # fmt: skip
    assert 0.02 < x < 0.98
    assert found.current_density_mA_cm2[0, 0] == pytest.approx(expected, rel=1e-9)
    release = m[1] * peroxide.reference_mol_cm3 * peroxide_at(x)
    assert found.byproduct_mol_cm2_s[0, 0] == pytest.approx(release, rel=1e-6)


ORR = compile_network(load_network("ORR"))
KOH = load_electrolyte("0.1 M KOH")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1.0, 6.0), min_size=3, max_size=3),
    st.floats(-12.0, -6.0),
    st.floats(100.0, 10000.0),
)
def test_currents_are_bounded_by_what_diffusion_brings(energies, log_density, rpm):
    """Reductive, finite, never beyond the four-electron limit."""
    grid = np.linspace(1.2, 0.0, 40)
    found = disk_response(
        ORR, np.array([0.0, *energies]), grid, KOH, rotation_rpm=rpm,
        site_density_mol_cm2=10.0**log_density, byproduct="H2O2",
    )  # fmt: skip
    current = found.current_density_mA_cm2[0]
    limit = limiting_current_density_mA_cm2(KOH, rpm)
    assert np.all(np.isfinite(current))
    assert np.all(current <= 1e-12)
    assert np.all(-current <= limit * (1 + 1e-9))
    # Peroxide and water balance: electrons = 4 x oxygen taken - 2 x peroxide released.
    oxygen = (-current / 1e3 / FARADAY_C_MOL + 2.0 * found.byproduct_mol_cm2_s[0]) / 4.0
    assert np.all(oxygen <= limit / 4e3 / FARADAY_C_MOL * (1 + 1e-9))


def test_more_driving_force_can_poison_a_site(koh):
    """Towards lower potential *O may form faster than it leaves: the current then falls."""
    orr = compile_network(load_network("ORR"))
    found = disk_response(
        orr, np.array([0.0, 4.84, 3.44, 5.78]), np.linspace(0.9, 0.4, 51), koh,
        rotation_rpm=1600.0, site_density_mol_cm2=1e-8, byproduct="H2O2",
    )  # fmt: skip
    current = -found.current_density_mA_cm2[0]
    assert np.diff(current).min() < -0.5


def test_reactions_without_transport_give_their_kinetic_current(koh):
    her = restricted(load_network("HER"), {"*H"})
    found = disk_response(
        compile_network(her), np.array([0.0, 0.1]), np.array([-0.1, -0.2]), koh,
        rotation_rpm=1600.0, site_density_mol_cm2=DENSITY,
    )  # fmt: skip
    turnover = steady_states(compile_network(her), np.array([0.0, 0.1]), np.array([-0.1, -0.2]))
    expected = -1e3 * FARADAY_C_MOL * DENSITY * turnover.electron_turnover_Hz
    assert found.current_density_mA_cm2 == pytest.approx(expected)


def test_every_shipped_electrolyte_has_sources_and_a_sensible_plateau():
    for electrolyte in shipped_electrolytes().values():
        assert "O2:" in electrolyte.source
        assert "H2O2:" in electrolyte.source
        assert 4.0 < limiting_current_density_mA_cm2(electrolyte, 1600.0) < 7.0


def test_bad_conditions_are_refused(orr, koh, tmp_path):
    with pytest.raises(CurveError, match="rpm"):
        respond(orr, koh, GOOD, [0.5], rpm=-1.0)
    with pytest.raises(CurveError, match="site density"):
        respond(orr, koh, GOOD, [0.5], density=0.0)
    with pytest.raises(CurveError, match="at least 3"):
        koutecky_levich(np.array([400.0, 900.0]), np.array([-1.0, -1.1]), koh)
    with pytest.raises(CurveError, match="collection"):
        ring_current_density_mA_cm2(np.zeros(1), 1.5)
    with pytest.raises(ElectrolyteError, match=r"0\.1 M KOH"):
        load_electrolyte("milk")
    with pytest.raises(ElectrolyteError, match="No such file"):
        load_electrolyte(tmp_path / "none.toml")
    own = tmp_path / "own.toml"
    own.write_text('["1 M KOH"]\npH = 14\nviscosity_cm2_s = "thick"\n')
    with pytest.raises(ElectrolyteError, match="viscosity_cm2_s must be a number"):
        load_electrolyte(own)
    own.write_text('["1 M KOH"]\npH = 14\nviscosity_cm2_s = 0.0095\n')
    with pytest.raises(ElectrolyteError, match="no constants for O2"):
        load_electrolyte(own).solute("O2")
