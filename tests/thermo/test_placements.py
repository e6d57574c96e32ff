"""Energies of each metal of a site from the relaxations of an engine.

Energies are made up as a function of where the relaxed adsorbate sits, so that what must come out
is known: the least of those that sit there.
"""

from math import nan

import numpy as np
import pytest

from adatom.energies.compute import SiteEnergies
from adatom.energies.engines import Engine
from adatom.energies.store import Record
from adatom.errors import EngineError, NetworkError
from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.prediction.curves import predict_curves
from adatom.prediction.job import network_at
from adatom.reactions import load_network
from adatom.sites.adsorbates import classify, place_adsorbate, starting_geometries
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo import sources
from adatom.thermo.free_energies import electronic_formation_energies_eV, without_interactions
from adatom.thermo.placements import lowest_of_all, lowest_on_each
from adatom.thermo.sources import from_engine

ENGINE = Engine(
    name="toy", description="toy", versions={}, settings={}, citations=(), max_force_eV_A=0.05,
    max_steps=10, spin_resolved=False, prerelax=None, calculator=None,
)  # fmt: skip
GASES = {"H2": -6.7, "H2O": -14.2}
BOUND = {"*OOH": -14.5, "*O": -5.5, "*OH": -10.2, "*H": -3.3}
"""Electronic energy of each adsorbate on the first metal, against the bare site, eV."""
BRIDGING = """
name = "ORR with a bridging *O"
overall = "O2 + 4 H+ + 4 e- -> 2 H2O"
include = ["ORR"]
transported = ["O2", "H2O2"]
byproduct = "H2O2"
optional = ["*O*"]
potential_window_V_rhe = [0.2, 1.23]
[[step]]
name = "*O slides"
equation = "*O + * -> *O*"
bep_slope = 0.5
bep_intercept_eV = 0.0
[[path]]
name = "4e associative"
equation = "O2 + 4 H+ + 4 e- -> 2 H2O"
steps = ["O2 -> *OOH", "*OOH -> *O", "*O -> *OH", "*OH -> H2O"]
"""


def second_is_weaker(adsorbate, metals):
    """0.3 eV less on the second metal, 0.1 eV less over both."""
    return BOUND[adsorbate] + {(0,): 0.0, (1,): 0.3, (0, 1): 0.1}[metals]


def computed(text, adsorbates, energy_eV=second_is_weaker, *, moved=None, failed=()):
    """What an engine would give: every start, ended where ``moved`` says (start -> position)."""
    site = parse_site(text)
    bare = build_site(site)

    def record(state, position, energy, outcome, metals=()):
        return Record(
            f"{state}{position}", text, state, position, "toy", energy, outcome, metals, 1, 0.01,
            True, (), None, 0.0, {}, {},
        )  # fmt: skip

    lowest, others = {}, []
    for adsorbate in adsorbates:
        found = []
        for n, (position, start) in enumerate(starting_geometries(bare, adsorbate)):
            end = (moved or {}).get((adsorbate, position.split()[0]))
            atoms = start if end is None else place_adsorbate(bare, adsorbate, end)
            if (adsorbate, position.split()[0]) in failed:
                found.append((record(adsorbate, position, nan, "failed"), atoms))
                continue
            bond = classify(atoms)
            energy = energy_eV(adsorbate, bond.metals) if bond.metals else -1.0
            found.append(
                (record(adsorbate, position, energy + 0.001 * n, bond.outcome, bond.metals), atoms)
            )
        kept = [f for f in found if f[0].outcome == "adsorbed"]
        best = min(kept, key=lambda f: f[0].energy_eV) if kept else None
        if best is not None:
            lowest[adsorbate] = best
        others += [f for f in found if f is not best]
    gases = {gas: (record(gas, "", energy, "relaxed"), bare) for gas, energy in GASES.items()}
    lost = {a: "does not stay" for a in adsorbates if a not in lowest}
    home = (record("*", "", 0.0, "relaxed"), bare)
    return SiteEnergies(site, ENGINE, home, lowest, tuple(others), gases, lost=lost)


