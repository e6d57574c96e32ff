"""Compute the scattering paths that adatom packages, with FEFF10: foils and sites.

    python validation/exafs_path_sets.py [NAME...]

Foils: lattice constants at room temperature (W. M. Haynes, CRC Handbook of Chemistry and Physics,
95th ed., section 12). Sites: adatom's own geometries. Paths weaker than 5 % of the strongest one,
or longer than 4.5 A, are left out of the files. Needs feff10-rs; about 10 minutes on one core.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk

import adatom.xas
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.xas.feff import site_paths
from adatom.xas.path_files import write_path_set
from adatom.xas.scattering_path import PathSet

FOILS = {
    "Fe": ("bcc", 2.8665, None),
    "Co": ("hcp", 2.5071, 4.0695),
    "Ni": ("fcc", 3.5238, None),
    "Cu": ("fcc", 3.6149, None),
}
SITES = ("{}N4", "{}2N6", "{}N4-OH", "{}C4")
METALS = ("Fe", "Co", "Ni", "Cu")
LONGEST_ANGSTROM = 4.5
WEAKEST = 0.05
FOLDER = Path(adatom.xas.__file__).parent / "paths"


def structures() -> dict[str, tuple[Atoms, str]]:
    """Name -> atoms and absorber."""
    found: dict[str, tuple[Atoms, str]] = {}
    for metal, (lattice, a, c) in FOILS.items():
        found[f"{metal} foil"] = (bulk(metal, lattice, a=a, c=c), metal)
    for metal in METALS:
        for pattern in SITES:
            name = pattern.format(metal) + "@graphene"
            found[name] = (build_site(parse_site(name)), metal)
    return found


def kept(paths: PathSet) -> PathSet:
    """Without weak and long paths, on the grid of FEFF up to 18 per angstrom."""
    inside = [p for p in paths.paths if p.distance_angstrom <= LONGEST_ANGSTROM]
    strength = np.array([p.degeneracy * _strength(p) for p in inside])
    strong = [p for p, s in zip(inside, strength, strict=True) if s >= WEAKEST * strength.max()]
    return replace(paths, paths=tuple(strong))


def _strength(path) -> float:
    """|chi| k^2 of one path, integrated over 3 to 12 per angstrom."""
    k = path.k_per_angstrom
    size = path.amplitude * np.exp(-2 * path.distance_angstrom / path.mean_free_path_angstrom)
    inside = (k >= 3.0) & (k <= 12.0)
    return float(np.trapezoid((size * k)[inside], k[inside]) / path.distance_angstrom**2)


def main(names: list[str]) -> None:
    """Compute and write the named sets, or all."""
    for name, (atoms, metal) in structures().items():
        if names and name not in names:
            continue
        paths = kept(site_paths(atoms, metal, label=name))
        write_path_set(paths, FOLDER / (name.replace(" ", "_") + ".json"))
        first = ", ".join(
            f"{p.name} {p.degeneracy:g} x {p.distance_angstrom:.3f}" for p in paths.paths[:5]
        )
        print(f"{name}: {len(paths.paths)} paths; {first}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
