"""Seeds, joint fit, and what the fit left over, until nothing new is found."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from adatom.stem.gaussians import local_maxima
from adatom.stem.noise import NoiseModel, stabilised, steepness
from adatom.stem.refinement import Refined, refine
from adatom.stem.scores import (
    Null,
    balancing_root,
    false_discovery_rates,
    filtered,
    local_spread,
    null_distribution,
    unit_response,
)

_FIRST_SCORE = 5.0
"""Seeds of the first fit; the null distribution is taken from what that leaves."""
_PASSES = 3
APART = 1.5
"""Two atoms closer than so many widths are one."""
_SHADOW = 4.0
_SHADOW_SHARE = 0.12
"""The image of an atom is no exact Gaussian: within so many widths of it what is left over must
have this share of its height to be a partner."""


@dataclass(frozen=True)
class Field:
    """What a search needs of an image."""

    image: np.ndarray
    """(H, W), recorded intensities."""
    noise: NoiseModel
    variance: np.ndarray
    """(H, W), of each pixel."""
    region: np.ndarray
    """(H, W), where atoms are looked for."""
    width: float
    """Standard deviation of an atom's image, pixels."""
    smoothing: float
    """Of the filter that scores, pixels."""


@dataclass(frozen=True)
class Found:
    """Atoms of an image with what decided about them."""

    fit: Refined
    score: np.ndarray
    """(N,), each with all others taken away."""
    rate: np.ndarray
    """(N,), expected share of background among the atoms at least as high."""
    spread: np.ndarray
    """(H, W), standard deviation of background in the filtered image."""
    root: float
    """How much of Anscombe's transform makes background alike above and below."""
    threshold: float
    """Score at and above which a fitted atom is kept."""
    entry: float
    """Least score of a maximum that was fitted; the fit then finds the place of the highest."""
    null: Null | None


def search(
    field: Field,
    false_discovery_rate: float,
    *,
    like: Found | None = None,
) -> Found:
    """Find the atoms of a field at an expected share of false ones.

    ``like`` takes background and threshold over from another search, for an image in which atoms
    were planted.
    """
    width, balance = field.width, (field.noise, field.region, field.smoothing)
    root = balancing_root(field.image, *balance) if like is None else like.root
    response = filtered(stabilised(field.image, field.noise, root), field.smoothing)
    spread = local_spread(response, field.region, width) if like is None else like.spread
    rows, columns = local_maxima(response, field.region)
    scores = response[rows, columns] / spread[rows, columns]
    entry = _FIRST_SCORE if like is None else like.entry
    taken = scores >= entry
    unit = unit_response(width, field.smoothing)
    x, y = columns[taken].astype(float), rows[taken].astype(float)
    sd = 1.0 / steepness(field.variance, field.noise, root)
    height = (response * sd)[rows, columns][taken] / unit
    fit = refine(field.image, field.variance, height, x, y, width)
    found = None
    for turn in range(_PASSES):
        if like is None:
            # Many atoms bend the balance of an image: it is made anew where they are taken away.
            root = balancing_root(fit.residual, *balance)
            sd = 1.0 / steepness(field.variance, field.noise, root)
        residue = filtered(stabilised(fit.residual, field.noise, root), field.smoothing)
        if like is None:
            spread = local_spread(residue, field.region, width)
        null = null_distribution(residue / spread, field.region) if like is None else like.null
        score = _scores(fit, residue, spread, unit, sd)
        rows, columns = local_maxima(residue, field.region)
        rows, columns = _partners(fit, rows, columns, residue * (sd / unit), width)
        extra = residue[rows, columns] / spread[rows, columns]
        everything = np.concatenate([score, extra])
        if like is not None:
            least = np.repeat([like.threshold, like.entry], [score.size, extra.size])
            rates = np.where(everything >= least, 0.0, 1.0)
        elif null is None:
            rates = np.where(everything >= _FIRST_SCORE, 0.0, 1.0)
        else:
            rates = false_discovery_rates(everything, null)
        good = (rates <= false_discovery_rate) & (np.append(fit.height, residue[rows, columns]) > 0)
        threshold = float(everything[good].min()) if good.any() else np.inf
        found = Found(fit, score, rates[: score.size], spread, root, threshold, entry, null)
        keep, new = good[: score.size], good[score.size :]
        if (keep.all() and not new.any()) or turn == _PASSES - 1:
            found = replace(
                found, fit=_select(fit, keep), score=score[keep], rate=rates[: score.size][keep]
            )
            break
        entry = min(entry, float(extra[new].min(initial=np.inf)))
        fit = refine(
            field.image,
            field.variance,
            np.append(fit.height[keep], (residue * sd)[rows, columns][new] / unit),
            np.append(fit.x[keep], columns[new]),
            np.append(fit.y[keep], rows[new]),
            width,
        )
    assert found is not None
    return found


def _scores(
    fit: Refined, residue: np.ndarray, spread: np.ndarray, unit: float, sd: np.ndarray
) -> np.ndarray:
    """Of each atom with the others taken away, (N,)."""
    rows = np.clip(np.round(fit.y).astype(int), 0, residue.shape[0] - 1)
    columns = np.clip(np.round(fit.x).astype(int), 0, residue.shape[1] - 1)
    own = fit.height * unit / sd[rows, columns]
    return np.asarray((residue[rows, columns] + own) / spread[rows, columns])


def _partners(
    fit: Refined, rows: np.ndarray, columns: np.ndarray, height: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Those maxima of the rest that may be atoms beside the fitted ones."""
    if not fit.x.size or not rows.size:
        return rows, columns
    tree = cKDTree(np.column_stack([fit.x, fit.y]))
    distance, nearest = tree.query(np.column_stack([columns, rows]).astype(float))
    shadow = (distance < _SHADOW * width) & (
        height[rows, columns] < _SHADOW_SHARE * fit.height[nearest]
    )
    allowed = (distance >= APART * width) & ~shadow
    return rows[allowed], columns[allowed]


def _select(fit: Refined, keep: np.ndarray) -> Refined:
    return Refined(fit.height[keep], fit.x[keep], fit.y[keep], fit.variances[keep], fit.residual)
