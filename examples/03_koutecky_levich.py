"""Koutecky-Levich analysis of a predicted set of rotation speeds gives the electrons back.

python examples/03_koutecky_levich.py
"""

import numpy as np

from adatom import (
    EnergySource,
    FreeEnergies,
    RateModel,
    load_electrolyte,
    load_network,
    predict_curves,
)
from adatom.electrochem.koutecky_levich import koutecky_levich

koh, orr = load_electrolyte("0.1 M KOH"), load_network("ORR")
site = FreeEnergies(
    label="model site",
    values_eV={"*OH": 0.5, "*O": 1.7, "*OOH": 3.7},
    sd_eV={"*OH": 0.1, "*O": 0.1, "*OOH": 0.1},
    source=EnergySource("table", "a model site"),
)
# 0.49 eV with k_B T / h is as fast as the published 0.26 eV with an attempt frequency of 1e9 / s.
slow = RateModel(intrinsic_barrier_eV=0.49)
speeds = np.array([400.0, 900.0, 1600.0, 2500.0])
curves = [
    predict_curves([site], network=orr, electrolyte=koh, rotation_rpm=rpm, draws=40, rates=slow)
    .results[0]
    .curve
    for rpm in speeds
]
# Nearer to equilibrium *OH fills the sites and the order in O2 is not one, as the analysis assumes.
for potential in (0.86, 0.84, 0.82):
    at = int(np.argmin(np.abs(curves[0].potential_V_rhe - potential)))
    currents = np.array([c.current_density_mA_cm2[at] for c in curves])
    n, kinetic = koutecky_levich(speeds, currents, koh)
    print(f"{potential:.2f} V: n = {n:.3f}, kinetic current {kinetic:.3g} mA/cm2")
