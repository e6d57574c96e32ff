"""Figures of merit of one sweep that no diffusion limits, as oxygen or hydrogen evolution."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adatom.electrochem import kinetic
from adatom.electrochem.corrections import MeasuredSweep, without_foot
from adatom.electrochem.draws import DrawnSweeps, InputDraws, draw_sweeps, drawn_figure
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
from adatom.electrochem.measured_reaction import MeasuredReaction
from adatom.electrochem.noise import KEPT, WINDOW, Noise, estimate_noise, smoothed
from adatom.electrochem.tafel_slope import slope_flags, tafel_slope
from adatom.figure_of_merit import FigureOfMerit

LEVELS_MA_CM2 = (10.0, 100.0)
LEAST_RELATIVE_NOISE = 2e-3
"""Of a current: the usual accuracy of a current range; steps between ranges are no larger."""
OVER_FOOT, OVER_NOISE = 5.0, 5.0
"""The Tafel window begins where the current is so many times that of the foot, and its noise."""
FOOT_SHARE = 0.1
"""Where the Tafel line is less than this of the foot's current, or than the noise, is the foot."""
WITHOUT_LINE = 0.01
"""Share of the largest current up to which the foot goes where there is no Tafel line."""
START_SHARE = 0.1
"""Of the sweep, from which the foot's current is first guessed."""
CAPACITIVE = 0.1
OHMIC_SLOPES = 2.0
OHMIC_ERROR = 0.05
"""Of the slope: what the uncorrected resistance may add at the window's upper end."""


@dataclass(frozen=True)
class KineticSweep:
    """What one sweep tells, and the draws that its intervals are taken from."""

    sweep: MeasuredSweep
    reaction: MeasuredReaction
    drawn: DrawnSweeps
    table: np.ndarray
    """(1 + D, F), columns :data:`~adatom.electrochem.kinetic.FIGURES`."""
    noise: Noise
    """At the foot, and relative to the current."""
    foot: Foot | None
    potentials_V_rhe: tuple[FigureOfMerit, ...]
    """At :data:`LEVELS_MA_CM2`: E_10 and E_100."""
    overpotentials_V: tuple[FigureOfMerit, ...]
    """Likewise: eta_10 and eta_100."""
    onset_V_rhe: FigureOfMerit
    tafel_slope_mV_dec: FigureOfMerit
    kinetic_mA_cm2: tuple[FigureOfMerit, ...]
    """Current densities at stated potentials."""
    flags: tuple[str, ...]
    """What a referee would object to."""


@dataclass(frozen=True)
class OhmicDrop:
    """What is known of the resistance that a sweep was corrected for."""

    resistance_ohm: float
    uncorrected_share: float
    """Of the resistance, neither corrected for nor compensated by the instrument."""


def analyse_kinetic(
    sweep: MeasuredSweep,
    inputs: InputDraws,
    *,
    reaction: MeasuredReaction,
    rng: np.random.Generator,
    ohmic: OhmicDrop | None = None,
    zero_at_foot: bool = False,
    onset_mA_cm2: float = ONSET_MA_CM2,
    currents_at_V: Sequence[float] = (),
) -> KineticSweep:
    """Take all figures of one corrected sweep, with 95 % intervals.

    ``zero_at_foot`` subtracts the current that flows before the wave; without it that current,
    constant or drifting by as much, is part of the uncertainty.
    """
    potential, driven, current = towards_drive(sweep, cathodic=reaction.cathodic)
    noise = _noise(driven)
    foot, drift = _foot(potential, driven, noise, reaction)
    # A sweep that starts within the wave may have all of its first current as background.
    offset = abs(foot.offset_mA_cm2 if foot else _at_start(driven))
    baseline = float(np.hypot(offset, drift))
    if foot and zero_at_foot:
        baseline = drift
        sign = -1.0 if reaction.cathodic else 1.0
        sweep = without_foot(sweep, sign * foot.offset_mA_cm2, foot.potentials_V_rhe)
        driven = driven - foot.offset_mA_cm2
    noise = replace(noise, correlation=_correlation(potential, driven, foot))
    drawn = draw_sweeps(potential, driven, current, noise, baseline, inputs, rng)
    table = kinetic.kinetic_figures(
        drawn.potential_V_rhe,
        drawn.driven_mA_cm2,
        noise.along(driven) * noise.effective_sd / noise.sd,
        max(OVER_FOOT * baseline, OVER_NOISE * noise.sd),
        reaction.equilibrium_V_rhe,
    )
    at = [
        first_crossing(drawn.potential_V_rhe, drawn.driven_mA_cm2, level) for level in LEVELS_MA_CM2
    ]
    forward = -1.0 if reaction.cathodic else 1.0
    most = float(smoothed(driven).max())
    slope = _tafel(table)
    return KineticSweep(
        sweep=sweep,
        reaction=reaction,
        drawn=drawn,
        table=table,
        noise=noise,
        foot=foot,
        potentials_V_rhe=tuple(
            _crossing(values, level, most, "V vs RHE")
            for values, level in zip(at, LEVELS_MA_CM2, strict=True)
        ),
        overpotentials_V=tuple(
            _crossing(forward * (values - reaction.equilibrium_V_rhe), level, most, "V")
            for values, level in zip(at, LEVELS_MA_CM2, strict=True)
        ),
        onset_V_rhe=_onset(drawn, onset_mA_cm2, most, baseline),
        tafel_slope_mV_dec=slope,
        kinetic_mA_cm2=tuple(
            _current(drawn, volt, baseline) for volt in currents_at_V or reaction.currents_at_V_rhe
        ),
        flags=(
            *_flags(table[0], foot, baseline, reaction, _at_end(table[0], potential, current),
                    ohmic, sweep.current_A is not None),
            *slope_flags(slope, reaction.electrons),
        ),
    )  # fmt: skip


