"""``adatom energies barrier``: the saddle between two states, given when it is one."""

from pathlib import Path
from typing import Annotated

import typer
from ase import Atoms
from rich.table import Table

from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.barriers import Barrier, assess
from adatom.energies.engines import ENGINES, Engine, engine
from adatom.energies.minima import minimum
from adatom.energies.path_geometry import require_same_atoms
from adatom.energies.store import Store
from adatom.energies.structures import Subject, state_on, subjects
from adatom.energies.transition_states import dimer, nudged_elastic_band
from adatom.energies.vibrations import LOW_FREQUENCY_CM1, active_atoms
from adatom.errors import AdatomError

METHODS = {"neb": nudged_elastic_band, "dimer": dimer}


def barrier(
    start: Annotated[str, typer.Argument(help="Structure file; with --site a state: *OOH.")],
    end: Annotated[str, typer.Argument(help="The same for the end: *O*OH, *+H2.")],
    site: Annotated[
        str | None, typer.Option(help="Site to build both states on, for example FeCoN6@graphene.")
    ] = None,
    adsorbate_atoms: Annotated[
        str | None,
        typer.Option("--atoms", help="In files: atoms that move beside the metals, e.g. 30,31,32."),
    ] = None,
    method: Annotated[str, typer.Option(help=f"One of: {', '.join(METHODS)}.")] = "neb",
    images: Annotated[int, typer.Option(help="Structures between the ends.")] = 5,
    max_force: Annotated[float, typer.Option(help="Of band and saddle, eV/A.")] = 0.05,
    max_steps: Annotated[int, typer.Option(min=1, help="Steps of the search.")] = 500,
    cutoff_cm1: Annotated[
        float, typer.Option("--cutoff", help="Imaginary modes below it do not count, cm^-1.")
    ] = LOW_FREQUENCY_CM1,
    engine_name: Annotated[
        str, typer.Option("--engine", help=f"One of: {', '.join(ENGINES)}.")
    ] = "chgnet",
    checkpoint: Annotated[
        Path | None, typer.Option(help="Extended XYZ file of the path; run again to resume.")
    ] = None,
    database: Annotated[
        Path, typer.Option(help="ASE database; finished minima and vibrations are kept in it.")
    ] = Path("adatom.db"),
    plot: Annotated[Path | None, typer.Option(help="Draw the energy profile (.png, .pdf).")] = None,
    json_file: JsonOption = None,
) -> None:
    """Search a transition state between two relaxed states and verify it by its vibrations.

    No barrier is given unless the search converged, both ends are minima and the saddle has
    exactly one imaginary mode. Exit code 0 either way: what was found is a result.
    """
    if method not in METHODS:
        raise AdatomError(f"--method '{method}' is unknown; expected one of: {', '.join(METHODS)}")
    require_image(plot)
    outputs = output_files(plot, json_file, checkpoint)
    require_writable(outputs, inputs=[Path(start), Path(end), database])
    ends = [_end(text, site, adsorbate_atoms) for text in (start, end)]
    require_same_atoms(ends[0].atoms, ends[1].atoms)
    chosen = engine(engine_name)
    store = Store(database)
    relaxed = [_relaxed(one, chosen, store, max_force) for one in ends]
    require_same_atoms(relaxed[0], relaxed[1])
    name = f"{start} -> {end}" if site is None else f"{site}: {start} -> {end}"
    with progress_bar(f"{method} steps") as progress:
        path = METHODS[method](
            relaxed[0], relaxed[1], chosen, images=images, max_force_eV_A=max_force,
            max_steps=max_steps, checkpoint=checkpoint,
            progress=lambda done, total: progress(done, total, None),
        )  # fmt: skip
    with progress_bar("displacements") as progress:
        found = assess(
            path, chosen, start=relaxed[0], end=relaxed[1], subject=name,
            indices=active_atoms(ends[0].atoms), cutoff_cm1=cutoff_cm1, store=store,
            progress=lambda done, total: progress(done, total, None),
        )  # fmt: skip
    put_plot(plot, found)
    put_json(json_file, found.as_dict())
    if json_file != "-":
        _print(found)


def _end(text: str, site: str | None, moving: str | None) -> Subject:
    if site is not None:
        if moving is not None:
            raise AdatomError("--atoms belongs to structure files; --site knows its adsorbate")
        return state_on(site, text)
    if not Path(text).exists():
        raise AdatomError(
            f"'{text}' is no structure file; for a state to build, name its site with --site"
        )
    (subject,) = subjects(text)
    if moving is not None:
        try:
            indices = [int(part) for part in moving.split(",")]
        except ValueError:
            raise AdatomError(
                f"--atoms '{moving}' should be numbers of atoms, counted from 0, as 30,31,32"
            ) from None
        if not all(0 <= i < len(subject.atoms) for i in indices):
            raise AdatomError(f"--atoms '{moving}': {text} has atoms 0 to {len(subject.atoms) - 1}")
        subject.atoms.info["adsorbate"] = indices
    elif not subject.is_gas:
        raise AdatomError(
            f"{text}: name the atoms of the adsorbates with --atoms, counted from 0, as 30,31,32"
        )
    return subject


def _relaxed(one: Subject, chosen: Engine, store: Store, max_force: float) -> Atoms:
    plain = one.atoms.copy()
    # Two adsorbates are no chain of bonds, so what became of them is judged at the end of the path.
    plain.info = {"metals": one.atoms.info.get("metals", [])}
    start = Subject(one.label, one.state, plain)
    _, atoms = minimum([start], chosen, max_force_eV_A=max_force / 2, max_steps=1000, store=store)
    return atoms


def _print(found: Barrier) -> None:
    path = found.path
    table = Table(title=f"{found.subject}, {found.start.engine}, {path.method}")
    for column in ("image", "length / A", "energy / eV", ""):
        table.add_column(column)
    for i, (length, energy) in enumerate(zip(path.distance_A, path.energies_eV, strict=True)):
        mark = "highest" if i == path.saddle else ""
        table.add_row(str(i), f"{length:.2f}", f"{energy - path.energies_eV[0]:+.3f}", mark)
    wide_console().print(table)
    bonds = [f"breaks {b}" for b in found.bonds_broken] + [f"forms {b}" for b in found.bonds_formed]
    typer.echo("; ".join(bonds) or "no bond of the adsorbate breaks or forms")
    if found.verified and found.saddle is not None:
        zero_point = found.zero_point_change_eV
        typer.echo(
            f"barrier {found.forward_eV:.3f} eV forward, {found.backward_eV:.3f} eV back"
            f" (zero-point energy {zero_point:+.3f} eV forward),"
            f" {found.saddle.imaginary_cm1[0]:.0f}i cm^-1"
        )
    else:
        typer.echo("no verified transition state: " + "; ".join(found.problems))
    for note in found.notes:
        typer.echo(note)
