"""Boundaries by hand, the map against brute force, and bulk iron against pymatgen."""

from math import log

import numpy as np
import pytest

from adatom.errors import AdatomError
from adatom.thermo.dissolution import NERNST_V, forms_of
from adatom.thermo.pourbaix import SiteState, boundaries, planes, pourbaix_map, she
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

KT = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K
CO_N4 = (
    SiteState("*", (), -3.0, 0.0, 0),
    SiteState("*OH", (), -3.0 + 1.0, 0.2, 1),
    SiteState("*O", (), -3.0 + 2.6, 0.2, 2),
    SiteState("empty", ("Co",), 0.0, 0.0, 0),
    SiteState("empty, 2 H", ("Co",), -2.0, 0.2, -2),
)


def test_coverage_and_dissolution_boundaries_are_those_by_hand():
    """At pH 0: two H leave at -1.0/2; *OH costs 1.0; * + Co++ against *OH by kT ln a."""
    ion = 2 * -0.28 + KT * log(1e-6)
    chain = boundaries(planes(CO_N4, 1e-6), 0.0)
    assert [b.below for b in chain[:3]] == ["empty, 2 H + Co(s)", "*", "*OH"]
    by_hand = [(-3.0 + 2.0) / 2.0, 1.0, ion + 2.0]
    assert [b.potential_V_she for b in chain[:3]] == pytest.approx(by_hand)
    assert chain[2].above == "empty + Co++"


def test_proton_exchange_has_no_potential_only_a_pH():
    """* + 2 H+ -> empty, 2 H + Co++ moves no electron: vertical at the pH found by hand."""
    gain = -2.0 + 2 * (-0.28) + KT * log(1e-6) - (-3.0)
    pH = -gain / (2.0 * NERNST_V)
    for offset, expected in ((-0.05, "empty, 2 H + Co++"), (0.05, "*")):
        diagram = pourbaix_map(
            "x", CO_N4, activity=1e-6, potentials_V=np.array([-0.1, 0.2]),
            pH=np.array([pH + offset]), scale="RHE",
        )  # fmt: skip
        assert [diagram.names[i] for i in diagram.lowest[:, 0]] == [expected] * 2


def test_adsorbates_follow_the_hydrogen_electrode():
    for pH in (0.0, 7.0, 13.0):
        whole = tuple(s for s in CO_N4 if not s.lost)
        first, second = boundaries(planes(whole, 1.0), pH)
        assert first.potential_V_rhe == pytest.approx(1.0)
        assert second.potential_V_rhe == pytest.approx(1.6)
        assert first.potential_V_she == pytest.approx(1.0 - NERNST_V * pH)


def test_the_map_is_the_lowest_of_all_planes_and_its_edges_are_the_boundaries():
    diagram = pourbaix_map("x", CO_N4, activity=1e-6)
    every = planes(CO_N4, 1e-6)
    rng = np.random.default_rng(1)
    for u, p in zip(rng.integers(0, 151, 40), rng.integers(0, 57, 40), strict=True):
        U, pH = diagram.potentials_V[u], diagram.pH[p]
        best = min(every, key=lambda plane: float(plane.at_eV(U, pH)))
        assert diagram.names[diagram.lowest[u, p]] == best.name
        whole = min(float(q.at_eV(U, pH)) for q in every if not q.lost)
        lost = min(float(q.at_eV(U, pH)) for q in every if q.lost)
        assert diagram.loss_energy_eV[u, p] == pytest.approx(lost - whole, abs=1e-9)
    column = diagram.lowest[:, 40]
    jumps = diagram.potentials_V[1:][np.diff(column) != 0]
    exact = [b.potential_V_she for b in boundaries(every, diagram.pH[40])]
    exact = [u for u in exact if -1.0 < u < 2.0]
    assert len(jumps) == len(exact)
    assert np.allclose(jumps, exact, atol=0.02)


def test_both_scales_show_one_map():
    pH = np.array([5.0])
    on_she = pourbaix_map("x", CO_N4, activity=1e-6, potentials_V=np.linspace(-1, 1, 21), pH=pH)
    on_rhe = pourbaix_map(
        "x", CO_N4, activity=1e-6, scale="RHE",
        potentials_V=np.linspace(-1, 1, 21) + NERNST_V * 5.0, pH=pH,
    )  # fmt: skip
    assert [on_she.names[i] for i in on_she.lowest[:, 0]] == [
        on_rhe.names[i] for i in on_rhe.lowest[:, 0]
    ]
    assert she(1.0, "RHE", 13.0) == pytest.approx(1.0 - 0.05916 * 13.0, abs=1e-4)
    with pytest.raises(AdatomError, match="SHE, RHE"):
        she(1.0, "NHE", 7.0)


def test_two_equal_metals_leave_in_one_form_and_a_pair_in_every_combination():
    twin = (SiteState("*", (), -4.0, 0.0, 0), SiteState("empty", ("Fe", "Fe"), 0.0, 0.0, 0))
    names = [p.name for p in planes(twin, 1e-6) if p.lost]
    assert "empty + Fe++ + Fe++" in names
    assert "empty + Fe++ + Fe+++" not in names
    mixed = (SiteState("*", (), -4.0, 0.0, 0), SiteState("empty", ("Co", "Fe"), 0.0, 0.0, 0))
    found = next(p for p in planes(mixed, 1.0) if p.name == "empty + Co++ + Fe+++")
    assert found.electrons == 5.0
    assert found.free_energy_eV == pytest.approx(2 * -0.28 + 2 * -0.447 + 0.771)


def test_bulk_iron_has_the_domains_that_pymatgen_finds():
    """The same numbers through an independent program: pymatgen's Pourbaix machinery."""
    module = pytest.importorskip("pymatgen.analysis.pourbaix_diagram")
    from pymatgen.analysis.phase_diagram import PDEntry
    from pymatgen.core import Composition
    from pymatgen.core.ion import Ion

    entries, ours = [], {}
    for f in forms_of("Fe"):
        formula = f.name.removesuffix("(s)")
        core = formula.rstrip("+-")
        charge = formula.count("+") - formula.count("-")
        iron, oxygen = Composition(core)["Fe"], Composition(core)["O"]
        energy = iron * f.free_energy_eV + oxygen * module.MU_H2O
        if f.phase == "aq":
            ion = Ion(Composition(core), charge)
            entry = module.PourbaixEntry(module.IonEntry(ion, energy), f.name, concentration=1e-6)
        else:
            entry = module.PourbaixEntry(PDEntry(Composition(core), energy), f.name)
        entries.append(entry)
        ours[entry.name] = f.name
    diagram = module.PourbaixDiagram(entries, filter_solids=False)
    states = (
        SiteState("*", (), 50.0, 0.0, 0),
        SiteState("empty", ("Fe",), 0.0, 0.0, 0),
    )
    every = planes(states, 1e-6)
    compared = 0
    for pH in np.linspace(0.3, 13.7, 12):
        for U in np.linspace(-1.2, 1.7, 14):
            ordered = sorted((float(p.at_eV(U, pH)), p.name) for p in every)
            if ordered[1][0] - ordered[0][0] < 0.02:
                continue  # on a boundary either is right (constants differ in the 4th digit)
            theirs = diagram.get_stable_entry(pH, U)
            assert ordered[0][1] == f"empty + {theirs.entry_id}", (pH, U)
            compared += 1
    assert compared > 120
