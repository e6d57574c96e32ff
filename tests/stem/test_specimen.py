import numpy as np
import pytest
from ase import Atoms
from scipy.spatial import cKDTree

from adatom import build_site, parse_site
from adatom.errors import ImageError
from adatom.stem.carbon import amorphous_carbon
from adatom.stem.specimen import scatter_sites, site_patch

FIELD = (80.0, 60.0)


@pytest.fixture(scope="module")
def specimen():
    rng = np.random.default_rng(5)
    film = amorphous_carbon(field_A=FIELD, thickness_A=20.0, rng=rng)
    pair, single = (
        site_patch(build_site(parse_site(n))) for n in ("Fe2N6@graphene", "FeN4@graphene")
    )
    return scatter_sites([(pair, 20), (single, 25)], film, field_A=FIELD, thickness_A=20.0, rng=rng)


def test_patch_holds_the_metal_and_its_shell():
    patch = site_patch(build_site(parse_site("Fe2N6@graphene")))
    assert patch.symbols.count("Fe") == 2
    assert patch.symbols.count("N") == 6
    metals = patch.positions[[s == "Fe" for s in patch.symbols]]
    assert np.allclose(metals.sum(axis=0), 0.0)


def test_a_patch_over_the_edge_of_its_cell_is_whole():
    atoms = Atoms("Fe2", [[0.5, 2.0, 2.0], [9.5, 2.0, 2.0]], cell=[10.0] * 3, pbc=True)
    first, second = site_patch(atoms).positions
    assert np.linalg.norm(first - second) == pytest.approx(1.0)


def test_membership_is_that_of_the_sites(specimen):
    built = build_site(parse_site("Fe2N6@graphene"))
    iron = [i for i, s in enumerate(built.symbols) if s == "Fe"]
    distance = built.get_distance(*iron, mic=True)
    for number in np.unique(specimen.site):
        rows = specimen.site == number
        assert rows.sum() <= specimen.metals_in_site[rows][0]
        if rows.sum() == 2:
            first, second = specimen.positions_A[rows]
            assert np.linalg.norm(first - second) <= distance + 1e-9
    assert set(specimen.metals_in_site) == {1, 2}
    assert specimen.pair_fraction == specimen.in_pair.mean()


def test_nothing_overlaps_in_space(specimen):
    iron = specimen.atoms.positions[[s == "Fe" for s in specimen.atoms.symbols]]
    assert len(iron) == 65
    assert cKDTree(iron).query(iron, k=2)[0][:, 1].min() > 1.5
    near = cKDTree(iron).query(specimen.atoms.positions)[0]
    carbon = np.array([s == "C" for s in specimen.atoms.symbols])
    assert near[carbon].min() >= 1.5


def test_tilted_pairs_follow_the_projection_of_random_directions():
    # Mean of d sin(theta) over the sphere is pi d / 4.
    rng = np.random.default_rng(2)
    pair = Atoms("Pt2", [[-1.2, 0, 0], [1.2, 0, 0]])
    made = scatter_sites(
        [(pair, 400)], Atoms(), field_A=(2000.0, 2000.0), thickness_A=50.0, rng=rng, margin_A=0.0
    )
    order = np.argsort(made.site, kind="stable")
    sites, counts = np.unique(made.site, return_counts=True)
    whole = np.isin(made.site[order], sites[counts == 2])
    ends = made.positions_A[order][whole].reshape(-1, 2, 2)
    apart = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    assert len(apart) > 380
    assert apart.mean() == pytest.approx(
        2.4 * np.pi / 4.0, abs=4 * apart.std() / np.sqrt(len(apart))
    )


def test_flat_pairs_keep_their_length():
    pair = Atoms("Pt2", [[-1.2, 0, 0], [1.2, 0, 0]])
    made = scatter_sites(
        [(pair, 5)], Atoms(), field_A=(500.0, 500.0), thickness_A=9.0,
        rng=np.random.default_rng(0), margin_A=-5.0, tilted=False,
    )  # fmt: skip
    ends = made.positions_A[np.argsort(made.site, kind="stable")].reshape(-1, 2, 2)
    assert np.allclose(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1), 2.4)


def test_a_field_without_sites_is_its_support():
    film = Atoms("C2", [[0, 0, 0], [3, 0, 0]])
    made = scatter_sites([], film, field_A=(9, 9), thickness_A=9, rng=np.random.default_rng(0))
    assert len(made.atoms) == 2
    assert made.positions_A.shape == (0, 2)


def test_too_many_sites_are_refused():
    atom = Atoms("Pt")
    with pytest.raises(ImageError, match="do not fit"):
        scatter_sites(
            [(atom, 900)], Atoms(), field_A=(9.0, 9.0), thickness_A=5.0,
            rng=np.random.default_rng(0), margin_A=0.0,
        )  # fmt: skip


def test_a_sheet_without_metal_is_refused():
    with pytest.raises(ImageError, match="no metal"):
        site_patch(Atoms("C6"))
