"""How far the engines' formation energies of a metal on its site are from plane waves.

Plane-wave (500 eV) single points of the packaged bare sites (from the database of
basis_error.py), of their holes (metal removed, relaxed with chgnet) and of the bulk metals
(8 k-points a reciprocal lattice vector, measured lattice constants); PBE throughout.

    python validation/formation_energies.py --database pw.db [--engines chgnet diep]
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import Atoms
from basis_error import CUTOFF_EV, plane_waves, tasks

from adatom.energies.bulk import bulk_energy, bulk_metal
from adatom.energies.engines import Engine, engine
from adatom.energies.formation import compute_formation
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store
from adatom.energies.vacated import vacate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo.packaged import packaged_folder

SITES = ("FeN4@graphene", "CoN4@graphene", "NiN4@graphene")
MOMENT = {"Fe": 2.3, "Co": 1.7, "Ni": 0.7}
K_POINTS = 8


def _stored(start: Task, store: Store) -> float:
    done = store.get(start.key)
    if done is None:
        record, atoms = relax(start)
        print(record.subject, record.state, record.outcome, record.energy_eV, record.seconds,
              record.total_moment_bohr, record.message, flush=True)  # fmt: skip
        store.put(record, atoms)
        done = record, atoms
    return done[0].energy_eV


def _bulk_engine() -> Engine:
    sheet = plane_waves()

    def calculator(atoms: Atoms):
        from gpaw import GPAW, PW, FermiDirac

        return GPAW(mode=PW(CUTOFF_EV), xc="PBE", kpts=(K_POINTS,) * 3, spinpol=True, txt=None,
                    occupations=FermiDirac(0.10))  # fmt: skip

    settings = {**sheet.settings, "kpts": [K_POINTS] * 3}
    return replace(sheet, settings=settings, calculator=calculator)


def _bulk_pw(metal: str, store: Store) -> float:
    atoms = bulk_metal(metal)
    atoms.set_initial_magnetic_moments([MOMENT[metal]] * len(atoms))
    return _stored(Task(metal, "bulk", "", atoms, _bulk_engine()), store) / len(atoms)


def _hole_pw(hole: Atoms, store: Store) -> float:
    """From two unpaired electrons on the nitrogen rim, which may pair."""
    nitrogen = [i for i, s in enumerate(hole.symbols) if s == "N"]
    moments = np.zeros(len(hole))
    moments[nitrogen] = 2.0 / len(nitrogen)
    start = hole.copy()
    start.set_initial_magnetic_moments(moments)
    return _stored(Task("N4 hole", "empty", "", start, plane_waves()), store)


def main() -> None:
    """Compute what is missing, then print one row a site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--engines", nargs="+", default=["chgnet", "diep"])
    given = parser.parse_args()
    store = Store(given.database)
    bare = {
        starts[0].subject: done[0].energy_eV
        for starts in tasks(
            packaged_folder(), sorted(p.name for p in packaged_folder().iterdir() if p.is_dir())
        )
        if starts[0].state == "*" and (done := store.get(starts[0].key))
    }
    built = build_site(parse_site(SITES[0]))
    chgnet = engine("chgnet")
    hole_task = Task(SITES[0], "-Fe", "", vacate(built, built.info["metals"]), chgnet)
    _, hole = store.get(hole_task.key) or relax(hole_task)
    hole_eV = _hole_pw(hole, store)
    bulk = {site: _bulk_pw(parse_site(site).metals[0], store) for site in SITES}
    columns = {"plane waves": {s: bare[s] - hole_eV - bulk[s] for s in SITES}}
    for name in given.engines:
        own = engine(name)
        columns[name] = {}
        for found in compute_formation(
            [parse_site(s) for s in SITES], engine_name=name, adsorbates=(), store=store, workers=1
        ):
            site = str(found.energies.site)
            (empty,) = (h for h in found.holes if h.hydrogens == 0)
            record, atoms = bulk_energy(parse_site(site).metals[0], own, store)
            columns[name][site] = (
                found.energies.bare[0].energy_eV - empty.record.energy_eV
                - record.energy_eV / len(atoms)
            )  # fmt: skip
    print(f"| formation energy / eV | {' | '.join(columns)} |\n|---" + "|---" * len(columns) + "|")
    for site in SITES:
        print(f"| {site} | " + " | ".join(f"{c[site]:.2f}" for c in columns.values()) + " |")
    for name in given.engines:
        errors = np.array([columns[name][s] - columns["plane waves"][s] for s in SITES])
        print(f"{name}: mean {errors.mean():+.2f}, rms {np.sqrt((errors**2).mean()):.2f} eV")


if __name__ == "__main__":
    main()
