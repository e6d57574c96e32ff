import pytest
from families import FAMILIES
from hypothesis import given
from hypothesis import strategies as st

from adatom.errors import NotationError
from adatom.sites.notation import D3, D4, D5, METALS, parse_site

metals = st.sampled_from(sorted(METALS))


@pytest.mark.parametrize("text", FAMILIES.values(), ids=FAMILIES)
def test_every_family_prints_back_unchanged(text):
    assert str(parse_site(text)) == text


@given(metals)
def test_single_atoms_print_back_unchanged(metal):
    text = f"{metal}N4@graphene"
    assert str(parse_site(text)) == text
    assert parse_site(text).metals == (metal,)


@given(metals, metals)
def test_pairs_print_back_unchanged(first, second):
    text = f"{first}2N6@graphene" if first == second else f"{first}{second}N6@graphene"
    site = parse_site(text)
    assert str(site) == text
    assert site.metals == (first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FeCoN6@graphene", "CoFeN6@graphene"),
        ("Fe-N3S1@graphene", "Fe-S1N3@graphene"),
        ("Fe-N3S1@graphene", "Fe-N1S1N2@graphene"),
        ("Fe-N2C2@graphene", "Fe-C2N2@graphene"),
        ("FeN4+CoN4@graphene", "CoN4+FeN4@graphene"),
        ("FeCoNiN6@graphene", "NiFeCoN6@graphene"),
        ("FeCoN6-mu-O@graphene", "CoFeN6-mu-O@graphene"),
    ],
)
def test_two_notations_of_one_site_have_one_key(one, other):
    assert parse_site(one).key == parse_site(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fe-N2C2@graphene", "Fe-N1C2N1@graphene"),
        ("Fe-N2C2@graphene", "Fe-N1C1N1C1@graphene"),
        ("FeCoN6-OH@graphene", "CoFeN6-OH@graphene"),
        ("FeCo3N6@graphene", "Co3FeN6@graphene"),
        ("FeCo-N5S1@graphene", "CoFe-N5S1@graphene"),
        ("FeN4@graphene", "FeN4@nanoribbon"),
        ("FeN4@graphene", "FeN5@graphene"),
    ],
)
def test_different_sites_have_different_keys(one, other):
    assert parse_site(one).key != parse_site(other).key


def test_thirty_metals_in_three_rows():
    assert len({*D3, *D4, *D5}) == 30
    assert {*D3, *D4, *D5} < METALS


@pytest.mark.parametrize(
    ("text", "character", "expected"),
    [
        ("", 1, "a metal"),
        ("XxN4@graphene", 1, "a metal"),
        ("CN4@graphene", 1, "a metal"),
        ("feN4@graphene", 1, "a metal"),
        ("FeFeN6@graphene", 3, "Fe2"),
        ("Fe1N4@graphene", 3, "2 or more"),
        ("FeN9@graphene", 3, "4 or 3 or 2 atoms"),
        ("FeCoN4@graphene", 5, "6 or 5"),
        ("Fe2N4@graphene", 4, "6 or 5"),
        ("Fe14@graphene", 1, "at most 13"),
        ("FeN4", 5, "'@'"),
        ("FeN4@graphite", 6, "graphene"),
        ("FeN4@graphene ", 6, "graphene"),
        ("Fe N4@graphene", 3, "a shell"),
        ("Fe@graphene", 3, "a shell"),
        ("FeN@graphene", 4, "number of N"),
        ("FeN3S1@graphene", 3, "'-' before a mixed shell"),
        ("Fe-N4@graphene", 3, "no '-'"),
        ("Fe-N2N2@graphene", 6, "another element"),
        ("FeN4-X@graphene", 6, "a ligand"),
        ("FeN4-mu-O@graphene", 6, "axial"),
        ("Fe-N1S1@C2N", 4, "nitrogen"),
        ("FeS2@C2N", 3, "nitrogen"),
        ("Pt3N6@graphdiyne", 4, "no atoms"),
        ("FeN4+Fe5@graphene", 9, "cluster of 4 or 13"),
        ("FeN3+Fe4@graphene", 5, "combination"),
        ("FeN4+CoN4+NiN4@graphene", 5, "combination"),
        ("FeN4+Fe4@C2N", 3, "2 atoms"),
        ("Fe-O@graphdiyne", 3, "shell"),
    ],
)
def test_a_wrong_character_is_pointed_at(text, character, expected):
    with pytest.raises(NotationError) as caught:
        parse_site(text)
    message = str(caught.value)
    assert f"character {character} is" in message
    assert expected in message
    assert "\n" not in message


@given(
    st.one_of(
        st.text(max_size=20),
        st.lists(
            st.sampled_from(
                [
                    "Fe",
                    "Co",
                    "N4",
                    "N",
                    "2",
                    "-",
                    "+",
                    "mu-",
                    "O",
                    "S1",
                    "N3",
                    "@",
                    "graphene",
                    "C2N",
                ]
            ),
            max_size=9,
        ).map("".join),
    )
)
def test_any_text_is_parsed_or_refused_by_name(text):
    try:
        written = str(parse_site(text))
    except NotationError as refusal:
        written, position = None, refusal.position
    if written is None:
        assert 0 <= position <= len(text)
    else:
        assert written == text
