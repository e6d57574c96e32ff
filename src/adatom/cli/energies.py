"""``adatom energies``: compute electronic energies with an engine and keep them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adatom.cli.barrier import barrier
from adatom.cli.dynamics import dynamics
from adatom.cli.terminal import progress_bar, wide_console
from adatom.cli.vibrations import vibrations_
from adatom.energies.compute import compute_energies
from adatom.energies.engines import ENGINES
from adatom.energies.folder import require_absent, write_folder
from adatom.energies.store import Store
from adatom.sites.adsorbates import GEOMETRIES
from adatom.sites.notation import parse_sites
from adatom.thermo.free_energies import apply_corrections, electronic_formation_energies_eV
from adatom.thermo.sources import ENGINE_SD_EV
from adatom.thermo.table import free_energies_csv

app = typer.Typer(help="Compute energies and keep them in a database.", no_args_is_help=True)


app.command("vibrations")(vibrations_)
app.command("barrier")(barrier)
app.command("dynamics")(dynamics)


@app.callback()
def _root() -> None:
    """Compute energies and keep them in a database."""


@app.command("compute")
def compute(
    site: Annotated[list[str], typer.Argument(help="Sites, for example FeN4@graphene.")],
    engine: Annotated[str, typer.Option(help=f"One of: {', '.join(ENGINES)}.")] = "chgnet",
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
    """Relax sites with *H, *O, *OH and *OOH; run again to resume where it stopped."""
    sites = parse_sites(site)
    if folder is not None:
        require_absent(folder)
    with progress_bar("relaxations") as progress:
        results = compute_energies(
            sites,
            engine_name=engine,
            adsorbates=tuple(GEOMETRIES),
            store=Store(database),
            workers=workers,
            progress=progress,
        )
    table = Table(title=f"electronic energies, {engine} (eV)")
    for column in ("site", "state", "position", "outcome", "energy / eV", "fmax / eV/A", "moment"):
        table.add_column(column)
    for result in results:
        for record in (*result.records, *result.others):
            moment = record.total_moment_bohr
            table.add_row(
                record.subject,
                record.state,
                record.position,
                record.outcome,
                f"{record.energy_eV:.4f}",
                f"{record.max_force_eV_A:.3f}",
                "" if moment is None else f"{moment:.2f}",
            )
    wide_console().print(table)
    typer.echo(f"stored in {database}")
    if folder is not None:
        free = {
            str(r.site): apply_corrections(electronic_formation_energies_eV(r)) for r in results
        }
        note = "free energies, eV vs H2O and H2 at U = 0, usual thermal terms; sd: stated default"
        text = free_energies_csv(free, ENGINE_SD_EV[engine], note)
        write_folder(folder, results, texts={"free_energies.csv": text})
        typer.echo(f"written: {folder}; use it with: adatom predict --energies {folder}")
