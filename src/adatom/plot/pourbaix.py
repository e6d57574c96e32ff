"""The map of lowest states over potential and pH, on matplotlib axes."""

import re

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from adatom.plot.domains import widest_point
from adatom.thermo.dissolution import NERNST_V
from adatom.thermo.pourbaix import PourbaixMap

WHOLE = ("#cfe8f3", "#9ecae1", "#6baed6", "#4292c6", "#a1d99b", "#74c476", "#41ab5d", "#c7e9c0")
"""Blues and greens: every metal is on the site."""
LOST = ("#fee391", "#fec44f", "#fdae6b", "#fdd0a2", "#fb9a99", "#f4a582", "#e6ab9f", "#d9c2a0")
"""Yellows and reds: metal has left."""
LETTER = (0.0135, 0.022)
"""Share of the width, and of the height, of the map that one letter of a name takes."""
OXYGEN_V = 1.229
"""O2/H2O at unit activity, V vs RHE."""


def plot_pourbaix(
    diagram: PourbaixMap,
    ax: Axes | None = None,
    *,
    working_point: tuple[float, float] | None = None,
) -> Axes:
    """Draw the domains; blue and green keep the metal. ``working_point`` is (V vs RHE, pH)."""
    ax = ax or plt.subplots(figsize=(7.0, 5.0), layout="constrained")[1]
    pH, potentials = diagram.pH, diagram.potentials_V
    counts = {True: 0, False: 0}
    colours = []
    for whole in diagram.whole:
        palette = WHOLE if whole else LOST
        colours.append(palette[counts[whole] % len(palette)])
        counts[whole] += 1
    ax.pcolormesh(
        pH, potentials, diagram.lowest, cmap=ListedColormap(colours), vmin=-0.5,
        vmax=len(colours) - 0.5, shading="nearest", rasterized=True,
    )  # fmt: skip
    key: list[str] = []
    for n, (name, whole) in enumerate(zip(diagram.names, diagram.whole, strict=True)):
        domain = diagram.lowest == n
        ax.contour(pH, potentials, domain.astype(float), levels=[0.5], colors="k", linewidths=0.5)
        _name_domain(ax, diagram, domain, name, key, bold=whole)
    if key:
        ax.text(1.01, 1.0, "\n".join(key), transform=ax.transAxes, va="top", ha="left", size=6.5)
    _water(ax, diagram)
    if working_point is not None:
        potential, acidity = working_point
        shown = potential - (NERNST_V * acidity if diagram.scale == "SHE" else 0.0)
        ax.plot([acidity], [shown], "k*", markersize=11, markerfacecolor="w", clip_on=False)
    ax.set_xlabel("pH")
    ax.set_ylabel(f"potential / V vs {diagram.scale}")
    ax.set_title(f"{diagram.label}, dissolved forms at activity {diagram.activity:.0e}", size=10)
    ax.set_xlim(pH[0], pH[-1])
    ax.set_ylim(potentials[0], potentials[-1])
    return ax


def readable(name: str) -> str:
    """A state's name with charges and counts set as in print (mathtext)."""
    return " + ".join(_species(part) for part in name.split(" + "))


def _species(part: str) -> str:
    body = part.removesuffix("(s)")
    if part.startswith(("empty", "without")):
        return re.sub(r"(\d)H|(\d+) H", lambda m: f"{m.group(1) or m.group(2)}H", part)
    if part == "*":
        return "bare site"
    core = body.rstrip("+-")
    charge = body[len(core) :]
    text = re.sub(r"(\d+)", r"$_{\1}$", core)
    if charge:
        size = str(len(charge)) if len(charge) > 1 else ""
        text += f"$^{{{size}{'+' if charge[0] == '+' else '−'}}}$"
    return text + ("(s)" if part.endswith("(s)") else "")


def _name_domain(
    ax: Axes, diagram: PourbaixMap, domain: np.ndarray, name: str, key: list[str], *, bold: bool
) -> None:
    """Name the largest piece of a domain where it is widest; by a number where it is small."""
    piece, row, column = widest_point(domain)
    shown, letters = readable(name), len(name)
    across = _run(piece[row], column) / piece.shape[1]
    upright = _run(piece[:, column], row) / piece.shape[0]
    turn = 0
    if across < LETTER[0] * letters:
        if upright > LETTER[1] * letters:
            turn = 90
        else:
            key.append(f"{len(key) + 1}: {shown}")
            shown = str(len(key))
    ax.text(
        diagram.pH[column], diagram.potentials_V[row], shown, ha="center", va="center", size=7,
        rotation=turn, weight="bold" if bold else "normal", clip_on=True,
    )  # fmt: skip


def _run(line: np.ndarray, at: int) -> int:
    """Cells on a line that are centred on ``at`` and all in the domain."""
    outside = np.flatnonzero(~line)
    nearest = int(np.abs(outside - at).min()) if outside.size else len(line)
    return 2 * min(nearest, at + 1, len(line) - at) - 1


def _water(ax: Axes, diagram: PourbaixMap) -> None:
    for level in (0.0, OXYGEN_V):
        shift = NERNST_V * diagram.pH if diagram.scale == "SHE" else np.zeros_like(diagram.pH)
        ax.plot(diagram.pH, level - shift, "--", color="0.35", linewidth=0.9)
