"""Micrographs for print: atoms coloured by the probability of being in a pair; line profiles."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adatom.errors import ImageError
from adatom.plot.curves import COLOURS

if TYPE_CHECKING:
    from adatom.stem.profiles import DoubletFit

SHADES = ListedColormap(plt.get_cmap("viridis")(np.linspace(0.25, 1.0, 256)), "viridis, upper part")
"""Without the darkest quarter, which cannot be seen on a dark image."""
_SIZE_IN = 5.2
_CLIP_PERCENT = (0.5, 99.8)
_BARS_A = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0)


def plot_micrograph(
    image: np.ndarray,
    positions_A: np.ndarray,
    pair_probability: np.ndarray,
    *,
    pixel_size_A: float,
    statistics: Sequence[str] = (),
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw an image with its atoms, each ringed in the colour of its probability.

    ``image`` is (rows, columns), ``positions_A`` (N, 2) from the corner of the image,
    ``pair_probability`` (N,) of being in a true pair; nan where it is not known, drawn white.
    ``statistics`` are short lines for the corner; ``lines`` are numbered strips along which
    profiles were taken. Colours are viridis, told apart by colour-blind readers and in grey print.

    Raises :class:`~adatom.errors.ImageError` for shapes or probabilities that do not fit.
    """
    image = np.asarray(image, dtype=float)
    places = np.asarray(positions_A, dtype=float).reshape(-1, 2)
    chance = np.asarray(pair_probability, dtype=float)
    if image.ndim != 2 or chance.shape != (len(places),):
        raise ImageError(
            f"an image of shape {image.shape}, {len(places)} atoms and {chance.shape} probabilities"
            ": expected (rows, columns) and one probability an atom"
        )
    known = chance[np.isfinite(chance)]
    if len(known) and (known.min() < 0.0 or known.max() > 1.0):
        raise ImageError(f"probabilities run from {known.min():g} to {known.max():g}, not 0 to 1")
    width, height = (side * pixel_size_A for side in image.shape[::-1])
    if ax is None:
        _, ax = plt.subplots(
            figsize=(_SIZE_IN * 1.2, _SIZE_IN * min(2.0, max(0.5, height / width))),
            layout="constrained",
        )
    low, high = np.percentile(image, _CLIP_PERCENT)
    ax.imshow(
        image, cmap="gray", vmin=low, vmax=max(high, low + 1e-12), extent=(0.0, width, height, 0.0),
        interpolation="nearest",
    )  # fmt: skip
    size = (72.0 * _SIZE_IN * 2.2 / max(width, height)) ** 2
    shades = ScalarMappable(Normalize(0.0, 1.0), SHADES)
    colours: Any = np.asarray(shades.to_rgba(np.nan_to_num(chance)))
    colours[~np.isfinite(chance)] = 1.0
    ax.scatter(
        places[:, 0], places[:, 1], s=max(size, 12.0), facecolors="none", linewidths=1.1,
        edgecolors=colours,
    )  # fmt: skip
    bar = ax.figure.colorbar(shades, ax=ax, fraction=0.046, pad=0.02)
    bar.set_label("probability of being in a pair")
    for n, (first, second) in enumerate(lines):
        ax.plot(*zip(first, second, strict=True), color="white", lw=0.8, ls=(0, (2, 1)))
        ax.annotate(
            str(n + 1), second, xytext=(3, 3), textcoords="offset points", color="white", fontsize=8
        )
    _scale_bar(ax, width, height)
    if statistics:
        ax.text(
            0.02, 0.98, "\n".join(statistics), transform=ax.transAxes, va="top", fontsize=8,
            color="white",
            bbox={"boxstyle": "round,pad=0.3", "fc": "black", "ec": "none", "alpha": 0.65},
        )  # fmt: skip
    ax.set_xlim(0.0, width)
    ax.set_ylim(height, 0.0)
    ax.set_axis_off()
    return ax


def _scale_bar(ax: Axes, width: float, height: float) -> None:
    """A bar of a round length, about a fifth of the image."""
    length = max((b for b in _BARS_A if b <= width / 4.0), default=_BARS_A[0])
    text = f"{length / 10:g} nm" if length >= 10.0 else f"{length:g} $\\mathrm{{\\AA}}$"
    x, y, thick = 0.04 * width, 0.955 * height, 0.012 * height
    ax.add_patch(
        Rectangle((x - 0.015 * width, y - 0.06 * height), length + 0.03 * width, 0.09 * height,
                  fc="black", ec="none", alpha=0.65)
    )  # fmt: skip
    ax.add_patch(Rectangle((x, y), length, thick, fc="white", ec="none"))
    ax.text(x + length / 2, y - 0.01 * height, text, color="white", ha="center", va="bottom",
            fontsize=9)  # fmt: skip


def plot_profile(fit: "DoubletFit", ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw a profile with its two Gaussians, the distance and the dip."""
    ax = ax or plt.subplots(figsize=(3.6, 2.8), layout="constrained")[1]
    x = fit.profile.position_A
    ax.plot(x, fit.profile.intensity, "o", ms=3.5, color="0.35")
    fine = np.linspace(x[0], x[-1], 400)
    ax.plot(fine, fit.curve(fine), color=COLOURS[0], lw=1.5)
    top = float(np.max(fit.profile.intensity))
    for centre in fit.parameters[:2]:
        ax.axvline(centre, color=COLOURS[1], lw=0.8, ls="--")
    dip = (
        f"dip {100 * fit.dip_depth:.0f}$\\pm${100 * fit.dip_depth_sd:.0f} %"
        if fit.resolved
        else "not resolved"
    )
    ax.set_title(
        f"{title}{fit.distance_A:.2f}$\\pm${fit.distance_sd_A:.2f} $\\mathrm{{\\AA}}$, {dip}",
        fontsize=9,
    )
    ax.set_ylim(top=top * 1.08)
    ax.set_xlabel("position / $\\mathrm{\\AA}$")
    ax.set_ylabel("intensity")
    return ax


def plot_profiles(fits: "Sequence[DoubletFit]", *, columns: int = 3) -> Figure:
    """A panel of profiles, numbered from 1 as the lines in :func:`plot_micrograph` are.

    Raises :class:`~adatom.errors.ImageError` where there is none.
    """
    if not fits:
        raise ImageError("no profile to draw; name two atoms")
    columns = min(columns, len(fits))
    rows = math.ceil(len(fits) / columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(3.2 * columns, 2.6 * rows), layout="constrained", squeeze=False
    )
    for n, ax in enumerate(axes.flat):
        if n < len(fits):
            plot_profile(fits[n], ax, title=f"{n + 1}: ")
        else:
            ax.set_axis_off()
    return figure
