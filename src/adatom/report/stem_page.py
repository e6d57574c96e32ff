"""Pairs in fields of atoms as one self-contained page, from the plain data of the JSON."""

import html
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from adatom.plot.curves import COLOURS
from adatom.report.html import figure_html, page
from adatom.stem.pair_result import PairResult
from adatom.stem.pair_spectrum import pair_spectrum

BLUE, ORANGE = COLOURS[:2]
GREY = "#999999"
MOST_DOUBLETS = 200
"""Rows of the table."""


def stem_html(result: PairResult) -> str:
    """The whole page as text."""
    content = result.as_dict()
    parts = [
        "<h1>Are they really pairs?</h1>",
        f"<p class=lead>{html.escape(content['verdict'])}</p>",
        *(f"<p><b>{html.escape(text)}</b></p>" for text in content["assumed"]),
        f"<p><b>{html.escape(content['groups_of_three']['caution'])}</b></p>",
        _numbers(content),
        "<h2>Distances and share</h2>",
        figure_html(_distances(result), "distances"),
        "<p class=note>Left: all distances between atoms, split by the probability that the two are"
        " one pair. Right: posterior of the share of metal atoms in pairs, if there are any.</p>",
    ]
    for n, field in enumerate(content["files"]):
        parts += [
            f"<h2>{html.escape(field['file'])}</h2>",
            figure_html(_map(result, n), f"map{n}"),
            "<p class=note>Atoms coloured by the probability of being half of a pair seen as two"
            " spots; lines join likely pairs.</p>",
            figure_html(_statistics(field["neighbours"]), f"statistics{n}"),
            "<p class=note>Grey: 95 % global envelope of single atoms at random with the same"
            f" density and resolution; p = {field['neighbours']['p_value_random']:.3g}.</p>",
        ]
    return page("pairs", "\n".join([*parts, _doublets(content), _basis(content)]))


def _numbers(content: dict[str, Any]) -> str:
    limit = "at most " if content["probability_no_pairs_is_upper_limit"] else ""
    rows = [
        ("detected atoms", f"{content['atoms']} in {content['area_nm2']:.4g} nm<sup>2</sup>"),
        ("density", f"{content['density_per_nm2']:.3g} nm<sup>-2</sup>"),
        ("share of metal atoms in pairs", _value(content, "pair_fraction", "pair_fraction")),
        ("distance", _value(content, "pair_distance_angstrom", "pair_distance") + " Å"),
        ("spread", _value(content, "pair_distance_sd_angstrom", "pair_distance_sd") + " Å"),
        ("probability of no pairs", f"{limit}{content['probability_no_pairs']:.2g}"
         f" ({content['probability_no_pairs_prior']:g} beforehand)"),
    ]  # fmt: skip
    for key, one in (content["group_shares"] or {}).items():
        if key.endswith("_fraction"):
            low, high = one["interval_95"]
            name = key.removesuffix("_fraction").replace("_", " ")
            rows.append((f"with trimers and clusters: {name}",
                         f"{one['value']:.3g} ({low:.3g} to {high:.3g})"))  # fmt: skip
    cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows)
    return f"<table><tr><th>quantity</th><th>value (95 %)</th></tr>{cells}</table>"


def _value(content: dict[str, Any], key: str, interval: str) -> str:
    low, high = content[f"{interval}_interval_95"]
    return f"{content[key]:.3g} ({low:.3g} to {high:.3g})"


