import numpy as np
import pytest
from exafs_simulated import S02, spectrum

from adatom.errors import SpectrumError
from adatom.xas.exafs import PathParameters, chi_of_paths, tables_of
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitWindow, independent_space, k_space, q_space, r_space
from adatom.xas.models import Model, shell_of
from adatom.xas.path_files import packaged_paths
from adatom.xas.path_fit import fit_paths
from adatom.xas.standards import s02_of_foil

WINDOW = FitWindow((3.0, 13.0), (1.0, 3.0))


def three_shells():
    """N, metal and the nearest carbons of Fe2N6: single scattering only."""
    paths = packaged_paths("Fe2N6@graphene")
    return Model(
        tuple(
            shell_of(name, paths.singles((element,), 2.7), number_range=(0.0, 6.0))
            for name, element in (("M-N", "N"), ("M-M", "Fe"), ("M-C", "C"))
        )
    )


def of_three_shells(noise_chi=1e-7):
    model = three_shells()
    paths = [shell.paths[0] for shell in model.shells]
    k = np.arange(0.0, 14.0001, 0.05)
    given = PathParameters(
        S02 * np.array([4.0, 1.0, 2.0]),
        np.array([0.02, -0.03, 0.04]),
        np.array([0.004, 0.006, 0.008]),
    )
    chi = chi_of_paths(tables_of(paths), k, 3.0, given).sum(axis=0)
    chi += noise_chi * np.random.default_rng(0).standard_normal(len(k))
    return FineStructure("three", k, chi, (2.0, 13.0), noise_chi, 7112.0, 1.0, "Fe", "K")


@pytest.mark.parametrize("space", [r_space, q_space, k_space, independent_space])
def test_exact_parameters_come_back(space):
    data = of_three_shells()
    fit = fit_paths(data, three_shells(), s02=S02, space=space(data, WINDOW))
    want = {"dE0": 3.0, "N(M-N)": 4.0, "R(M-M)": 2.46 - 0.03, "sigma2(M-C)": 0.008, "N(M-C)": 2.0}
    for name, value in want.items():
        assert fit.parameters[name].value == pytest.approx(value, rel=2e-3), name
    assert fit.r_factor < 1e-6


def test_intervals_cover_the_truth():
    """Noise of 0.001 in chi: 95 % intervals of 10 parameters in 20 draws, at least 85 %."""
    model, exact = three_shells(), of_three_shells(1e-9)
    random = np.random.default_rng(1)
    truth = {"N(M-N)": 4.0, "N(M-M)": 1.0, "N(M-C)": 2.0, "R(M-N)": 1.9048, "R(M-M)": 2.43}
    inside = []
    for _ in range(20):
        chi = exact.chi + 1e-3 * random.standard_normal(len(exact.chi))
        data = FineStructure("noisy", exact.k_per_angstrom, chi, (2.0, 13.0), 1e-3, 7112.0, 1.0)
        fit = fit_paths(data, model, s02=S02, space=independent_space(data, WINDOW))
        for name, value in truth.items():
            low, high = fit.parameters[name].interval_95
            inside.append(low <= value <= high)
    assert np.mean(inside) >= 0.85


def test_more_parameters_than_points_are_refused():
    data = of_three_shells()
    narrow = r_space(data, FitWindow((3.0, 9.0), (1.0, 2.8)))
    with pytest.raises(
        SpectrumError, match=r"10 free parameters, the window holds 6\.9 independent"
    ):
        fit_paths(data, three_shells(), s02=S02, space=narrow)
    held = {"N(M-C)": 2.0, "dR(M-C)": 0.04, "sigma2(M-C)": 0.008, "dE0": 3.0}
    fit = fit_paths(data, three_shells(), s02=S02, space=narrow, fixed=held)
    assert fit.parameters["N(M-N)"].value == pytest.approx(4.0, rel=0.05)
    with pytest.raises(SpectrumError, match="no parameter of"):
        fit_paths(data, three_shells(), s02=S02, fixed={"N(M-X)": 1.0})


def test_s02_of_a_simulated_foil():
    """Multiple scattering and shells beyond the range are in the data, not all in the model."""
    data = spectrum({"Fe foil": 1.0}, 1e-4, s02=0.72)
    found = s02_of_foil(data, packaged_paths("Fe foil"))
    assert found.value == pytest.approx(0.72, abs=0.05)
    low, high = found.interval_95
    assert low <= 0.72 <= high
    with pytest.raises(SpectrumError, match="paths of Cu"):
        s02_of_foil(data, packaged_paths("Cu foil"))
