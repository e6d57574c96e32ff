"""Power curves and cycling on matplotlib axes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.electrochem.cycling import CyclingResult
from adatom.electrochem.power import PowerCurve
from adatom.plot.curves import COLOURS


def plot_power(curve: PowerCurve, ax: Axes | None = None) -> Axes:
    """Draw voltage (left) and power (right) against current with the peak; returns the axes."""
    ax = ax or plt.subplots(figsize=(6.0, 4.0))[1]
    j = curve.current_density_mA_cm2
    ax.plot(j, curve.voltage_V, "o-", color=COLOURS[0], markersize=3)
    ax.set_xlabel(r"current density / mA cm$^{-2}$")
    ax.set_ylabel("cell voltage / V", color=COLOURS[0])
    ax.set_ylim(bottom=0)
    right = ax.twinx()
    right.plot(j, curve.power_mW_cm2, "s-", color=COLOURS[1], markersize=3)
    right.set_ylabel(r"power density / mW cm$^{-2}$", color=COLOURS[1])
    right.set_ylim(0, 1.25 * float(curve.power_mW_cm2.max()))
    peak, at = curve.peak_power_mW_cm2, curve.current_at_peak_mA_cm2
    if peak.value is not None and at.value is not None:
        bars = [
            np.abs(np.array([[e] for e in f.interval_95], dtype=float) - f.value)
            if None not in f.interval_95 and f.value is not None
            else None
            for f in (peak, at)
        ]
        right.errorbar(at.value, peak.value, bars[0], bars[1], fmt="*", color="black", capsize=3,
                       markersize=9, label=f"peak {peak.text(1)}")  # fmt: skip
        right.legend(frameon=False, loc="lower center", fontsize="small")
    ax.set_title(curve.label, fontsize="medium")
    return ax


def plot_cycling(result: CyclingResult, ax: Axes | None = None) -> Axes:
    """Draw plateaus (left) and round-trip efficiency (right) against the cycle; returns axes."""
    ax = ax or plt.subplots(figsize=(6.5, 4.0))[1]
    number = np.arange(1, len(result.start_h) + 1)
    ax.plot(number, result.charge_V, ".", color=COLOURS[1], label="charge")
    ax.plot(number, result.discharge_V, ".", color=COLOURS[0], label="discharge")
    ax.set_xlabel("cycle")
    ax.set_ylabel("plateau voltage / V")
    right = ax.twinx()
    right.plot(number, 100 * result.energy_efficiency, color="0.5", linewidth=0.9)
    right.set_ylabel("round-trip energy efficiency / %", color="0.4")
    right.set_ylim(0, 100)
    life = result.figures["cycle_life"]
    if life.value is not None:
        ax.axvline(life.value, color="black", linestyle="--", linewidth=0.9,
                   label=f"life: {life.value:.0f} cycles")  # fmt: skip
    ax.set_title(result.label, fontsize="medium")
    ax.legend(frameon=False, fontsize="small", loc="center left")
    return ax
