import numpy as np
import pytest

from adatom.sites.adsorbates import GEOMETRIES, classify, place_adsorbate, positions_of
from adatom.sites.notation import METALS, parse_site
from adatom.sites.sheets import LATTICE_CONSTANT_A
from adatom.sites.structure import build_site


@pytest.mark.parametrize(
    ("text", "formula", "neighbours"),
    [("FeN4@graphene", "C26FeN4", 4), ("FeCoN6@graphene", "C22CoFeN6", 4)],
)
def test_composition_and_coordination(text, formula, neighbours):
    atoms = build_site(parse_site(text))
    assert atoms.get_chemical_formula() == formula
    nitrogen = np.flatnonzero(atoms.symbols == "N")
    for metal in atoms.info["metals"]:
        distances = atoms.get_distances(metal, nitrogen, mic=True)
        assert (distances < 2.1).sum() == neighbours


def test_a_pair_shares_two_nitrogens_and_starts_one_lattice_constant_apart():
    atoms = build_site(parse_site("FeCoN6@graphene"))
    first, second = atoms.info["metals"]
    assert atoms.symbols[first] == "Fe"
    assert atoms.symbols[second] == "Co"
    assert atoms.get_distance(first, second, mic=True) == pytest.approx(LATTICE_CONSTANT_A)
    nitrogen = np.flatnonzero(atoms.symbols == "N")
    near = [
        set(nitrogen[atoms.get_distances(m, nitrogen, mic=True) < 2.1]) for m in (first, second)
    ]
    assert len(near[0] & near[1]) == 2
    assert len(near[0] | near[1]) == 6


def test_no_atoms_overlap_for_any_metal():
    for metal in sorted(METALS):
        atoms = build_site(parse_site(f"{metal}N4@graphene"))
        distances = atoms.get_all_distances(mic=True)
        assert distances[np.triu_indices(len(atoms), 1)].min() > 1.3


@pytest.mark.parametrize("text", ["FeN4@graphene", "FeCoN6@graphene", "Pt2N6@graphene"])
@pytest.mark.parametrize("adsorbate", sorted(GEOMETRIES))
def test_adsorbates_start_bonded_to_the_metals_they_are_placed_on(text, adsorbate):
    site = parse_site(text)
    for position in positions_of(site.metals):
        atoms = place_adsorbate(build_site(site), adsorbate, position)
        binding = classify(atoms)
        assert binding.outcome == "adsorbed"
        wanted = {"atop": {0}, "atop-1": {0}, "atop-2": {1}, "bridge": {0, 1}}[position]
        assert set(binding.metals) == wanted


def test_homonuclear_pairs_have_one_atop_position():
    assert positions_of(("Fe", "Fe")) == ("atop-1", "bridge")
    assert positions_of(("Fe", "Co")) == ("atop-1", "atop-2", "bridge")


def _hydroxide():
    site = parse_site("FeN4@graphene")
    return place_adsorbate(build_site(site), "*OH", "atop")


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
