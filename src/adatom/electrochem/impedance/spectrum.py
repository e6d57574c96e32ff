"""An impedance spectrum, ordered from high to low frequency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adatom.errors import ImpedanceError
from adatom.readers.recording import Recording, Segment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
FEWEST_POINTS = 5
MOST_POINTS = 2000
"""Dense linear algebra of the tests grows with the square of the points."""


@dataclass(frozen=True)
class ImpedanceSpectrum:
    """Impedance against frequency at one potential; engineers' sign: a capacitance has Z'' < 0."""

    frequency_Hz: np.ndarray
    """(N,), falling."""
    impedance_ohm: np.ndarray
    """(N,) complex, as measured: not per area."""
    label: str
    potential_V: float | None = None
    """Mean potential of the working electrode against the reference electrode as connected."""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frequency = np.array(self.frequency_Hz, dtype=float)
        impedance = np.array(self.impedance_ohm, dtype=complex)
        if frequency.ndim != 1 or frequency.shape != impedance.shape:
            raise ImpedanceError(f"{self.label}: frequencies and impedances must be equally long")
        _require(self.label, frequency, impedance)
        order = np.argsort(-frequency, kind="stable")
        frequency, impedance = frequency[order], impedance[order]
        for name, array in (("frequency_Hz", frequency), ("impedance_ohm", impedance)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.frequency_Hz)

    @property
    def angular_frequency_rad_s(self) -> np.ndarray:
        """(N,), falling."""
        return 2.0 * np.pi * self.frequency_Hz

    @property
    def modulus_ohm(self) -> np.ndarray:
        """(N,)."""
        return np.abs(self.impedance_ohm)

    @property
    def phase_deg(self) -> np.ndarray:
        """(N,), -90 for a capacitance."""
        return np.degrees(np.angle(self.impedance_ohm))

    def above(self, frequency_Hz: float) -> "ImpedanceSpectrum":
        """The part at and above a frequency."""
        keep = self.frequency_Hz >= frequency_Hz
        return ImpedanceSpectrum(
            self.frequency_Hz[keep],
            self.impedance_ohm[keep],
            self.label,
            self.potential_V,
            {**self.provenance, "above_Hz": frequency_Hz},
        )

    def to_frame(self) -> pd.DataFrame:
        """Columns with units in their names."""
        return pd.DataFrame(
            {
                "frequency_Hz": self.frequency_Hz,
                "impedance_real_ohm": self.impedance_ohm.real,
                "impedance_imaginary_ohm": self.impedance_ohm.imag,
            }
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the Nyquist plot on given axes (or new ones) and return them."""
        from adatom.plot.impedance import plot_nyquist

        return plot_nyquist(self, ax)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(max_rows=12))


def _require(label: str, frequency: np.ndarray, impedance: np.ndarray) -> None:
    """Raise :class:`~adatom.errors.ImpedanceError` unless the numbers can be a spectrum."""
    finite = np.isfinite(frequency) & np.isfinite(impedance)
    if not finite.all():
        at = int(np.flatnonzero(~finite)[0])
        raise ImpedanceError(
            f"{label}: point {at + 1} (f = {frequency[at]:g} Hz, Z = {impedance[at]:g} ohm) is not"
            " a finite number; remove it from the file"
        )
    if not FEWEST_POINTS <= len(frequency) <= MOST_POINTS:
        raise ImpedanceError(
            f"{label}: {len(frequency)} points; a spectrum has {FEWEST_POINTS} to {MOST_POINTS}"
        )
    if (frequency <= 0).any():
        at = int(np.flatnonzero(frequency <= 0)[0])
        raise ImpedanceError(
            f"{label}: point {at + 1} has f = {frequency[at]:g} Hz; frequencies are above 0"
        )
    if (impedance == 0).any():
        at = int(np.flatnonzero(impedance == 0)[0])
        raise ImpedanceError(f"{label}: the impedance of point {at + 1} is 0; remove it")
    if np.median(impedance.real) <= 0:
        raise ImpedanceError(
            f"{label}: Z' is negative at most frequencies; are the columns in the right order"
            " (frequency, Z', Z'')?"
        )


def spectrum_of(segment: Segment, label: str, **provenance: Any) -> ImpedanceSpectrum:
    """The spectrum of one segment of a file; rows without an impedance are left out.

    Raises :class:`~adatom.errors.ImpedanceError` where a column is missing or no spectrum.
    """
    missing = [name for name in COLUMNS if name not in segment]
    if missing:
        raise ImpedanceError(
            f"{label}: no column {', '.join(missing)}; there are {', '.join(segment.columns)[:200]}"
        )
    frequency, real, imaginary = (segment[name] for name in COLUMNS)
    # A direct-current stretch beside the spectrum has no frequency.
    there = np.isfinite(frequency) & (frequency > 0) & ~(np.isnan(real) & np.isnan(imaginary))
    potential = segment["potential_V"][there] if "potential_V" in segment else np.empty(0)
    potential = potential[np.isfinite(potential)]
    return ImpedanceSpectrum(
        frequency[there],
        real[there] + 1j * imaginary[there],
        label,
        float(potential.mean()) if potential.size else None,
        {"technique": segment.technique, "settings": dict(segment.settings), **provenance},
    )


def spectra_of(recording: Recording) -> tuple[ImpedanceSpectrum, ...]:
    """Every spectrum in a file, in the file's order.

    Raises :class:`~adatom.errors.RecordingError` where it has none.
    """
    recording.require(*COLUMNS)
    found = []
    for number, segment in enumerate(recording.segments):
        if not all(name in segment for name in COLUMNS):
            continue
        if not np.isfinite(segment["frequency_Hz"]).any():
            continue
        name = recording.path.name + (f" #{number + 1}" if len(recording.segments) > 1 else "")
        found.append(spectrum_of(segment, name, file=str(recording.path), sha256=recording.sha256))
    if not found:
        raise ImpedanceError(f"{recording.path}: its frequencies are empty; is it an EIS file?")
    return tuple(found)
