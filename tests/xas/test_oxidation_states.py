"""Oxidation states, combinations and series on spectra whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from absorption_files import edge_mu, energies, spectrum

from adatom.errors import SpectrumError
from adatom.xas.analysis import Settings, analyse_spectrum
from adatom.xas.combination import fit_combination
from adatom.xas.edge_position import edge_position
from adatom.xas.edges import find_edge
from adatom.xas.normalisation import normalise
from adatom.xas.oxidation import SCATTER_EV, Standard, edge_line, oxidation_state
from adatom.xas.series import scan_series
from adatom.xas.xanes import near_edge

E = energies()


def _standards(scatter: float, seed: int, states=(0.0, 2.0, 2.0, 3.0, 3.0)) -> list[Standard]:
    rng = np.random.default_rng(seed)
    return [
        Standard(f"s{i}", x, 7112.0 + 3.5 * x + scatter * rng.standard_normal(), 0.05)
        for i, x in enumerate(states)
    ]


def test_exact_standards_give_the_state_between_them():
    found = oxidation_state(edge_line(_standards(0.0, 0), "half_height"), 7112.0 + 3.5 * 2.4, 0.05)
    assert found.value == pytest.approx(2.4, abs=0.05)
    low, high = found.interval_95
    assert low < 2.4 < high
    assert high - low < 1.0


def test_interval_covers_the_truth_when_compounds_scatter():
    rng = np.random.default_rng(5)
    inside = 0
    for seed in range(120):
        line = edge_line(_standards(SCATTER_EV, seed), "half_height", seed=seed)
        truth = rng.uniform(1.0, 2.5)
        edge = 7112.0 + 3.5 * truth + SCATTER_EV * rng.standard_normal()
        found = oxidation_state(line, edge, 0.05, seed=seed)
        inside += found.interval_95[0] <= truth <= found.interval_95[1]
    assert inside >= 108  # 90 % at the least, 95 % expected


def test_two_standards_say_what_the_interval_rests_on():
    line = edge_line(_standards(0.0, 0, states=(0.0, 3.0)), "first_inflection")
    found = oxidation_state(line, 7116.0, 0.05)
    assert "two standards" in found.reason
    assert found.interval_95[1] - found.interval_95[0] > 0.3


def test_a_line_is_not_extrapolated():
    line = edge_line(_standards(0.0, 0), "half_height")
    found = oxidation_state(line, 7112.0 + 3.5 * 4.0, 0.05)
    assert found.value is None
    assert "above the highest standard" in found.reason


@pytest.mark.parametrize(
    ("states", "edges", "said"),
    [((2.0, 2.0), (7119.0, 7120.0), "at least two"), ((0.0, 3.0), (7124.0, 7112.0), "do not rise")],
)
def test_standards_that_make_no_line_are_refused(states, edges, said):
    standards = [
        Standard(f"s{i}", x, e, 0.1) for i, (x, e) in enumerate(zip(states, edges, strict=True))
    ]
    with pytest.raises(SpectrumError, match=said):
        edge_line(standards, "half_height")


def _component(label: str, e0: float, width: float, bump: float):
    mu = edge_mu(E, e0, width=width) + bump * np.exp(-0.5 * ((E - e0 - 6.0) / 3.0) ** 2)
    return normalise(spectrum(E, mu, label=label), 7115.0)


PARTS = [_component("a", 7112.0, 1.0, 0.1), _component("b", 7118.0, 1.5, 0.5),
         _component("c", 7122.0, 2.0, 0.9)]  # fmt: skip


def _mixture(*shares: float, noise: float = 0.003, seed: int = 0):
    mu = sum(s * p.norm for s, p in zip(shares, PARTS, strict=True))
    mu = mu + noise * np.random.default_rng(seed).standard_normal(len(E))
    return normalise(spectrum(E, mu, label="mixture"), 7115.0)


@pytest.mark.parametrize(
    ("shares", "count"), [((1.0, 0.0, 0.0), 1), ((0.3, 0.7, 0.0), 2), ((0.2, 0.3, 0.5), 3)]
)
def test_combination_finds_shares_and_their_number(shares, count):
    found = fit_combination(_mixture(*shares), PARTS)
    assert max(found.probability_of_count, key=found.probability_of_count.get) == count
    assert found.probability_of_count[count] > 0.5
    fitted = dict(zip(found.best.labels, found.best.shares, strict=True))
    for label, truth in zip("abc", shares, strict=True):
        if truth:
            assert fitted[label].value == pytest.approx(truth, abs=0.02)
    assert sum(f.value for f in fitted.values()) == pytest.approx(1.0)


def test_intervals_of_shares_cover_the_truth():
    inside = 0
    for seed in range(60):
        found = fit_combination(_mixture(0.3, 0.7, 0.0, noise=0.01, seed=seed), PARTS[:2])
        low, high = found.best.shares[0].interval_95
        inside += low <= 0.3 <= high
    assert inside >= 54


def test_a_missing_component_is_said():
    said = fit_combination(_mixture(0.0, 1.0, 0.0), [PARTS[0], PARTS[2]]).sentence()
    assert "a component is missing" in said


def test_spectra_that_do_not_reach_are_refused():
    short = E < 7160.0
    part = PARTS[0].spectrum
    cut = replace(part, energy_eV=part.energy_eV[short], mu=part.mu[short])
    with pytest.raises(SpectrumError, match="narrow it"):
        fit_combination(_mixture(1, 0, 0), [PARTS[1], normalise(cut, 7112.0)])


def test_white_line_and_pre_edge_peak_of_known_size():
    mu = edge_mu(E, 7124.0, width=1.0)
    line = 0.8 * np.exp(-0.5 * ((E - 7130.0) / 2.0) ** 2)
    peak = 0.08 * np.exp(-0.5 * ((E - 7114.0) / 0.8) ** 2)
    sample = spectrum(E, mu + line + peak)
    position, normal = edge_position(sample, 7124.0)
    found = near_edge(normal, position, analyse_spectrum(sample, Settings(xanes_only=True)).edge)
    assert found.white_line_energy_eV.value == pytest.approx(7130.0, abs=0.2)
    below = np.arctan(6.0) / np.pi + 0.5
    assert found.white_line_height.value == pytest.approx(0.8 + below, abs=0.04)
    assert found.pre_edge_centroid_eV.value == pytest.approx(7114.0, abs=0.25)
    assert found.pre_edge_area_eV.value == pytest.approx(0.08 * 0.8 * np.sqrt(2 * np.pi), rel=0.25)


def test_the_interval_of_a_pre_edge_area_covers_it():
    peak = 0.08 * np.exp(-0.5 * ((E - 7114.0) / 0.8) ** 2)
    inside = 0
    for seed in range(20):
        mu = edge_mu(E, 7124.0, noise=1e-3, seed=seed) + peak
        position, normal = edge_position(spectrum(E, mu), 7124.0)
        low, high = near_edge(normal, position, find_edge("Fe", "K")).pre_edge_area_eV.interval_95
        inside += low <= 0.08 * 0.8 * np.sqrt(2 * np.pi) <= high
        assert high - low < 0.05
    assert inside >= 17


def test_no_white_line_is_said():
    position, normal = edge_position(spectrum(E, edge_mu(E, width=3.0)), 7112.0)
    found = near_edge(normal, position, None)
    assert found.white_line_area_eV.value is None
    assert found.pre_edge_centroid_eV.value is None


def _scan(e0: float, seed: int):
    mu = edge_mu(E, e0, noise=0.002, seed=seed)
    return analyse_spectrum(spectrum(E, mu, label=f"scan {seed}"), Settings(xanes_only=True))


def test_a_series_shows_a_trend_and_the_lack_of_one():
    potentials = [0.1, 0.3, 0.5, 0.7, 0.9, 1.1]
    moving = scan_series([_scan(7112.0 + 1.5 * u, i) for i, u in enumerate(potentials)],
                         potentials, "potential / V")  # fmt: skip
    slope = moving.trends["half_height_eV"].slope
    assert slope.interval_95[0] <= 1.5 <= slope.interval_95[1]
    assert slope.interval_95[0] > 1.0
    still = scan_series([_scan(7112.0, i) for i in range(6)], potentials, "potential / V")
    assert "no trend" in still.as_dict()["half_height_eV"]["sentence"]
    with pytest.raises(SpectrumError, match="2 values"):
        scan_series(moving.scans, [0.1, 0.2])
