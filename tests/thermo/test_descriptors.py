"""Published descriptor relations: their limits, and numbers from elsewhere.

Kubo gap of silver: delta / k_B = 1.45e-18 K cm3 / V (Halperin, Rev. Mod. Phys. 1986, 58, 533), with
E_F = 5.49 eV and 5.86e22 electrons a cm3 (Ashcroft and Mermin, Solid State Physics, table 2.1).
"""

import math

import pytest

from adatom.errors import AdatomError
from adatom.thermo.descriptors import (
    CO2RR_METALS,
    ORR_DIMERS,
    PAULING,
    is_metallic,
    kubo_gap_eV,
    moiety_electronegativity,
    pauling_electronegativity,
)
from adatom.units import BOLTZMANN_EV_K


def test_electronegativities_are_those_of_another_table():
    core = pytest.importorskip("pymatgen.core", reason="pymatgen comes with the extra mlip")
    assert {e: core.Element(e).X for e in PAULING} == pytest.approx(dict(PAULING))


def test_the_moiety_lies_between_nitrogen_and_metal():
    assert moiety_electronegativity(3.04) == pytest.approx(3.04)
    iron = moiety_electronegativity(pauling_electronegativity("Fe"))
    assert iron == pytest.approx(0.69 * 3.04 + 0.31 * 1.83)
    # Fe-N draws electrons from carbon, Sc-N gives them.
    assert iron > PAULING["C"] > moiety_electronegativity(PAULING["Sc"])


def test_the_regression_of_dimers():
    assert ORR_DIMERS.value(0.0) == pytest.approx(0.13)
    assert ORR_DIMERS.value(0.05) == pytest.approx(0.13 + 5.67 * 0.05)
    assert ORR_DIMERS.unit == "V"


def test_lines_of_metals_in_co2_reduction():
    at = {state: line.value(-1.0) for state, line in CO2RR_METALS.items()}
    assert at == pytest.approx({"*CHO": 1.15, "*COOH": 1.09, "*CH2O": -0.29})
    assert all(line.source and line.limits for line in CO2RR_METALS.values())


def test_kubo_gap_of_silver():
    electrons = 58_600  # in 1e-18 cm3
    assert kubo_gap_eV(5.49, electrons) / BOLTZMANN_EV_K == pytest.approx(1.45, rel=0.005)


def test_a_pair_is_no_metal_and_a_particle_is():
    # Where 4 E_F / 3 N = k_B T: 287 electrons of gold (5.53 eV) at 298.15 K.
    assert not is_metallic(5.53, 286)
    assert is_metallic(5.53, 288)
    assert not is_metallic(5.53, 288, temperature_K=77.0)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: kubo_gap_eV(0.0, 10), "Fermi energy"),
        (lambda: kubo_gap_eV(math.nan, 10), "Fermi energy"),
        (lambda: kubo_gap_eV(5.0, 0), "1 electron or more"),
        (lambda: is_metallic(5.0, 10, temperature_K=0.0), "above 0 K"),
        (lambda: moiety_electronegativity(-1.0), "of metal should be positive"),
        (lambda: moiety_electronegativity(1.8, math.inf), "of nitrogen should be positive"),
        (lambda: pauling_electronegativity("Xx"), "no electronegativity of 'Xx'"),
        (lambda: ORR_DIMERS.value(math.nan), "finite number"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(AdatomError, match=message):
        call()
