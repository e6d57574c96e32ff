"""Shares of the metal with their intervals, from each source alone and from all together."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.evidence.composition import KINDS
from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.evidence.shares import JointShares

ALL = COLOURS[-1]


def plot_shares(found: "JointShares", ax: Axes | None = None) -> Axes:
    """Draw one group for each kind; what no data say in grey. Returns the axes."""
    ax = ax or plt.subplots(figsize=(7.0, 4.2), layout="constrained")[1]
    rows = [("prior", found.prior, "0.7")]
    rows += [
        (f"{name} alone", figures, COLOURS[i % (len(COLOURS) - 1)])
        for i, (name, figures) in enumerate(found.alone.items())
    ]
    rows.append(("all together", found.shares, ALL))
    step = 0.8 / len(rows)
    for i, (label, figures, colour) in enumerate(rows):
        x = np.arange(len(KINDS)) + (i - 0.5 * (len(rows) - 1)) * step
        values = np.array([figures[kind].value for kind in KINDS], dtype=float)
        ends = np.array([figures[kind].interval_95 for kind in KINDS], dtype=float)
        wide = 2.5 if label == "all together" else 1.5
        ax.vlines(x, ends[:, 0], ends[:, 1], color=colour, linewidth=wide)
        ax.plot(x, values, "o", color=colour, markersize=6 if wide > 2 else 4, label=label)
    ax.set_xticks(range(len(KINDS)), [kind.replace("_", " ") for kind in KINDS])
    ax.set_ylabel("share of the metal (95 % intervals)")
    ax.set_ylim(-0.02, 1.02)
    ax.legend(frameon=False, fontsize="small")
    return ax
