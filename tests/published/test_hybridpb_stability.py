"""Pourbaix map of the published Co-N4 set with its hole, from its own files.

Source: HybridPB (github.com/jhyeonjung97/HybridPB), examples/1_CoNC: VASP energies of Co-N4-C26,
of its hole (vac) and of the hole with two H (vac-h2); bulk Co from its reference energies; Co++
-12.800 kcal/mol (Pourbaix 1966). Published: the hybrid diagram at 1e-6 mol/L drawn at pH 2.15,
2.16, 2.17, 2.175, 2.18 and 2.2, around the pH at which the bare site takes over from vac-H2 +
Co++ (names of the example's figures). By hand from the raw numbers with the thermal terms of
that program: pH 2.176. Tolerance: 0.005 in pH with its terms, 0.001 V for our own boundaries.
"""

import json
import re
import shutil
from math import log

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

from adatom.energies.folder import CALCULATION_FILE
from adatom.errors import EnergyTableError
from adatom.thermo.dissolution import forms_of
from adatom.thermo.formation_folder import formations_from_folder
from adatom.thermo.formation_states import RIM_H_THERMAL_EV
from adatom.thermo.free_energies import THERMAL_EV
from adatom.thermo.pourbaix import SiteState, boundaries, planes, pourbaix_map
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

GASES = {"H2": -6.77149190, "H2O": -14.23091949}
STATES = {
    "clean": "clean", "oh": "OH", "o": "O", "mh": "H", "vac": "vac", "vac-h2": "vac-h2",
    "oh-oh-anti": "oh-oh-anti", "o-o-anti": "o-o-anti",
}  # fmt: skip
KT = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K


@pytest.fixture
def raw(data_folder):
    folder = data_folder / "dft" / "HybridPB_CoNC"
    energies = {s: read(folder / f"{s}.json").get_potential_energy() for s in STATES}
    text = (data_folder / "dft" / "HybridPB_reference_energies.jsonc").read_text()
    return energies, json.loads(re.sub(r"//.*", "", text))["Co"]


@pytest.fixture
def folder(data_folder, raw, tmp_path):
    """The set as a user would lay it out: files renamed, gases and bulk beside them."""
    source = data_folder / "dft" / "HybridPB_CoNC"
    home = tmp_path / "CoN4@graphene"
    home.mkdir()
    for name, state in STATES.items():
        shutil.copy(source / f"{name}.json", home / f"{state}.json")
    calculator = read(source / "clean.json").calc.name

    def put(atoms: Atoms, energy: float, path):
        atoms.calc = SinglePointCalculator(atoms, energy=energy)
        atoms.calc.name = calculator
        write(path, atoms, format="json")

    from ase.build import molecule

    for gas, energy in GASES.items():
        put(molecule(gas), energy, tmp_path / f"{gas}.json")
    metal = bulk("Co")
    put(metal, raw[1] * len(metal), tmp_path / "bulk-Co.json")
    return tmp_path


def test_the_published_pH_of_the_hole_with_its_own_terms(raw):
    """Their terms: H on a site 0.352 - 0.038, H2 0.268 - 0.408 + 0.0905 eV, Co++ of the Atlas."""
    energies, cobalt = raw
    hydrogen = (GASES["H2"] + 0.268 - 0.408 + 0.0905) / 2.0
    hole = energies["vac-h2"] + 2 * (0.352 - 0.038) - energies["vac"] - 2 * hydrogen
    formation = energies["clean"] - energies["vac"] - cobalt
    assert formation == pytest.approx(-3.0865, abs=1e-3)
    states = (
        SiteState("*", (), formation, 0.0, 0),
        SiteState("empty, 2 H", ("Co",), hole, 0.0, -2),
        SiteState("empty", ("Co",), 0.0, 0.0, 0),
    )
    ion = next(f for f in forms_of("Co") if f.name == "Co++")
    atlas = -12.800 / 23.061
    shift = atlas - ion.free_energy_eV  # 5 meV between the Atlas and the CRC Handbook
    assert abs(shift) < 0.01
    pH = np.arange(2.0, 2.4, 0.001)
    diagram = pourbaix_map(
        "Co-N4", [states[0], SiteState("empty, 2 H", ("Co",), hole + shift, 0.0, -2), states[2]],
        activity=1e-6, potentials_V=np.array([0.3]), pH=pH,
    )  # fmt: skip
    names = [diagram.names[i] for i in diagram.lowest[0]]
    crossing = pH[names.index("*")]
    assert set(names) == {"*", "empty, 2 H + Co++"}
    assert 2.17 <= crossing <= 2.18
    assert crossing == pytest.approx(2.176, abs=0.005)


