"""The region in which atoms were looked for: a rectangle, or a mask of pixels.

x runs along the columns of a mask and y along its rows; pixel (row, column) covers
column <= x / pixel < column + 1, so that the centre of the first pixel lies at half a pixel.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.signal import fftconvolve

from adatom.errors import ImageError

SQUARE_ANGSTROM_PER_NM2 = 100.0
_ANGLES = 72


@dataclass(frozen=True)
class Rectangle:
    """0 <= x <= width, 0 <= y <= height."""

    width_angstrom: float
    height_angstrom: float

    def __post_init__(self) -> None:
        for side in (self.width_angstrom, self.height_angstrom):
            if not (np.isfinite(side) and side > 0):
                raise ImageError(
                    f"the field is {self.width_angstrom:g} x {self.height_angstrom:g} A; both sides"
                    " must be above 0"
                )

    @property
    def size_angstrom(self) -> tuple[float, float]:
        """Extent along x and y."""
        return self.width_angstrom, self.height_angstrom

    @property
    def area_nm2(self) -> float:
        """Area in which atoms were looked for."""
        return self.width_angstrom * self.height_angstrom / SQUARE_ANGSTROM_PER_NM2

    def contains(self, positions_angstrom: np.ndarray) -> np.ndarray:
        """Which of the positions (N, 2) lie in the window, (N,)."""
        upper = np.array(self.size_angstrom)
        return np.asarray(((positions_angstrom >= 0) & (positions_angstrom <= upper)).all(axis=1))

    def draw(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Independent uniform positions (count, 2) in the window, A."""
        return random.random((count, 2)) * self.size_angstrom

    def overlap(self, shifts_angstrom: np.ndarray) -> np.ndarray:
        """Share of the window that lies in the window shifted by each of (N, 2), (N,)."""
        left = np.clip(1.0 - np.abs(shifts_angstrom) / self.size_angstrom, 0.0, None)
        return np.asarray(left.prod(axis=1))


@dataclass(frozen=True)
class Mask:
    """The pixels that are True."""

    pixels: np.ndarray
    """(rows, columns) of bool."""
    pixel_angstrom: float

    def __post_init__(self) -> None:
        pixels = np.array(self.pixels, dtype=bool)
        if pixels.ndim != 2 or not pixels.any():
            raise ImageError(
                f"the mask has shape {pixels.shape} and {int(pixels.sum())} pixels in it; expected"
                " a table of two dimensions with at least one pixel above 0"
            )
        if not (np.isfinite(self.pixel_angstrom) and self.pixel_angstrom > 0):
            raise ImageError(
                f"a pixel of the mask is {self.pixel_angstrom:g} A; it must be above 0"
            )
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)

    @property
    def size_angstrom(self) -> tuple[float, float]:
        """Extent along x and y."""
        rows, columns = self.pixels.shape
        return columns * self.pixel_angstrom, rows * self.pixel_angstrom

    @property
    def area_nm2(self) -> float:
        """Area in which atoms were looked for."""
        return float(self.pixels.sum()) * self.pixel_angstrom**2 / SQUARE_ANGSTROM_PER_NM2

    def contains(self, positions_angstrom: np.ndarray) -> np.ndarray:
        """Which of the positions (N, 2) lie in the window, (N,)."""
        at = np.floor(positions_angstrom / self.pixel_angstrom).astype(int)[:, ::-1]
        inside = np.asarray(((at >= 0) & (at < self.pixels.shape)).all(axis=1))
        inside[inside] = self.pixels[tuple(at[inside].T)]
        return inside

    def draw(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Independent uniform positions (count, 2) in the window, A."""
        chosen = random.choice(np.flatnonzero(self.pixels), size=count)
        rows, columns = np.unravel_index(chosen, self.pixels.shape)
        corner = np.column_stack([columns, rows])
        return (corner + random.random((count, 2))) * self.pixel_angstrom

    @cached_property
    def _autocorrelation(self) -> np.ndarray:
        """Share of pixels that meet pixels, at shifts from -shape + 1 to shape - 1."""
        pixels = self.pixels.astype(float)
        found = fftconvolve(pixels, pixels[::-1, ::-1])
        return np.asarray(found / pixels.sum())

    def overlap(self, shifts_angstrom: np.ndarray) -> np.ndarray:
        """Share of the window that lies in the window shifted by each of (N, 2), (N,)."""
        from scipy.ndimage import map_coordinates

        at = shifts_angstrom[:, ::-1] / self.pixel_angstrom + np.array(self.pixels.shape) - 1
        shares = map_coordinates(self._autocorrelation, at.T, order=1, mode="constant")
        return np.asarray(np.clip(shares, 0.0, 1.0))


Window = Rectangle | Mask


def isotropic_overlap(window: Window, distances_angstrom: np.ndarray) -> np.ndarray:
    """Mean over directions of the overlap at each of the distances (K,), (K,)."""
    angles = (np.arange(_ANGLES) + 0.5) * 2.0 * np.pi / _ANGLES
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    shifts = distances_angstrom[:, None, None] * around
    shares = window.overlap(shifts.reshape(-1, 2)).reshape(len(distances_angstrom), _ANGLES)
    return np.asarray(shares.mean(axis=1))
