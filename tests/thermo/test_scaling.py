"""Deviation from a scaling line and what it buys, where both are known."""

import numpy as np
import pytest

from adatom.errors import AdatomError
from adatom.provenance import EnergySource
from adatom.reactions import load_network
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.scaling import scaling_deviation, scaling_line
from adatom.thermo.scaling_relations import has_one_metal, scaling_relations

SOURCE = EnergySource("table", "test")
METALS = ("Mn", "Fe", "Co", "Ni", "Cu", "Ru", "Rh")
OH = (0.35, 0.62, 0.98, 1.82, 1.55, 0.15, 0.92)


def site(label, values, sd=0.05, correlation=0.0):
    return FreeEnergies(label, values, dict.fromkeys(values, sd), SOURCE, correlation)


def oxygen(label, hydroxide, oxide, peroxide, **how):
    return site(label, {"*OH": hydroxide, "*O": oxide, "*OOH": peroxide}, **how)


@pytest.fixture
def singles():
    """Single atoms on dG_OOH = dG_OH + 3.2 and dG_O = 2 dG_OH + 0.4."""
    return [
        oxygen(f"{m}N4@graphene", x, 2 * x + 0.4, x + 3.2) for m, x in zip(METALS, OH, strict=True)
    ]


def test_the_universal_line_is_found(singles):
    line = scaling_line(singles, "*OH", "*OOH")
    assert (line.intercept, line.slope) == pytest.approx((3.2, 1.0), abs=1e-9)
    assert scaling_line(singles, "*OH", "*O").slope == pytest.approx(2.0, abs=1e-9)


def test_the_errors_of_a_site_go_together(singles):
    """A shared error moves a site along a line of slope 1: it is no distance from it."""
    pair = {"label": "pair", "hydroxide": 1.0, "oxide": 2.4, "peroxide": 4.1}
    loose = scaling_deviation(oxygen(**pair), singles, "*OH", "*OOH")
    tight = scaling_deviation(oxygen(**pair, correlation=0.99), singles, "*OH", "*OOH")
    assert loose.distance_eV == pytest.approx(-0.1) == tight.distance_eV
    line = scaling_line(singles, "*OH", "*OOH")
    own = loose.prediction_sd_eV**2 - line.prediction_sd(1.0) ** 2
    assert own == pytest.approx(2 * 0.05**2)
    assert abs(tight.z) > 1.5 * abs(loose.z)
    assert loose.p_value == pytest.approx(line.two_sided_p(loose.z))


def test_a_dual_site_gains_what_the_arithmetic_says(singles):
    """At dG_OH = 1.23 eV the line forms *OOH at 0.49 V, the ideal offset of 2.46 eV at 1.23 V."""
    ideal = oxygen("Fe2N6@graphene", 1.23, 2.46, 3.69, sd=1e-6)
    found = scaling_deviation(ideal, singles, "*OH", "*OOH", path=load_network("ORR").paths[0])
    assert found.distance_eV == pytest.approx(-0.74)
    assert found.breaks
    assert found.gain.limiting_potential_V_rhe == pytest.approx(1.23)
    assert found.gain.on_line_V_rhe == pytest.approx(4.92 - 4.43)
    assert found.gain.gain_V == pytest.approx(0.74)
    low, high = found.gain.interval_95_V
    # Only the line is uncertain: 1.96 of its standard errors at 1.23 eV.
    half = 1.96 * float(scaling_line(singles, "*OH", "*OOH").prediction_sd(1.23))
    assert (low, high) == pytest.approx((0.74 - half, 0.74 + half), abs=0.1 * half)


def test_for_an_oxidation_a_lower_potential_is_the_gain(singles):
    """On the line *OOH forms from *O at 4.43 - 2.46 = 1.97 V, on the ideal site at 1.23 V."""
    ideal = oxygen("Fe2N6@graphene", 1.23, 2.46, 3.69)
    gain = scaling_deviation(ideal, singles, "*OH", "*OOH", path=load_network("OER").paths[0]).gain
    assert gain.limiting_potential_V_rhe == pytest.approx(1.23)
    assert gain.on_line_V_rhe == pytest.approx(1.97)
    assert gain.gain_V == pytest.approx(0.74)


def test_breaking_the_relation_where_another_step_limits_buys_nothing(singles):
    strong = oxygen("Fe2N6@graphene", 0.3, 0.6, 3.0)
    gain = scaling_deviation(strong, singles, "*OH", "*OOH", path=load_network("ORR").paths[0]).gain
    assert gain.gain_V == pytest.approx(0.0)
    assert gain.limiting_potential_V_rhe == pytest.approx(0.3)


