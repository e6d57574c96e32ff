"""Sites on an activity map: what their own energies give beside what the lines say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adatom.errors import AdatomError
from adatom.kinetics.rates import sums_of_parts
from adatom.kinetics.volcano import ActivityMap
from adatom.reactions.mechanism import BARE
from adatom.thermo.free_energies import FreeEnergies

CHI2_95 = -2.0 * np.log(0.05)
"""Square of the radius, in standard deviations, that holds 95 % of a plane normal distribution."""
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class MappedSite:
    """One site on a map of D descriptors."""

    energies: FreeEnergies
    descriptors_eV: np.ndarray
    """(D,) its own."""
    covariance_eV2: np.ndarray
    """(D, D) from the standard deviations and their correlation."""
    value: float
    """Activity with all its own energies, in the unit of the map; NaN: nothing is made."""
    interval_95: tuple[float, float]
    """Of ``value``, from draws of its energies; -inf, inf or NaN where draws make nothing."""
    domain: str
    """What determines it, by its own energies."""
    map_value: float
    """Activity of a site with its descriptors that lies on the lines."""
    off_lines_eV: Mapping[str, float]
    """Energy -> its own minus what the line says of its descriptors, eV."""

    @property
    def label(self) -> str:
        """Name of the site."""
        return self.energies.label

    @property
    def half_widths_95_eV(self) -> np.ndarray:
        """(D,) half the 95 % interval of each descriptor alone."""
        return np.asarray(NORMAL_95 * np.sqrt(np.diag(self.covariance_eV2)))

    def ellipse_95_eV(self, points: int = 73) -> np.ndarray:
        """Outline (points, 2) that holds 95 % of both descriptors (D = 2)."""
        variances, axes = np.linalg.eigh(self.covariance_eV2)
        angle = np.linspace(0.0, 2.0 * np.pi, points)
        radii = np.sqrt(CHI2_95 * np.clip(variances, 0.0, None))
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        return np.asarray(self.descriptors_eV + (circle * radii) @ axes.T)


def place_sites(
    chart: ActivityMap, sites: Sequence[FreeEnergies], *, draws: int = 200, seed: int = 0
) -> list[MappedSite]:
    """Each site on the map, in the order given.

    Raises :class:`~adatom.errors.AdatomError` naming an energy that a site lacks, or a site
    whose energies tell positions apart.
    """
    return [_place(chart, site, draws, seed) for site in sites]


def _place(chart: ActivityMap, site: FreeEnergies, draws: int, seed: int) -> MappedSite:
    names = chart.network.energy_names
    if site.positions != (BARE,) and chart.network.positions == (BARE,):
        raise AdatomError(
            f"{site.label} has energies on the positions {'-'.join(site.positions)}; a map takes"
            f" one energy for each of {', '.join(names)}"
        )
    missing = [s for s in names if s not in site.values_eV]
    if missing:
        raise AdatomError(
            f"site '{site.label}' has no {', '.join(missing)}; this map needs {', '.join(names)}"
        )
    own = np.array([site.values_eV[s] for s in names])
    at = np.array([site.values_eV[a.name] for a in chart.axes])
    drawn = np.vstack([own, site.draws(names, draws, seed)])
    values, codes = chart.activity(drawn @ sums_of_parts(chart.network).T)
    (on_lines,), _ = chart.activity(chart.energies_at(at[None, :]))
    said = {
        ln.name: ln.intercept_eV + sum(k * site.values_eV[d] for d, k in ln.slopes.items())
        for ln in chart.lines
    }
    sd = np.array([site.sd_eV[a.name] for a in chart.axes])
    shared = np.full((sd.size, sd.size), site.correlation)
    np.fill_diagonal(shared, 1.0)
    covariance = shared * np.outer(sd, sd)
    for array in (at, covariance):
        array.flags.writeable = False
    return MappedSite(
        energies=site,
        descriptors_eV=at,
        covariance_eV2=covariance,
        value=float(values[0]),
        interval_95=_interval(values[1:]),
        domain=chart.activity.domain_name(int(codes[0])),
        map_value=float(on_lines),
        off_lines_eV={name: site.values_eV[name] - value for name, value in said.items()},
    )


def _interval(values: np.ndarray) -> tuple[float, float]:
    """95 % of the draws; one that makes nothing lies below all others."""
    if not values.size:
        return float("nan"), float("nan")
    known = np.where(np.isnan(values), -np.inf, values)
    low, high = np.percentile(known, [2.5, 97.5], method="inverted_cdf")
    return float(low), float(high)
