"""Where the edge is, by several definitions that differ by up to 10 eV, each with its interval.

- first inflection: the lowest maximum of the slope that is no pre-edge peak. Tables of foils use it
  (Kraft et al. 1996, Rev. Sci. Instrum. 67, 681, 10.1063/1.1146657).
- steepest point: the highest slope.
- half height: where the normalised absorption first passes 0.5.
- integral: mean over levels from 0.15 to 1 of the energy at which the normalised absorption first
  passes the level (Dau, Liebisch, Haumann 2003, Anal. Bioanal. Chem. 376, 562,
  10.1007/s00216-003-1982-2).
"""

from dataclasses import dataclass

import numpy as np

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.derivative import noise_of, slope_operator
from adatom.xas.edges import Edge, edges_near
from adatom.xas.normalisation import Normalised, normalise

DEFINITIONS = {
    "first_inflection": "lowest-energy maximum of the slope of at least 0.4 of the highest, behind"
    " which the absorption does not fall back (tables of foils use this definition)",
    "steepest_point": "highest maximum of the slope",
    "half_height": "normalised absorption first passes 0.5",
    "integral": "mean energy at which the normalised absorption first passes levels from 0.15 to 1"
    " (Dau et al. 2003, 10.1007/s00216-003-1982-2)",
}
LEAST_SLOPE = 0.4
"""Of the highest slope, for the first inflection."""
FALLS_BACK = 0.5
"""Of its height: a rise that loses more than this behind its maximum is a pre-edge peak."""
MOST_OFF_EV = 40.0
"""From the tabulated edge; chemical shifts and mis-set monochromators stay below."""
_SEARCH_EV = (-25.0, 35.0)
_GRID_EV = 0.1
_LEVELS = np.linspace(0.15, 1.0, 86)
_DRAWS = 200


@dataclass(frozen=True)
class EdgePosition:
    """The edge by each of :data:`DEFINITIONS`, eV, on the energy scale of the spectrum."""

    first_inflection: FigureOfMerit
    steepest_point: FigureOfMerit
    half_height: FigureOfMerit
    integral: FigureOfMerit
    noise_mu: float
    """Standard deviation of the absorption at a point, in its unit."""

    def by(self, definition: str) -> FigureOfMerit:
        """The edge by one definition."""
        found: FigureOfMerit = getattr(self, definition)
        return found


def rough_edge_eV(spectrum: AbsorptionSpectrum, near_eV: float | None = None) -> float:
    """Where the absorption rises most between 30 eV before and after, within 3 eV or so.

    ``near_eV`` limits the search to :data:`MOST_OFF_EV` around a tabulated edge. A jump of the
    baseline of a single step counts less than a rise that lasts, and a glitch not at all.
    """
    e = spectrum.energy_eV
    grid = np.arange(e[0], e[-1], 1.0)
    if len(grid) < 60:
        raise SpectrumError(
            f"{spectrum.path}: {e[-1] - e[0]:.0f} eV are too short for an edge; scan at least 65 eV"
        )
    smooth = np.interp(grid, e, _without_spikes(spectrum.mu))
    total = np.concatenate([[0.0], np.cumsum(smooth)])
    at = np.arange(len(grid))

    def mean(first: int, last: int) -> np.ndarray:
        low, high = np.clip(at + first, 0, len(grid) - 1), np.clip(at + last, 1, len(grid))
        return (total[high] - total[low]) / np.maximum(high - low, 1)

    rise = mean(5, 31) - mean(-30, -4)
    rise[:15] = rise[-20:] = -np.inf
    if near_eV is not None:
        rise[np.abs(grid - near_eV) > MOST_OFF_EV] = -np.inf
    if not np.isfinite(rise).any():
        raise SpectrumError(
            f"{spectrum.path}: no edge near {near_eV:g} eV in a scan from {e[0]:.0f} to"
            f" {e[-1]:.0f} eV"
        )
    centre = grid[int(np.argmax(rise))]
    near = (grid > centre - 20.0) & (grid < centre + 20.0)
    return float(grid[near][np.argmax(np.gradient(smooth)[near])])


