"""One X-ray absorption scan as its file gives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adatom.readers.source import Source

MIN_POINTS = 20
MAX_POINTS = 200_000
"""A quick scan oversampled has tens of thousands."""
MOST_EV = 200_000.0
"""No edge lies above 116 keV."""
MOST_KEV = 150.0
"""Energies that stay below this are keV: the soft X-ray edges begin at 180 eV."""
MAX_BACK_SHARE = 0.02
"""Of the steps may go back (encoder jitter) before the scan is refused."""
PLANCK_C_EV_ANGSTROM = 12398.419843320026
"""h c, exact in the SI of 2019."""


@dataclass(frozen=True)
class AbsorptionSpectrum:
    """Absorption against energy, not normalised, with what the header says."""

    path: Path
    label: str
    """The sample's name in the file, or the name of the file."""
    energy_eV: np.ndarray
    """(N,), rising, each value once."""
    mu: np.ndarray
    """(N,), absorption times thickness (transmission) or a signal proportional to it."""
    mode: str
    """transmission, fluorescence or as given."""
    i0: np.ndarray | None = None
    """(N,), the monitor, where the file has it."""
    reference_mu: np.ndarray | None = None
    """(N,), absorption of the reference foil measured together with the sample."""
    element: str | None = None
    """As the header says."""
    edge: str | None = None
    """As the header says: K, L3, ..."""
    d_spacing_angstrom: float | None = None
    """Of the monochromator's planes, as the header says."""
    header: str = ""
    """Untouched."""
    file_format: str = ""
    sha256: str = ""
    """Of the file."""
    notes: tuple[str, ...] = ()
    """What was converted, merged or left out."""
    doubts: tuple[str, ...] = ()
    """What must be known before it is believed, such as scans of a mean that disagree."""

    def __post_init__(self) -> None:
        for name in ("energy_eV", "mu", "i0", "reference_mu"):
            values = getattr(self, name)
            if values is not None:
                array = np.array(values, dtype=float)
                array.flags.writeable = False
                object.__setattr__(self, name, array)

    def origin(self) -> dict[str, Any]:
        """Where the spectrum comes from, plain data for JSON."""
        return {
            "file": str(self.path),
            "label": self.label,
            "format": self.file_format,
            "sha256": self.sha256,
            "mode": self.mode,
            "element": self.element,
            "edge": self.edge,
            "d_spacing_angstrom": self.d_spacing_angstrom,
            "points": len(self.energy_eV),
            "energy_range_eV": [float(self.energy_eV[0]), float(self.energy_eV[-1])],
            "notes": list(self.notes),
        }


def bragg_energy_eV(angle_degrees: np.ndarray, d_spacing_angstrom: float) -> np.ndarray:
    """Photon energy that planes ``d_spacing_angstrom`` apart reflect at an angle."""
    wavelength = 2.0 * d_spacing_angstrom * np.sin(np.radians(angle_degrees))
    return PLANCK_C_EV_ANGSTROM / wavelength


def ordered(
    source: Source, energy_eV: np.ndarray, signals: Sequence[np.ndarray | None], notes: list[str]
) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """Energies rising, each once, and the signals in their order.

    The first signal is the absorption, which must be finite; others that are not are left out.
    A scan that falls throughout is turned round, equal energies are averaged and a few small steps
    back are sorted, each with a note. Raises :class:`~adatom.errors.RecordingError` for a scan that
    runs to and fro, is too short or seems to be in keV.
    """
    if len(energy_eV) < MIN_POINTS:
        raise source.refuse(f"{len(energy_eV)} points, expected at least {MIN_POINTS}")
    if not np.isfinite(energy_eV).all():
        raise source.refuse("energies must be finite numbers; delete the broken rows")
    if energy_eV.max() < MOST_KEV:
        raise source.refuse(
            f"energies run from {energy_eV.min():g} to {energy_eV.max():g}, expected eV: if they"
            " are keV, say --energy-unit keV"
        )
    if energy_eV.max() > MOST_EV:
        raise source.refuse(
            f"energies reach {energy_eV.max():g} eV, expected at most {MOST_EV:g}: check which"
            " column holds them, and their unit"
        )
    if energy_eV.min() <= 0.0:
        raise source.refuse("energies must be positive; check which column holds them")
    signals = [_whole(source, energy_eV, s, n == 0, notes) for n, s in enumerate(signals)]
    order = np.arange(len(energy_eV))
    steps = np.diff(energy_eV)
    if (steps <= 0.0).all():
        order = order[::-1]
        notes.append("energies fall in the file: the scan is turned round")
    elif (steps < 0.0).any():
        back = np.flatnonzero(steps < 0.0)
        small = -steps[back] <= np.median(np.abs(steps))
        if not small.all() or len(back) > MAX_BACK_SHARE * len(steps):
            at = int(back[np.argmin(steps[back])])
            raise source.refuse(
                f"energies go back {len(back)} times, by {-steps[at]:.4g} eV after"
                f" {energy_eV[at]:.2f} eV: this is more than one scan, or a faulty encoder; save"
                " each scan in its own file"
            )
        order = np.argsort(energy_eV, kind="stable")
        notes.append(f"{len(back)} steps back of at most {-steps[back].min():.3g} eV are sorted")
    energy = energy_eV[order]
    kept: list[np.ndarray | None] = [None if s is None else s[order] for s in signals]
    values, inverse, counts = np.unique(energy, return_inverse=True, return_counts=True)
    if len(values) < len(energy):
        notes.append(f"{len(energy) - len(values)} repeated energies are averaged")
        kept = [None if s is None else np.bincount(inverse, s) / counts for s in kept]
        if len(values) < MIN_POINTS:
            raise source.refuse(f"{len(values)} different energies, expected {MIN_POINTS} or more")
    return values, kept


def _whole(
    source: Source,
    energy_eV: np.ndarray,
    signal: np.ndarray | None,
    needed: bool,
    notes: list[str],
) -> np.ndarray | None:
    """The signal where all of it are numbers; else None, with a note, or refused where needed."""
    if signal is None or np.isfinite(signal).all():
        return signal
    at = float(energy_eV[np.flatnonzero(~np.isfinite(signal))[0]])
    if needed:
        raise source.refuse(f"the absorption at {at:.2f} eV is no finite number; delete the point")
    notes.append(f"a channel beside the sample is no finite number at {at:.2f} eV: left out")
    return None
