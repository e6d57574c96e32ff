"""``adatom stability``: does a site keep its metal at the working potential and pH?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.check import ALLOWABLE
from adatom.energies.engines import ENGINES, engine
from adatom.energies.store import Store
from adatom.errors import AdatomError
from adatom.report.stability import StabilityReport, stability_json, stability_reports
from adatom.sites.notation import parse_sites
from adatom.thermo.dissolution import DEFAULT_ACTIVITY
from adatom.thermo.formation_folder import formations_from_folder
from adatom.thermo.formation_sources import formations_from_engine, formations_from_table
from adatom.thermo.pourbaix import PourbaixMap, pourbaix_map
from adatom.thermo.stability import METASTABLE_EV, Formation

LIMITS = {"potential": (-3.0, 3.0), "ph": (-1.0, 15.0), "activity": (1e-12, 10.0)}
"""Beyond these an input is a mistake."""


def stability(
    site: Annotated[
        list[str] | None,
        typer.Argument(help="Sites such as FeN4@graphene; with --energies, rows of the table."),
    ] = None,
    energies: Annotated[
        Path | None, typer.Option(help="Table of formation energies (CSV) or folder of results.")
    ] = None,
    engine_name: Annotated[
        str | None,
        typer.Option("--engine", help=f"Compute with one of: {', '.join(ENGINES)}."),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help=f"Accept a difference within a folder: {', '.join(ALLOWABLE)}."),
    ] = None,
    potential: Annotated[float, typer.Option(help="Working potential, V vs RHE.")] = 0.8,
    ph: Annotated[float, typer.Option("--ph", help="pH of the electrolyte.")] = 1.0,
    activity: Annotated[
        float, typer.Option(help="Activity of the dissolved metal, mol/L.")
    ] = DEFAULT_ACTIVITY,
    scale: Annotated[str, typer.Option(help="Potential axis of the map: SHE or RHE.")] = "SHE",
    database: Annotated[
        Path, typer.Option(help="ASE database of finished calculations (with an engine).")
    ] = Path("adatom.db"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of an engine; default one per core.")
    ] = None,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the map of every site (.png, .svg, .pdf).")
    ] = None,
) -> None:
    """Aggregation, dissolution potential and Pourbaix map of sites, with a verdict."""
    for name, value in (("potential", potential), ("ph", ph), ("activity", activity)):
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise AdatomError(f"--{name} must lie in {low:g} to {high:g}, got {value:g}")
    if scale.upper() not in ("SHE", "RHE"):
        raise AdatomError(f"--scale must be SHE or RHE, got '{scale}'")
    require_image(plot)
    inputs = [database] if energies is None else [database, energies]
    require_writable(output_files(json_file, plot), inputs=inputs)
    found = _formations(site or [], energies, engine_name, database, workers, allow or [])
    reports = stability_reports(found, potential_V_rhe=potential, pH=ph, activity=activity)
    maps = [pourbaix_map(f.label, f.states, activity=activity, scale=scale.upper()) for f in found]
    put_json(json_file, stability_json(reports, maps))
    if json_file != "-":
        _print(reports)
    if plot is not None:
        fine = [
            pourbaix_map(
                f.label, f.states, activity=activity, scale=scale.upper(),
                potentials_V=np.linspace(-1.0, 2.0, 601), pH=np.linspace(0.0, 14.0, 561),
            )
            for f in found
        ]  # fmt: skip
        _draw(fine, plot, (potential, ph))
        typer.echo(f"map: {plot}", err=json_file == "-")


def _formations(
    texts: Sequence[str],
    energies: Path | None,
    engine_name: str | None,
    database: Path,
    workers: int | None,
    allow: Sequence[str],
) -> list[Formation]:
    if allow and (energies is None or not energies.is_dir()):
        raise AdatomError("--allow is for a folder of results; give it with --energies")
    if energies is None:
        if not texts:
            raise AdatomError(
                "name at least one site, for example FeN4@graphene, or give --energies"
            )
        sites = parse_sites(texts)
        engine(engine_name or ENGINES[0])
        with progress_bar("relaxations") as progress:
            return formations_from_engine(
                sites, engine_name=engine_name or ENGINES[0], store=Store(database),
                workers=workers, progress=progress,
            )  # fmt: skip
    if engine_name is not None:
        raise AdatomError("give --energies or --engine, not both")
    if not energies.exists():
        raise AdatomError(f"energies file {energies} does not exist")
    if energies.is_dir():
        read = formations_from_folder(energies, allow=allow)
    else:
        read = formations_from_table(energies)
    rows = {row.label: row for row in read}
    for text in texts:
        if text not in rows:
            raise AdatomError(f"site '{text}' is not in {energies}; it has {', '.join(rows)}")
    return [rows[text] for text in dict.fromkeys(texts)] or list(rows.values())


def _draw(maps: Sequence[PourbaixMap], path: Path, working_point: tuple[float, float]) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from adatom.plot.pourbaix import plot_pourbaix

    columns = min(2, len(maps))
    rows = int(np.ceil(len(maps) / columns))
    with mpl.rc_context({"svg.hashsalt": "adatom"}):
        figure = Figure(figsize=(6.5 * columns, 4.8 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False)
        for ax, diagram in zip(axes.flat, maps, strict=False):
            plot_pourbaix(diagram, ax, working_point=working_point)
        for ax in axes.flat[len(maps) :]:
            ax.remove()
        put_figure(path, figure)


def _print(reports: Sequence[StabilityReport]) -> None:
    first = reports[0].verdict
    console = wide_console()
    table = Table(
        title=f"at {first.potential_V_rhe:g} V vs RHE, pH {first.pH:g}, dissolved metal"
        f" {first.activity:g} mol/L"
    )
    for column in (
        "site", "E_f / eV", "bulk lower", "U_diss / V vs SHE", "lowest whole", "lowest loss",
        "gain of loss / eV", "verdict", "stable / metastable / lost",
    ):  # fmt: skip
        table.add_column(column, overflow="fold")
    for report in reports:
        site, judged = report.formation, report.verdict
        low, high = judged.interval_95_eV
        shares = " / ".join(f"{p:.0%}" for p in judged.probabilities.values())
        cells = (
            site.label,
            f"{site.formation_eV:.2f} ± {site.formation_sd_eV:.2f} per metal",
            f"{report.aggregation.probability_favoured:.0%}",
            f"{report.standard.potential_V_she:.2f} ± {report.standard.sd_V:.2f}"
            f" ({', '.join(report.standard.forms)})",
            judged.whole_state,
            judged.loss_state,
            f"{judged.driving_force_eV:+.2f} [{low:+.2f}, {high:+.2f}]",
            judged.name,
            shares,
        )
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    for report in reports:
        for line in _lines(report):
            console.print(Text(f"{report.formation.label}: {line}"))
    kept = [r.formation.label for r in reports if r.kept]
    console.print(
        Text(
            f"metastable: losing metal gains up to {METASTABLE_EV:g} eV (a convention; barriers are"
            " not computed). E_f: bare site minus its empty hole and bulk metals; U_diss: pH 0,"
            " unit activity."
        )
    )
    console.print(
        Text(
            f"rank activity only among: {', '.join(kept)}"
            if kept
            else "no site probably keeps its metal here; do not rank their activity"
        )
    )


def _lines(report: StabilityReport) -> list[str]:
    lines = []
    chain = [b for b in report.boundaries if -1.0 <= b.potential_V_rhe <= 2.0]
    if chain:
        steps = [chain[0].below]
        steps += [f"-({b.potential_V_rhe:+.2f})-> {b.above}" for b in chain]
        lines.append(f"with rising V vs RHE: {' '.join(steps)}")
    lines.append(
        f"binding to free atoms {report.aggregation.binding_eV:.2f} eV per metal, measured"
        f" cohesive energy {report.aggregation.cohesive_eV:.2f} eV"
    )
    if report.pair is not None:
        pair = report.pair
        known = [
            f"{name} {value:+.2f} ± {pair.sd_eV:.2f} eV"
            for name, value in (
                ("in its own hole (M1 + M2 -> M1M2)", pair.interaction_eV),
                ("from two single sites (M1N4 + M2N4 + empty pair hole)", pair.transfer_eV),
            )
            if value is not None
        ]
        lines.append(f"pair formation: {'; '.join([*known, *filter(None, [pair.reason])])}")
    source = report.formation.source
    lines.append(f"energies: {source.description}; {source.uncertainty}")
    if source.caution:
        lines.append(source.caution)
    return lines
