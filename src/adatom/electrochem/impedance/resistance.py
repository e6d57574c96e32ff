"""Uncompensated resistance: the high-frequency limit of a spectrum, for the iR correction."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from adatom.electrochem.impedance.fit import CircuitFit, fit_circuit
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import FEWEST_POINTS, ImpedanceSpectrum
from adatom.errors import ImpedanceError
from adatom.figure_of_merit import FigureOfMerit, no_figure

CIRCUITS = ("blocking", "charge-transfer", "inductive", "two-arcs", "two-arcs-inductive")
"""Tried in this order; all have R0 in series."""
DECADES = (2.0, 3.0, 99.0)
"""Below the highest frequency, tried in this order: what happens slowly does not bear on R_u."""
LEAST_FREEDOM = 8
"""Real and imaginary parts beyond the parameters of a circuit: with fewer, the next is tried."""
STEEPEST_PHASE_DEG = 30.0
"""Where the highest frequencies are steeper, the series resistance is extrapolated, not seen."""
SMALLEST_SHARE = 0.7
"""Of the least Z' among the high frequencies: below, most of it would be extrapolated away."""
WIDEST = 0.2
"""Half-width of the interval, of the value."""
DISAGREEMENT = 0.05
"""Between the fit and Z' where Z'' = 0, of the value."""
LARGEST_MISFIT_PERCENT = 5.0
"""Of |Z|, left by the closest circuit where none describes the data."""
NO_FIT = "no circuit with a series resistance describes the high frequencies"


def uncompensated_resistance(spectrum: ImpedanceSpectrum) -> FigureOfMerit:
    """R_u in ohm with its 95 % interval: R0 of the simplest circuit that describes the data.

    The circuit is fitted to the two highest decades, to more where these do not determine R0. Z'
    where Z'' = 0 is the check: where both differ by more than 5 % the interval includes it.
    Refused, with the reason, where the highest frequencies are not yet resistive.
    """
    high = _high_end(spectrum, DECADES[0]) or spectrum
    crossing = resistance_at_zero_phase_ohm(high)
    phase = float(np.median(spectrum.phase_deg[:3]))
    if phase < -STEEPEST_PHASE_DEG:
        return no_figure(
            f"{spectrum.label}: the phase at the highest frequencies is still {phase:.0f} deg, the"
            f" series resistance is not reached; measure beyond {spectrum.frequency_Hz[0]:.3g} Hz",
            "ohm",
        )
    if phase > STEEPEST_PHASE_DEG and crossing is None:
        return no_figure(
            f"{spectrum.label}: inductive ({phase:.0f} deg) over the two highest decades, Z'' never"
            " passes 0; shorten and twist the leads",
            "ohm",
        )
    fit = _simplest(spectrum)
    if fit is None or not (fit.describes or fit.rms_percent < LARGEST_MISFIT_PERCENT):
        return no_figure(f"{spectrum.label}: {NO_FIT}", "ohm")
    figure = fit.parameters["R0"]
    low, top = figure.interval_95
    assert figure.value is not None
    assert low is not None
    assert top is not None
    least = float(high.impedance_ohm.real.min())
    if figure.value < SMALLEST_SHARE * least:
        return no_figure(
            f"{spectrum.label}: {fit.circuit} puts the series resistance at {figure.value:.3g} ohm,"
            f" far below the least Z' measured, {least:.3g} ohm; measure beyond"
            f" {spectrum.frequency_Hz[0]:.3g} Hz",
            "ohm",
        )
    notes = []
    if not fit.describes:
        notes.append(
            f"no circuit leaves only noise ({fit.circuit} leaves {fit.rms_percent:.2g} % of |Z|)"
        )
        low = min(low, figure.value * (1.0 - fit.rms_percent / 50.0))
        top = max(top, figure.value * (1.0 + fit.rms_percent / 50.0))
    if crossing is not None and abs(crossing / figure.value - 1.0) > DISAGREEMENT:
        notes.append(f"Z' where Z'' = 0 is {crossing:.4g} ohm; the interval includes it")
        low, top = min(low, crossing), max(top, crossing)
    return FigureOfMerit(
        figure.value,
        (low, top),
        "; ".join(notes),
        "ohm",
        {
            "circuit": str(fit.circuit),
            "from_Hz": float(fit.spectrum.frequency_Hz[-1]),
            "to_Hz": float(fit.spectrum.frequency_Hz[0]),
            "resistance_at_zero_phase_ohm": crossing,
            "spectrum": spectrum.label,
            "potential_V": spectrum.potential_V,
        },
    )


def resistance_at_zero_phase_ohm(spectrum: ImpedanceSpectrum) -> float | None:
    """Z' where Z'' changes from inductive to capacitive, linear in Z''; None where it does not."""
    z = spectrum.impedance_ohm
    turns = np.flatnonzero((z.imag[:-1] > 0) & (z.imag[1:] <= 0))
    if not turns.size:
        return None
    n = int(turns[0])
    share = z.imag[n] / (z.imag[n] - z.imag[n + 1])
    return float(z.real[n] + share * (z.real[n + 1] - z.real[n]))


def _high_end(spectrum: ImpedanceSpectrum, decades: float) -> ImpedanceSpectrum | None:
    """The highest decades; None where they hold too few points."""
    lowest_Hz = spectrum.frequency_Hz[0] / 10.0**decades * (1.0 - 1e-9)
    count = int((spectrum.frequency_Hz >= lowest_Hz).sum())
    return spectrum.above(lowest_Hz) if count >= FEWEST_POINTS else None


def _simplest(spectrum: ImpedanceSpectrum) -> CircuitFit | None:
    """The first fit that describes its data and determines R0, else the closest that does."""
    closest: CircuitFit | None = None
    for fit in _fits(spectrum):
        figure = fit.parameters["R0"]
        low, high = figure.interval_95
        if figure.value is None or low is None or high is None:
            continue
        if high - low > 2.0 * WIDEST * figure.value:
            continue
        if fit.describes:
            return fit
        if closest is None or fit.rms_percent < 0.8 * closest.rms_percent:
            closest = fit
    return closest


def _fits(spectrum: ImpedanceSpectrum) -> Iterator[CircuitFit]:
    done = 0
    for decades in DECADES:
        part = _high_end(spectrum, decades)
        if part is None or len(part) == done:
            continue
        done = len(part)
        for name in CIRCUITS:
            circuit = parse_circuit(name)
            if 2 * len(part) - len(circuit.names) < LEAST_FREEDOM:
                continue
            # A circuit with too many optima is no failure: the next is tried.
            with suppress(ImpedanceError):
                yield fit_circuit(part, circuit, parameters=("R0",))
