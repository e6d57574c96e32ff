import math

import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.profiles import fit_doublet, line_profile

PIXEL = 0.15


def _doublet(distance, sigma=0.42, noise=0.0, seed=0, angle=0.4, heights=(1.0, 1.0)):
    y, x = (np.indices((80, 80)) + 0.5) * PIXEL
    along = 0.5 * distance * np.array([math.cos(angle), math.sin(angle)])
    ends = np.array([6.1, 5.9]) - along, np.array([6.1, 5.9]) + along
    image = 0.3 + 0.01 * x
    for height, (ex, ey) in zip(heights, ends, strict=True):
        image += height * np.exp(-0.5 * ((x - ex) ** 2 + (y - ey) ** 2) / sigma**2)
    return image + noise * np.random.default_rng(seed).standard_normal(image.shape), ends


def test_distance_and_width_without_noise():
    image, (first, second) = _doublet(2.4)
    fit = fit_doublet(line_profile(image, first, second, pixel_size_A=PIXEL, width_A=0.3))
    assert fit.distance_A == pytest.approx(2.4, abs=0.005)
    # Bilinear interpolation adds up to a sixth of a pixel squared to the variance.
    assert fit.width_fwhm_A == pytest.approx(0.42 * 2.3548, rel=0.04)


def test_the_dip_is_that_of_two_gaussians():
    # At the middle 2 exp(-d^2 / 8 s^2), at the peaks 1 + exp(-d^2 / 2 s^2).
    image, (first, second) = _doublet(1.5, angle=0.0)
    fit = fit_doublet(line_profile(image, first, second, pixel_size_A=PIXEL, width_A=0.1))
    ratio = (1.5 / 0.42) ** 2
    expected = 1.0 - 2.0 * math.exp(-ratio / 8.0) / (1.0 + math.exp(-ratio / 2.0))
    assert fit.dip_depth == pytest.approx(expected, abs=0.03)
    assert fit.resolved


def test_closer_than_sparrow_there_is_no_dip():
    image, (first, second) = _doublet(0.75, noise=0.01)
    fit = fit_doublet(line_profile(image, first, second, pixel_size_A=PIXEL, width_A=0.5))
    assert not fit.resolved
    assert fit.dip_depth < 0.05


def test_stated_errors_are_the_scatter_of_repetitions():
    scores, dips = [], []
    for seed in range(150):
        image, (first, second) = _doublet(2.4, noise=0.1, seed=seed)
        fit = fit_doublet(line_profile(image, first, second, pixel_size_A=PIXEL, width_A=0.75))
        scores.append((fit.distance_A - 2.4) / fit.distance_sd_A)
        dips.append((fit.dip_depth, fit.dip_depth_sd))
    assert abs(np.mean(scores)) < 0.3
    assert 0.75 < np.std(scores) < 1.25
    depth, sd = np.array(dips).T
    assert 0.6 < np.std(depth) / np.mean(sd) < 1.4


def test_unequal_atoms_keep_their_order():
    image, (first, second) = _doublet(2.4, heights=(1.0, 0.4))
    fit = fit_doublet(line_profile(image, first, second, pixel_size_A=PIXEL))
    assert fit.parameters[3] > fit.parameters[4]
    assert fit.distance_A == pytest.approx(2.4, abs=0.01)


def test_noise_is_no_doublet():
    image = np.random.default_rng(3).standard_normal((80, 80))
    with pytest.raises(ImageError, match="peaks"):
        fit_doublet(line_profile(image, (4.0, 4.0), (6.4, 4.0), pixel_size_A=PIXEL))


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        (((4.0, 4.0), (4.05, 4.0)), "two atoms"),
        (((4.0, 4.0), (40.0, 4.0)), "leaves the image"),
        (((4.0, 4.0), (math.nan, 4.0)), "leaves the image"),
    ],
)
def test_lines_that_are_none_are_refused(ends, word):
    with pytest.raises(ImageError, match=word):
        line_profile(np.ones((80, 80)), *ends, pixel_size_A=PIXEL)
