"""XPS: the metallic share of the metal's signal, and the metal content against ICP.

Electrons from inside a particle are held back; a share h of them leaves it
(:func:`escaping_share`). Then

    metallic share  = (q h + c m) / (1 - q (1 - h))
    content / ICP   = e (1 - q (1 - h))

with the share m of metal in clusters that looks metallic and the enrichment e of the outer
nanometres, which are all that XPS sees.
"""

from math import exp

import numpy as np
from scipy.stats import norm

from adatom.evidence.composition import Composition
from adatom.evidence.likelihood import TwoPiece, from_interval
from adatom.evidence.source import Measured, NumberSource, between

ESCAPING = (0.2, 0.8)
"""Share h where no particle size is known: Fe particles of 1 to 12 nm (l = 1.6 nm)."""
ENRICHMENT_LN_SD = 0.4
"""Standard deviation of ln e."""
Interval = tuple[float, float, float]


def xps_source(
    metallic_share: Interval | None = None,
    surface_ratio: Interval | None = None,
    *,
    escaping: tuple[float, float] = ESCAPING,
    enrichment_ln_sd: float = ENRICHMENT_LN_SD,
) -> NumberSource:
    """The source of a metallic share of the signal, a content over that by ICP, or both.

    Both as value and ends of the 95 % interval.
    """
    measured = []
    if metallic_share is not None:
        likelihood = from_interval(*metallic_share, support=(0.0, 1.0))
        measured.append(_measured("metallic share of the signal", metallic_share, likelihood))
    if surface_ratio is not None:
        likelihood = from_interval(*surface_ratio, support=(0.0, np.inf))
        measured.append(_measured("content by XPS over ICP", surface_ratio, likelihood))

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        escape = between(escaping, u[0])
        found = []
        if metallic_share is not None:
            found.append(metallic_signal(shares, escape, u[1]))
        if surface_ratio is not None:
            enrichment = np.exp(enrichment_ln_sd * norm.ppf(u[2]))
            found.append(enrichment * emitted(shares, escape))
        return found

    assumptions = (
        f"XPS: {100 * escaping[0]:.3g} to {100 * escaping[1]:.3g} % of the electrons leave a"
        " particle; metal in clusters looks metallic to any share"
        + (
            f"; ln of the enrichment of the surface 0 +- {enrichment_ln_sd:g}"
            if surface_ratio is not None
            else ""
        ),
    )
    return NumberSource("XPS", tuple(measured), expected, 3, assumptions)


def escaping_share(diameter_nm: float, attenuation_length_nm: float) -> float:
    """Mean share of electrons that leave a sphere in one direction without loss.

    exp(-depth / l) averaged over the sphere, chord by chord; with x = d / l

        h = 12 / x^3 [x^2 / 8 - (1 - (1 + x) exp(-x)) / 4],

    which is 1 - 3 x / 8 for small particles and 3 / (2 x) for large ones.
    """
    x = diameter_nm / attenuation_length_nm
    if x < 1e-3:  # the closed form cancels there; first terms of its series
        return 1.0 - 3.0 * x / 8.0
    return 12.0 / x**3 * (x**2 / 8.0 - 0.25 * (1.0 - (1.0 + x) * exp(-x)))


def emitted(shares: Composition, escape: np.ndarray | float) -> np.ndarray:
    """Signal of the metal over that of the same metal without any particles."""
    return np.asarray(1.0 - shares.particles * (1.0 - escape))


def metallic_signal(
    shares: Composition, escape: np.ndarray | float, cluster_metallic: np.ndarray | float
) -> np.ndarray:
    """Share of the metal's signal that is metallic."""
    metallic = shares.particles * escape + shares.clusters * cluster_metallic
    return np.asarray(metallic / emitted(shares, escape))


def _measured(name: str, given: Interval, likelihood: TwoPiece) -> Measured:
    return Measured(name, "", ((1.0, likelihood),), given[0], given[1:])
