"""How much each place looks like an atom, and how often background does.

The score is minus the Laplacian of the image smoothed to the width of an atom, over its local
standard deviation: independent of thickness and its gradient, and sharper than the smoothed image,
so that close partners keep their own maxima. Where nothing but background is, its maxima and minima
are alike (shot noise and amorphous texture have no sign once the mean is taken away); so the minima
give the null distribution, with whatever correlation the noise of this image has. Counting decoys:
Elias, Gygi, Nat. Methods 2007, 4, 207, doi:10.1038/nmeth1019; rates: Benjamini, Hochberg, J. R.
Stat. Soc. B 1995, 57, 289.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from adatom.stem.gaussians import local_maxima
from adatom.stem.noise import NoiseModel, stabilised
from adatom.stem.region import block_mean, spread_out

_SPREAD_WIDTHS = 16.0
"""The standard deviation of the score is that within so many atomic widths."""
_COARSE = 8
_ENOUGH = 640
_ROOTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CLIP = 2.5
_TAIL = 0.05
"""Share of the decoys from which the tail of the null distribution is continued."""
_FEWEST = 20
FEWEST_DECOYS = 50


def filtered(image: np.ndarray, width: float) -> np.ndarray:
    """Minus the Laplacian of the image (H, W) smoothed by ``width`` pixels."""
    return next(iter(filtered_at(image, [width])))


def filtered_at(image: np.ndarray, widths: Sequence[float]) -> Iterator[np.ndarray]:
    """The same at several widths from one Fourier transform; the image is mirrored at its rim."""
    return _transformed(image, widths, laplacian=True)


def smoothed(image: np.ndarray, width: float) -> np.ndarray:
    """The image (H, W) convolved with a Gaussian of ``width`` pixels."""
    return next(iter(_transformed(image, [width], laplacian=False)))


def _transformed(
    image: np.ndarray, widths: Sequence[float], *, laplacian: bool
) -> Iterator[np.ndarray]:
    rows, columns = image.shape
    edge = min(int(4.0 * max(widths)) + 1, rows - 1, columns - 1)
    shape = tuple(fft.next_fast_len(n + 2 * edge, real=True) for n in image.shape)
    padding = [(edge, m - n - edge) for m, n in zip(shape, image.shape, strict=True)]
    padded = np.pad(image.astype(np.float32, copy=False), padding, mode="symmetric")
    spectrum = fft.rfft2(padded, workers=-1)
    down = (2.0 * np.pi * fft.fftfreq(shape[0])).astype(np.float32) ** 2
    right = (2.0 * np.pi * fft.rfftfreq(shape[1])).astype(np.float32) ** 2
    for width in widths:
        tall, wide = np.exp(-0.5 * width**2 * down), np.exp(-0.5 * width**2 * right)
        passed = spectrum * (tall[:, None] * wide)
        if laplacian:
            passed *= down[:, None] + right
        found = fft.irfft2(passed, shape, workers=-1)
        yield found[edge : edge + rows, edge : edge + columns]


def unit_response(width: float, smoothing: float) -> float:
    """Filtered value at the centre of an atom of height 1."""
    return 2.0 * width**2 / (width**2 + smoothing**2) ** 2


def local_spread(response: np.ndarray, region: np.ndarray, width: float) -> np.ndarray:
    """Standard deviation (H, W) of background in a filtered image, from its negative side.

    Atoms are bright: they swell the positive side. Values are limited to three times the typical
    one, since the dark rims of the brightest atoms are no background.
    """
    step = _COARSE if min(response.shape) > 64 * _COARSE else 1
    negative = region & (response < 0)
    typical = 1.4826 * float(np.median(-response[negative])) if negative.any() else 1.0
    squares = np.where(negative, np.minimum(response**2, (3.0 * typical) ** 2), 0.0)
    sums = _blocks(squares.astype(np.float32), step)
    counts = _blocks(negative.astype(np.float32), step)
    sigma = _SPREAD_WIDTHS * width / step
    above = ndimage.gaussian_filter(sums, sigma, truncate=2.5)
    below = ndimage.gaussian_filter(counts, sigma, truncate=2.5)
    spread = np.sqrt(above / np.maximum(below, 1e-6))
    return spread_out(np.maximum(spread, 0.2 * typical), step, response.shape)


def _blocks(values: np.ndarray, step: int) -> np.ndarray:
    rows, columns = (-(-n // step) for n in values.shape)
    padded = np.pad(
        values, ((0, rows * step - values.shape[0]), (0, columns * step - values.shape[1]))
    )
    return np.asarray(padded.reshape(rows, step, columns, step).sum(axis=(1, 3)))


def balancing_root(
    image: np.ndarray, noise: NoiseModel, region: np.ndarray, smoothing: float
) -> float:
    """The root (0 to 1) with which typical scores of an image (H, W) have no skewness.

    Rather one above than one below, by a standard error: shot noise wants 1, and too small a root
    makes noise beside bright atoms look like atoms. Scores beyond 2.5 count as 2.5, so that atoms
    do not rule; those that are too weak to be found make the choice cautious.
    """
    block = max(1, int(smoothing / 1.2))
    inside = block_mean(region.astype(np.float32), block) == 1.0
    rows, columns = (max(0, n - _ENOUGH) // 2 for n in inside.shape)
    cut = np.s_[rows : rows + _ENOUGH, columns : columns + _ENOUGH]
    inside, wide = inside[cut], smoothing / block
    ends = [
        filtered(block_mean(stabilised(image, noise, root), block)[cut], wide)
        for root in (0.0, 1.0)
    ]
    cells = max(float(inside.sum()) / (2.0 * wide) ** 2, 1.0)
    skewness = np.zeros(len(_ROOTS))
    for n, root in enumerate(_ROOTS):
        response = (1.0 - root) * ends[0] + root * ends[1]
        score = (response / local_spread(response, inside, wide))[inside]
        cubes = np.clip(score, -_CLIP, _CLIP) ** 3
        skewness[n] = float(cubes.mean() + cubes.std() / cells**0.5) if score.size else 0.0
    # It falls as the root rises.
    return float(np.interp(0.0, np.minimum.accumulate(skewness)[::-1], _ROOTS[::-1]))


@dataclass(frozen=True)
class Null:
    """How many maxima of background reach a score, in the region that was analysed."""

    decoys: np.ndarray
    """Heights of the minima, sorted from the highest."""
    start: float
    """The score from which the tail is continued."""
    slope: float
    """Mean of (score^2 - start^2) beyond the start: 2 for a standard normal tail."""

    def expected(self, scores: np.ndarray) -> np.ndarray:
        """Background maxima at or above each of the scores (N,)."""
        counted = np.searchsorted(-self.decoys, -scores, side="right").astype(float)
        tail = np.searchsorted(-self.decoys, -self.start, side="right") * np.exp(
            -(np.maximum(scores, self.start) ** 2 - self.start**2) / self.slope
        )
        return np.where(scores > self.start, np.maximum(counted, tail), counted)


def null_distribution(score: np.ndarray, region: np.ndarray) -> Null | None:
    """From the minima of a score without atoms; None where there are too few of them."""
    rows, columns = local_maxima(-score, region)
    if rows.size < FEWEST_DECOYS:
        return None
    heights = np.sort(-score[rows, columns].astype(float))[::-1]
    count = min(max(_FEWEST, int(_TAIL * heights.size)), heights.size - 1)
    start = max(float(heights[count]), 0.1)
    beyond = heights[heights > start]
    slope = float((beyond**2 - start**2).mean()) if beyond.size else 2.0
    return Null(heights, start, max(slope, 2.0))


def false_discovery_rates(scores: np.ndarray, null: Null) -> np.ndarray:
    """Expected share of background among the maxima at least as high as each, (N,)."""
    order = np.argsort(-scores)
    rates = null.expected(scores[order]) / np.arange(1, scores.size + 1)
    rates = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1.0)
    found = np.empty(scores.size)
    found[order] = rates
    return found
