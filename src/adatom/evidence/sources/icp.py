"""ICP against the density of atoms in the images.

A metal mass fraction w on a support of areal mass m puts

    D = w m N_A / M

metal atoms into unit area of the image. Of these the images show D (1 - c - q) v: those in single
atoms and pairs, less what is out of focus, buried or missed (1 - v). Metal that is missing in the
images is therefore in clusters and particles, or hidden.
"""

from dataclasses import dataclass
from math import exp, hypot, log, sqrt

import numpy as np
from ase.data import atomic_masses, atomic_numbers
from scipy.constants import N_A

from adatom.evidence.composition import Composition
from adatom.evidence.likelihood import NORMAL_95, TwoPiece
from adatom.evidence.source import Measured, NumberSource, between

VISIBLE_SHARE = (0.7, 1.0)
"""Of the dispersed atoms in a field."""
AREAL_MASS_RELATIVE_SD = 0.3
"""Of the support in the fields."""
SMALLEST_ARGUMENT = 1e-9


@dataclass(frozen=True)
class Loading:
    """Total metal and the support in the images."""

    metal: str
    metal_wt_percent: float
    metal_relative_sd: float
    areal_mass_mg_m2: float
    areal_mass_relative_sd: float = AREAL_MASS_RELATIVE_SD


def areal_mass_of_sheets_mg_m2(specific_surface_m2_g: float, sheets: float) -> float:
    """Areal mass of ``sheets`` whose two faces make up the specific surface: 2 n / S."""
    return 2e3 * sheets / specific_surface_m2_g


def areal_mass_of_film_mg_m2(thickness_nm: float, density_g_cm3: float) -> float:
    """Areal mass of a film: thickness times density."""
    return thickness_nm * density_g_cm3  # 1e-9 m x 1e9 mg/m3


def total_density_per_nm2(loading: Loading) -> float:
    """All metal atoms over unit area of the image."""
    molar_mass_g_mol = float(atomic_masses[atomic_numbers[loading.metal]])
    metal_g_m2 = 1e-3 * loading.areal_mass_mg_m2 * 0.01 * loading.metal_wt_percent
    return metal_g_m2 / molar_mass_g_mol * N_A * 1e-18


def icp_source(
    loading: Loading,
    density_per_nm2: float,
    atoms: int,
    *,
    fields: int = 1,
    visible_share: tuple[float, float] = VISIBLE_SHARE,
) -> NumberSource:
    """The source of a total ``loading`` and ``density_per_nm2`` from ``atoms`` seen in STEM."""
    total = total_density_per_nm2(loading)
    # The support differs from field to field; so many average over it.
    sd = hypot(
        loading.metal_relative_sd,
        loading.areal_mass_relative_sd / sqrt(fields),
        1.0 / sqrt(atoms),
    )
    ratio = density_per_nm2 / total

    def expected(shares: Composition, u: np.ndarray) -> list[np.ndarray]:
        seen = shares.dispersed * between(visible_share, u[0])
        return [np.log(np.maximum(seen, SMALLEST_ARGUMENT))]

    assumptions = (
        f"ICP: {total:.3g} metal atoms per nm2 of image from {loading.metal_wt_percent:g} wt% and"
        f" {loading.areal_mass_mg_m2:.3g} mg/m2 of support, known to"
        f" {100 * loading.areal_mass_relative_sd:g} % a field; the images show"
        f" {100 * visible_share[0]:g} to {100 * visible_share[1]:g} % of the dispersed atoms in"
        " them",
    )
    measured = Measured(
        "ln of the density in the images over that of all metal", "",
        ((1.0, TwoPiece(log(ratio), sd, sd)),), log(ratio),
        (log(ratio) - NORMAL_95 * sd, log(ratio) + NORMAL_95 * sd),
    )  # fmt: skip
    return NumberSource("ICP", (measured,), expected, 1, assumptions)


def seen_percent(source: NumberSource) -> tuple[float, float, float]:
    """Percent of the metal that the images show, with its 95 % interval."""
    measured = source.measured[0]
    low, high = measured.interval_95
    return 100 * exp(measured.value), 100 * exp(low), 100 * exp(high)
