"""Turnover frequency and mass activities from a kinetic current and the loading.

A/g(catalyst) = j_k / L, A/g(metal) = j_k / (L w), TOF = j_k / (n F L sum_i w_i / M_i), with the
loading L per geometric area and mass fractions w_i from ICP. Every metal atom counts as a site:
the TOF is a lower bound of that of the sites that work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, hypot, log
from typing import TypeVar

import numpy as np
from ase.data import atomic_masses, atomic_numbers

from adatom.electrochem.sample import Sample
from adatom.errors import SampleError
from adatom.figure_of_merit import NORMAL_95, FigureOfMerit, no_figure
from adatom.units import FARADAY_C_MOL

Numbers = TypeVar("Numbers", float, np.ndarray)


@dataclass(frozen=True)
class Electrons:
    """Electrons per turnover."""

    number: float
    relative_sd: float
    source: str


@dataclass(frozen=True)
class Turnover:
    """Activities at one potential."""

    at_V_rhe: float
    turnover_per_s: FigureOfMerit
    """Turnovers per metal atom and second."""
    mass_activity_A_g: FigureOfMerit
    """Per gram of catalyst."""
    metal_mass_activity_A_g: FigureOfMerit
    """Per gram of all metals."""


@dataclass(frozen=True)
class Loading:
    """What lies on the electrode."""

    catalyst_g_cm2: float
    catalyst_relative_sd: float
    metal_share: float | None
    """Mass fraction of all metals."""
    metal_share_relative_sd: float
    metal_mol_cm2: float | None
    """Of all metals per geometric area."""
    metal_mol_relative_sd: float


def loading_of(sample: Sample) -> Loading:
    """The loading of a sample; raises :class:`~adatom.errors.SampleError` where it is missing."""
    catalyst = sample.require("loading.catalyst_mg_cm2", "A mass activity")
    relative = sample.relative_sd("loading.catalyst_mg_cm2", "loading.catalyst_sd_mg_cm2")
    shares: Mapping[str, float] | None = sample.get("loading.metal_wt_percent")
    spread: Mapping[str, float] = sample.get("loading.metal_sd_wt_percent") or {}
    if shares is None:
        return Loading(1e-3 * catalyst, relative, None, 0.0, None, 0.0)
    stray = [m for m in spread if m not in shares]
    if stray:
        raise SampleError(f"loading.metal_sd_wt_percent names {stray[0]}, which has no wt_percent")
    total = sum(shares.values())
    if not 0.0 < total <= 100.0:
        raise SampleError(f"loading.metal_wt_percent adds up to {total:g}, not within 0 to 100")
    moles = metal_mol_cm2(catalyst, shares)
    amount = sum(moles.values())
    # Amounts of different metals are taken as measured independently.
    share_sd = hypot(*(spread.get(m, 0.0) for m in shares)) / total
    amount_sd = hypot(*(moles[m] * spread.get(m, 0.0) / w for m, w in shares.items() if w)) / amount
    return Loading(1e-3 * catalyst, relative, 0.01 * total, share_sd, amount, amount_sd)


def atomic_mass_g_mol(symbol: str) -> float:
    """Standard atomic weight (ASE's); raises :class:`~adatom.errors.SampleError` for no element."""
    if symbol not in atomic_numbers or symbol == "X":
        raise SampleError(f"'{symbol}' is no element; expected a symbol such as Fe")
    return float(atomic_masses[atomic_numbers[symbol]])


def metal_mol_cm2(catalyst_mg_cm2: float, wt_percent: Mapping[str, float]) -> dict[str, float]:
    """L w_m / M_m: metal atoms per geometric area, by metal."""
    return {m: 1e-5 * catalyst_mg_cm2 * w / atomic_mass_g_mol(m) for m, w in wt_percent.items()}


def turnover_frequency_Hz(
    kinetic_mA_cm2: Numbers, metal_mol_cm2: Numbers, electrons: float
) -> Numbers:
    """j_k / (n F Gamma), per metal atom."""
    return 1e-3 * kinetic_mA_cm2 / (electrons * FARADAY_C_MOL * metal_mol_cm2)


def turnovers(
    kinetic_mA_cm2: Sequence[FigureOfMerit], sample: Sample, electrons: Electrons
) -> tuple[Turnover, ...]:
    """Activities at the potentials of kinetic current densities (``conditions['at_V_rhe']``).

    Raises :class:`~adatom.errors.SampleError` that asks for the loading by name; a figure that
    needs the metal's share has the reason in its place where that was not given.
    """
    loading = loading_of(sample)
    return tuple(_turnover(k, loading, electrons) for k in kinetic_mA_cm2)


def _turnover(kinetic: FigureOfMerit, loading: Loading, electrons: Electrons) -> Turnover:
    at = kinetic.conditions.get("at_V_rhe", float("nan"))
    stated = {"at_V_rhe": at, "kinetic_mA_cm2": kinetic.value}
    per_catalyst = _scaled(
        kinetic, 1e-3 / loading.catalyst_g_cm2, loading.catalyst_relative_sd, "A/g", stated
    )
    if loading.metal_share is None or loading.metal_mol_cm2 is None:
        text = "needs loading.metal_wt_percent (from ICP), which was not given"
        return Turnover(at, no_figure(text, "1/s"), per_catalyst, no_figure(text, "A/g"))
    per_metal = _scaled(
        kinetic,
        1e-3 / (loading.catalyst_g_cm2 * loading.metal_share),
        hypot(loading.catalyst_relative_sd, loading.metal_share_relative_sd),
        "A/g",
        stated,
    )
    sites = loading.metal_mol_cm2
    per_atom = _scaled(
        kinetic,
        turnover_frequency_Hz(1.0, sites, electrons.number),
        hypot(loading.catalyst_relative_sd, loading.metal_mol_relative_sd, electrons.relative_sd),
        "1/s",
        stated
        | {
            "electrons_per_turnover": electrons.number,
            "electrons_from": electrons.source,
            "metal_mol_cm2": sites,
            "sites": "every metal atom: a lower bound",
        },
    )
    return Turnover(at, per_atom, per_catalyst, per_metal)


def _scaled(
    figure: FigureOfMerit,
    factor: float,
    relative_sd: float,
    unit: str,
    stated: Mapping[str, object],
) -> FigureOfMerit:
    """A positive figure times a factor with a relative error; logarithmic distances add squared."""
    if figure.value is None:
        return no_figure(figure.reason, unit)
    value, own = factor * figure.value, NORMAL_95 * relative_sd

    def bound(limit: float | None, sign: float) -> float | None:
        if limit is None:
            return None
        if limit <= 0.0:
            return 0.0
        return value * exp(sign * hypot(log(limit / figure.value), own))  # type: ignore[operator]

    low, high = figure.interval_95
    return FigureOfMerit(value, (bound(low, -1.0), bound(high, 1.0)), figure.reason, unit, stated)
