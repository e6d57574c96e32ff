"""Interactive figures of a prediction (plotly)."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import plotly.graph_objects as go
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from ase.geometry import find_mic
from ase.neighborlist import natural_cutoffs, neighbor_list
from plotly.subplots import make_subplots

from adatom.plot.curves import COLOURS
from adatom.prediction.results import Prediction, SitePrediction
from adatom.thermo.limiting import equation_equilibrium_V, free_energy_diagram

Figure: TypeAlias = go.Figure
LAYOUT: dict[str, Any] = {
    "template": "plotly_white",
    "margin": {"l": 70, "r": 20, "t": 30, "b": 55},
    "font": {"size": 14},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
}
"""Of every interactive figure."""
PANEL_COLUMNS = 2
SMALLEST_OCCUPATION = 0.005
"""States that are never more likely than this are not drawn."""
SLIDER_STEP_V = 0.05
MOST_STRUCTURES = 20
"""Of more sites than this only the first are drawn in three dimensions: the page stays light."""
SHOWN_RADIUS_A = 5.5
"""Atoms farther from the middle of the site's metals are not drawn."""
NEON = 10
"""Heavier elements are the metals of the site; the sheet and adsorbates are lighter."""
SMALLEST_RING_MA_CM2 = 1e-3
SMALLEST_PEROXIDE_PERCENT = 1.0
"""The axes of ring current and peroxide yield reach at least so far: less is not measurable."""


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
        curves = [r.curve for r in prediction.results]
        rings = [y for c in curves if (y := c.ring_current_density_mA_cm2) is not None]
        yields = [r.peroxide_yield_percent for r in prediction.results]
        for row, title, drawn, least in (
            (2, "ring / mA cm⁻²", rings, SMALLEST_RING_MA_CM2),
            (3, "H₂O₂ / %", yields, SMALLEST_PEROXIDE_PERCENT),
        ):
            top = 1.08 * max(least, *(np.nanmax(y, initial=0.0) for y in drawn))
            figure.update_yaxes(
                title_text=title, range=[-0.04 * top, top], exponentformat="e", row=row, col=1
            )
    figure.update_xaxes(title_text="potential / V vs RHE", row=rows, col=1)
    figure.update_layout(height=680 if ring else 440, **LAYOUT)
    return figure


def _panels(shown: Sequence[SitePrediction]) -> Figure:
    """Empty panels for shares (0 to 1) against potential, one a site."""
    columns = min(PANEL_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=[r.site for r in shown], shared_xaxes=True,
        vertical_spacing=0.16 / rows + 0.04,
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.02])
    for column in range(1, columns + 1):
        figure.update_xaxes(title_text="potential / V vs RHE", row=rows, col=column)
    layout = {**LAYOUT, "margin": {**LAYOUT["margin"], "t": 70}}
    layout["legend"] = {**LAYOUT["legend"], "y": 1.02 + 0.14 / rows}
    figure.update_layout(height=120 + 240 * rows, **layout)
    return figure


