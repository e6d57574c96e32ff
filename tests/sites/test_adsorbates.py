import numpy as np
import pytest
from ase import Atoms

from adatom.errors import AdatomError
from adatom.sites.adsorbates import (
    GEOMETRIES,
    classify,
    dioxygen_character,
    place_adsorbate,
    relaxation_events,
    starting_geometries,
)
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site


def _bare(text: str) -> Atoms:
    return build_site(parse_site(text))


def _names(text: str, adsorbate: str) -> list[str]:
    return [name for name, _ in starting_geometries(_bare(text), adsorbate)]


SITES = ["FeN4@graphene", "FeCoN6@graphene", "Pt2N6@graphene", "FeN4-OH@graphene"]


@pytest.mark.parametrize("text", SITES)
@pytest.mark.parametrize("adsorbate", sorted(GEOMETRIES))
def test_adsorbates_start_bonded_to_the_metals_they_are_placed_on(text, adsorbate):
    starts = starting_geometries(_bare(text), adsorbate)
    assert starts
    for position, atoms in starts:
        binding = classify(atoms)
        assert binding.outcome == "adsorbed", position
        numbers = {int(n) - 1 for n in position.split()[0].split("-")[1:] if n.isdigit()}
        wanted = numbers or ({0} if len(atoms.info["metals"]) == 1 else {0, 1})
        assert wanted <= set(binding.metals), position
        if not position.startswith("side-on"):
            assert 0 in binding.atoms


def test_starts_are_those_that_symmetry_tells_apart():
    # Two mirrors of M-N4: a tail along x or along y. The metals of an equal pair are one.
    assert _names("FeN4@graphene", "*O") == ["atop"]
    assert _names("FeN4@graphene", "*OH") == ["atop", "atop turned 90"]
    assert _names("Fe2N6@graphene", "*O") == ["atop-1", "bridge"]
    assert _names("FeCoN6@graphene", "*O") == ["atop-1", "atop-2", "bridge"]
    assert len(_names("FeCoN6@graphene", "*OH")) == 3 + 3 + 2 + 1
    assert _names("Fe3N6@graphene", "*O")[:2] == ["atop-1", "bridge-1-2"]


def test_dioxygen_is_started_end_on_and_side_on():
    assert _names("FeN4@graphene", "*O2")[:2] == ["atop", "atop turned 90"]
    assert "side-on" in _names("FeN4@graphene", "*O2")
    assert "side-on-1-2" in _names("Fe2N6@graphene", "*O2")
    atoms = place_adsorbate(_bare("Fe2N6@graphene"), "*O2", "side-on-1-2")
    iron = atoms.info["metals"]
    near = [
        atoms.get_distance(m, o, mic=True)
        for m, o in zip(iron, reversed(atoms.info["adsorbate"]), strict=True)
    ]
    assert near[0] == pytest.approx(near[1], abs=1e-6)
    assert len(classify(atoms).atoms) == 2


def test_both_faces_only_where_they_differ():
    assert not any("below" in name for name in _names("FeN4@graphene", "*O"))
    # A ligand occupies the lower face of the iron: nothing starts inside it.
    assert _names("FeN4-OH@graphene", "*O") == ["atop"]
    pair = _names("FeCoN6-OH@graphene", "*O")
    assert "atop-2 below" in pair
    assert "atop-1 below" not in pair


def test_a_metal_too_far_away_shares_nothing():
    assert not any(n.startswith("bridge") for n in _names("FeN4+CoN4@graphene", "*O"))


def test_first_starts_are_those_of_stored_calculations():
    atoms = starting_geometries(_bare("FeN4@graphene"), "*OH")[0][1]
    oxygen, hydrogen = atoms.positions[atoms.info["adsorbate"]]
    assert oxygen - atoms.positions[atoms.info["metals"][0]] == pytest.approx([0, 0, 1.98])
    tilt = np.radians(70.0)
    assert hydrogen - oxygen == pytest.approx([0.98 * np.sin(tilt), 0, 0.98 * np.cos(tilt)])


@pytest.mark.parametrize(
    ("adsorbate", "position"),
    [("*O", "atop-3"), ("*O", "side-on"), ("*O", "hollow"), ("*X", "atop"), ("*O", "atop-x")],
)
def test_unknown_adsorbates_and_positions_are_refused(adsorbate, position):
    with pytest.raises(AdatomError):
        place_adsorbate(_bare("FeCoN6@graphene"), adsorbate, position)


def _hydroxide():
    return place_adsorbate(_bare("FeN4@graphene"), "*OH", "atop")


def test_desorption_dissociation_and_moving_are_told_apart():
    desorbed = _hydroxide()
    desorbed.positions[desorbed.info["adsorbate"], 2] += 2.0
    assert classify(desorbed).outcome == "desorbed"

    dissociated = _hydroxide()
    dissociated.positions[dissociated.info["adsorbate"][1], 2] += 2.0
    assert classify(dissociated).outcome == "dissociated"

    moved = _hydroxide()
    oxygen, hydrogen = moved.info["adsorbate"]
    carbon = max(
        np.flatnonzero(moved.symbols == "C"),
        key=lambda i: moved.get_distance(i, moved.info["metals"][0], mic=True),
    )
    shift = moved.positions[carbon] + [0.0, 0.0, 1.4] - moved.positions[oxygen]
    moved.positions[[oxygen, hydrogen]] += shift
    assert classify(moved).outcome == "moved"


def test_events_name_what_happened():
    start = _hydroxide()
    assert relaxation_events(start, start) == ()

    lost = start.copy()
    lost.positions[lost.info["adsorbate"], 2] += 2.0
    assert relaxation_events(start, lost) == ("adsorbate desorbed",)

    pulled = start.copy()
    pulled.positions[[*pulled.info["metals"], *pulled.info["adsorbate"]], 2] += 1.2
    (event,) = relaxation_events(start, pulled)
    assert event.startswith("metal left the plane: Fe (atom 30) 1.3")

    opened = start.copy()
    opened.positions[list(opened.symbols).index("N"), 2] -= 2.2
    (event,) = relaxation_events(start, opened)
    assert event == "site reconstructed: shell of Fe (atom 30) N4 -> CN3"

    pair = _bare("FeCoN6@graphene")
    first, second = (place_adsorbate(pair, "*O", p) for p in ("atop-1", "atop-2"))
    assert relaxation_events(first, second) == ("adsorbate migrated from Fe to Co",)
    assert relaxation_events(Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.7]]), Atoms("H2")) == ()


@pytest.mark.parametrize(
    ("position", "length", "expected"),
    [
        ("atop", 1.35, "end-on, superoxo-like, O-O 1.35 A"),
        ("side-on", 1.48, "side-on, peroxo-like, O-O 1.48 A"),
        ("atop", 1.23, "end-on, free O2-like, O-O 1.23 A"),
    ],
)
def test_superoxo_and_peroxo(position, length, expected):
    atoms = place_adsorbate(_bare("FeN4@graphene"), "*O2", position)
    first, second = atoms.info["adsorbate"]
    atoms.set_distance(first, second, length, fix=0.5 if position == "side-on" else 0)
    assert dioxygen_character(atoms) == expected


def test_a_split_molecule_is_not_dioxygen_any_more():
    atoms = place_adsorbate(_bare("Fe2N6@graphene"), "*O2", "side-on-1-2")
    first, second = atoms.info["adsorbate"]
    atoms.set_distance(first, second, 2.6)
    assert dioxygen_character(atoms) == "dissociated, O-O 2.60 A"
