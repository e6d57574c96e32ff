"""S02, the amplitude reduction, from a metal foil whose coordination numbers are known."""

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitWindow, r_space
from adatom.xas.models import BEYOND_ANGSTROM, Model, particles, shell_of
from adatom.xas.path_fit import PathFit, fit_paths
from adatom.xas.scattering_path import PathSet

R_RANGE_ANGSTROM = (1.5, 3.0)
"""First shell of the metals with 3d electrons, in fcc and hcp apart from the second one."""


def foil_window(data: FineStructure) -> FitWindow:
    """k from 3 per angstrom to the data's limit, R around the first shell."""
    low, high = data.k_range_per_angstrom
    return FitWindow((max(3.0, low), high), R_RANGE_ANGSTROM)


def s02_of_foil(
    data: FineStructure, foil: PathSet, window: FitWindow | None = None
) -> FigureOfMerit:
    """S02 with its 95 % interval from a foil, all coordination numbers those of the bulk.

    Raises SpectrumError where spectrum and paths are of different elements or cannot be fitted.
    """
    if data.element is not None and data.element != foil.absorber:
        raise SpectrumError(f"{data.label}: spectrum of {data.element}, paths of {foil.absorber}")
    window = window or foil_window(data)
    model = Model((particles(foil, window.r_range_angstrom[1] + BEYOND_ANGSTROM),))
    fit = fit_paths(data, model, s02=1.0, space=r_space(data, window))
    found = fit.parameters["N(particles)"]
    return FigureOfMerit(
        found.value,
        found.interval_95,
        unit="1",
        conditions={
            "standard": data.label,
            "paths": foil.label,
            "k_range_per_angstrom": list(window.k_range_per_angstrom),
            "r_range_angstrom": list(window.r_range_angstrom),
            "r_factor": fit.r_factor,
        },
    )


def fit_foil(
    data: FineStructure, foil: PathSet, *, s02: float, window: FitWindow | None = None
) -> PathFit:
    """Numbers, distances and sigma2 of the first two shells of a foil, each on its own.

    Shells further than the R range reaches are left out, shells within 0.1 A taken together.
    """
    window = window or foil_window(data)
    reach = window.r_range_angstrom[1] + 0.5 * BEYOND_ANGSTROM
    singles = foil.singles((foil.absorber,), reach)
    first = [p for p in singles if p.distance_angstrom < singles[0].distance_angstrom + 0.1]
    second = singles[len(first) :]
    shells = [shell_of("1", first, number_range=(0.0, 16.0))]
    if second:
        shells.append(shell_of("2", second[:1], number_range=(0.0, 12.0)))
    return fit_paths(data, Model(tuple(shells)), s02=s02, space=r_space(data, window))
