"""An activity map as one self-contained page, and as plain data."""

import html
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from adatom.kinetics.mapped_activity import LimitingActivity
from adatom.kinetics.mapped_sites import MappedSite
from adatom.kinetics.volcano import ActivityMap
from adatom.plot.curves import COLOURS
from adatom.plot.volcano import MOST_LABELS, shown_range, title, value_label
from adatom.provenance import software_versions
from adatom.report.html import figure_html, page

KEYS = {"V vs RHE": "V_rhe", "log10(1/s)": "log10_per_s", "log10(mA/cm2)": "log10_mA_cm2"}
"""Unit of a map -> how the names of its keys end."""


def volcano_json(chart: ActivityMap, sites: Sequence[MappedSite]) -> dict[str, Any]:
    """The keys other tools rely on; every number with its unit in the name of its key."""
    unit = KEYS[chart.activity.unit]
    at, best = _apex(chart)
    return {
        "reaction": chart.network.name,
        "overall": chart.network.mechanism.overall,
        "quantity": chart.activity.quantity,
        "conditions": dict(chart.activity.conditions),
        "lines": [
            {
                "state": ln.name,
                "intercept_eV": ln.intercept_eV,
                "slopes": dict(ln.slopes),
                "source": ln.source,
            }
            for ln in chart.lines
        ],
        "steps_closed_for_want_of_lines": list(chart.closed_steps),
        "apex": {
            "descriptors_eV": at,
            f"value_{unit}": best,
            "equal_points": 0 if best is None else chart.equal_to_apex,
        },
        "axes": [
            {"state": a.name, "free_energy_eV": [float(v) for v in a.values_eV]} for a in chart.axes
        ],
        f"values_{unit}": _plain(chart.values),
        "domains": chart.domains.tolist(),
        "domain_names": list(chart.domain_names),
        "sites": [
            {
                "site": s.label,
                "descriptors_eV": dict(_descriptors(chart, s)),
                "descriptor_covariance_eV2": s.covariance_eV2.tolist(),
                f"own_value_{unit}": _number(s.value),
                f"own_interval_95_{unit}": [_number(v) for v in s.interval_95],
                chart.activity.domain_kind.replace(" ", "_"): s.domain,
                f"map_value_{unit}": _number(s.map_value),
                "own_minus_line_eV": dict(s.off_lines_eV),
                "free_energies_eV": dict(s.energies.values_eV),
                "sd_eV": dict(s.energies.sd_eV),
                "correlation": s.energies.correlation,
                "energy_source": s.energies.source.as_dict(),
            }
            for s in sites
        ],
        "provenance": {
            "network_source": chart.network.mechanism.source,
            "software": software_versions(),
        },
    }


def volcano_html(chart: ActivityMap, sites: Sequence[MappedSite]) -> str:
    """The whole page as text."""
    heading = html.escape(title(chart))
    at, best = _apex(chart)
    where = ", ".join(f"ΔG({html.escape(k)}) = {v:.2f} eV" for k, v in at.items())
    lead = "nothing is made on balance anywhere"
    if best is not None:
        lead = f"apex of the grid {best:.2f} {html.escape(chart.activity.unit)} at {where}"
    note = (
        "Full markers: the site's own energies. Open markers: a site on the lines with the same"
        " descriptor. Bars: 95 %."
        if len(chart.axes) == 1
        else "Markers are filled with the colour of the site's own value; ellipses hold 95 % of"
        " both descriptors."
    )
    parts = [
        f"<h1>{heading}</h1>",
        f"<p class=lead>{html.escape(chart.network.mechanism.overall)} · {lead}</p>",
        figure_html(map_figure(chart, sites), "map"),
        f"<p class=note>{note}</p>",
        _site_table(chart, sites) if sites else "",
        "<h2>What the map rests on</h2>",
        "<ul class=note>",
        *(f"<li>{html.escape(text)}</li>" for text in _basis(chart, sites)),
        "</ul>",
    ]
    return page(title(chart), "\n".join(parts))


