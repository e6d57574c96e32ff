"""Thermal terms against the partition function, ASE, and the tables of gases."""

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.thermochemistry import HarmonicThermo

from adatom.energies.vibrations import CM1_PER_EV, Vibrations, normal_modes
from adatom.errors import AdatomError
from adatom.thermo.adsorption_terms import adsorption_terms
from adatom.thermo.vibrational import (
    harmonic_terms,
    ideal_gas_terms,
    symmetry_number,
    water_vapour_pressure_Pa,
)
from adatom.units import BOLTZMANN_EV_K

JOULE_MOL_K = 8.314462618 / BOLTZMANN_EV_K
"""J/(mol K) of 1 eV/K."""


def with_modes(frequencies, atoms=None, rigid=0, label="x", state="*OH"):
    frequencies = np.array(frequencies, dtype=float)
    n = len(frequencies)
    return Vibrations(
        label=label, state=state, atoms=atoms or Atoms("Fe"), indices=(0,),
        hessian_eV_A2=np.zeros((n, n)), frequencies_cm1=frequencies, modes=np.zeros((n, 1, 3)),
        noise_cm1=np.zeros(n), max_force_eV_A=0.0, displacement_A=0.01, rigid_modes=rigid,
        rigid_cm1=0.0, engine="toy",
    )  # fmt: skip


def gas(name, frequencies):
    atoms = molecule(name)
    return with_modes(frequencies, atoms, 3 * len(atoms) - len(frequencies), name, "gas")


H2 = gas("H2", [4401.2])
H2O = gas("H2O", [1594.7, 3657.1, 3755.9])


@pytest.mark.parametrize("temperature", [50.0, 298.15, 1000.0])
def test_free_energy_is_minus_kT_ln_of_the_summed_partition_function(temperature):
    frequencies = [60.0, 300.0, 1200.0]
    terms = harmonic_terms(with_modes(frequencies), temperature_K=temperature)
    kT = BOLTZMANN_EV_K * temperature
    levels = np.arange(4000)
    free, energy = 0.0, 0.0
    for f in frequencies:
        ladder = f / CM1_PER_EV * (levels + 0.5)
        weights = np.exp(-(ladder - ladder[0]) / kT)
        free += -kT * np.log(weights.sum()) + ladder[0]
        energy += (ladder * weights).sum() / weights.sum()
    assert terms.free_energy_eV == pytest.approx(free, abs=1e-9)
    assert terms.zero_point_energy_eV + terms.heat_eV == pytest.approx(energy, abs=1e-9)


def test_agrees_with_ase_and_with_the_classical_limit():
    found = with_modes([80.0, 500.0, 3600.0])
    terms = harmonic_terms(found, temperature_K=400.0)
    ase = HarmonicThermo(np.array([80.0, 500.0, 3600.0]) / CM1_PER_EV)
    assert terms.free_energy_eV == pytest.approx(ase.get_helmholtz_energy(400.0, verbose=False))
    hot = harmonic_terms(found, temperature_K=1e5)
    # Classical: each oscillator holds kT in all.
    total = hot.zero_point_energy_eV + hot.heat_eV
    assert total == pytest.approx(3 * BOLTZMANN_EV_K * 1e5, rel=1e-3)


def test_low_modes_are_raised_in_heat_and_entropy_but_not_in_zero_point_energy():
    low, at = harmonic_terms(with_modes([5.0, 900.0])), harmonic_terms(with_modes([50.0, 900.0]))
    assert low.raised_modes == 1
    assert at.raised_modes == 0
    assert low.entropy_eV_K == pytest.approx(at.entropy_eV_K)
    assert low.heat_eV == pytest.approx(at.heat_eV)
    assert at.zero_point_energy_eV - low.zero_point_energy_eV == pytest.approx(22.5 / CM1_PER_EV)
    wider = harmonic_terms(with_modes([5.0, 900.0]), cutoff_cm1=100.0)
    assert wider.entropy_eV_K < low.entropy_eV_K


