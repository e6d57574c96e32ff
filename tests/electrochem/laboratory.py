"""Laboratory files made from predictions: noise, capacitance, iR drop, drift, wrong settings.

What is true is known, and what the experimenter believes differs from it by draws of the
standard deviations that he states.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import lfilter

from adatom import RateModel, load_electrolyte, load_network
from adatom.kinetics.rates import state_energies
from adatom.prediction.job import compiled_at
from adatom.transport.rotating_disk import disk_response, ring_current_density_mA_cm2

POTENTIALS = np.linspace(1.10, 0.15, 951)
PREDICTED = POTENTIALS[::5]
POINTS = 1200
COLLECTION = 0.37
GRID = np.linspace(1.08, 0.20, POINTS)


@dataclass(frozen=True)
class Believed:
    """What the experimenter states, with standard deviations."""

    area_cm2: float
    area_sd_cm2: float
    resistance_ohm: float
    resistance_sd_ohm: float
    offset_V: float
    offset_sd_V: float
    collection: float
    collection_sd: float


@dataclass(frozen=True)
class LaboratorySet:
    """One sweep with its background, as an instrument writes it, and the clean curve."""

    believed: Believed
    potential_V: np.ndarray
    """Against the reference electrode, iR included."""
    current_A: np.ndarray
    ring_current_A: np.ndarray
    background_potential_V: np.ndarray
    background_A: np.ndarray
    background_ring_A: np.ndarray
    true_V_rhe: np.ndarray
    true_mA_cm2: np.ndarray
    true_ring_mA_cm2: np.ndarray


def autoregressive(rng, points, sd, correlation):
    """Stationary AR(1) noise."""
    white = sd * rng.standard_normal(points)
    white[1:] *= np.sqrt(1.0 - correlation**2)
    return lfilter([1.0], [1.0, -correlation], white)


def predicted_truth(count, seed):
    """Clean disk and ring currents of random sites that reduce oxygen, some to peroxide."""
    rng = np.random.default_rng(seed)
    network, koh = load_network("ORR"), load_electrolyte("0.1 M KOH")
    curves = []
    while len(curves) < count:
        hydroxide = rng.uniform(0.7, 1.2)
        values = {
            "*OH": hydroxide,
            "*OOH": hydroxide + rng.normal(3.2, 0.1),
            "*O": 2.0 * hydroxide + rng.normal(0.0, 0.1),
        }
        # Peroxide leaves with this ratio to the splitting of O-O, at every potential.
        ratio = 10.0 ** rng.uniform(-2.5, -0.4)
        splits = 0.26 + 0.5 * (3.52 - values["*O"]) + 0.0257 * np.log(ratio)
        rates = RateModel(
            # Peroxide that has left is not reduced again.
            step_barriers_eV={"*OOH -> *O": max(splits, 0.0), "H2O2 -> *OH": 1.5}
        )
        found = disk_response(
            compiled_at(network, rates, koh), state_energies(network, values), PREDICTED, koh,
            rotation_rpm=1600.0, site_density_mol_cm2=10.0 ** rng.uniform(-15, -11),
            byproduct=network.byproduct,
        )  # fmt: skip
        collected = ring_current_density_mA_cm2(found.byproduct_mol_cm2_s[0], COLLECTION)
        disk, ring = (
            CubicSpline(PREDICTED[::-1], values[::-1])(POTENTIALS)
            for values in (found.current_density_mA_cm2[0], collected)
        )
        half = np.interp(0.5 * disk[-1], disk[::-1], POTENTIALS[::-1])
        if 0.6 < half < 0.95:
            curves.append((disk, ring))
    return curves


def straight_truth(slope_mV_dec, half_wave_V, limit_mA_cm2):
    """Disk current of one Tafel line behind one plateau: j = j_L j_k / (j_L + j_k)."""
    kinetic = limit_mA_cm2 * 10.0 ** ((half_wave_V - POTENTIALS) * 1e3 / slope_mV_dec)
    return -limit_mA_cm2 * kinetic / (limit_mA_cm2 + kinetic)


def measured(true_mA_cm2, true_ring_mA_cm2, rng):
    """One sweep and its background, measured on an instrument with its faults."""
    area, collection = rng.choice([0.196, 0.2475]), COLLECTION
    resistance, offset = rng.uniform(3.0, 45.0), 0.95
    believed = Believed(
        area * (1 + 0.01 * rng.standard_normal()), 0.01 * area,
        resistance * (1 + 0.02 * rng.standard_normal()), 0.02 * resistance,
        offset + 0.002 * rng.standard_normal(), 0.002,
        collection * (1 + 0.02 * rng.standard_normal()), 0.02 * collection,
    )  # fmt: skip
    sd = 10.0 ** rng.uniform(-3, -1.7)
    correlation = rng.choice([0.0, 0.5])
    capacitive = -(10.0 ** rng.uniform(-2, -0.5))
    along = np.linspace(0.0, 1.0, POINTS)

    def disk(faradaic):
        drift = 0.005 * (rng.standard_normal() + rng.standard_normal() * along)
        return faradaic + capacitive + drift + autoregressive(rng, POINTS, sd, correlation)

    # The instrument sets E_set; what the electrode feels is E_set - I R.
    potential = GRID - offset
    felt = GRID.copy()
    for _ in range(60):
        j = np.interp(felt, POTENTIALS[::-1], true_mA_cm2[::-1])
        felt = 0.5 * felt + 0.5 * (GRID - 1e-3 * (j + capacitive) * area * resistance)
    j = np.interp(felt, POTENTIALS[::-1], true_mA_cm2[::-1])
    ring = np.interp(felt, POTENTIALS[::-1], true_ring_mA_cm2[::-1])
    quiet_ring = 1e-3 * 10.0 ** rng.uniform(-0.5, 0.5)
    ring_zero = 0.002 * rng.standard_normal()

    def ring_current(faradaic):
        return (
            1e-3
            * area
            * (
                faradaic
                + ring_zero
                + 5e-4 * rng.standard_normal()
                + quiet_ring * rng.standard_normal(POINTS)
            )
        )

    return LaboratorySet(
        believed, potential, 1e-3 * area * disk(j), ring_current(ring), potential,
        1e-3 * area * disk(np.zeros(POINTS)), ring_current(np.zeros(POINTS)),
        POTENTIALS, true_mA_cm2, true_ring_mA_cm2,
    )  # fmt: skip