def _noise(driven: np.ndarray) -> Noise:
    """Noise where little flows, and relative to the current where much does."""
    rest, smooth = driven - smoothed(driven), smoothed(driven)
    low, high = smooth < 0.05 * smooth.max(), smooth > 0.2 * smooth.max()
    scale = 1.4826 / np.sqrt(1.0 - KEPT)
    quiet = rest[low] if low.sum() >= 2 * WINDOW else rest
    sd = scale * float(np.median(np.abs(quiet)))
    relative = scale * float(np.median(np.abs(rest[high] / smooth[high])))
    # A file without noise still has digits.
    return Noise(max(sd, 1e-6 * float(smooth.max())), 0.0, max(relative, LEAST_RELATIVE_NOISE))


def _foot(
    potential: np.ndarray,
    driven: np.ndarray,
    noise: Noise,
    reaction: MeasuredReaction,
) -> tuple[Foot | None, float]:
    """The stretch before the wave, None where the sweep starts within it; and how far its
    trend goes along the whole sweep.

    Where it ends follows from the Tafel line, where that begins from the foot: twice is enough.
    """
    foot, offset, drift = None, _at_start(driven), 0.0
    for _ in range(2):
        row = kinetic.kinetic_figures(
            potential[None], driven[None], noise.along(driven),
            max(OVER_FOOT * abs(offset), OVER_NOISE * noise.sd), reaction.equilibrium_V_rhe,
        )[0]  # fmt: skip
        line = np.zeros_like(potential)
        before = smoothed(driven) < WITHOUT_LINE * driven.max()
        if np.isfinite(row[kinetic.TAFEL]):
            line = 10.0 ** (row[kinetic.INTERCEPT] + potential * 1e3 / row[kinetic.TAFEL])
            before = line < max(FOOT_SHARE * abs(offset), noise.sd)
        count = leading(before)
        if count < FEWEST_FOOT_BINS:
            return None, 0.0
        # A median: the first points of a sweep charge the electrode to its start.
        rest = (driven - line)[:count]
        offset, drift = float(np.median(rest)), _drift(potential, rest)
        foot = Foot(offset, (float(potential[0]), float(potential[count - 1])))
    return foot, drift


def _at_start(driven: np.ndarray) -> float:
    return float(np.median(driven[: max(FEWEST_FOOT_BINS, round(START_SHARE * len(driven)))]))


def _drift(potential: np.ndarray, rest: np.ndarray) -> float:
    """Trend of what flows at the foot, times the length of the sweep."""
    half = len(rest) // 2
    x = potential[: len(rest)]
    change = float(np.median(rest[half:]) - np.median(rest[:half]))
    apart = abs(float(np.mean(x[half:]) - np.mean(x[:half])))
    return abs(change) / apart * abs(float(potential[-1] - potential[0]))


def _correlation(potential: np.ndarray, driven: np.ndarray, foot: Foot | None) -> float:
    if foot is None:
        return 0.0
    part = driven[between(potential, *foot.potentials_V_rhe)]
    if len(part) < WINDOW:
        return 0.0
    return estimate_noise(part, flat=slice(0, len(part))).correlation


