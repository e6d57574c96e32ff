"""An analysis of measured sweeps as one self-contained page.

Its tables are made from the same plain data that the JSON holds.
"""

import html
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from adatom.electrochem import kinetic, limited
from adatom.electrochem.analysis import Analysis
from adatom.electrochem.limited_sweep import LimitedSweep
from adatom.plot.curves import colours_for
from adatom.report.electrochem import analysis_json
from adatom.report.figures import LAYOUT
from adatom.report.html import figure_html, page
from adatom.report.measured import basis, figure_table, text_list, value_text

FIGURES = {
    "half_wave_potential": "E<sub>1/2</sub>",
    "limiting_current_density": "j<sub>L</sub>",
    "potential_at": "E",
    "overpotential_at": "overpotential",
    "onset_potential": "onset",
    "tafel_slope": "Tafel slope",
    "kinetic_current_density": "j<sub>k</sub>",
    "electron_number": "n",
    "peroxide_yield": "H<sub>2</sub>O<sub>2</sub>",
}
"""Keys of a sweep's figures -> what the page calls them; other keys go by their own name."""
MOST_POINTS = 1500
"""Of a sweep in a picture."""


def electrochem_html(analysis: Analysis) -> str:
    """The whole page as text."""
    content = analysis_json(analysis)
    heading = str(analysis.sample.get("sample.name", "measured sweeps"))
    said = f"{analysis.reaction.name} · {html.escape(content['reference']['source'])}"
    parts = [
        f"<h1>{html.escape(heading)}</h1>",
        f"<p class=lead>{said}</p>",
        figure_html(sweeps_figure(analysis), "sweeps"),
        "<p class=note>Thick lines: plateaus and Tafel windows as chosen. Points: half-wave"
        " potentials with 95 % intervals.</p>",
    ]
    for sweep in content["sweeps"]:
        parts += _sweep_section(sweep)
    for series in content["koutecky_levich"]:
        found = series["electron_number"]
        parts.append(
            f"<h2>Koutecky-Levich, {series['direction']}</h2><p>n: {value_text(found)}"
            f" ({html.escape(series['electrolyte'])})</p>{text_list(series['flags'])}"
        )
    for item in content["hysteresis"]:
        label = html.escape(item["between"])
        parts.append(f"<p>Hysteresis of E<sub>1/2</sub>, {label}: {value_text(item)}</p>")
    settings = [f"{name} = {value}" for name, value in content["sample"].items()]
    parts.append(basis(content["files"], settings))
    return page(heading, "\n".join(parts))


def sweeps_figure(analysis: Analysis) -> go.Figure:
    """Sweeps with what was read from them, and below them kinetic currents."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06,
                           row_heights=[0.6, 0.4])  # fmt: skip
    # The same colours as in the picture.
    for found, colour in zip(analysis.sweeps, colours_for(len(analysis.sweeps)), strict=True):
        _trace(figure, 1, found.sweep.potential_V, found.sweep.density, colour, found.sweep.label)
        _read_from(figure, found.limited, colour)
    for one, colour in zip(analysis.kinetic, colours_for(len(analysis.kinetic)), strict=True):
        _trace(figure, 1, one.sweep.potential_V, one.sweep.density, colour, one.sweep.label)
        driven = one.drawn.driven_mA_cm2[0]
        shown = driven > 0
        _trace(figure, 2, one.drawn.potential_V_rhe[0][shown], driven[shown], colour)
        row = one.table[0]
        _window(figure, row[kinetic.T_START], row[kinetic.T_END], row[kinetic.TAFEL],
                row[kinetic.INTERCEPT], colour)  # fmt: skip
    figure.update_yaxes(title_text="j / mA cm<sup>-2</sup>", row=1)
    figure.update_yaxes(title_text="j<sub>k</sub> / mA cm<sup>-2</sup>", type="log", row=2)
    figure.update_xaxes(title_text="potential / V vs RHE", row=2)
    figure.update_layout(**LAYOUT, height=820)
    return figure


def _read_from(figure: go.Figure, found: LimitedSweep, colour: str) -> None:
    row = found.table[0]
    limit = float(row[limited.PLATEAU])
    if not np.isfinite(limit):
        return
    sign = -1.0 if found.sweep.density.mean() < 0 else 1.0
    ends = [float(row[limited.START]), float(row[limited.END])]
    wide = {"color": colour, "width": 6}
    figure.add_trace(go.Scatter(x=ends, y=[sign * limit] * 2, mode="lines", line=wide, opacity=0.5,
                                showlegend=False, hoverinfo="skip"), row=1, col=1)  # fmt: skip
    half = found.half_wave_V_rhe
    if half.value is not None:
        low, high = (half.value if x is None else x for x in half.interval_95)
        error = {"type": "data", "array": [high - half.value], "arrayminus": [half.value - low]}
        figure.add_trace(
            go.Scatter(x=[half.value], y=[0.5 * sign * limit], error_x=error, mode="markers",
                       marker={"color": colour, "size": 9}, showlegend=False,
                       name=f"E1/2 {half.text(4)} V"), row=1, col=1,
        )  # fmt: skip
    potential, driven = found.drawn.potential_V_rhe[0], found.drawn.driven_mA_cm2[0]
    shown = (driven > 0.02 * limit) & (driven < 0.95 * limit)
    current = driven[shown] * limit / (limit - driven[shown])
    _trace(figure, 2, potential[shown], current, colour)
    _window(figure, row[limited.T_START], row[limited.T_END], row[limited.TAFEL],
            row[limited.INTERCEPT], colour)  # fmt: skip


def _trace(
    figure: go.Figure, row: int, x: np.ndarray, y: np.ndarray, colour: str, label: str = ""
) -> None:
    every = max(1, len(x) // MOST_POINTS)
    figure.add_trace(
        go.Scatter(x=np.round(x[::every], 5), y=[float(f"{v:.5g}") for v in y[::every]],
                   mode="lines" if row == 1 else "markers", name=label, legendgroup=label,
                   showlegend=bool(label), line={"color": colour, "width": 1.5},
                   marker={"color": colour, "size": 3}), row=row, col=1,
    )  # fmt: skip


def _window(
    figure: go.Figure, start: float, end: float, slope: float, intercept: float, colour: str
) -> None:
    if not np.isfinite(slope):
        return
    x = np.array([start, end])
    figure.add_trace(
        go.Scatter(x=x, y=10.0 ** (intercept + x * 1e3 / slope), mode="lines", showlegend=False,
                   line={"color": colour, "width": 4}, name=f"{abs(slope):.1f} mV/dec"),
        row=2, col=1,
    )  # fmt: skip


def _sweep_section(sweep: dict[str, Any]) -> list[str]:
    ring = sweep.get("ring", {}).get("flags", [])
    return [
        f"<h2>{html.escape(sweep['label'])}</h2>",
        figure_table(_figures(sweep)),
        text_list([*sweep["flags"], *ring]),
        f"<details><summary>Corrections</summary>{text_list(sweep['corrections'])}</details>",
    ]


def _figures(sweep: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything in a sweep that is a figure of merit, or a list of them."""
    for key, value in sweep.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and "interval_95" in one:
                yield FIGURES.get(key, html.escape(key.replace("_", " "))), one
