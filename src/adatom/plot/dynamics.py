"""Metal-ligand distances along a trajectory, on matplotlib axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from adatom.energies.distances import DynamicsResult
from adatom.plot.curves import COLOURS


def plot_distances(result: DynamicsResult, ax: Axes | None = None) -> Axes:
    """Draw the distribution of each metal's bonds with its 2.5-97.5 % range; returns the axes."""
    ax = ax or plt.subplots(figsize=(6.0, 4.0))[1]
    for found, colour in zip(result.distributions, COLOURS, strict=False):
        low, high = found.low_A.value, found.high_A.value
        label = f"{found.label}: {found.mean_A.value:.2f} Å, 95 % in {low:.2f}–{high:.2f} Å"
        ax.stairs(found.density_per_A, found.edges_A, color=colour, label=label, linewidth=1.3)
        ax.stairs(found.density_per_A, found.edges_A, color=colour, alpha=0.15, fill=True)
        for edge in (low, high):
            ax.axvline(edge, color=colour, linestyle="--", linewidth=0.8)
    run = result.trajectory
    ax.set_title(
        f"{result.subject}, {run.engine}, {run.protocol.temperature_K:.0f} K,"
        f" {run.time_fs[-1] / 1000.0 - result.discarded_ps:.1f} ps",
        fontsize="medium",
    )
    ax.set_xlabel("distance / Å")
    ax.set_ylabel("probability density / Å$^{-1}$")
    ax.set_ylim(0.0, 1.25 * max(float(d.density_per_A.max()) for d in result.distributions))
    ax.legend(frameon=True, facecolor="white", edgecolor="none", fontsize="small")
    return ax
