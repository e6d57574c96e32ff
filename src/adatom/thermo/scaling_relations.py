"""Scaling relations among the adsorbates of a table of sites."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from adatom.errors import AdatomError, NotationError
from adatom.reactions.network import ReactionPath
from adatom.sites.notation import parse_site
from adatom.thermo.bond_counting import SlopeTest, expected_slope, slope_test
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.lines import FEWEST_POINTS, LineFit
from adatom.thermo.scaling import ScalingDeviation, scaling_deviation, scaling_line
from adatom.thermo.scaling_gain import adsorbates_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DESCRIPTORS = ("*OH", "*H", "*CO", "*N")
"""Adsorbates tried in turn for the x axis."""


@dataclass(frozen=True)
class ScalingRelation:
    """Free energies of one adsorbate against another: the line, and every site against it."""

    x: str
    y: str
    line: LineFit
    """In eV on both axes."""
    sites: tuple[FreeEnergies, ...]
    """Those that have both adsorbates, in the order of the table."""
    line_sites: tuple[str, ...]
    """Labels of those behind the line."""
    slope_test: SlopeTest | None
    """None where bond counting expects no slope."""
    deviations: tuple[ScalingDeviation, ...]
    """Each against the line of the others, in the order of the table."""
    not_judged: Mapping[str, str]
    """Site -> why it is not set against the line."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        line, test = self.line, self.slope_test
        return {
            "x": self.x,
            "y": self.y,
            "line_sites": list(self.line_sites),
            "slope": line.slope,
            "slope_sd": line.slope_sd,
            "slope_interval_95": list(line.slope_interval_95),
            "intercept_eV": line.intercept,
            "intercept_sd_eV": line.intercept_sd,
            "covariance_intercept_slope_eV": float(line.covariance[0, 1]),
            "intrinsic_scatter_sd_eV": line.scatter,
            "residual_sd_eV": line.residual_sd,
            "chi2": line.chi2 if isfinite(line.chi2) else None,
            "chi2_probability": line.chi2_probability,
            "sites_on_line": line.points,
            "slope_of_bond_counting": None if test is None else asdict(test),
            "sites": [
                {
                    **asdict(d),
                    "distance_eV": d.distance_eV,
                    "distance_in_prediction_sd": d.z,
                    "breaks_scaling": d.breaks,
                }
                for d in self.deviations
            ],
            "not_judged": dict(self.not_judged),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw sites, line and prediction band; returns the axes."""
        from adatom.plot.scaling import plot_scaling

        return plot_scaling(self, ax)


def has_one_metal(label: str) -> bool:
    """Whether a label is the notation of a site with a single metal atom."""
    try:
        return len(parse_site(label).metals) == 1
    except NotationError:
        return False


def scaling_relations(
    sites: Sequence[FreeEnergies],
    *,
    x: str | None = None,
    y: Sequence[str] = (),
    line: Sequence[str] | None = None,
    path: ReactionPath | None = None,
) -> tuple[ScalingRelation, ...]:
    """Scaling relations of the adsorbates ``y`` against ``x``, and every site against them.

    The sites of the line are those named, or those whose notation has one metal. Without ``x`` it
    is the first of *OH, *H, *CO and *N that at least three of them have; without ``y`` all the
    others that so many have as well. Raises :class:`~adatom.errors.AdatomError` for sites and
    adsorbates that are not there, and where no line can be drawn.
    """
    chosen = _line_sites(sites, line)
    known = dict.fromkeys(s for site in sites for s in site.values_eV if s.startswith("*"))
    for state in (*y, *(() if x is None else (x,))):
        if state not in known:
            raise AdatomError(
                f"no site has a free energy of '{state}'; there are {', '.join(known) or 'none'}"
            )
    if x in y:
        raise AdatomError(f"{x} stands on both axes; name another adsorbate")

    def shared(*states: str) -> bool:
        return sum(all(s in c.values_eV for s in states) for c in chosen) >= FEWEST_POINTS

    below = x or next((s for s in DESCRIPTORS if shared(s)), None)
    if below is None:
        raise AdatomError(
            f"none of {', '.join(DESCRIPTORS)} is known for {FEWEST_POINTS} sites of the line"
            f" ({', '.join(c.label for c in chosen)}); name an adsorbate for x"
        )
    above = y or [s for s in known if s != below and shared(below, s)]
    if not above:
        raise AdatomError(
            f"no adsorbate stands beside {below} on {FEWEST_POINTS} sites of the line"
            f" ({', '.join(c.label for c in chosen)}); a relation needs two"
        )
    return tuple(_relation(sites, chosen, below, state, path) for state in above)


def _line_sites(sites: Sequence[FreeEnergies], line: Sequence[str] | None) -> list[FreeEnergies]:
    labels = [site.label for site in sites]
    if line is None:
        chosen = [site for site in sites if has_one_metal(site.label)]
        if len(chosen) < FEWEST_POINTS:
            raise AdatomError(
                f"a line needs {FEWEST_POINTS} sites; {len(chosen)} of {len(sites)} have a notation"
                " with one metal, such as FeN4@graphene; name the sites of the line"
            )
        return chosen
    for label in line:
        if label not in labels:
            raise AdatomError(f"site '{label}' of the line is not among {', '.join(labels)}")
        if list(line).count(label) > 1:
            raise AdatomError(f"site '{label}' of the line is named twice")
    return [site for site in sites if site.label in line]


def _relation(
    sites: Sequence[FreeEnergies],
    chosen: Sequence[FreeEnergies],
    x: str,
    y: str,
    path: ReactionPath | None,
) -> ScalingRelation:
    both = [site for site in sites if x in site.values_eV and y in site.values_eV]
    fitted = scaling_line(chosen, x, y)
    expected = expected_slope(x, y)
    needed = () if path is None else adsorbates_of(path)
    deviations, left = [], {}
    for site in sites:
        missing = [s for s in needed if s not in site.values_eV]
        try:
            judged = path if {x, y} <= set(needed) and not missing else None
            deviations.append(scaling_deviation(site, chosen, x, y, path=judged))
        except AdatomError as error:
            left[site.label] = str(error).removeprefix(f"{site.label}: ")
    return ScalingRelation(
        x=x,
        y=y,
        line=fitted,
        sites=tuple(both),
        line_sites=tuple(site.label for site in both if site in chosen),
        slope_test=None if expected is None else slope_test(fitted, expected),
        deviations=tuple(deviations),
        not_judged=left,
    )