def test_soft_imaginary_modes_count_at_the_cutoff_and_unstable_ones_are_refused():
    soft = harmonic_terms(with_modes([-20.0, 900.0]))
    assert soft.entropy_eV_K == pytest.approx(
        harmonic_terms(with_modes([50.0, 900.0])).entropy_eV_K
    )
    assert soft.zero_point_energy_eV == pytest.approx(450.0 / CM1_PER_EV)
    with pytest.raises(AdatomError, match="300i cm"):
        harmonic_terms(with_modes([-300.0, 900.0]))
    saddle = harmonic_terms(with_modes([-300.0, 900.0]), saddle=True)
    assert saddle.free_energy_eV == pytest.approx(
        harmonic_terms(with_modes([900.0])).free_energy_eV
    )
    with pytest.raises(AdatomError, match="saddle has 1 imaginary"):
        harmonic_terms(with_modes([-300.0, -200.0, 900.0]), saddle=True)
    with pytest.raises(AdatomError, match="cutoff"):
        harmonic_terms(with_modes([900.0]), cutoff_cm1=0.0)


# r_e of Huber and Herzberg (1979); the G2 geometries are those of MP2.
BOND_LENGTHS_A = {"H2": 0.7414, "N2": 1.0977, "O2": 1.2075, "CO": 1.1283}


# Standard entropies at 298.15 K and 1 bar, J/(mol K): CODATA key values (Cox, Wagman, Medvedev
# 1989). Wavenumbers: fundamentals from Shimanouchi, NSRDS-NBS 39 (1972), omega_e of diatomics
# from Huber and Herzberg (1979). Tolerance: anharmonicity and rotational quantisation, which is
# largest for H2.
@pytest.mark.parametrize(
    ("name", "frequencies", "entropy", "tolerance"),
    [
        ("H2", [4401.2], 130.680, 1.0),
        ("H2O", [1594.7, 3657.1, 3755.9], 188.835, 0.5),
        ("N2", [2358.6], 191.609, 0.1),
        ("O2", [1580.2], 205.152, 0.1),
        ("CO", [2169.8], 197.660, 0.1),
        ("CO2", [667.4, 667.4, 1333.0, 2349.1], 213.785, 0.5),
        ("NH3", [950.0, 1627.0, 1627.0, 3337.0, 3444.0, 3444.0], 192.77, 0.7),
    ],
)
def test_entropies_of_gases_agree_with_codata(name, frequencies, entropy, tolerance):
    found = gas(name, frequencies)
    if name in BOND_LENGTHS_A:
        found.atoms.set_distance(0, 1, BOND_LENGTHS_A[name])
    terms = ideal_gas_terms(found)
    assert terms.entropy_eV_K * JOULE_MOL_K == pytest.approx(entropy, abs=tolerance)


def test_enthalpies_from_0_K_agree_with_codata():
    # H(298.15) - H(0): H2 8.468, H2O 9.905, N2 8.670 kJ/mol (Cox, Wagman, Medvedev 1989).
    for found, value in ((H2, 8.468), (H2O, 9.905), (gas("N2", [2358.6]), 8.670)):
        heat = ideal_gas_terms(found).heat_eV * JOULE_MOL_K / 1000.0
        assert heat == pytest.approx(value, abs=0.25)


def test_pressure_and_spin_enter_the_entropy():
    one = ideal_gas_terms(H2O)
    tenth = ideal_gas_terms(H2O, pressure_Pa=1e4)
    assert tenth.entropy_eV_K - one.entropy_eV_K == pytest.approx(BOLTZMANN_EV_K * np.log(10))
    singlet = ideal_gas_terms(gas("O2", [1580.2]), unpaired_electrons=0)
    triplet = ideal_gas_terms(gas("O2", [1580.2]))
    assert triplet.entropy_eV_K - singlet.entropy_eV_K == pytest.approx(BOLTZMANN_EV_K * np.log(3))


