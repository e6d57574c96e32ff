"""How far a site is off the line on which other sites lie, and what that means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adatom.errors import AdatomError
from adatom.reactions.network import ReactionPath
from adatom.thermo.bond_counting import SIGNIFICANT
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.lines import FEWEST_POINTS, LineFit, fit_line
from adatom.thermo.scaling_gain import LimitingGain, limiting_gain


@dataclass(frozen=True)
class ScalingDeviation:
    """One site against the line of other sites."""

    site: str
    x_eV: float
    y_eV: float
    sd_x_eV: float
    sd_y_eV: float
    on_line_eV: float
    """The line's y at the site's x."""
    prediction_sd_eV: float
    """Standard deviation of a new site about the line: line, scatter, and this site's errors."""
    p_value: float
    """Probability of so large a distance, either way, for a site that obeys the line."""
    others: int
    """Sites behind the line; the site itself is not among them."""
    extrapolated: bool
    """Whether x lies beyond those of the line's sites."""
    gain: LimitingGain | None
    """None without a path through both adsorbates of which the site has all energies."""

    @property
    def distance_eV(self) -> float:
        """y minus the line, eV."""
        return self.y_eV - self.on_line_eV

    @property
    def z(self) -> float:
        """Distance in prediction standard deviations."""
        return self.distance_eV / self.prediction_sd_eV

    @property
    def breaks(self) -> bool:
        """Whether the site breaks the scaling relation, p below 0.05."""
        return self.p_value < SIGNIFICANT


def scaling_line(sites: Sequence[FreeEnergies], x: str, y: str) -> LineFit:
    """Line through the free energies of ``y`` against ``x``, eV, of sites that have both.

    Errors of one site are correlated as it says, those of different sites independent. Raises
    :class:`~adatom.errors.AdatomError` for fewer than three sites and whatever ``fit_line`` does.
    """
    both = [s for s in sites if x in s.values_eV and y in s.values_eV]
    if len(both) < FEWEST_POINTS:
        raise AdatomError(
            f"{y} against {x}: a line needs {FEWEST_POINTS} sites that have both, got"
            f" {len(both)} ({', '.join(s.label for s in both) or 'none'})"
        )
    try:
        return fit_line(
            np.array([s.values_eV[x] for s in both]),
            np.array([s.values_eV[y] for s in both]),
            sd_x=np.array([s.sd_eV[x] for s in both]),
            sd_y=np.array([s.sd_eV[y] for s in both]),
            correlation=np.array([s.correlation for s in both]),
        )
    except AdatomError as error:
        raise AdatomError(f"{y} against {x}: {error}") from error


def scaling_deviation(
    site: FreeEnergies,
    others: Sequence[FreeEnergies],
    x: str,
    y: str,
    *,
    path: ReactionPath | None = None,
) -> ScalingDeviation:
    """Distance of ``site`` from the line of the ``others``, its significance, and what it buys.

    ``site`` itself is left out of ``others`` where it is among them. What it buys is the gain in
    limiting potential along ``path``. Raises :class:`~adatom.errors.AdatomError` where energies
    are missing, or no line can be drawn.
    """
    missing = [state for state in (x, y) if state not in site.values_eV]
    if missing:
        raise AdatomError(f"{site.label}: no free energy of {', '.join(missing)}")
    behind = [other for other in others if other.label != site.label]
    line = scaling_line(behind, x, y)
    at, up = site.values_eV[x], site.values_eV[y]
    sd = float(
        line.prediction_sd(at, sd_x=site.sd_eV[x], sd_y=site.sd_eV[y], correlation=site.correlation)
    )
    on_line = float(line.value(at))
    if sd <= 0.0:
        raise AdatomError(f"{site.label}: neither line nor site has an error to compare with")
    return ScalingDeviation(
        site=site.label,
        x_eV=at,
        y_eV=up,
        sd_x_eV=site.sd_eV[x],
        sd_y_eV=site.sd_eV[y],
        on_line_eV=on_line,
        prediction_sd_eV=sd,
        p_value=line.two_sided_p((up - on_line) / sd),
        others=line.points,
        extrapolated=not line.x_range[0] <= at <= line.x_range[1],
        gain=None if path is None else limiting_gain(site, line, x, y, path),
    )
