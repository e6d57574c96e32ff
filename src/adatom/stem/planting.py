"""How many atoms are found, by planting known ones into the image itself.

Atoms of the measured width are added where none was found, with the shot noise they would bring,
and the search is repeated with the same threshold: once alone at several intensities, once as equal
pairs at several distances.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from scipy.special import ndtr

from adatom.errors import ImageError
from adatom.stem.detected import DetectedAtoms
from adatom.stem.detection import Detection
from adatom.stem.gaussians import render
from adatom.stem.scores import smoothed
from adatom.stem.search import search

FACTORS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4)
"""Planted intensities in units of the median of those found."""
SEPARATIONS = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
"""Of planted pairs, in widths of an atom."""
_CLEAR = 6.0
_SAME = 1.2
"""A planted atom is found where one is reported within so many widths."""
_MOST = 200
_LEVELS = 100
_ITERATIONS = 1000
_LEAST_NOISE = 0.02
"""Of the recall curve, in units of the brightest planted: planted ones lie no nearer."""
_Z = 1.959963985


@dataclass(frozen=True)
class Recall:
    """Shares of planted atoms that were found, each with a 95 % interval (Wilson 1927)."""

    intensity: np.ndarray
    """(F,), planted intensities as in :class:`~adatom.stem.detected.DetectedAtoms`."""
    planted: np.ndarray
    """(F,), how many of each."""
    found: np.ndarray
    """(F,), how many of these were found."""
    separation_angstrom: np.ndarray
    """(S,), of planted pairs of median intensity."""
    pairs_planted: np.ndarray
    pairs_found: np.ndarray
    """(S,), of which both atoms were found."""
    resolution_angstrom: float | None
    """Separation at which half of those pairs show both atoms whose atoms would be found alone;
    None where no planted separation reaches it."""

    def of(self, intensity: np.ndarray) -> np.ndarray:
        """Probability that an atom of each true intensity (N,) is found, rising with it, (N,).

        Found is what noise leaves above a threshold, but for places where nothing is found: most
        times the normal distribution at (intensity - threshold) / noise.
        """
        most, threshold, noise = self._curve
        return np.asarray(most * ndtr((np.asarray(intensity) - threshold) / noise))

    @cached_property
    def _curve(self) -> tuple[float, float, float]:
        """Greatest share, threshold and noise, by maximum likelihood of those planted and found."""
        scale = float(self.intensity.max())

        def minus_log_likelihood(point: np.ndarray) -> float:
            share = point[0] * ndtr((self.intensity / scale - point[1]) / np.exp(point[2]))
            share = np.clip(share, 1e-9, 1.0 - 1e-9)
            lost = (self.planted - self.found) * np.log1p(-share)
            return -float((self.found * np.log(share) + lost).sum())

        bounds = [(0.01, 1.0), (-0.5, 1.5), (np.log(_LEAST_NOISE), 1.0)]
        tried = [
            minimize(minus_log_likelihood, [0.98, start, np.log(0.1)], bounds=bounds)
            for start in (0.1, 0.3, 0.5, 0.8)
        ]
        most, threshold, log_noise = min(tried, key=lambda one: float(one.fun)).x
        return float(most), float(threshold) * scale, float(np.exp(log_noise)) * scale

    def of_found(self, atoms: DetectedAtoms) -> np.ndarray:
        """Probability that each of the atoms found, (N,), was to be found.

        The measured intensities scatter about the true ones, and the recall falls faster below
        than it rises above: taken at the measured ones it would be too low. The distribution of
        the true intensities is therefore estimated from the measured ones and their standard
        deviations by maximum likelihood (Laird, J. Am. Stat. Assoc. 1978, 73, 805,
        doi:10.1080/01621459.1978.10480103), and 1 / recall averaged over what each may truly be.
        One that is false, as the faintest may be, stands for none that were missed.
        """
        measured, sd = atoms.intensity[:, None], atoms.intensity_sd[:, None]
        true = np.geomspace(measured.min(), measured.max(), _LEVELS)
        deviation = 0.5 * ((measured - true) / sd) ** 2
        likelihood = np.exp(deviation.min(axis=1, keepdims=True) - deviation)
        share = np.full(_LEVELS, 1.0 / _LEVELS)
        for _ in range(_ITERATIONS):
            share = share * (likelihood / (likelihood @ share)[:, None]).mean(axis=0)
        joint = likelihood * share
        missed_too = joint @ (1.0 / self.of(true)) / joint.sum(axis=1)
        false = _chance_of_false(atoms)
        return np.minimum(1.0 / (false + (1.0 - false) * missed_too), 1.0)

    def interval_95(self) -> np.ndarray:
        """(F, 2), of the share found at each intensity."""
        n = np.maximum(self.planted, 1)
        share = self.found / n
        centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
        return np.column_stack([np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)])


def _chance_of_false(atoms: DetectedAtoms) -> np.ndarray:
    """(N,), from how the expected number of false ones grows with every atom of lower score."""
    order = np.argsort(-atoms.score, kind="stable")
    expected = atoms.false_discovery_rate[order] * (np.arange(len(atoms)) + 1.0)
    false = np.empty(len(atoms))
    false[order] = np.clip(np.diff(np.maximum.accumulate(expected), prepend=0.0), 0.0, 1.0)
    return false


def plant(detection: Detection, *, rounds: int = 4, seed: int = 0) -> Recall:
    """Plant atoms and pairs into an analysed image (``rounds`` searches) and count those found.

    Raises :class:`~adatom.errors.ImageError` where no atom was found to take the intensity from,
    or where no empty place is left.
    """
    found = detection.found
    if not len(detection.atoms):
        raise ImageError(f"{detection.atoms.source}: no atom found, so none to plant alike")
    random = np.random.default_rng(seed)
    width, area = detection.field.width, 2.0 * np.pi * detection.field.width**2
    height = float(np.median(detection.atoms.intensity)) / area
    alone = np.zeros((2, len(FACTORS)), dtype=int)
    pairs = np.zeros((2, len(SEPARATIONS)), dtype=int)
    for turn in range(rounds):
        as_pairs = turn % 2 == 1
        kinds = len(SEPARATIONS) if as_pairs else len(FACTORS)
        spacing = _CLEAR + (max(SEPARATIONS) if as_pairs else 0.0)
        centres = _empty_places(detection, spacing * width, random)
        kind = random.permutation(np.arange(len(centres)) % kinds)
        if as_pairs:
            angle = random.uniform(0.0, 2.0 * np.pi, len(centres))
            half = 0.5 * width * np.array(SEPARATIONS)[kind]
            shift = np.column_stack([np.cos(angle), np.sin(angle)]) * half[:, None]
            places = np.concatenate([centres - shift, centres + shift])
            heights = np.full(len(places), height)
        else:
            places, heights = centres, height * np.array(FACTORS)[kind]
        signal = render(detection.field.image.shape, places[:, 0], places[:, 1], heights, width)
        extra = max(detection.field.noise.gain, 0.0) * signal
        noisy = signal + np.sqrt(extra) * random.standard_normal(signal.shape).astype(np.float32)
        field = replace(
            detection.field,
            image=detection.field.image + noisy,
            variance=detection.field.variance + smoothed(extra, detection.level),
        )
        fit = search(field, detection.atoms.settings["false_discovery_rate"], like=found).fit
        seen = _matched(places, np.column_stack([fit.x, fit.y]), _SAME * width)
        if as_pairs:
            seen = seen[: len(centres)] & seen[len(centres) :]
        count = pairs if as_pairs else alone
        count[0] += np.bincount(kind, minlength=kinds)
        count[1] += np.bincount(kind[seen], minlength=kinds)
    separation = np.array(SEPARATIONS) * detection.atoms.width_angstrom
    expected = (alone[1, FACTORS.index(1.0)] / max(alone[0, FACTORS.index(1.0)], 1)) ** 2
    return Recall(
        np.array(FACTORS) * height * area,
        alone[0],
        alone[1],
        separation,
        pairs[0],
        pairs[1],
        _half(separation, pairs[1] / np.maximum(pairs[0], 1), 0.5 * expected),
    )


def _empty_places(detection: Detection, spacing: float, random: np.random.Generator) -> np.ndarray:
    """Positions (x, y) in pixels far from found atoms and from each other."""
    inside = np.flatnonzero(detection.atoms.window)
    drawn = random.choice(inside, min(inside.size, 20 * _MOST), replace=False)
    y, x = np.unravel_index(drawn, detection.atoms.window.shape)
    places = np.column_stack([x, y]) + random.uniform(-0.5, 0.5, (drawn.size, 2))
    fit = detection.found.fit
    if fit.x.size:
        distance, _ = cKDTree(np.column_stack([fit.x, fit.y])).query(places)
        places = places[distance > 0.5 * spacing + 0.5 * _CLEAR * detection.field.width]
    kept: list[int] = []
    near = cKDTree(places).query_ball_point(places, spacing) if len(places) else []
    taken = np.zeros(len(places), dtype=bool)
    for n in range(len(places)):
        if not taken[near[n]].any():
            taken[n] = True
            kept.append(n)
        if len(kept) == _MOST:
            break
    if len(kept) < len(SEPARATIONS):
        raise ImageError(
            f"{detection.atoms.source}: {len(kept)} empty places to plant atoms in; the field is"
            " too small or too crowded for a recall curve"
        )
    return np.asarray(places[kept])


def _matched(places: np.ndarray, found: np.ndarray, reach: float) -> np.ndarray:
    """Which places (N, 2) have an atom of their own within reach, (N,)."""
    seen = np.zeros(len(places), dtype=bool)
    if not len(found):
        return seen
    pairs = cKDTree(places).sparse_distance_matrix(cKDTree(found), reach, output_type="ndarray")
    used: set[int] = set()
    for entry in np.sort(pairs, order="v"):
        if not seen[entry["i"]] and int(entry["j"]) not in used:
            seen[entry["i"]] = True
            used.add(int(entry["j"]))
    return seen


def _half(separation: np.ndarray, share: np.ndarray, level: float) -> float | None:
    """Least separation from which on the share stays at or above the level, interpolated."""
    below = np.flatnonzero(share < level)
    if level <= 0.0 or (below.size and below[-1] == len(share) - 1):
        return None
    if not below.size:
        return float(separation[0])
    at = below[-1]
    part = (level - share[at]) / (share[at + 1] - share[at])
    return float(separation[at] + part * (separation[at + 1] - separation[at]))
