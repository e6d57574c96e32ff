"""The oxygen-reduction volcano, once as limiting potential and once as half-wave potential.

The thermodynamic apex (0.86 V at dG_OH = 0.86 eV) is where the weakest step limits; the kinetic
one is blunter, because a step half an electron volt uphill is still taken (k_B T / h)
exp(-0.5 eV / k_B T) = 20,000 times a second.

    python examples/01_volcano.py [volcano.png]
"""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from adatom import EnergySource, FreeEnergies, load_electrolyte, load_network, predict_curves

LINE = EnergySource("table", "scaling dG_OOH = dG_OH + 3.2 eV, dG_O = dG_OH + 1.6 eV")

grid = np.round(np.arange(0.20, 1.61, 0.06), 2)
sites = [
    FreeEnergies(
        label=f"{x:.2f}",
        values_eV={"*OH": x, "*O": x + 1.6, "*OOH": x + 3.2},
        sd_eV={"*OH": 0.1, "*O": 0.1, "*OOH": 0.1},
        source=LINE,
    )
    for x in grid
]
prediction = predict_curves(
    sites, network=load_network("ORR"), electrolyte=load_electrolyte("0.1 M KOH"), draws=100
)
limiting = [r.limiting.limiting_potential_V_rhe for r in prediction.results]
half_wave = [r.figures.half_wave_V_rhe.value for r in prediction.results]

best = int(np.argmax(limiting))
print(f"thermodynamic apex: {limiting[best]:.2f} V at dG_OH = {grid[best]:.2f} eV")
known = [(e, x) for e, x in zip(half_wave, grid, strict=True) if e is not None]
print(f"highest half-wave potential: {max(known)[0]:.2f} V at dG_OH = {max(known)[1]:.2f} eV")

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.plot(grid, limiting, "o-", label="limiting potential")
ax.plot([x for _, x in known], [e for e, _ in known], "s-", label="half-wave potential, 1600 rpm")
ax.set(xlabel="dG(*OH) / eV", ylabel="V vs RHE")
ax.legend()
path = sys.argv[1] if len(sys.argv) > 1 else "volcano.png"
figure.savefig(path, dpi=150)
print(f"written: {path}")
