"""Formation energies, dissolution potentials and verdicts against limits found by hand."""

from math import log

import numpy as np
import pytest
from scipy.stats import norm

from adatom.errors import AdatomError, EnergyTableError
from adatom.provenance import EnergySource
from adatom.thermo.dissolution import NERNST_V
from adatom.thermo.formation_sources import formations_from_table
from adatom.thermo.pourbaix import SiteState
from adatom.thermo.stability import (
    Formation,
    aggregation,
    dissolution_potential,
    pair_formation,
    verdict,
)
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

SOURCE = EnergySource("table", "by hand")
KT = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K


def single(metal, formation, *, sd=0.3, more=(), label=None):
    states = (
        SiteState("*", (), formation, 0.0, 0),
        SiteState("empty", (metal,), 0.0, 0.0, 0),
        *more,
    )
    return Formation(label or f"{metal}N4@graphene", (metal,), formation, sd, states, SOURCE, {})


@pytest.mark.parametrize(
    ("metal", "volts"), [("Fe", -0.447), ("Co", -0.28), ("Ni", -0.257), ("Cu", 0.342), ("Pt", 1.18)]
)
def test_a_site_no_better_than_bulk_dissolves_like_the_metal(metal, volts):
    found = dissolution_potential(single(metal, 0.0))
    assert found.potential_V_she == pytest.approx(volts, abs=0.001)
    assert found.sd_V == pytest.approx(0.3 / found.electrons)


def test_a_stronger_site_dissolves_later_by_its_formation_energy_over_z():
    # Co -> Co++, E_f = -1.5 eV: -0.28 + 1.5 / 2.
    assert dissolution_potential(single("Co", -1.5)).potential_V_she == pytest.approx(0.47)


def test_the_ion_that_leaves_first_depends_on_the_site():
    # Ru++ 0.455 V, Ru+++ 0.386 V: three electrons are cheaper to move with E_f = -2 eV.
    found = dissolution_potential(single("Ru", -2.0))
    assert found.forms == ("Ru+++",)
    assert found.potential_V_she == pytest.approx((2 * 0.455 + 0.2487 + 2.0) / 3.0)


def test_a_hydroxide_carries_its_own_dependence_on_pH():
    # Zn(OH)4--: log K -41.2, four protons, two electrons.
    found = dissolution_potential(single("Zn", 0.0), pH=14.5, activity=1e-6)
    assert found.forms == ("Zn(OH)4--",)
    by_hand = (2 * -0.7618 + 41.2 * NERNST_V + KT * log(1e-6) - 4 * NERNST_V * 14.5) / 2.0
    assert found.potential_V_she == pytest.approx(by_hand)
    assert found.potential_V_rhe == pytest.approx(by_hand + NERNST_V * 14.5)


def test_aggregation_compares_with_the_measured_cohesive_energy():
    found = aggregation(single("Fe", -1.0, sd=0.5))
    assert found.binding_eV == pytest.approx(-5.28)
    assert found.probability_favoured == pytest.approx(norm.cdf(-2.0))


def pair(formation, only_iron, only_cobalt):
    states = (
        SiteState("*", (), formation, 0.0, 0),
        SiteState("without Co", ("Co",), only_iron, 0.0, 0),
        SiteState("without Fe", ("Fe",), only_cobalt, 0.0, 0),
        SiteState("empty", ("Co", "Fe"), 0.0, 0.0, 0),
    )
    return Formation("FeCoN6@graphene", ("Fe", "Co"), formation, 0.3, states, SOURCE, {})


def test_metals_that_do_not_see_each_other_have_no_interaction():
    found = pair_formation(pair(-5.0, -2.2, -2.8), [])
    assert found.interaction_eV == pytest.approx(0.0)
    assert found.transfer_eV is None
    assert "FeN4@graphene, CoN4@graphene" in found.reason


def test_pair_formation_is_the_difference_of_formation_energies():
    others = [single("Fe", -2.0), single("Co", -2.5)]
    found = pair_formation(pair(-5.0, -2.0, -2.0), others)
    assert found.interaction_eV == pytest.approx(-1.0)
    assert found.transfer_eV == pytest.approx(-0.5)
    assert pair_formation(others[0], others) is None


def test_a_pair_dissolves_by_the_metal_that_leaves_first():
    # Taking Fe alone: E(without Fe) - E_f = 1.2 eV, so -0.447 + 0.6.
    found = dissolution_potential(pair(-4.0, -2.0, -2.8))
    assert found.forms == ("Fe++",)
    assert found.potential_V_she == pytest.approx(-0.447 + 0.6)


