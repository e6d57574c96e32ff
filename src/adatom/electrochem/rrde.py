"""Ring and disk of one sweep: electron number and peroxide yield, with intervals.

n = 4 I_D / (I_D + I_R/N), H2O2 % = 200 (I_R/N) / (I_D + I_R/N), of absolute currents. The area
cancels; noise and zero of both currents and the collection efficiency do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adatom.electrochem import limited
from adatom.electrochem.draws import InputDraws, drawn_figure, drawn_noise
from adatom.electrochem.driven_sweep import NEIGHBOURHOOD_V, between
from adatom.electrochem.limited_sweep import LimitedSweep
from adatom.electrochem.local_fits import current_at
from adatom.electrochem.noise import estimate_noise
from adatom.electrochem.sweeps import binned
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit

LEAST_SHARE = 0.1
"""Of the plateau: below it the ratio of two small currents says nothing."""
IMPOSSIBLE_PERCENT = 110.0
"""A yield beyond this is no peroxide: ring and disk are swapped, or N is wrong."""


@dataclass(frozen=True)
class RingDisk:
    """What the ring adds to a sweep."""

    potential_V_rhe: np.ndarray
    """(P,), where more than a tenth of the plateau flows."""
    electron_number: np.ndarray
    """(3, P): value, lower and upper 95 % bound."""
    peroxide_percent: np.ndarray
    """(3, P), likewise."""
    mean_electron_number: FigureOfMerit
    """Over the plateau."""
    mean_peroxide_percent: FigureOfMerit
    at_potentials: tuple[tuple[FigureOfMerit, FigureOfMerit], ...]
    """n and yield at each potential asked for."""
    flags: tuple[str, ...]


def analyse_ring(
    found: LimitedSweep,
    collection_efficiency: float,
    inputs: InputDraws,
    rng: np.random.Generator,
    *,
    at_V: Sequence[float] = (),
    zero_at_foot: bool = False,
) -> RingDisk:
    """Electron number and peroxide yield of a sweep with a ring.

    ``zero_at_foot`` subtracts the ring's current before the wave; without it that current is
    part of the uncertainty. Raises :class:`~adatom.errors.SampleError` without a ring current or
    plateau, and where the currents cannot be those of disk and ring.
    """
    sweep = found.sweep
    if sweep.ring_current_density_mA_cm2 is None:
        raise SampleError(f"{sweep.label}: no ring current")
    if found.limiting_mA_cm2.value is None:
        raise SampleError(f"{sweep.label}: {found.limiting_mA_cm2.reason}")
    potential, ring = binned(sweep.potential_V, sweep.ring_current_density_mA_cm2)
    if (potential[0] < potential[-1]) != (
        found.drawn.potential_V_rhe[0, 0] < found.drawn.potential_V_rhe[0, -1]
    ):
        potential, ring = potential[::-1], ring[::-1]
    row = found.table[0]
    flags = []
    zero = 0.0
    before = (
        ring[:0] if found.foot is None else ring[between(potential, *found.foot.potentials_V_rhe)]
    )
    if len(before):
        zero = float(before.mean())
    if len(before) and zero_at_foot:
        ring = ring - zero
        # What is left is how well a mean over the foot is known.
        zero = estimate_noise(ring).effective_sd / np.sqrt(len(before))
    elif not len(before):
        flags.append("the ring's zero is unknown: the sweep starts within the wave")
    on_plateau = between(potential, row[limited.START], row[limited.END])
    disk = found.drawn.driven_mA_cm2[0]
    _require_ring(sweep.label, disk[on_plateau], ring[on_plateau], collection_efficiency)
    count = len(inputs.area_factor)
    noise = estimate_noise(ring, flat=on_plateau)
    rings = np.vstack([ring[None], drawn_noise(ring, noise, abs(zero), rng, count)])
    disks = found.drawn.driven_mA_cm2.copy()
    disks[1:] /= inputs.area_factor[:, None]
    collection = collection_efficiency * np.concatenate([[1.0], inputs.collection_factor])[:, None]
    flows = disk > LEAST_SHARE * row[limited.PLATEAU]
    # A negative ring current within its noise gives n slightly above 4: kept, so that a mean of
    # nothing stays nothing.
    collected = rings / collection
    n = 4.0 * disks / (disks + collected)
    percent = 200.0 * collected / (disks + collected)
    plateau = [x[:, on_plateau].mean(axis=1)[:, None] for x in (disks, rings)]
    conditions = {
        "plateau_V_rhe": [float(row[limited.START]), float(row[limited.END])],
        "collection_efficiency": collection_efficiency,
    }
    means = _pair(plateau[0], plateau[1], collection, conditions)
    at = []
    for volt in at_V:
        here = [
            current_at(
                np.repeat(potential[None], 1 + count, axis=0), x, np.array([volt]), NEIGHBOURHOOD_V
            )
            for x in (disks, rings)
        ]
        at.append(_pair(here[0], here[1], collection, {"at_V_rhe": volt}))
    return RingDisk(
        potential_V_rhe=potential[flows],
        electron_number=_band(n[:, flows]),
        peroxide_percent=_band(percent[:, flows]),
        mean_electron_number=means[0],
        mean_peroxide_percent=means[1],
        at_potentials=tuple(at),
        flags=tuple(flags),
    )


def _require_ring(label: str, disk: np.ndarray, ring: np.ndarray, collection: float) -> None:
    if ring.mean() < -0.05 * collection * disk.mean():
        raise SampleError(
            f"{label}: the ring current is cathodic ({ring.mean():.3g} mA/cm2 of the disk) on the"
            " plateau of the disk, so that it oxidises no peroxide; check sign and potential of"
            " the ring, or whether ring and disk are swapped"
        )
    collected = ring.mean() / collection
    percent = 200.0 * collected / (disk.mean() + collected)
    if percent > IMPOSSIBLE_PERCENT:
        raise SampleError(
            f"{label}: ring and disk give {percent:.0f} % of peroxide, more than 100 %; are ring"
            " and disk swapped, or is the collection efficiency wrong?"
        )


def _pair(
    disk: np.ndarray, ring: np.ndarray, collection: np.ndarray, conditions: dict[str, object]
) -> tuple[FigureOfMerit, FigureOfMerit]:
    collected = ring / collection
    reason = "no current of the disk there"
    n = (4.0 * disk / (disk + collected))[:, 0]
    percent = (200.0 * collected / (disk + collected))[:, 0]
    return (
        drawn_figure(n, unit="electrons", reason=reason, conditions=conditions),
        drawn_figure(percent, unit="%", reason=reason, conditions=conditions),
    )


def _band(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values[1:], [2.5, 97.5], axis=0)
    return np.stack([values[0], low, high])
