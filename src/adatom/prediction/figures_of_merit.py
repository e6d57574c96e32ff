"""Figures of merit of predicted curves, nominal and drawn: half-wave potential, Tafel slope.

Every function takes a batch of curves, the nominal one first and the draws behind it, and
returns a value with its 95 % interval, or the reason why there is none.
"""

from dataclasses import dataclass

import numpy as np

from adatom.figure_of_merit import FigureOfMerit

FLATNESS = 0.02
"""A plateau changes less than this, relative, over its last ``PLATEAU_SPAN_V``."""
PLATEAU_SPAN_V = 0.05
LEAST_PLATEAU = 0.25
"""Less than this share of the Levich current (half of it for a two-electron path of four) is no
diffusion plateau, however flat."""
TAFEL_WINDOW_FRACTION = (0.1, 0.8)
"""j/j_L between which the kinetic current is taken where transport limits."""
TAFEL_WINDOW_MA_CM2 = (1.0, 10.0)
"""Current densities between which it is taken elsewhere."""
TAFEL_MINIMUM_OVERPOTENTIAL_V = 0.05
"""Closer to equilibrium the back reaction is felt and a slope is no Tafel slope."""
BENCHMARK_MA_CM2 = 10.0
SMALLEST_RATIO = 1e-6
"""Currents of neighbouring points farther apart are not joined by an exponential."""
UNDEFINED_SHARE = 0.025
"""More draws without a value than this open the interval on both sides."""


@dataclass(frozen=True)
class CurveFigures:
    """Figures of merit of one site."""

    half_wave_V_rhe: FigureOfMerit
    """Potential at half the diffusion-limited current."""
    overpotential_at_10_V: FigureOfMerit
    """Overpotential at 10 mA/cm2; for reactions without a diffusion limit."""
    tafel_slope_mV_dec: FigureOfMerit
    """Slope of potential against log10 of the kinetic current, positive."""
    tafel_window_mA_cm2: tuple[float, float]
    """Kinetic current densities between which the slope is taken."""


def diffusion_limited_figures(
    potentials_V_rhe: np.ndarray,
    currents_mA_cm2: np.ndarray,
    *,
    cathodic: bool,
    equilibrium_V_rhe: float,
    levich_limit_mA_cm2: float,
) -> CurveFigures:
    """Figures of curves (B, P) whose reactant is brought by diffusion.

    ``levich_limit_mA_cm2`` is the magnitude that the reactant allows; potentials (P,) must be
    dense (10 mV): crossings are interpolated between neighbours.
    """
    grid, driven = _driven(potentials_V_rhe, currents_mA_cm2, cathodic)
    span = f"{min(grid):.2f} to {max(grid):.2f} V"
    plateau = _plateaus(grid, driven, levich_limit_mA_cm2)
    half = _crossings(grid, driven, 0.5 * plateau, logarithmic=False)
    half_wave = _figure(
        half,
        before=f"half of the plateau flows already at {grid[0]:.2f} V, the start of the window",
        beyond=f"no diffusion-limited plateau within {span}",
        falling=cathodic,
    )
    fractions = np.array(TAFEL_WINDOW_FRACTION)
    ends = [_crossings(grid, driven, f * plateau) for f in fractions]
    # j_k = j j_L / (j_L - j), as for a measured curve.
    low, high = fractions / (1.0 - fractions)
    reference = plateau[0] if np.isfinite(plateau[0]) else levich_limit_mA_cm2
    window = float(reference * low), float(reference * high)
    tafel = _tafel(ends, high / low, equilibrium_V_rhe, window, span)
    none = FigureOfMerit(None, (None, None), "the reaction is diffusion limited")
    return CurveFigures(half_wave, none, tafel, window)


def kinetic_figures(
    potentials_V_rhe: np.ndarray,
    currents_mA_cm2: np.ndarray,
    *,
    cathodic: bool,
    equilibrium_V_rhe: float,
) -> CurveFigures:
    """Figures of curves (B, P) that no dissolved reactant limits."""
    grid, driven = _driven(potentials_V_rhe, currents_mA_cm2, cathodic)
    span = f"{min(grid):.2f} to {max(grid):.2f} V"
    low, high = TAFEL_WINDOW_MA_CM2
    count = len(driven)
    reached = _crossings(grid, driven, np.full(count, BENCHMARK_MA_CM2))
    sign = 1.0 if cathodic else -1.0
    at_ten = _figure(
        sign * (equilibrium_V_rhe - reached),
        before=f"10 mA/cm2 flow already at {grid[0]:.2f} V, the start of the window",
        beyond=f"10 mA/cm2 are not reached within {span}",
        falling=False,
    )
    ends = [_crossings(grid, driven, np.full(count, level)) for level in (low, high)]
    tafel = _tafel(ends, high / low, equilibrium_V_rhe, (low, high), span)
    none = FigureOfMerit(
        None, (None, None), "no dissolved reactant limits this reaction, so there is no plateau"
    )
    return CurveFigures(none, at_ten, tafel, (low, high))


