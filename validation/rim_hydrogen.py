"""Thermal terms of hydrogen on the rim of a hole: harmonic vibrations of the two H.

Finite differences with chgnet on the H atoms alone; dZPE - T dS against 1/2 H2 at 25 C, 1 bar
(H2: ideal gas, 4401 cm-1). Free-base porphyrin, measured: N-H stretch about 3320, in-plane bend
about 1220 and out-of-plane bend about 720 cm-1 (Radziszewski, Waluk, Michl, J. Mol. Spectrosc.
1990, 140, 373) give the same by the same formula.

    python validation/rim_hydrogen.py --database adatom.db
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from ase.build import molecule
from ase.thermochemistry import HarmonicThermo, IdealGasThermo
from ase.vibrations import Vibrations

from adatom.energies.engines import engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Store
from adatom.energies.vacated import saturate
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.units import ROOM_TEMPERATURE_K

INVERSE_CM_EV = 1.239842e-4
PORPHYRIN_CM = (3320.0, 1220.0, 720.0)


def _half_hydrogen_eV() -> float:
    gas = IdealGasThermo(
        vib_energies=[4401.0 * INVERSE_CM_EV], geometry="linear", atoms=molecule("H2"),
        symmetrynumber=2, spin=0,
    )  # fmt: skip
    return gas.get_gibbs_energy(ROOM_TEMPERATURE_K, 1e5, verbose=False) / 2.0


def _thermal_eV(energies_eV: np.ndarray, hydrogens: int) -> float:
    free = HarmonicThermo(energies_eV).get_helmholtz_energy(ROOM_TEMPERATURE_K, verbose=False)
    return free / hydrogens - _half_hydrogen_eV()


def main() -> None:
    """Print the term from the engine and from the measured frequencies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    given = parser.parse_args()
    chosen = engine("chgnet")
    site = build_site(parse_site("FeN4@graphene"))
    start = saturate(site, site.info["metals"], 2)
    task = Task("FeN4@graphene", "-Fe+2H", "", start, chosen)
    _, atoms = Store(given.database).get(task.key) or relax(task)
    atoms.calc = chosen.calculator(atoms)
    with tempfile.TemporaryDirectory() as scratch:
        hydrogens = [len(atoms) - 2, len(atoms) - 1]
        vibrations = Vibrations(atoms, indices=hydrogens, name=f"{scratch}/v")
        vibrations.run()
        energies = vibrations.get_energies()
    print("chgnet, cm-1:", ", ".join(f"{e.real / INVERSE_CM_EV:.0f}" for e in energies))
    print(f"chgnet: {_thermal_eV(energies.real, 2):.3f} eV per H")
    measured = np.array(PORPHYRIN_CM) * INVERSE_CM_EV
    print(f"free-base porphyrin: {_thermal_eV(measured, 1):.3f} eV per H")


if __name__ == "__main__":
    main()
