import matplotlib.pyplot as plt
import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.plot.stem import SHADES, plot_micrograph, plot_profiles
from adatom.stem.profiles import fit_doublet, line_profile


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def _image():
    y, x = (np.indices((60, 90)) + 0.5) * 0.2
    return sum(np.exp(-((x - cx) ** 2 + (y - 6.0) ** 2) / 0.4) for cx in (6.0, 8.4))


def test_atoms_take_the_colours_of_their_probabilities():
    places = np.array([[6.0, 6.0], [8.4, 6.0], [12.0, 3.0]])
    ax = plot_micrograph(
        _image(), places, np.array([0.0, 1.0, np.nan]), pixel_size_A=0.2, statistics=["3 atoms"]
    )
    edges = ax.collections[0].get_edgecolors()
    assert np.allclose(edges[0], SHADES(0.0))
    assert np.allclose(edges[1], plt.get_cmap("viridis")(1.0))
    # Lighter from 0 to 1, so that order survives in grey print.
    grey = SHADES(np.linspace(0.0, 1.0, 50))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) > 0.0).all()
    assert np.allclose(edges[2], 1.0)
    assert np.allclose(ax.collections[0].get_offsets(), places)
    assert ax.get_xlim() == (0.0, 18.0)
    assert ax.get_ylim() == (12.0, 0.0)
    said = [t.get_text() for t in ax.texts]
    assert "3 atoms" in said
    bar = next(p for p in ax.patches if p.get_facecolor()[:3] == (1.0, 1.0, 1.0))
    assert bar.get_width() == 2.0
    assert "2 $\\mathrm{\\AA}$" in said


def test_profiles_are_numbered_with_their_distances():
    fit = fit_doublet(line_profile(_image(), (6.0, 6.0), (8.4, 6.0), pixel_size_A=0.2))
    figure = plot_profiles([fit, fit, fit, fit])
    titles = [ax.get_title() for ax in figure.axes[:4]]
    assert titles[3].startswith("4: 2.40")
    assert fit.plot().get_xlabel().startswith("position")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ImageError, match="one probability an atom"):
        plot_micrograph(_image(), np.zeros((3, 2)), np.zeros(2), pixel_size_A=0.2)
    with pytest.raises(ImageError, match="not 0 to 1"):
        plot_micrograph(_image(), np.zeros((1, 2)), np.array([7.0]), pixel_size_A=0.2)
    with pytest.raises(ImageError, match="no profile"):
        plot_profiles([])
