"""The physics of each source in its limiting cases."""

from math import exp, inf, log, sqrt

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import binom, nbinom, norm, poisson, truncnorm

from adatom.evidence.composition import composition
from adatom.evidence.likelihood import from_interval
from adatom.evidence.sources.exafs import MetalPath, exafs_source, metal_neighbours
from adatom.evidence.sources.icp import (
    Loading,
    areal_mass_of_film_mg_m2,
    areal_mass_of_sheets_mg_m2,
    icp_source,
    total_density_per_nm2,
)
from adatom.evidence.sources.mossbauer import metallic_area, mossbauer_source
from adatom.evidence.sources.stem import (
    CELLS,
    EDGES,
    NODES,
    StemSource,
    count_log_probability,
    local_from_posterior,
    scatter,
)
from adatom.evidence.sources.xps import emitted, escaping_share, metallic_signal
from adatom.evidence.sources.xrd import xrd_source


def test_neighbours_of_a_metal_atom():
    for shares, expected in (
        (composition(1, 0), 0.0),
        (composition(0, 1), 1.0),
        (composition(0, 0, 1), 3.0),
        (composition(0, 0, 0, 1), 12.0),
        (composition(0.5, 0.2, 0.2, 0.1), 0.2 + 0.6 + 1.2),
    ):
        assert metal_neighbours(shares, 3.0, 12.0)[0] == pytest.approx(expected)
    only = metal_neighbours(composition(0.5, 0.2, 0.2, 0.1), 3.0, 12.0, ("pairs",))
    assert only[0] == pytest.approx(0.2)


def test_tabulated_coordination_number_against_its_definition():
    """One path by way of the table, against the average over all nuisances at once."""
    rng = np.random.default_rng(0)
    for path in (
        MetalPath((0.8, 0.5, 1.1)),
        MetalPath((2.5, 1.5, 4.5), 2.48, 0.3, ("clusters", "particles")),
    ):
        source = exafs_source([path])
        for _ in range(5):
            shares = composition(*rng.dirichlet(np.ones(4)))
            general = super(type(source), source).log_likelihood(shares)
            tabulated = source.log_likelihood(shares)
            # Both are averages, over points of their own.
            assert np.exp(tabulated) == pytest.approx(np.exp(general), abs=0.02)


def test_paths_share_one_amplitude():
    """A pair path of half the size says that particles, too, are twice as many as they seem."""
    low = MetalPath((0.25, 0.24, 0.26), 3.1, None, ("pairs",))
    full = MetalPath((0.5, 0.49, 0.51), 3.1, None, ("pairs",))
    of_particles = MetalPath((2.5, 2.4, 2.6), 2.48, None, ("particles",))

    def gain(pairs):
        source = exafs_source([pairs, of_particles], particle_coordination=(10.0, 10.001),
                              s02_relative_sd=0.0, hidden_by_disorder=0.9)  # fmt: skip
        some, more = composition(0.25, 0.5, 0, 0.25), composition(0.0, 0.5, 0, 0.5)
        return float((source.log_likelihood(more) - source.log_likelihood(some))[0])

    assert gain(low) > 5.0
    assert gain(full) < -5.0


def test_a_path_that_may_be_carbon_says_little():
    """The Bayes factor is the most that pairs can be favoured by; at 1 they are not at all."""

    def ratio(log10_bayes_factor):
        path = MetalPath((1.0, 0.8, 1.2), None, log10_bayes_factor)
        source = exafs_source([path], s02_relative_sd=0.0, hidden_by_disorder=0.0)
        pairs, none = composition(0, 1), composition(1, 0)
        return float((source.log_likelihood(pairs) - source.log_likelihood(none))[0])

    assert ratio(200.0) == pytest.approx(ratio(None), abs=1e-2)
    assert ratio(10.0) == pytest.approx(log(1e10), abs=1e-2)
    assert ratio(0.0) == pytest.approx(0.0, abs=2e-3)
    assert ratio(-10.0) == pytest.approx(-log(1e10), abs=1e-2)


def test_mossbauer_areas():
    assert metallic_area(composition(0.5, 0.5))[0] == 0.0
    assert metallic_area(composition(0, 0, 0, 1), 1.7)[0] == pytest.approx(1.0)
    assert metallic_area(composition(0.3, 0.4, 0.0, 0.3))[0] == pytest.approx(0.3)
    # Recoil-free twice as often, particles count twice.
    assert metallic_area(composition(0.5, 0.0, 0.0, 0.5), 2.0)[0] == pytest.approx(2 / 3)
    assert metallic_area(composition(0.5, 0, 0.5), 1.0, 0.0, 1.0)[0] == 0.0


