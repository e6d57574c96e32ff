"""Bond counting; the values are those of Abild-Pedersen et al. 2007."""

import numpy as np
import pytest

from adatom.thermo.bond_counting import bond_counting_gamma, expected_slope, slope_test
from adatom.thermo.lines import fit_line


@pytest.mark.parametrize(
    "adsorbate, gamma",
    [
        ("*O", 1), ("*OH", 1 / 2), ("*OOH", 1 / 2), ("*S", 1), ("*SH", 1 / 2),
        ("*N", 1), ("*NH", 2 / 3), ("*NH2", 1 / 3), ("*NH3", 0),
        ("*C", 1), ("*CH", 3 / 4), ("*CH2", 1 / 2), ("*CH3", 1 / 4), ("*CH4", 0),
        ("*COH", 3 / 4), ("*CHOH", 1 / 2), ("*CH2OH", 1 / 4),
    ],
)  # fmt: skip
def test_gamma(adsorbate, gamma):
    assert bond_counting_gamma(adsorbate) == pytest.approx(gamma)


@pytest.mark.parametrize("adsorbate", ["*CO", "*CHO", "*COOH", "*N2", "*H", "*OH3", "*", "OH"])
def test_bonds_that_cannot_be_counted_give_none(adsorbate):
    assert bond_counting_gamma(adsorbate) is None


@pytest.mark.parametrize(
    "x, y, slope",
    [
        ("*O", "*OH", 1 / 2), ("*OH", "*O", 2), ("*OH", "*OOH", 1), ("*C", "*CH3", 1 / 4),
        ("*S", "*SH", 1 / 2), ("*C", "*CH", 3 / 4), ("*N", "*NH2", 1 / 3), ("*N", "*NH", 2 / 3),
        ("*OH", "*NH", None), ("*OH", "*CO", None), ("*CH4", "*CH3", None),
    ],
)  # fmt: skip
def test_slopes_of_pairs(x, y, slope):
    assert expected_slope(x, y) == (None if slope is None else pytest.approx(slope))


def test_a_slope_is_tested_against_what_is_expected():
    x = np.linspace(-1, 1, 9)
    line = fit_line(x, 0.5 * x, sd_x=0.0, sd_y=0.1)
    right, wrong = slope_test(line, 0.5), slope_test(line, 1.0)
    assert right.z == pytest.approx(0.0, abs=1e-9)
    assert right.p_value == pytest.approx(1.0)
    assert right.words.startswith("agrees with 0.5 of bond counting")
    assert wrong.z == pytest.approx(-0.5 / (0.1 / np.sqrt((x**2).sum())))
    assert wrong.words.startswith("differs from 1 of bond counting")
