"""Corrections of a measured sweep, in their fixed order; each one says what it did.

Area, reference electrode, ohmic drop, background: a correction that was not asked for is not
applied, and none is applied twice.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from adatom.electrochem.sweeps import binned
from adatom.errors import CurveError, SampleError

BACKGROUND_BINS = 80
"""A background is smooth: its noise is averaged away before it is subtracted."""
ORDER = ("area", "reference", "ohmic drop", "background")


@dataclass(frozen=True)
class Correction:
    """One step, for the record."""

    name: str
    """One of :data:`ORDER`."""
    description: str
    """What was done with which number, for people."""


@dataclass(frozen=True)
class MeasuredSweep:
    """One sweep of the potential on its way from the file to analysis."""

    label: str
    potential_V: np.ndarray
    """(N,), on the scale that ``scale`` names."""
    current_A: np.ndarray | None
    """(N,), through the cell, cathodic negative; never corrected; None where the file has
    densities only."""
    current_density_mA_cm2: np.ndarray | None = None
    """(N,), per geometric area, once the area is known."""
    ring_current_density_mA_cm2: np.ndarray | None = None
    """(N,), per geometric area of the disk, anodic positive."""
    ring_current_A: np.ndarray | None = None
    """(N,), where there is a ring."""
    scale: str = "reference electrode"
    """``reference electrode`` or ``RHE``."""
    rotation_rpm: float | None = None
    scan_rate_mV_s: float | None = None
    corrections: tuple[Correction, ...] = field(default=())
    source: Path | None = None
    """The file it is from."""

    @property
    def density(self) -> np.ndarray:
        """Current density; raises :class:`~adatom.errors.SampleError` before the area is known."""
        if self.current_density_mA_cm2 is None:
            raise SampleError(f"{self.label}: the electrode area is missing; give area_cm2")
        return self.current_density_mA_cm2

    @property
    def current(self) -> np.ndarray:
        """Current through the cell, A; raises where only its density is known.

        Raises :class:`~adatom.errors.SampleError`.
        """
        if self.current_A is None:
            raise SampleError(
                f"{self.label}: the file has current densities and no currents, so that I R cannot"
                " be corrected for, and may have been already; give a file with currents, or leave"
                " the resistance out"
            )
        return self.current_A

    @property
    def ohmic_current_A(self) -> np.ndarray:
        """(N,), through an uncertain resistance: none where :attr:`current` is not known, as no
        resistance is then corrected for."""
        return np.zeros_like(self.potential_V) if self.current_A is None else self.current_A

    @property
    def direction(self) -> str:
        """``anodic`` where the potential rises, else ``cathodic``."""
        return "anodic" if self.potential_V[-1] > self.potential_V[0] else "cathodic"

    def _after(self, name: str, description: str, **changes: object) -> "MeasuredSweep":
        done = [c.name for c in self.corrections]
        late = [d for d in done if ORDER.index(d) >= ORDER.index(name)]
        if late:
            raise SampleError(
                f"{self.label}: correction '{name}' after '{late[-1]}'; each is applied once, in"
                f" the order {', '.join(ORDER)}"
            )
        record = (*self.corrections, Correction(name, description))
        return replace(self, corrections=record, **changes)  # type: ignore[arg-type]


def per_area(sweep: MeasuredSweep, area_cm2: float) -> MeasuredSweep:
    """Current densities per geometric area; the ring's, too, are per area of the disk."""
    if not (np.isfinite(area_cm2) and area_cm2 > 0):
        raise SampleError(f"{sweep.label}: area_cm2 must be positive, got {area_cm2}")
    ring = sweep.ring_current_A
    with np.errstate(over="ignore"):  # what overflows is no number, and refused as such
        density = 1e3 * sweep.current / area_cm2
        ring_density = None if ring is None else 1e3 * ring / area_cm2
    return sweep._after(
        "area",
        f"currents over {area_cm2:g} cm2",
        current_density_mA_cm2=density,
        ring_current_density_mA_cm2=ring_density,
    )


def to_rhe(sweep: MeasuredSweep, offset_V: float, source: str) -> MeasuredSweep:
    """Potentials against the reversible hydrogen electrode: E + offset."""
    return sweep._after(
        "reference",
        f"E(RHE) = E + {offset_V:.4f} V ({source})",
        potential_V=sweep.potential_V + offset_V,
        scale="RHE",
    )


