"""Noise of an image from the image: variance against mean."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

_MASK_SQUARES = 36.0
_BINS = 24


@dataclass(frozen=True)
class NoiseModel:
    """Variance of a pixel = offset + gain * mean, in recorded units."""

    offset: float
    """Of the variance at intensity 0; negative where the zero of the detector lies above 0."""
    gain: float
    floor: float
    """Least variance seen; the line is not followed below it."""
    typical_sd: float
    """Of a pixel of mean intensity."""

    @property
    def zero(self) -> float | None:
        """Intensity without electrons; None where the variance does not tell."""
        return -self.offset / self.gain if self.gain > 0.0 else None

    def variance(self, mean: np.ndarray) -> np.ndarray:
        """Of pixels with these means."""
        return np.asarray(np.maximum(self.offset + self.gain * mean, self.floor), dtype=np.float32)


def estimate_noise(image: np.ndarray, mean: np.ndarray) -> NoiseModel:
    """Variance against mean of an image (H, W) whose smoothed copy is ``mean``.

    The mask 1 -2 1, -2 4 -2, 1 -2 1 removes what is smooth (Immerkaer, Comput. Vis. Image Underst.
    1996, 64, 300, doi:10.1006/cviu.1996.0060). Noise is taken as independent between pixels; what
    correlates shows where no atom is and is added to the uncertainties there.
    """
    twice = np.array([1.0, -2.0, 1.0], dtype=np.float32)
    fine = ndimage.correlate1d(ndimage.correlate1d(image, twice, axis=0), twice, axis=1)[1:-1, 1:-1]
    step = max(1, fine.size // 500_000)
    square = (fine.ravel()[::step].astype(float) ** 2) / _MASK_SQUARES
    level = mean[1:-1, 1:-1].ravel()[::step].astype(float)
    order = np.argsort(level)
    square, level = square[order], level[order]
    cuts = np.linspace(0, level.size, _BINS + 1).astype(int)[:-1]
    counts = np.diff(np.append(cuts, level.size))
    means = np.add.reduceat(level, cuts) / counts
    variances = np.add.reduceat(square, cuts) / counts
    floor = max(float(variances.min()) * 0.5, float(np.finfo(np.float32).tiny))
    typical = float(np.sqrt(max(variances.mean(), floor)))
    spread = means - means.mean()
    denominator = float((spread**2 / np.maximum(variances, floor) ** 2).sum())
    if denominator == 0.0:
        return NoiseModel(float(variances.mean()), 0.0, floor, typical)
    weights = 1.0 / np.maximum(variances, floor)
    gain, offset = np.polyfit(means, variances, 1, w=weights)
    if gain < 0.0:
        return NoiseModel(float(variances.mean()), 0.0, floor, typical)
    return NoiseModel(float(offset), float(gain), floor, typical)


def stabilised(image: np.ndarray, noise: NoiseModel, root: float = 1.0) -> np.ndarray:
    """The image bent so that background is alike above and below its mean.

    With ``root`` 1 this is Anscombe's transform with gain and offset, after which shot noise has a
    variance of 1 everywhere: it is larger where the support is brighter by chance, which makes high
    maxima more frequent than deep minima (Starck, Murtagh, Bijaoui, Image Processing and Data
    Analysis, Cambridge 1998, section 2.5). With 0 the image keeps its shape: texture of the support
    needs no root. Between them the two are mixed.
    """
    straight = np.asarray(image * np.float32(1.0 / noise.typical_sd), dtype=np.float32)
    gain = noise.gain
    if gain <= 0.0 or root == 0.0:
        return straight
    inner = gain * image + np.float32(0.375 * gain**2 + noise.offset)
    bent = np.sqrt(np.maximum(inner, 0.0)) * np.float32(2.0 / gain)
    return np.asarray((1.0 - root) * straight + root * bent, dtype=np.float32)


def steepness(variance: np.ndarray, noise: NoiseModel, root: float) -> np.ndarray:
    """Derivative of :func:`stabilised` where pixels have this variance."""
    if noise.gain <= 0.0:
        root = 0.0
    return np.asarray((1.0 - root) / noise.typical_sd + root / np.sqrt(variance), dtype=np.float32)
