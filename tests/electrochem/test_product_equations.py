"""Electrons per molecule against the textbook, and what is no half-reaction."""

import pytest

from adatom.electrochem.products.equation import half_reaction
from adatom.errors import SampleError


@pytest.mark.parametrize(
    "product, reactants, electrons",
    [
        # CO2 reduction: Nitopi et al., Chem. Rev. 2019, 119, 7610, 10.1021/acs.chemrev.8b00705
        ("CO", ["CO2"], 2), ("HCOO-", ["CO2"], 2), ("HCOOH", ["CO2"], 2), ("CH3OH", ["CO2"], 6),
        ("CH4", ["CO2"], 8), ("C2H4", ["CO2"], 12), ("C2H5OH", ["CO2"], 12),
        ("CH3COO-", ["CO2"], 8), ("C3H7OH", ["CO2"], 18), ("C2H4", ["CO"], 8),
        ("NH3", ["N2"], 3), ("NH4+", ["N2"], 3), ("N2H4", ["N2"], 4),
        ("NH3", ["NO3-"], 8), ("NH4+", ["NO3-"], 8), ("NO2-", ["NO3-"], 2), ("N2", ["NO3-"], 10),
        ("NH3", ["NO2-"], 6), ("NH3", ["NO"], 5), ("CON2H4", ["CO2", "NO3-"], 16),
        ("H2", ["H2O"], 2), ("H2", ["H+"], 2), ("H2O2", ["O2"], 2), ("H2O", ["O2"], 2),
        ("O2", ["H2O"], -4), ("O2", ["OH-"], -4), ("H2O2", ["H2O"], -2), ("Cl2", ["Cl-"], -2),
        ("NO3-", ["N2"], -5), ("CO2", ["CH3OH"], -6),
    ],
)  # fmt: skip
def test_electrons_per_molecule(product, reactants, electrons):
    assert half_reaction(product, reactants).electrons == electrons


@pytest.mark.parametrize(
    "product, reactants, says",
    [
        ("CO", [], "name its reactant"),
        ("CO", ["N2"], "holds N"),
        ("CO", ["CO2", "HCOO-"], "exactly one reactant, found 2"),
        ("NH3", ["H2O"], "exactly one reactant, found 0"),
        ("HCO3-", ["CO2"], "takes no electrons"),
        ("*CO", ["CO2"], "not a molecule"),
        ("carbon monoxide", ["CO2"], "not a formula"),
    ],
)
def test_what_is_no_half_reaction(product, reactants, says):
    with pytest.raises(SampleError, match=says):
        half_reaction(product, reactants)