def without_ohmic_drop(
    sweep: MeasuredSweep, resistance_ohm: float, *, fraction: float, compensated: float, source: str
) -> MeasuredSweep:
    """E - (fraction - compensated) I R_u, with the current as it flowed through the cell.

    ``fraction`` of the resistance is to be corrected for in all, ``compensated`` was already by
    the instrument while it measured.
    """
    for name, value in (("fraction", fraction), ("compensated", compensated)):
        if not 0.0 <= value <= 1.0:
            raise SampleError(f"{sweep.label}: resistance {name} must lie in 0..1, got {value:g}")
    if not (np.isfinite(resistance_ohm) and resistance_ohm >= 0):
        raise SampleError(f"{sweep.label}: resistance must not be negative, got {resistance_ohm}")
    if fraction < compensated:
        raise SampleError(
            f"{sweep.label}: the instrument has compensated {compensated:g} of the resistance"
            f" already, more than the {fraction:g} asked for; it cannot be undone"
        )
    rest = fraction - compensated
    return sweep._after(
        "ohmic drop",
        f"E - {rest:g} I R, R = {resistance_ohm:.3g} ohm ({source}); {compensated:g} compensated"
        " by the instrument",
        potential_V=sweep.potential_V - rest * resistance_ohm * sweep.current,
    )


def without_background(sweep: MeasuredSweep, background: MeasuredSweep) -> MeasuredSweep:
    """Current densities less those of a sweep without the reactant.

    The background must have been corrected in the same way, in the same direction and at the same
    rotation and scan rate where both are known. Raises :class:`~adatom.errors.SampleError`
    otherwise, and :class:`~adatom.errors.CurveError` where it does not cover the sweep.
    """
    _require_same(sweep, background)
    bins = binned(background.potential_V, background.density, most=BACKGROUND_BINS)
    low, high = float(bins[0].min()), float(bins[0].max())
    margin = 1.5 * (high - low) / BACKGROUND_BINS
    first, last = float(sweep.potential_V.min()), float(sweep.potential_V.max())
    if first < low - margin or last > high + margin:
        raise CurveError(
            f"{sweep.label}: the background '{background.label}' covers {low:.3f} to {high:.3f} V,"
            f" the sweep {first:.3f} to {last:.3f} V; measure it over the same potentials"
        )
    changes = {
        "current_density_mA_cm2": sweep.density - _interpolated(sweep.potential_V, bins[0], bins[1])
    }
    if (
        sweep.ring_current_density_mA_cm2 is not None
        and background.ring_current_density_mA_cm2 is not None
    ):
        ring = binned(
            background.potential_V, background.ring_current_density_mA_cm2, most=BACKGROUND_BINS
        )
        changes["ring_current_density_mA_cm2"] = sweep.ring_current_density_mA_cm2 - _interpolated(
            sweep.potential_V, *ring
        )
    return sweep._after("background", f"less '{background.label}'", **changes)


def without_foot(
    sweep: MeasuredSweep, offset_mA_cm2: float, potentials_V: tuple[float, float]
) -> MeasuredSweep:
    """Current densities less the mean that flows where the reaction does not run yet."""
    first, last = potentials_V
    return sweep._after(
        "background",
        f"less {offset_mA_cm2:.3g} mA/cm2, the current from {first:.3f} to {last:.3f} V",
        current_density_mA_cm2=sweep.density - offset_mA_cm2,
    )


def _interpolated(at: np.ndarray, potential: np.ndarray, values: np.ndarray) -> np.ndarray:
    order = np.argsort(potential)
    return np.interp(at, potential[order], values[order])


def _require_same(sweep: MeasuredSweep, background: MeasuredSweep) -> None:
    here = [c.name for c in sweep.corrections]
    there = [c.name for c in background.corrections]
    if here != there:
        raise SampleError(
            f"{sweep.label} is corrected for {', '.join(here) or 'nothing'}, its background"
            f" '{background.label}' for {', '.join(there) or 'nothing'}; correct both alike"
        )
    if (sweep.potential_V[-1] > sweep.potential_V[0]) != (
        background.potential_V[-1] > background.potential_V[0]
    ):
        raise SampleError(
            f"{sweep.label} and its background '{background.label}' run in opposite directions:"
            " their charging currents have opposite signs"
        )
    # Rotation does not change a charging current; the scan rate does.
    mine, other = sweep.scan_rate_mV_s, background.scan_rate_mV_s
    if mine and other and abs(mine / other - 1.0) > 0.02:
        raise SampleError(
            f"{sweep.label} was taken at {mine:g} mV/s, its background '{background.label}' at"
            f" {other:g} mV/s; the charging current is proportional to the scan rate"
        )
