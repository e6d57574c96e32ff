"""Site, holes and bulk metals of one engine together: the subtraction, and resumption."""

import pytest
from ase.build import molecule
from ase.calculators.emt import EMT
from test_compute import toy_engine

from adatom.energies import formation
from adatom.energies.bulk import bulk_energy
from adatom.energies.compute import SiteEnergies
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store
from adatom.energies.vacated import vacate
from adatom.errors import AdatomError
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo.formation_sources import formations_from_engine
from adatom.thermo.formation_states import RIM_H_THERMAL_EV

CALLS = []


def counted(_):
    CALLS.append(1)
    return EMT()


TOY = toy_engine(counted, name="chgnet", description="toy", max_steps=2)


def sites_only(sites, *, store, **_):
    """Bare sites and H2, in this process (the real one starts workers by the engine's name)."""
    gas = {"H2": relax(Task("H2", "H2", "", molecule("H2"), TOY))}
    return [
        SiteEnergies(
            s, TOY, relax(Task(str(s), "*", "", build_site(s), TOY)), {}, (), gas
        )
        for s in sites
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setattr(formation, "engine", lambda name: TOY)
    monkeypatch.setattr(formation, "compute_energies", sites_only)


def test_the_formation_energy_is_site_minus_hole_minus_bulk(tmp_path):
    site = parse_site("NiN4@graphene")
    store = Store(tmp_path / "f.db")
    (found,) = formations_from_engine([site], engine_name="chgnet", store=store)
    built = build_site(site)
    whole = relax(Task("x", "*", "", built, TOY))[0].energy_eV
    hole = relax(Task("x", "-Ni", "", vacate(built, built.info["metals"]), TOY))[0].energy_eV
    record, metal = bulk_energy("Ni", TOY, Store(tmp_path / "other.db"))
    by_hand = whole - hole - record.energy_eV / len(metal)
    assert found.formation_eV == pytest.approx(by_hand, abs=1e-6)
    assert found.state("empty").free_energy_eV == 0.0
    assert "poorly known" in found.source.caution


def test_a_pair_has_every_hole_on_the_same_reference(tmp_path):
    store = Store(tmp_path / "f.db")
    (found,) = formations_from_engine(
        [parse_site("NiCuN6@graphene")], engine_name="chgnet", store=store
    )
    records = {h.state: h for h in _records(store)}
    empty = records["-CuNi"].energy_eV
    alone = records["-Cu"].energy_eV - empty - found.bulk_eV["Ni"]
    assert found.state("without Cu").free_energy_eV == pytest.approx(alone)
    assert found.state("without Cu").lost == ("Cu",)
    saturated = found.state("empty, 4 H")
    hydrogen = relax(Task("H2", "H2", "", molecule("H2"), TOY))[0].energy_eV
    expected = records["-CuNi+4H"].energy_eV - empty - 2 * hydrogen
    assert saturated.free_energy_eV == pytest.approx(expected + 4 * RIM_H_THERMAL_EV)
    assert saturated.electrons == -4


def test_a_second_run_computes_no_hole_and_no_bulk_metal_again(tmp_path):
    store, site = Store(tmp_path / "f.db"), parse_site("NiN4@graphene")
    formations_from_engine([site], engine_name="chgnet", store=store)
    CALLS.clear()
    formations_from_engine([site], engine_name="chgnet", store=store)
    assert len(CALLS) == 2  # the bare site and H2 of the stand-in above, which keeps no store


def _records(store):
    import ase.db

    for row in ase.db.connect(str(store.path)).select():
        record, _ = store.get(row.calculation[1:])
        yield record


@pytest.mark.parametrize(
    ("site", "extra"),
    [("FeN4+Ni(slab)@graphene", "slab"), ("FeN4+Fe4@graphene", "cluster"),
     ("FeN4-OH@graphene", "ligand")],
)  # fmt: skip
def test_more_than_metals_in_a_sheet_is_refused_before_any_work(site, extra, tmp_path):
    before = len(CALLS)
    with pytest.raises(AdatomError, match=f"a {extra} is not defined"):
        formations_from_engine(
            [parse_site(site)], engine_name="chgnet", store=Store(tmp_path / "f.db")
        )
    assert len(CALLS) == before
