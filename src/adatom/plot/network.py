"""States of a site and the steps between them, as a graph; net fluxes drawn by width."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from adatom.kinetics.cycles import Cycle
from adatom.reactions.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRANSFER, THERMAL, DOMINANT = "#0969da", "#57606a", "#cf222e"
MOST_LABELS = 60
"""States of larger graphs are drawn without their names."""
WIDTH_DECADES = 6.0
"""Net fluxes smaller than the largest by more are drawn as hairlines."""


def plot_network(
    network: Network,
    ax: "Axes | None" = None,
    *,
    occupations: Mapping[str, float] | None = None,
    net_fluxes_Hz: np.ndarray | None = None,
    cycle: Cycle | None = None,
) -> "Axes":
    """Draw a network on given axes (or new ones) and return them.

    States stand in columns by the number of steps from the bare site. ``occupations`` size them,
    ``net_fluxes_Hz`` (E,) set widths and directions of the arrows, and the steps of ``cycle`` are
    red.
    """
    places = _places(network)
    if ax is None:
        from matplotlib import pyplot

        columns = 1 + max(x for x, _ in places.values())
        rows = 1 + max(sum(1 for p in places.values() if p[0] == c) for c in range(int(columns)))
        size = (min(3.0 + 2.2 * columns, 24.0), min(1.5 + 0.55 * rows, 24.0))
        _, ax = pyplot.subplots(figsize=size)
    walked = {s.name for s in cycle.steps} if cycle else set()
    largest = float(np.abs(net_fluxes_Hz).max()) if net_fluxes_Hz is not None else 0.0
    for e, step in enumerate(network.steps):
        start, end = places[step.start], places[step.end]
        width = 1.0
        if net_fluxes_Hz is not None:
            flux = float(net_fluxes_Hz[e])
            start, end = (end, start) if flux < 0 else (start, end)
            share = abs(flux) / largest if largest > 0 else 0.0
            width = 0.3 + 3.0 * max(0.0, 1.0 + np.log10(max(share, 1e-300)) / WIDTH_DECADES)
        colour = DOMINANT if step.name in walked else TRANSFER if step.electrons else THERMAL
        ax.annotate(
            "", xy=end, xytext=start, zorder=3 if step.name in walked else 1,
            arrowprops={
                "arrowstyle": "-|>", "color": colour, "lw": width, "shrinkA": 16, "shrinkB": 16,
                "connectionstyle": f"arc3,rad={0.12 + 0.05 * (e % 3)}",
                "alpha": 0.9 if step.name in walked or len(network.steps) < 80 else 0.35,
            },
        )  # fmt: skip
    named = len(network.states) <= MOST_LABELS
    for state, (x, y) in places.items():
        share = occupations.get(state, 0.0) if occupations else 0.0
        face = "#ddf4ff" if state == network.bare else "white"
        ax.text(
            x, y, state if named else "", ha="center", va="center", zorder=4,
            fontsize=9 + 5 * share, fontweight="bold" if share > 0.05 else "normal",
            bbox={"boxstyle": "round,pad=0.35", "fc": face, "ec": "#8c959f"},
        )  # fmt: skip
        if share > 0.005:
            ax.text(x, y - 0.36, f"{share:.0%}", ha="center", va="center", fontsize=7, zorder=4)
    xs, ys = np.array(list(places.values())).T
    ax.set_xlim(xs.min() - 0.6, xs.max() + 0.6)
    ax.set_ylim(ys.min() - 0.8, ys.max() + 0.8)
    ax.set_axis_off()
    title = f"{network.mechanism.title}: {len(network.states)} states, {len(network.steps)} steps"
    ax.set_title(f"{title}\nblue: electron transfer, grey: thermal step", fontsize=10)
    return ax


def _places(network: Network) -> dict[str, tuple[float, float]]:
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
        columns.setdefault(level[state], []).append(state)
    return {
        state: (float(column), 0.5 * (len(states) - 1) - row + 0.25 * (column % 2))
        for column, states in columns.items()
        for row, state in enumerate(states)
    }
