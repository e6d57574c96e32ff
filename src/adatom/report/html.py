"""One self-contained page: works from a file, without a network."""

import base64
import html
import io
import json

import plotly
import plotly.io as pio

from adatom.prediction.results import Prediction, SitePrediction
from adatom.report import figures
from adatom.report.tables import cautions

MOST_PICTURES = 8
"""Sites whose cycles are drawn."""

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:1080px;margin:0 auto;
padding:1.5rem}h1{font-size:1.7rem;margin:.2rem 0}
h2{font-size:1.2rem;margin:2.2rem 0 .4rem;border-bottom:1px solid #d8dee4}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #e6e9ed;vertical-align:top}
th{background:#f6f8fa}p.lead{color:#57606a;margin:.2rem 0 1rem}
.note{color:#57606a;font-size:.88rem}details{margin:.4rem 0}summary{cursor:pointer;font-weight:600}
code{background:#f6f8fa;padding:.1rem .3rem;border-radius:3px}
ul{margin:.3rem 0 .3rem 1.1rem;padding:0}
.scroll{overflow-x:auto}
"""


def report_html(prediction: Prediction) -> str:
    """The whole page as text."""
    network = prediction.network
    where = prediction.electrolyte.name
    if network.transported:
        where += f", {prediction.conditions['rotation_rpm']:g} rpm"
    parts = [
        f"<h1>Predicted {html.escape(network.mechanism.title)}</h1>",
        f"<p class=lead>{html.escape(where)} · pH {prediction.electrolyte.pH:g} · 25 °C ·"
        f" {html.escape(network.mechanism.overall)}</p>",
        f"<div class=scroll>{prediction.to_frame().to_html(index=False, border=0)}</div>",
        f"<p class=note>Brackets: 95 % intervals from {prediction.provenance['interval_95']}."
        " U<sub>L</sub>: limiting potential of the path"
        f" {html.escape(_path_names(prediction))}; a maximum over steps, so its nominal value can"
        " lie at the optimistic end of its interval. ‘open’: the interval passes the end of the"
        " potential window, or more than 2.5 % of the draws have no value.</p>",
        _reasons(prediction),
        "<h2>Polarization curves</h2>",
        figure_html(figures.curves_figure(prediction), "curves"),
        "<p class=note>Lines: nominal energies; bands: 95 % of the draws; geometric current"
        f" density, cathodic negative. {html.escape(' '.join(cautions(prediction)))}</p>",
        *_selectivity(prediction),
        "<h2>Free-energy diagram</h2>",
        figure_html(figures.diagram_figure(prediction), "diagram"),
    ]
    structures = figures.structures_figure(prediction)
    if structures is not None:
        parts += [
            "<h2>Structures of the states</h2>",
            figure_html(structures, "structures"),
            "<p class=note>Geometries the energies belong to; drag to turn, scroll to zoom."
            " The menu selects the site.</p>",
        ]
    parts += [
        "<h2>What limits each site</h2>",
        figure_html(figures.occupation_figure(prediction), "occupation"),
        "<p class=note>Probability of each state of a site, at the concentrations of the"
        " surface.</p>",
        f"<div class=scroll>{_control_table(prediction)}</div>",
        f"<div class=scroll>{_limits_table(prediction)}</div>",
        *_cycle_pictures(prediction),
        "<h2>What each number rests on</h2>",
        *(_source(r) for r in prediction.results),
        _provenance(prediction),
    ]
    return page(network.mechanism.title, "\n".join(parts))


def page(title: str, body: str) -> str:
    """A page with everything that its figures need; ``title`` is plain text, ``body`` HTML."""
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        f"<title>adatom: {html.escape(title)}</title>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<style>{_STYLE}</style><script>{plotly.offline.get_plotlyjs()}</script></head>"
        f"<body>{body}</body></html>"
    )


def figure_html(figure: figures.Figure, identifier: str) -> str:
    """One figure as a piece of a :func:`page`; ``identifier`` names its element."""
    return str(
        pio.to_html(
            figure,
            include_plotlyjs=False,
            full_html=False,
            div_id=identifier,
            config={"displaylogo": False, "responsive": True},
        )
    )


def _selectivity(prediction: Prediction) -> list[str]:
    figure = figures.selectivity_figure(prediction)
    if figure is None:
        return []
    return [
        "<h2>Faradaic efficiencies</h2>",
        figure_html(figure, "selectivity"),
        "<p class=note>Share of each product in the current; bands: 95 % of the draws. Gaps: some"
        " product is consumed there.</p>",
    ]


def _cycle_pictures(prediction: Prediction) -> list[str]:
    """States and net fluxes of each site, drawn into the page."""
    from matplotlib import pyplot

    parts = []
    for r in prediction.results[:MOST_PICTURES]:
        if not r.cycles:
            continue
        r.plot_cycles()
        content = io.BytesIO()
        pyplot.savefig(content, format="png", bbox_inches="tight", dpi=110)
        pyplot.close()
        data = base64.b64encode(content.getvalue()).decode()
        parts.append(
            f"<p>{html.escape(r.site)} at {r.rate_control_V_rhe:.2f} V</p>"
            f"<div class=scroll><img alt='cycles of {html.escape(r.site)}'"
            f" src='data:image/png;base64,{data}'></div>"
        )
    if not parts:
        return []
    note = (
        "<p class=note>Net fluxes between the states of a site: wider is more, over six decades;"
        " red: the dominant cycle; percentages: probabilities of states.</p>"
    )
    return ["<h3>Cycles</h3>", *parts, note]


def _limits_table(prediction: Prediction) -> str:
    rows = []
    for r in prediction.results:
        cycle = " → ".join(r.cycles[0].states) if r.cycles else "none"
        span = "none"
        if r.span is not None:
            span = f"{r.span.span_eV:.2f} eV: {r.span.transition_state} over {r.span.intermediate}"
        cells = (f"{r.site} at {r.rate_control_V_rhe:.2f} V", cycle, span, *_answers(r))
        rows.append("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in cells) + "</tr>")
    return (
        "<table><caption class=note>The cycle that carries most net flux, its energetic span, and"
        " how the kinetic current answers to potential, activities and temperature (where kinetics"
        " control a hundredth of the current at least)</caption><tr>"
        "<th>site</th><th>dominant cycle</th><th>energetic span</th><th>slope / mV/dec</th>"
        f"<th>orders</th><th>E<sub>a</sub> / eV</th></tr>{''.join(rows)}</table>"
    )


def _answers(r: SitePrediction) -> tuple[str, str, str]:
    """Apparent slope, reaction orders and activation energy, where kinetics have a say."""
    if r.sensitivities is None:
        return "none", "none", "none"
    orders = ", ".join(
        f"{s} {x:+.2f}" for s, x in r.sensitivities.reaction_orders.items() if abs(x) > 0.005
    )
    energy = r.sensitivities.apparent_activation_energy_eV
    return f"{r.sensitivities.tafel_slope_mV_dec:.0f}", orders, f"{energy:.2f}"


def _path_names(prediction: Prediction) -> str:
    return ", ".join(dict.fromkeys(f"‘{r.path.name}’" for r in prediction.results))


def _reasons(prediction: Prediction) -> str:
    lines = []
    for r in prediction.results:
        for name, _, figure in prediction.shown_figures(r):
            if figure.reason:
                what = html.escape(f"{r.site}, {name.split(' /')[0]}: {figure.reason}")
                lines.append(f"<li>{what}</li>")
        if r.closed_steps:
            closed = ", ".join(r.closed_steps)
            lines.append(
                f"<li>{html.escape(r.site)}: steps closed for want of energies: {closed}</li>"
            )
    return f"<ul class=note>{''.join(lines)}</ul>" if lines else ""


def _control_table(prediction: Prediction) -> str:
    names = list(dict.fromkeys(n for r in prediction.results for n in r.rate_control))
    head = "".join(f"<th>{html.escape(n)}</th>" for n in names)
    rows = []
    for r in prediction.results:
        cells = "".join(
            f"<td>{round(r.rate_control[n], 2) + 0.0:.2f}</td>"
            if n in r.rate_control
            else "<td>closed</td>"
            for n in names
        )
        rows.append(
            f"<tr><td>{html.escape(r.site)} at {r.rate_control_V_rhe:.2f} V</td>{cells}"
            f"<td>{100 * r.kinetic_share:.0f} %</td></tr>"
        )
    return (
        "<table><caption class=note>Degree of rate control of each step over the turnover, at the"
        " concentrations of the surface (they add up to 1), and how much of the disk current"
        " kinetics control; transport has the rest</caption>"
        f"<tr><th>site</th>{head}<th>kinetics</th></tr>{''.join(rows)}</table>"
    )


def _source(r: SitePrediction) -> str:
    source = r.energies.source
    second = r.energies.second_opinion_eV
    rows = []
    for state, value in r.energies.values_eV.items():
        beside = f"{second[state]:.2f}" if state in second else ""
        rows.append(
            f"<tr><td>ΔG({html.escape(state)})</td><td>{value:.2f} ± {r.energies.sd_eV[state]:.2f}"
            f"</td><td>{beside}</td></tr>"
        )
    lines = [
        *(f"correction: {c}" for c in source.corrections),
        f"uncertainty: {source.uncertainty}; correlation {r.energies.correlation:g} between"
        " adsorbates",
        *source.notes,
        *(f"cite: {c}" for c in source.citations),
    ]
    if source.settings:
        lines.insert(0, "settings: " + json.dumps(dict(source.settings)))
    if source.versions:
        lines.append("versions: " + ", ".join(f"{k} {v}" for k, v in source.versions.items()))
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return (
        f"<details open><summary>{html.escape(r.site)} — {html.escape(source.description)}"
        "</summary>"
        "<table><tr><th>at U = 0, vs H2O and H2</th><th>eV</th>"
        f"<th>{'second engine' if second else ''}</th></tr>{''.join(rows)}</table>"
        f"<ul class=note>{items}</ul></details>"
    )


def _provenance(prediction: Prediction) -> str:
    p = prediction.provenance
    lines = [
        *(f"{k}: {v}" for k, v in p["conditions"].items() if v is not None),
        f"site density: {p['site_density_source']}",
        f"electrolyte: {p['electrolyte_source']}",
        f"network: {p['network_source']}",
        *(f"barrier of its own, {name}: {value} eV" for name, value in p["barriers_eV"].items()),
        *(f"assumption: {a}" for a in p["assumptions"]),
        *(f"cite: {c}" for c in p["citations"]),
        "software: " + ", ".join(f"{k} {v}" for k, v in p["software"].items()),
    ]
    steps = "".join(
        f"<tr><td>{html.escape(name)}</td><td><code>{html.escape(equation)}</code></td></tr>"
        for name, equation in p["network"].items()
    )
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return (
        f"<details open><summary>Model and conditions</summary><table>{steps}</table>"
        f"<ul class=note>{items}</ul></details>"
    )