def test_atoms_that_are_no_free_molecule_and_imaginary_modes_are_refused():
    with pytest.raises(AdatomError, match="free molecule"):
        ideal_gas_terms(replace(H2O, rigid_modes=0))
    with pytest.raises(AdatomError, match="relax the molecule"):
        ideal_gas_terms(gas("H2O", [-100.0, 1594.7, 3657.1]))


@pytest.mark.parametrize(
    ("name", "sigma"),
    [("H2", 2), ("CO", 1), ("CO2", 2), ("H2O", 2), ("NH3", 3), ("CH4", 12), ("C2H4", 4),
     ("C6H6", 12), ("CH3OH", 1), ("H2O2", 2), ("HCOOH", 1), ("C2H6", 6)],
)  # fmt: skip
def test_symmetry_numbers(name, sigma):
    atoms = molecule(name)
    atoms.rotate(33, (3, 1, 2))
    assert symmetry_number(atoms) == sigma


# IAPWS-95 table values in Wagner and Pruss 2002 (10.1063/1.1461829): triple point, 298.15 K,
# normal boiling point.
@pytest.mark.parametrize(
    ("kelvin", "pascal", "relative"),
    [(273.16, 611.65, 2e-4), (298.15, 3169.9, 2e-4), (373.124, 101325.0, 2e-4)],
)
def test_vapour_pressure_of_water(kelvin, pascal, relative):
    assert water_vapour_pressure_Pa(kelvin) == pytest.approx(pascal, rel=relative)
    with pytest.raises(AdatomError, match="liquid water"):
        water_vapour_pressure_Pa(200.0)


def test_the_gas_terms_are_those_that_the_field_uses():
    # Norskov et al. 2004, Table 1: H2 ZPE 0.27, TS 0.41; H2O (0.035 bar) ZPE 0.56, TS 0.67 eV.
    terms = adsorption_terms("x", {}, with_modes([200.0] * 3, state="*"), {"H2": H2, "H2O": H2O})
    h2, water = terms.details["H2"], terms.details["H2O"]
    assert h2.zero_point_energy_eV == pytest.approx(0.27, abs=0.01)
    assert 298.15 * h2.entropy_eV_K == pytest.approx(0.41, abs=0.01)
    assert water.zero_point_energy_eV == pytest.approx(0.56, abs=0.01)
    assert 298.15 * water.entropy_eV_K == pytest.approx(0.67, abs=0.01)


def test_an_adsorbate_term_is_its_own_minus_bare_minus_references():
    bare = with_modes([150.0, 200.0, 250.0], state="*")
    oh = with_modes([60.0, 120.0, 180.0, 200.0, 250.0, 320.0, 620.0, 850.0, 3650.0])
    found = adsorption_terms("FeN4@graphene", {"*OH": oh}, bare, {"H2": H2, "H2O": H2O})
    by_hand = (
        harmonic_terms(oh).free_energy_eV
        - harmonic_terms(bare).free_energy_eV
        - ideal_gas_terms(H2O, pressure_Pa=3169.9).free_energy_eV
        + 0.5 * ideal_gas_terms(H2).free_energy_eV
    )
    assert found.values_eV["*OH"] == pytest.approx(by_hand, abs=1e-5)
    # Typical modes of *OH give about the usual 0.35 eV.
    assert 0.2 < found.values_eV["*OH"] < 0.45
    assert "toy" in found.recorded
    assert "*OH +" in found.recorded


def test_engines_are_not_mixed_and_other_elements_have_no_reference():
    bare = with_modes([200.0] * 3, state="*")
    with pytest.raises(AdatomError, match="different engines"):
        adsorption_terms("x", {}, replace(bare, engine="b"), {"H2": H2, "H2O": H2O})
    with pytest.raises(AdatomError, match="no gas reference"):
        adsorption_terms("x", {"*CO": bare}, bare, {"H2": H2, "H2O": H2O})


def test_normal_modes_of_a_single_atom_are_all_rigid():
    found = normal_modes(Atoms("H"), [0], np.zeros((3, 3)), free=True)
    assert found["rigid_modes"] == 3
    assert len(found["frequencies_cm1"]) == 0
