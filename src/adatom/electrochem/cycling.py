"""Rechargeable cells: charge and discharge of every cycle, gap, efficiencies, cycle life.

Discharge current is negative, the working electrode being the air cathode (IUPAC: cathodic
negative); the voltage is that of the air electrode against zinc.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import constants
from scipy.integrate import trapezoid

from adatom.electrochem.propagation import HOUR_S, Sampler, figure_of, interval
from adatom.electrochem.trend import Bins, bin_means, fit_trend
from adatom.errors import CurveError
from adatom.figure_of_merit import FigureOfMerit, no_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ZINC_G_MOL = 65.38
"""Standard atomic weight, IUPAC 2021."""
ZINC_MAH_G = 2 * constants.e * constants.N_A / 3.6 / ZINC_G_MOL
"""Theoretical capacity of Zn -> Zn2+ + 2 e-: 819.9 mAh/g."""
REST_SHARE = 0.02
"""Of the median current: less is a rest, and belongs to no half-cycle."""
FIRST_CYCLES = 3
"""Over which the initial gap is the median."""
SUSTAINED = 3
"""Cycles in a row beyond the criterion end the life."""
MIDDLE = (0.4, 0.6)
"""Of a half-cycle's duration: its plateau voltage is the mean there."""


@dataclass(frozen=True)
class CyclingResult:
    """Every complete cycle and what they show together."""

    label: str
    start_h: np.ndarray
    """(C,), of each cycle, from the start of the record."""
    discharge_V: np.ndarray
    """(C,), plateau."""
    charge_V: np.ndarray
    """(C,), plateau."""
    coulombic_efficiency: np.ndarray
    """(C,), charge given over charge taken."""
    energy_efficiency: np.ndarray
    """(C,), round trip: energy given over energy taken."""
    figures: Mapping[str, FigureOfMerit]
    criterion: str
    notes: tuple[str, ...]

    @property
    def gap_V(self) -> np.ndarray:
        """(C,), charge minus discharge plateau."""
        return self.charge_V - self.discharge_V

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "label": self.label,
            "cycles": len(self.start_h),
            "figures": {key: figure.as_dict() for key, figure in self.figures.items()},
            "criterion": self.criterion,
            "start_h": self.start_h.tolist(),
            "discharge_V": self.discharge_V.tolist(),
            "charge_V": self.charge_V.tolist(),
            "coulombic_efficiency": self.coulombic_efficiency.tolist(),
            "energy_efficiency": self.energy_efficiency.tolist(),
            "notes": list(self.notes),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw plateau voltages and efficiency against the cycle; returns the axes."""
        from adatom.plot.cells import plot_cycling

        return plot_cycling(self, ax)


def analyse_cycling(
    time_s: np.ndarray, voltage_V: np.ndarray, current: np.ndarray, *, gap_rise_V: float,
    label: str = "",
) -> CyclingResult:  # fmt: skip
    """Cycles of a record (N,) and when the gap has grown by ``gap_rise_V`` over the first ones.

    ``current`` in any unit, discharge negative. Raises :class:`~adatom.errors.CurveError` where
    there are no two cycles, or the charge lies below the discharge: sign exchanged.
    """
    if not gap_rise_V > 0:
        raise CurveError("the criterion of cycle life should be a rise of the gap above 0 V")
    halves = _half_cycles(time_s, voltage_V, current)
    cycles = list(zip(halves[::2], halves[1::2], strict=False))
    if len(cycles) < 2:
        raise CurveError(
            f"{label}: found {len(halves)} half-cycles; cycling needs two charges and two"
            " discharges, told apart by the sign of the current"
        )
    rows = [_cycle(time_s, voltage_V, current, first, second) for first, second in cycles]
    start, discharge, charge, coulombic, energy = np.array(rows).T
    if np.median(charge - discharge) <= 0:
        raise CurveError(
            f"{label}: the voltage is lower at positive current, but charging costs more than"
            " discharging gives; discharge is negative here: turn the sign of the current"
        )
    for array in (start, discharge, charge, coulombic, energy):
        array.flags.writeable = False
    gap = charge - discharge
    initial = float(np.median(gap[:FIRST_CYCLES]))
    criterion = (
        f"gap {gap_rise_V:g} V above the median of the first {FIRST_CYCLES} cycles"
        f" ({initial:.4g} V) for {SUSTAINED} cycles in a row"
    )
    figures = {
        "gap_V": _typical(gap, "V"),
        "energy_efficiency_percent": _typical(100 * energy, "%"),
        "coulombic_efficiency_percent": _typical(100 * coulombic, "%"),
        "gap_drift_mV_per_cycle": _drift(1e3 * gap),
        "cycle_life": _life(gap, initial + gap_rise_V, criterion),
    }
    notes = []
    if len(halves) % 2:
        notes.append("the last half-cycle has no partner and is left out")
    if np.median(coulombic) > 1.01:
        notes.append("more charge is given than taken: the zinc of the start is being used up")
    return CyclingResult(label, start, discharge, charge, coulombic, energy, figures, criterion,
                         tuple(notes))  # fmt: skip


def specific_capacity(
    time_s: np.ndarray, current_A: np.ndarray, *, zinc_mg: float, zinc_sd_mg: float,
    current_relative_sd: float = 0.0,
) -> tuple[FigureOfMerit, FigureOfMerit]:  # fmt: skip
    """mAh per g of zinc consumed, and its share of 820 mAh/g, of a discharge (N,).

    ``zinc_mg`` is the loss of mass by weighing. Raises :class:`~adatom.errors.CurveError` for
    times that fall or a mass that cannot be divided by.
    """
    if not (zinc_mg > 3 * zinc_sd_mg >= 0 and zinc_mg > 0):
        raise CurveError(
            f"the mass of zinc consumed should be well above its standard deviation, got"
            f" {zinc_mg:g} +- {zinc_sd_mg:g} mg"
        )
    known = np.isfinite(time_s) & np.isfinite(current_A)
    time, current = time_s[known], current_A[known]
    if len(time) < 2 or (np.diff(time) < 0).any():
        raise CurveError("the capacity needs one stretch of rising times; name one segment")
    signed = float(trapezoid(current, time)) / 3.6
    charge_mAh = abs(signed)
    both_ways = float(trapezoid(np.abs(current), time)) / 3.6
    if charge_mAh < 0.99 * both_ways:
        raise CurveError("the record holds discharge and charge; give one full discharge")
    sampler = Sampler()
    drawn = charge_mAh * (1 + current_relative_sd * sampler.deviates())
    drawn = drawn / (1e-3 * sampler.normal(zinc_mg, zinc_sd_mg))
    share = 100 * drawn / ZINC_MAH_G
    reason = ""
    if interval(share)[0] > 100.0:
        reason = "above what zinc can give: other reactions, or more zinc was consumed"
    conditions = {"charge_mAh": charge_mAh, "zinc_mg": zinc_mg}
    return (
        figure_of(drawn, "mAh g-1 Zn", conditions, reason),
        figure_of(share, "% of 819.9 mAh g-1", conditions, reason),
    )


def _half_cycles(
    time: np.ndarray, voltage: np.ndarray, current: np.ndarray
) -> list[tuple[slice, int]]:
    """Stretches of one sign of current, in order, with the sign; rests left out."""
    if not len(time) == len(voltage) == len(current) or len(time) < 4:
        raise CurveError("cycling needs time, voltage and current of equal length")
    if (np.diff(time[np.isfinite(time)]) < 0).any():
        raise CurveError("times fall within the record; cycling needs one continuous stretch")
    active = np.abs(current[np.isfinite(current)])
    limit = REST_SHARE * float(np.median(active[active > 0])) if (active > 0).any() else 0.0
    sign = np.where(np.abs(np.nan_to_num(current)) > limit, np.sign(np.nan_to_num(current)), 0.0)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(sign)) + 1, [len(sign)]])
    halves: list[tuple[slice, int]] = []
    for a, b in pairwise(edges):
        if sign[a] == 0 or b - a < 2:
            continue
        if halves and halves[-1][1] == int(sign[a]):  # a rest in the middle of a half-cycle
            halves[-1] = (slice(halves[-1][0].start, int(b)), int(sign[a]))
        else:
            halves.append((slice(int(a), int(b)), int(sign[a])))
    return halves


def _cycle(
    time: np.ndarray, voltage: np.ndarray, current: np.ndarray, first: tuple[slice, int],
    second: tuple[slice, int],
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Start (h), discharge and charge plateau (V), coulombic and energy efficiency."""
    discharge, charge = (first, second) if first[1] < 0 else (second, first)
    found = []
    for part, _ in (discharge, charge):
        t, v, i = time[part], voltage[part], np.abs(current[part])
        share = (t - t[0]) / max(t[-1] - t[0], 1e-12)
        middle = (share >= MIDDLE[0]) & (share <= MIDDLE[1])
        plateau = float(np.mean(v[middle])) if middle.any() else float(np.median(v))
        found.append((plateau, float(trapezoid(i, t)), float(trapezoid(i * v, t))))
    (low, given, energy_given), (high, taken, energy_taken) = found
    begin = (time[first[0].start] - time[0]) / HOUR_S
    return float(begin), low, high, given / taken, energy_given / energy_taken