def locate_edge(spectrum: AbsorptionSpectrum, edge: Edge | None) -> float:
    """Rough E0, eV, checked against the edge that is stated.

    Raises :class:`~adatom.errors.SpectrumError` where the spectrum shows another edge.
    """
    found = rough_edge_eV(spectrum)
    if edge is None or abs(found - edge.tabulated_eV) <= MOST_OFF_EV:
        return found
    e = spectrum.energy_eV
    if e[0] + 15 < edge.tabulated_eV < e[-1] - 20:
        inside = rough_edge_eV(spectrum, edge.tabulated_eV)
        if _step_at(spectrum, inside) > 0.1 * _step_at(spectrum, found):
            return inside
    others = ", ".join(f"{o} {o.tabulated_eV:.0f}" for o in edges_near(found, MOST_OFF_EV)[:4])
    raise SpectrumError(
        f"{spectrum.path}: {edge} (tabulated {edge.tabulated_eV:.0f} eV) is stated, but the edge"
        f" lies at {found:.0f} eV" + (f" ({others})" if others else "") + "; state the element and"
        " edge with --element and --edge, or check the energy scale"
    )


def edge_position(
    spectrum: AbsorptionSpectrum,
    rough_eV: float,
    *,
    pre_edge_eV: tuple[float, float] | None = None,
    post_edge_eV: tuple[float, float] | None = None,
    seed: int = 1,
) -> tuple[EdgePosition, Normalised]:
    """The edge by every definition, and the spectrum normalised at its first inflection.

    Intervals: noise, width of the smoothing (from 0.7 to 1.5 times) and, for the half height, the
    windows of the normalisation.
    """
    e = spectrum.energy_eV
    window = (e > rough_eV + _SEARCH_EV[0] - 5) & (e < rough_eV + _SEARCH_EV[1] + 5)
    if window.sum() < 12:
        raise SpectrumError(
            f"{spectrum.path}: {window.sum()} points within 50 eV of the edge at {rough_eV:.0f} eV;"
            " at least 12 are needed"
        )
    energy, mu = e[window], spectrum.mu[window]
    grid = np.arange(max(energy[0] + 1, rough_eV + _SEARCH_EV[0]),
                     min(energy[-1] - 1, rough_eV + _SEARCH_EV[1]), _GRID_EV)  # fmt: skip
    noise = noise_of(energy, mu)
    drawn = mu + noise * np.random.default_rng(seed).standard_normal((_DRAWS, len(mu)))
    operator = slope_operator(energy, grid)
    slope = operator @ mu
    level = np.interp(grid, energy, mu)
    at = {
        "first_inflection": _first(slope, level),
        "steepest_point": int(np.argmax(slope)),
    }
    slopes = drawn @ operator.T
    wider = [slope_operator(energy, grid, b) @ mu for b in (0.7, 1.5)]
    found: dict[str, FigureOfMerit] = {}
    for name, index in at.items():
        value = _peak(grid, slope, index)
        draws = np.array([_peak(grid, s, _near(s, index)) for s in slopes])
        choice = [_peak(grid, s, _near(s, index)) for s in wider]
        sd = float(np.hypot(np.std(draws), np.std([value, *choice])))
        found[name] = _figure(value, sd, name)
    e0 = found["first_inflection"].value
    assert e0 is not None
    normal = normalise(spectrum, e0, pre_edge_eV=pre_edge_eV, post_edge_eV=post_edge_eV)
    found["half_height"] = _level_energy(normal, noise, np.array([0.5]), "half_height")
    found["integral"] = _level_energy(normal, noise, _LEVELS, "integral")
    return EdgePosition(noise_mu=noise, **found), normal


