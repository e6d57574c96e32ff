"""Everything one site needs from an engine: the bare site, its adsorbates, and the gases.

An adsorbate that no relaxation kept on its site is named in the result of that site; the other
sites do not suffer from it. An engine with a ``prerelax`` engine starts from that engine's
minima: for each way of binding (which metals, which atoms of the adsorbate) the lowest, within
its ``window_eV`` of the lowest of all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ase import Atoms
from ase.build import molecule

from adatom.energies.engines import Engine, engine
from adatom.energies.relax import Task
from adatom.energies.store import Record, Store
from adatom.energies.workers import Finished, Progress, run_tasks
from adatom.errors import EngineError
from adatom.sites.adsorbates import classify, dioxygen_character, starting_geometries
from adatom.sites.notation import Site
from adatom.sites.structure import build_site

GASES = ("H2", "H2O")
"""References of every adsorbate; each engine uses its own."""
GAS_BOX_A = 10.0
"""Edge of the box around a molecule, angstrom."""


@dataclass(frozen=True)
class SiteEnergies:
    """Electronic energies of one site from one engine, lowest position of each adsorbate."""

    site: Site
    engine: Engine
    bare: Finished
    """The bare site; its record says ``failed`` where the engine did."""
    lowest: dict[str, Finished]
    """Adsorbate -> the lowest relaxation in which it stayed on the site's metals."""
    others: tuple[Finished, ...]
    """Every other relaxation: higher minima, desorbed, dissociated, moved, failed."""
    gases: dict[str, Finished]
    prerelaxed: tuple[Record, ...] = ()
    """Every relaxation of the engine that chose the starting geometries, where there is one."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Adsorbate that has no energy -> why: desorbed, dissociated, moved or failed, and where."""

    def require(self, adsorbates: Sequence[str]) -> None:
        """Raise :class:`~adatom.errors.EngineError` if one of ``adsorbates`` is lost."""
        missing = [f"{a} {self.lost[a]}" for a in adsorbates if a in self.lost]
        if missing:
            raise EngineError(
                f"{self.engine.name} gives no energy for {self.site}: {'; '.join(missing)}; give"
                " it in a table with --energies, or use another --engine"
            )

    def finished(self, adsorbate: str) -> tuple[Finished, ...]:
        """Every relaxation of one adsorbate, the lowest that stayed on the site first."""
        kept = (self.lowest[adsorbate],) if adsorbate in self.lowest else ()
        return (*kept, *(o for o in self.others if o[0].state == adsorbate))

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
        for record in self.records:
            if record.events:
                lines.append(f"{record.state}: {'; '.join(record.events)}")
        if "*O2" in self.lowest:
            lines.append(f"*O2 is {dioxygen_character(self.lowest['*O2'][1])}")
        for record, _ in self.others:
            where = f"{record.state} from {record.position}"
            if record.outcome == "adsorbed" and record.state in self.lowest:
                above = record.energy_eV - self.lowest[record.state][0].energy_eV
                lines.append(f"{where}: {above:+.2f} eV")
            else:
                lines.append(f"{where}: {record.outcome}")
        stages = list(dict.fromkeys(r.engine for r in self.prerelaxed))
        for record in self.prerelaxed:
            after = [*stages[stages.index(record.engine) + 1 :], self.engine.name]
            pursued = {
                (r.state, r.position)
                for r in (*self.records, *(o for o, _ in self.others), *self.prerelaxed)
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
    engine_name: str | Engine,
    adsorbates: Sequence[str],
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[SiteEnergies]:
    """Relax bare sites, their adsorbates at every position, and the gases.

    Returns one result a site, in order; what a site lost stands in its ``lost``.
    ``engine_name`` may be an :class:`~adatom.energies.engines.Engine` of one's own; its
    ``calculator`` must then be a function that worker processes can import. ``workers`` defaults
    to one process per core. Raises :class:`~adatom.errors.EngineError` when the engine is
    missing or fails on a gas, which every site needs.
    """
    chosen = engine(engine_name) if isinstance(engine_name, str) else engine_name
    tasks = _first_tasks(sites, adsorbates, chosen)
    before: list[Record] = []
    for first, following in pairwise([*_prerelaxing(chosen), chosen]):
        starts = [Task(t.subject, t.state, t.position, t.atoms, first) for t in tasks]
        done = run_tasks(starts, store, workers, progress)
        before += [done[t.key][0] for t in starts]
        tasks = _distinct_minima(starts, done, following)
    done = run_tasks(tasks, store, workers, progress)
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
            for position, atoms in starting_geometries(bare, adsorbate):
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
        seen: list[object] = []
        for task in usable:
            record, atoms = done[task.key]
            binding = classify(atoms) if "adsorbate" in atoms.info else None
            if binding in seen or record.energy_eV - floor > chosen.window_eV:
                continue
            seen.append(binding)
            kept.append(Task(task.subject, task.state, task.position, atoms, chosen))
    return kept


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

    gases = {gas: finished(gas, gas)[0] for gas in GASES}
    for gas, (record, _) in gases.items():
        if record.outcome == "failed":
            raise EngineError(f"{chosen.name} failed on the gas {gas}: {record.message}")
    bare = finished(str(site), "*")[0]
    lowest: dict[str, Finished] = {}
    lost: dict[str, str] = {}
    others: list[Finished] = []
    for adsorbate in adsorbates:
        found = finished(str(site), adsorbate)
        usable = [f for f in found if f[0].outcome == "adsorbed"]
        best = min(usable, key=lambda f: f[0].energy_eV) if usable else None
        others += [f for f in found if f is not best]
        if bare[0].outcome == "failed":
            lost[adsorbate] = f"(the bare site failed: {bare[0].message})"
        elif best is None:
            became = ", ".join(f"{r.position} {r.outcome} {r.message}".strip() for r, _ in found)
            lost[adsorbate] = f"does not stay ({became})"
        else:
            lowest[adsorbate] = best
    prerelaxed = tuple(r for r in before if r.subject == str(site))
    return SiteEnergies(site, chosen, bare, lowest, tuple(others), gases, prerelaxed, lost)
