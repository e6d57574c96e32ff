"""A dark-field image as the sum of the images of its atoms: fast, and for thin supports close.

Incoherent imaging of independent atoms: every atom adds its single-atom image, wherever it lies
along the beam. Left out are defocus with height, channelling, absorption of the beam and
interference between neighbours; validation/stem_atom_images.py measures what that costs.
"""

import math

import numpy as np
from ase import Atoms

from adatom.errors import ImageError
from adatom.stem.atom_images import AtomImages

MAX_PIXELS = 64_000_000
_FREQUENCIES = 400


def linear_image(
    atoms: Atoms,
    images: AtomImages,
    *,
    field_A: tuple[float, float],
    pixel_A: float,
    vibration_rms_A: float = 0.08,
    margin_A: float = 6.0,
) -> np.ndarray:
    """Fraction of the beam collected at each pixel (rows, columns).

    The field starts at the origin; x runs along columns, y along rows; for pixel (row, column) the
    probe stands at its middle, (column + 1/2, row + 1/2) ``pixel_A``. Atoms within ``margin_A``
    outside the field count too.
    ``vibration_rms_A`` is in each direction.

    Raises :class:`~adatom.errors.ImageError` for a field too large, or an element without image.
    """
    optics = images.microscope
    finer = max(1, math.ceil(pixel_A * 2.0 * optics.cutoff_per_A / 0.9))
    step = pixel_A / finer
    columns, rows = (max(1, round(side / pixel_A)) for side in field_A)
    pad = math.ceil(margin_A / step)
    shape = (rows * finer + 2 * pad, columns * finer + 2 * pad)
    if shape[0] * shape[1] > MAX_PIXELS:
        raise ImageError(
            f"an image of {rows} x {columns} pixels is too large to simulate; take a smaller field"
        )
    fy = np.fft.fftfreq(shape[0], step)[:, None]
    fx = np.fft.rfftfreq(shape[1], step)[None, :]
    frequency = np.hypot(fy, fx)
    blur = optics.source_rms_A**2 + vibration_rms_A**2
    table = np.linspace(0.0, optics.cutoff_per_A, _FREQUENCIES)
    spread = (np.sinc(fy * step) * np.sinc(fx * step)) ** 4
    total = np.zeros(frequency.shape, dtype=complex)
    places = (atoms.positions[:, :2] - pixel_A / 2.0) / step + pad
    inside = np.all((places >= 2) & (places < np.array(shape[::-1]) - 3), axis=1)
    symbols = np.array(atoms.get_chemical_symbols())
    for symbol in np.unique(symbols[inside]):
        transfer = images.transfer_A2(str(symbol), table)
        transfer *= np.exp(-2.0 * np.pi**2 * blur * table**2)
        points = _points(places[inside & (symbols == symbol)], shape)
        total += np.fft.rfft2(points) * np.interp(frequency, table, transfer, right=0.0)
    image = np.fft.irfft2(total / spread, shape) / step**2
    kept = image[pad : pad + rows * finer : finer, pad : pad + columns * finer : finer]
    return np.maximum(kept, 0.0)


def _points(places: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Unit charges at places (x, y) in pixels, spread by cubic B-splines (divided out later)."""
    whole = np.floor(places).astype(int)
    t = places - whole
    weights = np.stack(
        [
            (1.0 - t) ** 3 / 6.0,
            (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0,
            (-3.0 * t**3 + 3.0 * t**2 + 3.0 * t + 1.0) / 6.0,
            t**3 / 6.0,
        ]
    )
    grid = np.zeros(shape[0] * shape[1])
    for i in range(4):
        for j in range(4):
            at = (whole[:, 1] - 1 + i) * shape[1] + whole[:, 0] - 1 + j
            grid += np.bincount(at, weights[i, :, 1] * weights[j, :, 0], len(grid))
    return grid.reshape(shape)
