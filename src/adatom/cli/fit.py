"""``adatom fit``: from a measured curve back to what it determines."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import (
    JsonOption,
    assignments,
    output_files,
    put_json,
    put_plot,
    require_image,
)
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.electrolytes import load_electrolyte
from adatom.errors import AdatomError
from adatom.fitting.fit import DEFAULT_FREE, fit_curve
from adatom.fitting.measured import read_curve
from adatom.fitting.results import CurveFit
from adatom.kinetics.rates import LAWS, RateModel
from adatom.prediction.job import network_at
from adatom.reactions import Network, load_network
from adatom.reactions.mechanism_file import shipped_mechanisms
from adatom.sites.notation import parse_site
from adatom.thermo.free_energies import FreeEnergies, without_interactions
from adatom.thermo.sources import from_file, from_package


def fit(
    curve: Annotated[
        Path,
        typer.Argument(
            help="CSV: potential_V_rhe,current_density_mA_cm2[,sd_mA_cm2]; one sweep, corrected"
            " for iR by you, per geometric area, cathodic negative."
        ),
    ],
    reaction: Annotated[
        str, typer.Option(help=f"{', '.join(shipped_mechanisms())}, or a network file (.toml).")
    ] = "ORR",
    electrolyte: Annotated[
        str, typer.Option(help="Named electrolyte, or a file (.toml).")
    ] = "0.1 M KOH",
    rpm: Annotated[
        float | None, typer.Option(help="Rotation of the disk, rpm; needed where diffusion limits.")
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(help="Packaged site such as FeN4@graphene; with --energies a row of it."),
    ] = None,
    energies: Annotated[
        Path | None, typer.Option(help="Table of free energies (CSV) or folder of results.")
    ] = None,
    correction: Annotated[
        list[str] | None, typer.Option(help="Named correction: solvation, plane-waves.")
    ] = None,
    lateral: Annotated[
        str | None,
        typer.Option(help="zero: neighbours on a site do nothing to each other unless told."),
    ] = None,
    free: Annotated[
        str,
        typer.Option(help="Comma-separated: density, barrier (rate), transport, energies (*OH)."),
    ] = ",".join(DEFAULT_FREE),
    fix: Annotated[
        list[str] | None,
        typer.Option(help="Hold NAME=VALUE (mol/cm2, eV, 1/s), as barrier=0.26; repeatable."),
    ] = None,
    follow: Annotated[
        list[str] | None,
        typer.Option(help="Energy NAME=SLOPE that changes with the free one, as *OOH=1."),
    ] = None,
    rate_law: Annotated[
        str, typer.Option(help=f"How barriers follow the driving force: {', '.join(LAWS)}.")
    ] = LAWS[0],
    step_barrier: Annotated[
        list[str] | None, typer.Option(help='Barrier of one step, "NAME=eV"; repeatable.')
    ] = None,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw measurement, fit and residuals (.png, .pdf).")
    ] = None,
) -> None:
    """Infer the few kinetic parameters that a measured curve determines, and say which it does not.

    Exit code 0 also where the model does not describe the curve: that is a result, and said.
    """
    require_image(plot)
    read = [curve, Path(reaction), Path(electrolyte)]
    require_writable(
        output_files(plot, json_file), inputs=read if energies is None else [*read, energies]
    )
    network = load_network(reaction)
    solution = load_electrolyte(electrolyte)
    names = [name.strip() for name in free.split(",") if name.strip()]
    fixed = assignments(fix or [], "--fix", "barrier=0.26")
    held = fixed.get("rate", 1.0) if rate_law == "butler-volmer" else None
    rates = RateModel(
        law=rate_law,
        exchange_rate_Hz=held,
        step_barriers_eV=assignments(step_barrier or [], "--step-barrier", '"Tafel=0.45"'),
    )
    if rate_law == "butler-volmer" and "rate" not in (*names, *fixed):
        raise AdatomError("butler-volmer needs its k0: --free density,rate or --fix rate=VALUE")
    if lateral not in (None, "zero"):
        raise AdatomError(f"--lateral must be zero, got '{lateral}'; other values are columns")
    if network.transported and rpm is None:
        raise AdatomError(f"{network.name} is limited by diffusion: give the rotation, --rpm 1600")
    measured = read_curve(curve, electrolyte=solution.name, rotation_rpm=rpm)
    found = _one_site(site, energies, network, correction or [])
    if lateral is not None:
        found = without_interactions(found, network_at(network, found))
    with progress_bar("profiles") as progress:
        result = fit_curve(
            measured.curve,
            site=found,
            network=network,
            electrolyte=solution,
            free=names,
            fixed=fixed,
            follow=assignments(follow or [], "--follow", "*OOH=1"),
            sd_mA_cm2=measured.sd_mA_cm2,
            rates=rates,
            progress=lambda done, total: progress(done, total, None),
        )
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if json_file != "-":
        _print(result)


def _one_site(
    text: str | None, energies: Path | None, network: Network, corrections: list[str]
) -> FreeEnergies:
    """Free energies of the one site whose curve was measured."""
    if energies is None:
        if text is None:
            raise AdatomError(
                "name the site, for example --site FeN4@graphene, or give --energies FILE"
            )
        return from_package(parse_site(text), network, corrections=corrections)
    if not energies.exists():
        raise AdatomError(f"energies file {energies} does not exist")
    rows = {s.label: s for s in from_file(energies, network, corrections=corrections)}
    if text is None and len(rows) == 1:
        return next(iter(rows.values()))
    if text not in rows:
        known = ", ".join(list(rows)[:8]) + (", ..." if len(rows) > 8 else "")
        raise AdatomError(
            f"{energies} has {known}; name one with --site"
            if text is None
            else f"site '{text}' is not in {energies}; it has {known}"
        )
    return rows[text]


def _print(result: CurveFit) -> None:
    console = wide_console()
    for sentence in result.sentences()[: 0 if result.describes else 1]:
        console.print(Text(sentence))
    frame = result.to_frame()
    p = result.provenance
    table = Table(title=f"{result.curve.label}: {p['reaction']} on {p['site']}, {p['electrolyte']}")
    for column in frame.columns:
        table.add_column(str(column), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)
    for sentence in result.sentences()[0 if result.describes else 1 :]:
        console.print(Text(sentence))
    if result.fixed:
        held = ", ".join(f"{name} {value:.4g}" for name, value in result.fixed.items())
        console.print(Text(f"held: {held} (density and rate as log10)"))
    console.print(Text(f"noise: {result.noise_source}; largest sd {result.sd_mA_cm2.max():.2g}"
                       f" mA/cm2, residuals {result.residuals.rms_mA_cm2:.2g} mA/cm2"))  # fmt: skip
    caution = result.provenance["energies"]["caution"]
    if caution:
        console.print(Text(f"{result.provenance['site']}: {caution}"))
