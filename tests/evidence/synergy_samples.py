"""Analysed samples with what is known of them, made without files."""

from math import exp, hypot
from pathlib import Path

import numpy as np

from adatom.electrochem.reference import RheOffset
from adatom.electrochem.result_file import ResultFile, SweepResult
from adatom.electrochem.sample import Sample
from adatom.figure_of_merit import FigureOfMerit

CORRECTED = ("area", "reference", "background")
LIMIT = 5.5
SLOPE_PER_V = -np.log(10.0) / 0.060
EXACT = RheOffset(0.95, 0.0, "offset given")


def kinetic(value, at, sd, area_sd, reference_sd):
    """j_k with the standard deviation ``sd`` of its logarithm from noise alone."""
    share = value / (value + LIMIT)
    parts = {
        "reference": SLOPE_PER_V * reference_sd,
        "resistance": 0.0,
        "area": area_sd,
        "rest": sd,
    }
    total = hypot(*parts.values())
    interval = (value * exp(-1.959964 * total), value * exp(1.959964 * total))
    conditions = {"at_V_rhe": at, "share_of_plateau": share, "sd_of_ln": parts}
    return FigureOfMerit(value, interval, "", "mA/cm2", conditions)


def result(
    name,
    kinetic_mA_cm2,
    metals,
    *,
    loading=0.2,
    loading_sd=0.01,
    metal_relative_sd=0.05,
    kinetic_sd=0.05,
    area_sd=0.0,
    reference=EXACT,
    sweep=(),
    **settings,
):
    """j_k at 0.85 V and, for a Tafel slope of 60 mV/dec, at two potentials beside it."""
    values = {
        "measurement.reaction": "ORR",
        "electrolyte.name": "0.1 M KOH",
        "electrode.area_cm2": 0.196,
        "electrode.area_sd_cm2": 0.196 * area_sd,
        "loading.catalyst_mg_cm2": loading,
        "loading.catalyst_sd_mg_cm2": loading_sd,
        "loading.metal_wt_percent": dict(metals),
        "loading.metal_sd_wt_percent": {m: metal_relative_sd * w for m, w in metals.items()},
    } | {key.replace("__", "."): v for key, v in settings.items()}
    at = {0.85 + d: kinetic_mA_cm2 * np.exp(SLOPE_PER_V * d) for d in (-0.02, 0.0, 0.02)}
    # The potential at which half of the plateau flows.
    half = 0.85 + np.log(LIMIT / kinetic_mA_cm2) / SLOPE_PER_V
    fields = {
        "label": "1.1 1600 rpm cathodic",
        "direction": "cathodic",
        "normalisation": "geometric area",
        "corrected_for": CORRECTED,
        "rotation_rpm": 1600.0,
        "scan_rate_mV_s": 10.0,
        "figures": {"half_wave_potential": FigureOfMerit(half, (half - 0.002, half + 0.002))},
        "kinetic_mA_cm2": tuple(
            kinetic(value, v, kinetic_sd, area_sd, reference.sd_volt) for v, value in at.items()
        ),
    }
    one = SweepResult(**(fields | dict(sweep)))
    known = {key: v for key, v in values.items() if v is not None}
    return ResultFile(Path(name), Sample(known), reference, (one,))
