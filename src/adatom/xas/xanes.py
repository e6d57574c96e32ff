"""White line and pre-edge peak of a normalised spectrum, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot
from typing import NamedTuple

import numpy as np

from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.xas.edge_position import EdgePosition
from adatom.xas.edges import Edge
from adatom.xas.normalisation import Normalised

WHITE_LINE_EV = 40.0
"""The first maximum above 1 is sought up to here above E0."""
PRE_EDGE_PEAK_EV = (-4.0, 8.0)
"""From the foil's edge: 1s to 3d of the first row."""
_FLANK_EV = 8.0
_LEAST_SIGMAS = 3.0
_Z95 = 1.959964


@dataclass(frozen=True)
class NearEdge:
    """What the near edge shows, in units of the edge step."""

    white_line_height: FigureOfMerit
    white_line_energy_eV: FigureOfMerit
    white_line_area_eV: FigureOfMerit
    """Area above 1 between the crossings of 1 around the maximum, eV."""
    pre_edge_centroid_eV: FigureOfMerit
    pre_edge_area_eV: FigureOfMerit

    def figures(self) -> dict[str, FigureOfMerit]:
        """All of them by name."""
        return dict(vars(self))


def near_edge(normal: Normalised, position: EdgePosition, edge: Edge | None) -> NearEdge:
    """White line, and pre-edge peak where the edge is a K edge of a known element."""
    noise = position.noise_mu / normal.edge_step
    height, energy, area = _white_line(normal, noise)
    centroid, pre_area = _pre_edge_peak(normal, position, edge, noise)
    return NearEdge(height, energy, area, centroid, pre_area)


def _white_line(
    normal: Normalised, noise: float
) -> tuple[FigureOfMerit, FigureOfMerit, FigureOfMerit]:
    e, flat = normal.energy_eV, normal.flat
    near = np.flatnonzero((e > normal.e0_eV) & (e < normal.e0_eV + WHITE_LINE_EV))
    if near.size < 5:
        reason = f"{near.size} points within {WHITE_LINE_EV:g} eV above the edge"
        return no_figure(reason), no_figure(reason, "eV"), no_figure(reason, "eV")
    top = near[int(np.argmax(flat[near]))]
    around = np.flatnonzero(np.abs(e - e[top]) <= max(1.5, 2.5 * (e[top + 1] - e[top])))
    x = e[around] - e[top]
    curve, covariance = _parabola(x, flat[around], noise)
    if curve[0] >= 0:
        reason = f"no maximum within {WHITE_LINE_EV:g} eV above the edge"
        return no_figure(reason), no_figure(reason, "eV"), no_figure(reason, "eV")
    at = -0.5 * curve[1] / curve[0]
    height = float(np.polyval(curve, at))
    relative = normal.edge_step_sd / normal.edge_step
    height_sd = float(np.hypot(np.sqrt(covariance[2, 2]), relative * height))
    gradient = np.array([0.5 * curve[1] / curve[0] ** 2, -0.5 / curve[0], 0.0])
    at_sd = float(np.sqrt(gradient @ covariance @ gradient))
    heights = _interval(height, height_sd, "", {"above": "post-edge level 1, slope taken off"})
    energy = _interval(float(e[top] + at), at_sd, "eV", {})
    if height <= 1.0:
        return heights, energy, no_figure("no white line: the maximum does not pass 1", "eV")
    value = _area_above(e, flat, top, 1.0)
    spread = [_area_above(e, flat * f, top, 1.0) for f in (1 - relative, 1 + relative)]
    step = float(np.gradient(e)[top])
    sd = float(np.hypot(0.5 * abs(spread[1] - spread[0]), noise * np.sqrt(10.0 * step)))
    area = _interval(value, sd, "eV", {"above": 1.0})
    return heights, energy, area


def _area_above(e: np.ndarray, flat: np.ndarray, top: int, level: float) -> float:
    """Area above ``level`` between its crossings around a maximum."""
    low = high = top
    while low > 0 and flat[low - 1] > level:
        low -= 1
    while high < len(flat) - 1 and flat[high + 1] > level:
        high += 1
    return float(np.trapezoid(flat[low : high + 1] - level, e[low : high + 1]))


