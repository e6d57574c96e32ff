"""Figures of merit of one sweep of a reaction that diffusion limits, as oxygen reduction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adatom.electrochem import limited
from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.draws import DrawnSweeps, InputDraws, draw_sweeps, drawn_figure, log_parts
from adatom.electrochem.driven_sweep import (
    FEWEST_FOOT_BINS,
    NEIGHBOURHOOD_V,
    ONSET_MA_CM2,
    Foot,
    between,
    leading,
    towards_drive,
)
from adatom.electrochem.local_fits import current_at, first_crossing
from adatom.electrochem.noise import Noise, estimate_noise
from adatom.electrochem.tafel_slope import slope_flags, tafel_slope
from adatom.figure_of_merit import FigureOfMerit

KINETIC_AT_V = (0.9, 0.85, 0.8)
FOOT_SHARE = 0.02
"""Where the Tafel line is less than this of the plateau, the current is that line and what the
background left."""
WITHOUT_LINE = 0.05
"""Share of the plateau up to which the foot goes where no Tafel line leaves one."""
MOST_ELECTRONS = 4
"""Of the reactions that diffusion limits: oxygen to water."""
ASSUMED_BASELINE = 0.02
"""Standard deviation of the baseline over the largest current where no foot shows it: as much
as is called a background that does not fit."""


@dataclass(frozen=True)
class LimitedSweep:
    """What one sweep tells, and the draws from which ring and other speeds are analysed."""

    sweep: MeasuredSweep
    drawn: DrawnSweeps
    table: np.ndarray
    """(1 + D, F), columns :data:`~adatom.electrochem.limited.FIGURES`."""
    noise: Noise
    foot: Foot | None
    limiting_mA_cm2: FigureOfMerit
    half_wave_V_rhe: FigureOfMerit
    onset_V_rhe: FigureOfMerit
    tafel_slope_mV_dec: FigureOfMerit
    kinetic_mA_cm2: tuple[FigureOfMerit, ...]
    """j_k at stated potentials."""
    flags: tuple[str, ...]
    """What a referee would object to."""


def analyse_limited(
    sweep: MeasuredSweep,
    inputs: InputDraws,
    *,
    cathodic: bool,
    rng: np.random.Generator,
    onset_mA_cm2: float = ONSET_MA_CM2,
    kinetic_at_V: Sequence[float] = KINETIC_AT_V,
) -> LimitedSweep:
    """Take all figures of one corrected sweep, with 95 % intervals.

    ``inputs`` are draws of what the sweep was corrected with; how well its background is known
    is seen where no current should flow. Memory: 16 bytes x (1 + draws) x 240.
    """
    potential, driven, current = towards_drive(sweep, cathodic=cathodic)
    first = limited.limited_figures(
        potential[None], driven[None], np.array([estimate_noise(driven).sd])
    )[0]
    noise = estimate_noise(driven, flat=_flat(potential, first))
    foot = _foot(potential, driven, first)
    baseline = (
        abs(foot.offset_mA_cm2) if foot is not None else ASSUMED_BASELINE * float(driven.max())
    )
    drawn = draw_sweeps(potential, driven, current, noise, baseline, inputs, rng)
    table = limited.limited_figures(
        drawn.potential_V_rhe,
        drawn.driven_mA_cm2,
        np.full(len(drawn.driven_mA_cm2), noise.effective_sd),
    )
    slope = _tafel(table)
    return LimitedSweep(
        sweep=sweep,
        drawn=drawn,
        table=table,
        noise=noise,
        foot=foot,
        limiting_mA_cm2=_limiting(table, potential),
        half_wave_V_rhe=_half_wave(table, potential),
        onset_V_rhe=_onset(drawn, onset_mA_cm2),
        tafel_slope_mV_dec=slope,
        kinetic_mA_cm2=tuple(_kinetic(drawn, table, inputs, at) for at in kinetic_at_V),
        flags=(*_flags(table[0], foot), *slope_flags(slope, MOST_ELECTRONS)),
    )


def _flat(potential: np.ndarray, first: np.ndarray) -> slice | None:
    if not np.isfinite(first[limited.START]):
        return None
    return between(potential, first[limited.START], first[limited.END])


def _foot(potential: np.ndarray, driven: np.ndarray, first: np.ndarray) -> Foot | None:
    """What flows before the wave beyond its Tafel line; None where the sweep starts within it."""
    limit = first[limited.PLATEAU]
    if not np.isfinite(limit):
        return None
    if np.isfinite(first[limited.TAFEL]):
        line = 10.0 ** (first[limited.INTERCEPT] + potential * 1e3 / first[limited.TAFEL])
        count = leading(line < FOOT_SHARE * limit)
        if count >= FEWEST_FOOT_BINS:
            offset = float((driven - line)[:count].mean())
            return Foot(offset, (float(potential[0]), float(potential[count - 1])))
    count = leading(driven < WITHOUT_LINE * limit)
    if count < FEWEST_FOOT_BINS:
        return None
    offset = float(driven[:count].mean())
    return Foot(offset, (float(potential[0]), float(potential[count - 1])))


def _no_plateau(potential: np.ndarray) -> str:
    low, high = sorted((float(potential[0]), float(potential[-1])))
    return (
        f"no diffusion-limited plateau within {low:.2f} to {high:.2f} V: nowhere does the current"
        f" change by less than {100 * limited.FLATNESS:g} % in 0.1 V over"
        f" {limited.LEAST_PLATEAU_V:g} V"
    )


def _limiting(table: np.ndarray, potential: np.ndarray) -> FigureOfMerit:
    row = table[0]
    # A sloping plateau has no one current: what it changes over its own width is uncertainty.
    width = np.abs(row[limited.END] - row[limited.START])
    slope = np.abs(row[limited.SLOPE])
    return drawn_figure(
        table[:, limited.PLATEAU],
        unit="mA/cm2",
        reason=_no_plateau(potential),
        conditions={
            "plateau_V_rhe": [float(row[limited.START]), float(row[limited.END])],
            "change_percent_per_0.1_V": float(10.0 * slope / row[limited.PLATEAU]),
            "change_over_plateau_percent": float(100.0 * slope * width / row[limited.PLATEAU]),
        },
    )


def _half_wave(table: np.ndarray, potential: np.ndarray) -> FigureOfMerit:
    reason = _no_plateau(potential)
    if np.isfinite(table[0, limited.PLATEAU]):
        reason = "half of the plateau is not crossed within the sweep, or in too few points"
    return drawn_figure(
        table[:, limited.HALF],
        unit="V vs RHE",
        reason=reason,
        conditions={"limiting_mA_cm2": float(table[0, limited.PLATEAU])},
    )


def _onset(drawn: DrawnSweeps, level: float) -> FigureOfMerit:
    values = first_crossing(drawn.potential_V_rhe, drawn.driven_mA_cm2, level)
    return drawn_figure(
        values,
        unit="V vs RHE",
        reason=f"the sweep does not cross {level:g} mA/cm2, or starts beyond it",
        conditions={"at_mA_cm2": level},
    )


def _tafel(table: np.ndarray) -> FigureOfMerit:
    low, high = limited.KINETIC_RANGE
    return tafel_slope(
        table[:, limited.TAFEL : limited.CURVE],
        f"the kinetic current at {low:g} < j/j_L < {high:g}",
    )


def kinetic_draws(drawn: DrawnSweeps, table: np.ndarray, at: float) -> tuple[np.ndarray, float]:
    """j_k (1 + D,) at a potential, NaN where there is none, and j/j_L of the measured sweep."""
    current = current_at(
        drawn.potential_V_rhe, drawn.driven_mA_cm2, np.array([at]), NEIGHBOURHOOD_V
    )[:, 0]
    limit = table[:, limited.PLATEAU]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (current > 0) & (current < limit)
        kinetic = np.where(inside, current * limit / (limit - current), np.nan)
    return kinetic, float(current[0] / limit[0])


def _kinetic(drawn: DrawnSweeps, table: np.ndarray, inputs: InputDraws, at: float) -> FigureOfMerit:
    kinetic, share = kinetic_draws(drawn, table, at)
    low, high = limited.KINETIC_RANGE
    reason = f"{at:g} V lies outside the sweep, or there is no plateau"
    if np.isfinite(share) and not 0.0 < share < 1.0:
        reason = f"j/j_L is {share:.2f} at {at:g} V"
    found = drawn_figure(
        kinetic,
        unit="mA/cm2",
        reason=reason,
        conditions={"at_V_rhe": at, "share_of_plateau": float(share)},
    )
    if found.value is None:
        return replace(found, conditions={"at_V_rhe": at})
    if None not in found.interval_95:
        parts = log_parts(kinetic, inputs)
        found = replace(found, conditions={**found.conditions, "sd_of_ln": parts})
    if not low < share < high:
        note = (
            f"j/j_L is {share:.2f}, outside {low:g} to {high:g}: an error of the plateau counts"
            f" {share / (1 - share):.1f} times"
        )
        found = replace(found, reason="; ".join(filter(None, (found.reason, note))))
    return found


def _flags(row: np.ndarray, foot: Foot | None) -> tuple[str, ...]:
    flags = []
    limit = row[limited.PLATEAU]
    if row[limited.COUNT] > 1:
        flags.append(
            f"{int(row[limited.COUNT])} separate plateaus: the longest is used; more than one wave"
        )
    if np.isfinite(limit):
        change = 10.0 * abs(row[limited.SLOPE]) / limit
        if change > 2.0:
            flags.append(f"the plateau slopes by {change:.1f} % in 0.1 V")
    if foot is None:
        why = "the sweep starts within the wave" if np.isfinite(limit) else "there is no plateau"
        flags.append(
            f"{why}: how well its background fits is unknown, {100 * ASSUMED_BASELINE:g} % of the"
            " largest current is assumed"
        )
    elif np.isfinite(limit) and abs(foot.offset_mA_cm2) > 0.02 * limit:
        share = 100.0 * foot.offset_mA_cm2 / limit
        flags.append(
            f"{foot.offset_mA_cm2:.3f} mA/cm2 flow before the wave, {share:.1f} % of the plateau"
            ": charging or a background that does not fit"
        )
    return tuple(flags)
