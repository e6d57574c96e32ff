"""Edge energy, normalisation, faults of synthetic edges whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from absorption_files import edge_mu, energies, spectrum

from adatom.errors import SpectrumError
from adatom.xas.analysis import Settings, analyse_spectrum
from adatom.xas.derivative import noise_of, slope_operator
from adatom.xas.edge_position import edge_position, locate_edge
from adatom.xas.edges import edges_near, find_edge
from adatom.xas.normalisation import normalise
from adatom.xas.quality import deglitch, faults

E = energies()
FE = find_edge("Fe", "K")


def test_slope_is_exact_for_parabolas_on_uneven_points():
    e = np.sort(np.random.default_rng(1).uniform(0.0, 50.0, 120))
    at = np.linspace(5.0, 45.0, 30)
    assert slope_operator(e, at) @ (2 + 3 * e - 0.1 * e**2) == pytest.approx(3 - 0.2 * at, abs=1e-6)


def test_noise_estimate_ignores_the_smooth_part():
    noisy = edge_mu(E, noise=0.002)
    assert noise_of(E, noisy) == pytest.approx(0.002, rel=0.15)


def test_a_known_step_is_recovered_exactly():
    # A step with a line before and behind: the quadratic and the line hold it without error.
    mu = 0.2 - 2e-4 * (E - 7112) + np.where(E > 7112, 1.7 + 1e-4 * (E - 7112), 0.0)
    found = normalise(spectrum(E, mu), 7112.0)
    assert found.edge_step == pytest.approx(1.7, rel=1e-9)
    assert found.edge_step_sd == pytest.approx(0.0, abs=1e-8)
    assert found.flat[E > 7113] == pytest.approx(1.0, abs=1e-9)
    assert found.flat[E < 7111] == pytest.approx(0.0, abs=1e-9)


def test_scaling_of_mu_changes_nothing_but_the_step():
    mu = edge_mu(E, distance=2.0)
    one, ten = (normalise(spectrum(E, f * mu), 7112.0) for f in (1.0, 10.0))
    assert ten.norm == pytest.approx(one.norm)
    assert ten.edge_step == pytest.approx(10 * one.edge_step)


@pytest.mark.parametrize("e0", [7110.3, 7112.0, 7121.37])
def test_inflection_and_half_height_of_an_arctangent(e0):
    e = energies(e0)
    found, _ = edge_position(spectrum(e, edge_mu(e, e0)), e0 + 2.0)
    # An arctangent passes its middle at its inflection.
    assert found.first_inflection.value == pytest.approx(e0, abs=0.02)
    assert found.steepest_point.value == pytest.approx(e0, abs=0.02)
    assert found.half_height.value == pytest.approx(e0, abs=0.05)


def test_first_inflection_lies_before_a_steeper_second_rise_but_behind_a_pre_edge_peak():
    two_steps = 0.6 * edge_mu(E, 7112.0) + 1.0 * edge_mu(E, 7121.0)
    found, _ = edge_position(spectrum(E, two_steps), 7121.0)
    assert found.first_inflection.value == pytest.approx(7112.0, abs=0.2)
    assert found.steepest_point.value == pytest.approx(7121.0, abs=0.2)
    peak = edge_mu(E, 7124.0) + 0.4 * np.exp(-0.5 * ((E - 7114.0) / 0.8) ** 2)
    found, _ = edge_position(spectrum(E, peak), 7124.0)
    assert found.first_inflection.value == pytest.approx(7124.0, abs=0.2)


def test_interval_of_e0_covers_the_truth():
    inside = 0
    for seed in range(40):
        mu = edge_mu(E, width=1.5, noise=0.004, seed=seed)
        found, _ = edge_position(spectrum(E, mu), 7112.0)
        low, high = found.steepest_point.interval_95
        inside += low <= 7112.0 <= high
    assert inside >= 35


def test_another_edge_than_stated_is_named():
    e = energies(7709.0)
    cobalt = spectrum(e, edge_mu(e, 7709.0))
    with pytest.raises(SpectrumError, match=r"Fe K .* is stated.*Co K 7709"):
        locate_edge(cobalt, FE)
    assert analyse_spectrum(replace(cobalt, element="Co"), Settings()).edge == find_edge("Co", "K")
    assert [str(x) for x in edges_near(7709.0, 2.0)] == ["Co K"]


def test_the_stated_edge_is_taken_where_a_larger_one_follows():
    e = energies(7112.0, above=1100.0)
    mu = edge_mu(e, 7112.0, step=0.3) + edge_mu(e, 7709.0, step=1.0)
    assert locate_edge(spectrum(e, mu), FE) == pytest.approx(7112.0, abs=3.0)


def test_short_scans_and_falling_edges_are_refused():
    short = (E > 7112 - 20) & (E < 7112 + 120)
    with pytest.raises(SpectrumError, match="20 eV below"):
        normalise(spectrum(E[short], edge_mu(E[short])), 7112.0)
    with pytest.raises(SpectrumError, match="i0 and itrans may be exchanged"):
        normalise(spectrum(E, -edge_mu(E)), 7112.0)


@pytest.mark.parametrize("at", [60, 330, 380])
def test_glitches_and_jumps_are_told_apart_and_found_where_they_are(at):
    clean = edge_mu(E, distance=2.2, noise=2e-4)
    assert faults(spectrum(E, clean), 7112.0, 1.0) == ()
    glitch = clean.copy()
    glitch[at] += 0.03
    (found,) = faults(spectrum(E, glitch), 7112.0, 1.0)
    assert (found.kind, found.energy_eV) == ("glitch", E[at])
    assert found.height == pytest.approx(0.03, abs=0.004)
    jump = clean + np.where(np.arange(len(E)) >= at, 0.06, 0.0)
    found = [f for f in faults(spectrum(E, jump), 7112.0, 1.0) if abs(f.height) > 0.03]
    assert [f.kind for f in found] == ["jump"]
    assert E[at - 1] < found[0].energy_eV < E[at]


def test_a_jump_in_a_densely_measured_edge_is_no_edge():
    """Eight points within the lifetime width: nothing of the edge changes between two of them."""
    e = np.sort(np.concatenate([E[(E < 7100) | (E > 7150)], np.arange(7100.0, 7150.0, 0.1)]))
    clean = edge_mu(e, noise=2e-4)
    assert faults(spectrum(e, clean), 7112.0, 1.0) == ()
    jump = clean + np.where(e >= 7127.0, 0.08, 0.0)
    (found,) = faults(spectrum(e, jump), 7112.0, 1.0)
    assert found.kind == "jump"
    assert found.energy_eV == pytest.approx(7127.0, abs=0.11)


def test_deglitching_is_done_only_when_asked_and_recorded():
    mu = edge_mu(E, noise=2e-4)
    mu[330] += 0.03
    plain = analyse_spectrum(spectrum(E, mu), Settings(xanes_only=True))
    assert len(plain.spectrum.mu) == len(mu)
    assert any("glitch" in w for w in plain.warnings)
    cleaned = analyse_spectrum(spectrum(E, mu), Settings(xanes_only=True, deglitch=True))
    assert len(cleaned.spectrum.mu) == len(mu) - 1
    assert any("taken out, as asked" in n for n in cleaned.spectrum.notes)
    same, done = deglitch(spectrum(E, edge_mu(E)), ())
    assert done == ()
    assert len(same.mu) == len(E)


def test_calibration_by_the_reference_channel_is_reported_and_applied_only_when_asked():
    shifted = E + 2.65
    sample = spectrum(shifted, edge_mu(E, 7118.0), reference_mu=edge_mu(E, FE.foil_eV))
    plain = analyse_spectrum(sample, Settings(xanes_only=True))
    assert plain.offset.offset_eV == pytest.approx(2.65, abs=0.02)
    assert plain.shifted_eV == 0.0
    assert plain.position.first_inflection.value == pytest.approx(7120.65, abs=0.02)
    moved = analyse_spectrum(sample, Settings(xanes_only=True, calibrate=True))
    assert moved.position.first_inflection.value == pytest.approx(7118.0, abs=0.03)
    assert any("shifted by -2.65" in n for n in moved.spectrum.notes)
    by_table = Settings(xanes_only=True, calibrate=True, foil_edge_eV=7112.0)
    found = analyse_spectrum(sample, by_table).position.first_inflection.value
    assert found == pytest.approx(7119.25, abs=0.03)


def test_no_reference_to_calibrate_with_is_said():
    with pytest.raises(SpectrumError, match="--reference FILE"):
        analyse_spectrum(spectrum(E, edge_mu(E)), Settings(calibrate=True))
    said = analyse_spectrum(spectrum(E, edge_mu(E)), Settings(xanes_only=True)).warnings
    assert any("no foil was measured" in s for s in said)
