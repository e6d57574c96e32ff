"""Scaling relations on matplotlib axes: sites, line, prediction band, slope of bond counting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.thermo.scaling_relations import ScalingRelation

COLUMNS = 3


def plot_scaling(relation: "ScalingRelation", ax: Axes | None = None) -> Axes:
    """Draw one relation; returns the axes.

    Sites of the line are filled, others open; others, and sites that break the relation, are
    named. The band is the 95 % prediction interval of a new site with the median errors of the
    line's sites, the dashed line the slope of bond counting through its middle.
    """
    ax = ax or plt.subplots(figsize=(5, 4.5))[1]
    fit, sites = relation.line, relation.sites
    members = [site for site in sites if site.label in relation.line_sites]
    ends = [site.values_eV[relation.x] for site in sites]
    margin = 0.08 * (max(ends) - min(ends))
    x = np.linspace(min(ends) - margin, max(ends) + margin, 200)
    low, high = fit.prediction_interval_95(
        x,
        sd_x=float(np.median([site.sd_eV[relation.x] for site in members])),
        sd_y=float(np.median([site.sd_eV[relation.y] for site in members])),
        correlation=float(np.median([site.correlation for site in members])),
    )
    ax.fill_between(
        x, low, high, color="0.5", alpha=0.18, linewidth=0, label="95 % of new sites, with errors"
    )
    slope_low, slope_high = fit.slope_interval_95
    ax.plot(
        x, fit.value(x), color="0.25", linewidth=1.2,
        label=f"slope {fit.slope:.2f} ({slope_low:.2f} to {slope_high:.2f})",
    )  # fmt: skip
    if relation.slope_test is not None:
        expected = relation.slope_test.expected
        middle = float(np.mean(fit.x_range))
        ax.plot(
            x, fit.value(middle) + expected * (x - middle), color="0.25", linewidth=1.0,
            linestyle="--", label=f"bond counting, slope {expected:.3g}",
        )  # fmt: skip
    others = [site for site in sites if site not in members]
    for chosen, colour, fill, label in (
        (members, COLOURS[0], "full", "sites of the line"), (others, COLOURS[1], "none", "others"),
    ):  # fmt: skip
        if chosen:
            ax.errorbar(
                [site.values_eV[relation.x] for site in chosen],
                [site.values_eV[relation.y] for site in chosen],
                xerr=[site.sd_eV[relation.x] for site in chosen],
                yerr=[site.sd_eV[relation.y] for site in chosen],
                fmt="o", color=colour, fillstyle=fill, markersize=5, linewidth=0.8, label=label,
            )  # fmt: skip
    for d in relation.deviations:
        if d.breaks or d.site not in relation.line_sites:
            right = d.x_eV > x.mean()
            ax.annotate(
                d.site, (d.x_eV, d.y_eV), fontsize=7, xytext=(-4 if right else 4, -9),
                textcoords="offset points", ha="right" if right else "left",
            )  # fmt: skip
    ax.set_xlabel(f"$\\Delta G$({relation.x}) / eV")
    ax.set_ylabel(f"$\\Delta G$({relation.y}) / eV")
    ax.legend(frameon=False, fontsize=8)
    return ax


def plot_relations(relations: Sequence["ScalingRelation"]) -> Figure:
    """Draw several relations side by side; returns the figure."""
    columns = min(COLUMNS, len(relations))
    rows = -(-len(relations) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(5 * columns, 4.5 * rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat[len(relations) :]:
        ax.set_visible(False)
    for relation, ax in zip(relations, axes.flat, strict=False):
        plot_scaling(relation, ax)
    return figure
