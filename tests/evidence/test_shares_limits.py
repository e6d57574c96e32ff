"""Limiting cases of the joint posterior, each with its analytic answer."""

from itertools import permutations
from math import inf

import numpy as np
import pytest
from scipy.stats import beta, norm

from adatom.errors import EvidenceError
from adatom.evidence.composition import KINDS, composition, from_axes
from adatom.evidence.likelihood import TwoPiece
from adatom.evidence.posterior import posterior, shortest_interval
from adatom.evidence.source import Measured, NumberSource
from adatom.evidence.sources.exafs import MetalPath, exafs_source
from adatom.evidence.sources.stem import Seen, StemSource, local_from_interval

DISPERSED = (1.0, 1.0, 0.0, 0.0)


def number(kind, value, sd, name="number"):
    """A direct measurement of one share."""
    reading = Measured(
        name, "", ((1.0, TwoPiece(value, sd, sd)),), value, (value - 2 * sd, value + 2 * sd)
    )
    return NumberSource(name, (reading,), lambda shares, u: [shares.share(kind)], 0)


def exact_exafs(value, sd):
    return exafs_source(
        [MetalPath((value, value - 1.96 * sd, value + 1.96 * sd))],
        s02_relative_sd=0.0,
        hidden_by_disorder=0.0,
    )


def width(found, kind):
    low, high = found.interval_95(kind)
    return high - low


def test_without_evidence_the_prior_comes_back():
    """Each share of a flat Dirichlet of four is Beta(1, 3): mean 1/4, denser towards zero."""
    found = posterior([])
    for kind in KINDS:
        assert found.mean(kind) == pytest.approx(0.25, abs=2e-3)
        low, high = found.interval_95(kind)
        assert low == 0.0
        assert high == pytest.approx(beta.ppf(0.95, 1, 3), abs=5e-3)
    skewed = posterior([], (4.0, 2.0, 1.0, 1.0))
    assert skewed.mean("single_atoms") == pytest.approx(0.5, abs=2e-3)


def test_exafs_of_one_neighbour_without_clusters_is_all_pairs():
    for sd in (0.1, 0.01):
        found = posterior([exact_exafs(1.0, sd)], DISPERSED)
        # A half normal below one.
        assert found.mean("pairs") == pytest.approx(1.0 - sd * np.sqrt(2 / np.pi), abs=0.02 * sd)
        assert found.interval_95("pairs")[1] == 1.0
        assert found.mean("particles") == 0.0


def test_exafs_of_no_neighbour_is_all_single_atoms():
    found = posterior([exact_exafs(0.0, 0.01)])
    assert found.mean("single_atoms") > 0.985
    assert found.interval_95("particles")[1] < 0.003


def test_exafs_of_a_particle_is_all_particles():
    found = posterior([exact_exafs(12.0, 0.1)])
    assert found.mean("particles") > 0.97


def test_stem_alone_says_only_the_ratio_of_pairs_to_single_atoms():
    stem = StemSource(local_from_interval(TwoPiece(0.4, 0.05, 0.05)), (0.4, 0.3, 0.5))
    found = posterior([stem])
    agglomerated = found.shares.clusters + found.shares.particles
    assert found.mass @ agglomerated == pytest.approx(0.5, abs=2e-3)
    assert found.mass @ found.shares.pair_fraction == pytest.approx(0.4, abs=0.01)
    alone = posterior([stem], DISPERSED)
    # Variance of the fields is added to that of the fit: f (1 - f) rho.
    sd = np.hypot(0.05, np.sqrt(0.4 * 0.6 * stem.overdispersion))
    assert width(alone, "pairs") == pytest.approx(2 * 1.96 * sd, rel=0.05)


def test_many_fields_leave_only_the_fit():
    cells = local_from_interval(TwoPiece(0.4, 0.05, 0.05))
    found = posterior([StemSource(cells, None, fields=100_000_000)], DISPERSED)
    assert width(found, "pairs") == pytest.approx(2 * 1.96 * 0.05, rel=0.01)


def test_a_perfect_source_dominates():
    for kind in KINDS:
        found = posterior([exact_exafs(1.0, 2.0), number(kind, 0.4, 0.005)])
        assert found.mean(kind) == pytest.approx(0.4, abs=5e-4)
        assert width(found, kind) == pytest.approx(0.0196, rel=0.04)


def test_identical_sources_narrow_by_the_root_of_their_number():
    for count in (2, 4, 9):
        one = posterior([number("pairs", 0.5, 0.01)], DISPERSED)
        more = posterior([number("pairs", 0.5, 0.01)] * count, DISPERSED)
        ratio = width(one, "pairs") / width(more, "pairs")
        assert ratio == pytest.approx(np.sqrt(count), rel=0.01)


