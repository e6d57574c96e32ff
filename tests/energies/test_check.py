"""Which energies may be subtracted: the motivating case, and every kind of difference."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from adatom.energies.adsorbed import added_atoms, fate_of
from adatom.energies.check import ALLOWABLE, check_folder
from adatom.energies.folder import read_folder
from adatom.energies.settings import CalculationSettings, differences, unknown_settings
from adatom.errors import AdatomError, EnergyTableError
from adatom.reactions import load_network
from adatom.sites.adsorbates import place_adsorbate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo.sources import ADSORBATES, from_file
from vasp_files import Run, outcar, vasprun, write_oszicar

ENERGIES = {"*": -100.0, "OH": -110.5, "O": -106.5, "OOH": -115.5, "H2": -6.0, "H2O": -14.0}


def structures(notation="FeN4@graphene"):
    bare = build_site(parse_site(notation))
    states = {s: place_adsorbate(bare, f"*{s}", "atop") for s in ("OH", "O", "OOH")}
    gases = {g: molecule(g, vacuum=5.0) for g in ("H2", "H2O")}
    return {"*": bare, **states, **gases}


def write_runs(root, runs=None, label="FeN4"):
    """A folder per state: OUTCAR, vasprun.xml and OSZICAR by turns; ``runs`` differ by state."""
    runs = runs or {}
    for i, (state, atoms) in enumerate(structures().items()):
        gas = state in ("H2", "H2O")
        folder = (root if gas else root / label) / ("clean" if state == "*" else state)
        run = runs.get(state, Run(mesh=(1, 1, 1)) if gas else Run())
        if i % 2:
            folder.mkdir(parents=True)
            (folder / "vasprun.xml").write_text(vasprun(atoms, ENERGIES[state], run))
        else:
            folder.mkdir(parents=True)
            (folder / "OUTCAR").write_text(outcar(atoms, ENERGIES[state], run))
    return root


def check(root, **options):
    (site,) = check_folder(root, adsorbates=ADSORBATES, **options)
    return site


def test_consistent_vasp_runs_become_free_energies(tmp_path):
    root = write_runs(tmp_path / "runs")
    site = check(root)
    assert site.problems == ()
    assert site.unknown == ()
    assert site.files["*"] == "FeN4/clean/OUTCAR"
    (free,) = from_file(root, load_network("ORR"))
    # 0.5, 1.5 and 3.5 eV, and the thermal terms of theory.
    assert free.values_eV == pytest.approx({"*OH": 0.85, "*O": 1.55, "*OOH": 3.9}, abs=1e-6)


MIXED = {"*": Run(u_eV=4.0)}
"""The substrate with a Hubbard U, its adsorbate states without: a published data set."""


def test_a_substrate_with_hubbard_u_and_states_without_are_not_subtracted(tmp_path):
    root = write_runs(tmp_path / "runs", MIXED)
    (problem,) = check(root).refused
    assert problem.name == "hubbard_u"
    assert problem.text == (
        "FeN4: Hubbard U Fe: 4 eV in FeN4/clean/OUTCAR; 0 eV in FeN4/O/OUTCAR,"
        " FeN4/OH/vasprun.xml, FeN4/OOH/vasprun.xml"
    )
    with pytest.raises(EnergyTableError, match="Hubbard U Fe: 4 eV in FeN4/clean/OUTCAR") as caught:
        from_file(root, load_network("ORR"))
    assert "--allow hubbard_u" in str(caught.value)
    assert str(root) in str(caught.value)


def test_the_mismatch_goes_through_only_by_its_name_and_with_a_caution(tmp_path):
    root = write_runs(tmp_path / "runs", MIXED)
    with pytest.raises(EnergyTableError):
        from_file(root, load_network("ORR"), allow=["cutoff", "functional"])
    (free,) = from_file(root, load_network("ORR"), allow=["hubbard_u"])
    assert "allowed by --allow hubbard_u" in free.source.caution
    assert "4 eV in FeN4/clean/OUTCAR" in free.source.as_dict()["caution"]
    with pytest.raises(AdatomError, match="hubbard_u"):
        check(root, allow=["hubbard"])


@pytest.mark.parametrize(
    ("name", "state", "run"),
    [
        ("functional", "OH", Run(gga="RP")),
        ("cutoff", "O", Run(cutoff=500.0)),
        ("kpoints", "OOH", Run(mesh=(5, 5, 1))),
        ("spin", "OH", Run(spin=1)),
        ("dispersion", "O", Run(ivdw=11)),
        ("charge", "OH", Run(electrons_more=1.0)),
        ("functional", "H2", Run(gga="RP", mesh=(1, 1, 1))),
        ("cutoff", "H2O", Run(cutoff=500.0, mesh=(1, 1, 1))),
        ("dispersion", "H2", Run(ivdw=12, mesh=(1, 1, 1))),
    ],
)
def test_every_difference_is_named_with_its_file(tmp_path, name, state, run):
    root = write_runs(tmp_path / "runs", {state: run})
    refused = check(root).refused
    assert [p.name for p in refused] == [name]
    assert f"{state}/" in refused[0].text
    assert check(root, allow=[name]).refused == ()


def test_k_points_and_cell_of_gases_may_differ(tmp_path):
    root = write_runs(tmp_path / "runs", {"H2": Run(mesh=(1, 1, 1)), "H2O": Run(mesh=(2, 2, 2))})
    assert check(root).problems == ()


def test_half_finished_jobs_are_all_named(tmp_path):
    runs = {"OH": Run(ended=False), "O": Run(loop=60), "H2": Run(ended=False, mesh=(1, 1, 1))}
    root = write_runs(tmp_path / "runs", runs)
    (root / "FeN4" / "OOH" / "vasprun.xml").unlink()
    site = check(root)
    text = "\n".join(p.text for p in site.refused)
    assert {p.name for p in site.refused} == {"file"}
    for part in ("OH/vasprun.xml: not a finished", "O/OUTCAR: not a finished", "NELM = 60",
                 "OOH: no calculation in it", "H2/OUTCAR: not a finished"):  # fmt: skip
        assert part in text
    assert all(p.name in ("file",) for p in check(root, allow=list(ALLOWABLE)).refused)
    with pytest.raises(EnergyTableError, match="not a finished"):
        read_folder(root, adsorbates=ADSORBATES, allow=ALLOWABLE)


def test_another_cell_is_refused_and_allowed_by_name(tmp_path):
    root = write_runs(tmp_path / "runs")
    atoms = structures()["OH"]
    atoms.cell[2, 2] = 20.0
    (root / "FeN4" / "OH" / "vasprun.xml").write_text(vasprun(atoms, -110.5))
    assert [p.name for p in check(root).refused] == ["cell"]
    assert check(root, allow=["cell"]).refused == ()


def test_composition_is_never_allowed(tmp_path):
    root = write_runs(tmp_path / "runs")
    (root / "FeN4" / "OH" / "vasprun.xml").write_text(vasprun(structures()["O"], -110.5))
    (problem,) = check(root, allow=ALLOWABLE).refused
    assert problem.name == "composition"
    assert "plus *OH" in problem.text


def test_a_setting_that_some_files_do_not_record_is_not_taken_for_equal(tmp_path):
    root = write_runs(tmp_path / "runs")
    atoms = molecule("H2", vacuum=5.0)
    atoms.calc = SinglePointCalculator(atoms, energy=-6.0)
    (root / "H2" / "OUTCAR").unlink()
    (root / "H2").rmdir()
    write(root / "H2.extxyz", atoms)
    (problem,) = check(root).refused
    assert problem.name == "unknown"
    assert "unknown in H2.extxyz" in problem.text
    assert "functional" in problem.text
    assert "kpoints" not in problem.text
    (free,) = from_file(root, load_network("ORR"), allow=["unknown"])
    assert "unknown in H2.extxyz" in free.source.caution


def test_what_no_file_records_is_said(tmp_path):
    for state, atoms in structures().items():
        atoms.calc = SinglePointCalculator(atoms, energy=ENERGIES[state])
        folder = tmp_path / "runs" / ("" if state in ("H2", "H2O") else "FeN4")
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{'clean' if state == '*' else state}.extxyz", atoms)
    site = check(tmp_path / "runs")
    assert site.problems == ()
    assert {"functional", "hubbard_u", "cutoff", "kpoints"} <= set(site.unknown)
    (free,) = from_file(tmp_path / "runs", load_network("ORR"))
    assert "not compared: code, functional, hubbard_u" in free.source.caution


def test_oszicar_runs_fit_outcar_runs_but_for_what_they_lack(tmp_path):
    root = write_runs(tmp_path / "runs")
    (root / "FeN4" / "O" / "OUTCAR").unlink()
    (root / "FeN4" / "O").rmdir()
    write_oszicar(root / "FeN4" / "O", structures()["O"], -106.5)
    (problem,) = check(root).refused
    assert problem.name == "unknown"
    assert problem.text.endswith("known in other files: pseudopotentials")


def moved(atoms, shift):
    atoms = atoms.copy()
    atoms.positions[atoms.info["adsorbate"]] += shift
    return atoms


def test_detached_and_broken_adsorbates_are_cautioned(tmp_path):
    root = write_runs(tmp_path / "runs")
    states = structures()
    away = moved(states["O"], [0.0, 0.0, 3.0])
    (root / "FeN4" / "O" / "OUTCAR").write_text(outcar(away, -106.5))
    broken = states["OOH"].copy()
    broken.positions[broken.info["adsorbate"][1:]] += [2.0, 0.0, 0.5]
    (root / "FeN4" / "OOH" / "vasprun.xml").write_text(vasprun(broken, -115.5))
    site = check(root)
    assert site.refused == ()
    assert any(
        c.startswith("*O is bonded to nothing") and "FeN4/O/OUTCAR" in c for c in site.cautions
    )
    assert any(c.startswith("*OOH has broken bonds") for c in site.cautions)
    assert not any(c.startswith("*OH ") for c in site.cautions)
    (free,) = from_file(root, load_network("ORR"))
    assert "desorbed" in free.source.caution


def test_large_forces_are_cautioned(tmp_path):
    root = write_runs(tmp_path / "runs")
    atoms = structures()["O"]
    forces = np.zeros((len(atoms), 3))
    forces[3] = [0.0, 0.3, 0.4]
    (root / "FeN4" / "O" / "OUTCAR").write_text(outcar(atoms, -106.5, forces=forces))
    assert check(root).cautions == ("largest force left, above 0.05 eV/A: *O 0.50",)


def test_added_atoms_are_found_among_the_same_element_after_a_relaxation():
    rng = np.random.default_rng(0)
    bare = build_site(parse_site("CoN4@graphene"))
    with_n = place_adsorbate(bare, "*O", "atop")
    with_n.symbols[-1] = "N"
    added = len(with_n) - 1
    order = rng.permutation(len(with_n))
    shuffled = with_n[order]
    shuffled.positions += rng.normal([0.3, 0.0, 0.0], 0.1, shuffled.positions.shape)
    assert added_atoms(shuffled, bare) == [int(np.flatnonzero(order == added)[0])]


@pytest.mark.parametrize("adsorbate", ["*H", "*O", "*OH", "*OOH"])
def test_adsorbates_on_their_metal_raise_no_word(adsorbate):
    bare = build_site(parse_site("FeCoN6@graphene"))
    for position in ("atop-1", "atop-2", "bridge"):
        atoms = place_adsorbate(bare, adsorbate, position)
        reversed_ = atoms[::-1]
        assert fate_of(adsorbate, reversed_, bare) is None


def test_values_by_element_are_compared_where_the_element_is():
    plain = CalculationSettings(hubbard_u_eV={"Fe": 0.0, "O": 0.0}, hubbard_scheme="")
    metal = replace(plain, hubbard_u_eV={"Fe": 0.0, "O": 3.0}, hubbard_scheme="Dudarev: O p")
    water = replace(plain, hubbard_u_eV={"O": 3.0}, hubbard_scheme="Dudarev: O p")
    found = differences({"a": plain, "b": metal, "w": water}, ["w"])
    assert found == [("hubbard_u", "Hubbard U O: 0 eV in a; 3 eV in b, w")]
    bare = CalculationSettings(hubbard_u_eV={"Fe": 0.0}, hubbard_scheme="")
    assert differences({"a": bare, "w": water}, ["w"]) == []


def test_orbitals_have_no_cutoff_to_miss():
    lcao = CalculationSettings(code="GPAW", basis="lcao dzp")
    waves = CalculationSettings(code="GPAW", basis="plane waves", cutoff_eV=500.0)
    by_file, nowhere = unknown_settings({"a": lcao, "b": lcao}, [])
    assert by_file == {}
    assert "cutoff" not in nowhere
    assert [n for n, _ in differences({"a": lcao, "b": waves}, [])] == ["basis"]


def test_a_folder_is_one_site_or_holds_sites_not_both(tmp_path):
    root = write_runs(tmp_path / "runs")
    (root / "clean").mkdir()
    with pytest.raises(EnergyTableError, match="its own folder"):
        check(root)


def test_the_folder_of_one_site_may_be_given_itself(tmp_path):
    root = write_runs(tmp_path / "runs")
    for gas in ("H2", "H2O"):
        (root / gas).rename(root / "FeN4" / gas)
    site = check(root / "FeN4")
    assert (site.label, site.problems) == ("FeN4", ())
