"""How often the 95 % intervals of adatom fit hold the truth, over many synthetic curves.

ORR on a site that *OH covers at high potential; noise given or estimated, two or three parameters,
two levels of noise. Also how often a right model is called wrong (stated: 1 % for each test).

    python validation/fit_coverage.py --sets 500
"""

import argparse

import numpy as np

from adatom import FreeEnergies, RateModel, load_electrolyte, load_network
from adatom.curves import PolarizationCurve
from adatom.fitting.fit import fit_curve
from adatom.kinetics.rates import compile_network, state_energies
from adatom.provenance import EnergySource
from adatom.transport.rotating_disk import disk_response

VALUES = {"*OH": 0.8, "*O": 2.4, "*OOH": 4.4}
TRUTH = {"density": -8.0, "*OH": 0.8, "transport": 1.0}
RATES = RateModel(law="butler-volmer", exchange_rate_Hz=100.0)
POTENTIALS = np.linspace(1.0, 0.4, 31)


def main() -> None:
    """Print one line a case: share of intervals that hold the truth, and of false alarms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=500)
    sets = parser.parse_args().sets
    network, electrolyte = load_network("ORR"), load_electrolyte("0.1 M KOH")
    site = FreeEnergies("X", VALUES, dict.fromkeys(VALUES, 0.1), EnergySource("table", "set"))
    clean = disk_response(
        compile_network(network, RATES), state_energies(network, VALUES), POTENTIALS, electrolyte,
        rotation_rpm=1600.0, site_density_mol_cm2=1e-8, byproduct=network.byproduct,
    ).current_density_mA_cm2[0]  # fmt: skip
    for free in (("density", "*OH"), ("density", "*OH", "transport")):
        for noise in (0.01, 0.05):
            for given in (True, False):
                hits, alarms = dict.fromkeys(free, 0), 0
                for seed in range(sets):
                    errors = noise * np.random.default_rng([7, seed]).standard_normal(clean.size)
                    found = fit_curve(
                        PolarizationCurve("set", POTENTIALS, clean + errors, "KOH", 1600.0),
                        site=site, network=network, electrolyte=electrolyte, free=free,
                        fixed={"rate": 100.0}, follow={"*OOH": 1.0}, rates=RATES,
                        sd_mA_cm2=np.full(clean.size, noise) if given else None,
                    )  # fmt: skip
                    for p in found.parameters:
                        low, high = p.interval_95
                        above = low is None or low <= TRUTH[p.name]
                        hits[p.name] += above and (high is None or TRUTH[p.name] <= high)
                    alarms += not found.describes
                shares = ", ".join(f"{n} {100 * h / sets:.1f} %" for n, h in hits.items())
                source = "sd given" if given else "sd estimated"
                print(
                    f"noise {noise:g} mA/cm2, {source}: {shares}; called wrong"
                    f" {100 * alarms / sets:.1f} % ({sets} sets)",
                    flush=True,
                )


if __name__ == "__main__":
    main()
