"""Work functions of both faces of a sheet from its electrostatic potential.

    Phi = (planar-averaged potential in the vacuum) - (Fermi level)

A sheet with a dipole across it has two vacuum levels. A periodic cell cannot hold both: unless
the calculation cancels it, a uniform field F crosses the whole cell, v(z) = v_true(z) + F z, and
the vacuum is a slope (Neugebauer and Scheffler, Phys. Rev. B 1992, 46, 16067,
10.1103/PhysRevB.46.16067; Bengtsson, Phys. Rev. B 1999, 59, 12301, 10.1103/PhysRevB.59.12301).
With the zero of F z in the plane of the sheet, whose states fix the Fermi level, each vacuum level
is the line through the vacuum followed back to that plane: to z0 for the upper face, to z0 + L for
the lower, so that they differ by -F L. The charge is taken as it is: what the field polarises in
it is not undone, and counted as uncertainty.
"""

from dataclasses import dataclass

import numpy as np
from ase import Atoms

from adatom.errors import AdatomError

CLEARANCE_A = 3.5
"""The vacuum begins so far from the outermost nuclei; what density is left there shows in the
flatness."""
MIN_VACUUM_A = 3.0
"""Shortest stretch of vacuum between the clearances from which a level is taken."""
RESPONSE_A = 3.0
"""Step that a unit field induces across a layer, eV per V/A: 4 pi times its polarisability per
area. A layer of LiH of 16 A2 has 2.8 (from cells of 14 and 28 A), graphene about 2."""
JUMP_GUARD_A = 1.0
"""Kept away from the dipole layer of a corrected calculation."""


@dataclass(frozen=True)
class WorkFunction:
    """Work functions of the two faces, and the profile behind them."""

    top_eV: float
    """Of the face towards +c."""
    bottom_eV: float
    top_error_eV: float
    """Largest departure of the vacuum from its level (or line), plus, with a field, what it makes
    over half the thickness of the sheet and by polarising it."""
    bottom_error_eV: float
    field_V_A: float
    """Artificial field across the cell; zero where the calculation cancels it."""
    vacuum_A: float
    """Length of vacuum used."""
    treatment: str
    """How the dipole of the cell was treated."""
    heights_A: np.ndarray
    """Along the normal of the sheet, from its plane to the plane of its next image, shape (n,)."""
    potential_eV: np.ndarray
    """Planar-averaged electron potential energy from the Fermi level, shape (n,)."""


def work_function(
    potential_eV: np.ndarray, atoms: Atoms, *, fermi_eV: float, dipole_corrected: bool
) -> WorkFunction:
    """Work functions from the electron's electrostatic potential energy.

    ``potential_eV``, shape (n1, n2, n3), periodic over the cell of ``atoms``, in the same zero as
    ``fermi_eV``; the sheet lies along the first two lattice vectors. ``dipole_corrected`` says
    whether the calculation itself cancelled the field (its potential jumps in the vacuum).
    Raises :class:`~adatom.errors.AdatomError` when the vacuum is too thin.
    """
    normal = np.cross(atoms.cell[0], atoms.cell[1])
    length = float(atoms.cell.volume / np.linalg.norm(normal))
    plane, low, high = sheet_extent(atoms)
    window = (high + CLEARANCE_A, low + length - CLEARANCE_A)
    if window[1] - window[0] < MIN_VACUUM_A:
        raise AdatomError(
            f"vacuum too thin for a work function: {low + length - high:.1f} A between the"
            f" outermost nuclei along the third lattice vector, at least"
            f" {2 * CLEARANCE_A + MIN_VACUUM_A:g} A needed; give the cell more height"
        )
    n = potential_eV.shape[2]
    offset = np.arange(n) * (length / n) - plane
    order = np.argsort(offset % length)
    heights = (offset % length)[order]
    profile = np.asarray(potential_eV.mean(axis=(0, 1)) - fermi_eV)[order]
    inside = (heights >= window[0]) & (heights <= window[1])
    z, v = heights[inside], profile[inside]
    if dipole_corrected:
        top, bottom, errors = _two_plateaus(z, v)
        field, treatment = 0.0, "cancelled in the calculation (dipole correction)"
    else:
        field, level = np.polyfit(z, v, 1)
        top, bottom = float(level), float(level + field * length)
        ripple = float(np.abs(v - level - field * z).max())
        error = ripple + abs(float(field)) * (0.5 * (high - low) + RESPONSE_A)
        errors = (error, error)
        treatment = "uniform field of the cell fitted in the vacuum and removed"
    return WorkFunction(
        top, bottom, *errors, float(field), float(window[1] - window[0]), treatment,
        heights, profile,
    )  # fmt: skip


def sheet_extent(atoms: Atoms) -> tuple[float, float, float]:
    """Where a periodic sheet lies along the normal of its first two lattice vectors, angstrom.

    Height of its plane in the cell, and of its lowest and highest nucleus from that plane; the
    widest gap between nuclei is the vacuum. The plane is the median of the heights: that of a
    sheet however far an adsorbate stands out, the middle of a slab.
    """
    normal = np.cross(atoms.cell[0], atoms.cell[1])
    length = float(atoms.cell.volume / np.linalg.norm(normal))
    fractions = np.sort(atoms.get_scaled_positions(wrap=True)[:, 2])
    gaps = np.diff(np.append(fractions, fractions[0] + 1.0))
    first = (int(np.argmax(gaps)) + 1) % len(fractions)  # the nucleus above the vacuum
    heights = ((fractions - fractions[first]) % 1.0) * length
    middle = float(np.median(heights))
    plane = fractions[first] * length + middle
    return plane, float(heights.min() - middle), float(heights.max() - middle)


def _two_plateaus(z: np.ndarray, v: np.ndarray) -> tuple[float, float, tuple[float, float]]:
    jump = z[int(np.argmax(np.abs(np.diff(v))))]
    above, below = v[z < jump - JUMP_GUARD_A], v[z > jump + JUMP_GUARD_A]
    if len(above) < 2 or len(below) < 2:
        # No layer within the vacuum: both faces see one level.
        above = below = v
    return (
        float(above.mean()),
        float(below.mean()),
        (float(np.ptp(above) / 2), float(np.ptp(below) / 2)),
    )
