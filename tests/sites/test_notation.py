import pytest
from hypothesis import given
from hypothesis import strategies as st

from adatom.errors import NotationError
from adatom.sites.notation import METALS, parse_site

metals = st.sampled_from(sorted(METALS))


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


def test_order_of_the_metals_does_not_make_another_site():
    assert parse_site("FeCoN6@graphene").key == parse_site("CoFeN6@graphene").key


@pytest.mark.parametrize(
    ("text", "character", "expected"),
    [
        ("", 1, "a metal"),
        ("XxN4@graphene", 1, "a metal"),
        ("CN4@graphene", 1, "a metal"),
        ("feN4@graphene", 1, "a metal"),
        ("FeFeN6@graphene", 3, "'2'"),
        ("FeN5@graphene", 4, "'4'"),
        ("FeCoN4@graphene", 6, "'6'"),
        ("Fe2N4@graphene", 5, "'6'"),
        ("FeN4", 5, "'@'"),
        ("FeN4@graphite", 6, "graphene"),
        ("FeN4@graphene ", 6, "graphene"),
        ("Fe N4@graphene", 3, "'N'"),
    ],
)
def test_a_wrong_character_is_pointed_at(text, character, expected):
    with pytest.raises(NotationError) as caught:
        parse_site(text)
    message = str(caught.value)
    assert f"character {character} is" in message
    assert expected in message
    assert "\n" not in message


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused_by_name(text):
    try:
        written = str(parse_site(text))
    except NotationError as refusal:
        written, position = None, refusal.position
    if written is None:
        assert 0 <= position <= len(text)
    else:
        assert written == text