def test_error_of_an_area_share():
    """x = M / (M + D), by its derivatives."""
    source = mossbauer_source({"D1": 60, "D2": 20, "sextet": 20}, {"D1": 3, "D2": 4, "sextet": 2})
    reading = source.measured[0].readings[0][1]
    assert reading.centre == pytest.approx(0.2)
    assert reading.sd_above == pytest.approx(sqrt((80 * 2) ** 2 + (20 * 5) ** 2) / 100**2, rel=1e-6)


def test_density_of_all_metal():
    """1 wt% Fe on graphene (2630 m2/g, both faces, one sheet): 1 Fe per 461 C, 38.2 C per nm2."""
    mass = areal_mass_of_sheets_mg_m2(2630.0, 1.0)
    assert mass == pytest.approx(0.7604, rel=1e-3)
    density = total_density_per_nm2(Loading("Fe", 1.0, 0.05, mass))
    carbon = 38.2 / 12.011
    assert density == pytest.approx(0.01 * carbon * 12.011 / 55.845 * 12.011, rel=5e-3)
    assert areal_mass_of_film_mg_m2(10.0, 2.0) == pytest.approx(20.0)  # 10 nm, 2 g/cm3


def test_missing_metal_is_not_dispersed():
    loading = Loading("Fe", 1.0, 0.05, 2.0, 0.1)
    total = total_density_per_nm2(loading)

    def log_ratio(density):
        source = icp_source(loading, density, 1000, visible_share=(0.999, 1.0))
        none, half = composition(0.5, 0.5), composition(0.25, 0.25, 0.0, 0.5)
        return float((source.log_likelihood(half) - source.log_likelihood(none))[0])

    sd2 = 0.05**2 + 0.1**2 + 1 / 1000
    assert log_ratio(0.5 * total) == pytest.approx(0.5 * log(0.5) ** 2 / sd2, rel=0.01)
    assert log_ratio(total) == pytest.approx(-0.5 * log(0.5) ** 2 / sd2, rel=0.01)


@pytest.mark.parametrize("x", [1e-4, 0.01, 1.0, 5.0, 50.0])
def test_electrons_that_leave_a_sphere(x):
    """Against the integral over the sphere in cylindrical coordinates."""

    def loss(z, rho):
        depth = sqrt(0.25 - rho**2) - z
        return 2 * np.pi * rho * exp(-x * depth)

    whole, _ = dblquad(
        loss, 0.0, 0.5, lambda rho: -sqrt(0.25 - rho**2), lambda rho: sqrt(0.25 - rho**2)
    )
    assert escaping_share(x, 1.0) == pytest.approx(whole / (np.pi / 6), rel=1e-4)


def test_xps_limits():
    mixed = composition(0.3, 0.3, 0.0, 0.4)
    assert metallic_signal(mixed, 1.0, 0.0)[0] == pytest.approx(0.4)
    assert emitted(mixed, 0.5)[0] == pytest.approx(0.8)
    assert metallic_signal(mixed, 0.5, 0.0)[0] == pytest.approx(0.25)
    assert metallic_signal(composition(0, 0, 0, 1), 0.3, 0.0)[0] == pytest.approx(1.0)


def test_no_reflection_excludes_what_would_have_shown():
    source = xrd_source(None, 0.1, diffracting=(1.0, 1.0))
    none, at_limit = composition(1, 0), composition(0.9, 0, 0, 0.1)
    ratio = float((source.log_likelihood(at_limit) - source.log_likelihood(none))[0])
    assert ratio == pytest.approx(norm.logpdf(1.644854) - norm.logpdf(0.0), abs=1e-6)
    blind = xrd_source(None, 0.1, diffracting=(0.0, 0.0))
    assert blind.log_likelihood(at_limit) == pytest.approx(blind.log_likelihood(none))


