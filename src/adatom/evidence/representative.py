"""Whether the images are the sample: every other source against STEM at face value.

At face value the metal is what the fields show: single atoms and pairs in the fraction found
there, clusters and particles as counted, none where none was seen or counted. Sources that do not
agree with that do not contradict the images, which are a small piece of the sample; they say that
metal lies outside the fields of view.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import gamma, qmc

from adatom.evidence.composition import Composition
from adatom.evidence.source import Measured, NumberSource
from adatom.evidence.sources.stem import EDGES, StemSource, log_even

LOG2_POINTS = 10


@dataclass(frozen=True)
class FaceValue:
    """A number against what the images at face value let it be."""

    source: str
    measured: Measured
    expected_95: tuple[float, float]
    above: bool
    """Whether the number is above what is expected."""
    p_value: float


def at_face_value(stem: StemSource) -> Composition:
    """Compositions (1024,) that the fields themselves allow."""
    u = qmc.Sobol(5, scramble=False).random_base2(LOG2_POINTS).T + 0.5**LOG2_POINTS / 2
    if stem.local is None:
        fraction = u[0]
    else:
        ends = np.cumsum(stem.local) / stem.local.sum()
        fraction = np.interp(u[0], np.concatenate([[0.0], ends]), EDGES)
    ratios = []
    for i, seen in enumerate((stem.clusters, stem.particles)):
        if seen is None or seen.number == 0:
            ratios.append(np.zeros_like(fraction))
            continue
        assert stem.atoms is not None
        sizes = log_even(seen.atoms_each)
        size = sizes[np.minimum((u[1 + i] * len(sizes)).astype(int), len(sizes) - 1)]
        ratios.append(gamma.ppf(u[3 + i], seen.number) * size / stem.atoms)
    total = 1.0 + ratios[0] + ratios[1]
    return Composition(
        (1.0 - fraction) / total, fraction / total, ratios[0] / total, ratios[1] / total
    )


def face_values(stem: StemSource, others: tuple[NumberSource, ...]) -> tuple[FaceValue, ...]:
    """Test every number of the ``others``; p-values are two-sided, each by itself."""
    shares = at_face_value(stem)
    found = []
    for source in others:
        # Other digits of the same sequence, so that nuisances do not follow the shares.
        cube = qmc.Sobol(5 + source.nuisances, scramble=False).random_base2(LOG2_POINTS)
        nuisances = cube.T[5:] + 0.5**LOG2_POINTS / 2
        for measured, expected in zip(
            source.measured, source.expected(shares, nuisances), strict=True
        ):
            # Probability that the images' number is the larger.
            larger = 0.0
            for probability, reading in measured.readings:
                away = expected - reading.centre
                sd = np.where(away < 0.0, reading.sd_below, reading.sd_above)
                larger += probability * float(ndtr(away / sd).mean())
            low, high = np.quantile(expected, (0.025, 0.975))
            found.append(
                FaceValue(
                    source.name, measured, (float(low), float(high)), larger < 0.5,
                    min(1.0, 2.0 * min(larger, 1.0 - larger)),
                )
            )  # fmt: skip
    return tuple(found)
