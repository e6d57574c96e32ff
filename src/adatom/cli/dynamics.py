"""``adatom energies dynamics``: molecular dynamics and the spread of metal-ligand distances."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adatom.cli.options import (
    JsonOption,
    output_files,
    put_json,
    put_plot,
    require_image,
    temperature_K,
)
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.distances import distance_distributions, ligand_pairs
from adatom.energies.dynamics import Protocol, run_dynamics, usual_timestep_fs
from adatom.energies.engines import ENGINES, engine
from adatom.energies.minima import minimum
from adatom.energies.store import Store
from adatom.energies.structures import subjects
from adatom.errors import AdatomError


def dynamics(
    subject: Annotated[str, typer.Argument(help="Site, for example FeN4@graphene, or a file.")],
    adsorbate: Annotated[str | None, typer.Option(help="Adsorbate on it, for example *OH.")] = None,
    temperature: Annotated[str, typer.Option(help="With its unit: 25C or 298.15K.")] = "25C",
    duration_ps: Annotated[float, typer.Option("--ps", help="Length of the run, ps.")] = 5.0,
    discard_ps: Annotated[float, typer.Option(help="Equilibration left out, ps.")] = 1.0,
    timestep_fs: Annotated[
        float | None, typer.Option(help="fs; default 1, and 0.5 where there is hydrogen.")
    ] = None,
    friction_per_ps: Annotated[float, typer.Option(help="Langevin friction, 1/ps.")] = 10.0,
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 0,
    ligand: Annotated[str, typer.Option(help="Element whose bonds are followed.")] = "N",
    engine_name: Annotated[
        str, typer.Option("--engine", help=f"One of: {', '.join(ENGINES)}.")
    ] = "chgnet",
    folder: Annotated[
        Path | None, typer.Option(help="Keep the run here; run again to resume or prolong it.")
    ] = None,
    max_force: Annotated[float, typer.Option(help="Of the relaxed start, eV/A.")] = 0.05,
    database: Annotated[
        Path | None, typer.Option(help="ASE database of finished relaxations.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the distribution (.png, .pdf).")] = None,
    json_file: JsonOption = None,
) -> None:
    """Run Langevin dynamics of a relaxed site; mean, width and range of its M-N distances."""
    kelvin = temperature_K(temperature)
    require_image(plot)
    require_writable(output_files(plot, json_file), inputs=[Path(subject)])
    starts = subjects(subject, adsorbate)
    if starts[0].is_gas:
        raise AdatomError(f"{subject} is a molecule; dynamics follow the bonds of a site's metals")
    step = usual_timestep_fs(starts[0].atoms) if timestep_fs is None else timestep_fs
    protocol = Protocol(kelvin, step, friction_per_ps, seed)
    if not 0.0 <= discard_ps < duration_ps:
        raise AdatomError(
            f"--discard-ps should lie between 0 and --ps ({duration_ps:g}), got {discard_ps:g}"
        )
    ligand_pairs(starts[0].atoms, ligand)
    chosen = engine(engine_name)
    store = None if database is None else Store(database)
    _, relaxed = minimum(starts, chosen, max_force_eV_A=max_force, max_steps=500, store=store)
    with progress_bar("dynamics, chunks") as progress:
        trajectory = run_dynamics(
            relaxed,
            chosen,
            protocol,
            duration_ps=duration_ps,
            pairs=ligand_pairs(relaxed, ligand),
            folder=folder,
            progress=lambda done, total: progress(done, total, None),
        )
    name = subject if adsorbate is None else f"{subject} {adsorbate}"
    result = distance_distributions(trajectory, discard_ps=discard_ps, subject=name)
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if json_file == "-":
        return
    table = Table(title=f"{name}, {engine_name}, {kelvin:.2f} K (A, standard errors of 10 blocks)")
    for column in ("bond", "mean", "width", "2.5 %", "97.5 %", "extremes"):
        table.add_column(column)
    for d in result.distributions:
        cells = (f"{e.value:.3f} +- {e.standard_error:.3f}"
                 for e in (d.mean_A, d.width_A, d.low_A, d.high_A))  # fmt: skip
        table.add_row(f"{d.bonds} x {d.label}", *cells, f"{d.shortest_A:.2f}-{d.longest_A:.2f}")
    wide_console().print(table)
    t = result.temperature_K
    typer.echo(f"kinetic temperature {t.value:.1f} +- {t.standard_error:.1f} K")
    for note in result.notes:
        typer.echo(note)
