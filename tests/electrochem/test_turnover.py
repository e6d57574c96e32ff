"""Turnover frequency and mass activity against numbers worked out by hand, errors by sampling."""

import numpy as np
import pytest

from adatom.electrochem.bifunctional import bifunctional_gap
from adatom.electrochem.sample import load_sample
from adatom.electrochem.turnover import Electrons, turnovers
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit, no_figure

FOUR = Electrons(4, 0.0, "complete ORR")
J_K = FigureOfMerit(10.0, (8.0, 12.5), "", "mA/cm2", {"at_V_rhe": 0.85})


def test_by_hand():
    """10 mA/cm2 on 0.5 mg/cm2 with 2 % iron: 0.01 mg or 1.7905e-7 mol of iron a cm2."""
    sample = load_sample(None, ["loading.catalyst_mg_cm2=0.5", "loading.metal_wt_percent=Fe:2.0"])
    (found,) = turnovers([J_K], sample, FOUR)
    assert found.mass_activity_A_g.value == pytest.approx(20.0)
    assert found.metal_mass_activity_A_g.value == pytest.approx(1000.0)
    assert found.turnover_per_s.value == pytest.approx(
        10e-3 / (4 * 96485.33 * 0.01e-3 / 55.845), rel=1e-4
    )
    assert found.turnover_per_s.conditions["electrons_per_turnover"] == 4
    # Without errors of the loading the interval is the current's.
    low, high = found.mass_activity_A_g.interval_95
    assert (low, high) == pytest.approx((16.0, 25.0))


def test_errors_of_several_metals_as_a_sampling_has_them():
    sample = load_sample(
        None,
        ["loading.catalyst_mg_cm2=0.5", "loading.catalyst_sd_mg_cm2=0.02",
         "loading.metal_wt_percent=Fe:1.0,Co:0.5", "loading.metal_sd_wt_percent=Fe:0.06,Co:0.04"],
    )  # fmt: skip
    (found,) = turnovers([J_K], sample, Electrons(3.9, 0.01, "ring"))
    rng = np.random.default_rng(0)

    def normal(mean, sd):
        return mean + sd * rng.standard_normal(400_000)

    current = 10.0 * np.exp(np.log(1.25) / 1.96 * rng.standard_normal(400_000))
    moles = normal(1.0, 0.06) / 55.845 + normal(0.5, 0.04) / 58.933
    sites = normal(0.5e-3, 0.02e-3) * 0.01 * moles
    sampled = 1e-3 * current / (normal(3.9, 0.039) * 96485.33 * sites)
    expected = np.percentile(sampled, [2.5, 97.5])
    assert found.turnover_per_s.interval_95 == pytest.approx(tuple(expected), rel=0.01)


def test_what_is_missing_is_asked_for_by_name():
    with pytest.raises(SampleError, match=r"loading\.catalyst_mg_cm2"):
        turnovers([J_K], load_sample(None, ["loading.metal_wt_percent=Fe:2.0"]), FOUR)
    (found,) = turnovers([J_K], load_sample(None, ["loading.catalyst_mg_cm2=0.5"]), FOUR)
    assert found.mass_activity_A_g.value == pytest.approx(20.0)
    assert "loading.metal_wt_percent" in found.turnover_per_s.reason
    for text, message in (("Xx:2.0", "no element"), ("Fe:80,Co:40", "adds up to 120")):
        sample = load_sample(
            None, ["loading.catalyst_mg_cm2=0.5", f"loading.metal_wt_percent={text}"]
        )
        with pytest.raises(SampleError, match=message):
            turnovers([J_K], sample, FOUR)
    (none,) = turnovers([no_figure("no plateau")], load_sample(None, ["loading.catalyst_mg_cm2=1"]),
                        FOUR)  # fmt: skip
    assert none.mass_activity_A_g.reason == "no plateau"


def test_gap_of_a_bifunctional_electrode():
    half = FigureOfMerit(0.85, (0.846, 0.853), "", "V vs RHE")
    ten = FigureOfMerit(1.55, (1.546, 1.554), "", "V vs RHE")
    found = bifunctional_gap(half, ten)
    assert found.value == pytest.approx(0.70)
    assert found.interval_95 == pytest.approx((0.70 - 0.005, 0.70 + np.hypot(0.004, 0.004)))
    assert "does not reach" in bifunctional_gap(half, no_figure("does not reach 10")).reason
    open_side = bifunctional_gap(FigureOfMerit(0.85, (None, 0.853), "x", "V vs RHE"), ten)
    assert open_side.interval_95[1] is None
    assert open_side.interval_95[0] == pytest.approx(0.695)
    with pytest.raises(SampleError, match="V vs RHE"):
        bifunctional_gap(FigureOfMerit(850.0, (1, 2), "", "mV"), ten)
