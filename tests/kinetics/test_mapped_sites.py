"""Sites on a map: on the lines nothing changes, off them the site keeps its own value."""

import numpy as np
import pytest
from scipy import stats

from adatom.errors import AdatomError
from adatom.kinetics.mapped_sites import place_sites
from adatom.kinetics.volcano import activity_map
from adatom.provenance import EnergySource
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import limiting_potential

GRID = np.linspace(0.0, 2.0, 21)


def site(label="A", sd=0.2, correlation=0.8, positions=("*",), **values):
    states = {f"*{k}": v for k, v in values.items()}
    return FreeEnergies(
        label, states, dict.fromkeys(states, sd), EnergySource("table", "test"), correlation,
        positions=positions,
    )  # fmt: skip


@pytest.mark.parametrize("potential", [None, 0.8])
def test_a_site_on_the_lines_has_the_value_of_the_map(orr, potential):
    chart = activity_map(orr, {"*OH": GRID}, potential_V_rhe=potential)
    (placed,) = place_sites(chart, [site(OH=GRID[6], O=2 * GRID[6], OOH=GRID[6] + 3.2)])
    assert placed.value == pytest.approx(chart.values[6], abs=1e-12)
    assert placed.map_value == pytest.approx(chart.values[6], abs=1e-12)
    assert placed.off_lines_eV == pytest.approx({"*O": 0.0, "*OOH": 0.0}, abs=1e-12)
    low, high = placed.interval_95
    assert low < placed.value < high


def test_a_site_off_the_lines_keeps_its_own_value(orr):
    chart = activity_map(orr, {"*OH": GRID})
    energies = {"*OH": 1.0, "*O": 2.2, "*OOH": 3.9}
    (placed,) = place_sites(chart, [site(OH=1.0, O=2.2, OOH=3.9)])
    own = limiting_potential(orr.paths[0], energies)
    assert placed.value == pytest.approx(own.limiting_potential_V_rhe)
    assert placed.domain == own.determining_step
    assert placed.map_value == pytest.approx(0.72)
    assert placed.off_lines_eV == pytest.approx({"*O": 0.2, "*OOH": -0.3})


def test_the_ellipse_holds_95_percent_of_the_draws(orr):
    chart = activity_map(orr, {"*OH": GRID, "*O": GRID})
    one = site(OH=0.9, O=2.0, OOH=4.1, correlation=0.6)
    (placed,) = place_sites(chart, [one])
    drawn = one.draws(["*OH", "*O"], 40_000, 3) - placed.descriptors_eV
    distance = np.einsum("ni,ij,nj->n", drawn, np.linalg.inv(placed.covariance_eV2), drawn)
    outline = placed.ellipse_95_eV() - placed.descriptors_eV
    edge = np.einsum("ni,ij,nj->n", outline, np.linalg.inv(placed.covariance_eV2), outline)
    assert edge == pytest.approx(stats.chi2(2).ppf(0.95), rel=1e-9)
    assert np.mean(distance < edge[0]) == pytest.approx(0.95, abs=0.005)
    assert np.cov(drawn.T) == pytest.approx(placed.covariance_eV2, abs=0.001)


def test_bars_hold_95_percent_of_one_descriptor(orr):
    chart = activity_map(orr, {"*OH": GRID})
    (placed,) = place_sites(chart, [site(OH=0.9, O=2.0, OOH=4.1, sd=0.3)])
    assert placed.half_widths_95_eV == pytest.approx([0.3 * stats.norm.ppf(0.975)], rel=1e-6)


def test_certain_energies_have_a_point_for_an_ellipse(orr):
    chart = activity_map(orr, {"*OH": GRID, "*O": GRID})
    (placed,) = place_sites(chart, [site(OH=0.9, O=2.0, OOH=4.1, sd=0.0)])
    assert np.ptp(placed.ellipse_95_eV(), axis=0) == pytest.approx([0.0, 0.0], abs=1e-12)
    assert placed.interval_95 == pytest.approx((placed.value, placed.value))


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (site("X", OH=1.0, O=2.0), r"site 'X' has no \*OOH"),
        (site("P", positions=("Fe", "Co"), OH=1.0, O=2.0, OOH=4.0), "positions Fe-Co"),
    ],
)
def test_a_site_that_does_not_fit_is_refused(orr, one, message):
    chart = activity_map(orr, {"*OH": GRID})
    with pytest.raises(AdatomError, match=message):
        place_sites(chart, [one])
