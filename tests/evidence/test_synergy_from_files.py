"""From measured sweeps to S: pairs of known S, made with noise, drift, iR and wrong settings."""

import numpy as np
import pytest
from synergy_laboratory import AT, analysed, laboratory

from adatom.evidence.synergy import compare


def test_s_of_files_is_off_by_as_much_as_its_interval_says(tmp_path):
    """How often the interval holds the truth: python validation/synergy_coverage.py."""
    rng = np.random.default_rng(11)
    off = []
    for synergy in (0.5, 1.0, 2.0, 5.0) * 8:
        pair, *singles = laboratory(tmp_path, synergy, rng)
        found = compare(pair, singles, at_V_rhe=AT, draws=2000).synergy
        low, high = found.interval_95
        off.append(np.log(found.value / synergy) / (np.log(high / low) / 3.92))
    off = np.array(off)
    # The mean of n normal errors has sd 1/sqrt(n), their mean square sqrt(2/n).
    assert abs(off.mean()) < 2.5 / np.sqrt(off.size)
    assert abs((off**2).mean() - 1.0) < 2.5 * np.sqrt(2.0 / off.size)


def test_one_reference_electrode_narrows_the_interval(tmp_path):
    rng = np.random.default_rng(2)
    metal = {"Fe": 1.5}

    def width(offset):
        files = [
            analysed(tmp_path, "pair", 0.1, metal, 0.95, rng),
            analysed(tmp_path, "fe", 0.1, metal, offset, rng),
        ]
        found = compare(files[0], files[1:], at_V_rhe=AT)
        low, high = found.synergy.interval_95
        assert any("its error is taken to be one" in n for n in found.notes) == (offset == 0.95)
        return np.log(high / low), {p.quantity: p.samples for p in found.parts}

    one, parts = width(0.95)
    two, apart = width(0.9501)
    assert len(parts["reference electrode"]) == 2
    assert len(apart["reference electrode"]) == 1
    # 2 mV are 7 % of j_k at 65 mV/dec, twice.
    assert two**2 - one**2 == pytest.approx(2 * (3.92 * 0.0709) ** 2, rel=0.4)
