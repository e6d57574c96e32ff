"""Calibration on simulated samples, short; validation/evidence_coverage.py has 1,000.

With n samples a true coverage of 95 % is seen within three binomial standard errors.
"""

import numpy as np
import pytest
from simulated_samples import Wrong, draw_shares, write_sample

from adatom.evidence.assemble import assemble
from adatom.evidence.composition import KINDS
from adatom.evidence.contradictions import LEVEL
from adatom.evidence.posterior import posterior
from adatom.evidence.representative import face_values
from adatom.evidence.sample_file import read_sample_file
from adatom.evidence.tension import agreement


def margin(count):
    return 3.0 * np.sqrt(0.95 * 0.05 / count)


def known(folder, shares, rng, **how):
    return assemble(read_sample_file(write_sample(folder, shares, rng, **how)))


def test_shares_of_100_samples_lie_in_their_intervals(tmp_path):
    rng = np.random.default_rng(11)
    held, deviations = [], []
    for _ in range(100):
        truth = draw_shares(rng)
        found = posterior(known(tmp_path, truth, rng).sources)
        for kind, share in zip(KINDS, truth, strict=True):
            low, high = found.interval_95(kind)
            held.append(low <= share <= high)
            deviations.append(found.mean(kind) - share)
    held = np.reshape(held, (100, 4)).mean(axis=0)
    assert held == pytest.approx(np.full(4, 0.95), abs=margin(100))
    deviations = np.reshape(deviations, (100, 4))
    errors = deviations.std(axis=0) / 10
    assert np.all(np.abs(deviations.mean(axis=0)) < 3.5 * errors)


def flagged(folder, count, seed, *, representative, wrong=None, sources=None):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        shares = (
            np.array([0.5, 0.5, 0.0, 0.0]) if representative else draw_shares(rng, (6, 6, 1, 1))
        )
        one = known(folder, shares, rng, representative=representative, wrong=wrong,
                    sources=sources)  # fmt: skip
        faces = face_values(one.stem, one.numbers)
        found.append(
            (
                agreement(one.sources, (1.0,) * 4).p_value < LEVEL,
                min(f.p_value for f in faces) * len(faces) < LEVEL,
            )
        )
    return np.array(found)


def test_consistent_sources_are_rarely_flagged(tmp_path):
    """At most 5 % of samples whose images show what is there; by three binomial errors."""
    found = flagged(tmp_path, 60, 5, representative=True)
    assert found.any(axis=1).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_contradictory_sources_are_flagged(tmp_path):
    """Spectrum of another sample, and images denser than all the metal by ICP."""
    spectrum = flagged(tmp_path, 15, 6, representative=False, wrong=Wrong(mossbauer_plus=0.4),
                       sources=["stem", "exafs", "mossbauer"])  # fmt: skip
    assert spectrum.any(axis=1).mean() > 0.7
    dense = flagged(tmp_path, 15, 7, representative=False, wrong=Wrong(density_times=5.0),
                    sources=["stem", "icp"])  # fmt: skip
    assert dense[:, 1].mean() > 0.7
