"""Where atoms can be looked for: on the thin support, not in vacuum, on particles or at the rim."""

import numpy as np
from scipy import ndimage

from adatom.errors import ImageError

_BLOCK_ANGSTROM = 1.5
_SMOOTH_ANGSTROM = 4.0
RIM_ANGSTROM = 5.0
_BINS = 48
_VALLEY = 0.5
"""Vacuum is a peak of the histogram of its own: between it and the support so few pixels lie,
against the peak."""
_DARK = 0.35
"""Vacuum is darker than the support by this factor; tails of the probe keep it above zero."""
_LEAST_SHARE = 0.01
_PARTICLE_HEIGHTS = 3.0
"""A particle is brighter than its surroundings by so many typical atoms."""
_PARTICLE_WIDTHS = 3.0
"""and wider than a disc of so many atomic widths as radius."""


def vacuum(image: np.ndarray, pixel_angstrom: float, zero: float) -> np.ndarray:
    """Pixels (H, W) beside the support: a dark peak of the histogram, in large connected parts.

    ``zero`` is the intensity without electrons: thin support is dark, too, but further above it.
    """
    block = max(1, int(_BLOCK_ANGSTROM / pixel_angstrom))
    coarse = block_mean(image, block)
    coarse = ndimage.gaussian_filter(coarse, _SMOOTH_ANGSTROM / (block * pixel_angstrom))
    dark = coarse < _vacuum_level(coarse, zero)
    empty = np.zeros(image.shape, dtype=bool)
    if dark.mean() < _LEAST_SHARE:
        return empty
    labels, count = ndimage.label(dark)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    large = sizes >= _LEAST_SHARE * dark.size
    large[0] = False
    vacant = large[labels]
    if not vacant.any():
        return empty
    # A sharp rim looks like a row of atoms beside a row of holes.
    near = ndimage.distance_transform_edt(~vacant) <= RIM_ANGSTROM / (block * pixel_angstrom)
    return spread_out(near, block, image.shape)


def _vacuum_level(values: np.ndarray, zero: float) -> float:
    """Upper end of the dark peak of a histogram with two peaks; minus infinity with one."""
    counts, edges = np.histogram(values, _BINS)
    counts = ndimage.gaussian_filter1d(counts.astype(float), 1.0)
    middle = int(np.searchsorted(edges, _otsu(values)))
    if not 1 < middle < _BINS - 1:
        return -np.inf
    dark, bright = int(counts[:middle].argmax()), middle + int(counts[middle:].argmax())
    valley = dark + int(counts[dark:bright].argmin())
    level, support = edges[dark] - zero, float(np.median(values[values > edges[middle]])) - zero
    if counts[valley] > _VALLEY * counts[dark] or level > _DARK * support:
        return -np.inf
    end = dark + int(np.flatnonzero(counts[dark : valley + 1] <= _VALLEY * counts[dark])[0])
    return float(edges[end])


def _otsu(values: np.ndarray) -> float:
    """The level that best parts values in two (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    counts, edges = np.histogram(values, 256)
    centres = 0.5 * (edges[1:] + edges[:-1])
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return float(edges[1:][np.nanargmax(between)])


def particles(image: np.ndarray, height: float, width: float) -> np.ndarray:
    """Pixels of clusters and particles; ``height`` and ``width`` (pixels) are of a typical atom."""
    block = max(1, int(width))
    coarse = block_mean(image, block)
    wide = width / block
    smooth = ndimage.gaussian_filter(coarse, 1.5 * wide)
    around = ndimage.median_filter(smooth[::4, ::4], size=2 * int(4.0 * wide) + 3)
    excess = smooth - spread_out(around, 4, coarse.shape)
    # A single atom of this height is smoothed to 1 / (1 + 1.5^2) of it.
    labels, count = ndimage.label(excess > _PARTICLE_HEIGHTS * height / (1.0 + 1.5**2))
    found = np.zeros(image.shape, dtype=bool)
    if not count:
        return found
    sizes = np.bincount(labels.ravel())
    large = sizes > np.pi * (_PARTICLE_WIDTHS * wide) ** 2
    large[0] = False
    if not large.any():
        return found
    near = ndimage.distance_transform_edt(~large[labels]) <= 3.0 * wide
    return spread_out(near, block, image.shape)


def block_mean(image: np.ndarray, block: int) -> np.ndarray:
    """Means of blocks of so many pixels; a rest at the lower and right rim is left out."""
    rows, columns = (n // block for n in image.shape)
    cut = image[: rows * block, : columns * block]
    return np.asarray(cut.reshape(rows, block, columns, block).mean(axis=(1, 3)))


def spread_out(values: np.ndarray, block: int, shape: tuple[int, ...]) -> np.ndarray:
    """Values of blocks on the pixels of an image of this shape."""
    at = [
        np.minimum(np.arange(n) // block, m - 1) for n, m in zip(shape, values.shape, strict=True)
    ]
    return np.asarray(values[np.ix_(*at)])


def erode(region: np.ndarray, pixels: float) -> np.ndarray:
    """The region without what lies within so many pixels of its rim or of the image's."""
    padded = np.pad(region, 1)
    if padded[1:-1, 1:-1].all():
        inner = np.zeros_like(region)
        cut = int(np.ceil(pixels))
        inner[cut:-cut, cut:-cut] = True
        return inner
    return np.asarray(ndimage.distance_transform_edt(padded)[1:-1, 1:-1] > pixels)


def check_mask(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A user's mask as (H, W) of bool. Raises :class:`~adatom.errors.ImageError`."""
    if mask.shape != shape:
        raise ImageError(
            f"the mask has {' x '.join(map(str, mask.shape))} pixels, the image"
            f" {' x '.join(map(str, shape))}; draw it on the image itself"
        )
    inside = np.asarray(mask) > 0
    if not inside.any():
        raise ImageError("the mask has no pixel above 0; paint the region to be analysed")
    return inside
