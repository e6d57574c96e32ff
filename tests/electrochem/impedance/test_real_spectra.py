"""Measured spectra: what is found, and that disturbed ones are called that."""

import numpy as np
import pytest

from adatom.electrochem.impedance.fit import fit_circuit
from adatom.electrochem.impedance.kramers_kronig import kramers_kronig
from adatom.electrochem.impedance.resistance import uncompensated_resistance
from adatom.electrochem.impedance.series import fit_series
from adatom.errors import ImpedanceError


def test_fuel_cell_is_consistent_and_its_circuit_too_simple(fuel_cell):
    assert kramers_kronig(fuel_cell).consistent
    fit = fit_circuit(fuel_cell, "two-arcs-inductive")
    assert not fit.describes
    figure = uncompensated_resistance(fuel_cell)
    low, high = figure.interval_95
    crossing = figure.conditions["resistance_at_zero_phase_ohm"]
    assert low < crossing < high or abs(crossing / figure.value - 1.0) < 0.05
    assert figure.value == pytest.approx(0.0152, rel=0.03)  # read off the Nyquist plot


def test_series_over_fourteen_potentials(potential_series):
    """O2 reduction at a rotating disk; high frequencies scatter by 5 to 20 % between neighbours."""
    assert [len(s) for s in potential_series] == [51] * 14
    series = fit_series(potential_series, "blocking")
    frame = series.to_frame()
    assert len(frame) == 14
    assert frame["potential_V"].is_monotonic_decreasing
    known = frame["R0_ohm"].notna()
    assert known.sum() >= 5
    assert (frame["R0_ohm_lower_95"] < frame["R0_ohm"])[known].all()
    assert (frame["R0_ohm"] < frame["R0_ohm_upper_95"])[known].all()
    # A single CPE is too simple; where it does not determine R0, no value is given.
    for fit in series.fits:
        figure = fit.parameters["R0"]
        assert (figure.value is None) == ("not determined" in figure.reason)
    assert not frame["describes"].all()
    assert not any(kramers_kronig(s).consistent for s in potential_series)


def test_series_resistance_lies_below_the_real_parts(potential_series):
    """Independent of any circuit: R_u is at most Z' at the highest frequencies, and near to it."""
    for spectrum in potential_series[3:14:5]:
        figure = uncompensated_resistance(spectrum)
        low, high = figure.interval_95
        real = np.median(spectrum.impedance_ohm.real[:5])
        assert low < figure.value < high
        assert low < real
        assert 0.7 * real < high
        assert 0.5 * real < figure.value < 1.1 * real


def test_series_needs_potentials(fuel_cell):
    with pytest.raises(ImpedanceError, match="potential of each"):
        fit_series([fuel_cell, fuel_cell], "blocking")


def test_noise_is_smaller_where_the_electrode_answers_slowly(potential_series):
    residuals = kramers_kronig(potential_series[-1]).residuals
    f = potential_series[-1].frequency_Hz
    assert np.std(residuals[f < 100]) < 0.5 * np.std(residuals[f > 1000])
