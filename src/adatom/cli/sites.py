"""``adatom sites``: list the sites of a pattern, show what one is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import ase.io
import typer
from ase import Atoms
from rich.table import Table

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.errors import AdatomError, NotationError
from adatom.sites.classify import SiteClass, classify_site
from adatom.sites.enumeration import list_sites, metals_named
from adatom.sites.files import FORMATS, NAMES, read_structure
from adatom.sites.notation import METAL_ROWS, parse_site
from adatom.sites.structure import build_site

app = typer.Typer(help="List, build and classify sites.", no_args_is_help=True)


@app.command("list")
def list_command(
    pattern: Annotated[str, typer.Argument(help='For example "M1M2N6@graphene".')],
    metals: Annotated[
        str, typer.Option(help=f"Rows ({', '.join(METAL_ROWS)}) or elements, with commas.")
    ] = "3d",
    shell: Annotated[str, typer.Option(help="Elements that X stands for.")] = "N,C",
    json_file: JsonOption = None,
) -> None:
    """Print every site of a pattern once; sites that symmetry makes equal count as one."""
    named = metals_named(metals)
    elements = tuple(word.strip() for word in shell.split(",") if word.strip())
    found = list_sites(pattern, metals=named, shell=elements)
    if json_file is None:
        for site in found:
            typer.echo(str(site))
        return
    require_writable(output_files(json_file))
    content = {"pattern": pattern, "metals": named, "sites": [str(site) for site in found]}
    put_json(json_file, content)


@app.command("show")
def show(
    site: Annotated[
        str,
        typer.Argument(
            help=f"A notation such as FeN4@graphene, or a file ({', '.join(NAMES)}, "
            f"{', '.join('*' + s for s in FORMATS)})."
        ),
    ],
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the site (png, svg or pdf).")] = None,
    structure: Annotated[
        Path | None, typer.Option(help="Write the atoms (extxyz, for any program).")
    ] = None,
) -> None:
    """Say what a site is: class, shells with distances, metal distances, asymmetry."""
    outputs = output_files(json_file, plot, structure)
    source = Path(site)
    require_writable(outputs, inputs=[source] if source.is_file() else [])
    require_image(plot)
    atoms = atoms_of(site, source)
    found = classify_site(atoms)
    put_json(json_file, {"input": site, **as_json(found)})
    if json_file != "-":
        _print(found)
        if "slab_strain" in atoms.info:
            typer.echo(f"slab strained by {atoms.info['slab_strain']:+.1%} to fit the sheet")
    if structure is not None:
        ase.io.write(structure, atoms, format="extxyz", columns=["symbols", "positions"])
    if plot is not None:
        import matplotlib as mpl

        mpl.use("Agg")
        from adatom.plot.site import plot_site

        put_figure(plot, plot_site(atoms, found))


def atoms_of(site: str, source: Path) -> Atoms:
    """The atoms of a structure file, or of a site notation."""
    if source.is_file():
        return read_structure(source)
    looks_like_a_file = source.suffix.lower() in FORMATS or source.name in NAMES or "/" in site
    try:
        return build_site(parse_site(site))
    except NotationError:
        if looks_like_a_file:
            raise AdatomError(f"{site}: no such file") from None
        raise


def as_json(found: SiteClass) -> dict[str, Any]:
    """The classification with plain types; lengths in angstrom."""
    content = asdict(found)
    content["nuclearity"] = found.nuclearity
    content["symmetric"] = not found.asymmetry
    for pair, original in zip(content["pairs"], found.pairs, strict=True):
        pair["synergy"] = original.synergy
    for centre in content["centres"]:
        if centre["height_A"] != centre["height_A"]:
            centre["height_A"] = None
    return content


def _print(found: SiteClass) -> None:
    lines = {
        "notation": found.notation or f"none ({found.remark})",
        "class": f"{found.family}, on {found.support}",
        "nuclearity": str(found.nuclearity),
        "nitrogen": found.nitrogen,
        "symmetry": "asymmetric: " + "; ".join(found.asymmetry) if found.asymmetry else "symmetric",
    }
    for fragment in found.fragments:
        where = "bonded to " + ", ".join(map(str, fragment.metals)) if fragment.metals else "loose"
        lines.setdefault("other atoms", "")
        lines["other atoms"] += f"{fragment.formula} ({where}) "
    for name, text in lines.items():
        typer.echo(f"{name:12} {text}".rstrip())
    table = Table()
    for column in ("metal", "atom", "coordination", "distances / A", "ligands / A", "height / A"):
        table.add_column(column)
    for c in found.centres:
        table.add_row(
            c.symbol,
            str(c.index),
            str(len(c.shell)),
            " ".join(f"{n.symbol} {n.distance_A:.2f}" for n in c.shell),
            " ".join(f"{n.symbol} {n.distance_A:.2f}" for n in c.ligands),
            "" if c.height_A != c.height_A else f"{c.height_A:.2f}",
        )
    wide_console().print(table)
    symbols = {c.index: c.symbol for c in found.centres}
    held = {c.index for c in found.centres if c.shell}
    # Distances within a cluster or slab say nothing about the site.
    told = [p for p in found.pairs if not held or {p.first, p.second} & held]
    for p in told[:10]:
        typer.echo(
            f"{symbols[p.first]}({p.first}) - {symbols[p.second]}({p.second})"
            f" {p.distance_A:.2f} A: {p.synergy}"
        )