def _driven(
    potentials: np.ndarray, currents: np.ndarray, cathodic: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Potentials towards larger driving force, currents positive in the driving direction."""
    order = np.argsort(-potentials if cathodic else potentials)
    return potentials[order], (-currents if cathodic else currents)[:, order]


def _plateaus(grid: np.ndarray, driven: np.ndarray, levich_limit: float) -> np.ndarray:
    """Diffusion-limited current of every curve, infinite where there is no flat plateau."""
    plateau = driven[:, -1]
    if abs(grid[-1] - grid[0]) < 2.0 * PLATEAU_SPAN_V:
        return np.full_like(plateau, np.inf)
    tail = np.abs(grid - grid[-1]) <= PLATEAU_SPAN_V + 1e-9
    change = np.abs(driven[:, tail].max(axis=1) - driven[:, tail].min(axis=1))
    flat = (change <= FLATNESS * plateau) & (plateau >= LEAST_PLATEAU * levich_limit)
    return np.where(flat, plateau, np.inf)


def _crossings(
    grid: np.ndarray, currents: np.ndarray, levels: np.ndarray, *, logarithmic: bool = True
) -> np.ndarray:
    """Potential at which each curve (B, P) first reaches its level (B,).

    A curve that is beyond its level from the start crosses at an infinity on the start's
    side, one that never reaches it on the other. Interpolation is linear in log(current), or
    in the current itself.
    """
    outward = np.sign(grid[-1] - grid[0]) * np.inf
    above = currents >= levels[:, None]
    first = above.argmax(axis=1)
    result = np.where(above.any(axis=1), -outward, outward)
    rows = np.flatnonzero(above.any(axis=1) & (first > 0))
    k = first[rows]
    before, after, level = currents[rows, k - 1], currents[rows, k], levels[rows]
    share = (level - before) / (after - before)
    # The first point may be equilibrium, where the net current is rounding: linear there.
    positive = (before > SMALLEST_RATIO * after) & logarithmic & (k > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        in_logarithm = np.log(level / before) / np.log(after / before)
    share = np.where(positive, in_logarithm, share)
    result[rows] = grid[k - 1] + share * (grid[k] - grid[k - 1])
    return result


def _tafel(
    ends: list[np.ndarray],
    ratio: float,
    equilibrium: float,
    window: tuple[float, float],
    span: str,
) -> FigureOfMerit:
    with np.errstate(invalid="ignore"):
        slope = np.abs(ends[1] - ends[0]) / np.log10(ratio) * 1e3
        near = np.abs(ends[0] - equilibrium) < TAFEL_MINIMUM_OVERPOTENTIAL_V
    slope[np.isinf(slope) | near] = np.nan
    reason = (
        f"the kinetic current does not pass {window[0]:.2g} to {window[1]:.2g} mA/cm2"
        f" within {span} at least {TAFEL_MINIMUM_OVERPOTENTIAL_V} V from equilibrium"
    )
    return _figure(slope, before=reason, beyond=reason)


def _figure(values: np.ndarray, *, before: str, beyond: str, falling: bool = True) -> FigureOfMerit:
    """Nominal value first, draws behind it.

    Infinite draws lie beyond an end of the window and may open that side of the interval;
    undefined ones (NaN) open both once they are more than 2.5 % of the draws. ``before`` and
    ``beyond`` say why a value lies outside the start or the driving end of the window;
    ``falling`` where the value falls towards the driving end.
    """
    nominal, drawn = values[0], values[1:]
    undefined = np.isnan(drawn)
    low: float | None = None
    high: float | None = None
    if undefined.mean() <= UNDEFINED_SHARE:
        ends = np.percentile(drawn[~undefined], [2.5, 97.5], method="inverted_cdf")
        low, high = (float(x) if np.isfinite(x) else None for x in ends)
    if not np.isfinite(nominal):
        at_start = np.isinf(nominal) and (nominal > 0) == falling
        return FigureOfMerit(None, (low, high), before if at_start else beyond)
    if low is not None and high is not None:
        return FigureOfMerit(float(nominal), (low, high))
    at_start = np.isinf(drawn) & ((drawn > 0) == falling)
    shares = {before: at_start.mean(), beyond: 0.0}
    shares[beyond] += (~np.isfinite(drawn) & ~at_start).mean()
    text = "; ".join(f"{100 * s:.0f} % of the draws: {why}" for why, s in shares.items() if s)
    return FigureOfMerit(float(nominal), (low, high), text)
