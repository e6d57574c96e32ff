"""Published figures of an iron pair catalyst come back from curves made with them.

Leng et al., Adv. Funct. Mater. 2022, 32, 2205637, 10.1002/adfm.202205637: Fe2@PDA-ZIF-900, rotating
disk at 1600 rpm. In 0.1 M KOH E_half 0.951 V, 47 mV/dec, j_k(0.85 V) 64.6 mA/cm2; its single-atom
control 0.871 V, Pt/C 0.875 V; in 0.5 M H2SO4 0.816 V, 63.3 mV/dec. No plateau is published: 5.7
(KOH) and 5.4 mA/cm2 (acid) are taken.
"""

import numpy as np
import pytest

from adatom.electrochem.corrections import MeasuredSweep, per_area, to_rhe
from adatom.electrochem.draws import InputErrors, draw_inputs
from adatom.electrochem.limited_sweep import analyse_limited

GRID = np.linspace(1.10, 0.25, 1200)


def figures(kinetic, limit, sd=2e-3, **options):
    rng = np.random.default_rng(0)
    current = -limit * kinetic / (limit + kinetic) + sd * rng.standard_normal(GRID.size)
    sweep = MeasuredSweep("Fe2", GRID, 1e-3 * 0.196 * current)
    sweep = to_rhe(per_area(sweep, 0.196), 0.0, "RHE")
    inputs = draw_inputs(InputErrors(), rng)
    return analyse_limited(sweep, inputs, cathodic=True, rng=rng, **options)


def line(half_wave, slope, limit):
    return limit * 10.0 ** ((half_wave - GRID) * 1e3 / slope)


@pytest.mark.parametrize(
    ("half_wave", "slope", "limit"),
    [(0.951, 47.0, 5.7), (0.871, 47.0, 5.7), (0.875, 47.0, 5.7), (0.816, 63.3, 5.4)],
)
def test_half_wave_and_tafel_slope(half_wave, slope, limit):
    found = figures(line(half_wave, slope, limit), limit)
    assert found.half_wave_V_rhe.value == pytest.approx(half_wave, abs=5e-4)
    assert found.tafel_slope_mV_dec.value == pytest.approx(slope, abs=0.5)


def test_kinetic_current_at_a_potential():
    """One line of 47 mV/dec through E_half would give 800 mA/cm2 at 0.85 V: the published
    64.6 mA/cm2 means that the slope grows. A curve that bends there gives both numbers back, and
    the kinetic current with the warning that 0.92 of the plateau flow."""
    limit = 5.7
    bend = 0.93
    at_bend = limit * 10.0 ** ((0.951 - bend) * 1e3 / 47.0)
    slope = (bend - 0.85) * 1e3 / np.log10(64.6 / at_bend)
    kinetic = np.where(
        bend < GRID, line(0.951, 47.0, limit), at_bend * 10.0 ** ((bend - GRID) * 1e3 / slope)
    )
    found = figures(kinetic, limit, kinetic_at_V=(0.85,))
    assert found.half_wave_V_rhe.value == pytest.approx(0.951, abs=5e-4)
    (at,) = found.kinetic_mA_cm2
    low, high = at.interval_95
    assert low < 64.6 < high
    assert at.value == pytest.approx(64.6, rel=0.1)
    assert "outside 0.1 to 0.8" in at.reason
