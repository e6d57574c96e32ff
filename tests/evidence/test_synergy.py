"""S of a pair against its single atoms: the equation, its limits, and how often it is right."""

from dataclasses import replace

import numpy as np
import pytest
from synergy_samples import SLOPE_PER_V, result

from adatom.electrochem.reference import RheOffset
from adatom.evidence.activity import activity_of
from adatom.evidence.synergy import compare, synergy_of

FE, CO = 55.845, 58.933
PAIR = {"Fe": 1.2, "Co": 0.8}


def amounts(metals, loading):
    """mol per cm2, from mg per cm2 and percent."""
    mass = {"Fe": FE, "Co": CO}
    return {m: 1e-5 * loading * w / mass[m] for m, w in metals.items()}


def kinetic_of(turnover, metals, loading):
    """j_k / mA per cm2 of a turnover per metal atom, four electrons each."""
    return 1e3 * 4 * 96485.33212 * turnover * sum(amounts(metals, loading).values())


def made(synergy, *, fe=0.1, co=0.02, **settings):
    """Pair and singles of known turnover (s-1) and therefore known S."""
    held = amounts(PAIR, 0.2)
    x = {m: n / sum(held.values()) for m, n in held.items()}
    mixture = x["Fe"] * fe + x["Co"] * co
    return (
        result("pair.json", kinetic_of(synergy * mixture, PAIR, 0.2), PAIR, **settings),
        [
            result(
                "fe.json", kinetic_of(fe, {"Fe": 1.5}, 0.25), {"Fe": 1.5}, loading=0.25, **settings
            ),
            result(
                "co.json", kinetic_of(co, {"Co": 2.0}, 0.4), {"Co": 2.0}, loading=0.4, **settings
            ),
        ],
    )


def test_turnover_is_the_kinetic_current_per_metal_atom():
    # 1 mA/cm2 on 0.1 mg/cm2 with 1 wt% Fe: 1.7907e-8 mol/cm2, 4 F: 0.1447 per second.
    one = result("fe.json", 1.0, {"Fe": 1.0}, loading=0.1)
    found = compare(result("pair.json", 1.0, {"Fe": 1.0}, loading=0.1), [one], at_V_rhe=0.85)
    assert found.turnover_Hz["fe.json"].value == pytest.approx(0.14470, rel=1e-4)
    assert found.turnover_Hz["fe.json"].unit == "s-1"


@pytest.mark.parametrize("synergy", [0.5, 1.0, 2.0, 5.0])
def test_s_comes_back(synergy):
    pair, singles = made(synergy)
    assert compare(pair, singles, at_V_rhe=0.85).synergy.value == pytest.approx(synergy, rel=1e-4)


def test_a_pair_that_works_as_its_mixture_has_s_of_one():
    pair, singles = made(1.0)
    found = compare(pair, singles, at_V_rhe=0.85)
    assert found.verdict == "cannot tell"
    assert found.probability_above_1 == pytest.approx(0.5, abs=0.03)


def test_a_pair_of_one_metal_is_compared_with_that_metal():
    same = {"Fe": 1.5}
    pair = result("pair.json", 2.0, same, loading=0.25)
    found = compare(pair, [result("fe.json", 2.0, same, loading=0.25)], at_V_rhe=0.85)
    assert found.synergy.value == pytest.approx(1.0, abs=1e-12)
    assert found.pair.atomic_fractions == {"Fe": 1.0}


def test_twice_the_loading_with_twice_the_current_changes_nothing():
    pair, singles = made(2.0)
    value = pair.sweeps[0].kinetic_mA_cm2[1].value
    double = result("pair.json", 2 * value, PAIR, loading=0.4, loading_sd=0.02)
    a, b = (compare(p, singles, at_V_rhe=0.85).synergy for p in (pair, double))
    assert b.value == pytest.approx(a.value, rel=1e-12)
    assert b.interval_95 == pytest.approx(a.interval_95, rel=1e-12)


def test_the_interval_of_one_metal_is_that_of_errors_in_quadrature():
    metals = {"Fe": 1.0}
    pair = result("pair.json", 4.0, metals)
    found = compare(pair, [result("fe.json", 2.0, metals)], at_V_rhe=0.85, draws=400_000)
    sd = np.sqrt(2 * (0.05**2 + 0.05**2 + 0.05**2))  # current, loading and metal, twice each
    low, high = found.synergy.interval_95
    assert np.log(low) == pytest.approx(np.log(2.0) - 1.96 * sd, abs=0.003)
    assert np.log(high) == pytest.approx(np.log(2.0) + 1.96 * sd, abs=0.003)
    assert np.sqrt(sum(p.synergy_sd**2 for p in found.parts)) == pytest.approx(sd, rel=0.01)


def test_an_error_of_the_same_reference_electrode_cancels_between_equal_slopes():
    offset = RheOffset(0.95, 0.010, "Hg/HgO 1 M KOH")
    sd = abs(SLOPE_PER_V) * 0.010
    total = np.hypot(sd, 0.05)
    metals, exact = {"Fe": 1.0}, {"loading_sd": 0.0, "metal_relative_sd": 0.0}
    settings = exact | {"kinetic_sd": 0.05}
    pair = result("pair.json", 4.0, metals, reference=offset, **settings)

    def width(reference):
        single = result("fe.json", 2.0, metals, reference=reference, **settings)
        low, high = compare(pair, [single], at_V_rhe=0.85).synergy.interval_95
        return np.log(high / low) / 3.92

    assert width(offset) == pytest.approx(0.05 * np.sqrt(2), rel=0.03)
    other = RheOffset(0.95, 0.010, "another Hg/HgO")
    assert width(other) == pytest.approx(total * np.sqrt(2), rel=0.03)