def _level_energy(
    normal: Normalised, noise_mu: float, levels: np.ndarray, name: str
) -> FigureOfMerit:
    """Mean energy at which the normalised absorption first passes ``levels``."""
    e, norm = normal.energy_eV, normal.norm
    near = (e > normal.e0_eV - 25.0) & (e < normal.e0_eV + 40.0)
    energy, rise = e[near], norm[near]
    if rise.max() < levels[-1] or rise[0] > levels[0]:
        return FigureOfMerit(None, (None, None), f"the edge does not pass {levels[-1]:g}", "eV")
    value = _mean_crossing(energy, rise, levels)
    # The step is wrong by the spread over windows; noise averages over the points of the rise.
    scaled = [
        _mean_crossing(energy, rise * f, levels)
        for f in (1 + d * normal.edge_step_sd / normal.edge_step for d in (-1.0, 1.0))
        if (rise * f).max() >= levels[-1]
    ]
    by_step = max((abs(v - value) for v in scaled), default=0.0)
    rng = np.random.default_rng(2)
    noisy = rise + noise_mu / normal.edge_step * rng.standard_normal((50, len(rise)))
    by_noise = np.std([_mean_crossing(energy, r, levels) for r in noisy])
    return _figure(value, float(np.hypot(by_step, by_noise)), name)


def _mean_crossing(energy: np.ndarray, rise: np.ndarray, levels: np.ndarray) -> float:
    """Mean of the energies of first passage, linear between points."""
    highest = np.maximum.accumulate(rise)
    first = np.searchsorted(highest, levels)
    first = np.clip(first, 1, len(rise) - 1)
    low, high = rise[first - 1], rise[first]
    share = np.clip((levels - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    return float(np.mean(energy[first - 1] + share * (energy[first] - energy[first - 1])))


def _figure(value: float, sd: float, name: str) -> FigureOfMerit:
    half = 1.959964 * sd
    return FigureOfMerit(value, (value - half, value + half), unit="eV",
                         conditions={"definition": DEFINITIONS[name], "sd_eV": sd})  # fmt: skip


def _first(slope: np.ndarray, level: np.ndarray) -> int:
    """Index of the lowest maximum of the slope that is high enough and no pre-edge peak."""
    highest = int(np.argmax(slope))
    peaks = 1 + np.flatnonzero((slope[1:-1] >= slope[:-2]) & (slope[1:-1] > slope[2:]))
    start = float(np.median(level[: max(5, len(level) // 20)]))
    for peak in peaks[peaks < highest]:
        if slope[peak] < LEAST_SLOPE * slope[highest]:
            continue
        behind = level[peak:highest]
        top = int(np.argmax(behind)) if slope[peak:highest].min() > 0 else _first_top(behind)
        rise = behind[top] - start
        if behind[top:].min() - start >= FALLS_BACK * rise:
            return int(peak)
    return highest


def _first_top(level: np.ndarray) -> int:
    falls = np.flatnonzero(np.diff(level) < 0)
    return int(falls[0]) if falls.size else len(level) - 1


def _near(slope: np.ndarray, index: int) -> int:
    """Index of the highest slope within 2 eV of ``index``."""
    reach = int(2.0 / _GRID_EV)
    low = max(0, index - reach)
    return low + int(np.argmax(slope[low : index + reach + 1]))


def _peak(grid: np.ndarray, slope: np.ndarray, index: int) -> float:
    """Vertex of the parabola through a maximum and its neighbours."""
    if not 0 < index < len(grid) - 1:
        return float(grid[index])
    a, b, c = slope[index - 1 : index + 2]
    bend = a - 2 * b + c
    return float(grid[index] + (0.5 * (a - c) / bend * _GRID_EV if bend < 0 else 0.0))


def _step_at(spectrum: AbsorptionSpectrum, at_eV: float) -> float:
    e, mu = spectrum.energy_eV, spectrum.mu
    before, after = (e > at_eV - 40) & (e < at_eV - 10), (e > at_eV + 10) & (e < at_eV + 40)
    if not before.any() or not after.any():
        return 0.0
    return float(mu[after].mean() - mu[before].mean())


def _without_spikes(mu: np.ndarray) -> np.ndarray:
    """Median of three."""
    middle = np.median(np.stack([mu[:-2], mu[1:-1], mu[2:]]), axis=0)
    return np.concatenate([mu[:1], middle, mu[-1:]])
