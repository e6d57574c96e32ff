"""Accelerated durability from raw sweeps: before and after cycles, each change with its interval.

All sweeps of a test share the draws of area, reference, resistance and collection efficiency, so
that an error of these moves them together and cancels from shifts and ratios; noise, background,
plateau and window are drawn for each anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.electrochem import kinetic
from adatom.electrochem.analysis import Analysis, SweepAnalysis
from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.draws import drawn_figure
from adatom.electrochem.driven_sweep import NEIGHBOURHOOD_V
from adatom.electrochem.durability import DurabilityResult, durability
from adatom.electrochem.kinetic_sweep import LEVELS_MA_CM2, KineticSweep
from adatom.electrochem.limited import HALF, PLATEAU, TAFEL
from adatom.electrochem.limited_sweep import kinetic_draws
from adatom.electrochem.local_fits import current_at, first_crossing
from adatom.electrochem.one_sweep import one_sweep
from adatom.errors import CurveError
from adatom.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARED = (
    "errors of area, reference, resistance and collection efficiency are taken to be the same for"
    " all files and cancel from changes; a reference, resistance or film that changed in between"
    " is part of the change"
)
MOST_SHARED = 0.98
"""Of the smallest variance of a point: what sweeps share leaves each some noise of its own."""


@dataclass(frozen=True)
class AgedSweep:
    """One sweep of the test."""

    at: float
    """Cycles (or hours) before it."""
    sweep: MeasuredSweep
    main: FigureOfMerit
    """E_half, or E at 10 mA/cm2 where diffusion does not limit."""
    changes: Mapping[str, FigureOfMerit]
    """Since the first sweep, by name; empty for it."""
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Aging:
    """What a test of durability did to a catalyst."""

    axis: str
    """``cycles`` or ``hours``."""
    states: tuple[AgedSweep, ...]
    trend: DurabilityResult
    """Of the main figure over all states."""
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "axis": self.axis,
            "states": [
                {
                    self.axis: state.at,
                    "file": str(state.sweep.source),
                    "sweep": state.sweep.label,
                    "corrections": [c.description for c in state.sweep.corrections],
                    self.trend.name: state.main.as_dict(),
                    "changes": {name: f.as_dict() for name, f in state.changes.items()},
                    "flags": list(state.flags),
                }
                for state in self.states
            ],
            "trend": self.trend.as_dict(),
            "notes": list(self.notes),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the sweeps, and beside them the figure over the test; returns the first axes."""
        from adatom.plot.aging import plot_aging

        return plot_aging(self, ax)


def analyse_aging(
    found: Analysis,
    after: Mapping[Path, float],
    axis: str,
    *,
    kinetic_at_V: Sequence[float] = (),
    direction: str | None = None,
    rotation_rpm: float | None = None,
    cycle: int | None = None,
) -> Aging:
    """Changes since the first of the files, which ``after`` gives the cycles or hours of.

    Where files have several sweeps, direction, speed and cycle say which is meant. Raises
    :class:`~adatom.errors.CurveError` for times that do not differ, and where the figure that is
    followed has no value in one of them.
    """
    ordered = sorted(after, key=lambda path: after[path])
    at = [after[path] for path in ordered]
    twice = [str(p) for p, q, a, b in zip(ordered, ordered[1:], at, at[1:], strict=False)
             if a == b for p in (p, q)]  # fmt: skip
    if twice:
        raise CurveError(
            f"{', '.join(dict.fromkeys(twice))} are after equally many {axis}; say how many each"
            " is after"
        )
    chosen = []
    for path in ordered:
        sweeps: list[SweepAnalysis | KineticSweep] = [*found.sweeps, *found.kinetic]
        own = {s.sweep.label: s for s in sweeps if s.sweep.source == path}
        sweep = one_sweep(
            path, [s.sweep for s in own.values()], direction=direction, rotation_rpm=rotation_rpm,
            cycle=cycle,
        )  # fmt: skip
        chosen.append(own[sweep.label])
    potentials = kinetic_at_V or found.reaction.currents_at_V_rhe
    drawn = [_draws(one, potentials) for one in chosen]
    states = tuple(
        AgedSweep(
            where,
            one.sweep,
            _main(one),
            {} if one is chosen[0] else _changes(drawn[0], here),
            one.limited.flags if isinstance(one, SweepAnalysis) else one.flags,
        )
        for where, one, here in zip(at, chosen, drawn, strict=True)
    )
    name = "half_wave_potential" if found.reaction.limited else "potential_at_10_mA_cm2"
    points = [s.main for s in states]
    common = _common_sd(np.stack([values[name] for values in drawn])[:, 1:], points)
    trend = durability(name, axis, at, points, common_sd=common)
    speeds = {s.sweep.rotation_rpm for s in states}
    notes = [SHARED, *trend.notes]
    if len(speeds) > 1:
        notes.append("the sweeps were taken at different speeds: plateaus differ for that alone")
    return Aging(axis, states, trend, tuple(notes))


def _main(one: SweepAnalysis | KineticSweep) -> FigureOfMerit:
    return one.limited.half_wave_V_rhe if isinstance(one, SweepAnalysis) else (
        one.potentials_V_rhe[0]
    )  # fmt: skip


def _draws(one: SweepAnalysis | KineticSweep, at_V: Sequence[float]) -> dict[str, np.ndarray]:
    """Figures (1 + D,) that are followed, by name."""
    if isinstance(one, SweepAnalysis):
        table, drawn = one.limited.table, one.limited.drawn
        currents = {f"kinetic_current_at_{v:g}_V": kinetic_draws(drawn, table, v)[0] for v in at_V}
        return {
            "half_wave_potential": table[:, HALF],
            "tafel_slope": np.abs(table[:, TAFEL]),
            "limiting_current": table[:, PLATEAU],
            **currents,
        }
    potential, driven = one.drawn.potential_V_rhe, one.drawn.driven_mA_cm2
    currents = {
        f"current_at_{v:g}_V": current_at(potential, driven, np.array([v]), NEIGHBOURHOOD_V)[:, 0]
        for v in at_V
    }
    return {
        "potential_at_10_mA_cm2": first_crossing(potential, driven, LEVELS_MA_CM2[0]),
        "tafel_slope": np.abs(one.table[:, kinetic.TAFEL]),
        **{name: np.where(j > 0, j, np.nan) for name, j in currents.items()},
    }


def _changes(
    first: Mapping[str, np.ndarray], later: Mapping[str, np.ndarray]
) -> dict[str, FigureOfMerit]:
    """Shifts of potentials and slopes, retentions of currents."""
    found = {}
    for name, before in first.items():
        after = later[name]
        missing = "it has no value in one of the two sweeps; adatom electrochem on each says why"
        if "current" in name:
            found[f"{name}_retention"] = drawn_figure(
                100.0 * after / before, unit="%", reason=missing
            )
        else:
            unit = "mV/dec" if name == "tafel_slope" else "V"
            found[f"{name}_shift"] = drawn_figure(after - before, unit=unit, reason=missing)
    return found


def _common_sd(draws: np.ndarray, points: Sequence[FigureOfMerit]) -> float:
    """Standard deviation that the draws (S, D) of all sweeps share, from their covariances."""
    known = draws[:, np.isfinite(draws).all(axis=0)]
    sds = [p.normal_sd for p in points if p.normal_sd is not None]
    if known.shape[1] < 2 or len(sds) < len(points):
        return 0.0
    covariance = np.cov(known)
    off = covariance[~np.eye(len(covariance), dtype=bool)]
    return float(np.clip(off.mean(), 0.0, MOST_SHARED * min(sds) ** 2)) ** 0.5
