"""An engine's free energies against those of a reference, on matplotlib axes."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.thermo.benchmark import Benchmark


def plot_benchmark(result: "Benchmark", ax: Axes | None = None) -> Axes:
    """Draw engine against reference, a colour an adsorbate, outliers named; returns the axes."""
    ax = ax or plt.subplots(figsize=(5, 5))[1]
    states = list(dict.fromkeys(c.reference.state for c in result.compared))
    for colour, state in zip(COLOURS, states, strict=False):
        for filled in (True, False):
            chosen = [
                c
                for c in result.compared
                if c.reference.state == state and (c in result.measured) == filled
            ]
            if not chosen:
                continue
            ax.plot(
                [c.reference.value_eV for c in chosen],
                [c.reference.value_eV + c.error_eV for c in chosen],
                "o",
                color=colour,
                fillstyle="full" if filled else "none",
                label=state if filled else f"{state} ({chosen[0].reference.kind})",
            )
    for c in result.outliers:
        if c.engine_eV is not None:
            ax.annotate(c.name, (c.reference.value_eV, c.engine_eV), fontsize=7)
    low, high = min(ax.get_xlim()[0], ax.get_ylim()[0]), max(ax.get_xlim()[1], ax.get_ylim()[1])
    ax.plot([low, high], [low, high], color="0.5", linewidth=0.8)
    sd = result.stated_sd_eV
    ax.fill_between(
        [low, high], [low - sd, high - sd], [low + sd, high + sd], color="0.5", alpha=0.12,
        linewidth=0, label=f"stated sd, {sd:.2f} eV",
    )  # fmt: skip
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set_aspect("equal")
    ax.set_xlabel(f"free energy, {result.measured[0].reference.kind} / eV")
    ax.set_ylabel(f"free energy, {result.engine.name} / eV")
    ax.legend(frameon=False, fontsize=8)
    return ax
