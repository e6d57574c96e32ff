"""Impedance on matplotlib axes: Nyquist, Bode, residuals, relaxation times, series."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.electrochem.impedance.fit import CircuitFit
    from adatom.electrochem.impedance.kramers_kronig import KramersKronig
    from adatom.electrochem.impedance.relaxation_times import RelaxationTimes
    from adatom.electrochem.impedance.series import ImpedanceSeries
    from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum

BLUE, RED, GREEN, BLACK = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[6]


def plot_nyquist(spectrum: "ImpedanceSpectrum", ax: Axes | None = None) -> Axes:
    """Draw -Z'' against Z' in equal scale, decades of frequency marked; returns the axes."""
    ax = ax or plt.subplots()[1]
    z = spectrum.impedance_ohm
    ax.plot(z.real, -z.imag, ".", color=BLACK, label=spectrum.label)
    decade = np.rint(np.log10(spectrum.frequency_Hz))
    shown = -np.inf
    for exponent in np.unique(decade)[::-1]:
        n = int(np.argmin(np.abs(np.log10(spectrum.frequency_Hz) - exponent)))
        away = np.abs(z[n].real - shown) / max(np.ptp(z.real), 1e-300)
        if abs(np.log10(spectrum.frequency_Hz[n]) - exponent) < 0.2 and away > 0.08:
            shown = z[n].real
            ax.plot(z[n].real, -z[n].imag, "o", mfc="none", color=BLACK, markersize=8)
            ax.annotate(
                f"{10.0**exponent:g} Hz",
                (z[n].real, -z[n].imag),
                textcoords="offset points",
                xytext=(0, 9),
                ha="center",
                fontsize=7,
            )
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.08)
    ax.set_xlabel(r"$Z'$ / $\Omega$")
    ax.set_ylabel(r"$-Z''$ / $\Omega$")
    return ax


def plot_fit(fit: "CircuitFit", ax: Axes | None = None) -> Axes:
    """Draw the Nyquist plot with the fit, and the residuals below; returns the upper axes."""
    ax = plot_nyquist(fit.spectrum, ax)
    _fitted(ax, fit)
    ax.legend(frameon=False, fontsize=8)
    below = ax.inset_axes((0.0, -0.5, 1.0, 0.3))
    _residuals(below, fit.spectrum.frequency_Hz, fit.residuals_percent, _sd_percent(fit))
    return ax


def _fitted(ax: Axes, fit: "CircuitFit") -> None:
    said = str(fit.circuit) if fit.describes else f"{fit.circuit} (does not describe it)"
    colour = BLUE if fit.describes else RED
    ax.plot(fit.fitted_ohm.real, -fit.fitted_ohm.imag, color=colour, label=said)


def _sd_percent(fit: "CircuitFit") -> np.ndarray:
    return np.asarray(100.0 * fit.sd_ohm / np.abs(fit.fitted_ohm))


def plot_residuals(test: "KramersKronig", ax: Axes | None = None) -> Axes:
    """Draw the residuals of the Kramers-Kronig test, failing frequencies marked."""
    ax = ax or plt.subplots()[1]
    f = test.spectrum.frequency_Hz
    _residuals(ax, f, 100.0 * test.residuals, np.full(len(f), 100.0 * test.noise))
    ax.set_title(f"Kramers-Kronig: {_shaded(ax, test)}", fontsize=9)
    return ax


def _shaded(ax: Axes, test: "KramersKronig") -> str:
    """Mark the failing frequencies; returns the verdict."""
    for high, low in test.failing_Hz:
        ax.axvspan(low / 1.05, high * 1.05, color=RED, alpha=0.12, linewidth=0)
    return "consistent" if test.consistent else "fails where shaded"


def _residuals(ax: Axes, frequency_Hz: np.ndarray, percent: np.ndarray, sd: np.ndarray) -> None:
    ax.fill_between(frequency_Hz, -2 * sd, 2 * sd, color=BLACK, alpha=0.12, linewidth=0)
    ax.plot(frequency_Hz, percent.real, ".", color=BLUE, label="real")
    ax.plot(frequency_Hz, percent.imag, ".", color=RED, label="imaginary")
    ax.axhline(0.0, color=BLACK, linewidth=0.8)
    ax.set_xscale("log")
    ax.set_xlabel("frequency / Hz")
    ax.set_ylabel("residual / % of |Z|", fontsize=8)
    ax.legend(frameon=False, fontsize=7, ncols=2)


