"""Two structures as ends of a path: whether they can be joined, and what lies between."""

import warnings

import numpy as np
from ase import Atoms
from ase.build.rotate import minimize_rotation_and_translation
from ase.geometry import find_mic
from ase.mep.neb import idpp_interpolate, interpolate

from adatom.errors import AdatomError

SAME_STRUCTURE_A = 0.15
"""Two structures are one if no atom differs by more."""


def interpolated(start: Atoms, end: Atoms, images: int) -> list[Atoms]:
    """Ends with ``images`` copies between, spread by the image-dependent pair potential."""
    band = [start.copy() for _ in range(images + 1)] + [end.copy()]
    for image in band:
        image.info = {}
    band[-1].positions = band[0].positions + displacement(start, end)
    band[-1].cell = band[0].cell
    interpolate(band)
    if len(start) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            idpp_interpolate(band, traj=None, log=None, mic=bool(start.pbc.any()))
    return band


def require_same_atoms(start: Atoms, end: Atoms) -> None:
    """Raise :class:`~adatom.errors.AdatomError` unless a path can join the two structures."""
    if len(start) != len(end) or list(start.symbols) != list(end.symbols):
        raise AdatomError(
            f"start {start.get_chemical_formula()} and end {end.get_chemical_formula()} must hold"
            " the same atoms in the same order"
        )
    # The box of a free molecule has no bearing.
    same_cell = np.allclose(start.cell[:], end.cell[:], atol=1e-6) or not start.pbc.any()
    if not same_cell or any(start.pbc != end.pbc):
        raise AdatomError("start and end differ in their cell; compute both in one")
    if same_structure(start, end):
        raise AdatomError(
            "start and end are one structure (after relaxation, where they were relaxed);"
            " give two different minima"
        )


def same_structure(a: Atoms, b: Atoms) -> bool:
    """Whether no atom differs by more than ``SAME_STRUCTURE_A``; atoms are not permuted."""
    return bool(np.linalg.norm(displacement(a, b), axis=1).max() < SAME_STRUCTURE_A)


def displacement(a: Atoms, b: Atoms) -> np.ndarray:
    """Displacement from ``a`` to ``b`` by the nearest images; free molecules are superposed."""
    if not a.pbc.any():
        moved = b.copy()
        if len(a) > 1:
            minimize_rotation_and_translation(a, moved)
        return np.asarray(moved.positions - a.positions)
    return np.asarray(find_mic(b.positions - a.positions, a.cell, a.pbc)[0])
