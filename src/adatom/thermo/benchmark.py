"""An engine beside reference energies: how far off, in what order, how fast, what it lost.

The errors over the reference are what the stated default standard deviation of an engine comes
from: the root of their mean square about zero, so that a bias counts in full, and of the mean
square of the reference's own standard deviation, added as squares.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import hypot, sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.energies.compute import SiteEnergies, compute_energies
from adatom.energies.engines import Engine, engine
from adatom.energies.store import Store
from adatom.energies.workers import Progress
from adatom.errors import AdatomError
from adatom.sites.notation import Site, parse_site
from adatom.sites.structure import build_site
from adatom.thermo.error_statistics import ErrorStatistics, error_statistics, outliers
from adatom.thermo.free_energies import apply_corrections, electronic_formation_energies_eV
from adatom.thermo.reference import GIVEN, ORBITALS, PLANE_WAVES, Reference, ReferenceValue
from adatom.thermo.sources import ADSORBATES, free_energies_of
from adatom.thermo.stated_errors import benchmark_command

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALL = "all"


@dataclass(frozen=True)
class Comparison:
    """One reference value and what the engine gives for it."""

    reference: ReferenceValue
    engine_eV: float | None
    """None where the engine lost the adsorbate."""
    lost: str = ""
    """What became of it then."""

    @property
    def error_eV(self) -> float:
        """Engine minus reference; NaN where the engine lost the adsorbate."""
        return float("nan") if self.engine_eV is None else self.engine_eV - self.reference.value_eV

    @property
    def name(self) -> str:
        """Site and state."""
        return f"{self.reference.site} {self.reference.state}"


@dataclass(frozen=True)
class Benchmark:
    """The errors of one engine over a reference."""

    engine: Engine
    versions: Mapping[str, str]
    reference: Reference
    comparisons: tuple[Comparison, ...]
    left_out: Mapping[str, str]
    """Site of the reference that cannot be built -> why."""
    seconds: tuple[float, ...]
    """Wall time of each relaxation of the sites, one process of one thread each."""
    outcomes: Mapping[str, int]
    """How often relaxations with an adsorbate ended adsorbed, moved, desorbed, ..."""

    @property
    def compared(self) -> tuple[Comparison, ...]:
        """Comparisons for which the engine has an energy."""
        return tuple(c for c in self.comparisons if c.engine_eV is not None)

    @property
    def lost(self) -> tuple[Comparison, ...]:
        """Comparisons for which it has none."""
        return tuple(c for c in self.comparisons if c.engine_eV is None)

    @property
    def measured(self) -> tuple[Comparison, ...]:
        """Comparisons that the stated standard deviation rests on: the best kind there is."""
        kinds = {c.reference.kind for c in self.compared}
        best = next((k for k in (PLANE_WAVES, GIVEN, ORBITALS) if k in kinds), "")
        return tuple(c for c in self.compared if c.reference.kind == best)

    @cached_property
    def statistics(self) -> dict[tuple[str, str], ErrorStatistics]:
        """(Kind of reference, adsorbate or ``all``) -> statistics of the errors."""
        found = {}
        for kind in (PLANE_WAVES, GIVEN, ORBITALS):
            chosen = [c for c in self.compared if c.reference.kind == kind]
            states = [s for s in ADSORBATES if any(c.reference.state == s for c in chosen)]
            for state in [*states, ALL] if chosen else []:
                found[kind, state] = _statistics(
                    [c for c in chosen if state in (ALL, c.reference.state)]
                )
        return found

    @property
    def overall(self) -> ErrorStatistics:
        """Statistics of what the stated standard deviation rests on."""
        return self.statistics[self.measured[0].reference.kind, ALL]

    @property
    def reference_sd_eV(self) -> float:
        """Root mean square of the reference's own standard deviations."""
        return sqrt(float(np.mean([c.reference.sd_eV**2 for c in self.measured])))

    @property
    def stated_sd_eV(self) -> float:
        """Standard deviation to state for the engine: its rms error and that of the reference."""
        return round(hypot(self.overall.rms_eV, self.reference_sd_eV), 2)

    @property
    def outliers(self) -> tuple[Comparison, ...]:
        """Comparisons far from the others, the worst first."""
        errors = np.array([c.error_eV for c in self.measured])
        return tuple(self.measured[i] for i in outliers(errors))

    @property
    def largest(self) -> Comparison:
        """The comparison with the largest error."""
        return max(self.measured, key=lambda c: abs(c.error_eV))

    @property
    def covered(self) -> int:
        """How many of the measured errors lie within 1.96 stated standard deviations."""
        return sum(abs(c.error_eV) <= 1.96 * self.stated_sd_eV for c in self.measured)

    @property
    def command(self) -> str:
        """The command that gives this result."""
        given = f" --energies {self.reference.source}" if self.reference.source else ""
        return benchmark_command(self.engine.name) + given

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; energies in eV."""
        return {
            "engine": self.engine.name,
            "description": self.engine.description,
            "command": self.command,
            "versions": dict(self.versions),
            "settings": dict(self.engine.settings),
            "reference": self.reference.description,
            "stated_sd_eV": self.stated_sd_eV,
            "reference_sd_eV": self.reference_sd_eV,
            "values_measured": len(self.measured),
            "values_within_1_96_stated_sd": self.covered,
            "median_relaxation_s": round(median(self.seconds), 1) if self.seconds else None,
            "relaxations": len(self.seconds),
            "outcomes": dict(self.outcomes),
            "statistics": [
                {"reference": kind, "state": state, **asdict(found)}
                for (kind, state), found in self.statistics.items()
            ],
            "outlier_errors_eV": {c.name: round(c.error_eV, 4) for c in self.outliers},
            "largest_error_eV": {self.largest.name: round(self.largest.error_eV, 4)},
            "lost": {c.name: c.lost for c in self.lost},
            "left_out": dict(self.left_out),
            "values": [
                {
                    "site": c.reference.site,
                    "state": c.reference.state,
                    "reference": c.reference.kind,
                    "reference_eV": round(c.reference.value_eV, 4),
                    "engine_eV": None if c.engine_eV is None else round(c.engine_eV, 4),
                }
                for c in self.comparisons
            ],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw engine against reference; returns the axes."""
        from adatom.plot.parity import plot_benchmark

        return plot_benchmark(self, ax)


