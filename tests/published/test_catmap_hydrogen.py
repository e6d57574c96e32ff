"""CatMAP's hydrogen evolution tutorial on seven metals, as far as a chain of one site can say it.

Source: SUNCAT-Center/catmap, tutorials/electrochemistry/HER (energies by A. A. Peterson and J. H.
Montoya); README: without interactions "the peak of the volcano appears to be near Cu".
Conditions: -0.1 V vs RHE, H2 0.01 bar, symmetry factor 0.5; here 298.15 K instead of 300 K,
harmonic *H, *OH, *O, ideal-gas H2 and H2O (0.03 bar), transition states without thermal terms
(none are given), no hydrogen bonds. Volmer, Heyrovsky and the removal of *O and *OH need one
position: a chain. Tafel needs the coverage of a neighbour, which the chain does not have: it is
in the mean-field reference only. Values: the rates of an independent mean-field solution.
Tolerance: 1e-9 without Tafel.
"""

import ast
import csv

import numpy as np
import pytest
from ase import Atoms
from ase.thermochemistry import HarmonicThermo, IdealGasThermo
from ase.units import invcm
from scipy.optimize import brentq

from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_network
from adatom.units import BOLTZMANN_EV_K, BOLTZMANN_OVER_PLANCK_HZ_K

T, H2_BAR, H2O_BAR, BETA = 298.15, 0.01, 0.03, 0.5
KT, ATTEMPT = BOLTZMANN_EV_K * T, BOLTZMANN_OVER_PLANCK_HZ_K * T
NETWORK = """
name = "HER on a metal"
title = "hydrogen evolution"
overall = "2 H+ + 2 e- -> H2"
transported = []
potential_window_V_rhe = [-0.6, 0.0]
[[step]]
name = "Volmer"
equation = "* + H+ + e- -> *H"
[[step]]
name = "Heyrovsky"
equation = "*H + H+ + e- -> * + H2"
[[step]]
name = "O"
equation = "*O + H+ + e- -> *OH"
[[step]]
name = "OH"
equation = "*OH + H+ + e- -> * + H2O"
[[path]]
name = "Volmer-Heyrovsky"
equation = "2 H+ + 2 e- -> H2"
steps = ["Volmer", "Heyrovsky"]
"""


@pytest.fixture(scope="module")
def metals(data_folder):
    return read_metals(data_folder)


def read_metals(data_folder):
    """Metal -> free energies of states and transition states (eV) against H2 (1 bar), water."""
    file = data_folder / "microkinetics" / "catmap_electrochemistry__HER__HER_input.txt"
    rows = list(csv.DictReader(file.read_text().splitlines(), delimiter="\t"))
    gas = {r["species_name"]: r for r in rows if r["surface_name"] == "None"}
    straight = Atoms("H2", [[0, 0, 0], [0, 0, 0.75]])
    bent = Atoms("OH2", [[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]])
    hydrogen = ideal_gas_eV(gas["H2"], "linear", straight, 1.0)
    water = ideal_gas_eV(gas["H2O"], "nonlinear", bent, H2O_BAR)
    reference = {"H": hydrogen / 2, "O": water - hydrogen, "OH": water - hydrogen / 2}
    found = {}
    for row in rows:
        energies = found.setdefault(row["surface_name"], {})
        name, energy = row["species_name"], float(row["formation_energy"])
        if name in reference and row["surface_name"] != "None":
            thermal = HarmonicThermo(vibrations(row)).get_helmholtz_energy(T, verbose=False)
            energies[name] = energy + thermal - reference[name]
        elif "-" in name:
            energies[name] = energy
    return {metal: e for metal, e in found.items() if metal != "None"}


def ideal_gas_eV(row, geometry, atoms, bar):
    gas = IdealGasThermo(vibrations(row), geometry, atoms=atoms, symmetrynumber=2, spin=0)
    return gas.get_gibbs_energy(T, bar * 1e5, verbose=False)


def vibrations(row):
    return np.array(ast.literal_eval(row["frequencies"])) * invcm


