"""What the commands compute on: sites, states to build, molecules, files."""

import numpy as np
import pytest
from ase import Atoms
from ase.io import write

from adatom.energies.structures import (
    read_structure,
    state_on,
    subjects,
)
from adatom.errors import AdatomError
from adatom.sites.bonds import bonding_limit_A


def test_two_adsorbates_stand_on_two_metals_in_the_order_of_the_text():
    apart, joined = state_on("FeCoN6@graphene", "*O*OH"), state_on("FeCoN6@graphene", "*OOH")
    assert list(apart.atoms.symbols) == list(joined.atoms.symbols)
    iron, cobalt = apart.atoms.info["metals"]
    first, second, _ = apart.atoms.info["adsorbate"]
    assert apart.atoms.get_distance(iron, first, mic=True) < bonding_limit_A("Fe", "O")
    assert apart.atoms.get_distance(cobalt, second, mic=True) < bonding_limit_A("Co", "O")
    assert apart.atoms.get_distance(first, second, mic=True) > bonding_limit_A("O", "O")


def test_a_molecule_in_front_is_bonded_to_nothing():
    left = state_on("FeCoN6@graphene", "*+H2")
    pair = left.atoms.info["adsorbate"]
    assert left.atoms.get_distance(*pair) == pytest.approx(0.74, abs=0.03)
    rest = [i for i in range(len(left.atoms)) if i not in pair]
    assert min(left.atoms.get_distances(pair[0], rest, mic=True)) > 2.9
    together = state_on("FeCoN6@graphene", "*H*H")
    assert list(together.atoms.symbols) == list(left.atoms.symbols)


def test_every_position_of_an_adsorbate_is_a_start():
    assert len(subjects("FeCoN6@graphene", "*O")) == 3
    assert len(subjects("FeCoN6@graphene", "*OH")) == 3 + 3 + 2 + 1  # tails turned
    (bare,) = subjects("FeN4@graphene")
    assert bare.state == "*"
    (gas,) = subjects("CO2")
    assert gas.is_gas


def test_a_structure_is_read_without_foreign_constraints_and_with_its_metals(tmp_path):
    from ase.constraints import FixAtoms

    atoms = Atoms("NFe", positions=[[0, 0, 0], [0, 0, 1.9]], cell=[9] * 3, pbc=True)
    atoms.set_constraint(FixAtoms([1]))
    write(tmp_path / "s.traj", atoms)
    found = read_structure(tmp_path / "s.traj")
    assert found.info["metals"] == [1]
    assert not found.constraints
    np.testing.assert_allclose(found.positions, atoms.positions)


def test_files_that_cannot_serve_are_refused(tmp_path):
    with pytest.raises(AdatomError, match="no such file"):
        read_structure(tmp_path / "absent.cif")
    broken = tmp_path / "s.extxyz"
    broken.write_text('1\nLattice="9 0 0 0 9 0 0 0 9"\nFe nan 0 0\n')
    with pytest.raises(AdatomError, match="not a number"):
        read_structure(broken)
    with pytest.raises(AdatomError, match="no element"):
        bonding_limit_A("Fe", "Qq")


def test_a_molecule_without_a_box_gets_one(tmp_path):
    write(tmp_path / "m.xyz", Atoms("CO", positions=[[0, 0, 0], [0, 0, 1.1]]))
    (found,) = subjects(str(tmp_path / "m.xyz"))
    assert found.is_gas
    assert found.atoms.cell.rank == 3
    assert found.atoms.get_distance(0, 1) == pytest.approx(1.1)
