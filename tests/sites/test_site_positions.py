"""Positions of a site: one a metal, equal by symmetry or told apart, a cluster as one."""

import pytest

from adatom.sites.notation import parse_site
from adatom.sites.positions import positions_of
from adatom.sites.structure import build_site


@pytest.mark.parametrize(
    ("text", "names", "of_metal"),
    [
        ("FeN4@graphene", ("Fe",), (0,)),
        ("FeCoN6@graphene", ("Fe", "Co"), (0, 1)),
        ("Fe2N6@graphene", ("Fe", "Fe"), (0, 1)),
        ("Fe2N6-OH@graphene", ("Fe1", "Fe2"), (0, 1)),
        ("Fe2-N5S1@graphene", ("Fe1", "Fe2"), (0, 1)),
        ("FeN4+FeN4@graphene", ("Fe", "Fe"), (0, 1)),
        ("Fe3N6@graphene", ("Fe", "Fe", "Fe"), (0, 1, 2)),
        ("Fe2CoN6@graphene", ("Fe", "Fe", "Co"), (0, 1, 2)),
        ("FeN4+Fe4@graphene", ("Fe", "cluster"), (0, 1, 1, 1, 1)),
        ("FeN4+Ni(slab)@graphene", ("Fe",), (0,)),
    ],
)
def test_every_metal_has_its_position(text, names, of_metal):
    site = parse_site(text)
    found = positions_of(site)
    assert (found.names, found.of_metal) == (names, of_metal)
    assert len(build_site(site).info["metals"]) == len(of_metal)


def test_metals_of_a_cluster_are_one_position():
    cluster = positions_of(parse_site("FeN4+Fe4@graphene"))
    assert cluster.holding((2, 4)) == (1,)
    assert cluster.holding((3, 0)) == (0, 1)
    assert cluster.holding(()) == ()