def _distances(result: PairResult) -> go.Figure:
    spectrum, found = pair_spectrum(result.inference), result.inference
    middle = 0.5 * (spectrum.edges_angstrom[1:] + spectrum.edges_angstrom[:-1])
    figure = make_subplots(rows=1, cols=2)
    for name, values, colour in (
        ("chance neighbours", spectrum.observed - spectrum.paired, GREY),
        ("pairs", spectrum.paired, ORANGE),
    ):
        figure.add_trace(go.Bar(x=middle, y=values, name=name, marker_color=colour), row=1, col=1)
    edges = found.share_edges
    figure.add_trace(
        go.Scatter(x=0.5 * (edges[1:] + edges[:-1]), y=found.share_probability / np.diff(edges),
                   fill="tozeroy", showlegend=False, line={"color": ORANGE}), row=1, col=2,
    )  # fmt: skip
    figure.update_layout(template="plotly_white", barmode="stack", bargap=0, height=380)
    figure.update_xaxes(title_text="distance / Å", row=1, col=1)
    figure.update_xaxes(title_text="share of metal atoms in pairs", row=1, col=2)
    return figure


def _map(result: PairResult, n: int) -> go.Figure:
    found = result.inference
    xy = found.patterns[n].positions_angstrom
    likely = found.bonds[n][found.bond_probability[n] >= 0.5]
    x, y = ([z for i, j in likely for z in (xy[i, k], xy[j, k], None)] for k in (0, 1))
    figure = go.Figure(go.Scatter(x=x, y=y, mode="lines", line={"color": "#444"}, hoverinfo="skip"))
    figure.add_trace(
        go.Scatter(x=xy[:, 0], y=xy[:, 1], mode="markers",
                   text=[f"atom {i + 1}" for i in range(len(xy))],
                   marker={"color": found.atom_probability[n], "cmin": 0, "cmax": 1,
                           "colorscale": "Viridis", "size": 7, "colorbar": {"title": "in a pair"}})
    )  # fmt: skip
    figure.update_layout(template="plotly_white", height=640, showlegend=False)
    figure.update_xaxes(title_text="x / Å")
    figure.update_yaxes(title_text="y / Å", scaleanchor="x", autorange="reversed")
    return figure


def _statistics(neighbours: dict[str, Any]) -> go.Figure:
    figure = make_subplots(rows=1, cols=2)
    for column, (distance, key, envelope, title) in enumerate(
        (
            (
                "pair_correlation_distance_angstrom",
                "pair_correlation",
                "pair_correlation_envelope",
                "g",
            ),
            ("distance_angstrom", "ripley_l_angstrom", "ripley_l_envelope_angstrom", "L / Å"),
        ),
        start=1,
    ):
        r, (low, high) = neighbours[distance], neighbours[envelope]
        grey = {"color": GREY, "width": 0.5}
        for values, fill in ((low, None), (high, "tonexty")):
            figure.add_trace(go.Scatter(x=r, y=values, fill=fill, line=grey), row=1, col=column)
        figure.add_trace(go.Scatter(x=r, y=neighbours[key], line={"color": BLUE}),
                         row=1, col=column)  # fmt: skip
        figure.update_yaxes(title_text=title, row=1, col=column)
    figure.update_xaxes(title_text="distance / Å")
    figure.update_layout(template="plotly_white", height=360, showlegend=False)
    return figure


def _doublets(content: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(one['file'])}</td><td>{one['atoms'][0]}, {one['atoms'][1]}</td>"
        f"<td>{one['distance_angstrom']:.2f}</td><td>{one['probability']:.2f}</td></tr>"
        for one in content["doublets"][:MOST_DOUBLETS]
    )
    return (
        f"<details><summary>Doublets ({len(content['doublets'])})</summary><div class=scroll>"
        "<table><tr><th>file</th><th>atoms</th><th>distance / Å</th><th>probability of one pair"
        f"</th></tr>{rows}</table></div></details>"
    )


def _basis(content: dict[str, Any]) -> str:
    said = [f"{key.replace('_', ' ')}: {value}" for part in ("model", "priors", "convergence")
            for key, value in content[part].items()]  # fmt: skip
    said += [f"{f['file']}: {note}" for f in content["files"] for note in f["notes"]]
    said += [f"{name} {version}" for name, version in content["provenance"]["software"].items()]
    items = "".join(f"<li>{html.escape(text)}</li>" for text in said)
    return f"<h2>What this rests on</h2><ul class=note>{items}</ul>"