def map_figure(chart: ActivityMap, sites: Sequence[MappedSite]) -> go.Figure:
    """Interactive map: a curve over one descriptor, colours over two."""
    figure = go.Figure()
    (_curve if len(chart.axes) == 1 else _plane)(figure, chart, sites)
    figure.update_layout(
        template="plotly_white", height=620, font={"size": 14}, hovermode="closest",
        margin={"l": 70, "r": 20, "t": 30, "b": 60},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    x = chart.axes[0]
    figure.update_xaxes(
        title_text=f"ΔG({x.name}) / eV", range=[float(x.values_eV[0]), float(x.values_eV[-1])]
    )
    return figure


def _curve(figure: go.Figure, chart: ActivityMap, sites: Sequence[MappedSite]) -> None:
    x = chart.axes[0].values_eV
    for n, name in enumerate(chart.domain_names):
        inside = chart.domains == n
        inside[1:] |= inside[:-1].copy()  # to the first point of the next domain: no gap
        figure.add_scatter(
            x=x, y=np.where(inside, chart.values, np.nan), name=name, mode="lines",
            line={"color": COLOURS[n % len(COLOURS)], "width": 4},
            hovertemplate="%{x:.3f} eV: %{y:.3f}",
        )  # fmt: skip
    drawn = [s for s in sites if math.isfinite(s.value)]
    at = [float(s.descriptors_eV[0]) for s in drawn]
    bounds = [[v if math.isfinite(v) else s.value for v in s.interval_95] for s in drawn]
    for s, position in zip(drawn, at, strict=True):
        figure.add_scatter(
            x=[position] * 2, y=[s.value, s.map_value], mode="lines", showlegend=False,
            line={"color": "#1b1f24", "width": 1, "dash": "dot"}, hoverinfo="skip",
        )  # fmt: skip
    if drawn:
        figure.add_scatter(
            x=at, y=[s.map_value for s in drawn], mode="markers", name="on the lines",
            marker={"color": "white", "size": 9, "line": {"color": "#1b1f24", "width": 1.5}},
            text=[s.label for s in drawn], hovertemplate="%{text} on the lines: %{y:.3f}",
        )  # fmt: skip
        figure.add_scatter(
            x=at, y=[s.value for s in drawn], mode="markers+text", name="own energies",
            marker={"color": "#1b1f24", "size": 9}, text=[html.escape(s.label) for s in drawn],
            textposition="top right", hovertemplate="%{text}: %{y:.3f} at %{x:.3f} eV",
            error_x={"type": "data", "array": [float(s.half_widths_95_eV[0]) for s in drawn],
                     "thickness": 1},
            error_y={"type": "data", "symmetric": False, "thickness": 1,
                     "array": [max(0.0, b[1] - s.value)
                               for s, b in zip(drawn, bounds, strict=True)],
                     "arrayminus": [max(0.0, s.value - b[0])
                                    for s, b in zip(drawn, bounds, strict=True)]},
        )  # fmt: skip
    if isinstance(chart.activity, LimitingActivity):
        level = chart.activity.conditions["equilibrium_potential_V_rhe"]
        figure.add_hline(y=level, line={"color": "#8c959f", "dash": "dash", "width": 1})
    figure.update_yaxes(title_text=value_label(chart))


def _plane(figure: go.Figure, chart: ActivityMap, sites: Sequence[MappedSite]) -> None:
    x, y = chart.axes
    low, high = shown_range(chart)
    better_low = isinstance(chart.activity, LimitingActivity) and chart.network.electrons < 0
    colours = "Viridis_r" if better_low else "Viridis"
    names = np.array(chart.domain_names)
    figure.add_heatmap(
        x=x.values_eV, y=y.values_eV, z=chart.values, zmin=low, zmax=high, colorscale=colours,
        colorbar={"title": {"text": value_label(chart), "side": "right"}},
        customdata=names[chart.domains],
        hovertemplate=f"{x.name} %{{x:.2f}} eV, {y.name} %{{y:.2f}} eV: %{{z:.3f}}<br>"
        "%{customdata}<extra></extra>",
    )  # fmt: skip
    for n in range(len(names)):
        figure.add_contour(
            x=x.values_eV, y=y.values_eV, z=(chart.domains == n).astype(int), showscale=False,
            contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "lines"},
            colorscale=[[0, "white"], [1, "white"]], line={"width": 1}, hoverinfo="skip",
        )  # fmt: skip
    for s in sites if len(sites) <= MOST_LABELS else ():
        figure.add_annotation(
            x=float(s.descriptors_eV[0]), y=float(s.descriptors_eV[1]), text=html.escape(s.label),
            showarrow=False, xshift=10, yshift=12, xanchor="left", bgcolor="rgba(255,255,255,0.7)",
            font={"size": 12},
        )  # fmt: skip
    for s in sites:
        outline = s.ellipse_95_eV()
        figure.add_scatter(
            x=outline[:, 0], y=outline[:, 1], mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": "#1b1f24", "width": 1.2},
        )  # fmt: skip
    if sites:
        figure.add_scatter(
            x=[float(s.descriptors_eV[0]) for s in sites],
            y=[float(s.descriptors_eV[1]) for s in sites],
            mode="markers", text=[html.escape(s.label) for s in sites], showlegend=False,
            customdata=[[_text(s.value), _text(s.map_value), s.domain] for s in sites],
            marker={"color": [s.value if math.isfinite(s.value) else low for s in sites],
                    "cmin": low, "cmax": high, "colorscale": colours, "size": 12,
                    "line": {"color": "#1b1f24", "width": 1.5}},
            hovertemplate="%{text}: %{customdata[0]} (map %{customdata[1]})<br>%{customdata[2]}"
            "<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(
        title_text=f"ΔG({y.name}) / eV", range=[float(y.values_eV[0]), float(y.values_eV[-1])]
    )


