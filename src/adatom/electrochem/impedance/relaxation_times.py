"""Distribution of relaxation times: which processes, how fast, with what resistance.

Z(w) = R_inf + jwL + integral of g(ln tau) / (1 + jw tau) d ln tau, with g >= 0, on a grid of
ln tau by the trapezoidal rule. Tikhonov regularisation of the second derivative of g (Wan,
Saccoccio, Chen, Ciucci, Electrochim. Acta 2015, 184, 483, 10.1016/j.electacta.2015.09.097), its
strength the largest whose score in generalised cross-validation (Golub, Heath, Wahba,
Technometrics 1979, 21, 215, 10.1080/00401706.1979.10489751; over the points where g > 0) lies
within one standard error of the least. Choices of the strength are compared by Maradesa et al.,
J. Electrochem. Soc. 2023, 170, 030502, 10.1149/1945-7111/acbca4.

Regularised distributions ripple beside a sharp peak. Two neighbouring peaks are therefore one
unless the data need the valley between them: unless a distribution without it fits worse.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.electrochem.impedance.kramers_kronig import KramersKronig, kramers_kronig
from adatom.electrochem.impedance.noise import stacked
from adatom.electrochem.impedance.regularised import Regularised, Window, windows_of
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from adatom.figure_of_merit import NORMAL_95, FigureOfMerit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PER_DECADE = 10
"""Relaxation times a decade; a single R-C element is 1.1 decades wide at half height in Z''."""
BEYOND_DECADES = 1.0
"""By which the grid exceeds the measured range on both sides."""
STRENGTHS = np.geomspace(1e-8, 1e2, 21)
DRAWS = 60
"""Of noise, for the intervals."""
NEEDED = 10.0
"""Rise of chi2 (three standard errors of one parameter) that makes a valley needed."""
SMALLEST_PEAK = 0.02
"""Of the polarization resistance: what is smaller is not called a peak."""


@dataclass(frozen=True)
class Peak:
    """One process."""

    relaxation_time_s: float
    """At the maximum of g."""
    resistance: FigureOfMerit
    """Area under g between the minima on both sides, ohm."""
    seen: bool
    """Whether its maximum lies within the measured frequencies."""

    @property
    def frequency_Hz(self) -> float:
        """Characteristic frequency, 1/(2 pi tau)."""
        return float(1.0 / (2.0 * np.pi * self.relaxation_time_s))


@dataclass(frozen=True)
class RelaxationTimes:
    """The distribution of relaxation times of a spectrum."""

    spectrum: ImpedanceSpectrum
    relaxation_time_s: np.ndarray
    """(T,), rising, evenly spaced in the logarithm."""
    distribution_ohm: np.ndarray
    """(T,), g per unit of ln tau."""
    interval_95_ohm: tuple[np.ndarray, np.ndarray]
    """Lower and upper (T,), of noise alone at this strength of regularisation."""
    series_resistance_ohm: float
    inductance_H: float
    strength: float
    """Of the regularisation, as chosen."""
    strength_at_end: bool
    """Whether the choice lies at an end of those tried."""
    fitted_ohm: np.ndarray
    """(N,) complex."""
    peaks: tuple[Peak, ...]
    """From fast to slow."""
    validity: KramersKronig

    @property
    def polarization_resistance_ohm(self) -> float | None:
        """Area under g; None where a process is slower or faster than what was measured."""
        if not all(peak.seen for peak in self.peaks):
            return None
        return float(self.distribution_ohm.sum() * _step(self.relaxation_time_s))

    @property
    def rms_percent(self) -> float:
        """Root of the mean squared residual of real and imaginary part, of the modulus."""
        relative = np.abs(self.fitted_ohm / self.spectrum.impedance_ohm - 1.0)
        return float(100.0 * np.sqrt(0.5 * np.mean(relative**2)))

    def sentences(self) -> list[str]:
        """What must be known before the peaks are used."""
        found = []
        if not self.validity.consistent:
            found.append(self.validity.sentence())
        if self.rms_percent > 100.0 * max(0.01, 2.0 * self.validity.noise):
            found.append(
                f"relaxation times describe the spectrum to {self.rms_percent:.2g} % of |Z| only:"
                " scattered points, or an inductive loop, which has no such distribution"
            )
        if self.strength_at_end:
            found.append("cross-validation chose the end of its range: widths of peaks mean little")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        low, high = self.interval_95_ohm
        return {
            "regularisation": "Tikhonov, second derivative; smoothest within one standard error"
            " of the least score in generalised cross-validation",
            "strength": self.strength,
            "series_resistance_ohm": self.series_resistance_ohm,
            "inductance_H": self.inductance_H,
            "polarization_resistance_ohm": self.polarization_resistance_ohm,
            "residuals_rms_percent": self.rms_percent,
            "peaks": [
                {
                    "relaxation_time_s": p.relaxation_time_s,
                    "frequency_Hz": p.frequency_Hz,
                    "within_measured_range": p.seen,
                    "resistance": p.resistance.as_dict(),
                }
                for p in self.peaks
            ],
            "sentences": self.sentences(),
            "relaxation_time_s": self.relaxation_time_s.tolist(),
            "distribution_ohm": self.distribution_ohm.tolist(),
            "lower_95_ohm": low.tolist(),
            "upper_95_ohm": high.tolist(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the distribution on given axes (or new ones) and return them."""
        from adatom.plot.impedance import plot_relaxation_times

        return plot_relaxation_times(self, ax)


