"""Holes of sites: what is taken out, where hydrogen goes, and whether it stayed."""

from itertools import combinations

import numpy as np
import pytest

from adatom.energies.vacated import is_saturated, rim_of, saturate, vacate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site


@pytest.fixture(params=["FeN4@graphene", "FeCoN6@graphene"])
def site(request):
    return build_site(parse_site(request.param))


def test_a_hole_is_the_site_without_its_metals(site):
    hole = vacate(site, site.info["metals"])
    assert hole.info["metals"] == []
    assert set(hole.symbols) == {"C", "N"}
    assert len(hole) == len(site) - len(site.info["metals"])


def test_the_metal_that_stays_keeps_its_place():
    site = build_site(parse_site("FeCoN6@graphene"))
    iron, cobalt = site.info["metals"]
    hole = vacate(site, [iron])
    (left,) = hole.info["metals"]
    assert hole.symbols[left] == "Co"
    assert np.allclose(hole.positions[left], site.positions[cobalt])


def test_the_rim_is_the_nitrogen_around_the_metal(site):
    metals = site.info["metals"]
    assert {site.symbols[i] for i in rim_of(site, metals)} == {"N"}
    assert len(rim_of(site, metals)) == {1: 4, 2: 6}[len(metals)]
    assert len(rim_of(site, metals[:1])) == 4


def test_two_hydrogens_sit_opposite_as_in_a_free_base_porphyrin():
    site = build_site(parse_site("FeN4@graphene"))
    hole = saturate(site, site.info["metals"], 2)
    first, second = hole.info["hydrogens"]
    apart = hole.get_distance(first, second, mic=True)
    rim = rim_of(site, site.info["metals"])
    nearest = [
        min(rim, key=lambda i, h=h: hole.get_distance(h, i, mic=True)) for h in (first, second)
    ]
    spans = [site.get_distance(i, j, mic=True) for i, j in combinations(rim, 2)]
    assert site.get_distance(*nearest, mic=True) == pytest.approx(max(spans), abs=1e-6)
    assert apart > 1.2
    assert is_saturated(hole, 2)
    hole.positions[second] = hole.positions[first] + [0.0, 0.0, 0.74]
    assert not is_saturated(hole, 2)  # H2


def test_more_hydrogen_than_rim_has_no_structure(site):
    metals = site.info["metals"]
    assert saturate(site, metals, len(rim_of(site, metals)) + 1) is None
    assert len(saturate(site, metals, 4).info["hydrogens"]) == 4


def test_hydrogen_that_drifted_off_is_noticed(site):
    hole = saturate(site, site.info["metals"], 2)
    hole.positions[-1] += [0.0, 0.0, 3.0]
    assert not is_saturated(hole, 2)
