"""Energy along a reaction path on matplotlib axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from adatom.energies.barriers import Barrier
from adatom.plot.curves import COLOURS


def plot_barrier(barrier: Barrier, ax: Axes | None = None) -> Axes:
    """Draw the images of a path; a saddle that is not verified is an open mark."""
    ax = ax or plt.subplots(figsize=(6.0, 4.0))[1]
    path = barrier.path
    energies = path.energies_eV - path.energies_eV[0]
    ax.plot(path.distance_A, energies, "o-", color=COLOURS[0], linewidth=1.3)
    top = path.saddle
    if top is not None:
        face = COLOURS[1] if barrier.verified else "white"
        ax.plot(path.distance_A[top], energies[top], "D", color=COLOURS[1], markerfacecolor=face,
                markersize=9)  # fmt: skip
        modes = barrier.saddle.imaginary_cm1 if barrier.saddle else ()
        forward = barrier.forward_eV
        height = "not verified" if forward is None else f"barrier {forward:.2f} eV"
        label = height + (
            ", " + ", ".join(f"{m:.0f}i" for m in modes[:3]) + " cm⁻¹" if modes else ""
        )
        ax.annotate(label, (path.distance_A[top], energies[top]), xytext=(0, 12),
                    textcoords="offset points", ha="center", fontsize="small")  # fmt: skip
    ax.margins(x=0.12, y=0.2)
    ax.set_xlabel("length of the path / Å")
    ax.set_ylabel("energy above the start / eV")
    ax.set_title(f"{barrier.subject}, {barrier.start.engine}, {path.method}", fontsize="medium")
    return ax
