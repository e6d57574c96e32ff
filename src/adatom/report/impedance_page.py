"""Impedance spectra, their tests, relaxation times and fits as one self-contained page."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from adatom.electrochem.impedance.fit import CircuitFit
from adatom.electrochem.impedance.relaxation_times import RelaxationTimes
from adatom.plot.curves import COLOURS
from adatom.report.figures import LAYOUT
from adatom.report.html import figure_html, page
from adatom.report.measured import basis, figure_table, text_list

BLUE, RED, BLACK = COLOURS[0], COLOURS[1], COLOURS[6]
MOST_PICTURES = 30
"""Spectra that are drawn: the page stays light."""


def impedance_html(
    content: dict[str, Any], times: Sequence[RelaxationTimes], fits: Sequence[CircuitFit]
) -> str:
    """The whole page as text; ``content`` is what the JSON of the same spectra holds."""
    parts = [
        "<h1>Impedance spectra</h1>",
        "<p class=note>Shaded residuals: frequencies that fail the Kramers-Kronig test.</p>",
    ]
    if fits:
        parts.append(f"<p class=lead>{html.escape(str(fits[0].circuit))}</p>")
    known = [fit for fit in fits if fit.spectrum.potential_V is not None]
    if len(known) > 1:
        parts += ["<h2>Against potential</h2>", figure_html(series_figure(known), "series")]
        parts.append("<p class=note>Bars: 95 % intervals. Open symbols: the circuit does not"
                     " describe the spectrum; gaps: not determined.</p>")  # fmt: skip
    for n, (entry, found) in enumerate(zip(content["spectra"], times, strict=True)):
        fit = fits[n] if fits else None
        potential = entry["potential_V"]
        where = "" if potential is None else f", {potential:.3f} V"
        parts.append(f"<h2>{html.escape(entry['label'])}{where}</h2>")
        if n < MOST_PICTURES:
            parts.append(figure_html(spectrum_figure(found, fit), f"spectrum{n}"))
        rows = [("R<sub>u</sub>", entry["uncompensated_resistance"])]
        rows += [
            (f"process at {peak.frequency_Hz:.3g} Hz", peak.resistance.as_dict())
            for peak in found.peaks
        ]
        said = [found.validity.sentence(), *found.sentences()]
        if fit is not None:
            rows += [(html.escape(k), f.as_dict()) for k, f in fit.parameters.items()]
            said += fit.sentences()
        parts += [figure_table(rows), text_list(list(dict.fromkeys(said)))]
    if len(times) > MOST_PICTURES:
        parts.append(f"<p class=note>The first {MOST_PICTURES} spectra are drawn.</p>")
    parts.append(basis(content["files"]))
    return page("Impedance spectra", "\n".join(parts))


def spectrum_figure(found: RelaxationTimes, fit: CircuitFit | None) -> go.Figure:
    """Nyquist and Bode plot, residuals (of the fit, else of the test), relaxation times."""
    figure = make_subplots(
        rows=2, cols=2, vertical_spacing=0.14, horizontal_spacing=0.11,
        specs=[[{}, {"secondary_y": True}], [{}, {}]],
    )  # fmt: skip
    spectrum = found.spectrum
    f, z = spectrum.frequency_Hz, spectrum.impedance_ohm
    labels = [f"{x:.4g} Hz" for x in f]
    measured = {"mode": "markers", "showlegend": False}
    figure.add_scatter(x=z.real, y=-z.imag, text=labels, name="measured", row=1, col=1,
                       marker={"color": BLACK, "size": 5}, **measured)  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=f, y=spectrum.modulus_ohm, name="|Z|", marker={"color": BLUE, "size": 5}, **measured
        ),
        row=1,
        col=2,
    )
    figure.add_trace(go.Scatter(x=f, y=-spectrum.phase_deg, name="-phase",
                                marker={"color": RED, "size": 5, "symbol": "x"}, **measured),
                     row=1, col=2, secondary_y=True)  # fmt: skip
    percent = 100.0 * found.validity.residuals
    if fit is not None:
        percent, model = fit.residuals_percent, fit.fitted_ohm
        colour = BLUE if fit.describes else RED
        figure.add_scatter(x=model.real, y=-model.imag, mode="lines", line={"color": colour},
                           name="fit", showlegend=False, row=1, col=1)  # fmt: skip
    for values, name, colour in ((percent.real, "real", BLUE), (percent.imag, "imaginary", RED)):
        figure.add_scatter(x=f, y=values, name=f"residual, {name}", row=2, col=1, mode="markers",
                           marker={"color": colour, "size": 5})  # fmt: skip
    for high, low in found.validity.failing_Hz:
        figure.add_vrect(x0=low / 1.05, x1=high * 1.05, fillcolor=RED, opacity=0.12, line_width=0,
                         row=2, col=1)  # fmt: skip
    tau, band = found.relaxation_time_s, found.interval_95_ohm
    figure.add_scatter(x=np.r_[tau, tau[::-1]], y=np.r_[band[1], band[0][::-1]], fill="toself",
                       line={"width": 0}, fillcolor="rgba(86,180,233,0.3)", hoverinfo="skip",
                       showlegend=False, row=2, col=2)  # fmt: skip
    figure.add_scatter(x=tau, y=found.distribution_ohm, mode="lines", line={"color": BLUE},
                       showlegend=False, name="g", row=2, col=2)  # fmt: skip
    figure.update_xaxes(title_text="Z' / ohm", row=1, col=1)
    figure.update_yaxes(title_text="-Z'' / ohm", scaleanchor="x", row=1, col=1)
    figure.update_xaxes(title_text="frequency / Hz", type="log", row=1, col=2)
    figure.update_yaxes(title_text="|Z| / ohm", type="log", row=1, col=2, secondary_y=False)
    figure.update_yaxes(
        title_text="-phase / deg", tickmode="auto", showgrid=False, row=1, col=2, secondary_y=True
    )
    figure.update_xaxes(title_text="frequency / Hz", type="log", row=2, col=1)
    of = "fit" if fit is not None else "Kramers-Kronig"
    figure.update_yaxes(title_text=f"residual ({of}) / % of |Z|", row=2, col=1)
    figure.update_xaxes(title_text="relaxation time / s", type="log", row=2, col=2)
    figure.update_yaxes(title_text="g(ln tau) / ohm", row=2, col=2)
    figure.update_layout(**LAYOUT, height=760)
    return figure


def series_figure(fits: Sequence[CircuitFit]) -> go.Figure:
    """Every parameter with its interval against potential."""
    names = fits[0].circuit.names
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    units = [fits[0].parameters[name].unit for name in names]
    titles = [n if u == "1" else f"{n} / {u}" for n, u in zip(names, units, strict=True)]
    figure = make_subplots(rows=rows, cols=columns, subplot_titles=titles)
    potential = np.array([fit.spectrum.potential_V for fit in fits], dtype=float)
    symbols = np.array(["circle" if fit.describes else "circle-open" for fit in fits])
    for place, name in enumerate(names):
        found = [fit.parameters[name] for fit in fits]
        value = np.array([f.value for f in found], dtype=float)
        low, high = np.array([f.interval_95 for f in found], dtype=float).T
        shown = np.isfinite(value + low + high)
        figure.add_scatter(
            x=potential[shown], y=value[shown], mode="markers", showlegend=False, name=name,
            error_y={"type": "data", "array": (high - value)[shown],
                     "arrayminus": (value - low)[shown]},
            marker={"color": BLUE, "size": 7, "symbol": symbols[shown]},
            row=1 + place // columns, col=1 + place % columns,
        )  # fmt: skip
    figure.update_xaxes(title_text="potential / V")
    figure.update_layout(**LAYOUT, height=260 * rows + 80)
    return figure
