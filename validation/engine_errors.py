"""How far the embedded engines lie from the packaged DFT, and both from published values.

python validation/engine_errors.py --database validation.db
"""

import argparse
from pathlib import Path

import numpy as np

from adatom import from_engine, from_package, load_network, parse_site
from adatom.energies.store import Store
from adatom.thermo.sources import PLANE_WAVES, packaged_sites

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
    columns: dict[str, dict[tuple[str, str], float]] = {"gpaw": {}, PLANE_WAVES: {}}
    for name, corrections in (("gpaw", []), (PLANE_WAVES, [PLANE_WAVES])):
        for site in sites:
            for network in (orr, her):
                values = from_package(site, network, corrections=corrections).values_eV
                columns[name].update({(str(site), s): v for s, v in values.items()})
    for name in ("chgnet", "diep"):
        columns[name] = {}
        for network in (orr, her):
            for free in from_engine(
                sites, network, engine_name=name, store=Store(given.database),
                workers=given.workers,
            ):  # fmt: skip
                columns[name].update({(free.label, s): v for s, v in free.values_eV.items()})
    print(f"| site | state | {' | '.join(columns)} | published |")
    print("|---" * (len(columns) + 3) + "|")
    for site, state in columns["gpaw"]:
        cells = " | ".join(f"{values[site, state]:.2f}" for values in columns.values())
        known = PUBLISHED.get(site, {}).get(state, "")
        print(f"| {site} | {state} | {cells} | {known} |")
    print(f"\n| minus {PLANE_WAVES}, {len(columns['gpaw'])} values | mean | mean absolute | rms |")
    print("|---|---|---|---|")
    for name in ("gpaw", "chgnet", "diep"):
        errors = np.array([columns[name][k] - v for k, v in columns[PLANE_WAVES].items()])
        mean, absolute = errors.mean(), np.abs(errors).mean()
        print(f"| {name} | {mean:+.2f} | {absolute:.2f} | {np.sqrt((errors**2).mean()):.2f} |")
    print(
        "\n| *OOH minus *OH | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 1) + "|"
    )
    for site in map(str, sites):
        gaps = [values[site, "*OOH"] - values[site, "*OH"] for values in columns.values()]
        print(f"| {site} | " + " | ".join(f"{gap:.2f}" for gap in gaps) + " |")


if __name__ == "__main__":
    main()
