"""Atoms of one field of view as points in a window."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from adatom.errors import ImageError
from adatom.stem.windows import Window

FEWEST = 10
"""Atoms below which no statistics are made of a field."""
LEAST_SEPARATE_ANGSTROM = 1e-3
"""Positions closer than this are the same atom written twice."""


@dataclass(frozen=True)
class PointPattern:
    """Detected atoms of one field of view. Raises :class:`~adatom.errors.ImageError` if unusable.

    Atoms closer than ``resolution_angstrom`` cannot be told apart and were detected as one.
    """

    positions_angstrom: np.ndarray
    """(N, 2), x and y from the corner of the field."""
    window: Window
    """Where atoms were looked for."""
    resolution_angstrom: float
    source: str
    """The file, or how the positions were made."""
    intensity: np.ndarray | None = None
    """(N,), integrated brightness above background, any unit."""
    recall: np.ndarray | None = None
    """(N,), probability that an atom like this one is detected."""
    position_sd_angstrom: float = 0.0
    """Of the positions, along x and along y."""
    notes: tuple[str, ...] = ()
    """Anything a reader must know about the positions."""

    def __post_init__(self) -> None:
        xy = _frozen(self.positions_angstrom)
        if xy.ndim != 2 or xy.shape[1] != 2:
            raise ImageError(f"{self.source}: positions have shape {xy.shape}, expected (N, 2)")
        object.__setattr__(self, "positions_angstrom", xy)
        bad = np.flatnonzero(~np.isfinite(xy).all(axis=1))
        if bad.size:
            raise ImageError(
                f"{self.source}: atom {bad[0] + 1} has no position ({bad.size} such atoms); delete"
                " these rows or complete them"
            )
        if len(xy) < FEWEST:
            raise ImageError(
                f"{self.source}: {len(xy)} atoms, at least {FEWEST} are needed to tell pairs from"
                " chance neighbours; add fields of the same sample"
            )
        if not (np.isfinite(self.resolution_angstrom) and self.resolution_angstrom > 0):
            raise ImageError(
                f"{self.source}: the resolution is {self.resolution_angstrom:g} A; it must be above"
                " 0: the distance below which two atoms are detected as one"
            )
        self._require_inside()
        pairs = cKDTree(xy).query_pairs(LEAST_SEPARATE_ANGSTROM, output_type="ndarray")
        if len(pairs):
            first, second = pairs[0] + 1
            raise ImageError(
                f"{self.source}: atoms {first} and {second} have the same position"
                f" ({len(pairs)} such pairs); delete repeated rows"
            )
        self._check("intensity", 0.0, np.inf)
        self._check("recall", 0.0, 1.0)

    def _require_inside(self) -> None:
        outside = np.flatnonzero(~self.window.contains(self.positions_angstrom))
        if outside.size:
            x, y = self.positions_angstrom[outside[0]]
            width, height = self.window.size_angstrom
            raise ImageError(
                f"{self.source}: atom {outside[0] + 1} at ({x:g}, {y:g}) A lies outside the field"
                f" of {width:g} x {height:g} A or its mask ({outside.size} such atoms); give the"
                " true field, with positions from its corner"
            )

    def _check(self, name: str, low: float, high: float) -> None:
        values = getattr(self, name)
        if values is None:
            return
        values = _frozen(values)
        object.__setattr__(self, name, values)
        if values.shape != (len(self),):
            raise ImageError(
                f"{self.source}: {values.shape} values of {name} for {len(self)} atoms"
            )
        bad = np.flatnonzero(~((values > low) & (values <= high) & np.isfinite(values)))
        if bad.size:
            raise ImageError(
                f"{self.source}: atom {bad[0] + 1} has {name} {values[bad[0]]:g}, expected above"
                f" {low:g}{f' and up to {high:g}' if np.isfinite(high) else ''}"
            )

    def __len__(self) -> int:
        return len(self.positions_angstrom)

    @property
    def density_per_nm2(self) -> float:
        """Detected atoms per area of the window."""
        return len(self) / self.window.area_nm2

    @property
    def mean_recall(self) -> float | None:
        """Share of all atoms that is detected: the harmonic mean, since only those are listed."""
        return None if self.recall is None else float(len(self) / (1.0 / self.recall).sum())


def _frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values, dtype=float)
    copy.flags.writeable = False
    return copy
