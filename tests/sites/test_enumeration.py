from itertools import combinations_with_replacement, islice, product

import pytest

from adatom.errors import AdatomError, NotationError
from adatom.sites.enumeration import list_sites, metals_named
from adatom.sites.notation import D3, D4, D5, parse_site


def _texts(pattern, metals=("Fe", "Co", "Ni"), **rest):
    return [str(site) for site in list_sites(pattern, metals=metals, **rest)]


def test_thirty_metals_make_465_pairs():
    found = _texts("M1M2N6@graphene", metals=(*D3, *D4, *D5))
    assert len(found) == len(set(found)) == 30 * 31 // 2
    assert found[0] == "Sc2N6@graphene"
    assert "FeCoN6@graphene" in found
    assert "CoFeN6@graphene" not in found


def test_pairs_are_those_of_a_brute_force_count():
    metals = ("Fe", "Co", "Ni", "Cu")
    keys = {parse_site(t).key for t in _texts("M1M2N6@graphene", metals=metals)}
    assert len(keys) == len(list(combinations_with_replacement(metals, 2)))


def test_placeholders_with_fixed_metals_and_equal_pairs():
    assert _texts("MN4@graphene") == ["FeN4@graphene", "CoN4@graphene", "NiN4@graphene"]
    assert _texts("M2N6@graphene") == ["Fe2N6@graphene", "Co2N6@graphene", "Ni2N6@graphene"]
    assert _texts("FeM1N6@graphene") == ["Fe2N6@graphene", "FeCoN6@graphene", "FeNiN6@graphene"]
    assert _texts("FeN4+M4@graphene") == [
        "FeN4+Fe4@graphene", "FeN4+Co4@graphene", "FeN4+Ni4@graphene",
    ]  # fmt: skip
    assert len(_texts("M1M2M3N6@graphene")) == 10
    assert _texts("Fe@graphdiyne") == ["Fe@graphdiyne"]


def test_shells_of_two_elements_by_burnside():
    # Colourings of the rectangle M-N4 by two elements under its four symmetries:
    # (16 + 4 + 4 + 4) / 4 = 7.
    found = _texts("FeX4@graphene", metals=("Fe",), shell=("N", "C"))
    assert len(found) == 7
    assert {"Fe-N2C2@graphene", "Fe-N1C2N1@graphene", "Fe-N1C1N1C1@graphene"} < set(found)
    # The fused pair: only the mirror across the axis leaves places (the two shared ones)
    # where they are, so (64 + 8 + 8 + 16) / 4 = 24.
    assert len(_texts("Fe2X6@graphene", metals=("Fe",))) == 24
    # Two different metals leave the mirror through both: (64 + 8) / 2 = 36.
    assert len(_texts("FeCoX6@graphene", metals=("Fe",))) == 36


def test_no_site_is_listed_twice_and_none_is_left_out():
    found = list(list_sites("M1M2X6@graphene", metals=("Fe", "Co"), shell=("N", "S")))
    keys = [site.key for site in found]
    assert len(keys) == len(set(keys))
    everything = {
        site.key
        for a, b in product(("Fe", "Co"), repeat=2)
        for site in list_sites(
            f"{a}{b if a != b else 2}X6@graphene", metals=("Fe",), shell=("N", "S")
        )
    }
    assert set(keys) == everything


def test_listing_streams():
    many = list_sites("M1M2M3X6@graphene", metals=(*D3, *D4, *D5), shell=("N", "C", "S", "P"))
    assert len(list(islice(many, 5))) == 5


def test_rows_and_elements_can_be_mixed():
    assert metals_named("3d,Pt,Fe") == (*D3, "Pt")


@pytest.mark.parametrize("text", ["", "zz", "C", "3d,Xx", "4f"])
def test_unknown_metals_are_refused(text):
    with pytest.raises(AdatomError, match="metals: expected"):
        metals_named(text)


@pytest.mark.parametrize(
    ("pattern", "character"),
    [("M1M2N9@graphene", 5), ("M1M2N6@graphite", 8), ("MM1N6@graphene", 1), ("M1M2X3@graphene", 5)],
)
def test_a_wrong_pattern_is_pointed_at(pattern, character):
    with pytest.raises(NotationError, match=f"character {character} is"):
        list(list_sites(pattern, metals=("Fe",)))


def test_shell_elements_must_be_ones_that_stand_in_shells():
    with pytest.raises(AdatomError, match="shell elements"):
        list(list_sites("FeX4@graphene", metals=("Fe",), shell=("N", "Zr")))
