"""``adatom energies electronic``: d bands, moments, charges and work functions of one state."""

from pathlib import Path
from typing import Annotated

import typer
from ase import Atoms
from rich.table import Table
from rich.text import Text

from adatom.cli.options import IMAGES, JsonOption, output_files, put_figure, put_json
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.dband import DEFAULT_WINDOW_EV
from adatom.energies.electronic import ElectronicStructure, cautions, find_adsorbate
from adatom.energies.gpaw_electronic import gpaw_electronic
from adatom.energies.vasp_electronic import vasp_electronic
from adatom.errors import AdatomError
from adatom.sites.files import read_structure
from adatom.sites.notation import parse_site
from adatom.thermo.packaged import packaged_names, packaged_sites


def electronic(
    what: Annotated[
        str,
        typer.Argument(
            metavar="SITE|FILE|FOLDER",
            help="A packaged site, a structure file, or the folder of a finished VASP run.",
        ),
    ],
    engine: Annotated[
        str, typer.Option(help="Computes sites and structure files; only gpaw has a density.")
    ] = "gpaw",
    state: Annotated[
        str, typer.Option(help="State of a packaged site: clean, H, O, OH or OOH.")
    ] = "clean",
    adsorbate: Annotated[
        str | None,
        typer.Option(help="Adsorbed molecule: a formula (last atoms) or atoms such as 31,32."),
    ] = None,
    window: Annotated[
        str, typer.Option(help="Energies of the d band from the Fermi level, eV: LOW,HIGH.")
    ] = f"{DEFAULT_WINDOW_EV[0]:g},{DEFAULT_WINDOW_EV[1]:g}",
    dipole_layer: Annotated[
        bool,
        typer.Option("--dipole-layer", help="gpaw: cancel the field of a sheet with two faces."),
    ] = False,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="One figure (.png, .pdf, .svg), or a folder for one plot a quantity."),
    ] = None,
) -> None:
    """Electronic structure of a state: d bands, moments, Bader charges, work functions."""
    limits = _window(window)
    path = Path(what)
    figure = plot is not None and plot.suffix.lower() in IMAGES
    require_writable(output_files(json_file, plot if figure else None), inputs=[path])
    if plot is not None and not figure:
        _require_folder(plot)
    if path.is_dir():
        if dipole_layer:
            raise AdatomError("--dipole-layer belongs to gpaw; a finished run is read as it is")
        result = vasp_electronic(path, adsorbate=adsorbate, window_eV=limits)
    else:
        if engine != "gpaw":
            raise AdatomError(f"engine '{engine}' has no electron density; use --engine gpaw")
        label, atoms = _structure(what, path, state)
        chosen = () if adsorbate is None else find_adsorbate(adsorbate, atoms)
        with progress_bar(f"gpaw, {label}"):
            result = gpaw_electronic(
                atoms, label=label, adsorbate=chosen, window_eV=limits, dipole_layer=dipole_layer
            )
    put_json(json_file, result.as_dict())
    if json_file != "-":
        _print(result)
    if plot is not None:
        _draw(result, plot, whole=figure)


