"""How far double-zeta orbitals are from plane waves: the packaged set's main error, measured.

Single points with plane waves at the packaged geometries, same functional, k-point and smearing;
formation energies of the adsorbates from both. Resumes from its database; about ten minutes a
state on one core.

    python validation/basis_error.py --database pw.db [--sites FeN4@graphene] [--workers 2]
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from ase.io import read

from adatom.energies.compute import GASES
from adatom.energies.engines import Engine, engine, initial_moments
from adatom.energies.folder import CALCULATION_FILE, read_folder
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store
from adatom.thermo.free_energies import formation_energy_eV
from adatom.thermo.packaged import packaged_folder
from adatom.thermo.sources import ADSORBATES

NEON = 10
"""Heavier elements are the metals of a site."""


def plane_waves() -> Engine:
    """Engine ``gpaw-pw`` with moments as given, on geometries as given."""
    chosen = engine("gpaw-pw")
    settings = {k: v for k, v in chosen.settings.items() if k != "initial_moments"}
    return replace(chosen, settings=settings, spin_resolved=False, prerelax=None)


def _lowest(starts: list[Task]):
    """Single points from every start of one state; the lowest (a failed one counts as highest)."""
    done = [relax(start) for start in starts]
    return min(done, key=lambda d: (d[0].outcome == "failed", d[0].energy_eV))


def tasks(folder: Path, wanted: list[str]) -> list[list[Task]]:
    """Packaged geometries, each state with the initial moments to try.

    Every state starts from the moment that it had with orbitals; a bare site, on which a whole
    column of differences rests, also from Hund's moments (Co-N4 is 0.21 eV lower from there).
    """
    chosen = plane_waves()
    found = [[Task(gas, gas, "", read(folder / f"{gas}.extxyz"), chosen)] for gas in GASES]
    content = json.loads((folder / CALCULATION_FILE).read_text())
    sites = [s for s in read_folder(folder, adsorbates=ADSORBATES) if s.label in wanted]
    for site in sites:
        # Higher minima come after the states that are used.
        records = {r["state"]: r for r in reversed(content["records"][site.label])}
        for state, atoms in site.structures.items():
            heavy = [i for i, n in enumerate(atoms.numbers) if n > NEON]
            atoms.info["metals"] = heavy
            shared = [0.0] * len(atoms)
            for i in heavy:
                shared[i] = max(1.0, records[state]["total_moment_bohr"] or 0.0) / len(heavy)
            moments = [shared, initial_moments(atoms)[0]] if state == "*" else [shared]
            starts = []
            for values in moments:
                start = atoms.copy()
                start.set_initial_magnetic_moments(values)
                starts.append(Task(site.label, state, "", start, chosen))
            found.append(starts)
    return found


def main() -> None:
    """Compute what is missing, then print both sets of formation energies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=packaged_folder())
    parser.add_argument(
        "--sites",
        nargs="+",
        default=sorted(p.name for p in packaged_folder().iterdir() if p.is_dir()),
    )
    parser.add_argument("--table", type=Path, help="write formation energies as CSV")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    store, todo = Store(given.database), tasks(given.folder, given.sites)
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        missing = [starts for starts in todo if store.get(starts[0].key) is None]
        waiting = [pool.submit(_lowest, starts) for starts in missing]
        for future in waiting:
            record, atoms = future.result()
            print(record.subject, record.state, record.outcome, record.energy_eV, record.seconds,
                  record.total_moment_bohr, record.message, flush=True)  # fmt: skip
            if record.outcome != "failed":
                store.put(record, atoms)
    energy = {
        (starts[0].subject, starts[0].state): done[0].energy_eV
        for starts in todo
        if (done := store.get(starts[0].key))
    }
    gases = {gas: energy[gas, gas] for gas in GASES}
    print(
        "| site | state | orbitals / eV | plane waves / eV | difference / eV |\n"
        "|---|---|---|---|---|"
    )
    rows = [
        "# electronic formation energies vs H2O and H2, eV: packaged double-zeta orbitals, and",
        "# plane waves of 500 eV at the same geometries (validation/basis_error.py)",
        "site,state,orbitals_eV,plane_waves_eV",
    ]
    for site in read_folder(given.folder, adsorbates=ADSORBATES):
        for state in ADSORBATES:
            if (site.label, state) not in energy:
                continue
            lcao = formation_energy_eV(
                state, site.energies_eV[state], site.energies_eV["*"], site.gases_eV
            )
            pw = formation_energy_eV(
                state, energy[site.label, state], energy[site.label, "*"], gases
            )
            rows.append(f"{site.label},{state},{lcao:.4f},{pw:.4f}")
            print(f"| {site.label} | {state} | {lcao:.2f} | {pw:.2f} | {lcao - pw:+.2f} |")
    if given.table is not None:
        given.table.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
