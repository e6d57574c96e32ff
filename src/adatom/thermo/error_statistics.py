"""How far one set of free energies is from another, when errors on one site go together.

Adsorbates of one site share most of their error, so a site, not a value, is what varies from
sample to sample: standard errors come from leaving out one site at a time (jackknife; Efron and
Stein 1981, 10.1214/aos/1176345462). Ranks are those of the sites for one adsorbate: that *OOH
lies above *OH everywhere is no merit of an engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import asin, isfinite, pi

import numpy as np
from scipy.stats import rankdata

OUTLIER_SCORE = 3.5
"""An error further than this from the median, in units of 1.4826 times the median absolute
deviation, is an outlier (Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers)."""
_SIMULATED = 4000
_SEED = 1


@dataclass(frozen=True)
class ErrorStatistics:
    """Errors (engine minus reference) over some values; None where too few sites are there."""

    values: int
    sites: int
    mean_signed_eV: float
    mean_signed_se_eV: float | None
    mean_absolute_eV: float
    mean_absolute_se_eV: float | None
    sd_eV: float | None
    """Standard deviation about the mean error, n - 1 in the denominator."""
    rms_eV: float
    """Root mean square about zero: bias and scatter together."""
    rms_se_eV: float | None
    spearman: float | None
    """Rank correlation of the sites, within adsorbates."""
    spearman_interval_95: tuple[float, float] | None
    kendall: float | None
    """Pairs of sites in the right order minus those in the wrong one, over all pairs."""


def error_statistics(
    sites: Sequence[str], states: Sequence[str], reference_eV: np.ndarray, engine_eV: np.ndarray
) -> ErrorStatistics:
    """Statistics of ``engine_eV - reference_eV``, shape (N,), of ``states`` on ``sites`` (N each).

    Raises ValueError if there is no value or a value is not finite.
    """
    errors = np.asarray(engine_eV, dtype=float) - np.asarray(reference_eV, dtype=float)
    if not errors.size or not np.isfinite(errors).all():
        raise ValueError("expected at least one value, all finite")
    labels = np.asarray(list(sites))
    count = len(set(sites))
    spearman, kendall = _rank_correlations(np.asarray(list(states)), reference_eV, engine_eV)
    return ErrorStatistics(
        values=len(errors),
        sites=count,
        mean_signed_eV=float(errors.mean()),
        mean_signed_se_eV=jackknife_se(np.mean, errors, labels),
        mean_absolute_eV=float(np.abs(errors).mean()),
        mean_absolute_se_eV=jackknife_se(np.mean, np.abs(errors), labels),
        sd_eV=float(errors.std(ddof=1)) if len(errors) > 1 else None,
        rms_eV=_rms(errors),
        rms_se_eV=jackknife_se(_rms, errors, labels),
        spearman=spearman,
        spearman_interval_95=None if spearman is None else spearman_interval(spearman, count),
        kendall=kendall,
    )


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt((errors**2).mean()))


def jackknife_se(
    statistic: Callable[[np.ndarray], float], values: np.ndarray, groups: np.ndarray
) -> float | None:
    """Standard error of ``statistic`` of ``values`` from leaving out one of ``groups`` at a time.

    None for fewer than two groups. For the mean of one value a group this is s / sqrt(n).
    """
    names = np.unique(groups)
    if len(names) < 2:
        return None
    left = np.array([statistic(values[groups != name]) for name in names])
    n = len(names)
    return float(np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))


def outliers(errors: np.ndarray) -> np.ndarray:
    """Indices of the outliers of ``errors``, shape (N,), the worst first."""
    away = np.abs(errors - np.median(errors))
    scale = 1.4826 * float(np.median(away))
    found = np.flatnonzero(away > OUTLIER_SCORE * scale) if scale > 0.0 else np.array([], dtype=int)
    return found[np.argsort(-away[found])]


def _rank_correlations(
    states: np.ndarray, reference: np.ndarray, engine: np.ndarray
) -> tuple[float | None, float | None]:
    """Spearman of the ranks within each state, pooled, and Kendall over pairs within a state."""
    # Equal values stay equal in spite of rounding errors.
    reference, engine = np.round(reference, 6), np.round(engine, 6)
    x, y = [], []
    agreement, pairs = 0.0, 0
    for state in np.unique(states):
        a, b = reference[states == state], engine[states == state]
        x.append(rankdata(a) - (len(a) + 1) / 2)
        y.append(rankdata(b) - (len(b) + 1) / 2)
        first, second = np.triu_indices(len(a), 1)
        agreement += float((np.sign(a[first] - a[second]) * np.sign(b[first] - b[second])).sum())
        pairs += len(first)
    if not pairs:
        return None, None
    u, v = np.concatenate(x), np.concatenate(y)
    norm = float(np.sqrt((u**2).sum() * (v**2).sum()))
    return (float((u * v).sum()) / norm if norm > 0.0 else None), agreement / pairs


def spearman_interval(spearman: float, sites: int) -> tuple[float, float] | None:
    """95 % interval of the rank correlation behind a sample of ``sites`` with ``spearman``.

    The correlations of a bivariate normal population under which a value so high, or so low,
    has at least 2.5 % probability, found by simulation; unlike Fisher's transformation it does
    not collapse to a point at 1 (four sites are in the right order by chance once in 24 times).
    None for fewer than three sites. ``sites`` counts sites, not values: conservative where
    several adsorbates of a site are pooled.
    """
    if sites < 3 or not isfinite(spearman):
        return None
    draws = int(np.clip(400_000 // sites, 400, _SIMULATED))
    rng = np.random.default_rng(_SEED)
    x, own = rng.standard_normal((2, draws, sites))
    ranks = rankdata(x, axis=1) - (sites + 1) / 2
    norm = float((ranks[0] ** 2).sum())

    def sampled(correlation: float) -> np.ndarray:
        y = correlation * x + np.sqrt(1.0 - correlation**2) * own
        return (ranks * (rankdata(y, axis=1) - (sites + 1) / 2)).sum(axis=1) / norm

    tiny = 1e-9
    low = _crossing(lambda r: float((sampled(r) >= spearman - tiny).mean()) - 0.025)
    high = _crossing(lambda r: 0.025 - float((sampled(r) <= spearman + tiny).mean()))
    # Spearman's correlation of a normal population with correlation r (Pearson 1907).
    return 6.0 / pi * asin(low / 2.0), 6.0 / pi * asin(high / 2.0)


def _crossing(rising: Callable[[float], float]) -> float:
    """Where a rising function of a correlation changes sign; -1 or 1 where it does not."""
    low, high = -1.0, 1.0
    if rising(low) >= 0.0:
        return low
    if rising(high) <= 0.0:
        return high
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if rising(middle) > 0.0 else (middle, high)
    return 0.5 * (low + high)
