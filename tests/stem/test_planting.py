"""Recall of the atoms found, from a curve planted at known intensities."""

import numpy as np
import pytest
from scipy.stats import norm

from adatom.stem.detected import DetectedAtoms
from adatom.stem.planting import FACTORS, Recall

NOISE, THRESHOLD = 15.0, 62.0
PLANTED = 10_000


def curve():
    """Atoms are found where their measured intensity is above the threshold."""
    intensity = 100.0 * np.array(FACTORS)
    share = norm.cdf((intensity - THRESHOLD) / NOISE)
    planted = np.full(len(FACTORS), PLANTED)
    nothing = np.zeros(1, int)
    return Recall(
        intensity, planted, np.round(share * PLANTED).astype(int), np.ones(1), nothing, nothing,
        None,
    )  # fmt: skip


def detected(intensity):
    count = len(intensity)
    return DetectedAtoms(
        "made", "", 0.2, np.ones((9, 9), bool), np.zeros((count, 2)), np.zeros((count, 2)),
        intensity, np.full(count, NOISE), np.ones(count), np.zeros(count), 0.5, 1.2, 5.0,
    )  # fmt: skip


@pytest.mark.parametrize("heavier", [0.0, 0.5])
def test_recall_of_all_atoms_from_those_found(heavier):
    """Atoms of one or two true intensities, measured with noise."""
    random = np.random.default_rng(2)
    true = np.where(random.random(4000) < heavier, 180.0, 100.0)
    measured = true + NOISE * random.standard_normal(true.size)
    found = measured[measured > THRESHOLD]
    recall = curve()
    mean = len(found) / (1.0 / recall.of_found(detected(found))).sum()
    assert mean == pytest.approx(len(found) / len(true), abs=0.01)
    # Taken at the measured intensities it is too low: the reason for the deconvolution.
    naive = len(found) / (1.0 / recall.of(found)).sum()
    assert naive < mean - 0.01
