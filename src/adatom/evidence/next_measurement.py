"""What a further measurement is expected to narrow most.

Compositions and nuisances are drawn from what is known now; each possible measurement is made on
200 of them, and all are weighted anew by its outcome. The expected width of the 95 % interval of
the share in pairs, and the information on it in bits (mean Kullback-Leibler divergence of the
share's posterior from that of now), are averages over the outcomes. What a source leaves open
stays open: a second EXAFS spectrum has the same amplitude and coordination numbers as the first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adatom.evidence.assemble import Assembled
from adatom.evidence.composition import KINDS, Composition
from adatom.evidence.posterior import Posterior, shortest_interval
from adatom.evidence.source import Measured, NumberSource
from adatom.evidence.sources.exafs import MetalPath, exafs_source
from adatom.evidence.sources.mossbauer import mossbauer_source
from adatom.evidence.sources.stem import (
    ATOMS_PER_CLUSTER,
    ATOMS_PER_PARTICLE,
    EDGES,
    Seen,
    StemSource,
    count_log_probability,
    log_even,
)
from adatom.evidence.sources.xps import xps_source

DRAWS, OUTCOMES, CANDIDATES, BINS = 4000, 200, 16, 25
NEW_EXAFS_SD = 0.3
NEW_AREA_SD_PERCENT = 3.0
NEW_XPS_SD = 0.05
NEW_ATOMS, NEW_FIELDS = 300, 4
MORE_IMAGES = 4
"""Times as many as there are."""

LogWeights = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""(indices of the draws that are true, rng) -> log weights (outcomes, draws)."""


@dataclass(frozen=True)
class NextMeasurement:
    """A measurement that could be made, and what is expected of it."""

    name: str
    width_now: float
    """Of the 95 % interval of the share in pairs."""
    expected_width: float
    expected_information_bit: float
    """On the share in pairs."""

    @property
    def reduction_percent(self) -> float:
        """Expected narrowing of the interval."""
        return 100.0 * (1.0 - self.expected_width / self.width_now) if self.width_now else 0.0


