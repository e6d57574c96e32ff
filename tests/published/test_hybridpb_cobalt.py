"""The published Co-N4 set, read from its own files.

Source: HybridPB (github.com/jhyeonjung97/HybridPB), examples/1_CoNC, VASP PBE energies of
Co-N4-C26 in a 9.84 A cell; gas references of the same project, H2 -6.77149190 and H2O
-14.23091949 eV. Conditions: electronic energies of the files, thermal terms of theory.md.
Values: dG_OH 1.15, dG_O 2.31, dG_H 0.64 eV. Tolerance: 0.005 eV for reading. The packaged Co-N4
(PBE, double-zeta orbitals) must lie within two of its stated standard deviations.
"""

import json
import shutil

import pytest

from adatom import from_package, load_network, parse_site
from adatom.energies.check import check_folder
from adatom.energies.finished import read_finished
from adatom.thermo.free_energies import apply_corrections, formation_energy_eV
from adatom.thermo.sources import ADSORBATES

GASES = {"H2": -6.77149190, "H2O": -14.23091949}
PUBLISHED = {"*OH": 1.15, "*O": 2.31, "*H": 0.64}
FILES = {"*": "clean", "*OH": "oh", "*O": "o", "*H": "mh"}


@pytest.fixture
def free_energies(data_folder):
    folder = data_folder / "dft" / "HybridPB_CoNC"
    energy = {s: read_finished(folder / f"{f}.json").energy_eV for s, f in FILES.items()}
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


def test_every_file_is_read_with_its_own_energy_and_settings(data_folder):
    """Raw numbers of the files, to 1e-6 eV; settings as their authors state: PBE+U (Co 3.32 eV),
    D3(BJ), 500 eV, 5 x 5 x 1, implicit solvent."""
    for path in sorted((data_folder / "dft" / "HybridPB_CoNC").glob("*.json")):
        (row,) = (v for k, v in json.loads(path.read_text()).items() if k.isdigit())
        found = read_finished(path)
        assert found.energy_eV == pytest.approx(row["energy"], abs=1e-6)
        assert found.atoms.numbers.tolist() == row["numbers"]["__ndarray__"][2]
        s = found.settings
        assert (s.code, s.functional, s.dispersion) == ("VASP", "PBE", "D3(BJ)")
        u = {k: v for k, v in s.hubbard_u_eV.items() if v}
        assert u == ({} if path.stem.startswith("vac") else {"Co": 3.32})
        assert (s.cutoff_eV, s.kpoints, s.spin_polarised) == (500.0, (5, 5, 1), True)
        assert s.solvation == "VASPsol"


def test_its_states_are_consistent_and_stay_on_the_metal(data_folder, tmp_path):
    folder = data_folder / "dft" / "HybridPB_CoNC"
    home = tmp_path / "CoN4"
    home.mkdir()
    for state, name in FILES.items():
        target = "clean" if state == "*" else state.lstrip("*")
        shutil.copy(folder / f"{name}.json", home / f"{target}.json")
    (site,) = check_folder(tmp_path, adsorbates=ADSORBATES)
    assert {p.name for p in site.problems} == {"missing"}  # the gas references alone
    assert site.cautions == ()
