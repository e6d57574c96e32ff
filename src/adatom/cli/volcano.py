"""``adatom volcano``: activity maps over one or two descriptors, with sites on them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import (
    JsonOption,
    output_files,
    put_figure,
    put_json,
    require_image,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import wide_console
from adatom.energies.check import ALLOWABLE
from adatom.errors import AdatomError
from adatom.kinetics.mapped_sites import MappedSite, place_sites
from adatom.kinetics.rates import RateModel
from adatom.kinetics.volcano import ActivityMap, activity_map, mapped_network
from adatom.reactions import Network, load_network
from adatom.reactions.mechanism_file import shipped_mechanisms
from adatom.sites.notation import parse_sites
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.given_lines import (
    USUAL_DESCRIPTOR,
    USUAL_RANGES_EV,
    lines_for,
    parse_line,
)
from adatom.thermo.sources import from_file, from_package, require_corrections

MARGIN_EV = 0.3
"""Room on an axis beside the outermost site."""
MOST_A_SIDE = 1000


def volcano(
    site: Annotated[
        list[str] | None,
        typer.Argument(help="Packaged sites; with --energies, rows of the table."),
    ] = None,
    reaction: Annotated[
        str, typer.Option(help=f"{', '.join(shipped_mechanisms())}, or a network file (.toml).")
    ] = "ORR",
    energies: Annotated[
        Path | None, typer.Option(help="Table of free energies (CSV) or folder of results.")
    ] = None,
    x: Annotated[str | None, typer.Option(help="Descriptor of the x axis, such as *OH.")] = None,
    y: Annotated[str | None, typer.Option(help="Descriptor of the y axis: a map.")] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(help="Energy of a state over the descriptors, *OOH=3.2+1.0**OH; repeatable."),
    ] = None,
    x_range: Annotated[str | None, typer.Option(help="Ends of the x axis, eV: 0,2.")] = None,
    y_range: Annotated[str | None, typer.Option(help="Ends of the y axis, eV.")] = None,
    points: Annotated[int, typer.Option(min=2, max=MOST_A_SIDE, help="Points on each axis.")] = 201,
    product: Annotated[
        str | None, typer.Option(help="Product that is mapped, where there are several.")
    ] = None,
    kinetic: Annotated[
        bool, typer.Option("--kinetic", help="Map turnover instead of limiting potential.")
    ] = False,
    potential: Annotated[float | None, typer.Option(help="V vs RHE, of a kinetic map.")] = None,
    activity: Annotated[
        list[str] | None,
        typer.Option(help="Activity of a dissolved species, O2=0.2; repeatable; default 1."),
    ] = None,
    barrier: Annotated[
        float | None,
        typer.Option(help="Barrier of an electron transfer at its own potential, eV (0.26)."),
    ] = None,
    site_density: Annotated[
        float | None, typer.Option(help="Sites, mol/cm2: map the current density they make.")
    ] = None,
    correction: Annotated[
        list[str] | None, typer.Option(help="Named correction: solvation, plane-waves.")
    ] = None,
    sd: Annotated[
        float | None, typer.Option(help="Standard deviation of a folder's energies, eV.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help=f"Accept a difference within a folder: {', '.join(ALLOWABLE)}."),
    ] = None,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the map with its sites (.png, .svg, .pdf).")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")] = None,
) -> None:
    """Activity map over one or two descriptors, with sites and their 95 % uncertainty on it."""
    network = load_network(reaction)
    descriptors = [_descriptor(network, x), *([] if y is None else [y])]
    given = [parse_line(text) for text in line or []]
    lines = lines_for(network, descriptors, given)
    conditions = _conditions(kinetic, potential, activity or [], barrier, site_density)
    if y is None and y_range is not None:
        raise AdatomError("--y-range is for a map of two descriptors; name the second with --y")
    ranges = [_ends(x_range), _ends(y_range)][: len(descriptors)]
    require_image(plot)
    inputs = [Path(reaction), *([] if energies is None else [energies])]
    require_writable(output_files(json_file, plot, report), inputs=inputs)
    sites = _sites(
        site or [], mapped_network(network, descriptors, lines), energies,
        corrections=correction or [], sd_eV=sd, allow=allow or [],
    )  # fmt: skip
    axes = {
        name: np.linspace(*_axis_ends(name, ends, sites, option), points)
        for name, ends, option in zip(descriptors, ranges, ("--x-range", "--y-range"), strict=False)
    }
    chart = activity_map(network, axes, lines=given, product=product, **conditions)
    placed = place_sites(chart, sites)
    from adatom.report.volcano import volcano_html, volcano_json

    content = volcano_json(chart, placed)
    page = None if report is None else volcano_html(chart, placed)
    put_json(json_file, content)
    if json_file != "-":
        _print(chart, placed)
    if plot is not None:
        _draw(chart, placed, plot)
        typer.echo(f"picture: {plot}", err=json_file == "-")
    if report is not None and page is not None:
        write_whole(report, page)
        typer.echo(f"report: {report.resolve()}", err=json_file == "-")


def _descriptor(network: Network, name: str | None) -> str:
    usual = name or USUAL_DESCRIPTOR.get(network.name)
    if usual is None:
        raise AdatomError(
            f"{network.name} has no usual descriptor; name one with --x:"
            f" {', '.join(network.energy_names)}"
        )
    return usual


def _conditions(
    kinetic: bool, potential: float | None, activities: Sequence[str], barrier: float | None,
    site_density: float | None,
) -> dict[str, Any]:  # fmt: skip
    """Options of a kinetic map, which a thermodynamic one refuses."""
    named = {
        "--potential": potential is not None,
        "--activity": bool(activities),
        "--barrier": barrier is not None,
        "--site-density": site_density is not None,
    }
    if not kinetic:
        stray = [option for option, used in named.items() if used]
        if stray:
            raise AdatomError(f"{', '.join(stray)} changes a kinetic map only; add --kinetic")
        return {}
    if potential is None:
        raise AdatomError("a kinetic map needs its potential: --potential V (vs RHE)")
    rates = RateModel() if barrier is None else RateModel(intrinsic_barrier_eV=barrier)
    found: dict[str, float] = {}
    for text in activities:
        species, _, value = text.partition("=")
        try:
            found[species.strip()] = float(value)
        except ValueError:
            raise AdatomError(
                f"activity '{text}' must be SPECIES=NUMBER, for example O2=0.2"
            ) from None
    return {
        "potential_V_rhe": potential,
        "activities": found,
        "rates": rates,
        "site_density_mol_cm2": site_density,
    }


def _ends(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = math.nan
    if not (low < high and abs(low) <= 20.0 and abs(high) <= 20.0):
        raise AdatomError(
            f"range '{text}' must be two rising energies in eV with a comma, for example 0,2"
        )
    return low, high


def _axis_ends(
    name: str, given: tuple[float, float] | None, sites: Sequence[FreeEnergies], option: str
) -> tuple[float, float]:
    """The range given, else the usual one with every site on it."""
    if given is not None:
        return given
    usual = USUAL_RANGES_EV.get(name, ())
    spread = [s.values_eV[name] + m for s in sites for m in (-MARGIN_EV, MARGIN_EV)
              if name in s.values_eV]  # fmt: skip
    ends = [*usual, *spread]
    if not ends:
        raise AdatomError(f"no usual range is known for {name}; give {option} LOW,HIGH (eV)")
    return min(ends), max(ends)


def _sites(
    texts: Sequence[str],
    network: Network,
    energies: Path | None,
    *,
    corrections: Sequence[str],
    sd_eV: float | None,
    allow: Sequence[str],
) -> list[FreeEnergies]:
    """Packaged sites by name, or rows of a table or folder; none is a map alone."""
    require_corrections(corrections, packaged=energies is None)
    if energies is None:
        if allow or sd_eV is not None:
            option = "--allow" if allow else "--sd"
            raise AdatomError(f"{option} is for a folder of results; give it with --energies")
        return [from_package(s, network, corrections=corrections) for s in parse_sites(texts)]
    if not energies.exists():
        raise AdatomError(f"energies file {energies} does not exist")
    read = from_file(energies, network, corrections=corrections, allow=allow, sd_eV=sd_eV)
    rows = {row.label: row for row in read}
    for text in texts:
        if text not in rows:
            known = ", ".join(list(rows)[:8]) + (", ..." if len(rows) > 8 else "")
            raise AdatomError(f"site '{text}' is not in {energies}; it has {known}")
    return [rows[text] for text in dict.fromkeys(texts)] or list(rows.values())


def _draw(chart: ActivityMap, sites: Sequence[MappedSite], path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "adatom"}):
        figure = Figure(figsize=(7.0, 5.2), layout="constrained")
        FigureCanvasAgg(figure)
        chart.plot(figure.subplots(), sites=sites)
        put_figure(path, figure)


def _print(chart: ActivityMap, sites: Sequence[MappedSite]) -> None:
    console = wide_console()
    unit = chart.activity.unit
    table = Table(title=f"{chart.network.mechanism.title}: {chart.activity.quantity} / {unit}")
    for column in ("site", *(f"dG({a.name}) / eV" for a in chart.axes), "own energies",
                   "on the lines", chart.activity.domain_kind, "own minus line / eV"):  # fmt: skip
        table.add_column(column, overflow="fold")
    for s in sites:
        low, high = s.interval_95
        cells = (
            s.label,
            *(
                f"{v:.2f} ± {w:.2f}"
                for v, w in zip(s.descriptors_eV, s.half_widths_95_eV, strict=True)
            ),
            f"{_text(s.value)} [{_text(low)}, {_text(high)}]",
            _text(s.map_value),
            s.domain,
            ", ".join(f"{name} {off:+.2f}" for name, off in s.off_lines_eV.items()),
        )
        table.add_row(*(Text(cell) for cell in cells))
    if sites:
        console.print(table)
    if np.isfinite(chart.values).any():
        at, value = chart.apex
        where = ", ".join(f"dG({name}) = {energy:.3f} eV" for name, energy in at.items())
        equal = chart.equal_to_apex
        ridge = f" (one of {equal} equal points)" if equal > 1 else ""
        found = f"{chart.activity.quantity}, {value:.3f} {unit} at {where}{ridge}"
        console.print(Text(f"apex of the grid: {found}"))
    else:
        console.print(Text("nothing is made on balance anywhere on the map"))
    for ln in chart.lines:
        console.print(Text(f"line {ln}: {ln.source}"))
    for key, value in chart.activity.conditions.items():
        if value is not None:
            console.print(Text(f"{key}: {value}"))
    if chart.closed_steps:
        console.print(Text(f"steps closed for want of lines: {', '.join(chart.closed_steps)}"))
    for s in sites:
        source = s.energies.source
        console.print(Text(f"{s.label}: {source.description}; {source.uncertainty}"))
        if source.caution:
            console.print(Text(source.caution))


def _text(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "none made"
