"""Pearson's points with York's weights: the straight line with errors in both axes.

Source: York, Can. J. Phys. 1966, 44, 1079 (10.1139/p66-090), Table I; York, Evensen, Martinez and
De Basabe Delgado, Am. J. Phys. 2004, 72, 367 (10.1119/1.1632486). Values: slope -0.480533407 and
intercept 5.47991022 (Neri, Saitta and Chiofalo, J. Phys. E 1989, 22, 215), chi2 / (n - 2) 1.4833,
standard errors 0.0580 and 0.2950 (York 2004). Tolerance: the digits printed; the standard errors
2 %, ours being larger to second order in the errors of x (docs/scaling.md).
"""

import numpy as np
import pytest

from adatom.thermo.lines import fit_line

X = [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4]
Y = [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5]
WEIGHTS_X = [1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1.0]
WEIGHTS_Y = [1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]
ERRORS = {"sd_x": np.array(WEIGHTS_X) ** -0.5, "sd_y": np.array(WEIGHTS_Y) ** -0.5}


def test_the_line_of_york():
    fit = fit_line(X, Y, **ERRORS, scatter=0.0)
    assert fit.slope == pytest.approx(-0.480533407, abs=5e-10)
    assert fit.intercept == pytest.approx(5.47991022, abs=5e-9)
    assert fit.chi2 / 8 == pytest.approx(1.48329, abs=5e-6)
    assert 0.0580 < fit.slope_sd < 1.02 * 0.0580
    assert 0.2950 < fit.intercept_sd < 1.02 * 0.2950


def test_turned_axes_give_the_same_line():
    """Unlike least squares in y, the line does not depend on which axis is called x."""
    fit = fit_line(X, Y, **ERRORS, scatter=0.0)
    turned = fit_line(Y, X, sd_x=ERRORS["sd_y"], sd_y=ERRORS["sd_x"], scatter=0.0)
    assert turned.slope == pytest.approx(1.0 / fit.slope, rel=1e-9)
    assert turned.intercept == pytest.approx(-fit.intercept / fit.slope, rel=1e-9)
