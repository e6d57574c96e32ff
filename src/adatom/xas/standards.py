"""S02, the amplitude reduction, from a metal foil whose coordination numbers are known."""

from dataclasses import replace
from math import hypot

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitWindow, default_window, r_space
from adatom.xas.models import BEYOND_ANGSTROM, Model, particles, shell_of
from adatom.xas.path_fit import PathFit, fit_paths
from adatom.xas.scattering_path import PathSet

S02_USUAL, S02_USUAL_SD = 0.85, 0.075
"""Where no standard is given: metals of the first row have 0.7 to 1.0 (Li, Bridges, Booth 1995,
Phys. Rev. B 52, 6332, 10.1103/PhysRevB.52.6332)."""
S02_GIVEN_SD = 0.05
"""Of a value that comes without its standard deviation."""
Z95 = 1.959964
R_RANGE_ANGSTROM = (1.5, 3.0)
"""First shell of the metals with 3d electrons, in fcc and hcp apart from the second one."""


def s02_of_foil(
    data: FineStructure, foil: PathSet, window: FitWindow | None = None
) -> FigureOfMerit:
    """S02 with its 95 % interval from a foil, all coordination numbers those of the bulk.

    Raises SpectrumError where spectrum and paths are of different elements or cannot be fitted.
    """
    if data.element is not None and data.element != foil.absorber:
        raise SpectrumError(f"{data.label}: spectrum of {data.element}, paths of {foil.absorber}")
    window = window or default_window(data, R_RANGE_ANGSTROM)
    model = Model((particles(foil, window.r_range_angstrom[1] + BEYOND_ANGSTROM),))
    fit = fit_paths(data, model, s02=1.0, space=r_space(data, window))
    found = fit.parameters["N(particles)"]
    low, high = found.interval_95
    if low is None or high is None:
        raise SpectrumError(f"{data.label}: S02 has no interval; fit a wider k range")
    return FigureOfMerit(
        found.value,
        found.interval_95,
        f"S02 from {data.label}",
        "1",
        {
            "sd": 0.5 * (high - low) / Z95,
            "standard": data.label,
            "paths": foil.label,
            "k_range_per_angstrom": list(window.k_range_per_angstrom),
            "r_range_angstrom": list(window.r_range_angstrom),
            "r_factor": fit.r_factor,
        },
    )


def s02_given(value: float | None = None, sd: float | None = None) -> FigureOfMerit:
    """S02 as stated, or the usual one, with what it rests on as the reason.

    Its standard deviation is the condition ``sd``. Raises SpectrumError for a deviation alone.
    """
    if value is None and sd is not None:
        raise SpectrumError("a standard deviation of S02 without S02: give --s02 VALUE as well")
    if value is None:
        value, sd = S02_USUAL, S02_USUAL_SD
        reason = (
            f"S02 is taken as {value:g} +- {sd:g}, usual for such metals: coordination numbers rest"
            " on it; give --s02-from FOIL or --s02 VALUE"
        )
    elif sd is None:
        sd = S02_GIVEN_SD
        reason = f"S02 {value:g} as given, its error taken as {sd:g}; say --s02-sd"
    else:
        reason = f"S02 {value:g} +- {sd:g} as given"
    return FigureOfMerit(value, (value - Z95 * sd, value + Z95 * sd), reason, "1", {"sd": sd})


def with_error_of_s02(number: FigureOfMerit, s02_relative_sd: float) -> FigureOfMerit:
    """A fitted coordination number whose interval holds the error of S02 as well."""
    value, (low, high) = number.value, number.interval_95
    if value is None or low is None or high is None:
        return number
    half = hypot(0.5 * (high - low), Z95 * s02_relative_sd * value)
    return replace(number, interval_95=(value - half, value + half))


def fit_foil(
    data: FineStructure, foil: PathSet, *, s02: float, window: FitWindow | None = None
) -> PathFit:
    """Numbers, distances and sigma2 of the first two shells of a foil, each on its own.

    Shells further than the R range reaches are left out, shells within 0.1 A taken together.
    """
    window = window or default_window(data, R_RANGE_ANGSTROM)
    reach = window.r_range_angstrom[1] + 0.5 * BEYOND_ANGSTROM
    singles = foil.singles((foil.absorber,), reach)
    first = [p for p in singles if p.distance_angstrom < singles[0].distance_angstrom + 0.1]
    second = singles[len(first) :]
    shells = [shell_of("1", first, number_range=(0.0, 16.0))]
    if second:
        shells.append(shell_of("2", second[:1], number_range=(0.0, 12.0)))
    return fit_paths(data, Model(tuple(shells)), s02=s02, space=r_space(data, window))