def _pre_edge_peak(
    normal: Normalised, position: EdgePosition, edge: Edge | None, noise: float
) -> tuple[FigureOfMerit, FigureOfMerit]:
    """Centroid and area above a smooth rise; the spread over its flanks is in the interval."""
    half = position.half_height.value
    if edge is None or edge.name != "K" or half is None:
        reason = "a pre-edge peak is sought at K edges of stated elements"
        return no_figure(reason, "eV"), no_figure(reason, "eV")
    low, high = (edge.reference_eV + x for x in PRE_EDGE_PEAK_EV)
    high = min(high, half - 4.0)
    if high - low < 5.0:
        reason = "the edge rises where a pre-edge peak would be"
        return no_figure(reason, "eV"), no_figure(reason, "eV")
    found = []
    for start, end in ((0.0, 0.0), (1.0, 0.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 0.5)):
        one = _peak_above_rise(normal, low + start, high + end)
        if one is not None:
            found.append(one)
    if len(found) < 3:
        reason = "too few points around the pre-edge"
        return no_figure(reason, "eV"), no_figure(reason, "eV")
    first = found[0]
    area_sd = hypot(np.std([f.area for f in found], ddof=1), noise * first.area_noise)
    if first.area <= _LEAST_SIGMAS * area_sd or first.height < max(5.0 * noise, 0.005):
        reason = (
            f"no pre-edge peak stands out: area {first.area:.3f} +- {area_sd:.3f} eV between"
            f" {low:.0f} and {high:.0f} eV"
        )
        return no_figure(reason, "eV"), _interval(first.area, area_sd, "eV", {"note": reason})
    window = {"window_eV": [low, high]}
    centroid_sd = hypot(np.std([f.centroid for f in found], ddof=1), noise * first.centroid_noise)
    return (
        _interval(first.centroid, max(centroid_sd, 0.02), "eV", window),
        _interval(first.area, area_sd, "eV", window),
    )


class _Peak(NamedTuple):
    """What stands above the rise."""

    area: float
    centroid: float
    height: float
    area_noise: float
    """Standard deviation of the area for a noise of 1 at a point, eV."""
    centroid_noise: float


def _peak_above_rise(normal: Normalised, low: float, high: float) -> _Peak | None:
    """A peak above the tail of the edge on a line, both fitted to the flanks."""
    e, norm = normal.energy_eV, normal.norm
    flanks = ((e > low - _FLANK_EV) & (e < low)) | ((e > high) & (e < high + 2.5))
    inside = (e >= low) & (e <= high)
    if (e[flanks] < low).sum() < 3 or (e[flanks] > high).sum() < 2 or inside.sum() < 5:
        return None
    # The rise of the edge is steep on its upper flank: tails of poles of one and two orders whose
    # place is the end of the flank.
    pole = high + 6.0

    def design(x: np.ndarray) -> np.ndarray:
        u = (x - low) / 10.0
        return np.column_stack([np.ones_like(x), u, 1.0 / (pole - x), 1.0 / (pole - x) ** 2])

    x = e[inside]
    from_flanks = design(x) @ np.linalg.pinv(design(e[flanks]))
    above = norm[inside] - from_flanks @ norm[flanks]
    steps = np.diff(x)
    weight = 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))

    def noise_of_sum(factors: np.ndarray) -> float:
        """Of the sum of ``above`` times ``factors``: that of its points and of the flanks."""
        return hypot(np.linalg.norm(factors), np.linalg.norm(factors @ from_flanks))

    area, total = float(weight @ above), float(weight @ np.maximum(above, 0.0))
    centroid = float((weight * np.maximum(above, 0.0)) @ x) / total if total > 0 else x.mean()
    return _Peak(
        area, float(centroid), float(above.max()), noise_of_sum(weight),
        noise_of_sum(weight * (x - centroid)) / total if total > 0 else np.inf,
    )  # fmt: skip


def _parabola(x: np.ndarray, y: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    curve = np.polyfit(x, y, 2)
    design = np.vander(x, 3)
    left = max(len(x) - 3, 1)
    variance = max(noise**2, float(((y - design @ curve) ** 2).sum() / left))
    return curve, variance * np.linalg.pinv(design.T @ design)


def _interval(
    value: float, sd: float, unit: str, conditions: Mapping[str, object]
) -> FigureOfMerit:
    return FigureOfMerit(value, (value - _Z95 * sd, value + _Z95 * sd), unit=unit,
                         conditions={**conditions, "sd": sd})  # fmt: skip
