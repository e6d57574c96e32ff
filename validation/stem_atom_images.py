"""Compute the packaged images of single atoms, and measure the linear image against multislice.

python validation/stem_atom_images.py tables
python validation/stem_atom_images.py check [THICKNESS_A...]
python validation/stem_atom_images.py grid      what abTEM loses between grid points
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import Atoms

import adatom
from adatom import build_site, parse_site
from adatom.stem.atom_images import AtomImages, file_name, packaged_atom_images
from adatom.stem.carbon import amorphous_carbon
from adatom.stem.linear_image import linear_image
from adatom.stem.microscope import PACKAGED
from adatom.stem.simulation import (
    multislice_image,
    on_grid,
    sampling_A,
    simulate_atom_images,
)
from adatom.stem.specimen import scatter_sites, site_patch

DATA = Path(adatom.__file__).parent / "stem" / "data"
SYMBOLS = (
    "H", "B", "C", "N", "O", "F", "Al", "Si", "P", "S", "Cl", "Ti", "V", "Cr", "Mn", "Fe", "Co",
    "Ni", "Cu", "Zn", "Se", "Zr", "Nb", "Mo", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "La", "Ce",
    "W", "Re", "Os", "Ir", "Pt", "Au", "Bi",
)  # fmt: skip


def tables() -> None:
    """Write the packaged tables."""
    for microscope in PACKAGED:
        found = simulate_atom_images(microscope, SYMBOLS)
        content = {
            "microscope": microscope.as_dict(),
            "radius_step_A": float(found.radius_A[1]),
            "radii": len(found.radius_A),
            "provenance": {
                **found.provenance,
                "command": "python validation/stem_atom_images.py tables",
            },
            "fraction": {s: [float(f"{v:.5g}") for v in y] for s, y in found.fraction.items()},
        }
        text = json.dumps(content).replace('], "', '],\n "').replace("}, ", "},\n ")
        (DATA / file_name(microscope)).write_text(text + "\n", encoding="utf-8")
        print(file_name(microscope), found.provenance["sampling_A"])


SIDE_A = 13.2
PIXEL_A = 0.33
APERTURE_A = 0.8


def check(thicknesses_A: list[float]) -> None:
    """One field a thickness, the same atoms at rest both ways."""
    microscope = replace(PACKAGED[0], source_fwhm_A=0.8)
    images = packaged_atom_images(microscope)
    pair, single = (
        site_patch(build_site(parse_site("Fe2N6@graphene"))),
        site_patch(build_site(parse_site("FeN4@graphene"))),
    )
    for thickness in thicknesses_A:
        rng = np.random.default_rng(round(thickness))
        field = (SIDE_A, SIDE_A)
        # The cell of a multislice wraps around: leave its rim free of sites, none of carbon.
        film = amorphous_carbon(field_A=field, thickness_A=thickness, rng=rng, margin_A=0.0)
        made = scatter_sites(
            [(pair, 1), (single, 2)], film, field_A=field, thickness_A=thickness, rng=rng,
            margin_A=-2.5,
        )  # fmt: skip
        atoms = made.atoms
        atoms.set_cell([SIDE_A, SIDE_A, thickness + 4.0])
        atoms.pbc = True
        atoms.positions[:, 2] += 2.0
        atoms.positions[:, :2] = on_grid(atoms, microscope)
        full = multislice_image(atoms, microscope, field_A=field, pixel_A=PIXEL_A)
        report(thickness, full, atoms, made.positions_A, images)


def report(
    thickness: float, full: np.ndarray, atoms: Atoms, metals: np.ndarray, images: AtomImages
) -> None:
    """Print how the linear image differs from the one by multislice."""
    around = atoms.repeat((3, 3, 1))
    around.positions[:, :2] -= SIDE_A
    linear = linear_image(
        around, images, field_A=(SIDE_A, SIDE_A), pixel_A=PIXEL_A, vibration_rms_A=0.0
    )
    y, x = (np.indices(full.shape) + 0.5) * PIXEL_A
    near = [np.hypot(x - mx, y - my) < APERTURE_A for mx, my in metals]
    far = np.all([np.hypot(x - mx, y - my) > 3.0 for mx, my in metals], axis=0)
    found = {
        "thickness_A": thickness,
        "correlation": float(np.corrcoef(full.ravel(), linear.ravel())[0, 1]),
        "mean_ratio": float(full.mean() / linear.mean()),
        "carbon_mean_ratio": float(full[far].mean() / linear[far].mean()),
        "carbon_speckle_sd_ratio": float(full[far].std() / linear[far].std()),
        "rms_difference_over_sd": float((full - linear).std() / full.std()),
        "metal_peak_ratio": [
            float((full[a].mean() - full[far].mean()) / (linear[a].mean() - linear[far].mean()))
            for a in near
        ],
    }
    print(json.dumps(found), flush=True)


def grid() -> None:
    """What a carbon atom scatters on a grid point and between grid points, on two grids."""
    import abtem

    microscope = PACKAGED[0]
    side, n = 8.0, 2 * round(4.0 / sampling_A(microscope))
    detector = abtem.AnnularDetector(inner=microscope.inner_mrad, outer=microscope.outer_mrad)
    for points in (n, 2 * n):
        for shift in (0.0, 0.5):
            x = side / 2.0 + shift * side / points
            atom = Atoms("C", [[x, x, 1.0]], cell=[side, side, 2.0], pbc=True)
            potential = abtem.Potential(
                atom, gpts=points, slice_thickness=2.0, parametrization="lobato",
                projection="infinite",
            )  # fmt: skip
            probe = abtem.Probe(
                energy=1e3 * microscope.voltage_kV, semiangle_cutoff=microscope.convergence_mrad
            )
            probe.grid.match(potential)
            scan = abtem.LineScan(start=(x, x), end=(x + 3.5, x), gpts=36, endpoint=True)
            seen = probe.multislice(potential, scan=scan, detectors=detector, lazy=False).array
            radius = np.linspace(0.0, 3.5, 36)
            signal = float(np.trapezoid(2.0 * np.pi * radius * seen, radius))
            print(f"{points} points, {shift:g} of a step off: {signal:.4g} A2")


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check([float(t) for t in sys.argv[2:]] or [10.0, 20.0, 40.0])
    elif sys.argv[1:2] == ["grid"]:
        grid()
    elif sys.argv[1:2] == ["tables"]:
        tables()
    else:
        sys.exit(__doc__)
