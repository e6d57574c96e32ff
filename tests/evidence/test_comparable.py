"""What cannot be compared is refused by name, and the way out is named."""

from dataclasses import replace

import pytest
from synergy_samples import LIMIT, kinetic, result

from adatom.errors import AdatomError
from adatom.evidence.comparable import usable_potentials
from adatom.evidence.synergy import compare
from adatom.figure_of_merit import FigureOfMerit

METAL = {"Fe": 1.0}


def two(at=0.85, pair_kinetic=4.0, metal=METAL, **single):
    return compare(
        result("pair.json", pair_kinetic, METAL),
        [result("fe.json", 2.0, metal, **single)],
        at_V_rhe=at,
    )


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"electrolyte__name": "0.5 M H2SO4"}, "in the electrolyte 0.1 M KOH, fe.json 0.5 M H2SO4"),
        ({"measurement__reaction": "OER"}, "of the reaction ORR, fe.json OER"),
        ({"sweep": {"rotation_rpm": 900.0}}, "pair.json: 1600 rpm, fe.json: 900"),
        ({"sweep": {"rotation_rpm": None}}, "fe.json: the speed of rotation is not known"),
        ({"sweep": {"direction": "anodic"}}, "in the direction cathodic, fe.json anodic"),
        ({"sweep": {"normalisation": "ECSA"}}, "normalised by geometric area, fe.json ECSA"),
        ({"sweep": {"corrected_for": ("area", "reference")}}, "corrected for area, ref"),
        ({"resistance__compensated": 0.85}, "0 of the resistance .* fe.json: 0.85"),
        ({"loading": None}, "fe.json: turnover per metal atom needs loading.catalyst_mg_cm2"),
        ({"loading__metal_wt_percent": None}, "needs loading.metal_wt_percent"),
        ({"loading_sd": None, "measurement__reaction": None},
         "needs measurement.reaction, loading.catalyst_sd_mg_cm2"),
        ({"loading__metal_sd_wt_percent": {"Co": 0.1}}, "names Fe, but .* Co"),
        ({"measurement__reaction": "CER"}, "'CER' has no number of electrons"),
        ({"metal": {"Fe": 60.0, "Co": 50.0}}, "make up 110 %"),
        ({"metal": {"Fe": 1.0, "Zn": 0.1}}, "fe.json holds Fe and Zn"),
        ({"metal": {"Xx": 1.0}}, "'Xx' is no element"),
        ({"metal": {"Co": 1.0}}, "has single Co atoms, but pair.json has Fe"),
        ({"metal_relative_sd": 0.8}, "metal content .Fe. is known to 80 % only"),
    ],
)  # fmt: skip
def test_what_differs_or_is_missing_is_refused_by_name(settings, says):
    with pytest.raises(AdatomError, match=says):
        two(**settings)


def test_a_name_in_other_letters_is_the_same_electrolyte():
    assert two(electrolyte__name="0.1M koh").verdict == "helps"


def test_inactive_metals_are_left_out_where_they_are_named():
    pair = result("pair.json", 4.0, {"Fe": 1.0, "Zn": 0.2})
    single = result("fe.json", 2.0, {"Fe": 1.0, "Zn": 0.1})
    found = compare(pair, [single], at_V_rhe=0.85, inactive=["Zn"])
    assert found.synergy.value == pytest.approx(2.0)


def test_each_metal_needs_its_single_atom_and_only_one():
    pair = result("pair.json", 4.0, {"Fe": 1.0, "Co": 1.0})
    fe, other, co = (
        result(n, 2.0, {m: 1.0}) for n, m in (("a.json", "Fe"), ("b.json", "Fe"), ("c.json", "Co"))
    )
    with pytest.raises(AdatomError, match="no single atoms of Co were given"):
        compare(pair, [fe], at_V_rhe=0.85)
    with pytest.raises(AdatomError, match=r"a.json and b.json are both single Fe atoms"):
        compare(pair, [fe, other, co], at_V_rhe=0.85)
    with pytest.raises(AdatomError, match=r"c.json is given twice"):
        compare(pair, [fe, co, co], at_V_rhe=0.85)
    with pytest.raises(AdatomError, match="no single atom to compare with"):
        compare(pair, [], at_V_rhe=0.85)


def test_a_potential_at_which_j_k_is_not_known_names_the_sample_and_another_potential():
    # 60 mV/dec: at 0.85 V j/j_L of the pair is 0.9.
    with pytest.raises(AdatomError) as stop:
        two(pair_kinetic=9 * LIMIT)
    said = str(stop.value)
    assert said.startswith("pair.json: no kinetic current at 0.85 V vs RHE: j/j_L is 0.90")
    at = float(said.split("--at ")[1])
    # Between 0.8 of the pair and 0.1 of the single atom, j/j_L = 2/7.5 of which flows at 0.85 V.
    low = 0.85 + 0.060 * (0.954242509 - 0.602059991)
    high = 0.85 + 0.060 * (0.954242509 - 0.439332694)
    assert low < at < high
    assert f"{low:.3f} to {high:.3f} V" in said


def test_no_potential_for_all_says_what_each_would_do_with():
    with pytest.raises(AdatomError, match="no potential does for all"):
        two(pair_kinetic=1000 * LIMIT)


def test_the_usable_range_is_that_of_the_tafel_line():
    low, high = usable_potentials(result("fe.json", LIMIT, METAL).sweeps[0])
    assert high - 0.85 == pytest.approx(0.060 * 0.954242509, abs=1e-6)
    assert 0.85 - low == pytest.approx(0.060 * 0.602059991, abs=1e-6)


def test_a_potential_that_was_not_analysed_is_asked_for():
    with pytest.raises(AdatomError, match=r"pair.json: .* --kinetic-at 0\.8$"):
        two(at=0.8)


def test_an_open_interval_of_the_kinetic_current_is_refused():
    one = result("fe.json", 2.0, METAL)
    figure = kinetic(2.0, 0.85, 0.05, 0.0, 0.0)
    opened = replace(figure, interval_95=(None, None), reason="5 % of the draws have no value")
    one = replace(one, sweeps=(replace(one.sweeps[0], kinetic_mA_cm2=(opened,)),))
    with pytest.raises(AdatomError, match=r"fe.json: j_k at 0.85 V has no closed interval: 5 %"):
        compare(result("pair.json", 4.0, METAL), [one], at_V_rhe=0.85)


def test_what_is_taken_as_exact_and_what_differs_is_noted():
    notes = two(electrode__area_sd_cm2=None, sweep={"scan_rate_mV_s": 5.0}).notes
    assert any("fe.json: electrode.area_sd_cm2 was not given" in n for n in notes)
    assert any("scan rates differ" in n for n in notes)
    pair, single = result("pair.json", 4.0, METAL), result("fe.json", 2.0, METAL)
    number = FigureOfMerit(3.2, (3.1, 3.3))
    ring = [
        replace(r, sweeps=(replace(r.sweeps[0], figures={"electron_number": n}),))
        for r, n in ((pair, replace(number, value=3.95)), (single, number))
    ]
    notes = compare(ring[0], ring[1:], at_V_rhe=0.85).notes
    assert any("electron numbers differ (pair.json 3.95, fe.json 3.20)" in n for n in notes)
