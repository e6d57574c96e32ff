"""EXAFS evidence on matplotlib axes: data, posterior band and paths in k and R."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS
from adatom.xas.exafs import PathParameters, chi_of_paths
from adatom.xas.fit_space import R_STEP_ANGSTROM

if TYPE_CHECKING:
    from adatom.xas.exafs_result import ExafsEvidence, ModelEvidence

BLUE, BLACK = COLOURS[0], COLOURS[6]
BAND_DRAWS = 100


def plot_exafs(result: "ExafsEvidence", ax: Axes | None = None) -> Axes:
    """Draw chi(k) above and |chi(R)| below (or beside, on given axes); returns the axes of k.

    Points: data; band: central 95 % of the posterior of the most probable model; thin lines: its
    shells at the most likely parameters, shifted down. R is not phase corrected.
    """
    if ax is None:
        figure = plt.figure(figsize=(5.2, 6.4), layout="constrained")
        ax, below = figure.subplots(2, 1)
    else:
        below = ax.inset_axes((0.0, -1.25, 1.0, 1.0))
    best, window, data = result.models[0], result.window, result.data
    k = data.k_per_angstrom
    weight = k**window.k_weight
    curves = np.array([_shells(best, row, k).sum(axis=0) for row in best.draws[:BAND_DRAWS]])
    shells = _shells(best, best.best, k)
    low, high = window.k_range_per_angstrom
    inside = (k >= low - 1.0) & (k <= high + 0.5)
    shown = inside & (k > 0.0)
    ax.plot(k[shown], (data.chi * weight)[shown], ".", color=BLACK, markersize=3, label="data")
    band = np.quantile(curves * weight, [0.025, 0.975], axis=0)
    ax.fill_between(
        k[shown], *band[:, shown], color=BLUE, alpha=0.4, linewidth=0, label="fit, 95 %"
    )
    step = 1.2 * float(np.abs(data.chi * weight)[shown].max())
    for n, (shell, chi) in enumerate(zip(best.model.shells, shells, strict=True)):
        line = (chi * weight)[shown] - (n + 1.5) * step
        ax.plot(k[shown], line, color=COLOURS[(n + 1) % len(COLOURS)], linewidth=1)
        ax.annotate(shell.name, (k[shown][-1], line[-1]), fontsize=7, ha="right", va="bottom")
    for edge in (low, high):
        ax.axvline(edge, color=BLACK, linewidth=0.5, linestyle=":")
    ax.set_xlabel(r"$k$ / $\mathrm{\AA}^{-1}$")
    ax.set_ylabel(rf"$k^{window.k_weight}\chi$ / $\mathrm{{\AA}}^{{-{window.k_weight}}}$")
    ax.legend(frameon=False, fontsize=8)
    r = np.arange(0.0, 5.0, R_STEP_ANGSTROM)
    kernel = np.exp(2j * np.outer(k, r)) * (window.tapered(k) * weight)[:, None]
    kernel *= data.k_step_per_angstrom / np.sqrt(np.pi)
    below.plot(r, np.abs(data.chi @ kernel), ".", color=BLACK, markersize=3)
    band = np.quantile(np.abs(curves @ kernel), [0.025, 0.975], axis=0)
    below.fill_between(r, *band, color=BLUE, alpha=0.4, linewidth=0)
    for n, (shell, chi) in enumerate(zip(best.model.shells, shells, strict=True)):
        colour = COLOURS[(n + 1) % len(COLOURS)]
        below.plot(r, np.abs(chi @ kernel), color=colour, linewidth=1, label=shell.name)
    for edge in window.r_range_angstrom:
        below.axvline(edge, color=BLACK, linewidth=0.5, linestyle=":")
    below.set_xlabel(r"$R$ (not phase corrected) / $\mathrm{\AA}$")
    below.set_ylabel(rf"$|\chi(R)|$ / $\mathrm{{\AA}}^{{-{window.k_weight + 1}}}$")
    below.legend(frameon=False, fontsize=8)
    ax.set_title(result.label, fontsize=9)
    return ax


def _shells(found: "ModelEvidence", row: np.ndarray, k: np.ndarray) -> np.ndarray:
    """chi of every shell (shells, K) at one parameter vector."""
    model = found.model
    layout = model.layout()
    given = PathParameters(
        number=row[0] * row[layout.number] * layout.per_number,
        shift_angstrom=row[layout.shift] * layout.shift_share,
        sigma2_A2=row[layout.sigma2],
    )
    chi = chi_of_paths(model.tables(), k, float(row[1]), given)
    ends = np.cumsum([len(shell.paths) for shell in model.shells])
    return np.array([part.sum(axis=0) for part in np.split(chi, ends[:-1])])