def _typical(values: np.ndarray, unit: str) -> FigureOfMerit:
    """Median of the cycles and the range of 95 % of them."""
    low, high = np.quantile(values, [0.025, 0.975])
    return FigureOfMerit(
        float(np.median(values)), (float(low), float(high)), "", unit,
        {"cycles": len(values), "interval": "spread over the cycles", "first": float(values[0]),
         "last": float(values[-1])},
    )  # fmt: skip


def _drift(gap_mV: np.ndarray) -> FigureOfMerit:
    number = np.arange(len(gap_mV), dtype=float)
    try:
        bins: Bins = bin_means(number, gap_mV)
        trend = fit_trend(bins)
    except CurveError as error:
        return no_figure(str(error), "mV per cycle")
    return figure_of(trend.slope_per_s, "mV per cycle", {"noise_is_slow": trend.slow})


def _life(gap: np.ndarray, limit: float, criterion: str) -> FigureOfMerit:
    beyond = gap > limit
    run = np.convolve(beyond, np.ones(SUSTAINED), "full")[SUSTAINED - 1 :] == SUSTAINED
    conditions = {"criterion": criterion}
    if not run.any():
        return FigureOfMerit(
            None, (float(len(gap)), None), f"not reached in {len(gap)} cycles", "cycles", conditions
        )
    first = int(np.argmax(run))
    # Cycles that flicker about the limit before and after tell how sharp the end is.
    early = int(np.argmax(beyond))
    inside = np.flatnonzero(~beyond)
    late = int(inside[-1]) + 1 if inside.size and inside[-1] > first else first
    return FigureOfMerit(float(first), (float(early), float(late)), "", "cycles", conditions)
