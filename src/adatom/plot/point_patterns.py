"""Atoms of a field, their distances and the share in pairs, on matplotlib axes."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.stem.neighbours import NeighbourStatistics
    from adatom.stem.pair_inference import PairInference
    from adatom.stem.pair_result import PairResult

BLUE, ORANGE = COLOURS[:2]
GREY = "0.6"


def plot_pair_correlation(found: "NeighbourStatistics", ax: Axes | None = None) -> Axes:
    """Draw g(r) with the global envelope of single atoms at random; returns the axes."""
    ax = ax or plt.subplots()[1]
    r = found.bin_middle_angstrom
    low, high = found.envelope_g
    ax.fill_between(r, np.maximum(low, 0.0), high, color=GREY, alpha=0.4, linewidth=0,
                    label="single atoms at random, 95 %")  # fmt: skip
    ax.plot(r, found.pair_correlation, color=BLUE, label="observed")
    ax.set_xlabel("distance / Å")
    ax.set_ylabel("pair correlation g")
    ax.legend(frameon=False, fontsize=8)
    return ax


def plot_ripley(found: "NeighbourStatistics", ax: Axes | None = None) -> Axes:
    """Draw L(r) less its mean for single atoms at random; returns the axes."""
    ax = ax or plt.subplots()[1]
    r, mean = found.distance_angstrom, found.random_l_angstrom
    low, high = found.envelope_l_angstrom
    ax.fill_between(r, low - mean, high - mean, color=GREY, alpha=0.4, linewidth=0)
    ax.plot(r, found.ripley_l_angstrom - mean, color=BLUE)
    ax.set_xlabel("distance / Å")
    ax.set_ylabel("L - L(random) / Å")
    ax.set_title(f"p = {found.p_value:.3g} for single atoms at random", fontsize=9)
    return ax


def plot_distances(found: "PairInference", ax: Axes | None = None) -> Axes:
    """Draw distances between atoms, the part of pairs and that of chance; returns the axes."""
    from adatom.stem.pair_spectrum import pair_spectrum

    ax = ax or plt.subplots()[1]
    spectrum = pair_spectrum(found)
    left, width = spectrum.edges_angstrom[:-1], np.diff(spectrum.edges_angstrom)
    chance = spectrum.observed - spectrum.paired
    ax.bar(left, chance, width, align="edge", color=GREY, label="chance neighbours")
    ax.bar(left, spectrum.paired, width, chance, align="edge", color=ORANGE, label="pairs")
    ax.set_xlabel("distance / Å")
    ax.set_ylabel("pairs of atoms")
    ax.legend(frameon=False, fontsize=8)
    return ax


def plot_share(found: "PairInference", ax: Axes | None = None) -> Axes:
    """Draw the posterior of the share of atoms in pairs; returns the axes."""
    ax = ax or plt.subplots()[1]
    edges = found.share_edges
    middle = 0.5 * (edges[1:] + edges[:-1])
    ax.fill_between(middle, found.share_probability / np.diff(edges), color=ORANGE, alpha=0.5)
    for end in found.share_interval_95:
        ax.axvline(end, color="black", linewidth=0.8)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("share of metal atoms in pairs, if any")
    ax.set_ylabel("probability density")
    ax.set_title(f"no pairs: {found.probability_no_pairs:.2g}", fontsize=9)
    return ax


def plot_pairs(result: "PairResult") -> Axes:
    """Draw distances, share, g and L of the first field on one page; returns the first axes."""
    panels = plt.subplots(2, 2, figsize=(9.0, 7.0), layout="constrained")[1]
    first = plot_distances(result.inference, panels[0, 0])
    plot_share(result.inference, panels[0, 1])
    plot_pair_correlation(result.statistics[0], panels[1, 0])
    plot_ripley(result.statistics[0], panels[1, 1])
    if len(result.statistics) > 1:
        for panel in panels[1]:
            panel.set_title(f"first of {len(result.statistics)} fields", fontsize="small")
    return first