def test_counts_are_negative_binomial_and_poisson():
    mean = np.array([0.1, 1.0, 20.0])
    for number in (0, 1, 7):
        exact = nbinom.logpmf(number, 2.0, 2.0 / (2.0 + mean))
        assert count_log_probability(number, mean, 0.5) == pytest.approx(exact, abs=1e-9)
        exact = poisson.logpmf(number, mean)
        assert count_log_probability(number, mean, 0.0) == pytest.approx(exact, abs=1e-9)


def test_fields_scatter_with_the_stated_variance():
    centres = 0.5 * (EDGES[1:] + EDGES[:-1])
    for correlation in (0.02, 0.002):
        table = scatter(correlation)
        assert table.sum(axis=1) == pytest.approx(np.ones(NODES))
        f = np.linspace(0, 1, NODES)
        mean = table @ centres
        assert mean == pytest.approx(f, abs=1.5 / CELLS)
        variance = table @ centres**2 - mean**2
        inner = slice(NODES // 10, -NODES // 10)
        expected = (f * (1 - f) * correlation)[inner]
        assert variance[inner] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("paired, atoms", [(0, 50), (3, 40), (40, 100), (100, 100)])
def test_quantiles_of_a_posterior_give_its_likelihood_back(paired, atoms):
    """A binomial count under a flat prior: the likelihood is known exactly."""
    from scipy.stats import beta

    quantiles = beta.ppf((np.arange(200) + 0.5) / 200, paired + 1, atoms - paired + 1)
    cells = local_from_posterior(quantiles)
    centres = 0.5 * (EDGES[1:] + EDGES[:-1])
    exact = binom.pmf(paired, atoms, centres)
    cells, exact = cells / cells.sum(), exact / exact.sum()
    assert 0.5 * np.abs(cells - exact).sum() < 0.02


def test_quantiles_at_zero_are_the_hypothesis_of_no_pairs():
    some = np.linspace(0.1, 0.3, 100)
    with_zero = local_from_posterior([*np.zeros(50), *some])
    assert with_zero == pytest.approx(local_from_posterior(some))


def test_a_field_says_no_more_than_its_scatter():
    """However well its fraction is known."""
    cells = np.zeros(CELLS)
    cells[CELLS // 2] = 1.0
    source = StemSource(cells, None, overdispersion=0.02)
    f = np.linspace(0.01, 0.99, 99)
    log_likelihood = source.log_likelihood(composition(1, 0))  # f = 0 is excluded by far
    assert log_likelihood[0] < -100
    from adatom.evidence.composition import from_axes

    likelihood = np.exp(source.log_likelihood(from_axes(f, np.zeros(1), np.zeros(1))))
    likelihood /= likelihood.sum()
    sd = sqrt(likelihood @ f**2 - (likelihood @ f) ** 2)
    assert sd == pytest.approx(sqrt(0.25 * 0.02), rel=0.05)


def test_symmetric_interval_is_a_normal():
    found = from_interval(1.0, 0.8, 1.2, support=(0.0, inf))
    assert found.centre == 1.0
    assert found.sd_below == pytest.approx(0.2 / 1.96, rel=1e-4)
    two = from_interval(1.0, 0.9, 1.4)
    assert (two.sd_below, two.sd_above) == pytest.approx((0.1 / 1.96, 0.4 / 1.96), rel=1e-4)


@pytest.mark.parametrize("centre", [-0.5, -0.1, 0.0, 0.2])
def test_interval_cut_at_zero_gives_its_normal_back(centre):
    value, low, high = truncnorm.ppf([0.5, 0.025, 0.975], -centre / 0.3, inf, centre, 0.3)
    found = from_interval(value, low, high, support=(0.0, inf))
    assert found.centre == pytest.approx(centre, abs=1e-3)
    assert found.sd_below == pytest.approx(0.3, abs=1e-3)
    mirrored = from_interval(1 - value, 1 - high, 1 - low, support=(-inf, 1.0))
    assert mirrored.centre == pytest.approx(1 - centre, abs=1e-3)


def test_bounds():
    upper = from_interval(0.0, 0.0, 0.196, support=(0.0, 1.0))
    assert (upper.centre, upper.sd_above) == pytest.approx((0.0, 0.1), rel=1e-4)
    lower = from_interval(1.0, 0.804, 1.0, support=(0.0, 1.0))
    assert (lower.centre, lower.sd_below) == pytest.approx((1.0, 0.1), rel=1e-4)
    with pytest.raises(ValueError, match="low <= value <= high"):
        from_interval(1.0, 2.0, 3.0)
