"""Cells: polarization curve -> power density and its peak."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.electrochem.propagation import Sampler, figure_of
from adatom.errors import CurveError
from adatom.figure_of_merit import FigureOfMerit, no_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARES = (0.70, 0.80, 0.90)
"""Of the largest measured power: points above it are fitted; all windows enter the interval."""
FEWEST_POINTS = 5


@dataclass(frozen=True)
class PowerCurve:
    """Cell voltage and power density against current density, discharge positive."""

    label: str
    current_density_mA_cm2: np.ndarray
    """(P,), rising, positive in discharge."""
    voltage_V: np.ndarray
    """(P,)"""
    peak_power_mW_cm2: FigureOfMerit
    current_at_peak_mA_cm2: FigureOfMerit
    notes: tuple[str, ...]

    @property
    def power_mW_cm2(self) -> np.ndarray:
        """(P,)"""
        return self.current_density_mA_cm2 * self.voltage_V

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "label": self.label,
            "peak_power_mW_cm2": self.peak_power_mW_cm2.as_dict(),
            "current_at_peak_mA_cm2": self.current_at_peak_mA_cm2.as_dict(),
            "current_density_mA_cm2": self.current_density_mA_cm2.tolist(),
            "voltage_V": self.voltage_V.tolist(),
            "power_mW_cm2": self.power_mW_cm2.tolist(),
            "notes": list(self.notes),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw voltage and power against current; returns the axes."""
        from adatom.plot.cells import plot_power

        return plot_power(self, ax)


def power_curve(
    current_density_mA_cm2: np.ndarray,
    voltage_V: np.ndarray,
    *,
    area_relative_sd: float = 0.0,
    label: str = "",
) -> PowerCurve:
    """Power density of a discharge and its peak.

    The voltage around the largest power is fitted by a parabola in the current; the peak of
    current times parabola is taken, from windows of points above 70, 80 and 90 % of the largest
    power, with noise by Student's t and the area's relative sd. A curve that ends before its peak
    has no peak power, only a bound. Raises :class:`~adatom.errors.CurveError` for what is no
    discharge curve.
    """
    j, v = (np.array(a, dtype=float) for a in (current_density_mA_cm2, voltage_V))
    known = np.isfinite(j) & np.isfinite(v)
    notes = [f"{int((~known).sum())} points without a number left out"] if not known.all() else []
    j, v = j[known], v[known]
    if len(j) < FEWEST_POINTS:
        raise CurveError(f"{label}: a power curve needs {FEWEST_POINTS} points, got {len(j)}")
    if np.median(j) < 0:
        j = -j
        notes.append("recorded with negative discharge current; turned positive")
    order = np.argsort(j, kind="stable")
    j, v = j[order], v[order]
    delivering = (j > 0) & (v > 0)
    if delivering.sum() < FEWEST_POINTS or np.polyfit(j[delivering], v[delivering], 1)[0] >= 0:
        raise CurveError(
            f"{label}: the voltage of a discharging cell falls with the current it delivers; here"
            " it does not: are current and voltage exchanged, or is this a charge?"
        )
    j, v = j[delivering], v[delivering]
    peak, at = _peak(j, v, area_relative_sd, notes)
    for array in (j, v):
        array.flags.writeable = False
    return PowerCurve(label, j, v, peak, at, tuple(notes))


def _peak(
    j: np.ndarray, v: np.ndarray, area_relative_sd: float, notes: list[str]
) -> tuple[FigureOfMerit, FigureOfMerit]:
    power = j * v
    largest = float(power.max())
    top = int(np.argmax(power))
    if top >= len(j) - 1 or power[top:].min() > 0.99 * largest:
        why = f"the power still rises at the last point ({j[-1]:.4g} mA cm-2): at least"
        return (
            FigureOfMerit(None, (largest, None), f"{why} {largest:.4g} mW cm-2", "mW cm-2"),
            FigureOfMerit(None, (float(j[top]), None), why + f" {j[top]:.4g}", "mA cm-2"),
        )
    sampler = Sampler(seed=0)
    peaks, places = [], []
    for share in SHARES:
        drawn = _parabola_peak(j, v, power >= share * largest, sampler)
        if drawn is not None:
            peaks.append(drawn[0])
            places.append(drawn[1])
    if not peaks:
        why = "too few points around the largest power for a fit and its scatter: at least five"
        return no_figure(why, "mW cm-2"), no_figure(why, "mA cm-2")
    area = 1.0 / (1.0 + area_relative_sd * sampler.deviates())
    if not area_relative_sd:
        notes.append("the area is taken as exact")
    conditions = {
        "windows": [f"power above {100 * s:.0f} %" for s in SHARES],
        "windows_used": len(peaks),
        "model": "voltage a parabola of the current",
    }
    return (
        figure_of(_mixed(peaks) * area, "mW cm-2", conditions),
        figure_of(_mixed(places) * area, "mA cm-2", conditions),
    )


def _parabola_peak(
    j: np.ndarray, v: np.ndarray, window: np.ndarray, sampler: Sampler
) -> tuple[np.ndarray, np.ndarray] | None:
    """Draws (1 + D,) of power and current at the peak; None where the window does not hold one."""
    x, y = j[window], v[window]
    freedom = len(x) - 3
    if freedom < 2:
        return None
    scale = float(x.max())
    design = np.stack([np.ones_like(x), x / scale, (x / scale) ** 2], axis=1)
    q, r = np.linalg.qr(design)
    best = np.linalg.solve(r, q.T @ y)
    sd = float(np.sqrt(np.sum((y - design @ best) ** 2) / freedom))
    deviates = np.stack([sampler.deviates() for _ in range(3)]) * sampler.scale(freedom) * sd
    a, b, c = best[:, None] + np.linalg.solve(r, deviates)
    # d/dx (a x + b x^2 + c x^3) = 0, the root that tends to -a/2b as c vanishes.
    inside = b**2 - 3 * a * c
    place = np.where(inside > 0, a / (-b + np.sqrt(np.maximum(inside, 0.0))), np.nan)
    place = np.where((place > 0) & (place < 1.5), place, np.nan)
    if np.isnan(place[0]) or np.isnan(place).mean() > 0.01:
        return None
    place = np.where(np.isnan(place), place[0], place)
    return scale * place * (a + b * place + c * place**2), scale * place


def _mixed(windows: list[np.ndarray]) -> np.ndarray:
    """Equal shares of the draws of each window; the estimate is their mean."""
    mixed = np.array(windows[0])
    for n, drawn in enumerate(windows):
        mixed[1 + n :: len(windows)] = drawn[1 + n :: len(windows)]
    mixed[0] = np.mean([drawn[0] for drawn in windows])
    return mixed
