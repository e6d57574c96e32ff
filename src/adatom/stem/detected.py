"""Atoms found in one micrograph, each with what is uncertain about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from adatom.stem.point_pattern import PointPattern
from adatom.stem.windows import SQUARE_ANGSTROM_PER_NM2, Mask


@dataclass(frozen=True)
class DetectedAtoms:
    """Atoms of one image; positions from the outer corner of its first pixel."""

    source: str
    """The image, or how it was made."""
    sha256: str
    pixel_size_angstrom: float
    window: np.ndarray
    """(H, W) of bool: where atoms were looked for."""
    positions_angstrom: np.ndarray
    """(N, 2), x along the rows and y down the columns."""
    position_sd_angstrom: np.ndarray
    """(N, 2), standard deviation of each."""
    intensity: np.ndarray
    """(N,), integrated above background, recorded units times pixels."""
    intensity_sd: np.ndarray
    """(N,), standard deviation."""
    score: np.ndarray
    """(N,), height in the filtered image over the standard deviation of background there."""
    false_discovery_rate: np.ndarray
    """(N,), expected share of background among the atoms scored at least as high."""
    width_angstrom: float
    """Standard deviation of the image of an atom; its full width is 2.355 times this."""
    resolution_angstrom: float
    """Distance at which two equal atoms get two maxima in the filtered image."""
    threshold: float
    """Least score taken."""
    noise: Mapping[str, float] = field(default_factory=dict)
    """Gain and offset of the variance, and how much texture and correlation add to it."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (
            "window",
            "positions_angstrom",
            "position_sd_angstrom",
            "intensity",
            "intensity_sd",
            "score",
            "false_discovery_rate",
        ):
            values = np.array(getattr(self, name))
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.positions_angstrom)

    @property
    def snr(self) -> np.ndarray:
        """Intensity over its standard deviation, (N,)."""
        return np.asarray(self.intensity / self.intensity_sd)

    @property
    def area_nm2(self) -> float:
        """Area in which atoms were looked for."""
        return float(self.window.sum()) * self.pixel_size_angstrom**2 / SQUARE_ANGSTROM_PER_NM2

    @property
    def density_per_nm2(self) -> float:
        """Detected atoms per analysed area, without correction for those missed."""
        return len(self) / self.area_nm2

    def table(self) -> pd.DataFrame:
        """One row an atom, in the columns that ``adatom stem`` reads and a few more."""
        return pd.DataFrame(
            {
                "x_angstrom": self.positions_angstrom[:, 0],
                "y_angstrom": self.positions_angstrom[:, 1],
                "x_sd_angstrom": self.position_sd_angstrom[:, 0],
                "y_sd_angstrom": self.position_sd_angstrom[:, 1],
                "intensity": self.intensity,
                "intensity_sd": self.intensity_sd,
                "snr": self.snr,
                "score": self.score,
                "false_discovery_rate": self.false_discovery_rate,
            }
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "pixel_size_angstrom": self.pixel_size_angstrom,
            "atoms": self.table().to_dict(orient="records"),
            "area_nm2": self.area_nm2,
            "density_per_nm2": self.density_per_nm2,
            "width_angstrom": self.width_angstrom,
            "resolution_angstrom": self.resolution_angstrom,
            "threshold": self.threshold,
            "noise": dict(self.noise),
            "settings": dict(self.settings),
            "notes": list(self.notes),
        }

    def point_pattern(
        self, recall: np.ndarray | None = None, resolution_angstrom: float | None = None
    ) -> PointPattern:
        """The atoms in their window, for neighbour statistics.

        ``recall`` (N,) comes from planting; without it all atoms count as found. A given
        resolution takes the place of that of the search.
        """
        return PointPattern(
            self.positions_angstrom,
            Mask(self.window, self.pixel_size_angstrom),
            self.resolution_angstrom if resolution_angstrom is None else resolution_angstrom,
            self.source,
            intensity=self.intensity,
            recall=recall,
            position_sd_angstrom=float(np.median(self.position_sd_angstrom)) if len(self) else 0.0,
            notes=self.notes,
        )
