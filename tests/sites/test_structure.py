import hashlib
import json

import numpy as np
import pytest

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


# Hash of symbols, positions and cell: stored calculations are found again by their starting
# structure, so how these sites are built must not change unnoticed.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FeN4@graphene", "e4ff5dd1c73174fa"),
        ("FeCoN6@graphene", "e2f4936cbe8662cb"),
        ("Fe2N6@graphene", "07211b43386ecb8f"),
    ],
)
def test_the_start_of_stored_calculations_is_what_it_was(text, expected):
    atoms = build_site(parse_site(text))
    content = [
        atoms.get_chemical_symbols(),
        np.round(atoms.positions, 4).tolist(),
        np.round(atoms.cell[:], 4).tolist(),
    ]
    assert hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16] == expected
