import shutil

import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from adatom.energies.folder import CALCULATION_FILE, read_folder
from adatom.errors import EnergyTableError
from adatom.reactions import load_network
from adatom.sites.adsorbates import place_adsorbate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo.sources import from_file
from adatom.thermo.stated_errors import ENGINE_SD_EV

ADSORBATES = ("*H", "*O", "*OH", "*OOH")


def write_state(atoms, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, atoms, format="extxyz")


def with_energy(atoms, energy):
    atoms = atoms.copy()
    atoms.info = {}
    atoms.calc = SinglePointCalculator(atoms, energy=energy)
    return atoms


@pytest.fixture
def folder(tmp_path):
    """FeN4, gases -6 (H2) and -14 eV (H2O), electronic *OH, *O, *OOH of 0.5, 1.5, 3.5 eV."""
    from ase.build import molecule

    bare = build_site(parse_site("FeN4@graphene"))
    home = tmp_path / "results" / "FeN4@graphene"
    write_state(with_energy(bare, -100.0), home / "clean.extxyz")
    for name, energy in (("OH", 0.5 - 111.0), ("O", 1.5 - 108.0), ("OOH", 3.5 - 119.0)):
        atoms = place_adsorbate(bare, f"*{name}", "atop")
        write_state(with_energy(atoms, energy), home / f"{name}.extxyz")
    for gas, energy in (("H2", -6.0), ("H2O", -14.0)):
        write_state(with_energy(molecule(gas, vacuum=5.0), energy), home.parent / f"{gas}.extxyz")
    return home.parent


def test_a_folder_becomes_free_energies(folder):
    (site,) = from_file(folder, load_network("ORR"))
    assert site.label == "FeN4@graphene"
    assert site.values_eV == pytest.approx({"*OOH": 3.9, "*O": 1.55, "*OH": 0.85})
    assert set(site.structures) == {"*", "*OOH", "*O", "*OH"}
    assert "*OH +0.35 eV" in site.source.corrections[0]


def test_a_single_site_folder_and_other_formats_are_read(folder):
    home = folder / "FeN4@graphene"
    for gas in ("H2", "H2O"):
        shutil.copy(folder / f"{gas}.extxyz", home)
    (site,) = read_folder(home, adsorbates=ADSORBATES)
    write(home / "OH.json", site.structures["*OH"])
    (home / "OH.extxyz").unlink()
    (again,) = read_folder(home, adsorbates=ADSORBATES)
    assert again.energies_eV == pytest.approx(site.energies_eV)
    assert again.files["*OH"] == "OH.json"


def test_corrections_by_name_apply_to_a_folder(folder):
    (site,) = from_file(folder, load_network("ORR"), corrections=["solvation"])
    assert site.values_eV["*OH"] == pytest.approx(0.55)
    assert any(c.startswith("solvation") for c in site.source.corrections)


def test_what_computed_a_folder_is_carried_along(folder):
    (folder / CALCULATION_FILE).write_text(
        '{"engine": "gpaw", "description": "PBE", "settings": {"h_A": 0.2},'
        ' "notes": {"FeN4@graphene": ["forces left"]}}'
    )
    (site,) = from_file(folder, load_network("ORR"))
    assert site.source.settings == {"h_A": 0.2}
    assert site.source.description.endswith(": PBE")
    assert site.source.notes == ("forces left",)
    assert site.sd_eV["*OH"] == ENGINE_SD_EV["gpaw"]


def spoil_missing_gas(folder):
    (folder / "H2O.extxyz").unlink()
    return "gas reference H2O is missing"


def spoil_wrong_gas(folder):
    shutil.copy(folder / "H2O.extxyz", folder / "H2.extxyz")
    return "holds H2O, not H2"


def spoil_magnitude(folder):
    atoms = place_adsorbate(build_site(parse_site("FeN4@graphene")), "*OH", "atop")
    write_state(with_energy(atoms, -300.0), folder / "FeN4@graphene" / "OH.extxyz")
    return "one set of settings"


def spoil_no_energy(folder):
    path = folder / "FeN4@graphene" / "OH.extxyz"
    write(path, place_adsorbate(build_site(parse_site("FeN4@graphene")), "*OH", "atop"))
    return "holds no energy"


def spoil_other_metal(folder):
    atoms = place_adsorbate(build_site(parse_site("CoN4@graphene")), "*OH", "atop")
    write_state(with_energy(atoms, -111.0), folder / "FeN4@graphene" / "OH.extxyz")
    return "plus *OH"


def spoil_other_cell(folder):
    atoms = place_adsorbate(build_site(parse_site("FeN4@graphene")), "*OH", "atop")
    atoms.cell[2, 2] = 20.0
    write_state(with_energy(atoms, -111.0), folder / "FeN4@graphene" / "OH.extxyz")
    return "cell differs"


def spoil_garbage(folder):
    (folder / "FeN4@graphene" / "OH.extxyz").write_text("not a structure")
    return "cannot be read as extxyz"


def spoil_pickle(folder):
    home = folder / "FeN4@graphene"
    (home / "OH.extxyz").rename(home / "OH.pckl")
    return "has no *OH"


def spoil_twice(folder):
    home = folder / "FeN4@graphene"
    shutil.copy(home / "OH.extxyz", home / "oh.extxyz")
    return "keep one"


def spoil_calculation(folder):
    (folder / CALCULATION_FILE).write_text('{"engine": ["gpaw"]}')
    return "'engine' must be a JSON str"


def spoil_notes(folder):
    (folder / CALCULATION_FILE).write_text('{"notes": {"FeN4@graphene": 3}}')
    return "must be a JSON list"


def spoil_no_sites(folder):
    shutil.rmtree(folder / "FeN4@graphene")
    return "no bare site found"


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_missing_gas, spoil_no_energy, spoil_other_metal, spoil_other_cell, spoil_garbage,
        spoil_pickle, spoil_twice, spoil_no_sites, spoil_calculation, spoil_notes,
        spoil_wrong_gas, spoil_magnitude,
    ],
)  # fmt: skip
def test_bad_folders_are_refused_with_the_file(folder, spoil):
    words = spoil(folder)
    with pytest.raises(EnergyTableError) as caught:
        from_file(folder, load_network("ORR"))
    assert words in str(caught.value)
    assert str(folder) in str(caught.value)
