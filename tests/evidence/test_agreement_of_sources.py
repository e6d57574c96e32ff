"""Tension between sources and further measurements against what Gaussian errors make them."""

from pathlib import Path

import numpy as np
import pytest

from adatom.evidence.assemble import Assembled, assemble
from adatom.evidence.likelihood import TwoPiece
from adatom.evidence.next_measurement import next_measurements
from adatom.evidence.posterior import FLAT, posterior
from adatom.evidence.representative import face_values
from adatom.evidence.sample_file import SampleFile
from adatom.evidence.source import Measured, NumberSource
from adatom.evidence.sources.exafs import MetalPath, exafs_source
from adatom.evidence.sources.mossbauer import mossbauer_source
from adatom.evidence.sources.stem import Seen, StemSource, local_from_interval
from adatom.evidence.tension import agreement

DISPERSED = (1.0, 1.0, 0.0, 0.0)


def number(kind, value, sd, name):
    reading = Measured(name, "", ((1.0, TwoPiece(value, sd, sd)),), value, (0.0, 1.0))
    return NumberSource(name, (reading,), lambda shares, u: [shares.share(kind)], 0)


def exact_exafs(value, sd):
    return exafs_source(
        [MetalPath((value, value - 1.96 * sd, value + 1.96 * sd))],
        s02_relative_sd=0.0,
        hidden_by_disorder=0.0,
    )


@pytest.mark.parametrize("prior", [FLAT, DISPERSED])
def test_two_gaussians_differ_by_their_distance_over_their_errors(prior):
    sources = [number("pairs", 0.3, 0.02, "A"), number("pairs", 0.5, 0.04, "B")]
    found = agreement(sources, prior)
    expected = 0.2**2 / (0.02**2 + 0.04**2)
    assert found.worst_pair.statistic == pytest.approx(expected, rel=1e-3)
    assert found.p_value == pytest.approx(7.7e-6, rel=0.02)  # chi2 of 20, one degree of freedom


def test_numbers_of_different_shares_do_not_disagree_until_they_exceed_one():
    calm = [number("pairs", 0.3, 0.02, "A"), number("clusters", 0.5, 0.04, "B")]
    assert agreement(calm, FLAT).worst_pair.statistic == pytest.approx(0.0, abs=1e-3)
    over = [number("pairs", 0.7, 0.03, "A"), number("clusters", 0.5, 0.04, "B")]
    assert agreement(over, FLAT).worst_pair.statistic == pytest.approx(
        0.2**2 / (0.03**2 + 0.04**2), rel=1e-2
    )


def test_the_odd_one_out_of_three_is_found():
    sources = [number("pairs", x, 0.02, name) for x, name in ((0.3, "A"), (0.31, "B"), (0.6, "C"))]
    found = agreement(sources, FLAT)
    assert min(found.left_out, key=lambda t: t.p_value).between[0] == "C"
    assert agreement(sources[:1], FLAT) is None


def test_half_the_noise_halves_the_interval():
    """Nothing else is open: one spectrum, single atoms and pairs only."""
    known = Assembled(None, (exact_exafs(0.5, 0.04),), ())
    found = posterior(known.sources, DISPERSED)
    by_name = {m.name: m for m in next_measurements(found, known, "Co")}
    half = by_name["EXAFS with half the noise"]
    assert half.width_now == pytest.approx(2 * 1.96 * 0.04, rel=0.04)
    assert half.expected_width == pytest.approx(0.5 * half.width_now, rel=0.04)
    # Mean divergence of a normal of half the width, whose centre moves by the rest: ln 2.
    assert half.expected_information_bit == pytest.approx(1.0, abs=0.08)
    assert not any("Mossbauer" in name for name in by_name)


def test_what_cannot_tell_pairs_from_single_atoms_tells_nothing():
    known = Assembled(None, (exact_exafs(0.5, 0.04),), ())
    found = posterior(known.sources, DISPERSED)
    blind = [m for m in next_measurements(found, known, "Fe") if "EXAFS" not in m.name]
    for one in blind:
        if "STEM" not in one.name:
            assert one.expected_width == pytest.approx(one.width_now, rel=0.02)
            assert one.expected_information_bit == pytest.approx(0.0, abs=0.02)


def test_images_at_face_value():
    """N(M-M) beyond pairs, and sextets beside no particle, are outside the fields of view."""
    stem = StemSource(local_from_interval(TwoPiece(0.4, 0.05, 0.05)), (0.4, 0.3, 0.5), 300,
                      Seen(0, (3, 50)), Seen(0, (50, 5000)))  # fmt: skip
    same, more, less = (face_values(stem, (exact_exafs(n, 0.05),))[0] for n in (0.4, 0.9, 0.05))
    assert same.p_value > 0.9
    assert more.above
    assert not less.above
    # Both errors of 0.05: 0.5 is 7.1 of their joint one, 0.35 is 4.9.
    assert more.p_value < 1e-10
    assert 1e-7 < less.p_value < 1e-5
    sextets = mossbauer_source({"D1": 80, "sextet": 20}, {"D1": 3, "sextet": 3})
    assert face_values(stem, (sextets,))[0].p_value < 1e-6


def test_seen_particles_are_expected_elsewhere():
    """30 particles of a thousand atoms beside 10,000 atoms are three quarters of the metal."""
    stem = StemSource(None, None, 10_000, None, Seen(30, (1000, 1000.1)))
    sextets = mossbauer_source({"D1": 25, "sextet": 75}, {"D1": 2, "sextet": 2})
    (found,) = face_values(stem, (sextets,))
    assert found.expected_95[0] < 0.75 < found.expected_95[1]
    assert found.p_value > 0.1


def test_a_density_without_a_pair_fraction_serves_icp_only():
    tables = {
        "sample": {"metal": "Fe"},
        "stem": {"atoms": 300, "density_per_nm2": 0.2},
        "icp": {"metal_wt_percent": 1.0, "metal_relative_sd": 0.05, "areal_mass_mg_m2": 4.0},
    }
    known = assemble(SampleFile(Path("sample.toml"), tables))
    assert [s.name for s in known.sources] == ["ICP"]
    found = posterior(known.sources)
    # 0.43 per nm2 in all, of which 0.2 is seen: less than without data is dispersed.
    assert found.mass @ found.shares.dispersed == pytest.approx(0.56, abs=0.06)
    assert np.all(found.mass >= 0)
