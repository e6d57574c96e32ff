"""``adatom stem plan``: what dose, density and number of images can tell pairs from chance."""

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.errors import AdatomError
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.species import NON_METALS
from adatom.stem.atom_images import AtomImages, packaged_atom_images
from adatom.stem.carbon import CARBON_PER_A3
from adatom.stem.microscope import PACKAGED, Microscope
from adatom.stem.planning import Plan, Session, plan_session
from adatom.stem.visibility import Support

MAX_PLANS = 24


def plan(
    site: Annotated[
        str | None,
        typer.Argument(help="A pair as a notation: its metal and distance, Fe2N6@graphene."),
    ] = None,
    metal: Annotated[str | None, typer.Option(help="In place of a site, with --distance.")] = None,
    distance: Annotated[
        float | None, typer.Option(help="Of a pair, A; in place of the site's own.")
    ] = None,
    pair_fraction: Annotated[
        float, typer.Option(help="Share of the metal in pairs that must be told from none.")
    ] = 0.3,
    density: Annotated[str, typer.Option(help="Metal atoms per nm2; several as 0.5,1,2.")] = "1",
    dose: Annotated[str, typer.Option(help="Electrons per A2; several as 1e4,1e5.")] = "1e5",
    field_angstrom: Annotated[float, typer.Option(help="Side of an image.")] = 150.0,
    pixel_angstrom: Annotated[float, typer.Option(help="Side of a pixel.")] = 0.15,
    thickness_angstrom: Annotated[float, typer.Option(help="Of the carbon support.")] = 20.0,
    voltage: Annotated[float, typer.Option(help="kV.")] = PACKAGED[0].voltage_kV,
    convergence: Annotated[float, typer.Option(help="mrad.")] = PACKAGED[0].convergence_mrad,
    source_fwhm: Annotated[float, typer.Option(help="Image of the source, A.")] = 0.8,
    recall: Annotated[
        float | None, typer.Option(help="Share of atoms found, where it was measured.")
    ] = None,
    in_plane: Annotated[
        bool, typer.Option("--in-plane", help="Pairs lie flat across the beam, all of them.")
    ] = False,
    power: Annotated[float, typer.Option(help="Wanted, with 5 % false calls.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated fields.")] = 0,
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Power curves (.png, .pdf, .svg).")] = None,
) -> None:
    """Say how many images tell pairs from chance, and how well they determine the share."""
    require_image(plot)
    require_writable(output_files(plot, json_file))
    symbol, apart = _pair(site, metal, distance)
    if not 1.0 <= thickness_angstrom <= 1000.0:
        raise AdatomError(f"--thickness-angstrom is {thickness_angstrom:g}, expected 1 to 1000 A")
    microscope = Microscope(voltage, convergence, source_fwhm_A=source_fwhm)
    densities, doses = _numbers(density, "--density"), _numbers(dose, "--dose")
    if len(densities) * len(doses) > MAX_PLANS:
        raise AdatomError(
            f"{len(densities)} densities and {len(doses)} doses are"
            f" {len(densities) * len(doses)} plans, at most {MAX_PLANS} at once"
        )
    sessions = [
        Session(
            symbol, apart, pair_fraction, rho, field_angstrom, electrons, pixel_angstrom,
            Support("C", CARBON_PER_A3 * thickness_angstrom), recall=recall, in_plane=in_plane,
        )
        for rho in densities
        for electrons in doses
    ]  # fmt: skip
    images = _atom_images(microscope, symbol)
    plans = []
    with progress_bar("simulated fields") as progress:
        for n, session in enumerate(sessions):
            plans.append(
                plan_session(
                    session, images, power=power, seed=seed,
                    progress=lambda done, total, n=n: progress(  # type: ignore[misc]
                        n * total + done, len(sessions) * total, None
                    ),
                )
            )  # fmt: skip
    if plot is not None:
        from adatom.plot.stem_plan import plot_plans

        put_figure(plot, plot_plans(plans).figure)
    put_json(json_file, {"plans": [p.as_dict() for p in plans]})
    if json_file != "-":
        _print(plans)


def _pair(site: str | None, metal: str | None, distance: float | None) -> tuple[str, float]:
    """Metal and distance of a pair."""
    if (site is None) == (metal is None):
        raise AdatomError(
            "name a pair, as adatom stem plan Fe2N6@graphene, or --metal and --distance"
        )
    if site is None:
        if distance is None:
            raise AdatomError(f"--metal {metal} needs the distance of its pairs: --distance 2.4")
        return str(metal), distance
    atoms = build_site(parse_site(site))
    metals = [i for i, symbol in enumerate(atoms.symbols) if symbol not in NON_METALS]
    if len(metals) != 2:
        raise AdatomError(f"{site} has {len(metals)} metal atoms; name a site with two")
    # The fainter of two metals is the one that must be seen.
    faint = min(metals, key=lambda i: atoms.numbers[i])
    built = float(atoms.get_distance(*metals, mic=True))
    return str(atoms.symbols[faint]), built if distance is None else distance


def _numbers(text: str, option: str) -> list[float]:
    """Of an option such as ``0.5,1,2``."""
    found = []
    for part in text.split(","):
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value <= 0.0:
            raise AdatomError(f"{option} '{text}': expected numbers above 0, for example 0.5,1,2")
        found.append(value)
    return found


def _atom_images(microscope: Microscope, symbol: str) -> AtomImages:
    """Packaged, or computed where the microscope is another."""
    known = {(m.voltage_kV, m.convergence_mrad) for m in PACKAGED}
    if (microscope.voltage_kV, microscope.convergence_mrad) in known:
        return packaged_atom_images(microscope)
    from adatom.stem.simulation import simulate_atom_images

    return simulate_atom_images(microscope, ("C", symbol))


def _print(plans: list[Plan]) -> None:
    console = wide_console()
    table = Table(title="images that tell pairs from chance")
    heads = ("density / nm-2", "dose / e A-2", "signal to noise", "recall", "images", "power / %",
             "share +- (95 %)")  # fmt: skip
    for head in heads:
        table.add_column(head, justify="right")
    for made in plans:
        found = made.needed
        last = found or made.powers[-1]
        table.add_row(
            f"{made.session.density_per_nm2:g}",
            f"{made.session.dose_e_A2:.3g}",
            f"{made.visibility.snr:.1f}",
            f"{made.recall:.2f}",
            f"{last.images}" if found else f"more than {last.images}",
            f"{100 * last.power:.0f}",
            f"{last.interval_width / 2:.2f}",
        )
    console.print(table)
    for made in plans:
        console.print(Text(made.sentence()))
    console.print(Text("rests on: " + "; ".join(plans[0].as_dict()["assumptions"])))
