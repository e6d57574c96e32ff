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
from adatom.thermo.packaged import (
    packaged_folder,
    packaged_points_folder,
    packaged_sites,
    plane_wave_differences_eV,
)
from adatom.thermo.sources import ADSORBATES
from adatom.thermo.stated_errors import engine_sd_eV

METALS = ("Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ru", "Rh", "Pd", "Ir", "Pt")
SITES = [f"{metal}N4@graphene" for metal in METALS] + ["FeCoN6@graphene"]
PAIRS = [
    f"{pair}N6@graphene"
    for pair in (
        "CrFe", "FeMn", "Fe2", "FeNi", "FeCu", "FeZn", "MnCo", "Co2", "CoNi", "CoCu", "CoZn",
        "Ni2", "NiCu", "Cu2",
    )
]  # fmt: skip
"""Single points; with FeCoN6, which is relaxed, fifteen pairs."""
SHA256 = {
    packaged_folder(): "daacb269b50abfad625df4e7581173b064be71c35135375c8f297be2e7598345",
    packaged_points_folder(): "6aa7aac50d32d789d68d306f2237217476fe8ae14c20fc8f343d86cb4edbf9da",
}
FOLDERS = pytest.mark.parametrize("folder", SHA256, ids=lambda folder: folder.name)


def records(folder):
    return json.loads((folder / CALCULATION_FILE).read_text())["records"]


def site_of(name):
    folder = packaged_sites()[parse_site(name).key].parent
    return next(s for s in read_folder(folder, adsorbates=ADSORBATES) if s.label == name)


def test_the_packaged_sites_are_the_ones_named():
    assert sorted(home.name for home in packaged_sites().values()) == sorted(SITES + PAIRS)
    assert {home.name for home in packaged_points_folder().glob("*N*")} == set(PAIRS)


@FOLDERS
def test_every_site_has_all_four_adsorbates(folder):
    for site in read_folder(folder, adsorbates=ADSORBATES):
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
def test_the_lowest_position_is_kept_and_every_spin_state_recorded(name):
    site = site_of(name)
    for state in ADSORBATES:
        tried = [
            r
            for r in records(packaged_folder())[name]
            if (r["engine"], r["state"], r["outcome"]) == ("gpaw", state, "adsorbed")
        ]
        assert site.energies_eV[state] == pytest.approx(min(r["energy_eV"] for r in tried))
        for record in tried:
            assert record["steps"] >= 5 or record["converged"]
            # Copper has one hole in its d shell at most: high and low spin start alike.
            assert len(record["spin_trials"]) >= (1 if name.startswith("Cu") else 2)
            assert record["energy_eV"] < min(e for _, _, e in record["spin_trials"]) + 1e-6


@pytest.mark.parametrize("name", PAIRS)
def test_points_are_taken_on_the_lowest_geometry_and_every_spin_state_recorded(name):
    site = site_of(name)
    known = records(packaged_points_folder())[name]
    for state in ("*", *ADSORBATES):
        (point,) = [r for r in known if (r["engine"], r["state"]) == ("gpaw-point", state)]
        started = [r for r in known if (r["engine"], r["state"]) == ("chgnet", state)]
        kept = [r for r in started if r["outcome"] in ("relaxed", "adsorbed")]
        assert point["position"] == min(kept, key=lambda r: r["energy_eV"])["position"]
        assert point["steps"] == 0
        assert len(point["spin_trials"]) >= 2
        assert point["energy_eV"] == min(e for _, _, e in point["spin_trials"])
        assert site.energies_eV[state] == point["energy_eV"]


@FOLDERS
def test_the_table_beside_them_says_the_same(folder):
    orr = load_network("ORR")
    rows = from_file(folder / "free_energies.csv", orr)
    assert [row.label for row in rows] == (SITES if folder == packaged_folder() else PAIRS)
    for row in rows:
        packaged = from_package(parse_site(row.label), orr)
        assert row.values_eV == pytest.approx(packaged.values_eV, abs=1e-4)
        assert row.sd_eV == packaged.sd_eV


def test_points_say_that_they_are_not_relaxed_and_have_the_error_of_their_own_benchmark():
    orr = load_network("ORR")
    point = from_package(parse_site("CuFeN6@graphene"), orr)
    assert "not relaxed" in point.source.caution
    assert set(point.sd_eV.values()) == {engine_sd_eV("gpaw-point")[0]}
    assert "not relaxed" not in from_package(parse_site("FeCoN6@graphene"), orr).source.caution
    # The same files as a folder of one's own say the same.
    assert all("not relaxed" in s.source.caution for s in from_file(packaged_points_folder(), orr))


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


@pytest.mark.parametrize("name", SITES + PAIRS)
def test_structures_hold_the_adsorbate_on_the_metal(name):
    site = site_of(name)
    built = build_site(parse_site(name))
    bare = len(built)
    assert site.structures["*"].get_chemical_formula() == built.get_chemical_formula()
    for state in ADSORBATES:
        atoms = site.structures[state].copy()
        atoms.info["metals"] = list(built.info["metals"])
        atoms.info["adsorbate"] = list(range(bare, len(atoms)))
        assert classify(atoms).outcome == "adsorbed"


@FOLDERS
def test_the_files_are_the_ones_computed(folder):
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(folder).as_posix()).encode())
        digest.update(path.read_bytes())
    assert digest.hexdigest() == SHA256[folder]
