"""The joint answer of a sample as one self-contained page.

Its tables are made from the same plain data that the JSON holds.
"""

import html
from typing import Any

import plotly.graph_objects as go

from adatom.evidence.composition import KINDS
from adatom.evidence.shares import JointShares
from adatom.plot.curves import COLOURS
from adatom.report.evidence import evidence_json
from adatom.report.html import figure_html, page
from adatom.report.measured import text_list, text_table


def evidence_html(found: JointShares) -> str:
    """The whole page as text."""
    content = evidence_json(found)
    heading = str(content["sample"])
    parts = [
        f"<h1>{html.escape(heading)}</h1>",
        f"<p class=lead>{html.escape(answer(content))}</p>",
        _warnings(content["contradictions"]),
        figure_html(shares_figure(content), "shares"),
        "<p class=note>Shares of all metal atoms: posterior means (points) and shortest 95 %"
        " intervals (lines), from each source alone and from all together; grey: without any"
        " data.</p>",
        text_table(
            ("metal in", "share", "95 % interval", "beware"),
            [(name(kind), f"{100 * _share(content, kind)['value']:.1f} %", _range(content, kind),
              _share(content, kind)["reason"]) for kind in KINDS],
        ),
        "<h2>What was measured</h2>",
        text_table(
            ("source", "quantity", "value (95 %)"),
            [(source["source"], m["quantity"], _value(m)) for source in content["sources"]
             for m in source["measured"]],
        ),
        "<h2>Do the sources agree?</h2>",
        *_agreement(content["consistency"]),
        "<h2>What to measure next</h2>",
        text_table(
            ("measurement", "expected width of the share in pairs", "narrower by", "information"),
            [(m["measurement"],
              f"{m['share_pairs_expected_interval_width']:.3f}"
              f" (now {m['share_pairs_interval_width_now']:.3f})",
              f"{m['expected_reduction_percent']:.0f} %",
              f"{m['expected_information_bit']:.2f} bit")
             for m in content["next_measurement"]],
        ),
        "<h2>What this rests on</h2>",
        text_list([*content["notes"], *content["assumptions"]]),
        text_list([f"{k} {v}" for k, v in content["provenance"]["software"].items()]),
        text_list(content["provenance"]["citations"]),
    ]  # fmt: skip
    return page(heading, "\n".join(parts))


def answer(content: dict[str, Any]) -> str:
    """The shares in one sentence."""
    shares = [
        f"{100 * _share(content, kind)['value']:.0f} % ({_range(content, kind)}) in {name(kind)}"
        for kind in KINDS
    ]
    return f"Of the metal {', '.join(shares[:-1])} and {shares[-1]}."


def name(kind: str) -> str:
    """A kind as people say it."""
    return kind.replace("_", " ")


def shares_figure(content: dict[str, Any]) -> go.Figure:
    """Shares from the prior, each source alone, and all together."""
    rows = [("prior", content["prior"], "#bbbbbb")]
    rows += [
        (f"{source['source']} alone", source["alone"], COLOURS[i % (len(COLOURS) - 1)])
        for i, source in enumerate(content["sources"])
    ]
    rows.append(("all together", content, COLOURS[-1]))
    figure = go.Figure()
    step = 0.8 / len(rows)
    for i, (label, shares, colour) in enumerate(rows):
        figures = [_share(shares, kind) for kind in KINDS]
        values = [f["value"] for f in figures]
        last = label == "all together"
        figure.add_trace(
            go.Scatter(
                x=[k + (i - 0.5 * (len(rows) - 1)) * step for k in range(len(KINDS))],
                y=values, mode="markers", name=label,
                marker={"color": colour, "size": 11 if last else 8},
                error_y={
                    "type": "data", "color": colour, "thickness": 3 if last else 1.5, "width": 0,
                    "array": [f["interval_95"][1] - f["value"] for f in figures],
                    "arrayminus": [f["value"] - f["interval_95"][0] for f in figures],
                },
            )
        )  # fmt: skip
    figure.update_xaxes(tickvals=list(range(len(KINDS))), ticktext=[name(kind) for kind in KINDS])
    figure.update_yaxes(title_text="share of the metal", range=[-0.02, 1.02])
    figure.update_layout(
        template="plotly_white", height=480, font={"size": 14},
        margin={"l": 70, "r": 20, "t": 30, "b": 40},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def _share(content: dict[str, Any], kind: str) -> dict[str, Any]:
    return content[f"share_{kind}"]


def _range(content: dict[str, Any], kind: str) -> str:
    low, high = _share(content, kind)["interval_95"]
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def _value(measured: dict[str, Any]) -> str:
    if measured["interval_95"] is None:
        return f"{measured['value']}"
    low, high = measured["interval_95"]
    return f"{measured['value']:.3g} ({low:.3g} to {high:.3g})"


def _warnings(contradictions: list[dict[str, Any]]) -> str:
    if not contradictions:
        return ""
    items = "".join(f"<li><b>{html.escape(c['sentence'])}</b></li>" for c in contradictions)
    return f"<h2>Contradictions</h2><ul>{items}</ul>"


def _agreement(consistency: dict[str, Any]) -> list[str]:
    if consistency["reason"]:
        return [f"<p>{html.escape(consistency['reason'])}</p>"]
    p_value = consistency["common_composition_p_value"]
    parts = [f"<p>Some composition agrees with all sources: p = {p_value:.2g}.</p>"]
    parts.append(
        text_table(
            ("between", "2 &Delta;ln L", "p"),
            [
                (" and ".join(t["between"]), f"{t['statistic']:.2f}", f"{t['p_value']:.2g}")
                for t in consistency["pairs"]
            ],
        )
    )
    if consistency["images_at_face_value"]:
        parts.append("<p>Were the images all there is:</p>")
        parts.append(
            text_table(
                ("source", "quantity", "measured", "expected (95 %)", "p"),
                [
                    (f["source"], f["quantity"], f"{f['measured']:.3g}",
                     "{:.3g} to {:.3g}".format(*f["expected_interval_95"]), f"{f['p_value']:.2g}")
                    for f in consistency["images_at_face_value"]
                ],
            )
        )  # fmt: skip
    return parts
