import numpy as np
import pytest

from adatom.errors import AdatomError
from adatom.reactions import load_network
from adatom.thermo.free_energies import apply_corrections, formation_energy_eV
from adatom.thermo.limiting import (
    equilibrium_potential_V,
    free_energy_diagram,
    limiting_potential,
)
from adatom.thermo.sources import require_corrections


def scaled(hydroxide, offset):
    return {"*OH": hydroxide, "*O": 2.0 * hydroxide, "*OOH": hydroxide + offset}


def test_equilibrium_potentials():
    assert equilibrium_potential_V(load_network("ORR").paths[0]) == pytest.approx(1.23)
    assert equilibrium_potential_V(load_network("ORR").paths[1]) == pytest.approx(0.70)
    assert equilibrium_potential_V(load_network("OER").paths[0]) == pytest.approx(1.23)
    assert equilibrium_potential_V(load_network("HER").paths[0]) == pytest.approx(0.0)


def test_the_ideal_oxygen_electrode_has_no_overpotential(orr):
    ideal = {"*OH": 1.23, "*O": 2.46, "*OOH": 3.69}
    assert limiting_potential(orr.paths[0], ideal).overpotential_V == pytest.approx(0.0, abs=1e-12)
    oer = load_network("OER")
    assert limiting_potential(oer.paths[0], ideal).overpotential_V == pytest.approx(0.0, abs=1e-12)


def test_oxidations_and_reductions_of_one_site_bracket_equilibrium(orr):
    site = {"*OH": 0.7, "*O": 2.0, "*OOH": 3.9}
    reduction = limiting_potential(orr.paths[0], site)
    oxidation = limiting_potential(load_network("OER").paths[0], site)
    assert reduction.limiting_potential_V_rhe < 1.23 < oxidation.limiting_potential_V_rhe
    assert oxidation.limiting_potential_V_rhe == pytest.approx(1.9)
    assert oxidation.determining_step == "*O -> *OOH"


def test_hydrogen_evolution_is_limited_by_the_distance_from_zero():
    path = load_network("HER").paths[0]
    assert limiting_potential(path, {"*H": 0.2}).overpotential_V == pytest.approx(0.2)
    assert limiting_potential(path, {"*H": -0.3}).overpotential_V == pytest.approx(0.3)


def test_the_diagram_closes_on_the_overall_reaction(orr):
    diagram = free_energy_diagram(orr.paths[0], scaled(0.9, 3.2), potential_V=0.0)
    assert diagram.levels_eV[-1] == pytest.approx(-4.92)
    assert diagram.labels == ("*", "*OOH", "*O", "*OH", "*")
    at_equilibrium = free_energy_diagram(orr.paths[0], scaled(0.9, 3.2), potential_V=1.23)
    assert at_equilibrium.levels_eV[-1] == pytest.approx(0.0, abs=1e-12)


def test_every_step_is_downhill_just_below_the_limiting_potential(orr):
    for hydroxide in np.linspace(0.2, 1.8, 9):
        site = scaled(hydroxide, 3.2)
        limit = limiting_potential(orr.paths[0], site).limiting_potential_V_rhe
        below = free_energy_diagram(orr.paths[0], site, potential_V=limit - 1e-6)
        above = free_energy_diagram(orr.paths[0], site, potential_V=limit + 1e-6)
        assert np.diff(below.levels_eV).max() < 0.0 < np.diff(above.levels_eV).max()


def test_the_standard_hydrogen_scale_shifts_by_59_mv_per_ph(orr):
    site = scaled(0.9, 3.2)
    rhe = free_energy_diagram(orr.paths[0], site, potential_V=0.8)
    she = free_energy_diagram(
        orr.paths[0], site, potential_V=0.8 - 0.05916 * 13, scale="SHE", pH=13.0
    )
    assert she.levels_eV == pytest.approx(rhe.levels_eV, abs=1e-4)


def test_references_of_adsorbates():
    gas = {"H2": -6.0, "H2O": -14.0}
    assert formation_energy_eV("*H", -103.0, -100.0, gas) == pytest.approx(0.0)
    assert formation_energy_eV("*OH", -100.0 - 14.0 + 3.0, -100.0, gas) == pytest.approx(0.0)
    assert formation_energy_eV("*O", -100.0 - 14.0 + 6.0, -100.0, gas) == pytest.approx(0.0)
    assert formation_energy_eV("*OOH", -100.0 - 28.0 + 9.0, -100.0, gas) == pytest.approx(0.0)
    with pytest.raises(AdatomError, match="no reference for C"):
        formation_energy_eV("*CO", -1.0, 0.0, gas)


def test_corrections_are_applied_only_by_name():
    electronic = {"*OH": 0.5, "*O": 1.5, "*OOH": 3.5, "*H": 0.0}
    plain = apply_corrections(electronic)
    assert plain == pytest.approx({"*OH": 0.85, "*O": 1.55, "*OOH": 3.90, "*H": 0.24})
    solvated = apply_corrections(electronic, ["solvation"])
    assert solvated["*OH"] == pytest.approx(0.55)
    assert solvated["*O"] == plain["*O"]
    with pytest.raises(AdatomError, match="solvation"):
        require_corrections(["magic"])
    with pytest.raises(AdatomError, match="packaged sites only"):
        require_corrections(["plane-waves"])
    with pytest.raises(AdatomError, match="named twice"):
        require_corrections(["solvation", "solvation"])
