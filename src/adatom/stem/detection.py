"""Atoms of a micrograph: region, noise, width, search, uncertainties."""

from dataclasses import dataclass

import numpy as np

from adatom.errors import ImageError
from adatom.readers.micrograph import Micrograph
from adatom.stem.detected import DetectedAtoms
from adatom.stem.gaussians import local_maxima
from adatom.stem.noise import estimate_noise, stabilised
from adatom.stem.refinement import inflation
from adatom.stem.region import RIM_ANGSTROM, block_mean, check_mask, erode, particles, vacuum
from adatom.stem.scores import filtered, local_spread, smoothed, unit_response
from adatom.stem.search import Field, Found, search
from adatom.stem.width import (
    NARROWEST_ANGSTROM,
    PARTED,
    WIDEST_ANGSTROM,
    best_smoothing,
    estimate_width,
)

FALSE_DISCOVERY_RATE = 0.01
"""Default: estimated from few minima, the rate itself is known to a factor of two."""
_LEVEL_ANGSTROM = 0.6
_RIM_WIDTHS = 2.0
_SEARCHED_WIDTHS = 1.0
_STRONG = 6.0
_EMPTY = 0.2


@dataclass(frozen=True)
class Detection:
    """The atoms, and what planting needs to repeat the search."""

    atoms: DetectedAtoms
    field: Field
    found: Found
    level: float
    """Pixels of smoothing that gave the mean at which the variance was read off."""


def detect_atoms(
    micrograph: Micrograph,
    *,
    mask: np.ndarray | None = None,
    width_angstrom: float | None = None,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    seed: int = 0,
) -> DetectedAtoms:
    """Atoms of a micrograph at an expected share of false ones.

    ``mask`` (H, W) marks the region with values above 0; without it vacuum and particles are left
    out by themselves. ``width_angstrom`` is the standard deviation of the image of an atom,
    estimated where it is not given. Raises :class:`~adatom.errors.ImageError`.
    """
    return run_detection(
        micrograph,
        mask=mask,
        width_angstrom=width_angstrom,
        false_discovery_rate=false_discovery_rate,
        seed=seed,
    ).atoms


def run_detection(
    micrograph: Micrograph,
    *,
    mask: np.ndarray | None = None,
    width_angstrom: float | None = None,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    seed: int = 0,
) -> Detection:
    """As :func:`detect_atoms`, with what planting needs."""
    if not 0.0 < false_discovery_rate < 0.5:
        raise ImageError(
            f"a false discovery rate of {false_discovery_rate:g}; expected above 0 and below 0.5"
        )
    pixel = micrograph.pixel_size_angstrom
    low = float(micrograph.intensity.min())
    image = (micrograph.intensity - low).astype(np.float32)
    wide = max(_LEVEL_ANGSTROM / pixel, 1.5)
    level = smoothed(image, wide)
    noise = estimate_noise(image, level)
    notes = list(micrograph.notes)
    empty = np.zeros(image.shape, dtype=bool)
    if mask is None:
        empty = vacuum(image, pixel, noise.zero if noise.zero is not None else 0.0)
        region = ~empty
    else:
        region = check_mask(mask, image.shape)
    variance, stable = noise.variance(level), stabilised(image, noise)
    if width_angstrom is None:
        width = estimate_width(stable, region, pixel)
    else:
        if not NARROWEST_ANGSTROM <= width_angstrom <= WIDEST_ANGSTROM:
            raise ImageError(
                f"an atom of width {width_angstrom:g} A; expected {NARROWEST_ANGSTROM} to"
                f" {WIDEST_ANGSTROM} A (standard deviation)"
            )
        width = width_angstrom / pixel
    if empty.any() and _holds_atoms(stable, region, empty, width, pixel):
        region, empty = np.ones_like(region), np.zeros_like(empty)
        notes.append("a dark part of the field holds atoms: it is thin support, not vacuum")
    if empty.any():
        notes.append(f"{100 * empty.mean():.0f} % of the field is vacuum and left out")
    smoothing = best_smoothing(stable, region, width, pixel)
    height = _seed_height(stable, variance, region, width)
    bright = particles(image, height, width) if height > 0.0 else np.zeros_like(region)
    if bright.any():
        region = region & ~bright
        notes.append(
            f"{100 * bright.mean():.1f} % of the field are clusters or particles and left out"
        )
    field = Field(image, noise, variance, erode(region, _SEARCHED_WIDTHS * width), width, smoothing)
    if not field.region.any():
        raise ImageError(f"{micrograph.path}: no region is left to look for atoms; check the mask")
    found = search(field, false_discovery_rate)
    window = erode(region, _RIM_WIDTHS * width)
    if found.null is None:
        notes.append("too little background to estimate a false discovery rate: scores above 5")
    larger = inflation(found.fit, variance, field.region, width, np.random.default_rng(seed))
    atoms = _result(micrograph, field, found, window, larger, notes, false_discovery_rate)
    return Detection(atoms, field, found, wide)


