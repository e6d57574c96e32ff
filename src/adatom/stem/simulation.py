"""Dark-field images by multislice, with abTEM: single atoms, and small fields whole.

abTEM: J. Madsen, T. Susi, Open Research Europe 2021, 1, 24, 10.12688/openreseurope.13015.1.
Potentials: I. Lobato, D. Van Dyck, Acta Cryst. A 2014, 70, 636, 10.1107/S205327331401643X.
"""

import math
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np
from ase import Atoms
from scipy.ndimage import gaussian_filter

from adatom.errors import ImageError
from adatom.stem.atom_images import AtomImages
from adatom.stem.microscope import Microscope

INSTALL = "pip install 'adatom[stem-simulation]'"
CITATIONS = (
    "Madsen, Susi, Open Research Europe 2021, 1, 24, 10.12688/openreseurope.13015.1",
    "Lobato, Van Dyck, Acta Cryst. A 2014, 70, 636, 10.1107/S205327331401643X",
)
_BOX_A = 14.0
_REACH_A = 6.0
_STEP_A = 0.1
_SLICE_A = 2.0
_ANTIALIAS = 2.0 / 3.0
"""Share of the highest frequency of the grid that abTEM's multislice keeps."""
_BATCH = 64
"""Probes propagated together; memory grows with it."""
MAX_PROBES = 250_000


def simulate_atom_images(microscope: Microscope, symbols: Sequence[str]) -> AtomImages:
    """Images of single atoms at rest, each by a line of probes away from it.

    Raises :class:`~adatom.errors.ImageError` where abTEM is not installed.
    """
    abtem = _abtem()
    radius = np.arange(0.0, _REACH_A + _STEP_A / 2.0, _STEP_A)
    middle = _BOX_A / 2.0  # a grid point: their number is even
    scan = abtem.LineScan(
        start=(middle, middle), end=(middle + _REACH_A, middle), gpts=len(radius), endpoint=True
    )
    fraction = {}
    for symbol in symbols:
        atom = Atoms(
            symbol, [[middle, middle, _SLICE_A / 2]], cell=[_BOX_A, _BOX_A, _SLICE_A], pbc=True
        )
        fraction[symbol] = _collected(abtem, atom, microscope, scan)
    provenance = {
        "method": "multislice of one atom at rest, Lobato potential, one slice",
        "box_A": _BOX_A,
        "sampling_A": sampling_A(microscope),
        "abtem": metadata.version("abtem"),
        "citations": list(CITATIONS),
    }
    return AtomImages(microscope, radius, fraction, provenance)


def multislice_image(
    atoms: Atoms,
    microscope: Microscope,
    *,
    field_A: tuple[float, float],
    pixel_A: float,
    vibration_rms_A: float = 0.0,
    configurations: int = 1,
    seed: int = 0,
) -> np.ndarray:
    """Fraction of the beam collected at each pixel (rows, columns), by multislice.

    ``atoms`` needs an orthogonal cell that the field may fill; it wraps around. The probe stands in
    the middle of each pixel, as in :func:`~adatom.stem.linear_image.linear_image`. Atoms are moved
    to the nearest grid points (:func:`on_grid`). With ``vibration_rms_A`` (each direction) the mean
    over frozen ``configurations`` is taken.

    Raises :class:`~adatom.errors.ImageError` for a field that no desktop computes, or no abTEM.
    """
    abtem = _abtem()
    columns, rows = (max(1, round(side / pixel_A)) for side in field_A)
    if columns * rows > MAX_PROBES:
        raise ImageError(
            f"multislice of {columns} x {rows} pixels would take hours; take a smaller field, or"
            " the linear image (adatom.stem.linear_image)"
        )
    scan = abtem.GridScan(
        start=(pixel_A / 2, pixel_A / 2), gpts=(columns, rows), endpoint=False,
        end=((columns + 0.5) * pixel_A, (rows + 0.5) * pixel_A),
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    total = np.zeros((rows, columns))
    for _ in range(configurations):
        moved = atoms.copy()
        moved.positions += vibration_rms_A * rng.standard_normal(moved.positions.shape)
        moved.positions[:, :2] = on_grid(moved, microscope)
        moved.wrap()
        total += _collected(abtem, moved, microscope, scan).T
    return gaussian_filter(total / configurations, microscope.source_rms_A / pixel_A, mode="wrap")


def sampling_A(microscope: Microscope) -> float:
    """Coarsest grid that carries electrons out to the edge of the detector, angstrom."""
    highest = 1e-3 * microscope.outer_mrad / microscope.wavelength_A
    return 0.95 * _ANTIALIAS / (2.0 * highest)


def _grid(atoms: Atoms, microscope: Microscope) -> tuple[int, int]:
    """Points along x and y, an even number fine enough for the detector."""
    width, height = atoms.cell.lengths()[:2] / sampling_A(microscope) / 2.0
    return 2 * math.ceil(width), 2 * math.ceil(height)


def on_grid(atoms: Atoms, microscope: Microscope) -> np.ndarray:
    """Positions (N, 2) moved to the nearest grid points, by less than 0.05 angstrom.

    abTEM shares an atom between grid points around it, which takes up to 27 % of what it scatters
    to high angles; on a grid point it loses nothing.
    """
    step = atoms.cell.lengths()[:2] / _grid(atoms, microscope)
    return np.asarray(np.round(atoms.positions[:, :2] / step) * step)


def _collected(abtem: Any, atoms: Atoms, microscope: Microscope, scan: Any) -> np.ndarray:
    potential = abtem.Potential(
        atoms, gpts=_grid(atoms, microscope), slice_thickness=_SLICE_A,
        parametrization="lobato", projection="infinite",
    ).build(lazy=False)  # fmt: skip
    probe = abtem.Probe(
        energy=1e3 * microscope.voltage_kV,
        semiangle_cutoff=microscope.convergence_mrad,
        defocus=microscope.defocus_A,
        Cs=1e4 * microscope.spherical_aberration_um,
    )
    probe.grid.match(potential)
    detector = abtem.AnnularDetector(inner=microscope.inner_mrad, outer=microscope.outer_mrad)
    quiet = {"local_diagnostics.progress_bar": False, "diagnostics.progress_bar": False}
    with abtem.config.set(quiet):
        measured = probe.multislice(
            potential, scan=scan, detectors=detector, max_batch=_BATCH, lazy=True
        ).compute(progress_bar=False, scheduler="synchronous")
    return np.asarray(measured.array, dtype=float)


def _abtem() -> Any:
    try:
        import abtem
    except ImportError:
        raise ImageError(
            f"images are simulated by abTEM, which is not installed: {INSTALL}"
        ) from None
    return abtem