def test_the_folder_gives_the_boundaries_computed_by_hand(folder, raw):
    (site,) = formations_from_folder(folder, allow=["unknown"])
    energies, cobalt = raw
    formation = energies["clean"] - energies["vac"] - cobalt
    assert site.formation_eV == pytest.approx(formation, abs=1e-6)
    hydroxide = (
        energies["oh"] - energies["clean"] - GASES["H2O"] + GASES["H2"] / 2 + THERMAL_EV["*OH"]
    )
    saturated = energies["vac-h2"] - energies["vac"] - GASES["H2"] + 2 * RIM_H_THERMAL_EV
    ion = 2 * -0.28 + KT * log(1e-6)
    chain = boundaries(planes(site.states, 1e-6), 0.0)
    found = {(b.below, b.above): b.potential_V_she for b in chain}
    # Co++ and two protons' hole against the empty hole; bulk Co against its ion.
    assert found["empty, 2 H + Co(s)", "empty, 2 H + Co++"] == pytest.approx(ion / 2, abs=1e-3)
    # Once protons are scarce: two H against the site, then the site covered on both faces.
    double = energies["oh-oh-anti"] - energies["clean"] - 2 * GASES["H2O"] + GASES["H2"]
    double += 2 * THERMAL_EV["*OH"]
    chain = boundaries(planes(site.states, 1e-6), 7.0)
    found = {(b.below, b.above): b.potential_V_rhe for b in chain}
    assert found["empty, 2 H + Co(s)", "*"] == pytest.approx((formation - saturated) / 2, abs=1e-3)
    assert found["*", "*OH*OH (oh-oh-anti)"] == pytest.approx(double / 2, abs=1e-3)
    # One face only, as in the surface diagram.
    whole = [s for s in site.states if s.name in ("*", "*OH", "*O")]
    found = {(b.below, b.above): b for b in boundaries(planes(whole, 1e-6), 0.0)}
    assert found["*", "*OH"].potential_V_rhe == pytest.approx(hydroxide, abs=1e-3)


def test_coadsorbed_states_and_files_that_are_none_are_told_apart(folder):
    (site,) = formations_from_folder(folder, allow=["unknown"])
    double = site.state("*OH*OH (oh-oh-anti)")
    assert double.electrons == 2
    assert site.state("*O*O (o-o-anti)").electrons == 4
    assert site.state("empty, 2 H").lost == ("Co",)
    assert not any("not used" in n for n in site.source.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: (f / "bulk-Co.json").unlink(), "bulk-Co.extxyz"),
        (lambda f: (f / "CoN4@graphene" / "vac.json").unlink(), "no empty"),
        (
            lambda f: shutil.copy(f / "CoN4@graphene/O.json", f / "CoN4@graphene/vac-x.json"),
            "without metal",
        ),
        (
            lambda f: shutil.copy(f / "CoN4@graphene/O.json", f / "CoN4@graphene/oh-o.json"),
            "plus OH and O",
        ),
    ],
)
def test_what_is_missing_or_does_not_fit_is_named(folder, change, message):
    change(folder)
    with pytest.raises(EnergyTableError, match=message):
        formations_from_folder(folder, allow=["unknown"])


def test_the_calculation_file_is_optional(folder):
    assert not (folder / CALCULATION_FILE).exists()
