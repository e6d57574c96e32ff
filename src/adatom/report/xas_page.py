"""Absorption spectra as one self-contained page, from the same plain data as the JSON."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from adatom.plot.curves import COLOURS
from adatom.provenance import software_versions
from adatom.report.html import figure_html, page
from adatom.report.measured import text_list, text_table
from adatom.xas.analysis import SpectrumAnalysis
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fourier import transform
from adatom.xas.series import ScanSeries
from adatom.xas.wavelet import cauchy_wavelet

FIGURES = {
    "white_line_height": "white line height / edge steps",
    "white_line_energy_eV": "white line position",
    "white_line_area_eV": "white line area above 1",
    "pre_edge_centroid_eV": "pre-edge centroid",
    "pre_edge_area_eV": "pre-edge area",
}
_EDGE_EV = (-50.0, 150.0)


def xas_html(
    found: Sequence[SpectrumAnalysis],
    contents: Sequence[dict[str, Any]],
    series: ScanSeries | None = None,
    *,
    k_weight: int = 2,
) -> str:
    """The whole page as text; ``contents`` are the plain data of ``found``."""
    heading = found[0].label if len(found) == 1 else f"{len(found)} absorption spectra"
    parts = [
        f"<h1>{html.escape(heading)}</h1>",
        f"<p class=lead>{html.escape(str(found[0].edge or 'edge not stated'))}</p>",
        figure_html(edges_figure(found), "edges"),
        "<p class=note>Normalised, slope of the post-edge taken off. Vertical lines: E0 as"
        " defined below.</p>",
        _summary(contents),
    ]
    if series is not None:
        parts += ["<h2>Series</h2>", figure_html(trend_figure(series), "trend"),
                  text_list(series.sentences())]  # fmt: skip
    for number, (one, content) in enumerate(zip(found, contents, strict=True)):
        parts += _section(one, content, number, k_weight)
    versions = ", ".join(f"{n} {v}" for n, v in software_versions().items())
    parts.append(f"<p class=note>{html.escape(versions)}</p>")
    return page(heading, "\n".join(parts))


def edges_figure(found: Sequence[SpectrumAnalysis]) -> go.Figure:
    """Normalised edges of every spectrum."""
    figure = go.Figure()
    for i, one in enumerate(found):
        colour = COLOURS[i % len(COLOURS)]
        e, e0 = one.normal.energy_eV, one.normal.e0_eV
        shown = (e > e0 + _EDGE_EV[0]) & (e < e0 + _EDGE_EV[1])
        figure.add_trace(_line(e[shown], one.normal.flat[shown], colour, one.label))
        figure.add_vline(x=e0, line_color=colour, line_width=1, opacity=0.5)
    return _finished(figure, "energy / eV", "normalised absorption", 460)


def fine_figure(data: FineStructure, k_weight: int) -> go.Figure:
    """chi(k), |chi(R)| and the wavelet map."""
    figure = make_subplots(rows=2, cols=2, specs=[[{"colspan": 2}, None], [{}, {}]],
                           vertical_spacing=0.14)  # fmt: skip
    k = data.k_per_angstrom
    low, high = data.k_range_per_angstrom
    inside = (k >= low) & (k <= high)
    weighted = data.chi * k**k_weight
    figure.add_trace(_line(k, weighted, "#bbbbbb", ""), row=1, col=1)
    figure.add_trace(_line(k[inside], weighted[inside], COLOURS[0], ""), row=1, col=1)
    radial = transform(data, k_weight=k_weight)
    shown = radial.r_angstrom <= 6.0
    figure.add_trace(_line(radial.r_angstrom[shown], radial.magnitude[shown], COLOURS[0], ""),
                     row=2, col=1)  # fmt: skip
    map_ = cauchy_wavelet(data, k_weight=k_weight)
    rows = map_.r_angstrom >= 0.8
    every = slice(None, None, 2)
    figure.add_trace(
        go.Heatmap(x=map_.k_per_angstrom[every], y=np.round(map_.r_angstrom[rows], 3),
                   z=np.round(map_.magnitude[rows][:, every], 4), colorscale="Viridis",
                   showscale=False), row=2, col=2,
    )  # fmt: skip
    most = 1.3 * float(np.abs(weighted[inside]).max())
    figure.update_yaxes(title_text=f"k<sup>{k_weight}</sup>χ / Å<sup>-{k_weight}</sup>",
                        range=[-most, most], row=1, col=1)  # fmt: skip
    figure.update_xaxes(title_text="k / Å<sup>-1</sup>", row=1, col=1)
    figure.update_xaxes(title_text="R / Å, not phase corrected", row=2, col=1)
    figure.update_yaxes(title_text=f"|χ(R)| / Å<sup>-{k_weight + 1}</sup>", row=2, col=1)
    figure.update_xaxes(title_text="k / Å<sup>-1</sup>", range=[low, high], row=2, col=2)
    figure.update_yaxes(title_text="R / Å, not phase corrected", row=2, col=2)
    figure.update_layout(showlegend=False)
    return _finished(figure, None, None, 700)


def trend_figure(series: ScanSeries) -> go.Figure:
    """Every figure of every scan against what changed."""
    count = len(series.trends)
    figure = make_subplots(rows=count, cols=1, shared_xaxes=True, vertical_spacing=0.12 / count)
    for row, trend in enumerate(series.trends.values(), start=1):
        points = []
        for x, f in zip(series.variable, trend.figures.values, strict=True):
            low, high = f.interval_95
            if f.value is not None and low is not None and high is not None:
                points.append((float(x), f.value, high - f.value, f.value - low))
        figure.update_yaxes(title_text=trend.figures.title, row=row, col=1)
        if not points:
            continue
        at, y, up, down = zip(*points, strict=True)
        figure.add_trace(
            go.Scatter(x=at, y=y, error_y={"type": "data", "array": up, "arrayminus": down},
                       mode="markers", marker={"color": COLOURS[(row - 1) % len(COLOURS)]},
                       showlegend=False),
            row=row, col=1,
        )  # fmt: skip
    figure.update_xaxes(title_text=series.against, row=count, col=1)
    return _finished(figure, None, None, 60 + 230 * count)


def _line(x: np.ndarray, y: np.ndarray, colour: str, name: str) -> go.Scatter:
    return go.Scatter(x=np.round(x, 4), y=[float(f"{v:.5g}") for v in y], mode="lines", name=name,
                      line={"color": colour, "width": 1.8}, showlegend=bool(name))  # fmt: skip


def _finished(figure: go.Figure, x: str | None, y: str | None, height: int) -> go.Figure:
    if x is not None:
        figure.update_xaxes(title_text=x)
        figure.update_yaxes(title_text=y)
    figure.update_layout(
        template="plotly_white", height=height, font={"size": 14},
        margin={"l": 70, "r": 20, "t": 30, "b": 60},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def _summary(contents: Sequence[dict[str, Any]]) -> str:
    rows = []
    for content in contents:
        state = content["oxidation_state"]
        low, high = content["oxidation_state_interval_95"]
        shown = content["oxidation_state_reason"] if state is None else (
            f"{state:.2f} ({low:.2f} to {high:.2f})"
        )  # fmt: skip
        offset = content["foil_offset_eV"]
        rows.append((
            content["label"],
            _with_interval(content["edge_energy_eV"], content["edge_energy_interval_95"]),
            "no foil measured" if offset is None else f"{offset:+.2f} eV",
            f"{content['energies_shifted_by_eV']:+.2f} eV",
            shown,
        ))  # fmt: skip
    heads = ("spectrum", "E<sub>0</sub> / eV (95 %)", "foil offset", "shifted by",
             "oxidation state (95 %)")  # fmt: skip
    definition = html.escape(contents[0]["edge_energy_definition"])
    return f"{text_table(heads, rows)}<p class=note>E<sub>0</sub>: {definition}</p>"


def _section(
    one: SpectrumAnalysis, content: dict[str, Any], number: int, k_weight: int
) -> list[str]:
    energies = {f"edge, {n.replace('_', ' ')}": f for n, f in content["edge_energies"].items()}
    figures = energies | {title: content[name] for name, title in FIGURES.items()}
    rows = [(name, _value(f), f["reason"]) for name, f in figures.items()]
    parts = [
        f"<h2>{html.escape(one.label)}</h2>",
        text_table(("figure", "value (95 %)", "why not"), rows),
        text_list(content["warnings"]),
    ]
    if "combination" in content:
        parts.append(f"<p>Combination: {html.escape(content['combination']['sentence'])}</p>")
    parts += _paths(content)
    if one.fine is not None:
        low, high = one.fine.k_range_per_angstrom
        parts += [
            figure_html(fine_figure(one.fine, k_weight), f"fine{number}"),
            f"<p class=note>k from {low:.1f} to {high:.1f} Å<sup>-1</sup>; k counts from"
            f" {one.fine.edge_energy_eV:.2f} eV (steepest point); background below"
            f" {one.fine.background_radius_angstrom:g} Å. Distances are not phase corrected: bonds"
            " are 0.3 to 0.5 Å longer.</p>",
        ]
    else:
        parts.append(f"<p class=note>No fine structure: {html.escape(one.no_fine)}</p>")
    file = content["file"]
    basis = [
        f"{file['file']} ({file['format']}, sha256 {file['sha256']})", *file["notes"],
        f"pre-edge {content['pre_edge_window_eV']}, post-edge {content['post_edge_window_eV']} eV"
        f" from E0, order {content['post_edge_order']}; edge step {content['edge_step']:.4g}"
        f" ± {content['edge_step_sd']:.2g}",
    ]  # fmt: skip
    parts.append(f"<details><summary>What this rests on</summary>{text_list(basis)}</details>")
    return parts


def _paths(content: dict[str, Any]) -> list[str]:
    """Shells with numbers and distances, and what was said of metal-metal paths."""
    rows = [
        (
            p["shell"],
            p["species"],
            _with_interval(p["coordination_number"], p["coordination_number_interval_95"]),
            _with_interval(p["distance_angstrom"], p["distance_interval_95"]),
        )
        for p in content["paths"]
    ]
    if not rows:
        return [f"<p class=note>Paths: {html.escape(content['paths_reason'])}</p>"]
    # A scan of a series has no evidence of its own: that of the mean stands beside the trends.
    said = content.get("exafs", {}).get("sentence")
    return [
        f"<p><b>{html.escape(said)}</b></p>" if said else "",
        text_table(("shell", "to", "N (95 %)", "R / Å (95 %)"), rows),
        f"<p class=note>{html.escape(content['paths_reason'])}</p>",
    ]


def _with_interval(value: float | None, interval: Sequence[float | None]) -> str:
    if value is None or None in interval:
        return "none"
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"


def _value(figure: dict[str, Any]) -> str:
    low, high = figure["interval_95"]
    if figure["value"] is None:
        return "none"
    digits = 2 if figure["unit"] == "eV" else 3
    return f"{figure['value']:.{digits}f} ({low:.{digits}f} to {high:.{digits}f}) {figure['unit']}"
