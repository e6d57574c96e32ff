"""``adatom predict``: from sites to polarization curves."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, assignments, output_files, put_json
from adatom.cli.output import require_writable, write_whole
from adatom.cli.terminal import progress_bar, wide_console
from adatom.electrolytes import load_electrolyte
from adatom.energies.check import ALLOWABLE
from adatom.energies.compute import SiteEnergies
from adatom.energies.engines import ENGINES, engine
from adatom.energies.store import Store
from adatom.errors import AdatomError, CurveError
from adatom.kinetics.rates import LAWS, RateModel, compile_network
from adatom.prediction.curves import (
    DEFAULT_COLLECTION_EFFICIENCY,
    DEFAULT_SITE_DENSITY_MOL_CM2,
    default_potentials_V,
    predict_curves,
    require_conditions,
)
from adatom.prediction.job import network_activities, network_at
from adatom.prediction.results import Prediction
from adatom.reactions import Network, load_network
from adatom.reactions.mechanism_file import shipped_mechanisms
from adatom.report.tables import cautions, prediction_json
from adatom.sites.notation import parse_sites
from adatom.thermo.adsorption_terms import AdsorptionTerms, read_adsorption_terms
from adatom.thermo.free_energies import FreeEnergies, with_linear_term, without_interactions
from adatom.thermo.packaged import packaged_sites
from adatom.thermo.placements import Placements, lowest_of_all, lowest_on_each
from adatom.thermo.sources import (
    from_engine,
    from_file,
    from_package,
    require_corrections,
)


def predict(
    site: Annotated[
        list[str] | None,
        typer.Argument(help="Sites such as FeN4@graphene; with --energies, rows of the table."),
    ] = None,
    reaction: Annotated[
        str, typer.Option(help=f"{', '.join(shipped_mechanisms())}, or a network file (.toml).")
    ] = "ORR",
    electrolyte: Annotated[
        str, typer.Option(help="Named electrolyte, or a file (.toml).")
    ] = "0.1 M KOH",
    energies: Annotated[
        Path | None, typer.Option(help="Table of free energies (CSV) or folder of results.")
    ] = None,
    engine_name: Annotated[
        str | None,
        typer.Option("--engine", help=f"Compute with one of: {', '.join(ENGINES)}."),
    ] = None,
    correction: Annotated[
        list[str] | None, typer.Option(help="Named correction: solvation, plane-waves.")
    ] = None,
    sd: Annotated[
        float | None,
        typer.Option(
            help="Standard deviation of the free energies, eV: for an engine or a folder;"
            " an engine that nothing was measured of needs it."
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help=f"Accept a difference within a folder: {', '.join(ALLOWABLE)}."),
    ] = None,
    thermal: Annotated[
        list[Path] | None,
        typer.Option(help="Computed thermal terms (JSON of energies vibrations); repeatable."),
    ] = None,
    linear: Annotated[
        list[str] | None,
        typer.Option(
            help="Named linear term, eV per unit of its strength, for example"
            ' "field=-0.5:*CO=0.1,*OCCO*=0.6".'
        ),
    ] = None,
    positions: Annotated[
        str | None,
        typer.Option(
            help="metals: an energy of each adsorbate on each metal of a site, from every"
            " relaxation of an --engine; tables name positions in their columns."
        ),
    ] = None,
    lateral: Annotated[
        str | None,
        typer.Option(help="zero: neighbours on a site do nothing to each other unless told."),
    ] = None,
    activity: Annotated[
        list[str] | None,
        typer.Option(help="Of a dissolved species, bar or mol/L, for example NO3-=0.1."),
    ] = None,
    rpm: Annotated[float, typer.Option(help="Rotation of the disk, rpm.")] = 1600.0,
    barrier: Annotated[
        float, typer.Option(help="Barrier of an electron transfer at its own potential, eV.")
    ] = RateModel.intrinsic_barrier_eV,
    rate_law: Annotated[
        str, typer.Option(help=f"How barriers follow the driving force: {', '.join(LAWS)}.")
    ] = LAWS[0],
    exchange_rate: Annotated[
        float | None, typer.Option(help="k0 of butler-volmer, 1/s, in the place of --barrier.")
    ] = None,
    step_barrier: Annotated[
        list[str] | None,
        typer.Option(help='Barrier of one step, "NAME=eV", as from adatom energies barrier.'),
    ] = None,
    site_density: Annotated[
        float | None, typer.Option(help="Sites, mol per geometric cm2; default 1e-8.")
    ] = None,
    collection_efficiency: Annotated[
        float, typer.Option(help="Of the ring, 0 to 1.")
    ] = DEFAULT_COLLECTION_EFFICIENCY,
    potentials: Annotated[
        str | None,
        typer.Option(help="V vs RHE, comma-separated, rising or falling; default 10 mV steps."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws behind the 95 % intervals.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    database: Annotated[
        Path, typer.Option(help="ASE database of finished calculations (with an engine).")
    ] = Path("adatom.db"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of an engine; default one per core.")
    ] = None,
    json_file: JsonOption = None,
    report: Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")] = None,
) -> None:
    """Predict polarization curves of sites, with 95 % intervals."""
    network = load_network(reaction)
    solution = load_electrolyte(electrolyte)
    rates = RateModel(
        intrinsic_barrier_eV=barrier,
        law=rate_law,
        exchange_rate_Hz=exchange_rate,
        step_barriers_eV=assignments(step_barrier or [], "--step-barrier", '"Tafel=0.45"'),
    )
    compile_network(network, rates)
    terms = [_linear_term(text) for text in linear or []]
    activities = assignments(activity or [], "--activity", "NO3-=0.1")
    network_activities(network.mechanism, activities)
    if lateral not in (None, "zero"):
        raise AdatomError(f"--lateral must be zero, got '{lateral}'; other values are columns")
    if positions not in (None, "metals"):
        raise AdatomError(f"--positions must be metals, got '{positions}'")
    if positions is not None and engine_name is None:
        raise AdatomError(
            "--positions metals is for an --engine, whose database holds every relaxation; a table"
            " names positions in its columns, folders and packaged sites hold the lowest only"
        )
    grid = default_potentials_V(network) if potentials is None else _potentials(potentials)
    # Before any energy is computed: a typing error must not cost an hour.
    require_conditions(
        grid,
        rotation_rpm=rpm,
        site_density_mol_cm2=(
            DEFAULT_SITE_DENSITY_MOL_CM2 if site_density is None else site_density
        ),
        collection_efficiency=collection_efficiency,
        draws=draws,
    )
    read = [Path(reaction), Path(electrolyte), database, *(thermal or [])]
    outputs = output_files(json_file, report)
    require_writable(outputs, inputs=read if energies is None else [*read, energies])
    found = _free_energies(
        site or [],
        network,
        energies,
        engine_name,
        correction or [],
        [read_adsorption_terms(path) for path in thermal or []],
        database,
        workers,
        sd,
        allow or [],
        lowest_of_all if positions is None else lowest_on_each,
    )
    for name, strength, coefficients in terms:
        found = [with_linear_term(f, name, strength, coefficients) for f in found]
    if lateral is not None:
        found = [without_interactions(f, network_at(network, f)) for f in found]
    prediction = predict_curves(
        found,
        network=network,
        electrolyte=solution,
        rotation_rpm=rpm,
        site_density_mol_cm2=site_density,
        collection_efficiency=collection_efficiency,
        potentials_V_rhe=grid,
        draws=draws,
        seed=seed,
        rates=rates,
        activities=activities,
    )
    page = None
    if report is not None:
        from adatom.report.html import report_html

        page = report_html(prediction)
    put_json(json_file, prediction_json(prediction))
    if json_file != "-":
        _print_table(prediction)
    if report is not None and page is not None:
        write_whole(report, page)
        typer.echo(f"report: {report.resolve()}", err=json_file == "-")


def _linear_term(text: str) -> tuple[str, float, dict[str, float]]:
    """Name, strength and coefficients of ``field=-0.5:*CO=0.1,*OCCO*=0.6``."""
    head, colon, tail = text.partition(":")
    example = "field=-0.5:*CO=0.1,*OCCO*=0.6"
    ((name, strength),) = assignments([head], "--linear", example).items()
    if not colon:
        raise AdatomError(f"linear term '{text}' names no adsorbates; expected {example}")
    return name, strength, assignments(tail.split(","), "--linear", example)


def _free_energies(
    texts: Sequence[str],
    network: Network,
    energies: Path | None,
    engine_name: str | None,
    corrections: Sequence[str],
    thermal: Sequence[AdsorptionTerms],
    database: Path,
    workers: int | None,
    sd_eV: float | None,
    allow: Sequence[str],
    placements: Callable[[SiteEnergies, Network], Placements],
) -> list[FreeEnergies]:
    """Each site from the named source; without one, packaged energies before the engine."""
    require_corrections(corrections, packaged=energies is None and engine_name is None)
    if energies is not None:
        if engine_name is not None:
            raise AdatomError("give --energies or --engine, not both")
        if not energies.exists():
            raise AdatomError(f"energies file {energies} does not exist")
        rows = from_file(
            energies, network, corrections=corrections, thermal=thermal, allow=allow, sd_eV=sd_eV
        )
        return _chosen_rows(texts, rows, energies)
    if allow:
        raise AdatomError("--allow is for a folder of results; give it with --energies")
    if not texts:
        raise AdatomError("name at least one site, for example FeN4@graphene, or give --energies")
    sites = parse_sites(texts)
    packaged = packaged_sites() if engine_name is None else {}
    missing = [s for s in sites if s.key not in packaged]
    if sd_eV is not None and len(missing) < len(sites):
        raise AdatomError("--sd is for an engine or a folder; packaged sites have their own")
    computed: dict[str, FreeEnergies] = {}
    if missing:
        require_corrections(corrections)
        engine(engine_name or ENGINES[0])
        with progress_bar("relaxations") as progress:
            results = from_engine(
                missing,
                network,
                engine_name=engine_name or ENGINES[0],
                store=Store(database),
                corrections=corrections,
                sd_eV=sd_eV,
                thermal=thermal,
                placements=placements,
                workers=workers,
                progress=progress,
            )
        computed = {r.label: r for r in results}
    return [
        from_package(s, network, corrections=corrections, thermal=thermal)
        if s.key in packaged
        else computed[str(s)]
        for s in sites
        if s.key in packaged or str(s) in computed
    ]


def _chosen_rows(
    texts: Sequence[str], rows: list[FreeEnergies], source: Path
) -> list[FreeEnergies]:
    by_label = {row.label: row for row in rows}
    for text in texts:
        if text not in by_label:
            known = ", ".join(list(by_label)[:8]) + (", ..." if len(by_label) > 8 else "")
            raise AdatomError(f"site '{text}' is not in {source}; it has {known}")
        if texts.count(text) > 1:
            raise AdatomError(f"site '{text}' is named twice")
    return [by_label[text] for text in texts] if texts else rows


def _potentials(text: str) -> np.ndarray:
    try:
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise CurveError(
            f"potentials '{text}' must be numbers in V vs RHE separated by commas"
        ) from None


def _print_table(prediction: Prediction) -> None:
    frame = prediction.to_frame()
    conditions = f"{prediction.network.mechanism.title}, {prediction.electrolyte.name}"
    if prediction.network.transported:
        conditions += f", {prediction.conditions['rotation_rpm']:g} rpm"
    table = Table(title=f"{conditions} (95 % intervals in brackets)")
    for column in frame.columns:
        table.add_column(column, overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    console = wide_console()
    console.print(table)
    for result in prediction.results:
        for name, _, figure in prediction.shown_figures(result):
            if figure.reason:
                console.print(Text(f"{result.site}, {name.split(' /')[0]}: {figure.reason}"))
    for sentence in cautions(prediction):
        console.print(Text(sentence))
