"""``adatom energies``: compute electronic energies with an engine and keep them."""

import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.compute import compute_energies
from adatom.energies.engines import ENGINES
from adatom.energies.folder import require_absent, write_folder
from adatom.energies.store import Store
from adatom.errors import AdatomError, AdatomWarning, EngineError
from adatom.sites.adsorbates import GEOMETRIES
from adatom.sites.notation import parse_sites
from adatom.thermo.free_energies import apply_corrections, electronic_formation_energies_eV
from adatom.thermo.stated_errors import ENGINE_SD_EV
from adatom.thermo.table import free_energies_csv

app = typer.Typer(help="Compute energies and keep them in a database.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Compute energies and keep them in a database."""


@app.command("compute")
def compute(
    site: Annotated[list[str], typer.Argument(help="Sites, for example FeN4@graphene.")],
    engine: Annotated[str, typer.Option(help=f"One of: {', '.join(ENGINES)}.")] = "chgnet",
    adsorbates: Annotated[
        str, typer.Option(help=f"With commas, from: {', '.join(GEOMETRIES)}.")
    ] = "*H,*O,*OH,*OOH",
    database: Annotated[
        Path, typer.Option(help="ASE database (SQLite file) of finished calculations.")
    ] = Path("adatom.db"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; default one per core.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Also write structures, energies and records into this new folder."),
    ] = None,
) -> None:
    """Relax sites with their adsorbates; run again to resume where it stopped.

    A site that loses an adsorbate is named and left out of the folder; exit code 2 if no site
    is complete.
    """
    sites = parse_sites(site)
    species = tuple(dict.fromkeys(name.strip() for name in adsorbates.split(",")))
    for name in species:
        if name not in GEOMETRIES:
            raise AdatomError(f"--adsorbates: '{name}' is none of {', '.join(GEOMETRIES)}")
    if folder is not None:
        require_absent(folder)
    with progress_bar("relaxations") as progress:
        results = compute_energies(
            sites,
            engine_name=engine,
            adsorbates=species,
            store=Store(database),
            workers=workers,
            progress=progress,
        )
    complete = [result for result in results if not result.lost]
    table = Table(title=f"electronic energies, {engine} (eV)")
    for column in (
        "site",
        "state",
        "position",
        "outcome",
        "on",
        "energy / eV",
        "fmax / eV/A",
        "moment",
    ):
        table.add_column(column)
    for result in results:
        relaxed = (result.bare, *result.lowest.values(), *result.gases.values(), *result.others)
        for record, atoms in relaxed:
            metals = [atoms.symbols[atoms.info["metals"][n]] for n in record.bound_metals]
            moment = record.total_moment_bohr
            table.add_row(
                record.subject,
                record.state,
                record.position,
                record.outcome,
                "+".join(metals),
                f"{record.energy_eV:.4f}",
                f"{record.max_force_eV_A:.3f}",
                "" if moment is None else f"{moment:.2f}",
            )
    wide_console().print(table)
    typer.echo(f"stored in {database}")
    for result in results:
        if result.lost:
            reasons = "; ".join(f"{state} {reason}" for state, reason in result.lost.items())
            warnings.warn(f"{result.site} is incomplete: {reasons}", AdatomWarning, stacklevel=1)
    if not complete:
        raise EngineError(f"{engine}: no site is complete; use another --engine")
    if folder is not None:
        texts = {}
        if engine in ENGINE_SD_EV:  # a table without sd would be read with the default of a table
            free = {
                str(r.site): apply_corrections(electronic_formation_energies_eV(r))
                for r in complete
            }
            note = "free energies, eV vs H2O and H2 at U = 0, usual thermal terms; sd: stated"
            texts["free_energies.csv"] = free_energies_csv(free, ENGINE_SD_EV[engine], note)
        write_folder(folder, complete, texts=texts)
        option = "" if engine in ENGINE_SD_EV else " --sd EV (nothing was measured of this engine)"
        typer.echo(f"written: {folder}; use it with: adatom predict --energies {folder}{option}")