def test_order_does_not_matter():
    sources = [
        exact_exafs(1.5, 0.3),
        StemSource(local_from_interval(TwoPiece(0.4, 0.05, 0.05)), None),
        number("particles", 0.1, 0.05),
    ]
    values = [[posterior(list(p)).summary[kind] for kind in KINDS] for p in permutations(sources)]
    for other in values[1:]:
        for (mean, ends), (mean_1, ends_1) in zip(other, values[0], strict=True):
            assert mean == pytest.approx(mean_1, abs=1e-9)
            assert ends == pytest.approx(ends_1, abs=1e-6)


def test_a_source_that_knows_nothing_changes_nothing():
    sources = [exact_exafs(1.5, 0.3), number("particles", 0.1, 0.05)]
    before = posterior(sources).summary
    for nothing in (number("pairs", 0.5, inf), exafs_source([MetalPath((3.0, -inf, inf))])):
        after = posterior([*sources, nothing]).summary
        for kind in KINDS:
            assert after[kind][0] == pytest.approx(before[kind][0], abs=1e-6)
            assert after[kind][1] == pytest.approx(before[kind][1], abs=1e-4)


def test_gaussian_shares_against_quadrature():
    """Three shares measured at once, against a plain sum over an independent grid."""
    sources = [number("pairs", 0.3, 0.05), number("clusters", 0.2, 0.1), exact_exafs(2.0, 0.5)]
    found = posterior(sources)
    step = 0.02
    axis = np.arange(0.5 * step, 1.0, step)
    a, p, c = np.meshgrid(axis, axis, axis, indexing="ij")
    q = 1.0 - a - p - c
    inside = q > 0
    weight = np.zeros_like(a)
    for cluster in np.arange(2.125, 5, 0.25):
        for particle in np.arange(8.25, 12, 0.5):
            weight += norm.pdf(p + c * cluster + q * particle, 2.0, 0.5)
    weight = weight * norm.pdf(p, 0.3, 0.05) * norm.pdf(c, 0.2, 0.1) * inside
    weight /= weight.sum()
    for kind, share in zip(KINDS, (a, p, c, q), strict=True):
        assert found.mean(kind) == pytest.approx((weight * share).sum(), abs=3e-3)


def test_axes_are_shares():
    rng = np.random.default_rng(0)
    shares = from_axes(*rng.random((3, 50)))
    assert sum(shares.share(kind) for kind in KINDS) == pytest.approx(np.ones(50))


def test_fields_without_a_particle_exclude_little_and_many_atoms_more():
    """The chance of none is that of the negative binomial; large particles hide better."""
    rich = composition(0.4, 0.3, 0.0, 0.3)
    poor = composition(0.55, 0.44, 0.0, 0.01)

    def against(atoms, size, fields=1):
        seen = Seen(0, (size, size * 1.0001))
        source = StemSource(None, None, atoms, None, seen, fields)
        return float((source.log_likelihood(rich) - source.log_likelihood(poor))[0])

    expected = [300 * r / 1000 for r in (0.3 / 0.7, 0.01 / 0.99)]
    assert against(300, 1000) == pytest.approx(-np.diff(-np.log1p(expected))[0], abs=1e-3)
    # One field of strongly clumped particles never excludes much; many do.
    assert -3.0 < against(30_000, 1000) < -2.0
    assert against(30_000, 1000, 20) < -8.0
    assert against(300, 100) < against(300, 1000) < -0.1


def test_evidence_that_nothing_allows_is_refused():
    with pytest.raises(EvidenceError, match="no composition allowed"):
        posterior([number("particles", 0.5, 1e-9)], DISPERSED)


def test_shortest_interval_of_known_distributions():
    x = (np.arange(200_000) + 0.5) / 200_000
    exponential = -0.1 * np.log(1 - 0.9999 * x)
    low, high = shortest_interval(exponential, np.ones_like(x))
    assert low == 0.0
    assert high == pytest.approx(-0.1 * np.log(0.05), rel=2e-3)
    # Sharp ends within the limits: the interval does not reach beyond them.
    low, high = shortest_interval(0.3 + 0.2 * x, np.ones_like(x))
    assert 0.3 <= low < high <= 0.5
    normal = norm.ppf(x, 0.5, 0.05)
    assert shortest_interval(normal, np.ones_like(x)) == pytest.approx((0.402, 0.598), abs=2e-3)