def test_the_interval_is_seeded(singles):
    path, one = load_network("ORR").paths[0], oxygen("Fe2N6@graphene", 1.0, 2.2, 4.0)
    first, second = (scaling_deviation(one, singles, "*OH", "*OOH", path=path) for _ in range(2))
    assert first == second
    assert first.gain.interval_95_V[0] < first.gain.gain_V < first.gain.interval_95_V[1]


def test_a_site_is_no_judge_of_itself(singles):
    far = oxygen("CrN4@graphene", 1.1, 2.6, 5.3)
    alone = scaling_deviation(far, singles, "*OH", "*OOH")
    among = scaling_deviation(far, [*singles, far], "*OH", "*OOH")
    assert alone == among
    assert among.distance_eV == pytest.approx(1.0)


def test_sites_that_obey_break_as_rarely_as_they_should():
    rng = np.random.default_rng(2)
    broken = 0
    for _ in range(300):
        x = np.linspace(0, 2, 9) + 0.05 * rng.standard_normal(9)
        y = np.linspace(0, 2, 9) + 3.2 + 0.05 * rng.standard_normal(9)
        sites = [
            site(str(i), {"*OH": a, "*OOH": b}) for i, (a, b) in enumerate(zip(x, y, strict=True))
        ]
        broken += scaling_deviation(sites[4], sites, "*OH", "*OOH").breaks
    assert 0.02 <= broken / 300 <= 0.08


def test_single_atoms_are_known_by_their_notation():
    assert has_one_metal("FeN4@graphene")
    assert not any(map(has_one_metal, ("FeCoN6@graphene", "FeN4+Fe4@graphene", "my best site")))


def test_relations_of_a_table(singles):
    pair = oxygen("FeCoN6@graphene", 1.0, 2.0, 3.6)
    sites = [*singles, pair, site("HER only", {"*H": 0.1})]
    o, ooh = scaling_relations(sites, path=load_network("ORR").paths[0])
    assert [(r.x, r.y) for r in (o, ooh)] == [("*OH", "*O"), ("*OH", "*OOH")]
    assert ooh.line_sites == tuple(s.label for s in singles)
    assert o.slope_test.expected == pytest.approx(2.0)
    assert ooh.deviations[-1].site == "FeCoN6@graphene"
    assert ooh.deviations[-1].breaks
    assert not any(d.breaks for d in ooh.deviations[:-1])
    assert "no free energy of *OH, *OOH" in ooh.not_judged["HER only"]


def test_the_line_may_be_named_and_a_gain_needs_every_energy(singles):
    sites = [*singles[:4], site("FeCoN6@graphene", {"*OH": 1.0, "*OOH": 3.6})]
    (found,) = scaling_relations(
        sites, x="*OH", y=["*OOH"], line=[s.label for s in singles[:3]],
        path=load_network("ORR").paths[0],
    )  # fmt: skip
    assert found.line.points == 3
    assert [d.site for d in found.deviations] == ["NiN4@graphene", "FeCoN6@graphene"]
    assert found.deviations[0].gain is not None
    assert found.deviations[1].gain is None  # no *O
    assert "needs 3 sites" in found.not_judged["MnN4@graphene"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"x": "*CO"}, r"no site has a free energy of '\*CO'"),
        ({"y": ["*N"]}, r"no site has a free energy of '\*N'"),
        ({"x": "*OH", "y": ["*OH"]}, "stands on both axes"),
        ({"line": ["PtN4@graphene"] * 3}, "not among"),
        ({"line": ["MnN4@graphene"] * 3}, "named twice"),
        ({"line": ["MnN4@graphene", "FeN4@graphene"]}, "none of"),
    ],
)
def test_wrong_names_are_refused(singles, options, message):
    with pytest.raises(AdatomError, match=message):
        scaling_relations(singles, **options)


def test_too_few_single_atoms_ask_for_names(singles):
    with pytest.raises(AdatomError, match="name the sites of the line"):
        scaling_relations([*singles[:2], oxygen("FeCoN6@graphene", 1.0, 2.0, 3.6)])
    with pytest.raises(AdatomError, match="a relation needs two"):
        scaling_relations([site(s.label, {"*OH": s.values_eV["*OH"]}) for s in singles])


def test_missing_energies_and_other_paths_are_named(singles):
    with pytest.raises(AdatomError, match=r"no free energy of \*OOH"):
        scaling_deviation(site("a", {"*OH": 1.0}), singles, "*OH", "*OOH")
    bare = site("a", {"*OH": 1.0, "*OOH": 4.0})
    with pytest.raises(AdatomError, match=r"no free energy of \*O, which the path"):
        scaling_deviation(bare, singles, "*OH", "*OOH", path=load_network("ORR").paths[0])
    with pytest.raises(AdatomError, match="does not pass through both"):
        scaling_deviation(bare, singles, "*OH", "*OOH", path=load_network("HER").paths[0])
