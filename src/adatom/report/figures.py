"""Interactive figures of a prediction (plotly)."""

from typing import Any, TypeAlias

import numpy as np
import plotly.graph_objects as go
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from ase.neighborlist import natural_cutoffs, neighbor_list
from plotly.subplots import make_subplots

from adatom.plot.curves import COLOURS
from adatom.prediction import Prediction, path_equilibrium
from adatom.thermo.limiting import free_energy_diagram

Figure: TypeAlias = go.Figure
_LAYOUT: dict[str, Any] = {
    "template": "plotly_white",
    "margin": {"l": 70, "r": 20, "t": 30, "b": 55},
    "font": {"size": 14},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
}
SLIDER_STEP_V = 0.05
MOST_STRUCTURES = 60
"""More sites than this many states draw only the first ones, to keep the page light."""


def colour(i: int) -> str:
    """Colour of the i-th site."""
    return COLOURS[i % len(COLOURS)]


def _band(hex_colour: str) -> str:
    r, g, b = (int(hex_colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({r},{g},{b},0.16)"


def curves_figure(prediction: Prediction) -> Figure:
    """Disk currents with bands; below them ring current and peroxide yield, where made."""
    ring = prediction.network.byproduct is not None
    rows = 3 if ring else 1
    figure = make_subplots(
        rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.06,
        row_heights=[0.64, 0.18, 0.18] if ring else [1.0],
    )  # fmt: skip
    for i, r in enumerate(prediction.results):
        c, x = r.curve, r.curve.potential_V_rhe
        if c.interval_95_mA_cm2 is not None:
            low, high = c.interval_95_mA_cm2
            figure.add_scatter(
                x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself",
                fillcolor=_band(colour(i)), line={"width": 0}, hoverinfo="skip", showlegend=False,
                legendgroup=r.site, row=1, col=1,
            )  # fmt: skip
        style = {"color": colour(i), "width": 3}
        figure.add_scatter(
            x=x, y=c.current_density_mA_cm2, name=r.site, legendgroup=r.site, line=style,
            row=1, col=1, hovertemplate="%{x:.3f} V, %{y:.3f} mA/cm²",
        )  # fmt: skip
        if not ring:
            continue
        assert c.ring_current_density_mA_cm2 is not None
        figure.add_scatter(
            x=x, y=c.ring_current_density_mA_cm2, name=r.site, legendgroup=r.site, line=style,
            showlegend=False, row=2, col=1, hovertemplate="%{x:.3f} V, %{y:.2e} mA/cm²",
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=r.peroxide_yield_percent, name=r.site, legendgroup=r.site, line=style,
            showlegend=False, row=3, col=1, hovertemplate="%{x:.3f} V, %{y:.2e} %",
        )  # fmt: skip
    figure.update_yaxes(title_text="disk / mA cm⁻²", row=1, col=1)
    if not ring:
        # Without a diffusion limit currents grow without end; show the measurable part.
        sign = -1.0 if prediction.network.electrons > 0 else 1.0
        figure.update_yaxes(range=sorted([-2.0 * sign, 50.0 * sign]))
    else:
        figure.update_yaxes(title_text="ring / mA cm⁻²", exponentformat="e", row=2, col=1)
        figure.update_yaxes(title_text="H₂O₂ / %", rangemode="tozero", row=3, col=1)
    figure.update_xaxes(title_text="potential / V vs RHE", row=rows, col=1)
    figure.update_layout(height=680 if ring else 440, **_LAYOUT)
    return figure


def diagram_figure(prediction: Prediction) -> Figure:
    """Levels of the main path, with a slider for the potential."""
    path = prediction.network.paths[0]
    equilibrium = path_equilibrium(prediction.network)
    low, high = min(0.0, equilibrium) - 0.4, max(0.0, equilibrium) + 0.4
    steps = np.arange(round(low / SLIDER_STEP_V), round(high / SLIDER_STEP_V) + 1) * SLIDER_STEP_V
    potentials = np.unique(np.round(np.append(steps, equilibrium), 4))

    def levels(site: int, potential: float) -> list[float]:
        values = prediction.results[site].energies.values_eV
        diagram = free_energy_diagram(path, values, potential_V=potential)
        return [float(v) for level in diagram.levels_eV for v in (level, level)]

    count = len(prediction.results)
    every = [[levels(i, u) for i in range(count)] for u in potentials]
    start = int(np.argmin(np.abs(potentials - 0.0)))
    labels = free_energy_diagram(path, prediction.results[0].energies.values_eV).labels
    x = [v for k in range(len(labels)) for v in (k - 0.3, k + 0.3)]
    figure = go.Figure()
    for i, r in enumerate(prediction.results):
        figure.add_scatter(
            x=x, y=every[start][i], name=r.site, mode="lines",
            line={"color": colour(i), "width": 3}, hovertemplate="%{y:.2f} eV",
        )  # fmt: skip
    flat = np.array(every)
    pad = 0.05 * (flat.max() - flat.min())
    figure.update_layout(
        height=500,
        sliders=[
            {
                "active": start,
                "currentvalue": {"prefix": "potential: ", "suffix": " V vs RHE"},
                "pad": {"t": 45},
                "steps": [
                    {"method": "restyle", "label": f"{u:.2f}", "args": [{"y": ys}]}
                    for u, ys in zip(potentials, every, strict=True)
                ],
            }
        ],
        **_LAYOUT,
    )
    ticks = [*labels[:-1], f"{labels[-1]} (one turnover)"]
    figure.update_xaxes(tickvals=list(range(len(labels))), ticktext=ticks)
    figure.update_yaxes(
        title_text="free energy / eV", range=[float(flat.min() - pad), float(flat.max() + pad)]
    )
    return figure


def occupation_figure(prediction: Prediction) -> Figure:
    """Probability of each state against potential, one panel a site."""
    shown = prediction.results[:8]
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=[r.site for r in shown], shared_xaxes=True,
        vertical_spacing=0.16 / rows + 0.04,
    )  # fmt: skip
    states = list(prediction.network.states)
    for k, r in enumerate(shown):
        for state in r.states:
            figure.add_scatter(
                x=r.curve.potential_V_rhe, y=r.occupations[:, r.states.index(state)], name=state,
                legendgroup=state, showlegend=k == 0,
                line={"color": colour(states.index(state)), "width": 2},
                row=k // columns + 1, col=k % columns + 1, hovertemplate="%{x:.2f} V, %{y:.3f}",
            )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02])
    for column in range(1, columns + 1):
        figure.update_xaxes(title_text="potential / V vs RHE", row=rows, col=column)
    layout = {**_LAYOUT, "margin": {**_LAYOUT["margin"], "t": 70}}
    layout["legend"] = {**_LAYOUT["legend"], "y": 1.02 + 0.14 / rows}
    figure.update_layout(height=120 + 240 * rows, **layout)
    return figure


