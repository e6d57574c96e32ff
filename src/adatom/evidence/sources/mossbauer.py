"""57Fe Mossbauer: doublets D1, D2, D3 are dispersed iron; sextets and singlets metallic.

    x = (k q (1 - s) + (1 - b) c) / (1 - q + k q)

is the share of the area in sextets and singlets, with the recoil-free fraction k of iron in
particles over that of dispersed iron, the share s of iron in particles that appears as a doublet
(superparamagnetic oxide looks like D1) and the share b of iron in clusters that does.
"""

from collections.abc import Mapping

import numpy as np
from scipy.stats import norm

from adatom.evidence.composition import Composition
from adatom.evidence.likelihood import NORMAL_95, from_interval
from adatom.evidence.source import Measured, NumberSource

RECOIL_FREE_LN_SD = 0.2
"""Standard deviation of ln k around equal recoil-free fractions."""
SUPERPARAMAGNETIC = 0.3
"""Largest share s."""


def mossbauer_source(
    areas_percent: Mapping[str, float],
    areas_sd_percent: Mapping[str, float],
    *,
    recoil_free_ln_sd: float = RECOIL_FREE_LN_SD,
    superparamagnetic: float = SUPERPARAMAGNETIC,
) -> NumberSource:
    """The source of the areas of components; those named D... are dispersed iron."""
    dispersed = [name for name in areas_percent if is_doublet(name)]
    area_d = sum(areas_percent[n] for n in dispersed)
    area_m = sum(areas_percent.values()) - area_d
    sd_d = np.sqrt(sum(areas_sd_percent[n] ** 2 for n in dispersed))
    sd_m = np.sqrt(sum(areas_sd_percent[n] ** 2 for n in areas_percent if n not in dispersed))
    total = area_d + area_m
    share = area_m / total
    sd = float(np.hypot(area_d * sd_m, area_m * sd_d)) / total**2
    low, high = share - NORMAL_95 * sd, share + NORMAL_95 * sd

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        recoil = np.exp(recoil_free_ln_sd * norm.ppf(u[0]))
        return [
            metallic_area(shares, recoil, superparamagnetic * u[1], u[2]),
        ]

    assumptions = (
        "57Fe Mossbauer: doublets are dispersed iron, sextets and singlets metallic; ln of the"
        f" ratio of recoil-free fractions 0 +- {recoil_free_ln_sd:g}; up to"
        f" {100 * superparamagnetic:g} % of the iron in particles appears as a doublet"
        " (superparamagnetic), any share of that in clusters does",
    )
    measured = Measured(
        "area of sextets and singlets", "", ((1.0, from_interval(share, low, high)),), share,
        (max(low, 0.0), min(high, 1.0)),
    )  # fmt: skip
    return NumberSource("Mossbauer", (measured,), expected, 3, assumptions)


def is_doublet(name: str) -> bool:
    """Whether a component is one of D1, D2, D3 ..."""
    return name.upper().startswith("D")


def metallic_area(
    shares: Composition,
    recoil: np.ndarray | float = 1.0,
    superparamagnetic: np.ndarray | float = 0.0,
    cluster_doublets: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Share of the area in sextets and singlets."""
    q, c = shares.particles, shares.clusters
    seen = recoil * q * (1.0 - superparamagnetic) + (1.0 - cluster_doublets) * c
    return np.asarray(seen / (1.0 - q + recoil * q))