def plot_bode(
    spectrum: "ImpedanceSpectrum", ax: Axes | None = None, fit: "CircuitFit | None" = None
) -> Axes:
    """Draw modulus (left) and phase (right axis) against frequency; returns the left axes."""
    ax = ax or plt.subplots()[1]
    phase = ax.twinx()
    f = spectrum.frequency_Hz
    ax.loglog(f, spectrum.modulus_ohm, ".", color=BLUE)
    phase.semilogx(f, -spectrum.phase_deg, "x", color=RED, markersize=4)
    if fit is not None:
        ax.loglog(f, np.abs(fit.fitted_ohm), color=BLUE)
        phase.semilogx(f, -np.degrees(np.angle(fit.fitted_ohm)), color=RED)
    ax.set_xlabel("frequency / Hz")
    ax.set_ylabel(r"$|Z|$ / $\Omega$", color=BLUE)
    phase.set_ylabel("-phase / deg", color=RED)
    return ax


def plot_relaxation_times(result: "RelaxationTimes", ax: Axes | None = None) -> Axes:
    """Draw g against relaxation time with its band and the resistances of the peaks."""
    ax = ax or plt.subplots()[1]
    tau, g = result.relaxation_time_s, result.distribution_ohm
    ax.fill_between(tau, *result.interval_95_ohm, color=BLUE, alpha=0.25, linewidth=0)
    ax.semilogx(tau, g, color=BLUE)
    inside = 1.0 / result.spectrum.angular_frequency_rad_s
    for low, high in ((tau[0], inside[0]), (inside[-1], tau[-1])):
        ax.axvspan(low, high, color=BLACK, alpha=0.06, linewidth=0)
    for peak in result.peaks:
        n = int(np.argmin(np.abs(tau - peak.relaxation_time_s)))
        value = peak.resistance.value
        ax.annotate(
            "outside" if value is None else f"{value:.3g} $\\Omega$",
            (tau[n], g[n]),
            textcoords="offset points",
            xytext=(0, 4),
            ha="center",
            fontsize=8,
        )
    ax.margins(x=0.0, y=0.12)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("relaxation time / s")
    ax.set_ylabel(r"$g(\ln\tau)$ / $\Omega$")
    return ax


def plot_overview(times: "RelaxationTimes", fit: "CircuitFit | None" = None) -> Axes:
    """Draw Nyquist and Bode, residuals and relaxation times on one page; returns the first axes.

    Residuals are of the fit, of the Kramers-Kronig test without one.
    """
    panels = plt.subplots(2, 2, figsize=(10.0, 8.0), layout="constrained")[1]
    nyquist = plot_nyquist(times.spectrum, panels[0, 0])
    plot_bode(times.spectrum, panels[0, 1], fit)
    lower = plot_residuals(times.validity, panels[1, 0]) if fit is None else panels[1, 0]
    if fit is not None:
        _fitted(nyquist, fit)
        _residuals(lower, fit.spectrum.frequency_Hz, fit.residuals_percent, _sd_percent(fit))
        verdict = _shaded(lower, times.validity)
        lower.set_title(f"residuals of the fit; Kramers-Kronig: {verdict}", fontsize=9)
    nyquist.legend(frameon=False, fontsize=7)
    plot_relaxation_times(times, panels[1, 1])
    return nyquist


def plot_series(series: "ImpedanceSeries") -> Axes:
    """Draw every parameter with its interval against potential; returns the first axes.

    Open symbols: the circuit does not describe the spectrum; gaps: not determined.
    """
    names = series.circuit.names
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    panels = plt.subplots(
        rows, columns, figsize=(3.6 * columns, 2.7 * rows), layout="constrained", squeeze=False
    )[1].ravel()
    for name, panel in zip(names, panels, strict=False):
        for fit in series.fits:
            figure = fit.parameters[name]
            low, high = figure.interval_95
            if figure.value is None or low is None or high is None:
                continue
            x = fit.spectrum.potential_V
            panel.plot([x, x], [low, high], color=BLUE, linewidth=1)
            panel.plot(x, figure.value, "o", color=BLUE, mfc=BLUE if fit.describes else "white",
                       markersize=4)  # fmt: skip
        unit = series.fits[0].parameters[name].unit
        panel.set_title(f"{name} / {unit}" if unit != "1" else name, fontsize=9)
        panel.set_xlabel("potential / V", fontsize=8)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    first: Axes = panels[0]
    return first