def structures_figure(prediction: Prediction) -> Figure | None:
    """Every state of every site in three dimensions, chosen from a menu; None without any."""
    shown = [
        (r.site, state, atoms)
        for r in prediction.results
        for state, atoms in r.energies.structures.items()
    ][:MOST_STRUCTURES]
    if not shown:
        return None
    figure = go.Figure()
    for k, (_, _, atoms) in enumerate(shown):
        for trace in _atom_traces(atoms):
            figure.add_trace(trace.update(visible=k == 0))
    buttons = [
        {
            "label": f"{site}   {'bare' if state == '*' else state}",
            "method": "update",
            "args": [{"visible": [j // 2 == k for j in range(2 * len(shown))]}],
        }
        for k, (site, state, _) in enumerate(shown)
    ]
    hidden = {"visible": False}
    figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 50, "b": 0},
        template="plotly_white",
        updatemenus=[{"buttons": buttons, "x": 0.0, "xanchor": "left", "y": 1.1, "yanchor": "top"}],
        scene={
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "aspectmode": "data",
            "camera": {"eye": {"x": 0.3, "y": -1.15, "z": 0.75}},
        },
    )
    return figure


def _atom_traces(atoms: Atoms) -> list[Any]:
    """Bonds (drawn first) and atoms of one structure."""
    i, j, shift = neighbor_list("ijS", atoms, natural_cutoffs(atoms, mult=1.15))
    inside = (i < j) & ~shift.any(axis=1)
    lines: list[list[float | None]] = [[], [], []]
    for a, b in zip(i[inside], j[inside], strict=True):
        for axis in range(3):
            ends = (float(atoms.positions[a, axis]), float(atoms.positions[b, axis]))
            lines[axis] += [round(ends[0], 3), round(ends[1], 3), None]
    bonds = go.Scatter3d(
        x=lines[0], y=lines[1], z=lines[2], mode="lines", line={"color": "#9aa0a6", "width": 6},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    colours = [f"rgb({r},{g},{b})" for r, g, b in (jmol_colors[atoms.numbers] * 255).astype(int)]
    x, y, z = np.round(atoms.positions.T, 3)
    spheres = go.Scatter3d(
        x=x, y=y, z=z, mode="markers", text=atoms.get_chemical_symbols(), hoverinfo="text",
        marker={
            "size": (covalent_radii[atoms.numbers] * 17).round(1),
            "color": colours,
            "line": {"color": "#444", "width": 1},
            "opacity": 1.0,
        },
        showlegend=False,
    )  # fmt: skip
    return [bonds, spheres]