def benchmark(
    engine_name: str | Engine,
    reference: Reference,
    *,
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Benchmark:
    """Compare an engine with a reference.

    Relaxations come from ``store`` where they are there. An engine that computed the reference
    itself, with the same settings, is not run again; nor is one of single points at the geometries
    from which the reference was relaxed: those energies are on record. Raises
    :class:`~adatom.errors.AdatomError` if no site of the reference can be built, or the engine
    gives no energy at all.
    """
    chosen = engine(engine_name) if isinstance(engine_name, str) else engine_name
    if _computed(reference, chosen):
        return _from_finished(reference, chosen)
    if _computed_unrelaxed(reference, chosen):
        return _from_unrelaxed(reference, chosen)
    sites, left_out = _buildable(reference)
    states = [s for s in ADSORBATES if any(v.state == s for v in reference.values)]
    results = compute_energies(
        list(sites.values()), engine_name=chosen, adsorbates=states, store=store,
        workers=workers, progress=progress,
    )  # fmt: skip
    found = dict(zip(sites, results, strict=True))
    energies = {
        (label, state): value
        for label, result in found.items()
        for state, value in apply_corrections(electronic_formation_energies_eV(result)).items()
    }
    comparisons = tuple(
        Comparison(v, energies.get((v.site, v.state)), found[v.site].lost.get(v.state, ""))
        for v in reference.values
        if v.site in found
    )
    _require_some(comparisons, chosen)
    records = [r for result in results for r in _own(result)]
    return Benchmark(
        engine=chosen,
        versions=chosen.versions,
        reference=reference,
        comparisons=comparisons,
        left_out=left_out,
        seconds=tuple(r.seconds for r in records),
        outcomes=Counter(r.outcome for r in records if r.state != "*"),
    )


def _own(result: SiteEnergies) -> list[Any]:
    """Every relaxation of a site itself, without the gases."""
    return [r for r, _ in (result.bare, *result.lowest.values(), *result.others)]


def _computed(reference: Reference, chosen: Engine) -> bool:
    return bool(reference.finished) and all(
        site.calculation.engine == chosen.name
        and dict(site.calculation.settings) == dict(chosen.settings)
        for site in reference.finished
    )


def _from_finished(reference: Reference, chosen: Engine) -> Benchmark:
    """The engine's own energies from the folder that it computed, beside plane waves."""
    comparisons = tuple(
        Comparison(v, v.orbitals_eV) for v in reference.values if v.kind == PLANE_WAVES
    )
    if not comparisons:
        raise AdatomError(
            f"{chosen.name} computed {reference.description} itself, with the same settings;"
            " compare another engine"
        )
    return Benchmark(
        engine=chosen,
        versions=dict(reference.finished[0].calculation.versions),
        reference=reference,
        comparisons=comparisons,
        left_out={},
        seconds=tuple(seconds for _, _, seconds in reference.relaxations),
        outcomes=Counter(outcome for state, outcome, _ in reference.relaxations if state != "*"),
    )


def _computed_unrelaxed(reference: Reference, chosen: Engine) -> bool:
    return bool(reference.unrelaxed_eV) and all(
        chosen.max_steps == 0
        and chosen.prerelax == engine(site.calculation.engine).prerelax
        and dict(site.calculation.settings) == dict(chosen.settings)
        for site in reference.finished
    )


def _from_unrelaxed(reference: Reference, chosen: Engine) -> Benchmark:
    """The energies of the reference's own calculation before any step, beside the reference."""
    energies: dict[tuple[str, str], float] = {}
    for site in reference.finished:
        found = reference.unrelaxed_eV[site.label]
        point = replace(
            site,
            energies_eV={state: found[state] for state in site.energies_eV},
            gases_eV={gas: found[gas] for gas in site.gases_eV},
        )
        free = free_energies_of(point, "packaged", "", required=(), optional=ADSORBATES)
        energies |= {(site.label, state): value for state, value in free.values_eV.items()}
    return Benchmark(
        engine=chosen,
        versions=dict(reference.finished[0].calculation.versions),
        reference=reference,
        comparisons=tuple(Comparison(v, energies[v.site, v.state]) for v in reference.values),
        left_out={},
        seconds=(),
        outcomes={},
    )


def _buildable(reference: Reference) -> tuple[dict[str, Site], dict[str, str]]:
    sites: dict[str, Site] = {}
    left_out: dict[str, str] = {}
    for label in dict.fromkeys(v.site for v in reference.values):
        try:
            site = parse_site(label)
            build_site(site)
        except AdatomError as error:
            left_out[label] = str(error)
        else:
            sites[label] = site
    if not sites:
        label, reason = next(iter(left_out.items()))
        raise AdatomError(
            f"{reference.description}: no site can be built; the first, '{label}': {reason};"
            " name sites such as FeN4@graphene"
        )
    return sites, left_out


def _require_some(comparisons: Sequence[Comparison], chosen: Engine) -> None:
    if all(c.engine_eV is None for c in comparisons):
        first = comparisons[0]
        raise AdatomError(
            f"{chosen.name} gives no energy for any of {len(comparisons)} values; the first:"
            f" {first.name} {first.lost}"
        )


def _statistics(comparisons: Sequence[Comparison]) -> ErrorStatistics:
    return error_statistics(
        [c.reference.site for c in comparisons],
        [c.reference.state for c in comparisons],
        np.array([c.reference.value_eV for c in comparisons]),
        np.array([c.engine_eV for c in comparisons], dtype=float),
    )