def next_measurements(
    found: Posterior, known: Assembled, metal: str | None, *, seed: int = 0
) -> tuple[NextMeasurement, ...]:
    """Every measurement that makes sense for the sample, the most telling first."""
    rng = np.random.default_rng(seed)
    shares = found.draw(DRAWS, rng)
    options = _options(known, metal, shares, rng)
    now = shortest_interval(shares.pairs, np.ones(DRAWS))
    edges = np.quantile(shares.pairs, np.linspace(0.0, 1.0, BINS + 1))[1:-1]
    bins = np.searchsorted(edges, shares.pairs)
    before = np.bincount(bins, minlength=BINS) / DRAWS
    made = []
    for name, outcome in options:
        true = rng.integers(DRAWS, size=OUTCOMES)
        log = outcome(true, rng)
        weights = np.exp(log - log.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        widths, bits = [], []
        for w in weights:
            low, high = shortest_interval(shares.pairs, w)
            widths.append(high - low)
            after = np.bincount(bins, w, minlength=BINS)
            some = after > 0.0
            bits.append(float(np.sum(after[some] * np.log2(after[some] / before[some]))))
        made.append(
            NextMeasurement(name, now[1] - now[0], float(np.mean(widths)), float(np.mean(bits)))
        )
    return tuple(sorted(made, key=lambda m: m.expected_width))


def _options(
    known: Assembled, metal: str | None, shares: Composition, rng: np.random.Generator
) -> list[tuple[str, LogWeights]]:
    by_name = {source.name: source for source in known.numbers}
    stem = known.stem if known.stem and known.stem.data else None
    options = [_images(stem, shares, rng)]
    exafs = by_name.get("EXAFS")
    if exafs is not None:
        # Half the noise in all: the further spectrum has a third of the variance.
        options.append(
            ("EXAFS with half the noise", _again(exafs, shares, np.sqrt(1.0 / 3.0), rng))
        )
    else:
        new: NumberSource = exafs_source(
            [MetalPath((1.0, 1.0 - 1.96 * NEW_EXAFS_SD, 1.0 + 1.96 * NEW_EXAFS_SD))]
        )
        name = f"EXAFS, N(M-M) to +- {NEW_EXAFS_SD:g} (standard deviation)"
        options.append((name, _again(new, shares, 1.0, rng, measured=False)))
    if metal == "Fe" and "Mossbauer" not in by_name:
        areas, sds = {"D1": 80.0, "sextet": 20.0}, {"D1": 0.0, "sextet": NEW_AREA_SD_PERCENT}
        new = mossbauer_source(areas, sds)
        name = f"57Fe Mossbauer, areas to +- {NEW_AREA_SD_PERCENT:g} %"
        options.append((name, _again(new, shares, 1.0, rng, measured=False)))
    if "XPS" not in by_name:
        half = 1.96 * NEW_XPS_SD
        new = xps_source((0.3, 0.3 - half, 0.3 + half))
        name = f"XPS, metallic share to +- {100 * NEW_XPS_SD:g} %"
        options.append((name, _again(new, shares, 1.0, rng, measured=False)))
    return options


def _again(
    source: NumberSource,
    shares: Composition,
    times_sd: float,
    rng: np.random.Generator,
    *,
    measured: bool = True,
) -> LogWeights:
    """The numbers of a source once more, with ``times_sd`` the error.

    Where they were ``measured`` before, the nuisances are those that agree with that.
    """
    u = rng.random((source.nuisances, DRAWS, CANDIDATES))
    wide = Composition(*(shares.share(kind)[:, None] for kind in KINDS))
    expected = [np.broadcast_to(x, (DRAWS, CANDIDATES)) for x in source.expected(wide, u)]
    log = np.zeros((DRAWS, CANDIDATES))
    if measured:
        log = np.asarray(sum(m.log(x) for m, x in zip(source.measured, expected, strict=True)))
    chosen = np.argmax(log + rng.gumbel(size=log.shape), axis=1)
    latent = [x[np.arange(DRAWS), chosen] for x in expected]
    sds = [times_sd * _sd(m) for m in source.measured]

    def outcome(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        total = np.zeros((len(true), DRAWS))
        for x, sd in zip(latent, sds, strict=True):
            y = x[true] + sd * rng.standard_normal(len(true))
            total -= 0.5 * ((y[:, None] - x) / sd) ** 2
        return total

    return outcome


def _sd(measured: Measured) -> float:
    reading = measured.readings[0][1]
    return 0.5 * (reading.sd_below + reading.sd_above)


def _images(
    stem: StemSource | None, shares: Composition, rng: np.random.Generator
) -> tuple[str, LogWeights]:
    """Further fields, with their own pair fractions and counts but the same sizes."""
    if stem is not None and stem.local is not None:
        times = MORE_IMAGES - 1
        centres = 0.5 * (EDGES[1:] + EDGES[:-1])
        weight = stem.local / stem.local.sum()
        mean = float(weight @ centres)
        sd = float(np.sqrt(weight @ (centres - mean) ** 2 / times))
        atoms = (stem.atoms or 0) * times
        fields, name = times * stem.fields, f"STEM, {MORE_IMAGES} times as many fields in all"
    else:
        stem = stem or StemSource(None, None)
        atoms, fields = NEW_ATOMS, NEW_FIELDS
        # A binomial count of atoms in pairs, known as well as neighbours by chance allow.
        sd = float(np.sqrt(0.5 / NEW_ATOMS))
        name = f"STEM, {NEW_FIELDS} fields with {NEW_ATOMS} atoms in all"
    f = np.clip(shares.pair_fraction, 1e-6, 1.0 - 1e-6)
    correlation = max(stem.overdispersion / fields, 1e-6)
    k = 1.0 / correlation - 1.0
    local = rng.beta(f * k, (1.0 - f) * k)
    kinds = ((stem.clusters, shares.clusters, ATOMS_PER_CLUSTER),
             (stem.particles, shares.particles, ATOMS_PER_PARTICLE))  # fmt: skip
    means = []
    for seen, share, default in kinds:
        ratio = share / np.maximum(shares.dispersed, 1e-9)
        size = _sizes(seen or Seen(0, default), ratio, stem, known=seen is not None, rng=rng)
        means.append(atoms * ratio / size)
    variance = stem.clumping / fields

    def outcome(true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        y = local[true] + sd * rng.standard_normal(len(true))
        total = -0.5 * ((y[:, None] - local) / sd) ** 2
        for mean in means if atoms else []:
            rate = mean[true]
            if variance > 0.0:
                rate = rate * rng.gamma(1.0 / variance, variance, len(true))
            number = rng.poisson(np.minimum(rate, 1e8))
            total += count_log_probability(number[:, None], mean, variance)
        return total

    return name, outcome


def _sizes(
    seen: Seen, ratio: np.ndarray, stem: StemSource, *, known: bool, rng: np.random.Generator
) -> np.ndarray:
    """Sizes (draws,) that agree with what was counted."""
    sizes = rng.choice(log_even(seen.atoms_each), size=(len(ratio), CANDIDATES))
    if not known or stem.atoms is None:
        return np.asarray(sizes[:, 0])
    mean = stem.expected_number(ratio[:, None], 1.0) / sizes
    log = count_log_probability(seen.number, mean, stem.clumping / stem.fields)
    chosen = np.argmax(log + rng.gumbel(size=log.shape), axis=1)
    return np.asarray(sizes[np.arange(len(ratio)), chosen])
