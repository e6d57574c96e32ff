"""Products of an electrolysis or illumination as one self-contained page."""

import html
from pathlib import Path

import plotly.graph_objects as go

from adatom.electrochem.products.result import ProductResult, plain_name
from adatom.figure_of_merit import FigureOfMerit
from adatom.plot.curves import COLOURS
from adatom.plot.products import drawn_bars
from adatom.report.figures import LAYOUT
from adatom.report.html import figure_html, page
from adatom.report.measured import basis, figure_table, text_list


def products_html(result: ProductResult, source: Path, sha256: str) -> str:
    """The whole page as text; ``source`` is the product file, with its hash."""
    content = result.as_dict()
    parts = [f"<h1>{html.escape(result.title)}</h1>", f"<p class=lead>{_run(result)}</p>"]
    parts.append(figure_html(bars_figure(result), "bars"))
    if result.total_efficiency is not None:
        parts.append(
            f"<p>Sum of the efficiencies: {html.escape(result.total_efficiency.text(1))} %."
            f" {html.escape(result.verdict)}</p>"
        )
    if result.ammonia is not None:
        parts.append(
            f"<h2>Ammonia: {html.escape(result.ammonia.verdict)} by its controls</h2>"
            f"{text_list(list(result.ammonia.reasons))}"
        )
    for product in content["products"]:
        rows = ((html.escape(plain_name(k)), f) for k, f in product["figures"].items())
        read = [
            "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in part.items())
            for part in product["parts"]
        ]
        parts += [
            f"<h2>{html.escape(product['name'])}</h2>",
            f"<p><code>{html.escape(product['equation'])}</code></p>"
            if product["equation"]
            else "",
            figure_table(rows),
            text_list(product["flags"]),
            f"<details><summary>How it was read</summary>{text_list(read)}</details>",
        ]
    lines = [
        "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in line.items())
        for line in content["calibrations"]
    ]
    if lines:
        parts.append(f"<h2>Calibrations</h2>{text_list(lines)}")
    if content["notes"]:
        parts.append(f"<h2>Notes</h2>{text_list(content['notes'])}")
    read_files = [(str(source), sha256), *result.inputs.items()]
    files = [{"file": f, "format": "read", "sha256": h, "notes": []} for f, h in read_files]
    parts.append(basis(files))
    return page(result.title, "\n".join(parts))


def _run(result: ProductResult) -> str:
    charge = "" if result.charge_C is None else f" · {result.charge_C.text(3)} C"
    return html.escape(f"{result.duration_s:g} s{charge}")


def bars_figure(result: ProductResult) -> go.Figure:
    """One bar a product with its 95 % interval, and the sum."""
    title, bars = drawn_bars(result)
    figure = go.Figure()
    for place, (name, found) in enumerate(bars):
        colour = "#8c8c8c" if name == "sum" else COLOURS[place % len(COLOURS)]
        figure.add_bar(
            x=[name], y=[found.value], marker_color=colour, showlegend=False, error_y=_error(found)
        )
    if result.total_efficiency is not None:
        figure.add_hline(y=100.0, line={"color": "#8c8c8c", "dash": "dash", "width": 1})
    figure.update_yaxes(title_text=title)
    figure.update_layout(**LAYOUT, height=420)
    return figure


def _error(found: FigureOfMerit) -> dict[str, object]:
    low, high = found.interval_95
    if found.value is None or low is None or high is None:
        return {}
    return {"type": "data", "array": [high - found.value], "arrayminus": [found.value - low],
            "color": "#1b1f24"}  # fmt: skip
