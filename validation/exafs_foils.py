"""Foils of known structure through the EXAFS fit: S02, distances, numbers, what theory leaves.

    python validation/exafs_foils.py [DATA_FOLDER]

Reads xas/xaslib_*.xdi below ADATOM_DATA (default ../shared/data). S02 of each foil is fitted with
the bulk's numbers; then Fe is fitted with the mean S02 of the *other* foils, so that its
coordination number is a check and not an input.
"""

import os
import sys
from pathlib import Path

import numpy as np

from adatom.readers.absorption import read_spectra
from adatom.xas.analysis import Settings, analyse_spectrum
from adatom.xas.path_files import packaged_paths
from adatom.xas.standards import fit_foil, s02_of_foil, with_error_of_s02

FOILS = {
    "Fe": "xaslib_Fe_Fe_Foil_rt_2016Foils.xdi",
    "Co": "xaslib_Co_co_metal_rt.xdi",
    "Ni": "xaslib_Ni_Ni_metal_rt_01.xdi",
    "Cu": "xaslib_Cu_Cu_Foil_rt_2016Foils.xdi",
}


def foil(folder: Path, element: str):
    """FineStructure of a foil."""
    (spectrum,) = read_spectra(folder / "xas" / FOILS[element])
    found = analyse_spectrum(spectrum, Settings(element=element, edge="K"))
    assert found.fine is not None, found.no_fine
    return found.fine


def main(folder: Path) -> None:
    """Print both tables."""
    found = {}
    print("| foil | k / 1/A | noise of chi | S02 | 95 % interval | R factor |")
    print("|---|---|---|---|---|---|")
    for element in FOILS:
        data = foil(folder, element)
        s02 = s02_of_foil(data, packaged_paths(f"{element} foil"))
        found[element] = s02
        low, high = s02.interval_95
        k = s02.conditions["k_range_per_angstrom"]
        print(
            f"| {element} | {k[0]:.1f} to {k[1]:.1f} | {data.noise_chi:.1e} | {s02.value:.2f} |"
            f" {low:.2f} to {high:.2f} | {s02.conditions['r_factor']:.4f} |"
        )
    others = np.array([found[e].value for e in FOILS if e != "Fe"])
    print(
        f"\nS02 of the others: {others.mean():.2f}, standard deviation {others.std(ddof=1):.2f}\n"
    )
    print("| Fe foil | fitted | 95 % interval | known |\n|---|---|---|---|")
    known = {"N(1)": 8, "R(1)": 2.482, "N(2)": 6, "R(2)": 2.866}
    fit = fit_foil(foil(folder, "Fe"), packaged_paths("Fe foil"), s02=float(others.mean()))
    spread = others.std(ddof=1) / others.mean()
    for name, fitted in fit.parameters.items():
        figure = with_error_of_s02(fitted, spread) if name.startswith("N") else fitted
        low, high = figure.interval_95
        print(
            f"| {name} / {figure.unit} | {figure.value:.4g} | {low:.4g} to {high:.4g} |"
            f" {known.get(name, '')} |"
        )
    print(f"\nR factor {fit.r_factor:.4f}, {fit.independent_points:.1f} independent points")


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    default = os.environ.get("ADATOM_DATA", str(root.parent / "shared" / "data"))
    main(Path(sys.argv[1] if len(sys.argv) > 1 else default))