def _window(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise AdatomError(f"window '{text}' must be LOW,HIGH in eV, for example -10,5") from None
    if not low < high:
        raise AdatomError(f"window '{text}' is empty; give LOW,HIGH in eV, for example -10,5")
    return low, high


def _structure(what: str, path: Path, state: str) -> tuple[str, Atoms]:
    """Label and structure of a packaged site or of a file."""
    if path.is_file():
        if state != "clean":
            raise AdatomError("--state belongs to packaged sites; a file is one state")
        return path.stem, _read(path)
    if "@" not in what:
        raise AdatomError(f"{what}: no such file or folder, and no site such as FeN4@graphene")
    site = parse_site(what)
    folder = packaged_sites().get(site.key)
    if folder is None:
        raise AdatomError(
            f"{site} has no packaged structure ({packaged_names()} have);"
            f" relax it with: adatom energies compute {site} --folder OUT, and give"
            f" OUT/{site}/clean.extxyz"
        )
    stem = state.lstrip("*") or "clean"
    file = folder / f"{stem}.extxyz"
    known = sorted(p.stem for p in folder.glob("*.extxyz"))
    if stem not in known:
        raise AdatomError(f"state '{state}' of {site} is not packaged; expected {', '.join(known)}")
    return (str(site) if stem == "clean" else f"*{stem} on {site}"), _read(file)


def _read(path: Path) -> Atoms:
    atoms = read_structure(path)
    if not atoms.cell.volume > 0.0:
        raise AdatomError(f"{path}: holds no structure in a cell; give atoms with three vectors")
    return atoms


def _require_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise AdatomError(f"{folder} is no folder; name a folder, or a file ending in .png")
    if not folder.exists() and not folder.parent.is_dir():
        raise AdatomError(f"folder {folder.parent} for {folder.name} does not exist; create it")


def _draw(result: ElectronicStructure, target: Path, *, whole: bool) -> None:
    from adatom.plot.electronic import electronic_figure, panel_figure, panels_of

    if whole:
        figures = {target: electronic_figure(result)}
    else:
        target.mkdir(exist_ok=True)
        figures = {target / f"{n}.png": panel_figure(result, n) for n in panels_of(result)}
    for file, figure in figures.items():
        put_figure(file, figure)
        typer.echo(f"plot: {file}", err=True)


def _print(result: ElectronicStructure) -> None:
    console = wide_console()
    symbols = result.structure.get_chemical_symbols()
    if result.d_bands:
        low, high = result.window_eV
        bands = Table(title=f"{result.label}: d bands, {low:g} to {high:g} eV from the Fermi level")
        for column in ("atom", "spin", "centre / eV", "width / eV", "filling", "d states"):
            bands.add_column(column)
        for b in result.d_bands:
            bands.add_row(
                f"{symbols[b.atom]} {b.atom}", b.spin, f"{b.centre_eV:.2f}",
                f"{b.width_eV:.2f}", f"{b.filling:.3f}", f"{b.states:.2f}",
            )  # fmt: skip
        console.print(bands)
    _print_atoms(result, symbols)
    work = result.work_function
    if work is not None:
        for face, level, error in (
            ("top", work.top_eV, work.top_error_eV),
            ("bottom", work.bottom_eV, work.bottom_error_eV),
        ):
            console.print(
                Text(f"work function, {face}: {level:.2f} eV, vacuum level +- {error:.2f} eV")
            )
        console.print(Text(f"dipole: {work.treatment} ({1000 * work.field_V_A:+.1f} mV/A)"))
    if result.total_moment_bohr is not None:
        console.print(Text(f"total moment: {result.total_moment_bohr:.2f} Bohr magnetons"))
    moved = result.transfer
    if moved is not None:
        error_text = "" if moved.error is None else f" +- {moved.error:.2f}"
        console.print(
            Text(f"{moved.formula} gained {moved.electrons:+.2f}{error_text} e over the free one")
        )
    for line in (*result.source.notes, *cautions(result)):
        console.print(Text(line))


def _print_atoms(result: ElectronicStructure, symbols: list[str]) -> None:
    columns = {
        "Bader charge / e": (result.bader.charges_e if result.bader else None, "+.2f"),
        "grid error / e": (result.bader.errors_e if result.bader else None, ".2f"),
        "Bader moment / mu_B": (result.bader.moments_bohr if result.bader else None, "+.2f"),
        "sphere moment / mu_B": (result.sphere_moments_bohr, "+.2f"),
    }
    present = {name: entry for name, entry in columns.items() if entry[0] is not None}
    if not present:
        return
    table = Table(title=f"{result.label}: atoms (carbon in the JSON)")
    for column in ("atom", *present):
        table.add_column(column)
    for i, symbol in enumerate(symbols):
        if symbol != "C" or set(symbols) <= {"C", "H"}:
            cells = [
                f"{values[i]:{form}}" for values, form in present.values() if values is not None
            ]
            table.add_row(f"{symbol} {i}", *cells)
    wide_console().print(table)
