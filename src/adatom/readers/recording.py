"""What an instrument wrote: named columns with units, the untouched header, the file's hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from adatom.errors import RecordingError, printable

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "time_s": "time since the start of the file",
        "potential_V": "working electrode against the reference electrode as connected",
        "current_A": "cell current, cathodic negative",
        "current_density_mA_cm2": "where a file gives densities instead of currents",
        "frequency_Hz": "of the alternating signal",
        "impedance_real_ohm": "Z'",
        "impedance_imaginary_ohm": "Z'', negative for a capacitance",
        "cycle": "number of the cycle or scan",
        "rotation_rpm": "of the electrode",
        "ring_potential_V": "second working electrode against the reference electrode",
        "ring_current_A": "second working electrode, anodic positive",
        "charge_C": "passed since the start",
        "capacity_mAh": "passed since the start of the step",
    }
)
"""The names by which analysis asks for a column; everything else keeps the file's own name."""

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "scan_rate_V_s": "of the potential",
        "area_cm2": "of the electrode as typed into the instrument; often left at its default",
        "reference": "the reference electrode as the file names it",
        "ir_compensation": "what the instrument compensated itself, as the file says it",
    }
)
"""The names by which analysis asks for a setting; the others keep the file's own name."""

TECHNIQUES = (
    "linear sweep",
    "cyclic voltammetry",
    "impedance",
    "open circuit",
    "chronoamperometry",
    "chronopotentiometry",
    "table",
)
"""What a segment is; ``table`` where the file does not say."""


@dataclass(frozen=True)
class Segment:
    """One technique, or one stretch of it, as the instrument wrote it."""

    technique: str
    """One of :data:`TECHNIQUES`."""
    columns: Mapping[str, np.ndarray]
    """(N,) each, all equally long, NaN where the file has no finite value; names of
    :data:`COLUMNS` in their units, others under the file's own name, untouched."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The instrument's settings for this stretch, as written; those of :data:`SETTINGS` besides
    under that name and in its unit, numbers only where they are finite and not 0."""

    def __post_init__(self) -> None:
        if self.technique not in TECHNIQUES:
            raise ValueError(f"technique {self.technique!r} is none of {TECHNIQUES}")
        arrays = {}
        for name, values in self.columns.items():
            array = np.array(values, dtype=float)
            array[np.isinf(array)] = np.nan
            array.flags.writeable = False
            arrays[name] = array
        if len({a.shape for a in arrays.values()}) > 1 or any(a.ndim != 1 for a in arrays.values()):
            raise ValueError("columns of a segment must be equally long")
        object.__setattr__(self, "columns", MappingProxyType(arrays))
        settings = {
            name: value
            for name, value in self.settings.items()
            if name not in ("scan_rate_V_s", "area_cm2") or _is_given(value)
        }
        object.__setattr__(self, "settings", MappingProxyType(settings))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]


@dataclass(frozen=True)
class Recording:
    """Everything in one file."""

    path: Path
    format: str
    """Name of the format, as ``BioLogic .mpt``."""
    segments: tuple[Segment, ...]
    header: str
    """The header as the file has it."""
    sha256: str
    notes: tuple[str, ...] = ()
    """What a user must know: aborted, rows left out, columns not understood; a line each."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(printable(" ".join(n.split())) for n in self.notes))

    def require(self, *names: str) -> tuple[Segment, ...]:
        """The segments that have all these columns.

        Raises :class:`~adatom.errors.RecordingError` naming file, columns wanted and found.
        """
        found = tuple(s for s in self.segments if all(name in s for name in names))
        if not found:
            there = sorted({name for s in self.segments for name in s.columns})
            raise RecordingError(
                f"{self.path} ({self.format}) has no {' with '.join(names)}; its columns are"
                f" {printable(', '.join(there), 300)}; name them with a column map"
            )
        return found

    def segment(self, *names: str, number: int | None = None) -> Segment:
        """The only segment with these columns, or the one with this number, from 1 in the file.

        Raises :class:`~adatom.errors.RecordingError` listing the segments where there is a choice.
        """
        self.require(*names)
        numbered = {
            n: s for n, s in enumerate(self.segments, 1) if all(name in s for name in names)
        }
        if number in numbered:
            return numbered[number]
        if number is None and len(numbered) == 1:
            return next(iter(numbered.values()))
        listed = ", ".join(f"{n} {s.technique} ({len(s)} points)" for n, s in numbered.items())
        wrong = "" if number is None else f"{number} is none of them, "
        raise RecordingError(
            f"{self.path}: {wrong}choose a segment with {' and '.join(names)} by its number:"
            f" {listed[:200]}"
        )

    def to_frame(self) -> pd.DataFrame:
        """All segments below each other, numbered from 1 in the column ``segment``."""
        frames = [
            pd.DataFrame(dict(s.columns)).assign(segment=n) for n, s in enumerate(self.segments, 1)
        ]
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> dict[str, Any]:
        """Plain data for JSON: what is in the file."""
        return {
            "file": str(self.path),
            "format": self.format,
            "sha256": self.sha256,
            "notes": list(self.notes),
            "segments": [
                {
                    "technique": s.technique,
                    "points": len(s),
                    "columns": list(s.columns),
                    "ranges": {n: _range(v) for n, v in s.columns.items() if n in COLUMNS},
                    "missing": {
                        n: int(np.isnan(v).sum())
                        for n, v in s.columns.items()
                        if n in COLUMNS and np.isnan(v).any()
                    },
                    "settings": dict(s.settings),
                }
                for s in self.segments
            ],
        }


def _is_given(text: str) -> bool:
    try:
        return 0.0 < abs(float(text)) < np.inf
    except ValueError:
        return False


def _range(values: np.ndarray) -> list[float] | None:
    """Smallest and largest of the values that there are."""
    there = values[~np.isnan(values)]
    return [float(there.min()), float(there.max())] if there.size else None
