import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.brightness import EXPONENT, classify_metals

IRON, PLATINUM = 26, 78


def brightness(spread, count=400, share=0.3, seed=0):
    random = np.random.default_rng(seed)
    heavy = random.random(count) < share
    scale = np.where(heavy, (PLATINUM / IRON) ** EXPONENT, 1.0)
    return heavy, 50.0 * scale * np.exp(spread * random.normal(size=count))


def test_iron_and_platinum_are_told_apart():
    heavy, intensity = brightness(0.2)
    found = classify_metals(intensity, (PLATINUM, IRON))
    assert found.atomic_numbers == (IRON, PLATINUM)
    assert ((found.heavy > 0.5) == heavy).mean() > 0.99
    assert found.share_heavy == pytest.approx(0.3, abs=0.06)
    assert found.spread == pytest.approx(0.2, rel=0.1)


def test_probabilities_are_calibrated_where_metals_overlap():
    # At half a step of spread probabilities must mean frequencies.
    heavy, intensity = brightness(0.9, count=20_000)
    found = classify_metals(intensity, (IRON, PLATINUM))
    for low in (0.1, 0.4, 0.7):
        near = (found.heavy > low) & (found.heavy < low + 0.2)
        assert heavy[near].mean() == pytest.approx(found.heavy[near].mean(), abs=0.06)


def test_one_metal_alone_is_of_one_kind():
    _, intensity = brightness(0.2, share=0.0)
    with pytest.raises(ImageError, match="all atoms are of one metal"):
        classify_metals(intensity, (IRON, PLATINUM))


def test_unlike_pairs_follow_from_both_ends():
    _, intensity = brightness(0.2)
    found = classify_metals(intensity, (IRON, PLATINUM))
    bonds = np.array([[0, 1], [2, 3]])
    a, b = found.heavy[bonds].T
    np.testing.assert_allclose(found.unlike(bonds), a * (1 - b) + b * (1 - a))


def test_neighbouring_elements_are_refused():
    _, intensity = brightness(0.3, share=0.0)
    with pytest.raises(ImageError, match="cannot be told apart"):
        classify_metals(intensity, (26, 27))
    with pytest.raises(ImageError, match="two different metals"):
        classify_metals(intensity, (26, 26))
