"""States of a site and the steps between them, as a graph; net fluxes drawn by width."""

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from adatom.kinetics.cycles import Cycle
from adatom.reactions.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRANSFER, THERMAL, DOMINANT = "#0969da", "#57606a", "#cf222e"
MOST_LABELS = 60
"""States of larger graphs are drawn without their names."""
FEW_STEPS = 80
"""Arrows of larger graphs are faint."""
SMALLEST_SHARE = 0.005
"""Less likely states are not drawn beside cycles, nor their probability written."""
WIDTH_DECADES = 6.0
"""Net fluxes smaller than the largest by more are drawn as hairlines."""


def plot_network(
    network: Network,
    ax: "Axes | None" = None,
    *,
    occupations: Mapping[str, float] | None = None,
    cycles: Sequence[Cycle] = (),
) -> "Axes":
    """Draw a network on given axes (or new ones) and return them.

    States stand in columns by the number of steps from the bare site. With ``cycles`` (the
    dominant one first) only their states and steps are drawn, arrows along the net flux and as
    wide as it is large, the dominant cycle red. ``occupations`` are written to the states.
    """
    fluxes = _fluxes(cycles)
    steps = [s for s in network.steps if s.name in fluxes] if cycles else list(network.steps)
    passed = {state for cycle in cycles for state in cycle.states}
    likely = {s for s, share in (occupations or {}).items() if share > SMALLEST_SHARE}
    places = _places(network, passed | likely if cycles else set(network.states))
    if ax is None:
        ax = _axes(places)
    walked = {s.name for s in cycles[0].steps} if cycles else set()
    largest = max((abs(f) for f in fluxes.values()), default=0.0)
    for n, step in enumerate(steps):
        start, end, width = places[step.start], places[step.end], 1.0
        if cycles:
            start, end = (end, start) if fluxes[step.name] < 0 else (start, end)
            share = abs(fluxes[step.name]) / largest
            width = 0.4 + 3.0 * max(0.0, 1.0 + np.log10(max(share, 1e-300)) / WIDTH_DECADES)
        first = step.name in walked
        ax.annotate(
            "", xy=end, xytext=start, zorder=3 if first else 1,
            arrowprops={
                "arrowstyle": "-|>", "lw": width, "shrinkA": 16, "shrinkB": 16,
                "color": DOMINANT if first else TRANSFER if step.electrons else THERMAL,
                "connectionstyle": f"arc3,rad={0.12 + 0.05 * (n % 3)}",
                "alpha": 0.9 if first or len(steps) < FEW_STEPS else 0.35,
            },
        )  # fmt: skip
    for state, (x, y) in places.items():
        share = (occupations or {}).get(state, 0.0)
        ax.text(
            x, y, state if len(places) <= MOST_LABELS else "", ha="center", va="center", zorder=4,
            fontsize=9, fontweight="bold" if share > 0.05 else "normal",
            bbox={
                "boxstyle": "round,pad=0.35", "ec": "#8c959f",
                "fc": "#ddf4ff" if state == network.bare else "white",
            },
        )  # fmt: skip
        if share > SMALLEST_SHARE:
            ax.text(x, y - 0.36, f"{share:.0%}", ha="center", va="center", fontsize=7, zorder=5)
    xs, ys = np.array(list(places.values())).T
    ax.set_xlim(xs.min() - 0.6, xs.max() + 0.6)
    ax.set_ylim(ys.min() - 0.8, ys.max() + 0.8)
    ax.set_axis_off()
    drawn = f"{len(places)} of {len(network.states)}" if cycles else f"{len(network.states)}"
    meaning = "blue: electron transfer, grey: thermal step" + (
        ", red: dominant cycle" * bool(cycles)
    )
    ax.set_title(
        f"{network.mechanism.title}: {drawn} states, {len(steps)} steps\n{meaning}", fontsize=10
    )
    return ax


def _fluxes(cycles: Sequence[Cycle]) -> dict[str, float]:
    """Net flux of every step that the cycles walk, in its written direction, s^-1."""
    total: dict[str, float] = {}
    for cycle in cycles:
        for step, back in zip(cycle.steps, cycle.backward, strict=True):
            flux = -cycle.flux_Hz if back else cycle.flux_Hz
            total[step.name] = total.get(step.name, 0.0) + flux
    return total


def _axes(places: Mapping[str, tuple[float, float]]) -> "Axes":
    from matplotlib import pyplot

    xs, ys = np.array(list(places.values())).T
    size = (min(4.0 + 2.0 * np.ptp(xs), 24.0), min(2.5 + 0.55 * np.ptp(ys), 24.0))
    return pyplot.subplots(figsize=size)[1]


def _places(network: Network, drawn: Container[str]) -> dict[str, tuple[float, float]]:
    """Column by the number of steps forward from the bare state, rows spread about zero."""
    level = {network.bare: 0}
    waiting = [network.bare]
    while waiting:
        at = waiting.pop(0)
        for step in network.steps:
            if step.start == at and step.end not in level:
                level[step.end] = level[at] + 1
                waiting.append(step.end)
    for state in network.states:  # those that only backward steps reach
        level.setdefault(state, 1)
    columns: dict[int, list[str]] = {}
    for state in network.states:
        if state in drawn:
            columns.setdefault(level[state], []).append(state)
    return {
        state: (float(column), 0.5 * (len(states) - 1) - row + 0.25 * (column % 2))
        for column, states in columns.items()
        for row, state in enumerate(states)
    }