def test_probabilities_are_those_of_the_normal_distribution():
    """One whole state and one way out: the gain is normal with the sd of E_f."""
    site = single("Co", -2.0, sd=0.4)
    found = verdict(site, potential_V_rhe=0.8, pH=1.0, draws=200_000)
    she = 0.8 - NERNST_V
    gain = -2.0 - (2 * -0.28 + KT * log(1e-6) - 2 * she)
    assert found.driving_force_eV == pytest.approx(gain)
    assert found.loss_state == "empty + Co++"
    assert found.probabilities["stable"] == pytest.approx(norm.cdf(-gain / 0.4), abs=0.005)
    lost = norm.sf((0.5 - gain) / 0.4)
    assert found.probabilities["loses metal"] == pytest.approx(lost, abs=0.005)
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


def test_without_uncertainty_the_verdict_is_certain_and_coverage_protects():
    bare = single("Co", -1.6, sd=0.0)
    covered = single("Co", -1.6, sd=0.0, more=(SiteState("*OH", (), -1.6 + 0.3, 0.0, 1),))
    before = verdict(bare, potential_V_rhe=0.8, pH=1.0)
    after = verdict(covered, potential_V_rhe=0.8, pH=1.0)
    assert max(before.probabilities.values()) == 1.0
    assert before.driving_force_eV - after.driving_force_eV == pytest.approx(0.5)
    assert after.whole_state == "*OH"


def test_what_leaves_is_named_by_where_it_goes():
    assert verdict(single("Fe", 1.0, sd=0), potential_V_rhe=-0.8, pH=1.0).name == "aggregates"
    assert verdict(single("Fe", 1.0, sd=0), potential_V_rhe=0.5, pH=1.0).name == "dissolves"
    assert verdict(single("Fe", 1.0, sd=0), potential_V_rhe=0.9, pH=13.0).name == "precipitates"


def test_the_errors_of_two_lost_metals_add_with_their_correlation():
    site = pair(-2.0, 10.0, 10.0)
    found = verdict(site, potential_V_rhe=0.8, pH=0.0, draws=100_000)
    low, high = found.interval_95_eV
    expected = 0.3 * np.sqrt(2 * 0.2 + 4 * 0.8) * 2 * 1.96
    assert high - low == pytest.approx(expected, rel=0.02)


def test_a_metal_without_data_and_a_site_without_hole_are_named():
    with pytest.raises(AdatomError, match="Os"):
        single("Os", -1.0)
    with pytest.raises(AdatomError, match="empty hole"):
        Formation("x", ("Fe",), -1.0, 0.1, (SiteState("*", (), -1.0, 0.0, 0),), SOURCE, {})


def test_a_table_gives_formation_holes_and_coverage(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "site,formation,formation_sd,*OH,*O,empty_2H\nCoN4@graphene,-2.4,0.2,0.9,2.4,-1.5\nFeN4,-2.6,,,,\n"
    )
    cobalt, iron = formations_from_table(path)
    assert cobalt.metals == ("Co",)
    assert cobalt.formation_sd_eV == 0.2
    assert iron.formation_sd_eV == 0.3
    assert cobalt.state("*OH").free_energy_eV == pytest.approx(-1.5)
    assert cobalt.state("*O").electrons == 2
    hole = cobalt.state("empty, 2 H")
    assert (hole.lost, hole.electrons, hole.free_energy_eV) == (("Co",), -2, -1.5)
    assert len(iron.states) == 2


def test_a_tidy_table_reads_the_same_and_a_pair_has_partial_holes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "site,species,free_energy_eV\nFeCoN6,formation,-5\nFeCoN6,without_Fe,-2.5\n"
        "FeCoN6,without_Co_2H,-2.1\nFeCoN6,*OH,0.4\n"
    )
    (found,) = formations_from_table(path)
    assert found.state("without Fe").lost == ("Fe",)
    assert found.state("without Co, 2 H").electrons == -2
    path.write_text("site,formation,without_Ni\nFeCoN6,-5,-2\n")
    with pytest.raises(EnergyTableError, match="without_Ni"):
        formations_from_table(path)
    path.write_text("site,formation\nmy catalyst,-5\n")
    with pytest.raises(AdatomError, match="notation"):
        formations_from_table(path)
    path.write_text("site,*OH\nFeN4,0.5\n")
    with pytest.raises(EnergyTableError, match="formation"):
        formations_from_table(path)
