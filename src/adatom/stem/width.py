"""The width of an atom's image, from the image."""

import numpy as np
from scipy.optimize import least_squares

from adatom.errors import ImageError
from adatom.stem.gaussians import local_maxima
from adatom.stem.region import block_mean
from adatom.stem.scores import filtered_at, unit_response

NARROWEST_ANGSTROM, WIDEST_ANGSTROM = 0.30, 1.30
"""Standard deviations: full widths of 0.7 to 3.1 A, from the best probes to blurred ones."""
NARROWEST_PIXELS = 0.8
"""Below this an atom is one pixel, and cannot be told from a noisy one."""
WIDEST_PIXELS = 40.0
_STEP = 1.3
_ENOUGH = 640
"""Blocks along a side, from the middle of the image."""
_FINEST = 1.2
"""Pixels are averaged in blocks while the narrowest atom keeps so many of them."""
PAIR_ANGSTROM = 2.4
"""Pairs at this distance must keep two maxima where the width allows it."""
_CLEARLY_TWO = 2.2
"""Distance over (width^2 + smoothing^2)^(1/2) at which noise does not join two maxima; without
noise they part at 1.585, where 2 u^2 - 7 u + 2 = 0 with u = (d / 2)^2 / 2 of these units."""
PARTED = 1.585
_PARTS = (0.9, 1.1, 1.4, 1.73)
_STACKED = 40
_APART = 6.0
_REPEATS = 4


def estimate_width(stable: np.ndarray, region: np.ndarray, pixel_angstrom: float) -> float:
    """Standard deviation in pixels of the Gaussian that bright spots of an image (H, W) share.

    ``stable`` is the image with a variance of 1 everywhere.

    The smoothing at which the highest scores stand out most gives the first spots; the width of
    their median picture gives the next smoothing and spots, four times. Without that, an image full
    of pairs would be read as one of few broad atoms: merged ones are the brightest.

    Raises :class:`~adatom.errors.ImageError` where pixels are too large or small.
    """
    low = max(NARROWEST_ANGSTROM / pixel_angstrom, NARROWEST_PIXELS)
    high = min(WIDEST_ANGSTROM / pixel_angstrom, WIDEST_PIXELS)
    if low >= high:
        raise ImageError(
            f"a pixel of {pixel_angstrom:.4g} A shows no atoms: between"
            f" {WIDEST_ANGSTROM / WIDEST_PIXELS:.3f} and {WIDEST_ANGSTROM / NARROWEST_PIXELS:.2f} A"
            " are needed; check the scale or record at higher magnification"
        )
    block = max(1, int(low / _FINEST))
    coarse, inside = (
        _middle(block_mean(stable, block)),
        _middle(block_mean(region.astype(np.float32), block) == 1.0),
    )
    low, high = low / block, high / block
    smoothings = np.geomspace(low, high, max(2, round(np.log(high / low) / np.log(_STEP)) + 1))
    best, found = -np.inf, (low, np.empty(0, int), np.empty(0, int))
    for smoothing, response in zip(smoothings, filtered_at(coarse, list(smoothings)), strict=True):
        negative = response[inside & (response < 0)]
        if not negative.size:
            continue
        rows, columns = _highest(response, inside, _APART * smoothing)
        if not rows.size:
            continue
        contrast = float(response[rows, columns].mean()) / np.sqrt((negative**2).mean())
        if contrast > best:
            best, found = contrast, (smoothing, rows, columns)
    smoothing, rows, columns = found
    if not rows.size:
        raise ImageError("no bright spot in the region; check the mask")
    width = float(np.clip(_stacked_width(coarse, rows, columns, smoothing), low, high))
    for _ in range(_REPEATS):
        rows, columns = _highest(next(filtered_at(coarse, [width])), inside, _APART * width)
        if rows.size:
            width = float(np.clip(_stacked_width(coarse, rows, columns, width), low, high))
    # A block of b pixels adds (b^2 - 1) / 12 square pixels to the variance of what it averages.
    width = np.sqrt(max(width**2 - (1.0 - 1.0 / block**2) / 12.0, 0.0))
    return float(np.clip(width, low, high)) * block


def best_smoothing(
    stable: np.ndarray, region: np.ndarray, width: float, pixel_angstrom: float
) -> float:
    """Pixels of smoothing at which an atom of this width stands out most from this background.

    In white noise that is 3^(1/2) widths, in the texture of a support less; and never so much that
    two atoms at ``PAIR_ANGSTROM`` run into one.
    """
    block = max(1, int(width / _FINEST))
    coarse, inside = (
        _middle(block_mean(stable, block)),
        _middle(block_mean(region.astype(np.float32), block) == 1.0),
    )
    wide, together = width / block, PAIR_ANGSTROM / pixel_angstrom / block / _CLEARLY_TWO
    most = max(together**2 - wide**2, 0.0) ** 0.5
    choices = [part * wide for part in _PARTS if part * wide <= most] or [_PARTS[0] * wide]
    signal_to_noise = []
    for smoothing, response in zip(choices, filtered_at(coarse, choices), strict=True):
        negative = response[inside & (response < 0)]
        noise = float(np.median(-negative)) if negative.size else 1.0
        signal_to_noise.append(unit_response(wide, smoothing) / max(noise, 1e-30))
    return choices[int(np.argmax(signal_to_noise))] * block


def _middle(image: np.ndarray) -> np.ndarray:
    rows, columns = (max(0, n - _ENOUGH) // 2 for n in image.shape)
    return image[rows : rows + _ENOUGH, columns : columns + _ENOUGH]


def _highest(score: np.ndarray, region: np.ndarray, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """The highest maxima that are so many pixels from each other and from the rim."""
    rows, columns = local_maxima(score, region)
    order = np.argsort(-score[rows, columns])[: 8 * _STACKED]
    kept: list[int] = []
    for n in order:
        near = any(
            (rows[n] - rows[k]) ** 2 + (columns[n] - columns[k]) ** 2 < apart**2 for k in kept
        )
        inside = (
            apart <= rows[n] < score.shape[0] - apart
            and apart <= columns[n] < score.shape[1] - apart
        )
        if inside and not near:
            kept.append(int(n))
        if len(kept) == _STACKED:
            break
    return rows[kept], columns[kept]


def _stacked_width(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray, smoothing: float
) -> float:
    """Width of the median picture of the spots, on a background of constant slope."""
    half = int(np.ceil(3.0 * smoothing))
    patches = np.array(
        [
            image[i - half : i + half + 1, j - half : j + half + 1]
            for i, j in zip(rows, columns, strict=True)
            if min(i, j) >= half and i + half < image.shape[0] and j + half < image.shape[1]
        ],
        dtype=float,
    )
    if not len(patches):
        return smoothing
    patches -= np.median(patches, axis=(1, 2), keepdims=True)
    picture = np.median(patches, axis=0)
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    top = float(picture.max())

    def misfit(p: np.ndarray) -> np.ndarray:
        bell = np.exp(-0.5 * ((x - p[1]) ** 2 + (y - p[2]) ** 2) / p[3] ** 2)
        return np.asarray((p[0] * bell + p[4] + p[5] * x + p[6] * y - picture).ravel())

    fitted = least_squares(misfit, [top, 0.0, 0.0, smoothing, 0.0, 0.0, 0.0])
    return abs(float(fitted.x[3]))
