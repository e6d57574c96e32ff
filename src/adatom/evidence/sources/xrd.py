"""Diffraction: the share of the metal in crystallites large enough to give reflections.

    x = g q

with the share g of the metal in particles that diffracts; small ones broaden into the background.
No reflection is an amount of 0 with the detection limit as its upper 95 % bound.
"""

import numpy as np

from adatom.evidence.composition import Composition
from adatom.evidence.likelihood import TwoPiece, from_interval
from adatom.evidence.source import Measured, NumberSource, between

DIFFRACTING = (0.0, 1.0)
NORMAL_ONE_SIDED_95 = 1.644854


def xrd_source(
    crystalline_share: tuple[float, float, float] | None = None,
    detection_limit: float | None = None,
    *,
    diffracting: tuple[float, float] = DIFFRACTING,
) -> NumberSource:
    """The source of a quantified share (value, low, high), or of none above a limit.

    ``detection_limit``: share of the metal that would have been seen in 95 of 100 samples.
    """
    if crystalline_share is None:
        assert detection_limit is not None
        sd = detection_limit / NORMAL_ONE_SIDED_95
        likelihood, value, ends = TwoPiece(0.0, sd, sd), 0.0, (0.0, detection_limit)
    else:
        likelihood = from_interval(*crystalline_share, support=(0.0, 1.0))
        value, ends = crystalline_share[0], crystalline_share[1:]

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        return [between(diffracting, u[0]) * shares.particles]

    assumptions = (
        f"XRD: {100 * diffracting[0]:g} to {100 * diffracting[1]:g} % of the metal in particles is"
        " in crystallites that diffract",
    )
    measured = Measured("share in crystallites", "", ((1.0, likelihood),), value, ends)
    return NumberSource("XRD", (measured,), expected, 1, assumptions)