def relaxation_times(
    spectrum: ImpedanceSpectrum, validity: KramersKronig | None = None
) -> RelaxationTimes:
    """The distribution of relaxation times; ``validity`` is the Kramers-Kronig test, if done."""
    tested = kramers_kronig(spectrum) if validity is None else validity
    w = spectrum.angular_frequency_rad_s
    ends = np.log10([1.0 / w[0], 1.0 / w[-1]]) + np.array([-1.0, 1.0]) * BEYOND_DECADES
    tau = np.logspace(ends[0], ends[1], max(int(np.ptp(ends) * PER_DECADE), 10) + 1)
    columns = np.column_stack(
        [np.ones_like(w), 1j * w / w[0], _step(tau) / (1.0 + 1j * w[:, None] * tau)]
    )
    # Weights of the smoothed modulus, not of the noisy points.
    modulus = np.abs(tested.fitted_ohm)
    weights = np.tile((modulus / np.median(modulus)) ** -tested.noise_exponent, 2)
    problem = Regularised(
        stacked(columns.T).T * weights[:, None],
        stacked(spectrum.impedance_ohm) * weights,
        _step(tau),
    )
    problem, at_end = problem.with_strength(STRENGTHS)
    free = problem.solve()
    left = problem.residuals(free)
    freedom = max(len(left) - problem.effective_parameters(free), 1.0)
    sd = float(np.sqrt(left @ left / freedom))
    windows = _needed(problem, windows_of(free[2:]), float(left @ left) + NEEDED * sd**2)
    best = problem.solve(windows)
    random = np.random.default_rng(0)
    fitted = problem.design @ best
    drawn = np.array(
        [
            problem.solve(windows, fitted + sd * random.standard_normal(len(fitted)))[2:]
            for _ in range(DRAWS)
        ]
    )
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    g = best[2:]
    for array in (tau, g, low, high):
        array.flags.writeable = False
    return RelaxationTimes(
        spectrum,
        tau,
        g,
        (low, high),
        float(best[0]),
        float(best[1] / w[0]),
        problem.strength,
        at_end,
        columns @ best,
        _peaks(tau, g, windows, drawn, (1.0 / w[0], 1.0 / w[-1])),
        tested,
    )


def _step(tau: np.ndarray) -> float:
    return float(np.log(tau[1] / tau[0]))


def _needed(problem: Regularised, windows: tuple[Window, ...], most: float) -> tuple[Window, ...]:
    """Windows of the peaks that are left when every valley that is not needed is filled."""
    while len(windows) > 1:
        merged = []
        for n in range(len(windows) - 1):
            pair = windows[n].joined(windows[n + 1])
            tried = (*windows[:n], pair, *windows[n + 2 :])
            residuals = problem.residuals(problem.solve(tried))
            merged.append((float(residuals @ residuals), tried))
        square, simpler = min(merged, key=lambda pair: pair[0])
        if square > most:
            break
        windows = simpler
    return windows


def _peaks(
    tau: np.ndarray,
    g: np.ndarray,
    windows: tuple[Window, ...],
    drawn: np.ndarray,
    range_s: tuple[float, float],
) -> tuple[Peak, ...]:
    step = _step(tau)
    found = []
    for window in windows:
        part = slice(window.first, window.end)
        area = float(g[part].sum() * step)
        if area < SMALLEST_PEAK * g.sum() * step:
            continue
        top = window.first + int(np.argmax(g[part]))
        seen = bool(range_s[0] <= tau[top] <= range_s[1])
        half = NORMAL_95 * float(drawn[:, part].sum(axis=1).std(ddof=1) * step)
        if seen:
            figure = FigureOfMerit(area, (max(area - half, 0.0), area + half), "", "ohm")
        else:
            figure = FigureOfMerit(
                None, (None, None), "its relaxation time lies outside the measured range", "ohm"
            )
        found.append(Peak(float(tau[top]), figure, seen))
    return tuple(found)
