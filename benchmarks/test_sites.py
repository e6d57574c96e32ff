"""Sites built and classified a second; the notation that comes back is compared on the way."""

from itertools import islice, zip_longest

import pytest

from adatom.sites.classify import classify_site
from adatom.sites.enumeration import list_sites
from adatom.sites.notation import D3, D4, D5
from adatom.sites.structure import build_site

PATTERNS = (
    "MN4@graphene",
    "M1M2N6@graphene",
    "M1-N3X1@graphene",
    "M1M2-N5X1@graphene",
    "M1M2N6@C2N",
    "M1M2M3N6@graphene",
    "M1M2-N4X2@graphene",
)


def some_sites(count):
    """``count`` sites, as many of each pattern as there are."""
    streams = [
        list_sites(pattern, metals=(*D3, *D4, *D5), shell=("S", "P", "O", "B"))
        for pattern in PATTERNS
    ]
    in_turn = (site for row in zip_longest(*streams) for site in row if site is not None)
    return list(islice(in_turn, count))


@pytest.mark.benchmark(group="sites")
def test_build_and_classify(benchmark, rates):
    sites = some_sites(1_000)

    def round_trip():
        return sum(classify_site(build_site(s)).notation == str(s) for s in sites)

    right = benchmark.pedantic(round_trip, rounds=2, warmup_rounds=1)
    rates["sites built and classified"] = len(sites) / benchmark.stats.stats.min
    benchmark.extra_info["per_second"] = rates["sites built and classified"]
    assert right == len(sites)
