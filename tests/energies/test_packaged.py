"""The energies that ship: complete, traceable, and unchanged."""

import csv
import hashlib
import json

import pytest

from adatom import from_file, from_package, load_network, parse_site
from adatom.energies.engines.gpaw import ORBITALS
from adatom.energies.folder import CALCULATION_FILE, read_folder
from adatom.errors import AdatomError
from adatom.sites.adsorbates import classify
from adatom.sites.structure import build_site
from adatom.thermo.free_energies import formation_energy_eV
from adatom.thermo.sources import (
    ADSORBATES,
    packaged_folder,
    packaged_sites,
    plane_wave_differences_eV,
)

METALS = ("Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ru", "Rh", "Pd", "Ir", "Pt")
SITES = [f"{metal}N4@graphene" for metal in METALS] + ["FeCoN6@graphene"]
SHA256 = "daacb269b50abfad625df4e7581173b064be71c35135375c8f297be2e7598345"


@pytest.fixture(scope="module")
def records():
    return json.loads((packaged_folder() / CALCULATION_FILE).read_text())["records"]


def test_every_site_has_all_four_adsorbates():
    assert sorted(packaged_sites().values()) == sorted(SITES)
    for site in read_folder(packaged_folder(), adsorbates=ADSORBATES):
        assert set(site.energies_eV) == {"*", *ADSORBATES}
        assert site.calculation.settings == ORBITALS
        assert set(site.calculation.versions) == {"gpaw", "gpaw-data", "ase"}


def test_another_order_of_the_metals_is_the_same_site():
    swapped = from_package(parse_site("CoFeN6@graphene"), load_network("ORR"))
    assert swapped.label == "CoFeN6@graphene"
    assert (
        swapped.values_eV
        == from_package(parse_site("FeCoN6@graphene"), load_network("ORR")).values_eV
    )


@pytest.mark.parametrize("name", SITES)
def test_the_lowest_position_is_kept_and_every_spin_state_recorded(name, records):
    site = next(s for s in read_folder(packaged_folder(), adsorbates=ADSORBATES) if s.label == name)
    for state in ADSORBATES:
        tried = [
            r
            for r in records[name]
            if (r["engine"], r["state"], r["outcome"]) == ("gpaw", state, "adsorbed")
        ]
        assert site.energies_eV[state] == pytest.approx(min(r["energy_eV"] for r in tried))
        for record in tried:
            assert record["steps"] >= 5 or record["converged"]
            # Copper has one hole in its d shell at most: high and low spin start alike.
            assert len(record["spin_trials"]) >= (1 if name.startswith("Cu") else 2)
            assert record["energy_eV"] < min(e for _, _, e in record["spin_trials"]) + 1e-6


def test_the_table_beside_them_says_the_same():
    orr = load_network("ORR")
    rows = from_file(packaged_folder() / "free_energies.csv", orr)
    assert [row.label for row in rows] == SITES
    for row in rows:
        packaged = from_package(parse_site(row.label), orr)
        assert row.values_eV == pytest.approx(packaged.values_eV, abs=1e-4)
        assert row.sd_eV == packaged.sd_eV


@pytest.mark.parametrize("name", plane_wave_differences_eV())
def test_plane_waves_are_a_correction_that_must_be_asked_for(name):
    orr = load_network("ORR")
    plain = from_package(parse_site(name), orr)
    corrected = from_package(parse_site(name), orr, corrections=["plane-waves"])
    differences = plane_wave_differences_eV()[name]
    assert set(differences) == set(ADSORBATES)
    for state, value in corrected.values_eV.items():
        assert value - plain.values_eV[state] == pytest.approx(differences[state], abs=1e-9)
    assert any(line.startswith("plane-waves") for line in corrected.source.corrections)
    assert not any(line.startswith("plane-waves") for line in plain.source.corrections)
    assert "--correction plane-waves" in plain.source.caution
    assert corrected.source.caution == ""


def test_a_site_without_plane_waves_refuses_that_correction():
    with pytest.raises(AdatomError, match="PtN4@graphene"):
        from_package(parse_site("PtN4@graphene"), load_network("ORR"), corrections=["plane-waves"])


def test_hydroxide_binds_more_weakly_along_the_first_row():
    """Cr to Cu, iron apart: the d band fills."""
    orr = load_network("ORR")
    values = [
        from_package(parse_site(f"{metal}N4@graphene"), orr).values_eV["*OH"]
        for metal in ("Cr", "Mn", "Co", "Ni", "Cu")
    ]
    assert values == sorted(values)


def test_the_table_of_plane_waves_starts_from_the_packaged_energies():
    folder = packaged_folder().parent
    rows = csv.DictReader(
        line for line in (folder / "plane_waves.csv").open() if not line.startswith("#")
    )
    sites = {s.label: s for s in read_folder(packaged_folder(), adsorbates=ADSORBATES)}
    for row in rows:
        site, state = sites[row["site"]], row["state"]
        electronic = formation_energy_eV(
            state, site.energies_eV[state], site.energies_eV["*"], site.gases_eV
        )
        assert float(row["orbitals_eV"]) == pytest.approx(electronic, abs=1e-4)


@pytest.mark.parametrize("name", SITES)
def test_structures_hold_the_adsorbate_on_the_metal(name):
    site = next(s for s in read_folder(packaged_folder(), adsorbates=ADSORBATES) if s.label == name)
    built = build_site(parse_site(name))
    bare = len(built)
    assert site.structures["*"].get_chemical_formula() == built.get_chemical_formula()
    for state in ADSORBATES:
        atoms = site.structures[state].copy()
        atoms.info["metals"] = list(built.info["metals"])
        atoms.info["adsorbate"] = list(range(bare, len(atoms)))
        assert classify(atoms).outcome == "adsorbed"


def test_the_files_are_the_ones_computed():
    digest = hashlib.sha256()
    for path in sorted(p for p in packaged_folder().rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(packaged_folder()).as_posix()).encode())
        digest.update(path.read_bytes())
    assert digest.hexdigest() == SHA256
