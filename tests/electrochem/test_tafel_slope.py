"""What is said of a Tafel slope, and that it is said of the slope that is given."""

import numpy as np
import pytest

from adatom.electrochem.tafel_slope import slope_flags
from adatom.electrochem.tafel_window import longest_window
from adatom.figure_of_merit import FigureOfMerit, no_figure


@pytest.mark.parametrize(
    ("figure", "electrons", "says"),
    [
        (FigureOfMerit(13.0, (12.0, 14.0)), 4, ["below 14.8 mV/dec"]),
        (FigureOfMerit(13.0, (12.0, 16.0)), 4, []),
        (FigureOfMerit(28.0, (27.0, 29.0)), 2, ["below 29.6 mV/dec"]),
        (FigureOfMerit(60.0, (58.0, 62.0), conditions={"decades": 0.5}), 4, ["covers 0.50"]),
        (FigureOfMerit(60.0, (58.0, 62.0), conditions={"decades": 1.5}), 4, []),
        (no_figure("none"), 4, []),
    ],
)
def test_flags(figure, electrons, says):
    flags = slope_flags(figure, electrons)
    assert len(flags) == len(says)
    assert all(word in flag for word, flag in zip(says, flags, strict=True))


@pytest.mark.parametrize("forward", [1.0, -1.0])
def test_a_line_that_falls_towards_the_driving_end_has_no_slope(forward):
    x = 1.4 + forward * np.linspace(0.0, 0.2, 60)
    y = forward * (x - 1.4) * 1e3 / 50.0
    out = np.full(7, np.nan)
    assert not longest_window(x, -y, np.full(60, 1e4), out)
    assert longest_window(x, y, np.full(60, 1e4), out)
    assert out[0] == pytest.approx(forward * 50.0)
    assert out[2:4] == pytest.approx([x[0], x[-1]])
