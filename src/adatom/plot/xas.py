"""Absorption spectra: the edge, chi(k), |chi(R)|, the wavelet map, series of scans."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adatom.plot.curves import COLOURS
from adatom.xas.fourier import transform
from adatom.xas.wavelet import cauchy_wavelet

if TYPE_CHECKING:
    from adatom.xas.analysis import SpectrumAnalysis
    from adatom.xas.fine_structure import FineStructure
    from adatom.xas.series import ScanSeries

EDGE_EV = (-30.0, 100.0)
_NOT_CORRECTED = "R / Å, not phase corrected"


def plot_edge(found: "SpectrumAnalysis", ax: Axes | None = None) -> Axes:
    """The normalised edge with its energies by three definitions."""
    ax = ax or plt.subplots(layout="constrained")[1]
    normal = found.normal
    e, e0 = normal.energy_eV, normal.e0_eV
    shown = (e > e0 + EDGE_EV[0]) & (e < e0 + EDGE_EV[1])
    ax.plot(e[shown], normal.flat[shown], color=COLOURS[0], label=found.label)
    ax.axhline(1.0, color="0.8", lw=0.8, zorder=0)
    for name, style in (("first_inflection", "-"), ("half_height", "--"), ("integral", ":")):
        at = found.position.by(name).value
        if at is not None:
            ax.axvline(at, color="0.4", ls=style, lw=1.0,
                       label=f"{name.replace('_', ' ')} {at:.2f} eV")  # fmt: skip
    for fault in found.faults:
        if e0 + EDGE_EV[0] < fault.energy_eV < e0 + EDGE_EV[1]:
            ax.axvline(fault.energy_eV, color=COLOURS[3], lw=0.8)
    ax.set_xlabel("energy / eV")
    ax.set_ylabel("normalised absorption")
    ax.legend(frameon=False, fontsize="small", loc="lower right")
    return ax


def plot_fine_structure(
    data: "FineStructure", ax: Axes | None = None, *, k_weight: int = 2
) -> Axes:
    """k-weighted chi, grey outside the range that may be used."""
    ax = ax or plt.subplots(layout="constrained")[1]
    k = data.k_per_angstrom
    weighted = data.chi * k**k_weight
    low, high = data.k_range_per_angstrom
    inside = (k >= low) & (k <= high)
    ax.plot(k, weighted, color="0.75", lw=1.0)
    ax.plot(k[inside], weighted[inside], color=COLOURS[0])
    most = 1.3 * float(np.abs(weighted[inside]).max())
    ax.set_ylim(-most, most)
    ax.set_xlabel("k / Å$^{-1}$")
    ax.set_ylabel(rf"$k^{k_weight}\,\chi(k)$ / Å$^{{-{k_weight}}}$")
    return ax


def plot_radial(data: "FineStructure", ax: Axes | None = None, *, k_weight: int = 2) -> Axes:
    """|chi(R)|, not corrected for phase shifts."""
    ax = ax or plt.subplots(layout="constrained")[1]
    found = transform(data, k_weight=k_weight)
    shown = found.r_angstrom <= 6.0
    ax.plot(found.r_angstrom[shown], found.magnitude[shown], color=COLOURS[0])
    ax.axvspan(0.0, data.background_radius_angstrom, color="0.93", zorder=0)
    ax.set_xlim(0.0, 6.0)
    ax.set_ylim(0.0, None)
    ax.set_xlabel(_NOT_CORRECTED)
    ax.set_ylabel(rf"$|\chi(R)|$ / Å$^{{-{k_weight + 1}}}$")
    return ax


def plot_wavelet(data: "FineStructure", ax: Axes | None = None, *, k_weight: int = 2) -> Axes:
    """The Cauchy wavelet map, k across and R up."""
    ax = ax or plt.subplots(layout="constrained")[1]
    found = cauchy_wavelet(data, k_weight=k_weight)
    shown = found.r_angstrom >= 0.8
    drawn = ax.contourf(found.k_per_angstrom, found.r_angstrom[shown], found.magnitude[shown],
                        levels=24, cmap="viridis")  # fmt: skip
    ax.figure.colorbar(drawn, ax=ax, label=rf"$|W|$ of $k^{k_weight}\chi$")
    ax.set_xlim(data.k_range_per_angstrom)
    ax.set_xlabel("k / Å$^{-1}$")
    ax.set_ylabel(_NOT_CORRECTED)
    return ax


def plot_overview(found: "SpectrumAnalysis", *, k_weight: int = 2) -> Figure:
    """The edge, and where there is fine structure chi(k), |chi(R)| and the wavelet map."""
    if found.fine is None:
        return plot_edge(found).figure  # type: ignore[return-value]
    figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
    plot_edge(found, axes[0, 0])
    plot_fine_structure(found.fine, axes[0, 1], k_weight=k_weight)
    plot_radial(found.fine, axes[1, 0], k_weight=k_weight)
    plot_wavelet(found.fine, axes[1, 1], k_weight=k_weight)
    return figure


def plot_waterfall(series: "ScanSeries", ax: Axes | None = None) -> Axes:
    """Normalised edges one above the other, coloured by what changed."""
    ax = ax or plt.subplots(figsize=(6, 7), layout="constrained")[1]
    x = series.variable
    span = float(np.ptp(x)) or 1.0
    colours = plt.get_cmap("viridis")((x - x.min()) / span * 0.9)
    gap = min(0.3, 3.0 / len(series.scans))
    for place, (scan, colour) in enumerate(zip(series.scans, colours, strict=True)):
        e, e0 = scan.normal.energy_eV, scan.normal.e0_eV
        shown = (e > e0 + EDGE_EV[0]) & (e < e0 + EDGE_EV[1])
        ax.plot(e[shown], scan.normal.flat[shown] + gap * place, color=colour)
        ax.annotate(f"{x[place]:g}", (e[shown][-1], scan.normal.flat[shown][-1] + gap * place),
                    xytext=(4, 0), textcoords="offset points", fontsize="x-small",
                    va="center")  # fmt: skip
    ax.set_xlabel("energy / eV")
    ax.set_ylabel(f"normalised absorption, shifted; {series.against} at the right")
    return ax
