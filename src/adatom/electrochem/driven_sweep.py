"""A sweep on its way to the driving end, and the stretch before its wave."""

from dataclasses import dataclass

import numpy as np

from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.noise import smoothed
from adatom.electrochem.sweeps import binned
from adatom.errors import CurveError

ONSET_MA_CM2 = 0.1
NEIGHBOURHOOD_V = 0.006
"""Half the width of the line from which a current at one potential is read."""
FEWEST_FOOT_BINS = 3


@dataclass(frozen=True)
class Foot:
    """The start of a sweep, where no current should flow."""

    offset_mA_cm2: float
    """Mean (of evolution: median) current there, driven positive: what background subtraction
    left."""
    potentials_V_rhe: tuple[float, float]


def towards_drive(
    sweep: MeasuredSweep, *, cathodic: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Potential, driven current density and current (K,) from rest to the driving end.

    Raises :class:`~adatom.errors.CurveError` where nothing flows in the driving direction.
    """
    potential, density, current = binned(
        sweep.potential_V, sweep.density, sweep.ohmic_current_A, label=sweep.label
    )
    driven = -density if cathodic else density
    if not smoothed(driven).max() > 0.0:
        way, sign = ("cathodic", "negative") if cathodic else ("anodic", "positive")
        done = any(c.name == "background" for c in sweep.corrections)
        mend = "the background is larger than the sweep" if done else "turn the sign of the column"
        raise CurveError(
            f"{sweep.label}: nowhere does a {way} ({sign}) current flow, from {density.min():.3g}"
            f" to {density.max():.3g} mA/cm2; {mend}"
        )
    if (potential[-1] < potential[0]) != cathodic:
        return potential[::-1].copy(), driven[::-1].copy(), current[::-1].copy()
    return potential, driven, current


def between(potential: np.ndarray, first: float, last: float) -> slice:
    """The stretch of potentials (K,), in order, from one to the other, both included."""
    where = np.flatnonzero((potential - first) * (potential - last) <= 0)
    return slice(int(where[0]), int(where[-1]) + 1)


def leading(before: np.ndarray) -> int:
    """How many of the first bins hold it."""
    return int(np.argmin(before)) if not before.all() else before.size
