"""What is not known about a sweep, drawn: noise, baseline, area, resistance, reference.

Each draw is the smoothed sweep with noise of the measured size, and with one value of each
uncertain input. Every figure of merit is taken from every draw by the same rules, windows
included; the spread of the draws is its uncertainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.electrochem.noise import Noise, smoothed
from adatom.figure_of_merit import FigureOfMerit, no_figure

DRAWS = 200
UNDEFINED_SHARE = 0.025
"""More draws without a value than this leave no interval."""


@dataclass(frozen=True)
class InputErrors:
    """Standard deviations of what sweeps of one set were corrected with."""

    reference_V: float = 0.0
    resistance_ohm: float = 0.0
    area_relative: float = 0.0
    collection_relative: float = 0.0


@dataclass(frozen=True)
class InputDraws:
    """One value of each uncertain input per draw, (D,) each, shared by all sweeps of a set."""

    reference_V: np.ndarray
    resistance_ohm: np.ndarray
    area_factor: np.ndarray
    collection_factor: np.ndarray


@dataclass(frozen=True)
class DrawnSweeps:
    """The measured sweep in row 0 and its draws behind it."""

    potential_V_rhe: np.ndarray
    """(1 + D, K), towards the driving end."""
    driven_mA_cm2: np.ndarray
    """(1 + D, K), positive in the driving direction."""


def draw_inputs(errors: InputErrors, rng: np.random.Generator, draws: int = DRAWS) -> InputDraws:
    """Normal draws of the inputs; a resistance may come out smaller, never an area below zero."""
    return InputDraws(
        errors.reference_V * rng.standard_normal(draws),
        errors.resistance_ohm * rng.standard_normal(draws),
        np.exp(errors.area_relative * rng.standard_normal(draws)),
        np.exp(errors.collection_relative * rng.standard_normal(draws)),
    )


def drawn_noise(
    values: np.ndarray, noise: Noise, baseline: float, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """(draws, K): smoothed values with noise, a baseline of that standard deviation and its drift.

    How well a background fits is known from where no current should flow; along the sweep it is
    taken to drift by as much.
    """
    along = np.linspace(0.0, 1.0, len(values))
    offset = rng.standard_normal((draws, 1)) + rng.standard_normal((draws, 1)) * along
    unit = noise.draws(rng, draws, len(values))
    return smoothed(values) + noise.along(values) * unit + baseline * offset


def draw_sweeps(
    potential_V_rhe: np.ndarray,
    driven_mA_cm2: np.ndarray,
    current_A: np.ndarray,
    noise: Noise,
    baseline_mA_cm2: float,
    inputs: InputDraws,
    rng: np.random.Generator,
) -> DrawnSweeps:
    """Draws of one sweep (K,); ``current_A`` (K,), IUPAC sign, is what flowed through R."""
    count = len(inputs.area_factor)
    currents = drawn_noise(driven_mA_cm2, noise, baseline_mA_cm2, rng, count)
    shift = inputs.reference_V[:, None] - inputs.resistance_ohm[:, None] * current_A
    return DrawnSweeps(
        np.vstack([potential_V_rhe[None], potential_V_rhe + shift]),
        np.vstack([driven_mA_cm2[None], currents * inputs.area_factor[:, None]]),
    )


def drawn_figure(
    values: np.ndarray,
    *,
    unit: str,
    reason: str,
    conditions: Mapping[str, Any] | None = None,
) -> FigureOfMerit:
    """The value of the measured sweep, first, with the interval of the draws behind it.

    ``reason`` says why there is no value where the first is not finite. Draws without a value
    (NaN or infinite) open the interval once they are more than ``UNDEFINED_SHARE``.
    """
    nominal, drawn = float(values[0]), values[1:]
    if not np.isfinite(nominal):
        return no_figure(reason, unit)
    defined = np.isfinite(drawn)
    share = float(1.0 - defined.mean())
    if share > UNDEFINED_SHARE:
        text = f"{100 * share:.0f} % of the draws have no value: {reason}"
        return FigureOfMerit(nominal, (None, None), text, unit, conditions or {})
    low, high = (float(x) for x in np.percentile(drawn[defined], [2.5, 97.5], method="weibull"))
    # Where windows are chosen differently in the draws their middle may lie elsewhere.
    interval = min(low, nominal), max(high, nominal)
    return FigureOfMerit(nominal, interval, "", unit, conditions or {})


def log_parts(values: np.ndarray, inputs: InputDraws) -> dict[str, float]:
    """Standard deviations of ln(value) by what they are from; values (1 + D,) as drawn.

    The slopes of ln(value) over the draws of reference, resistance and area, times the standard
    deviation of these (signed, so that an error which two samples share can be told), and what
    they leave: noise, baseline and plateau.
    """
    with np.errstate(invalid="ignore"):
        logs = np.log(values[1:])
    defined = np.isfinite(logs)
    columns = {
        "reference": inputs.reference_V,
        "resistance": inputs.resistance_ohm,
        "area": np.log(inputs.area_factor),
    }
    known = {name: c[defined] for name, c in columns.items() if c[defined].std() > 0.0}
    design = np.column_stack([np.ones(defined.sum()), *known.values()])
    slopes = np.linalg.lstsq(design, logs[defined], rcond=None)[0]
    parts = dict.fromkeys(columns, 0.0)
    for (name, column), slope in zip(known.items(), slopes[1:], strict=True):
        parts[name] = float(slope * column.std())
    return parts | {"rest": float((logs[defined] - design @ slopes).std(ddof=design.shape[1]))}
