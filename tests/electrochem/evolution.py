"""Sweeps of oxygen evolution made from one Tafel line: noise, charging, iR drop, errors."""

import numpy as np
from laboratory import autoregressive

from adatom.electrochem.corrections import MeasuredSweep, per_area, to_rhe, without_ohmic_drop
from adatom.electrochem.draws import InputErrors, draw_inputs
from adatom.electrochem.kinetic_sweep import OhmicDrop, analyse_kinetic
from adatom.electrochem.measured_reaction import REACTIONS

EQUILIBRIUM_V = 1.229
POINTS = 800


def measured_evolution(slope_mV_dec, e_10_V, rng, *, charging=0.05):
    """A corrected sweep from 1.2 V to about 50 mA/cm2 as the experimenter has it; and draws."""
    area, resistance, offset = 0.196, rng.uniform(2.0, 20.0), 0.95
    believed = {
        "area": area * (1 + 0.01 * rng.standard_normal()),
        "resistance": resistance * (1 + 0.02 * rng.standard_normal()),
        "offset": offset + 0.002 * rng.standard_normal(),
    }
    felt = np.linspace(1.2, e_10_V + 0.7e-3 * slope_mV_dec, POINTS)
    along = np.linspace(0.0, 1.0, POINTS)
    true = 10.0 * 10.0 ** ((felt - e_10_V) * 1e3 / slope_mV_dec)
    drift = charging * rng.standard_normal() + charging * rng.standard_normal() * along
    noise = autoregressive(rng, POINTS, 10.0 ** rng.uniform(-3.5, -2.5), rng.choice([0.0, 0.5]))
    j = true * (1 + 2e-3 * rng.standard_normal(POINTS)) + drift + noise
    current = 1e-3 * area * j
    sweep = MeasuredSweep("made", felt - offset + 1e-3 * area * true * resistance, current)
    sweep = to_rhe(per_area(sweep, believed["area"]), believed["offset"], "made")
    sweep = without_ohmic_drop(
        sweep, believed["resistance"], fraction=1.0, compensated=0.0, source="made"
    )
    errors = InputErrors(0.002, 0.02 * resistance, 0.01)
    return sweep, errors, OhmicDrop(believed["resistance"], 0.0)


def analysed(sweep, errors, ohmic, rng, **options):
    """Figures of an oxygen-evolution sweep."""
    return analyse_kinetic(
        sweep, draw_inputs(errors, rng, 200), reaction=REACTIONS["OER"], rng=rng, ohmic=ohmic,
        **options,
    )  # fmt: skip
