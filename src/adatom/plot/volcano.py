"""An activity map with sites on it, on matplotlib axes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from adatom.kinetics.mapped_activity import LimitingActivity
from adatom.kinetics.mapped_sites import MappedSite
from adatom.kinetics.volcano import ActivityMap
from adatom.plot.curves import COLOURS
from adatom.plot.domains import widest_point

SHOWN_BELOW_APEX = {"limiting potential": 1.2, "turnover": 12.0}
"""V, and decades, below the apex that colours tell apart; what is lower has the last colour."""
MOST_LABELS = 25
"""Of more sites than this the names are left out."""
SMALLEST_NAMED = 0.02
"""Domains that take a smaller share of the map are not named."""


def plot_map(
    chart: ActivityMap, ax: Axes | None = None, *, sites: Sequence[MappedSite] = ()
) -> Axes:
    """Draw a map of one or two descriptors; full markers are the sites' own values.

    One descriptor: error bars of 95 %, open markers where the lines put a site. Two: ellipses of
    95 %, filled with the colour of the site's own value.
    """
    ax = ax or plt.subplots(figsize=(7.0, 5.0), layout="constrained")[1]
    ax.set_title(title(chart), size=10)
    if len(chart.axes) == 1:
        _draw_curve(chart, ax, sites)
    else:
        _draw_plane(chart, ax, sites)
    return ax


def title(chart: ActivityMap) -> str:
    """What the map shows and under which conditions, in one line."""
    words = [chart.network.mechanism.title, chart.activity.quantity]
    if not isinstance(chart.activity, LimitingActivity):
        words.append(f"at {chart.activity.potential_V_rhe:g} V vs RHE")
    return ", ".join(words)


def shown_range(chart: ActivityMap) -> tuple[float, float]:
    """Lowest and highest value that colours tell apart."""
    finite = chart.values[np.isfinite(chart.values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if isinstance(chart.activity, LimitingActivity):
        depth = SHOWN_BELOW_APEX["limiting potential"]
        if chart.network.electrons < 0:
            return low, max(min(high, low + depth), low + 1e-3)
    else:
        depth = SHOWN_BELOW_APEX["turnover"]
    return min(max(low, high - depth), high - 1e-3), high


def value_label(chart: ActivityMap) -> str:
    """Label of the axis or colours of the values."""
    return f"{chart.activity.quantity} / {chart.activity.unit}"


def _draw_curve(chart: ActivityMap, ax: Axes, sites: Sequence[MappedSite]) -> None:
    x, y = chart.axes[0].values_eV, chart.values
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(chart.domain_names)}
    points = np.column_stack([x, y])
    segments = np.stack([points[:-1], points[1:]], axis=1)
    for n, name in enumerate(chart.domain_names):
        chosen = (chart.domains[:-1] == n) & np.isfinite(segments).all(axis=(1, 2))
        ax.add_collection(
            LineCollection(list(segments[chosen]), colors=colours[name], linewidths=2.5, label=name)
        )
    if isinstance(chart.activity, LimitingActivity):
        level = float(chart.activity.conditions["equilibrium_potential_V_rhe"])
        ax.axhline(level, color="0.5", linestyle="--", linewidth=0.9, label="equilibrium")
    for site in sites:
        at, own = float(site.descriptors_eV[0]), site.value
        if not np.isfinite(own):
            continue
        low, high = (v if np.isfinite(v) else own for v in site.interval_95)
        bars = [[max(0.0, own - low)], [max(0.0, high - own)]]
        ax.errorbar([at], [own], xerr=site.half_widths_95_eV, yerr=bars, fmt="o", color="k",
                    markersize=5, elinewidth=0.8, capsize=2)  # fmt: skip
        ax.plot([at, at], [own, site.map_value], color="k", linewidth=0.8, linestyle=":")
        ax.plot([at], [site.map_value], "o", color="k", markerfacecolor="w", markersize=5)
    _name_sites(ax, [(s.label, float(s.descriptors_eV[0]), s.value) for s in sites])
    ax.autoscale_view()
    ax.set_xlim(x[0], x[-1])
    ax.set_xlabel(f"dG({chart.axes[0].name}) / eV")
    ax.set_ylabel(value_label(chart))
    ax.legend(frameon=False, fontsize=8)


def _draw_plane(chart: ActivityMap, ax: Axes, sites: Sequence[MappedSite]) -> None:
    x, y = (a.values_eV for a in chart.axes)
    low, high = shown_range(chart)
    better_low = isinstance(chart.activity, LimitingActivity) and chart.network.electrons < 0
    mesh = ax.pcolormesh(
        x, y, chart.values, cmap="viridis_r" if better_low else "viridis", vmin=low, vmax=high,
        shading="nearest", rasterized=True,
    )  # fmt: skip
    ax.set_facecolor("0.85")  # where nothing is made on balance
    assert ax.figure is not None
    ax.figure.colorbar(mesh, ax=ax, label=value_label(chart), extend="max" if better_low else "min")
    for n, name in enumerate(chart.domain_names):
        domain = chart.domains == n
        ax.contour(x, y, domain.astype(float), levels=[0.5], colors="w", linewidths=0.7)
        if domain.mean() >= SMALLEST_NAMED:
            _, row, column = widest_point(domain)
            _outlined(ax.text(x[column], y[row], name, ha="center", va="center", size=7.5,
                              style="italic", clip_on=True))  # fmt: skip
    for site in sites:
        ax.plot(*site.ellipse_95_eV().T, color="k", linewidth=0.9)
        x_at, y_at = (float(v) for v in site.descriptors_eV)
        ax.scatter([x_at], [y_at], c=[site.value], cmap=mesh.cmap, vmin=low, vmax=high, s=45,
                   edgecolors="k", zorder=3, plotnonfinite=True)  # fmt: skip
    _name_sites(
        ax, [(s.label, float(s.descriptors_eV[0]), float(s.descriptors_eV[1])) for s in sites]
    )
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.set_xlabel(f"dG({chart.axes[0].name}) / eV")
    ax.set_ylabel(f"dG({chart.axes[1].name}) / eV")


def _name_sites(ax: Axes, places: Sequence[tuple[str, float, float]]) -> None:
    if len(places) > MOST_LABELS:
        return
    for name, x, y in places:
        if np.isfinite(y):
            _outlined(ax.annotate(name, (x, y), xytext=(6, 5), textcoords="offset points",
                                  fontsize=8, annotation_clip=True))  # fmt: skip


def _outlined(text: Text) -> None:
    text.set_path_effects([withStroke(linewidth=2.2, foreground="w")])
