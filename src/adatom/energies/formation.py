"""What the stability of a site needs from an engine: the site, its holes, the bulk metals.

A hole is the relaxed site without some or all of its metals, bare and with two hydrogens for
each metal gone (as in a free-base porphyrin). One engine computes everything; each calculation
is stored the moment it is finished, so an interrupted run resumes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from adatom.energies.bulk import bulk_energy
from adatom.energies.compute import SiteEnergies, compute_energies
from adatom.energies.engines import Engine, engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Record, Store
from adatom.energies.vacated import is_saturated, saturate, vacate
from adatom.energies.workers import Finished, Progress
from adatom.errors import AdatomError, EngineError
from adatom.sites.notation import Site
from adatom.sites.structure import build_site

HYDROGENS_PER_METAL = 2
"""H that replace one metal in the saturated hole: its usual oxidation state, +2."""


@dataclass(frozen=True)
class Hole:
    """A relaxed site without some of its metals."""

    removed: tuple[str, ...]
    """Metals gone, sorted."""
    hydrogens: int
    """H on the rim of the hole."""
    record: Record


@dataclass(frozen=True)
class FormationSet:
    """Electronic energies from one engine that fix the formation energy of one site."""

    energies: SiteEnergies
    holes: tuple[Hole, ...]
    """The lowest of each (removed, hydrogens); the bare hole without any metal among them."""
    bulk_eV: Mapping[str, float]
    """Bulk energy of each metal of the site, eV/atom."""
    lost: tuple[Record, ...]
    """Saturated holes whose hydrogen left the rim: not used."""


def compute_formation(
    sites: Sequence[Site],
    *,
    engine_name: str,
    adsorbates: Sequence[str],
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[FormationSet]:
    """Everything of :func:`compute_energies`, the holes, and the bulk metals.

    Raises :class:`~adatom.errors.AdatomError` for a site with more than metals in a sheet, and
    :class:`~adatom.errors.EngineError` as that function does, and when a bare hole or a
    bulk metal fails.
    """
    chosen = engine(engine_name)
    for site in sites:
        _require_metals_in_a_sheet(site)
    bulk: dict[str, float] = {}
    for metal in sorted({m for site in sites for m in site.metals}):
        record, atoms = bulk_energy(metal, chosen, store)
        bulk[metal] = record.energy_eV / len(atoms)
    results = compute_energies(
        sites, engine_name=engine_name, adsorbates=adsorbates, store=store, workers=workers,
        progress=progress,
    )  # fmt: skip
    tasks = [list(_hole_tasks(site, chosen)) for site in sites]
    total, done = sum(map(len, tasks)), 0
    found = []
    for result, own in zip(results, tasks, strict=True):
        finished: dict[tuple[tuple[str, ...], int], Record] = {}
        lost = []
        for removed, hydrogens, task in own:
            record, atoms = _finish(task, store)
            done += 1
            if progress:
                progress(done, total, record)
            kept = record.outcome == "relaxed" and is_saturated(atoms, hydrogens)
            if not kept and hydrogens == 0:
                raise EngineError(
                    f"{chosen.name} failed on {task.subject} {task.state}: {record.message}"
                )
            if not kept:
                lost.append(record)
                continue
            best = finished.setdefault((removed, hydrogens), record)
            if record.energy_eV < best.energy_eV:
                finished[removed, hydrogens] = record
        holes = tuple(Hole(*key, record) for key, record in finished.items())
        own_bulk = {m: bulk[m] for m in result.site.metals}
        found.append(FormationSet(result, holes, own_bulk, tuple(lost)))
    return found


def _require_metals_in_a_sheet(site: Site) -> None:
    """A ligand would stay behind over its hole; a cluster or slab is bound by other bonds."""
    for part in site.parts:
        extra = "slab" if part.slab else "ligand" if part.ligand else "cluster"
        if extra != "cluster" or not part.shell:
            raise AdatomError(
                f"{site}: the formation energy of a site with a {extra} is not defined here; give"
                " the site without it, or a table with your own 'formation' column (--energies)"
            )


def _hole_tasks(site: Site, chosen: Engine) -> Iterator[tuple[tuple[str, ...], int, Task]]:
    """Every way to take metals out, bare and saturated."""
    start = build_site(site)
    metals = list(start.info["metals"])
    for count in range(1, len(metals) + 1):
        for group in combinations(metals, count):
            removed = tuple(sorted(start.symbols[m] for m in group))
            for hydrogens in (0, HYDROGENS_PER_METAL * count):
                atoms = saturate(start, group, hydrogens) if hydrogens else vacate(start, group)
                if atoms is not None:
                    state = f"-{''.join(removed)}" + (f"+{hydrogens}H" if hydrogens else "")
                    yield removed, hydrogens, Task(str(site), state, "", atoms, chosen)


def _finish(task: Task, store: Store) -> Finished:
    stored = store.get(task.key)
    if stored is not None:
        return stored
    record, atoms = relax(task)
    if record.outcome != "failed":
        store.put(record, atoms)
    return record, atoms
