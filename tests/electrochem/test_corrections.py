import numpy as np
import pytest

from adatom.electrochem.corrections import (
    MeasuredSweep,
    per_area,
    to_rhe,
    without_background,
    without_ohmic_drop,
)
from adatom.errors import CurveError, SampleError


def sweep(current=None, low=-0.8, label="O2", **more):
    potential = np.linspace(0.1, low, 400)
    current = np.full(400, -1e-3) if current is None else current
    return MeasuredSweep(label, potential, current, **more)


def resolved(one, ohm=20.0, fraction=1.0, compensated=0.0):
    return without_ohmic_drop(one, ohm, fraction=fraction, compensated=compensated, source="test")


def test_area_reference_and_ohmic_drop_by_hand():
    found = resolved(to_rhe(per_area(sweep(), 0.2), 0.95, "test"))
    assert found.density == pytest.approx(np.full(400, -5.0))
    # A cathodic current makes the electrode more positive than the instrument says.
    assert found.potential_V[0] == pytest.approx(0.1 + 0.95 + 1e-3 * 20.0)
    assert found.current_A is sweep().current_A or np.array_equal(
        found.current_A, sweep().current_A
    )
    assert [c.name for c in found.corrections] == ["area", "reference", "ohmic drop"]


def test_what_the_instrument_compensated_is_not_corrected_again():
    plain = to_rhe(per_area(sweep(), 0.2), 0.0, "test")
    assert resolved(plain, compensated=0.85).potential_V[0] == pytest.approx(0.1 + 0.15 * 0.02)
    assert resolved(plain, fraction=0.85, compensated=0.85).potential_V[0] == pytest.approx(0.1)
    with pytest.raises(SampleError, match=r"compensated 0\.85 of the resistance already"):
        resolved(plain, fraction=0.5, compensated=0.85)


def test_no_correction_twice_nor_out_of_order():
    done = resolved(to_rhe(per_area(sweep(), 0.2), 0.0, "test"))
    with pytest.raises(SampleError, match="'ohmic drop' after 'ohmic drop'"):
        resolved(done)
    with pytest.raises(SampleError, match="'area' after"):
        per_area(done, 0.2)


def test_background_is_subtracted_at_equal_potentials():
    charging = per_area(sweep(np.linspace(-1e-5, -3e-5, 400), label="N2"), 0.2)
    total = per_area(sweep(np.linspace(-1e-5, -3e-5, 400) - 1e-3), 0.2)
    found = without_background(total, charging)
    # At the ends by half a bin of the averaged background.
    assert found.density == pytest.approx(np.full(400, -5.0), abs=1e-3)


def test_a_background_that_does_not_fit_is_refused():
    done = per_area(sweep(scan_rate_mV_s=5.0), 0.2)
    with pytest.raises(SampleError, match="corrected for area, its background 'N2' for nothing"):
        without_background(done, sweep(label="N2"))
    with pytest.raises(SampleError, match=r"20 mV/s"):
        without_background(done, per_area(sweep(label="N2", scan_rate_mV_s=20.0), 0.2))
    with pytest.raises(CurveError, match="covers -0"):
        without_background(done, per_area(sweep(label="N2", low=-0.4), 0.2))
    turned = MeasuredSweep("N2", np.linspace(-0.8, 0.1, 400), np.full(400, 1e-6))
    with pytest.raises(SampleError, match="opposite directions"):
        without_background(done, per_area(turned, 0.2))


@pytest.mark.parametrize("area", [0.0, -1.0, float("nan")])
def test_impossible_areas(area):
    with pytest.raises(SampleError, match="area_cm2 must be positive"):
        per_area(sweep(), area)


def test_a_density_before_the_area_is_asked_for_by_name():
    with pytest.raises(SampleError, match="area_cm2"):
        _ = sweep().density