def selectivity_figure(prediction: Prediction) -> Figure | None:
    """Faradaic efficiency of every product against potential, one panel a site."""
    shown = [r for r in prediction.results if r.selectivity and len(r.selectivity.products) > 1][:8]
    if not shown:
        return None
    figure = _panels(shown)
    names = list(dict.fromkeys(p.species for p in prediction.network.mechanism.products))
    told: set[str] = set()
    for k, r in enumerate(shown):
        assert r.selectivity is not None
        x = r.curve.potential_V_rhe
        place = {"row": k // PANEL_COLUMNS + 1, "col": k % PANEL_COLUMNS + 1}
        for n, name in enumerate(r.selectivity.products):
            share = r.selectivity.faradaic_efficiency[:, n]
            if not np.nanmax(np.append(share, 0.0)) > SMALLEST_OCCUPATION:
                continue
            low, high = (ends[:, n] for ends in r.selectivity.interval_95)
            hue = colour(names.index(name))
            drawn = np.isfinite(low) & np.isfinite(high)
            figure.add_scatter(
                x=np.concatenate([x[drawn], x[drawn][::-1]]),
                y=np.concatenate([high[drawn], low[drawn][::-1]]),
                fill="toself", fillcolor=_band(hue), line={"width": 0}, hoverinfo="skip",
                showlegend=False, legendgroup=name, **place,
            )  # fmt: skip
            figure.add_scatter(
                x=x, y=share, name=name, legendgroup=name, showlegend=name not in told,
                line={"color": hue, "width": 3}, hovertemplate="%{x:.2f} V, %{y:.3f}", **place,
            )  # fmt: skip
            told.add(name)
    return figure


def diagram_labels(r: SitePrediction) -> tuple[str, ...]:
    """States of the site along its path."""
    return (r.path.steps[0].start, *(step.end for step in r.path.steps))


def diagram_figure(prediction: Prediction) -> Figure:
    """Levels of the main path, with a slider for the potential."""
    equilibrium = equation_equilibrium_V(
        prediction.network.mechanism.overall, pH=prediction.electrolyte.pH
    )
    low, high = min(0.0, equilibrium) - 0.4, max(0.0, equilibrium) + 0.4
    steps = np.arange(round(low / SLIDER_STEP_V), round(high / SLIDER_STEP_V) + 1) * SLIDER_STEP_V
    potentials = np.unique(np.round(np.append(steps, equilibrium), 4))

    def levels(site: int, potential: float) -> list[float]:
        r = prediction.results[site]
        diagram = free_energy_diagram(
            r.path, r.state_energies_eV, potential_V=potential, pH=prediction.electrolyte.pH
        )
        return [float(v) for level in diagram.levels_eV for v in (level, level, level)]

    count = len(prediction.results)
    # Of each site thin connections, then thick levels (every third point breaks the line).
    every = [[levels(i // 2, u) for i in range(2 * count)] for u in potentials]
    start = int(np.argmin(np.abs(potentials - 0.0)))
    figure = go.Figure()
    for i, r in enumerate(prediction.results):
        names = [label for label in diagram_labels(r) for _ in range(3)]
        spots = range(len(names) // 3)
        figure.add_scatter(
            x=[v for k in spots for v in (k - 0.3, k + 0.3, k + 0.3)], y=every[start][2 * i],
            mode="lines", hoverinfo="skip", showlegend=False, legendgroup=r.site,
            line={"color": colour(i), "width": 1, "dash": "dot"},
        )  # fmt: skip
        figure.add_scatter(
            x=[v for k in spots for v in (k - 0.3, k + 0.3, None)], y=every[start][2 * i + 1],
            name=r.site, mode="lines", legendgroup=r.site, text=names,
            line={"color": colour(i), "width": 4}, hovertemplate="%{text}: %{y:.2f} eV",
        )  # fmt: skip
    flat = np.concatenate([np.ravel(ys) for row in every for ys in row])
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
        **LAYOUT,
    )
    every_label = {diagram_labels(r) for r in prediction.results}
    longest = max(every_label, key=len)
    ticks = [*longest[:-1], f"{longest[-1]} (one turnover)"]
    if len(every_label) > 1:  # best paths that differ: states are told on hovering
        ticks = [str(k) for k in range(len(longest))]
    figure.update_xaxes(tickvals=list(range(len(longest))), ticktext=ticks)
    figure.update_yaxes(
        title_text="free energy / eV", range=[float(flat.min() - pad), float(flat.max() + pad)]
    )
    return figure


def occupation_figure(prediction: Prediction) -> Figure:
    """Probability of each state against potential, one panel a site."""
    shown = prediction.results[:8]
    figure = _panels(shown)
    populated = {
        r.site: [
            s for n, s in enumerate(r.states) if r.occupations[:, n].max() > SMALLEST_OCCUPATION
        ]
        for r in shown
    }
    states = list(dict.fromkeys(s for r in shown for s in populated[r.site]))
    told: set[str] = set()
    for k, r in enumerate(shown):
        for state in populated[r.site]:
            figure.add_scatter(
                x=r.curve.potential_V_rhe, y=r.occupations[:, r.states.index(state)], name=state,
                legendgroup=state, showlegend=state not in told,
                line={"color": colour(states.index(state)), "width": 2},
                row=k // PANEL_COLUMNS + 1, col=k % PANEL_COLUMNS + 1,
                hovertemplate="%{x:.2f} V, %{y:.3f}",
            )  # fmt: skip
            told.add(state)
    return figure


def structures_figure(prediction: Prediction) -> Figure | None:
    """Every state of a site side by side in three dimensions, the site chosen from a menu."""
    shown = [r for r in prediction.results if r.energies.structures][:MOST_STRUCTURES]
    if not shown:
        return None
    there = dict.fromkeys(state for r in shown for state in r.energies.structures)
    named = [s for s in prediction.network.states if s in there]
    states = [*named, *(s for s in there if s not in named)]
    figure = make_subplots(
        rows=1, cols=len(states), specs=[[{"type": "scene"}] * len(states)],
        subplot_titles=["bare" if s == "*" else s for s in states], horizontal_spacing=0.0,
    )  # fmt: skip
    owners: list[str] = []
    for r in shown:
        for column, state in enumerate(states, start=1):
            if state not in r.energies.structures:
                continue
            for trace in _atom_traces(r.energies.structures[state]):
                visible = r is shown[0]
                figure.add_trace(trace.update(visible=visible), row=1, col=column)
                owners.append(r.site)
    # One scale for all states: a flat bare site is not blown up beside one with an adsorbate.
    axis = {"visible": False, "showspikes": False, "range": [-SHOWN_RADIUS_A, SHOWN_RADIUS_A]}
    camera = {"eye": {"x": 0.35, "y": -1.0, "z": 0.8}, "projection": {"type": "orthographic"}}
    figure.update_scenes(
        xaxis=axis, yaxis=axis, zaxis=axis, camera=camera, aspectmode="manual",
        aspectratio=dict.fromkeys("xyz", 1.9),
    )  # fmt: skip
    menu = {
        "buttons": [
            {
                "label": r.site,
                "method": "restyle",
                "args": [{"visible": [owner == r.site for owner in owners]}],
            }
            for r in shown
        ],
        "x": 0.0, "xanchor": "left", "y": 1.32, "yanchor": "top",
    }  # fmt: skip
    figure.update_layout(
        height=330, margin={"l": 0, "r": 0, "t": 80, "b": 0}, template="plotly_white",
        updatemenus=[menu],
    )  # fmt: skip
    return figure


def _atom_traces(atoms: Atoms) -> list[Any]:
    """Bonds (drawn first) and atoms of the surroundings of one site."""
    near = _surroundings(atoms)
    i, j = neighbor_list("ij", near, natural_cutoffs(near, mult=1.15))
    lines: list[list[float | None]] = [[], [], []]
    for a, b in zip(i[i < j], j[i < j], strict=True):
        for axis in range(3):
            ends = (float(near.positions[a, axis]), float(near.positions[b, axis]))
            lines[axis] += [round(ends[0], 3), round(ends[1], 3), None]
    bonds = go.Scatter3d(
        x=lines[0], y=lines[1], z=lines[2], mode="lines", line={"color": "#9aa0a6", "width": 7},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    colours = [f"rgb({r},{g},{b})" for r, g, b in (jmol_colors[near.numbers] * 255).astype(int)]
    x, y, z = np.round(near.positions.T, 3)
    spheres = go.Scatter3d(
        x=x, y=y, z=z, mode="markers", text=near.get_chemical_symbols(), hoverinfo="text",
        marker={
            "size": (covalent_radii[near.numbers] * 19).round(1),
            "color": colours,
            "line": {"color": "#444", "width": 1},
            "opacity": 1.0,
        },
        showlegend=False,
    )  # fmt: skip
    return [bonds, spheres]


def _surroundings(atoms: Atoms) -> Atoms:
    """The sheet around the centre of the site, free of the cell's edges and not periodic."""
    heavy = [k for k, n in enumerate(atoms.numbers) if n > NEON]
    if not heavy:
        return atoms
    anchor = atoms.positions[heavy[0]]
    offsets = find_mic(atoms.positions - anchor, atoms.cell, atoms.pbc)[0]
    centre = offsets[heavy].mean(axis=0)
    tiled = atoms.repeat([3 if p else 1 for p in atoms.pbc])
    shift = sum((v for v, p in zip(atoms.cell, atoms.pbc, strict=True) if p), np.zeros(3))
    relative = tiled.positions - shift - anchor - centre
    chosen = tiled[np.linalg.norm(relative, axis=1) < SHOWN_RADIUS_A]
    chosen.positions -= shift + anchor + centre
    chosen.pbc = False
    return chosen
