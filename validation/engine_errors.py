"""How far the embedded engines lie from the packaged DFT, and both from published values.

python validation/engine_errors.py --database validation.db
"""

import argparse
from pathlib import Path

import numpy as np

from adatom import from_engine, from_package, load_network, parse_site
from adatom.energies.store import Store
from adatom.thermo.sources import packaged_sites

# Free energies in eV, thermal terms of this package added to electronic formation energies where
# the source gives those. CoN4: VASP PBE of the HybridPB Co-N-C set (tests/published).
PUBLISHED = {"CoN4@graphene": {"*OH": 1.15, "*O": 2.31, "*H": 0.64}}


def main() -> None:
    """Print one row a free energy, then the mean absolute errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    sites = [parse_site(name) for name in packaged_sites().values()]
    orr, her = load_network("ORR"), load_network("HER").restricted({"*H"})
    columns: dict[str, dict[tuple[str, str], float]] = {"gpaw": {}}
    for site in sites:
        for network in (orr, her):
            values = from_package(site, network).values_eV
            columns["gpaw"].update({(str(site), s): v for s, v in values.items()})
    for name in ("chgnet", "diep"):
        columns[name] = {}
        for network in (orr, her):
            for free in from_engine(
                sites, network, engine_name=name, store=Store(given.database),
                workers=given.workers,
            ):  # fmt: skip
                columns[name].update({(free.label, s): v for s, v in free.values_eV.items()})
    print("| site | state | gpaw | chgnet | diep | published |\n|---|---|---|---|---|---|")
    for (site, state), value in columns["gpaw"].items():
        others = " | ".join(f"{columns[name][site, state]:.2f}" for name in ("chgnet", "diep"))
        known = PUBLISHED.get(site, {}).get(state)
        print(f"| {site} | {state} | {value:.2f} | {others} | {'' if known is None else known} |")
    for name in ("chgnet", "diep"):
        errors = np.array([columns[name][k] - v for k, v in columns["gpaw"].items()])
        print(
            f"{name} minus gpaw over {errors.size}: mean {errors.mean():+.2f},"
            f" mean absolute {np.abs(errors).mean():.2f}, rms {np.sqrt((errors**2).mean()):.2f} eV"
        )


if __name__ == "__main__":
    main()