def _site_table(chart: ActivityMap, sites: Sequence[MappedSite]) -> str:
    head = ["site", *(f"ΔG({a.name}) / eV" for a in chart.axes), f"own / {chart.activity.unit}",
            "95 %", "map", chart.activity.domain_kind, "own minus line / eV"]  # fmt: skip
    rows = []
    for s in sites:
        off = ", ".join(f"{k} {v:+.2f}" for k, v in s.off_lines_eV.items())
        sds = s.half_widths_95_eV
        cells = [
            s.label,
            *(f"{v:.2f} ± {w:.2f}" for v, w in zip(s.descriptors_eV, sds, strict=True)),
            _text(s.value),
            " to ".join(_text(v) for v in s.interval_95),
            _text(s.map_value),
            s.domain,
            off,
        ]
        rows.append("".join(f"<td>{html.escape(c)}</td>" for c in cells))
    top = "".join(f"<th>{html.escape(c)}</th>" for c in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<div class=scroll><table><tr>{top}</tr>{body}</table></div>"


def _basis(chart: ActivityMap, sites: Sequence[MappedSite]) -> list[str]:
    lines = [f"line {line}: {line.source}" for line in chart.lines]
    lines += [f"{key}: {value}" for key, value in chart.activity.conditions.items()
              if value is not None]  # fmt: skip
    if chart.closed_steps:
        lines.append(f"steps closed for want of lines: {', '.join(chart.closed_steps)}")
    lines.append(f"network: {chart.network.mechanism.source}")
    for s in sites:
        source = s.energies.source
        lines.append(f"{s.label}: {source.description}; uncertainty: {source.uncertainty}")
        lines += [f"{s.label}: {c}" for c in (*source.corrections, *source.notes, source.caution)
                  if c]  # fmt: skip
    lines.append("software: " + ", ".join(f"{k} {v}" for k, v in software_versions().items()))
    return lines


def _apex(chart: ActivityMap) -> tuple[dict[str, float], float | None]:
    return chart.apex if np.isfinite(chart.values).any() else ({}, None)


def _descriptors(chart: ActivityMap, site: MappedSite) -> list[tuple[str, float]]:
    return [(a.name, float(v)) for a, v in zip(chart.axes, site.descriptors_eV, strict=True)]


def _text(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "none made"


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _plain(values: np.ndarray) -> list[Any]:
    return [_plain(row) if isinstance(row, np.ndarray) else _number(row) for row in values]