def _crossing(values: np.ndarray, level: float, most: float, unit: str) -> FigureOfMerit:
    reason = f"the sweep does not reach {level:g} mA/cm2: its largest current is {most:.2g} mA/cm2"
    if most >= level:
        reason = f"the sweep starts beyond {level:g} mA/cm2, or crosses it in too few points"
    return drawn_figure(values, unit=unit, reason=reason, conditions={"at_mA_cm2": level})


def _onset(drawn: DrawnSweeps, level: float, most: float, baseline: float) -> FigureOfMerit:
    values = first_crossing(drawn.potential_V_rhe, drawn.driven_mA_cm2, level)
    if baseline >= level:
        return drawn_figure(
            np.full_like(values, np.nan),
            unit="V vs RHE",
            reason=f"{baseline:.3g} mA/cm2 flow before the wave, more than the onset's {level:g};"
            " set measurement.onset_mA_cm2 higher or subtract a background",
        )
    return _crossing(values, level, most, "V vs RHE")


def _tafel(table: np.ndarray) -> FigureOfMerit:
    return tafel_slope(
        table[:, kinetic.TAFEL : kinetic.CURVE],
        f"the current above {OVER_FOOT:g} times that of the foot, {OVER_NOISE:g} times its noise"
        f" and {1e3 * kinetic.NEAR_EQUILIBRIUM_V:g} mV from equilibrium",
    )


def _current(drawn: DrawnSweeps, volt: float, baseline: float) -> FigureOfMerit:
    values = current_at(
        drawn.potential_V_rhe, drawn.driven_mA_cm2, np.array([volt]), NEIGHBOURHOOD_V
    )[:, 0]
    reason = f"{volt:g} V lies outside the sweep"
    if np.isfinite(values[0]) and values[0] <= OVER_FOOT * baseline:
        reason = f"at {volt:g} V flow {values[0]:.3g} mA/cm2, before the wave {baseline:.3g}"
        values = np.full_like(values, np.nan)
    return drawn_figure(
        np.where(values > 0, values, np.nan),
        unit="mA/cm2",
        reason=reason,
        conditions={"at_V_rhe": volt},
    )


def _at_end(row: np.ndarray, potential: np.ndarray, current: np.ndarray) -> float:
    """Absolute current, A, at the upper end of the Tafel window."""
    return abs(float(current[int(np.argmin(np.abs(potential - row[kinetic.T_END])))]))


def _flags(
    row: np.ndarray,
    foot: Foot | None,
    baseline: float,
    reaction: MeasuredReaction,
    end_A: float,
    ohmic: OhmicDrop | None,
    has_current: bool,
) -> tuple[str, ...]:
    flags = []
    if foot is None:
        flags.append(
            "the sweep starts within the wave: how well its background fits is unknown, and may be"
            " as wrong as its first current is large"
        )
    slope = abs(row[kinetic.TAFEL])
    if not np.isfinite(slope):
        return tuple(flags)
    if baseline > CAPACITIVE * row[kinetic.T_LOW]:
        flags.append(
            f"capacitive: {baseline:.3g} mA/cm2 before the wave against {row[kinetic.T_LOW]:.3g}"
            " mA/cm2 at the lower end of the Tafel window"
        )
    if row[kinetic.FROM_EQUILIBRIUM] == 1.0:
        flags.append(
            f"much flows within {1e3 * kinetic.NEAR_EQUILIBRIUM_V:g} mV of equilibrium"
            f" ({reaction.equilibrium_V_rhe:g} V), where the back reaction bends the line: the"
            " Tafel window begins beyond it"
        )
    if ohmic is None and has_current:
        flags.append(
            f"no resistance is known: each ohm shifts the upper end of the Tafel window by"
            f" {1e3 * end_A:.2g} mV"
        )
    if ohmic is not None:
        drop = 1e3 * end_A * ohmic.resistance_ohm
        if drop > OHMIC_SLOPES * slope:
            flags.append(
                f"iR-dominated: I R is {drop:.0f} mV at the upper end of the Tafel window,"
                f" {drop / slope:.1f} times the slope per decade"
            )
        left = np.log(10.0) * drop * ohmic.uncorrected_share
        if left > OHMIC_ERROR * slope:
            flags.append(
                f"{100 * ohmic.uncorrected_share:.0f} % of the resistance is not corrected for: it"
                f" adds {left:.0f} mV/dec at the upper end of the Tafel window"
            )
    return tuple(flags)
