"""Electronic structure of a site on matplotlib axes: one function per quantity."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adatom.energies.dband import DBand, DStates
from adatom.energies.electronic import ElectronicStructure
from adatom.plot.curves import COLOURS

BROADENING_EV = 0.15
"""Standard deviation of the Gaussians that levels are drawn with; no number depends on it."""


def plot_d_bands(result: ElectronicStructure, ax: Axes | None = None) -> Axes:
    """Density of d states of each metal, spin up to the right and down to the left."""
    ax = ax or plt.subplots()[1]
    low, high = result.window_eV
    energies = np.linspace(low, high, 800)
    bands: dict[tuple[int, str], DBand] = {(b.atom, b.spin): b for b in result.d_bands}
    widest = 0.0
    for n, states in enumerate(result.d_states):
        colour = COLOURS[n % len(COLOURS)]
        symbol = result.structure.symbols[states.atom]
        for row in range(len(states.states)):
            sign = -1.0 if row == 1 else 1.0
            density = sign * _broadened(states, row, energies)
            widest = max(widest, float(np.abs(density).max()))
            label = f"{symbol} {states.atom}" if row == 0 else None
            ax.plot(density, energies, color=colour, linewidth=1.0, label=label)
            filled = energies <= 0.0
            ax.fill_betweenx(
                energies[filled], 0.0, density[filled], color=colour, alpha=0.25, linewidth=0
            )
            spin = ("up", "down")[row] if len(states.states) == 2 else "both"
            _mark_centre(ax, bands.get((states.atom, spin)), sign, colour)
    ax.axhline(0.0, color="0.3", linewidth=0.8, linestyle="--")
    ax.axvline(0.0, color="0.3", linewidth=0.8)
    ax.set_xlim(-1.25 * widest, 1.25 * widest)
    ax.set_ylim(low, high)
    ax.set_xlabel(r"d states / eV$^{-1}$ (spin down | spin up)")
    ax.set_ylabel("energy from the Fermi level / eV")
    ax.set_title("d bands; bars: centre and width")
    ax.legend(frameon=False)
    return ax


def _broadened(states: DStates, row: int, energies: np.ndarray) -> np.ndarray:
    levels, weights = states.energies_eV[row], states.states[row]
    relevant = weights > 1e-6
    distance = (energies[:, None] - levels[relevant]) / BROADENING_EV
    peaks = np.exp(-0.5 * distance**2) / (BROADENING_EV * np.sqrt(2.0 * np.pi))
    return np.asarray(peaks @ weights[relevant])


def _mark_centre(ax: Axes, band: DBand | None, sign: float, colour: str) -> None:
    if band is not None:
        # In axes fractions from the middle, so that the bars stay apart from the curves.
        ax.errorbar(
            0.5 + sign * 0.46, band.centre_eV, yerr=band.width_eV, fmt="_", color=colour,
            markersize=12, capsize=3, transform=ax.get_yaxis_transform(),
        )  # fmt: skip


def plot_moments(result: ElectronicStructure, ax: Axes | None = None) -> Axes:
    """Magnetic moments of the atoms that carry one, in Bader regions and in spheres."""
    ax = ax or plt.subplots()[1]
    columns = {
        "Bader region": None if result.bader is None else result.bader.moments_bohr,
        "sphere": result.sphere_moments_bohr,
    }
    _bars(ax, result, {k: v for k, v in columns.items() if v is not None}, smallest=0.02)
    ax.set_ylabel(r"moment / $\mu_\mathrm{B}$")
    total = result.total_moment_bohr
    ax.set_title("magnetic moments" + ("" if total is None else f"; total {total:.2f}"))
    return ax


def plot_charges(result: ElectronicStructure, ax: Axes | None = None) -> Axes:
    """Bader charges of all atoms but the carbons that carry little."""
    ax = ax or plt.subplots()[1]
    if result.bader is not None:
        _bars(
            ax, result, {"Bader charge": result.bader.charges_e}, smallest=0.1,
            errors=result.bader.errors_e,
        )  # fmt: skip
    ax.set_ylabel("Bader charge / e")
    moved = result.transfer
    title = "Bader charges"
    if moved is not None:
        title += f"; {moved.formula} gained {moved.electrons:+.2f} e"
    ax.set_title(title)
    return ax


def _bars(
    ax: Axes,
    result: ElectronicStructure,
    columns: dict[str, np.ndarray],
    *,
    smallest: float,
    errors: np.ndarray | None = None,
) -> None:
    symbols = result.structure.get_chemical_symbols()
    largest = np.max([np.abs(values) for values in columns.values()], axis=0)
    shown = [i for i, s in enumerate(symbols) if s != "C" or largest[i] >= smallest]
    x = np.arange(len(shown))
    width = 0.8 / len(columns)
    for n, (label, values) in enumerate(columns.items()):
        place = x + (n - (len(columns) - 1) / 2) * width
        yerr = None if errors is None else errors[shown]
        ax.bar(place, values[shown], width, yerr=yerr, color=COLOURS[n], label=label, capsize=2)
    ax.axhline(0.0, color="0.3", linewidth=0.8)
    names = [f"{symbols[i]} {i}" for i in shown]
    ax.set_xticks(x, names, rotation=90 if len(shown) > 8 else 0)
    hidden = len(symbols) - len(shown)
    if hidden:
        ax.set_xlabel(f"carbon atoms below {smallest:g} not shown: {hidden}")
    if len(columns) > 1:
        ax.legend(frameon=False)


def plot_work_function(result: ElectronicStructure, ax: Axes | None = None) -> Axes:
    """Planar-averaged potential from the Fermi level, with both vacuum levels."""
    ax = ax or plt.subplots()[1]
    work = result.work_function
    if work is not None:
        z, v = work.heights_A, work.potential_eV
        length = len(z) * (z[1] - z[0])
        # The sheet in the middle of the picture, the vacuum on both sides.
        half = z > length / 2
        z = np.concatenate([z[half] - length, z[~half]])
        ax.plot(z, np.concatenate([v[half], v[~half]]), color=COLOURS[0], label="potential")
        faces = (("bottom", -length / 2, work.bottom_eV, work.bottom_error_eV, COLOURS[1]),
                 ("top", 0.0, work.top_eV, work.top_error_eV, COLOURS[2]))  # fmt: skip
        for face, start, level, error, colour in faces:
            ends = [start, start + length / 2]
            ax.plot(ends, [level] * 2, "--", color=colour, label=f"{face} {level:.2f}({error:.2f})")
        # The bottom of the well is of no interest, and would hide a difference of the faces.
        ax.set_ylim(-5.0, max(work.top_eV, work.bottom_eV, float(v.max())) + 1.0)
    ax.axhline(0.0, color="0.3", linewidth=0.8, linestyle=":")
    ax.set_xlabel("height above the sheet / Å")
    ax.set_ylabel("electron potential energy from the Fermi level / eV")
    ax.set_title("work functions / eV")
    ax.legend(frameon=False, loc="lower right")
    return ax


PANELS: dict[str, Callable[[ElectronicStructure, Axes], Axes]] = {
    "d_bands": plot_d_bands,
    "moments": plot_moments,
    "bader_charges": plot_charges,
    "work_function": plot_work_function,
}
"""Name of each quantity's plot -> what draws it."""


def panels_of(result: ElectronicStructure) -> tuple[str, ...]:
    """Plots for which the result holds numbers."""
    moments = result.sphere_moments_bohr is not None or (
        result.bader is not None and result.bader.moments_bohr is not None
    )
    present = {
        "d_bands": bool(result.d_bands),
        "moments": moments,
        "bader_charges": result.bader is not None,
        "work_function": result.work_function is not None,
    }
    return tuple(name for name in PANELS if present[name])


def electronic_figure(result: ElectronicStructure) -> Figure:
    """All panels that have numbers in one figure."""
    names = panels_of(result)
    columns = 2 if len(names) > 1 else 1
    rows = max(1, -(-len(names) // columns))
    figure = Figure(figsize=(6.0 * columns, 4.5 * rows), layout="constrained")
    for n, name in enumerate(names):
        PANELS[name](result, figure.add_subplot(rows, columns, n + 1))
    figure.suptitle(result.label)
    return figure


def panel_figure(result: ElectronicStructure, name: str) -> Figure:
    """One quantity in a figure of its own."""
    figure = Figure(figsize=(6.0, 4.5), layout="constrained")
    PANELS[name](result, figure.add_subplot())
    figure.suptitle(result.label)
    return figure
