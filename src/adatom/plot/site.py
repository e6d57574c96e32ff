"""A site from above and from the side, with the distances of its shells."""

import matplotlib.pyplot as plt
import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from ase.data.colors import jmol_colors
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from adatom.sites.bonds import BOND, neighbours
from adatom.sites.classify import SiteClass
from adatom.sites.shells import METAL_BOND

_VIEWS = (("from above", (0, 1, 2)), ("from the side", (0, 2, 1)))
_MARGIN_A = 6.5
"""Atoms farther than this from the metals are left out of the picture, angstrom."""


def plot_site(atoms: Atoms, found: SiteClass) -> Figure:
    """Draw a structure and its shells, distances in angstrom; returns the figure."""
    figure, axes = plt.subplots(1, 2, figsize=(10.0, 5.2), layout="constrained")
    metals = [c.index for c in found.centres]
    near = neighbours(atoms)
    shown = _around(atoms, metals)
    heavy = ~np.isin(np.arange(len(atoms)), metals)
    bonds = (near.reduced < BOND) & heavy[near.first] & heavy[near.second]
    for ax, (title, (x, y, depth)) in zip(axes, _VIEWS, strict=True):
        for i, v in zip(near.first[bonds], near.vectors[bonds], strict=True):
            if i in shown:
                start = shown[i]
                _line(ax, start[[x, y]], (start + v)[[x, y]], "#999999", 1.5)
        for centre in found.centres:
            for contact in (*centre.shell, *centre.ligands):
                start = shown[centre.index]
                rows = (near.first == centre.index) & (near.second == contact.index)
                row = np.flatnonzero(rows)[np.argmin(near.distances[rows])]
                end = start + near.vectors[row]
                _line(ax, start[[x, y]], end[[x, y]], "#333333", 2.0)
                if title == "from above":
                    middle = (start + end) / 2.0
                    ax.text(
                        middle[x], middle[y], f"{contact.distance_A:.2f}", fontsize=7,
                        ha="center", va="center", zorder=1e3,
                        bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
                    )  # fmt: skip
        for pair in found.pairs:
            rows = np.flatnonzero((near.first == pair.first) & (near.second == pair.second))
            for row in rows[near.reduced[rows] < METAL_BOND]:
                start = shown[pair.first]
                _line(ax, start[[x, y]], (start + near.vectors[row])[[x, y]], "#333333", 2.0)
        for i, position in sorted(shown.items(), key=lambda item: item[1][depth]):
            _atom(ax, atoms.symbols[i], position[[x, y]], position[depth], metal=i in metals)
        ax.set_title(title, fontsize=9)
        ax.set_aspect("equal")
        ax.autoscale_view()
        ax.set_xlabel("angstrom", fontsize=8)
        ax.tick_params(labelsize=7)
    name = found.notation or found.family
    figure.suptitle(f"{name}: {found.family} on {found.support}", fontsize=11)
    return figure


def _around(atoms: Atoms, metals: list[int]) -> dict[int, np.ndarray]:
    """Positions of the atoms near the metals, as images next to the first metal."""
    first = np.asarray(atoms.positions[metals[0]])
    vectors = atoms.get_distances(metals[0], range(len(atoms)), mic=True, vector=True)
    places = {i: first + vectors[i] for i in range(len(atoms))}
    centres = np.array([places[m] for m in metals])
    return {
        i: place
        for i, place in places.items()
        if np.min(np.linalg.norm(centres - place, axis=1)) < _MARGIN_A
    }


def _line(ax: Axes, start: np.ndarray, end: np.ndarray, colour: str, width: float) -> None:
    ax.plot([start[0], end[0]], [start[1], end[1]], color=colour, lw=width, zorder=0)


def _atom(ax: Axes, symbol: str, place: np.ndarray, depth: float, *, metal: bool) -> None:
    number = atomic_numbers[symbol]
    radius = 0.45 * float(covalent_radii[number])
    ax.add_patch(
        Circle(
            (float(place[0]), float(place[1])), radius, facecolor=tuple(jmol_colors[number]),
            edgecolor="black", lw=0.6, zorder=10 + depth,
        )
    )  # fmt: skip
    if metal or symbol not in ("C", "H"):
        ax.text(
            place[0], place[1], symbol, fontsize=8 if metal else 6, ha="center", va="center",
            zorder=11 + depth,
        )  # fmt: skip
