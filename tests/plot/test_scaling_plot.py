import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot

from adatom.provenance import EnergySource
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.scaling_relations import scaling_relations


def test_line_band_and_slope_of_bond_counting_are_those_of_the_result():
    sites = [
        FreeEnergies(
            f"{m}N4@graphene", {"*OH": x, "*OOH": x + 3.2 + bump}, {"*OH": 0.1, "*OOH": 0.1},
            EnergySource("table", "test"),
        )
        for m, x, bump in (("Mn", 0.2, 0.02), ("Fe", 0.6, -0.03), ("Co", 1.0, 0.0),
                           ("Ni", 1.8, 0.01))
    ]  # fmt: skip
    (relation,) = scaling_relations(sites)
    ax = relation.plot()
    fitted, expected = ax.get_lines()[:2]
    x = np.asarray(fitted.get_xdata())
    assert fitted.get_ydata() == pytest.approx(relation.line.value(x))
    slopes = np.diff(expected.get_ydata()) / np.diff(expected.get_xdata())
    assert slopes == pytest.approx(np.ones(len(slopes)))
    band = ax.collections[0].get_paths()[0].vertices
    low, high = relation.line.prediction_interval_95(x[0], sd_x=0.1, sd_y=0.1, correlation=0.8)
    at_start = band[np.isclose(band[:, 0], x[0]), 1]
    assert (at_start.min(), at_start.max()) == pytest.approx((float(low), float(high)))
    assert ax.get_xlabel() == r"$\Delta G$(*OH) / eV"
    pyplot.close(ax.figure)
