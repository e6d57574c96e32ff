"""Koutecky-Levich over the speeds of one direction of the sweep, with the draws of each sweep."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from adatom.electrochem import limited
from adatom.electrochem.draws import drawn_figure
from adatom.electrochem.driven_sweep import NEIGHBOURHOOD_V
from adatom.electrochem.koutecky_levich import koutecky_levich
from adatom.electrochem.limited_sweep import MOST_ELECTRONS, LimitedSweep
from adatom.electrochem.local_fits import current_at
from adatom.electrolytes import load_electrolyte
from adatom.figure_of_merit import FigureOfMerit
from adatom.levich import limiting_current_density_mA_cm2
from adatom.units import rpm_to_rad_s

STEP_V = 0.05
LEAST_SHARE, MOST_SHARE = 0.5, 0.95
"""j/j_L of the slowest speed: with less, transport is a small difference of large numbers and its
slope is lost; with more, the kinetic current is."""
LEAST_USABLE = 0.9
"""Share of draws with a current at every speed."""
PARALLEL_P = 0.01
FEWEST_SPEEDS = 3


@dataclass(frozen=True)
class LineAt:
    """The Koutecky-Levich line at one potential."""

    potential_V_rhe: float
    electrons: FigureOfMerit
    kinetic_mA_cm2: FigureOfMerit
    slope: float
    """Of the line, cm2/mA (rad/s)^(1/2)."""
    inverse_root_speed: np.ndarray
    """(S,) of the points, (rad/s)^(-1/2)."""
    inverse_current: np.ndarray
    """(S,), cm2/mA."""


@dataclass(frozen=True)
class SpeedSeries:
    """Koutecky-Levich analysis of one direction."""

    rising: bool
    rotations_rpm: tuple[float, ...]
    electrolyte: str
    lines: tuple[LineAt, ...]
    electrons: FigureOfMerit
    """Mean of the lines, weighted with their own variances."""
    parallel_p: float | None
    """Chance of slopes as different as these if the lines were parallel."""
    flags: tuple[str, ...]


def speeds_by_direction(
    sweeps: Sequence[LimitedSweep], electrolyte: str | None
) -> tuple[tuple[SpeedSeries, ...], tuple[str, ...]]:
    """Koutecky-Levich of cathodic and of anodic sweeps with a plateau at three speeds or more.

    Beside them what was left out, and what it needs.
    """
    found, missing = [], []
    for rising in (False, True):
        series = [
            s
            for s in sweeps
            if (s.sweep.direction == "anodic") == rising
            and s.sweep.rotation_rpm
            and s.limiting_mA_cm2.value is not None
        ]
        if len({s.sweep.rotation_rpm for s in series}) < FEWEST_SPEEDS:
            continue
        if electrolyte is None:
            missing.append(
                f"no Koutecky-Levich of the {'anodic' if rising else 'cathodic'} sweeps: set"
                " electrolyte.name (diffusion, solubility, viscosity)"
            )
            continue
        found.append(analyse_speeds(series, electrolyte, rising=rising))
    return tuple(found), tuple(missing)


def analyse_speeds(
    series: Sequence[LimitedSweep], electrolyte: str, *, rising: bool
) -> SpeedSeries:
    """Lines of 1/j against w^(-1/2) at potentials that all speeds share.

    Intervals hold the noise and zero of every sweep and the inputs that all share; diffusion
    coefficient, solubility and viscosity are those of the electrolyte, without uncertainty.
    Raises :class:`~adatom.errors.CurveError` with fewer than three speeds.
    """
    known = load_electrolyte(electrolyte)
    ordered = sorted(series, key=lambda s: float(s.sweep.rotation_rpm or 0.0))
    ordered = [s for s in ordered if s.sweep.rotation_rpm]
    rotations = np.array([s.sweep.rotation_rpm for s in ordered], dtype=float)
    per_electron = limiting_current_density_mA_cm2(
        known, float(rotations[0]), electrons=1
    ) / np.sqrt(rpm_to_rad_s(float(rotations[0])))
    at = _shared_potentials(ordered)
    currents = np.stack(
        [
            current_at(s.drawn.potential_V_rhe, s.drawn.driven_mA_cm2, at, NEIGHBOURHOOD_V)
            for s in ordered
        ]
    )  # (S, 1 + D, P)
    lines, electrons = [], []
    for p, volt in enumerate(at):
        here = currents[:, :, p].T
        usable = np.isfinite(here).all(axis=1) & (here > 0).all(axis=1)
        if not usable[0] or usable.mean() < LEAST_USABLE:
            continue
        n, kinetic = koutecky_levich(
            rotations, here[usable], known, sd_mA_cm2=here[usable][1:].std(axis=0)
        )
        electrons.append(n)
        lines.append(
            LineAt(
                float(volt),
                drawn_figure(n, unit="electrons", reason="no line"),
                drawn_figure(kinetic, unit="mA/cm2", reason="the intercept is not positive: "
                             "kinetics is too fast to be seen beside transport"),
                float(1.0 / (n[0] * per_electron)),
                np.array([rpm_to_rad_s(float(r)) for r in rotations]) ** -0.5,
                1.0 / currents[:, 0, p],
            )
        )  # fmt: skip
    count = min((len(n) for n in electrons), default=0)
    table = np.array([n[:count] for n in electrons]) if electrons else np.zeros((0, 0))
    parallel = _parallel_p(table)
    flags = []
    if parallel is not None and parallel < PARALLEL_P:
        flags.append(
            f"the Koutecky-Levich lines are not parallel (p = {parallel:.1g}): the electron number"
            " changes with potential, or the mechanism with speed"
        )
    # Each line counts by what its draws say that it knows.
    weights = 1.0 / table[:, 1:].var(axis=1) if count else None
    average = np.average(table, axis=0, weights=weights) if count else np.array([np.nan, np.nan])
    if average[0] <= 0:
        flags.append("currents fall as the speed rises: are the speeds in the order of the sweeps?")
        average = np.full_like(average, np.nan)
    mean = drawn_figure(
        average,
        unit="electrons",
        reason="no potential at which all speeds are between kinetics and transport",
        conditions={
            "potentials_V_rhe": [x.potential_V_rhe for x in lines],
            "without_uncertainty_of": "diffusion coefficient, solubility and viscosity",
        },
    )
    low = mean.interval_95[0]
    if low is not None and low > MOST_ELECTRONS:
        flags.append(
            f"n = {mean.text(2)} is more than the {MOST_ELECTRONS} electrons of O2: check the area,"
            " the electrolyte and the speeds"
        )
    return SpeedSeries(
        rising, tuple(rotations.tolist()), known.name, tuple(lines), mean, parallel, tuple(flags)
    )


def _shared_potentials(series: Sequence[LimitedSweep]) -> np.ndarray:
    """Multiples of ``STEP_V`` where the slowest speed is under mixed control."""
    slowest = series[0]
    limit = slowest.table[0, limited.PLATEAU]
    grid = slowest.drawn.potential_V_rhe[0]
    share = slowest.drawn.driven_mA_cm2[0] / limit
    inside = grid[(share > LEAST_SHARE) & (share < MOST_SHARE)]
    if not len(inside):
        return np.zeros(0)
    first, last = np.ceil(inside.min() / STEP_V), np.floor(inside.max() / STEP_V)
    return np.arange(first, last + 1) * STEP_V


def _parallel_p(electrons: np.ndarray) -> float | None:
    """Chi2 test that the slopes at all potentials are one; from the draws' own covariance."""
    if len(electrons) < 2:
        return None
    differences = electrons[1:] - electrons[:-1]
    covariance = np.atleast_2d(np.cov(differences[:, 1:]))
    statistic = float(differences[:, 0] @ np.linalg.pinv(covariance) @ differences[:, 0])
    return float(stats.chi2.sf(statistic, len(differences)))