def test_the_verdict_needs_the_interval_on_one_side_of_one():
    for synergy, verdict, words in (
        (2.0, "helps", "The pair helps"),
        (0.5, "hurts", "The pair hurts"),
        (1.1, "cannot tell", "These data cannot tell"),
    ):
        pair, singles = made(synergy)
        found = compare(pair, singles, at_V_rhe=0.85)
        low, high = found.synergy.interval_95
        assert found.verdict == verdict
        assert found.sentence.startswith(words)
        assert (low > 1.0, high < 1.0) == (verdict == "helps", verdict == "hurts")


def test_shrinking_what_the_verdict_names_by_what_it_says_decides():
    pair, singles = made(1.4, loading_sd=0.04, metal_relative_sd=0.02, kinetic_sd=0.02)
    found = compare(pair, singles, at_V_rhe=0.85)
    assert found.verdict == "cannot tell"
    part = found.parts[0]
    assert part.quantity == "catalyst loading"
    assert part.samples == ("pair.json",)
    for factor, verdict in ((0.93, "cannot tell"), (1.07, "helps")):
        values = dict(pair.sample.values)
        values["loading.catalyst_sd_mg_cm2"] /= factor * part.times_smaller
        better = replace(pair, sample=replace(pair.sample, values=values))
        assert compare(better, singles, at_V_rhe=0.85).verdict == verdict


def test_no_single_uncertainty_decides_where_all_are_alike():
    pair, singles = made(1.05)
    found = compare(pair, singles, at_V_rhe=0.85)
    assert all(p.times_smaller is None for p in found.parts)
    assert "no uncertainty alone decides it" in found.sentence
    every = found.all_times_smaller
    assert f"{every:.1f} times smaller; the largest is" in found.sentence
    for factor, verdict in ((0.93, "cannot tell"), (1.07, "helps")):
        smaller = 1 / (factor * every)
        pair, singles = made(1.05)
        activities = [activity_of(r, r.sweeps[0], 0.85) for r in (pair, *singles)]
        shrunk = [
            replace(
                a,
                below=a.below * smaller,
                above=a.above * smaller,
                parts={p: sd * smaller for p, sd in a.parts.items()},
            )
            for a in activities
        ]
        assert synergy_of(shrunk[0], shrunk[1:], at_V_rhe=0.85).verdict == verdict


def test_the_largest_uncertainty_stands_first():
    pair, singles = made(1.1, kinetic_sd=0.02, metal_relative_sd=0.01)
    singles[0] = replace(
        singles[0],
        sample=replace(
            singles[0].sample,
            values={**singles[0].sample.values, "loading.metal_sd_wt_percent": {"Fe": 0.3}},
        ),
    )
    part = compare(pair, singles, at_V_rhe=0.85).parts[0]
    assert (part.samples, part.quantity) == (("fe.json",), "metal content (Fe)")
    assert part.relative_sd == pytest.approx(0.2)


@pytest.mark.parametrize("synergy", [0.5, 1.0, 2.0, 5.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(synergy):
    """Every stated number is off by a draw of its stated error; the reference is one for all."""
    rng = np.random.default_rng(5)
    sd = {"kinetic": 0.06, "loading": 0.07, "metal": 0.08, "area": 0.02, "reference_V": 0.004}
    held = 0
    repeats = 400
    for _ in range(repeats):
        shift = sd["reference_V"] * rng.standard_normal()

        def off(one, shift=shift):
            values = dict(one.sample.values)
            factor = np.exp(sd["area"] * rng.standard_normal() + SLOPE_PER_V * shift)
            factor *= np.exp(sd["kinetic"] * rng.standard_normal())
            values["loading.catalyst_mg_cm2"] *= np.exp(sd["loading"] * rng.standard_normal())
            values["loading.catalyst_sd_mg_cm2"] = sd["loading"] * values["loading.catalyst_mg_cm2"]
            metals = {
                m: w * np.exp(sd["metal"] * rng.standard_normal())
                for m, w in values["loading.metal_wt_percent"].items()
            }
            values["loading.metal_wt_percent"] = metals
            values["loading.metal_sd_wt_percent"] = {m: sd["metal"] * w for m, w in metals.items()}
            true = one.sweeps[0].kinetic_mA_cm2[1].value
            seen = result(
                str(one.path), true * factor, {"Fe": 1.0}, kinetic_sd=sd["kinetic"],
                reference=RheOffset(0.95, sd["reference_V"], "one"), area_sd=sd["area"],
            )  # fmt: skip
            kept = {k: v for k, v in values.items() if k.startswith("loading")}
            return replace(seen, sample=replace(seen.sample, values={**seen.sample.values, **kept}))

        pair, singles = made(synergy, fe=0.06, co=0.05)
        activities = [activity_of(r, r.sweeps[0], 0.85) for r in map(off, (pair, *singles))]
        found = synergy_of(activities[0], activities[1:], at_V_rhe=0.85, draws=1500)
        low, high = found.synergy.interval_95
        held += low < synergy < high
    assert 0.92 <= held / repeats <= 0.98
