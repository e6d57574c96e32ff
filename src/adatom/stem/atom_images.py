"""Dark-field images of single atoms: the fraction of the beam that the detector collects.

The packaged tables were computed by multislice (see :mod:`adatom.stem.simulation`) of one atom
at rest; the image of the source and thermal vibration are folded in where they are used, which
for a single atom is exact.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.integrate import simpson
from scipy.interpolate import make_interp_spline
from scipy.special import j0

from adatom.errors import ImageError
from adatom.stem.microscope import PACKAGED, Microscope

_FINE_A = 0.01
"""Step of the radial integrals, angstrom."""


@dataclass(frozen=True)
class AtomImages:
    """Intensity against the distance of the probe from an atom, for each element."""

    microscope: Microscope
    radius_A: np.ndarray
    """Distances (R,), evenly spaced from 0."""
    fraction: Mapping[str, np.ndarray]
    """Fraction of the beam on the detector (R,), by symbol; without source and vibration."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Copy the tables and make them read-only."""
        frozen = {symbol: _frozen(values) for symbol, values in self.fraction.items()}
        object.__setattr__(self, "radius_A", _frozen(self.radius_A))
        object.__setattr__(self, "fraction", MappingProxyType(frozen))

    def cross_section_A2(self, symbol: str) -> float:
        """Signal of one atom integrated over probe positions, angstrom squared."""
        return float(self.transfer_A2(symbol, np.zeros(1))[0])

    def transfer_A2(self, symbol: str, frequency_per_A: np.ndarray) -> np.ndarray:
        """Fourier transform of the image of an atom, 2 pi int I(r) J0(2 pi k r) r dr.

        ``frequency_per_A`` has shape (K,). Zero beyond the microscope's cut-off.
        """
        r = np.arange(0.0, self.radius_A[-1] + _FINE_A / 2.0, _FINE_A)
        values = make_interp_spline(self.radius_A, self._table(symbol), k=3)(r)
        weight = 2.0 * np.pi * r * values
        kept = frequency_per_A <= self.microscope.cutoff_per_A
        found = np.zeros(len(frequency_per_A))
        phase = 2.0 * np.pi * np.outer(frequency_per_A[kept], r)
        found[kept] = simpson(j0(phase) * weight, x=r, axis=1)
        return found

    def _table(self, symbol: str) -> np.ndarray:
        if symbol not in self.fraction:
            raise ImageError(
                f"no image of a {symbol} atom; known are {' '.join(self.fraction)}; compute it with"
                " adatom.stem.simulation.simulate_atom_images"
            )
        return self.fraction[symbol]


def _frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values, dtype=float)
    copy.flags.writeable = False
    return copy


def packaged_atom_images(microscope: Microscope) -> AtomImages:
    """Tables that come with the package for a microscope, whatever its source.

    Raises :class:`~adatom.errors.ImageError` where there are none.
    """
    for known in PACKAGED:
        if replace(microscope, source_fwhm_A=known.source_fwhm_A) == known:
            return replace(_packaged(known), microscope=microscope)
    listed = ", ".join(f"{m.voltage_kV:g} kV {m.convergence_mrad:g} mrad" for m in PACKAGED)
    raise ImageError(
        f"no packaged images of atoms at {microscope.voltage_kV:g} kV,"
        f" {microscope.convergence_mrad:g} mrad and these aberrations and angles; there are"
        f" {listed} with {PACKAGED[0].inner_mrad:g} to {PACKAGED[0].outer_mrad:g} mrad in focus;"
        " compute others with adatom.stem.simulation.simulate_atom_images"
    )


def file_name(microscope: Microscope) -> str:
    """Of the packaged table."""
    return f"atoms_{microscope.voltage_kV:g}kV_{microscope.convergence_mrad:g}mrad.json"


@cache
def _packaged(microscope: Microscope) -> AtomImages:
    table = resources.files("adatom.stem") / "data" / file_name(microscope)
    content = json.loads(table.read_text(encoding="utf-8"))
    return AtomImages(
        microscope,
        content["radius_step_A"] * np.arange(content["radii"]),
        {symbol: np.array(values) for symbol, values in content["fraction"].items()},
        content["provenance"],
    )