def _holds_atoms(
    stable: np.ndarray, region: np.ndarray, empty: np.ndarray, width: float, pixel: float
) -> bool:
    """Whether strong maxima are as dense in the dark as a part of those elsewhere."""
    response = filtered(stable, width)
    dense = []
    for part in (empty, region):
        inner = erode(part, 2.0 * RIM_ANGSTROM / pixel)
        rows, columns = local_maxima(response, inner)
        score = response[rows, columns] / local_spread(response, part, width)[rows, columns]
        dense.append(np.count_nonzero(score > _STRONG) / max(int(inner.sum()), 1))
    return bool(dense[0] > _EMPTY * dense[1])


def _seed_height(
    stable: np.ndarray, variance: np.ndarray, region: np.ndarray, width: float
) -> float:
    """Median height of strong maxima, 0 where there are none."""
    block = max(1, int(width / 1.2))
    coarse, wide = block_mean(stable, block), width / block
    inside = block_mean(region.astype(np.float32), block) == 1.0
    response = filtered(coarse, wide)
    rows, columns = local_maxima(response, inside)
    score = response[rows, columns] / local_spread(response, inside, wide)[rows, columns]
    strong = rows[score > _STRONG], columns[score > _STRONG]
    if not strong[0].size:
        return 0.0
    height = response[strong] * np.sqrt(block_mean(variance, block)[strong])
    return float(np.median(height)) / unit_response(wide, wide)


def _result(
    micrograph: Micrograph,
    field: Field,
    found: Found,
    window: np.ndarray,
    larger: np.ndarray,
    notes: list[str],
    rate: float,
) -> DetectedAtoms:
    pixel, fit = micrograph.pixel_size_angstrom, found.fit
    rows = np.clip(np.floor(fit.y + 0.5).astype(int), 0, window.shape[0] - 1)
    columns = np.clip(np.floor(fit.x + 0.5).astype(int), 0, window.shape[1] - 1)
    inside = window[rows, columns] & np.isfinite(fit.variances).all(axis=1) & (fit.height > 0)
    sd = np.sqrt(fit.variances[inside]) * larger
    area = 2.0 * np.pi * field.width**2
    order = np.argsort(-found.score[inside])
    return DetectedAtoms(
        source=str(micrograph.path),
        sha256=micrograph.sha256,
        pixel_size_angstrom=pixel,
        window=window,
        positions_angstrom=(np.column_stack([fit.x, fit.y])[inside][order] + 0.5) * pixel,
        position_sd_angstrom=sd[order, 1:] * pixel,
        intensity=fit.height[inside][order] * area,
        intensity_sd=sd[order, 0] * area,
        score=found.score[inside][order],
        false_discovery_rate=found.rate[inside][order],
        width_angstrom=field.width * pixel,
        resolution_angstrom=float(PARTED * np.hypot(field.width, field.smoothing) * pixel),
        threshold=found.threshold,
        noise={
            "gain": field.noise.gain,
            "offset": field.noise.offset,
            "height_sd_over_white": float(larger[0]),
            "x_sd_over_white": float(larger[1]),
            "y_sd_over_white": float(larger[2]),
        },
        settings={
            "false_discovery_rate": rate,
            "smoothing_angstrom": field.smoothing * pixel,
            "root": found.root,
        },
        notes=tuple(notes),
    )
