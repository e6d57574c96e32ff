"""Fit of an equivalent circuit to a spectrum: parameters with intervals, and whether it holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adatom.electrochem.impedance.circuit import Circuit
from adatom.electrochem.impedance.elements import Frequencies
from adatom.electrochem.impedance.interchange import fastest_first
from adatom.electrochem.impedance.intervals import Interval, intervals, moving_parameters
from adatom.electrochem.impedance.least_squares import Optimum, Problem
from adatom.electrochem.impedance.noise import (
    RESOLUTION,
    SIGNIFICANCE,
    leverages,
    neighbours_together,
    noise_exponent,
)
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from adatom.electrochem.impedance.starts import starting_points
from adatom.errors import ImpedanceError
from adatom.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STARTS = 12
"""Starting points tried at most."""
SAME = 1e-3
"""Relative difference of chi2 below which two starts reached the same optimum."""
PATTERNED = 1.4
"""Durbin-Watson statistic below which other optima are looked for."""
REFINEMENTS = 6
"""Better optima met on the way of a profile, at most."""
ROUNDS = 12
"""Of weights and fit, at most."""


@dataclass(frozen=True)
class CircuitFit:
    """A circuit fitted to a spectrum."""

    spectrum: ImpedanceSpectrum
    circuit: Circuit
    parameters: Mapping[str, FigureOfMerit]
    """By name, with 95 % intervals; without a value where the spectrum does not determine it."""
    best_point: Mapping[str, float]
    """The point that draws the fit; one of many where parameters are undetermined."""
    fitted_ohm: np.ndarray
    """(N,) complex."""
    sd_ohm: np.ndarray
    """(N,), standard deviation of real and of imaginary part, estimated with the fit."""
    noise_exponent: float
    """g of the noise s |Z|^g: 0 constant, 1 proportional."""
    durbin_watson: float | None
    """About 2 for noise, 0 for a smooth misfit; None where the residuals are rounding."""
    durbin_watson_p: float | None
    """Chance of a smaller one if the circuit is right."""

    @property
    def describes(self) -> bool:
        """Whether the circuit leaves nothing but noise."""
        return self.durbin_watson_p is None or self.durbin_watson_p >= SIGNIFICANCE

    @property
    def residuals_percent(self) -> np.ndarray:
        """(N,) complex, measured less fitted, of the fitted modulus."""
        z = self.spectrum.impedance_ohm
        return 100.0 * (z - self.fitted_ohm) / np.abs(self.fitted_ohm)

    @property
    def rms_percent(self) -> float:
        """Root of the mean squared residual of real and imaginary part, of the modulus."""
        return float(np.sqrt(0.5 * np.mean(np.abs(self.residuals_percent) ** 2)))

    def sentences(self) -> list[str]:
        """What must be known before the numbers are used, the most important first."""
        found = []
        if not self.describes:
            found.append(
                f"THE CIRCUIT DOES NOT DESCRIBE THE SPECTRUM within its noise (Durbin-Watson"
                f" {self.durbin_watson:.2f} instead of about 2): residuals of"
                f" {self.rms_percent:.2g} % of |Z| keep one sign over many frequencies; values and"
                " intervals below hold for this circuit only, the intervals are too narrow"
            )
        return found + [f"{n}: {f.reason}" for n, f in self.parameters.items() if f.reason]

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter."""
        return pd.DataFrame(
            [
                {
                    "parameter": name,
                    "value": f.value,
                    "lower_95": f.interval_95[0],
                    "upper_95": f.interval_95[1],
                    "unit": f.unit,
                }
                for name, f in self.parameters.items()
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "label": self.spectrum.label,
            "potential_V": self.spectrum.potential_V,
            "circuit": str(self.circuit),
            "describes": self.describes,
            "parameters": {name: f.as_dict() for name, f in self.parameters.items()},
            "best_point": dict(self.best_point),
            "residuals_rms_percent": self.rms_percent,
            "durbin_watson": self.durbin_watson,
            "durbin_watson_p": self.durbin_watson_p,
            "noise_exponent": self.noise_exponent,
            "sentences": self.sentences(),
            "spectrum": dict(self.spectrum.provenance),
            "frequency_Hz": self.spectrum.frequency_Hz.tolist(),
            "impedance_real_ohm": self.spectrum.impedance_ohm.real.tolist(),
            "impedance_imaginary_ohm": self.spectrum.impedance_ohm.imag.tolist(),
            "fitted_real_ohm": self.fitted_ohm.real.tolist(),
            "fitted_imaginary_ohm": self.fitted_ohm.imag.tolist(),
            "sd_ohm": self.sd_ohm.tolist(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the Nyquist plot with the fit and its residuals; returns the upper axes."""
        from adatom.plot.impedance import plot_fit

        return plot_fit(self, ax)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def fit_circuit(
    spectrum: ImpedanceSpectrum,
    circuit: Circuit | str,
    *,
    start: Mapping[str, float] | None = None,
    parameters: Collection[str] | None = None,
) -> CircuitFit:
    """Fit a circuit by complex least squares, weighted with the noise that the fit itself finds.

    ``start`` adds a starting point (by parameter name, as ``best_point`` of a neighbour) to those
    taken from the data; ``parameters`` are those whose intervals are wanted, all by default.
    Interchangeable arcs are numbered from fast to slow.

    Raises :class:`~adatom.errors.ImpedanceError` with too few points and
    :class:`~adatom.errors.CircuitError` for a circuit that cannot be read.
    """
    model = parse_circuit(circuit) if isinstance(circuit, str) else circuit
    count = len(model.names)
    if 2 * len(spectrum) < count + 4:
        raise ImpedanceError(
            f"{spectrum.label}: {len(spectrum)} points cannot determine the {count} parameters of"
            f" {model}; measure more frequencies or take a simpler circuit"
        )
    problem = Problem(
        model,
        Frequencies.of(spectrum.frequency_Hz),
        spectrum.impedance_ohm,
        1.0 / spectrum.modulus_ohm,
    )
    with np.errstate(all="ignore"):
        best = _nearest(problem, spectrum, start)
        wanted = model.names if parameters is None else parameters
        for _ in range(REFINEMENTS):
            problem, best, exponent = _weighted(problem, best)
            found = intervals(problem, best, wanted)
            if not isinstance(found, Optimum):
                return _result(spectrum, problem, best, exponent, found)
            best = problem.minimise(found.inner)
        raise ImpedanceError(
            f"{spectrum.label}: {model} has so many optima that none can be called the best; take"
            " a simpler circuit"
        )


def _nearest(
    problem: Problem, spectrum: ImpedanceSpectrum, start: Mapping[str, float] | None
) -> Optimum:
    """The best optimum from several starts; two that agree and leave noise end the search."""
    points = starting_points(problem.circuit, spectrum.frequency_Hz, spectrum.impedance_ohm)
    points = points[:STARTS]
    if start is not None:
        given = np.array([start[name] for name in problem.circuit.names])
        points = np.concatenate([given[None], points])
    best: Optimum | None = None
    for point in points:
        found = problem.minimise(problem.inward(point))
        if best is None or found.square < (1.0 - SAME) * best.square:
            best = found
        elif found.square < (1.0 + SAME) * best.square and _like_noise(best.residuals):
            break
    assert best is not None
    ordered = fastest_first(problem.circuit, problem.outward(best.inner))
    return problem.minimise(problem.inward(ordered))


def _like_noise(residuals: np.ndarray) -> bool:
    """Whether stacked residuals look like noise: then the optimum is taken for the right one."""
    steps = np.diff(residuals.reshape(2, -1), axis=1)
    return float((steps**2).sum()) > PATTERNED * float(residuals @ residuals)


def _weighted(problem: Problem, best: Optimum) -> tuple[Problem, Optimum, float]:
    """Fit and noise in turn until neither changes; weights are of the fitted modulus."""
    exponent = np.nan
    for _ in range(ROUNDS):
        z = problem.circuit.values(problem.outward(best.inner), problem.frequencies)[0]
        modulus = np.abs(z)
        share = np.clip(1.0 - leverages(best.jacobian), 0.01, 1.0)
        residuals = best.residuals / np.tile(problem.weights, 2) / np.sqrt(share)
        new = noise_exponent(residuals, modulus)
        problem = replace(problem, weights=modulus**-new)
        found = problem.minimise(best.inner)
        settled = abs(new - exponent) < 1e-3 and np.allclose(found.inner, best.inner, atol=1e-6)
        best, exponent = found, new
        if settled:
            break
    return problem, best, float(exponent)


def _result(
    spectrum: ImpedanceSpectrum,
    problem: Problem,
    best: Optimum,
    exponent: float,
    found: Mapping[str, Interval],
) -> CircuitFit:
    circuit = problem.circuit
    fitted = circuit.values(problem.outward(best.inner), problem.frequencies)[0]
    freedom = len(best.residuals) - len(best.inner)
    variance = best.square / freedom
    sd = np.sqrt(variance) / problem.weights
    resolved = float(np.max(sd / np.abs(fitted))) > RESOLUTION
    moving = moving_parameters(problem, best.inner)
    statistic = chance = None
    if resolved:
        statistic, chance = neighbours_together(best.residuals, best.jacobian[:, moving])
    values = problem.outward(best.inner)
    parameters = {}
    for k, (name, unit) in enumerate(zip(circuit.names, circuit.units, strict=True)):
        if name not in found:
            continue
        i = found[name]
        reason = i.reason
        if not moving[k]:
            at_one = values[k] > 0.5
            reason = "at its bound 1: an ideal element" if at_one else "at its bound 0"
        undetermined = i.low is None or i.high is None
        if undetermined:
            reason = f"not determined by the spectrum: {reason}"
        parameters[name] = FigureOfMerit(
            None if undetermined else float(values[k]),
            (i.low, i.high),
            reason,
            unit,
            {"circuit": str(circuit), "interval": "profile" if i.profiled else "linear"},
        )
    for array in (fitted, sd):
        array.flags.writeable = False
    return CircuitFit(
        spectrum,
        circuit,
        parameters,
        dict(zip(circuit.names, map(float, values), strict=True)),
        fitted,
        sd,
        exponent,
        statistic,
        chance,
    )
