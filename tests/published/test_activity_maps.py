"""The tops of the ORR volcano, read off activity maps.

Source: Norskov et al., J. Phys. Chem. B 2004, 108, 17886 (10.1021/jp047349j); offset of *OOH
and *OH: Rossmeisl et al. 2007, Viswanathan et al. 2012 (10.1021/jz301476w). Conditions: CHE,
25 C. Values: apex U_L = 0.86 V, overpotential 0.37 V at dG_OH = 0.86 eV with 3.2 eV; 1.23 V with
2.46 eV; with 2.41 eV *OOH and *OH limit no more. Tolerance: 1e-9 V, the arithmetic is exact.
"""

import numpy as np
import pytest

from adatom.kinetics.volcano import activity_map
from adatom.thermo.given_lines import parse_line

GRID = np.round(np.linspace(0.0, 2.0, 2001), 3)


def test_the_line_of_the_literature_has_its_apex_at_086(orr):
    found = activity_map(orr, {"*OH": GRID})
    at, value = found.apex
    assert value == pytest.approx(0.86, abs=1e-9)
    assert at["*OH"] == pytest.approx(0.86, abs=1e-9)
    equilibrium = found.activity.conditions["equilibrium_potential_V_rhe"]
    assert equilibrium - value == pytest.approx(0.37, abs=1e-9)
    names = [found.domain_names[d] for d in found.domains]
    assert names[1] == "*O -> *OH = *OH -> H2O"  # equal everywhere with dG_O = 2 dG_OH
    assert names[-1] == "O2 -> *OOH"


def test_two_axes_have_their_apex_along_the_whole_ridge(orr):
    """Between *OOH formation and *OH removal dG_O matters only where it limits itself."""
    grid = np.round(np.linspace(0.5, 4.0, 351), 2)
    found = activity_map(orr, {"*OH": np.round(np.linspace(0.0, 2.0, 201), 2), "*O": grid})
    _, value = found.apex
    assert value == pytest.approx(0.86, abs=1e-9)
    assert found.equal_to_apex == 149  # dG_O from 1.72 to 3.20 eV in steps of 0.01
    ridge = found.values[:, 86]
    flat = grid[np.abs(ridge - 0.86) < 1e-9]
    assert (flat.min(), flat.max()) == pytest.approx((1.72, 3.2), abs=1e-9)


def test_the_ideal_offset_reaches_the_equilibrium_potential(orr):
    lines = [parse_line("*OOH=2.46+*OH"), parse_line("*O=1.23+*OH")]
    at, value = activity_map(orr, {"*OH": GRID}, lines=lines).apex
    assert value == pytest.approx(1.23, abs=1e-9)
    assert at["*OH"] == pytest.approx(1.23, abs=1e-9)


@pytest.mark.parametrize(
    ("offset", "limiting"),
    [
        (2.41, {"*OOH -> *O", "*O -> *OH"}),
        (2.51, {"O2 -> *OOH", "*OH -> H2O"}),
    ],
)
def test_below_246_the_outer_steps_no_longer_limit_the_apex(orr, offset, limiting):
    """Outer steps share 4.92 eV - offset, inner ones the offset; the smaller half is the apex."""
    fine = np.round(np.arange(1.0, 3.0, 0.005), 3)
    axes = {"*OH": fine[:100], "*O": fine}
    found = activity_map(orr, axes, lines=[parse_line(f"*OOH={offset}+*OH")])
    _, value = found.apex
    assert value == pytest.approx(min(offset, 4.92 - offset) / 2, abs=1e-9)
    top = [found.domain_names[d] for d in np.unique(found.domains[found.values > value - 1e-9])]
    steps = [set(name.split(" = ")) for name in top]
    assert all(s & limiting for s in steps)  # beside others at the ends of the ridge
    assert any(s <= limiting for s in steps)
