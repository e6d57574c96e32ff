"""Synthetic laboratory sets through the whole analysis: errors and coverage of every figure."""

from dataclasses import dataclass

import numpy as np
from laboratory import COLLECTION, POTENTIALS, LaboratorySet, measured, straight_truth

from adatom.electrochem import limited
from adatom.electrochem.corrections import (
    MeasuredSweep,
    per_area,
    to_rhe,
    without_background,
    without_ohmic_drop,
)
from adatom.electrochem.draws import InputErrors, draw_inputs
from adatom.electrochem.limited_sweep import LimitedSweep, analyse_limited
from adatom.electrochem.rrde import analyse_ring
from adatom.figure_of_merit import FigureOfMerit


@dataclass(frozen=True)
class Outcome:
    """Truths of one figure, and what was found."""

    truth: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def error(self):
        return self.value - self.truth

    @property
    def coverage(self):
        """Share of the closed intervals that hold the truth."""
        closed = np.isfinite(self.low)
        inside = (self.low <= self.truth) & (self.truth <= self.high)
        return float(inside[closed].mean())


def corrected(laboratory: LaboratorySet) -> MeasuredSweep:
    """The sweep after every correction, with what the experimenter believes."""
    believed = laboratory.believed

    def chain(label, potential, current, ring):
        sweep = MeasuredSweep(label, potential, current, ring_current_A=ring)
        sweep = to_rhe(per_area(sweep, believed.area_cm2), believed.offset_V, "calibration")
        return without_ohmic_drop(
            sweep, believed.resistance_ohm, fraction=1.0, compensated=0.0, source="impedance"
        )

    return without_background(
        chain("O2", laboratory.potential_V, laboratory.current_A, laboratory.ring_current_A),
        chain("N2", laboratory.background_potential_V, laboratory.background_A,
              laboratory.background_ring_A),
    )  # fmt: skip


def analysed(laboratory: LaboratorySet, seed: int):
    """Figures of one set with the draws of its inputs."""
    believed = laboratory.believed
    rng = np.random.default_rng(seed)
    inputs = draw_inputs(
        InputErrors(
            reference_V=believed.offset_sd_V,
            resistance_ohm=believed.resistance_sd_ohm,
            area_relative=believed.area_sd_cm2 / believed.area_cm2,
            collection_relative=believed.collection_sd / believed.collection,
        ),
        rng,
    )
    found = analyse_limited(corrected(laboratory), inputs, cathodic=True, rng=rng)
    return found, inputs, rng


def straight_campaign(count: int, seed: int) -> dict[str, Outcome]:
    """Curves of one Tafel line and one plateau: the truth is what they were made with."""
    rng = np.random.default_rng(seed)
    rows = {"limit": [], "half_wave": [], "tafel": []}
    for i in range(count):
        slope, half, limit = rng.uniform(40, 125), rng.uniform(0.7, 0.92), rng.uniform(4.5, 6)
        disk = straight_truth(slope, half, limit)
        found, _, _ = analysed(measured(disk, np.zeros_like(disk), rng), i)
        rows["limit"].append((limit, found.limiting_mA_cm2))
        rows["half_wave"].append((half, found.half_wave_V_rhe))
        rows["tafel"].append((slope, found.tafel_slope_mV_dec))
    return {name: _outcome(row) for name, row in rows.items()}


def predicted_campaign(curves, seed: int) -> dict[str, Outcome]:
    """Curves of predicted sites: the truth is the same definition on the clean curve."""
    rng = np.random.default_rng(seed)
    names = ("limit", "half_wave", "tafel", "electrons", "peroxide")
    rows: dict[str, list[tuple[float, FigureOfMerit]]] = {name: [] for name in names}
    for i, (disk, ring) in enumerate(curves):
        clean = limited.limited_figures(POTENTIALS[None], -disk[None], np.array([3e-3]))[0]
        laboratory = measured(disk, ring, rng)
        found, inputs, own = analysed(laboratory, i)
        rows["limit"].append((clean[limited.PLATEAU], found.limiting_mA_cm2))
        rows["half_wave"].append((clean[limited.HALF], found.half_wave_V_rhe))
        rows["tafel"].append(
            (_slope_in_window(disk, clean[limited.PLATEAU], found), found.tafel_slope_mV_dec)
        )
        if found.limiting_mA_cm2.value is None:
            continue
        pair = analyse_ring(found, laboratory.believed.collection, inputs, own)
        low, high = sorted(found.limiting_mA_cm2.conditions["plateau_V_rhe"])
        on = (low <= POTENTIALS) & (high >= POTENTIALS)
        flows, collected = -disk[on].mean(), ring[on].mean() / COLLECTION
        rows["electrons"].append((4 * flows / (flows + collected), pair.mean_electron_number))
        rows["peroxide"].append((200 * collected / (flows + collected), pair.mean_peroxide_percent))
    return {name: _outcome(row) for name, row in rows.items()}


def _slope_in_window(disk, limit, found: LimitedSweep) -> float:
    """Slope of the clean kinetic current over the window that the noisy curve was given."""
    if found.tafel_slope_mV_dec.value is None:
        return np.nan
    low, high = sorted(found.tafel_slope_mV_dec.conditions["window_V_rhe"])
    on = (low <= POTENTIALS) & (high >= POTENTIALS)
    current = -disk[on]
    if on.sum() < 4 or current.max() >= limit:
        return np.nan
    weight = current * (limit - current) / limit
    logarithm = np.log10(current * limit / (limit - current))
    return -1e3 / np.polyfit(POTENTIALS[on], logarithm, 1, w=weight)[0]


def _outcome(rows) -> Outcome:
    kept = [(t, f) for t, f in rows if f.value is not None and np.isfinite(t)]
    bounds = [f.interval_95 if None not in f.interval_95 else (np.nan, np.nan) for _, f in kept]
    return Outcome(
        np.array([t for t, _ in kept]),
        np.array([f.value for _, f in kept]),
        np.array([b[0] for b in bounds]),
        np.array([b[1] for b in bounds]),
    )
