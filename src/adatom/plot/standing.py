"""A sample among published values of the same metric: a strip with its 95 % interval."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from adatom.library.published import METRICS
from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.library.standing import Standing

MARKERS = "osD^v<>"
SAMPLE = COLOURS[-1]
PALE = 0.15
ROW_INCH = 0.28


def plot_standing(found: "Standing", ax: Axes | None = None) -> Axes:
    """One row for each published value, the best on top; the sample as a line with its interval."""
    count = len(found.entries)
    if ax is None:
        ax = plt.subplots(figsize=(6.5, 1.4 + ROW_INCH * count), layout="constrained")[1]
    rows = np.arange(count)[::-1]
    for i, site in enumerate(dict.fromkeys(e.site_type for e in found.entries)):
        chosen = [k for k, e in enumerate(found.entries) if e.site_type == site]
        values = [found.entries[k].value for k in chosen]
        ax.plot(values, rows[chosen], MARKERS[i % len(MARKERS)], linestyle="",
                color=COLOURS[i % (len(COLOURS) - 1)], label=site)  # fmt: skip
    for row, entry in zip(rows, found.entries, strict=True):
        if entry.uncertainty is not None:
            ax.errorbar(entry.value, row, xerr=entry.uncertainty, color=SAMPLE, capsize=2)
    value, (low, high) = found.figure.value, found.figure.interval_95
    assert value is not None
    ax.axvline(value, color=SAMPLE, linewidth=1.5, label="sample, 95 %")
    if low is not None and high is not None:
        ax.axvspan(low, high, color=SAMPLE, alpha=PALE, linewidth=0)
    ax.set_yticks(rows, [e.catalyst for e in found.entries], fontsize="small")
    ax.set_ylim(-0.7, count - 0.3)
    metric = METRICS[found.metric]
    ax.set_xlabel(f"{found.metric} / {metric.unit or '1'}")
    if metric.better < 0:
        ax.invert_xaxis()
    ax.set_title(f"{found.reaction} in {found.electrolyte}, better to the right", fontsize="medium")
    ax.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