def energies(result, network):
    placed = lowest_on_each(result, network)
    return placed, electronic_formation_energies_eV(result, placed.minima)


def test_each_metal_has_its_own_lowest_minimum(orr):
    result = computed("FeCoN6@graphene", orr.required)
    placed, found = energies(result, orr)
    assert placed.positions == ("Fe", "Co")
    assert set(found) == {f"{s}@{m}" for s in orr.required for m in ("Fe", "Co")}
    for adsorbate in orr.required:
        # Starts of one metal differ by 1 meV each: the lowest of them counts.
        assert found[f"{adsorbate}@Co"] - found[f"{adsorbate}@Fe"] == pytest.approx(0.3, abs=0.01)
    for name, (record, atoms) in placed.minima.items():
        metal = {"Fe": (0,), "Co": (1,)}[name.partition("@")[2]]
        assert classify(atoms).metals == record.bound_metals == metal


def test_the_least_over_positions_and_bridges_is_the_lowest_of_today(orr, tmp_path):
    path = tmp_path / "bridging.toml"
    path.write_text(BRIDGING)
    network = load_network(path)
    result = computed("FeCoN6@graphene", orr.required)
    today = electronic_formation_energies_eV(result, lowest_of_all(result, orr).minima)
    _, found = energies(result, network)
    for adsorbate in orr.required:
        own = [e for n, e in found.items() if n.startswith((f"{adsorbate}@", f"{adsorbate}*@"))]
        assert min(own) == today[adsorbate]
    assert found["*O*@Co-Fe"] == pytest.approx(found["*O@Fe"] + 0.1, abs=0.01)
    assert "*OH*@Co-Fe" not in found


def test_equal_metals_have_equal_energies(orr):
    result = computed("Fe2N6@graphene", orr.required)
    placed, found = energies(result, orr)
    assert placed.positions == ("Fe", "Fe")
    assert set(found) == {f"{s}@Fe" for s in orr.required}


def test_a_pair_of_equal_metals_is_two_single_atoms(orr, monkeypatch):
    """Said to be without interaction, and with steps at one position only: exact, 1e-10."""
    single, pair = (
        computed(text, orr.required, lambda a, _: BOUND[a])
        for text in ("FeN4@graphene", "Fe2N6@graphene")
    )
    monkeypatch.setattr(sources, "compute_energies", lambda *a, **k: [single, pair])
    one, two = from_engine(
        [single.site, pair.site], orr, engine_name="toy", store=None, sd_eV=0.2,
        placements=lowest_on_each,
    )  # fmt: skip
    assert one.positions == ("*",)
    assert one.source.description == two.source.description
    two = without_interactions(two, network_at(orr, two))
    turnovers = []
    for free in (one, two):
        network = network_at(orr, free)
        # The step over two positions is what a pair has beyond its atoms: out of the way here.
        barriers = {"*OOH splits": 5.0} if len(free.positions) > 1 else {}
        compiled = compile_network(network, RateModel(step_barriers_eV=barriers))
        nominal = state_energies(network, free.values_eV)
        states = steady_states(compiled, nominal, np.array([0.7, 0.9]))
        electrons = np.array([s.electrons for s in network.steps])
        turnovers.append(states.net_fluxes_Hz[0] @ electrons)
    assert turnovers[1] == pytest.approx(2.0 * turnovers[0], rel=1e-10)


def test_where_it_sits_is_told_from_the_relaxed_structure(orr):
    """A start atop cobalt that slid to iron is a minimum on iron."""
    moved = {("*O", "atop-2"): "atop-1", ("*O", "atop-1"): "atop-2"}
    _, found = energies(computed("FeCoN6@graphene", orr.required, moved=moved), orr)
    assert found["*O@Co"] - found["*O@Fe"] == pytest.approx(0.3, abs=0.01)


