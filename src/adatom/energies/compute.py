"""Everything one site needs from an engine: the bare site, its adsorbates, and the gases.

Tasks run one process per core; each is stored the moment it is finished, so an interrupted
run resumes. An engine with a ``prerelax`` engine starts from that engine's minima: only the
distinct ones in which the adsorbate is still on the site, within ``SCREENING_WINDOW_EV``.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context

from ase import Atoms
from ase.build import molecule

from adatom.energies.engines import Engine, engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Record, Store
from adatom.errors import EngineError
from adatom.sites.adsorbates import place_adsorbate, positions_of
from adatom.sites.notation import Site
from adatom.sites.structure import build_site

GASES = ("H2", "H2O")
"""References of every adsorbate; each engine uses its own."""
GAS_BOX_A = 10.0
"""Edge of the box around a molecule, angstrom."""
SCREENING_WINDOW_EV = 0.5
"""Minima of the pre-relaxing engine higher than this above the lowest are not pursued."""
SAME_MINIMUM_EV = 0.005
"""Two relaxations bound to the same metals within this energy found one minimum."""

Progress = Callable[[int, int, Record | None], None]
"""Called with (done, total, last record)."""

Finished = tuple[Record, Atoms]


@dataclass(frozen=True)
class SiteEnergies:
    """Electronic energies of one site from one engine, lowest position of each adsorbate."""

    site: Site
    engine: Engine
    bare: Finished
    lowest: dict[str, Finished]
    """Adsorbate -> the lowest relaxation in which it stayed on the site's metals."""
    others: tuple[Record, ...]
    """Every other relaxation: higher minima, desorbed, dissociated, moved, failed."""
    gases: dict[str, Finished]
    prerelaxed: tuple[Record, ...] = ()
    """Every relaxation of the engine that chose the starting geometries, where there is one."""

    @property
    def records(self) -> tuple[Record, ...]:
        """Records of what is used: bare site, lowest states, gases."""
        used = [self.bare, *self.lowest.values(), *self.gases.values()]
        return tuple(record for record, _ in used)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of these energies must know: forces left, moments, other minima."""
        lines = []
        loose = [r for r in self.records if not r.converged]
        if loose:
            parts = ", ".join(f"{r.state} {r.max_force_eV_A:.2f}" for r in loose)
            lines.append(f"largest force left, above the limit (eV/A): {parts}")
        moments = [
            f"{r.state} {r.total_moment_bohr:.2f}"
            for r in self.records
            if r.total_moment_bohr is not None and r.state.startswith("*")
        ]
        if moments:
            lines.append(f"total magnetic moment (Bohr magnetons): {', '.join(moments)}")
        for record in self.others:
            where = f"{record.state} from {record.position}"
            if record.outcome == "adsorbed":
                above = record.energy_eV - self.lowest[record.state][0].energy_eV
                lines.append(f"{where}: {above:+.2f} eV")
            else:
                lines.append(f"{where}: {record.outcome}")
        stages = list(dict.fromkeys(r.engine for r in self.prerelaxed))
        for record in self.prerelaxed:
            after = [*stages[stages.index(record.engine) + 1 :], self.engine.name]
            pursued = {
                (r.state, r.position)
                for r in (*self.records, *self.others, *self.prerelaxed)
                if r.engine == after[0]
            }
            if (record.state, record.position) not in pursued:
                floor = min(
                    r.energy_eV
                    for r in self.prerelaxed
                    if (r.state, r.engine) == (record.state, record.engine)
                    and r.outcome == "adsorbed"
                )
                lines.append(
                    f"{record.state} from {record.position}: not pursued, {record.engine}"
                    f" {record.outcome}, {record.energy_eV - floor:+.2f} eV"
                )
        return tuple(lines)


def compute_energies(
    sites: Sequence[Site],
    *,
    engine_name: str,
    adsorbates: Sequence[str],
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[SiteEnergies]:
    """Relax bare sites, their adsorbates at every position, and the gases.

    ``workers`` defaults to one process per core. Raises
    :class:`~adatom.errors.EngineError` when the engine is missing, or when a bare site, a
    gas or every position of an adsorbate failed.
    """
    chosen = engine(engine_name)
    tasks = _first_tasks(sites, adsorbates, chosen)
    before: list[Record] = []
    for first, following in pairwise([*_prerelaxing(chosen), chosen]):
        starts = [Task(t.subject, t.state, t.position, t.atoms, first) for t in tasks]
        done = _run(starts, store, workers, progress)
        before += [done[t.key][0] for t in starts]
        tasks = _distinct_minima(starts, done, following)
    done = _run(tasks, store, workers, progress)
    return [_collect(site, adsorbates, chosen, tasks, done, before) for site in sites]


def _prerelaxing(chosen: Engine) -> list[Engine]:
    """The engines that relax a structure before ``chosen`` does, in their order."""
    chain: list[Engine] = []
    name = chosen.prerelax
    while name is not None:
        chain.insert(0, engine(name))
        name = chain[0].prerelax
    return chain


def _first_tasks(sites: Iterable[Site], adsorbates: Sequence[str], chosen: Engine) -> list[Task]:
    tasks = [Task(gas, gas, "", _gas(gas), chosen) for gas in GASES]
    for site in sites:
        bare = build_site(site)
        tasks.append(Task(str(site), "*", "", bare, chosen))
        for adsorbate in adsorbates:
            for position in positions_of(site.metals):
                atoms = place_adsorbate(bare, adsorbate, position)
                tasks.append(Task(str(site), adsorbate, position, atoms, chosen))
    return tasks


def _gas(name: str) -> Atoms:
    atoms = molecule(name)
    atoms.set_cell([GAS_BOX_A] * 3)
    atoms.center()
    return atoms


def _distinct_minima(
    starts: Sequence[Task], done: dict[str, Finished], chosen: Engine
) -> list[Task]:
    kept: list[Task] = []
    groups: dict[tuple[str, str], list[Task]] = {}
    for task in starts:
        groups.setdefault((task.subject, task.state), []).append(task)
    for group in groups.values():
        usable = [t for t in group if done[t.key][0].outcome in ("adsorbed", "relaxed")]
        # Where the pre-relaxation lost the adsorbate everywhere, start from the built geometry.
        if not usable:
            kept += [Task(t.subject, t.state, t.position, t.atoms, chosen) for t in group]
            continue
        usable.sort(key=lambda t: done[t.key][0].energy_eV)
        floor = done[usable[0].key][0].energy_eV
        seen: list[Record] = []
        for task in usable:
            record, atoms = done[task.key]
            twin = any(
                s.bound_metals == record.bound_metals
                and abs(s.energy_eV - record.energy_eV) < SAME_MINIMUM_EV
                for s in seen
            )
            if twin or record.energy_eV - floor > SCREENING_WINDOW_EV:
                continue
            seen.append(record)
            kept.append(Task(task.subject, task.state, task.position, atoms, chosen))
    return kept


def _run(
    tasks: Sequence[Task], store: Store, workers: int | None, progress: Progress | None
) -> dict[str, Finished]:
    """Finish every task, from the store where it is there; keyed by ``task.key``."""
    done: dict[str, Finished] = {}
    waiting: dict[str, Task] = {}
    for task in tasks:
        stored = store.get(task.key)
        if stored is not None:
            done[task.key] = stored
        else:
            waiting.setdefault(task.key, task)
    total = len(done) + len(waiting)
    if progress:
        progress(len(done), total, None)
    if not waiting:
        return done
    # Spawned workers, one thread each: threads of one relaxation gain nothing on 30 atoms.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    count = min(workers or os.cpu_count() or 1, len(waiting))
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        futures = {
            pool.submit(_relax_by_name, t.subject, t.state, t.position, t.atoms, t.engine.name): key
            for key, t in waiting.items()
        }
        try:
            for future in as_completed(futures):
                record, atoms = future.result()
                if record.outcome != "failed":
                    store.put(record, atoms)
                done[futures[future]] = record, atoms
                if progress:
                    progress(len(done), total, record)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return done


def _relax_by_name(
    subject: str, state: str, position: str, atoms: Atoms, engine_name: str
) -> Finished:
    return relax(Task(subject, state, position, atoms, engine(engine_name)))


def _collect(
    site: Site,
    adsorbates: Sequence[str],
    chosen: Engine,
    tasks: Sequence[Task],
    done: dict[str, Finished],
    before: Sequence[Record],
) -> SiteEnergies:
    def finished(subject: str, state: str) -> list[Finished]:
        return [done[t.key] for t in tasks if (t.subject, t.state) == (subject, state)]

    gases = {gas: _one(finished(gas, gas), f"gas {gas}", chosen) for gas in GASES}
    bare = _one(finished(str(site), "*"), f"bare site {site}", chosen)
    lowest: dict[str, Finished] = {}
    others: list[Record] = []
    for adsorbate in adsorbates:
        found = finished(str(site), adsorbate)
        usable = [f for f in found if f[0].outcome == "adsorbed"]
        if not usable:
            outcomes = ", ".join(f"{r.position} {r.outcome} {r.message}".strip() for r, _ in found)
            raise EngineError(
                f"{chosen.name}: {adsorbate} does not stay on {site} ({outcomes});"
                " give its energy in a table with --energies, or use another --engine"
            )
        best = min(usable, key=lambda f: f[0].energy_eV)
        lowest[adsorbate] = best
        others += [r for r, _ in found if r is not best[0]]
    prerelaxed = tuple(r for r in before if r.subject == str(site))
    return SiteEnergies(site, chosen, bare, lowest, tuple(others), gases, prerelaxed)


def _one(found: list[Finished], what: str, chosen: Engine) -> Finished:
    record, atoms = found[0]
    if record.outcome == "failed":
        raise EngineError(f"{chosen.name} failed on the {what}: {record.message}")
    return record, atoms
