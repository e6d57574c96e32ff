"""Charge and duration from a recorded current."""

from typing import NamedTuple

import numpy as np
from scipy.integrate import trapezoid

from adatom.electrochem.products.experiment import Value
from adatom.errors import SampleError
from adatom.readers.recording import Segment


class Charge(NamedTuple):
    """What passed between two times."""

    charge_C: Value
    """Magnitude."""
    sign: int
    """-1 cathodic, +1 anodic."""
    duration_s: float
    notes: tuple[str, ...]


def charge_of(
    segment: Segment,
    *,
    from_s: float | None = None,
    to_s: float | None = None,
    area_cm2: float | None = None,
    current_relative_sd: float = 0.0,
) -> Charge:
    """Integral of the current by trapezes, of the whole segment or between two of its times.

    ``current_relative_sd`` is the potentiostat's gain error. The standard deviation also holds the
    error of the quadrature, a third of what leaving out every second point changes. Raises
    :class:`~adatom.errors.SampleError` for missing columns, gaps, or times outside the record.
    """
    time, current = _columns(segment, area_cm2)
    first, last = float(time[0]), float(time[-1])
    start, end = first if from_s is None else from_s, last if to_s is None else to_s
    if not first <= start < end <= last:
        raise SampleError(
            f"charge from {start:g} to {end:g} s: the record runs from {first:g} to {last:g} s"
        )
    inside = (time > start) & (time < end)
    t = np.concatenate([[start], time[inside], [end]])
    i = np.interp(t, time, current)
    charge = float(trapezoid(i, t))
    if charge == 0.0:
        raise SampleError("the current integrates to zero; is this the right column and segment?")
    thinned = np.unique(np.concatenate([np.arange(0, len(t), 2), [len(t) - 1]]))
    quadrature = abs(charge - float(trapezoid(i[thinned], t[thinned]))) / 3.0
    sd = float(np.hypot(quadrature, current_relative_sd * charge))
    notes = []
    against = float(trapezoid(np.where(i * charge < 0, np.abs(i), 0.0), t))
    if against > 0.01 * abs(charge):
        notes.append(f"{100 * against / abs(charge):.1f} % of the charge flowed the other way")
    if not current_relative_sd:
        notes.append("the potentiostat's current is taken as exact (current_relative_sd not given)")
    return Charge(Value(abs(charge), sd), 1 if charge > 0 else -1, end - start, tuple(notes))


def _columns(segment: Segment, area_cm2: float | None) -> tuple[np.ndarray, np.ndarray]:
    if "time_s" not in segment:
        raise SampleError("the charge needs the column time_s; the segment has none")
    if "current_A" in segment:
        current = segment["current_A"]
    elif "current_density_mA_cm2" in segment:
        if area_cm2 is None:
            raise SampleError("the file gives current densities: state area_cm2 for the charge")
        current = 1e-3 * area_cm2 * segment["current_density_mA_cm2"]
    else:
        raise SampleError("the charge needs current_A or current_density_mA_cm2; there is neither")
    known = np.isfinite(segment["time_s"]) & np.isfinite(current)
    time, current = segment["time_s"][known], current[known]
    if len(time) < 2:
        raise SampleError(f"the charge needs at least two points, got {len(time)}")
    steps = np.diff(time)
    if (steps < 0).any():
        raise SampleError("the times of the segment do not rise; name one segment")
    longest, usual = float(steps.max()), float(np.median(steps))
    if longest > 100.0 * usual and longest > 0.01 * (time[-1] - time[0]):
        at = float(time[int(np.argmax(steps))])
        raise SampleError(
            f"no current is recorded for {longest:g} s after {at:g} s; take the charge of one"
            " stretch (from_s, to_s) or give charge_C"
        )
    return time, current