def test_what_leaves_a_metal_has_no_energy_there_and_is_said(orr, monkeypatch):
    result = computed("FeCoN6@graphene", orr.required, moved={("*O", "atop-2"): "bridge"})
    placed, found = energies(result, orr)
    assert "*O@Co" not in found
    assert "*O does not stay on Co (atop-2 to Fe+Co)" in placed.caution
    monkeypatch.setattr(sources, "compute_energies", lambda *a, **k: [result])
    (free,) = from_engine(
        [result.site], orr, engine_name="toy", store=None, sd_eV=0.2, placements=lowest_on_each
    )
    assert free.source.caution == placed.caution
    assert "*O" not in "".join(n for n in network_at(orr, free).energy_names if "@Co" in n[:5])


def test_a_failed_start_is_no_evidence_and_refused(orr):
    result = computed("FeCoN6@graphene", orr.required, failed={("*O", "atop-2")})
    with pytest.raises(EngineError, match=r"no energy of \*O on Co of FeCoN6.*atop-2 failed"):
        lowest_on_each(result, orr)


def test_a_metal_nothing_was_started_on_is_refused(orr):
    result = computed("FeCoN6@graphene", orr.required)
    fewer = tuple(f for f in result.others if not f[0].position.startswith("atop-2"))
    with pytest.raises(EngineError, match=r"on Co of FeCoN6.*no relaxation started there"):
        lowest_on_each(
            SiteEnergies(result.site, ENGINE, result.bare, result.lowest, fewer, result.gases), orr
        )


def test_an_adsorbate_that_only_bridges_is_refused_without_a_state_for_it(orr):
    moved = {("*O", f"atop-{n}"): "bridge" for n in (1, 2)}
    with pytest.raises(EngineError, match=r"no single metal of FeCoN6@graphene holds \*O"):
        lowest_on_each(computed("FeCoN6@graphene", orr.required, moved=moved), orr)


def test_a_bridge_below_both_metals_is_a_caution_and_one_above_a_note(orr):
    def bridge_wins(adsorbate, metals):
        return second_is_weaker(adsorbate, metals) - 0.5 * (len(metals) == 2 and adsorbate == "*O")

    placed, _ = energies(computed("FeCoN6@graphene", orr.required, bridge_wins), orr)
    assert "*O over Fe+Co lies -0.40 eV" in placed.caution
    assert any("*OH over Fe+Co lies +0.1" in note for note in placed.notes)


def test_far_metals_are_said_to_be_far(her):
    placed, _ = energies(computed("FeN4+CoN4@graphene", her.required), her)
    assert "Fe and Co are" in placed.caution


def test_computed_positions_run_through_the_whole_chain(orr, koh, monkeypatch):
    result = computed("FeCoN6@graphene", orr.required)
    monkeypatch.setattr(sources, "compute_energies", lambda *a, **k: [result])
    (free,) = from_engine(
        [result.site], orr, engine_name="toy", store=None, sd_eV=0.2, placements=lowest_on_each,
        corrections=("solvation",),
    )  # fmt: skip
    # -10.2 - (-14.2 + 3.35) eV, thermal +0.35 and solvation -0.30 eV
    assert free.values_eV["*OH@Fe"] == pytest.approx(-10.2 + 14.2 - 3.35 + 0.35 - 0.30, abs=2e-3)
    assert "thermal (dZPE - T dS, usual values): *OOH +0.40 eV, *O +0.05 eV, *OH +0.35 eV" in (
        free.source.corrections
    )
    with pytest.raises(NetworkError, match="--lateral zero"):
        predict_curves([free], network=orr, electrolyte=koh)
    said = without_interactions(free, network_at(orr, free))
    prediction = predict_curves([said], network=orr, electrolyte=koh, draws=40)
    assert len(prediction.results[0].network.positions) == 2