def steps(metal):
    """Step -> reaction energy and barrier (None: not activated) at 0 V, eV."""
    h, o, oh = metal["H"], metal["O"], metal["OH"]
    return {
        "Volmer": (h, None),
        "Heyrovsky": (-h, metal["pe-H"] - h),
        "O": (oh - o, metal["O-pe"] - o),
        "OH": (-oh, metal["pe-OH"] - oh),
    }


def constants(change, barrier, electrons, potential):
    """Forward and backward constants as CatMAP defines them, in one's own words."""
    now = change + electrons * potential
    own = 0.0 if barrier is None else barrier + BETA * electrons * potential
    height = max(0.0, now, own)
    return ATTEMPT * np.exp(-height / KT), ATTEMPT * np.exp((now - height) / KT)


def mean_field(metal, potential, *, tafel):
    """H2 per site, 1/s, from the balance of *H; *O and *OH follow *, as nothing flows there."""
    s = steps(metal)
    k1, b1 = constants(*s["Volmer"], 1, potential)
    k2, b2 = constants(*s["Heyrovsky"], 1, potential)
    ratio_oh = np.exp((s["OH"][0] + potential) / KT)
    ratio_o = ratio_oh * np.exp((s["O"][0] + potential) / KT)
    k3 = b3 = 0.0
    if tafel:
        k3, b3 = constants(-2 * metal["H"], metal["H-H"] - 2 * metal["H"], 0, potential)
        b3 *= H2_BAR

    def rates(logit):
        h = 1.0 / (1.0 + np.exp(-logit))
        free = (1.0 / (1.0 + np.exp(logit))) / (1.0 + ratio_oh + ratio_o)
        volmer, heyrovsky = k1 * free - b1 * h, k2 * h - b2 * H2_BAR * free
        return volmer, heyrovsky, k3 * h**2 - b3 * free**2

    def balance(logit):
        volmer, heyrovsky, pair = rates(logit)
        return volmer - heyrovsky - 2.0 * pair

    logit = brentq(balance, -200.0, 200.0, xtol=1e-13, rtol=1e-14, maxiter=500)
    _, heyrovsky, pair = rates(logit)
    return heyrovsky, pair


def intrinsic_barriers_eV(metal):
    """Ga0 of every step; one that is not activated has Ga0 = 0: max(0, dG)."""
    return {
        name: 0.0 if barrier is None else max(0.0, barrier - BETA * change)
        for name, (change, barrier) in steps(metal).items()
    }


def chain(metal, potential, folder):
    path = folder / "her.toml"
    path.write_text(NETWORK)
    network = load_network(path)
    model = RateModel(step_barriers_eV=intrinsic_barriers_eV(metal))
    compiled = compile_network(network, model, activities={"H2": H2_BAR})
    energies = state_energies(network, {f"*{s}": metal[s] for s in ("H", "O", "OH")})
    return steady_states(compiled, energies, potential).net_fluxes_Hz[0, 0, 1]


@pytest.mark.parametrize("potential", [-0.1, -0.3])
def test_without_tafel_the_chain_is_the_mean_field(metals, tmp_path, potential):
    assert len(metals) == 7
    for name, metal in metals.items():
        reference, _ = mean_field(metal, potential, tafel=False)
        assert chain(metal, potential, tmp_path) == pytest.approx(reference, rel=1e-9), name


def test_copper_is_at_the_peak_as_catmap_says(metals, tmp_path):
    one_site = {name: chain(metal, -0.1, tmp_path) for name, metal in metals.items()}
    assert max(one_site, key=one_site.__getitem__) == "Cu"


def test_tafel_keeps_copper_at_the_peak_and_is_what_one_site_lacks(metals):
    """Rates that need pairs of *H carry nearly all of the current on metals that *H covers."""
    both = {n: mean_field(m, -0.1, tafel=True) for n, m in metals.items() if "H-H" in m}
    assert max(both, key=lambda n: sum(both[n])) == "Cu"
    share = {n: pair / (pair + single) for n, (single, pair) in both.items()}
    assert all(share[n] > 0.99 for n in ("Pt", "Pd", "Rh"))
    assert share["Au"] < 0.1
