import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.point_pattern import PointPattern
from adatom.stem.windows import Mask, Rectangle, isotropic_overlap

GRID = np.array([[x, y] for x in range(5, 100, 20) for y in range(5, 100, 20)], float)


def pattern(positions=GRID, window=None, resolution=1.5, **more):
    return PointPattern(positions, window or Rectangle(100.0, 100.0), resolution, "here", **more)


def test_density_and_mean_recall():
    # Of atoms detected with 1/2 and 1 in equal number among those seen, 2 + 1 exist for 2 seen.
    found = pattern(recall=np.array([0.5, 1.0] * 12 + [2 / 3]))
    assert found.density_per_nm2 == pytest.approx(0.25)
    assert found.mean_recall == pytest.approx(2 / 3)
    assert not found.positions_angstrom.flags.writeable


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"positions": GRID[:9]}, "9 atoms, at least 10"),
        ({"positions": np.vstack([GRID, [np.nan, 1.0]])}, "atom 26 has no position"),
        ({"positions": np.vstack([GRID, [101.0, 1.0]])}, "atom 26 at .* lies outside the field"),
        ({"positions": np.vstack([GRID, GRID[:1]])}, "atoms 1 and 26 have the same position"),
        ({"resolution": 0.0}, "resolution is 0 A"),
        ({"recall": np.full(25, 1.2)}, "atom 1 has recall 1.2"),
        ({"intensity": np.zeros(25)}, "atom 1 has intensity 0"),
        ({"intensity": np.ones(24)}, "24.* values of intensity for 25"),
    ],
)
def test_unusable_patterns_are_refused(arguments, said):
    with pytest.raises(ImageError, match=said):
        pattern(**arguments)


def test_mask_of_a_whole_rectangle_equals_the_rectangle():
    rectangle, mask = Rectangle(30.0, 20.0), Mask(np.ones((40, 60), bool), 0.5)
    assert mask.area_nm2 == pytest.approx(rectangle.area_nm2)
    shifts = np.array([[0.0, 0.0], [3.0, -2.5], [-12.25, 7.0], [31.0, 0.0]])
    np.testing.assert_allclose(mask.overlap(shifts), rectangle.overlap(shifts), atol=1e-9)


def test_isotropic_overlap_of_a_rectangle_is_known_in_closed_form():
    # Mean of (1 - r|cos|/a)(1 - r|sin|/b) over directions.
    a, b, r = 30.0, 20.0, np.array([0.0, 1.0, 4.0])
    expected = 1.0 - 2.0 * r / np.pi * (1 / a + 1 / b) + r**2 / (np.pi * a * b)
    np.testing.assert_allclose(isotropic_overlap(Rectangle(a, b), r), expected, rtol=2e-4)


def test_x_runs_along_the_columns_of_a_mask():
    pixels = np.zeros((10, 10), bool)
    pixels[2, 7] = True
    mask = Mask(pixels, 2.0)
    drawn = mask.draw(50, np.random.default_rng(0))
    assert mask.contains(drawn).all()
    assert (drawn[:, 0] >= 14).all()
    assert (drawn[:, 1] < 6).all()
    assert mask.contains(np.array([[15.0, 5.0], [5.0, 15.0], [99.0, 1.0]])).tolist() == [
        True, False, False,
    ]  # fmt: skip


def test_impossible_windows_are_refused():
    with pytest.raises(ImageError, match="both sides must be above 0"):
        Rectangle(0.0, 10.0)
    with pytest.raises(ImageError, match="at least one pixel"):
        Mask(np.zeros((4, 4)), 1.0)
