"""The published Co-N4 set, read from its own files.

Source: HybridPB (github.com/jhyeonjung97/HybridPB), examples/1_CoNC, VASP PBE energies of
Co-N4-C26 in a 9.84 A cell; gas references of the same project, H2 -6.77149190 and H2O
-14.23091949 eV. Conditions: electronic energies of the files, thermal terms of theory.md.
Values: dG_OH 1.15, dG_O 2.31, dG_H 0.64 eV. Tolerance: 0.005 eV for reading. The packaged Co-N4
(PBE, double-zeta orbitals) must lie within two of its stated standard deviations.
"""

import pytest
from ase.io import read

from adatom import from_package, load_network, parse_site
from adatom.thermo.free_energies import apply_corrections, formation_energy_eV

GASES = {"H2": -6.77149190, "H2O": -14.23091949}
PUBLISHED = {"*OH": 1.15, "*O": 2.31, "*H": 0.64}
FILES = {"*": "clean", "*OH": "oh", "*O": "o", "*H": "mh"}


@pytest.fixture
def free_energies(data_folder):
    folder = data_folder / "dft" / "HybridPB_CoNC"
    energy = {s: read(folder / f"{f}.json").get_potential_energy() for s, f in FILES.items()}
    return apply_corrections(
        {s: formation_energy_eV(s, energy[s], energy["*"], GASES) for s in PUBLISHED}
    )


def test_published_free_energies(free_energies):
    assert free_energies == pytest.approx(PUBLISHED, abs=0.005)


@pytest.mark.parametrize(("reaction", "states"), [("ORR", ["*OH", "*O"]), ("HER", ["*H"])])
def test_the_packaged_site_agrees_within_its_uncertainty(free_energies, reaction, states):
    ours = from_package(parse_site("CoN4@graphene"), load_network(reaction))
    for state in states:
        assert abs(ours.values_eV[state] - free_energies[state]) < 2.0 * ours.sd_eV[state]
