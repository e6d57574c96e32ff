"""``adatom scaling``: lines through the free energies of sites, and which sites are off them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.errors import AdatomError
from adatom.reactions import load_network
from adatom.reactions.network import ReactionPath
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.lines import LineFit
from adatom.thermo.scaling import ScalingDeviation
from adatom.thermo.scaling_relations import DESCRIPTORS, ScalingRelation, scaling_relations
from adatom.thermo.table import read_free_energies

FEW_SITES = 5
"""On lines of fewer sites scatter beyond the stated errors can stay hidden (docs/scaling.md)."""
TAIL = 0.025
"""Probability of chi2 below which the sites scatter more, and of its other end less, than their
errors say."""


def scaling(
    file: Annotated[Path, typer.Argument(help="Table of free energies (CSV), as of predict.")],
    x: Annotated[
        str | None,
        typer.Option(
            help=f"Adsorbate along x; default the first known of {', '.join(DESCRIPTORS)}."
        ),
    ] = None,
    y: Annotated[
        list[str] | None,
        typer.Option(help="Adsorbate along y; repeatable; default all that three sites have."),
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            help="Site that defines the line; repeatable; default those whose notation has one"
            " metal."
        ),
    ] = None,
    reaction: Annotated[
        str,
        typer.Option(help="Reaction, or network file (.toml), whose limiting potential counts."),
    ] = "ORR",
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the relations (png, pdf or svg).")] = None,
) -> None:
    """Fit scaling relations with errors in both axes; say which sites break them and the gain."""
    require_image(plot)
    require_writable(output_files(json_file, plot), inputs=[file])
    path = load_network(reaction).paths[0]
    if file.is_dir():
        raise AdatomError(f"{file} is a folder; expected a table of free energies (CSV)")
    sites = read_free_energies(file, required=(), optional=None)
    relations = scaling_relations(sites, x=x, y=y or (), line=line or None, path=path)
    content = {
        "energies": file.name,
        "uncertainty": list(dict.fromkeys(s.source.uncertainty for s in sites)),
        "correlation_of_errors_on_a_site": sorted({s.correlation for s in sites}),
        "line_sites_chosen": "named" if line else "those whose notation has one metal",
        "reaction": reaction,
        "path": path.name,
        "relations": [relation.as_dict() for relation in relations],
    }
    put_json(json_file, content)
    if json_file != "-":
        _print(relations, sites, path, named=bool(line))
    if plot is not None:
        from adatom.plot.scaling import plot_relations

        put_figure(plot, plot_relations(relations))


def _print(
    relations: Sequence[ScalingRelation],
    sites: Sequence[FreeEnergies],
    path: ReactionPath,
    *,
    named: bool,
) -> None:
    console = wide_console()
    for relation in relations:
        judged = relation.deviations
        gains = any(d.gain for d in judged)
        table = Table(title=f"{relation.y} against {relation.x} (eV)")
        columns = ("site", relation.x, relation.y, "on the line", "distance", "in sd", "p")
        for column in (*columns, *(["gain in U_L / V (95 %)"] if gains else [])):
            table.add_column(column)
        for d in judged:
            table.add_row(*_cells(d), *([_gain(d)] if gains else []))
        if judged:
            console.print(table)
        for text in _lines(relation):
            console.print(Text(text))
        console.print()
    origin = "as named" if named else "those whose notation has one metal; --line names others"
    console.print(Text(f"sites of the lines: {origin}; each site against the line of the others"))
    for uncertainty in dict.fromkeys(s.source.uncertainty for s in sites):
        correlation = sites[0].correlation
        console.print(
            Text(f"errors: {uncertainty}; correlation on a site {correlation:g}; independent among"
                 " sites")
        )  # fmt: skip
    if any(d.gain for relation in relations for d in relation.deviations):
        console.print(
            Text(f"gain: limiting potential of the path '{path.name}' against that of a site with"
                 " the same energies, but y on the line")
        )  # fmt: skip


def _gain(d: ScalingDeviation) -> str:
    if d.gain is None:
        return ""
    # Adding zero turns a rounded -0.0 into 0.0.
    gain, low, high = (round(v, 2) + 0.0 for v in (d.gain.gain_V, *d.gain.interval_95_V))
    return f"{gain:+.2f} ({low:+.2f} to {high:+.2f})"


def _cells(d: ScalingDeviation) -> list[str]:
    return [
        d.site + (" (extrapolated)" if d.extrapolated else ""),
        f"{d.x_eV:.2f} ± {d.sd_x_eV:.2f}",
        f"{d.y_eV:.2f} ± {d.sd_y_eV:.2f}",
        f"{d.on_line_eV:.2f} ± {d.prediction_sd_eV:.2f}",
        f"{d.distance_eV:+.2f}",
        f"{d.z:+.1f}",
        f"{d.p_value:.2g}" + (" breaks" if d.breaks else ""),
    ]


def _lines(relation: ScalingRelation) -> list[str]:
    fit = relation.line
    low, high = fit.slope_interval_95
    text = [
        f"line of {fit.points} sites ({', '.join(relation.line_sites)}): {relation.y} ="
        f" {fit.intercept:.2f} + {fit.slope:.2f} {relation.x}; slope {low:.2f} to {high:.2f}"
        f" (95 %), residuals {fit.residual_sd:.2f} eV, intrinsic scatter {fit.scatter:.2f} eV",
        f"chi2 {fit.chi2:.1f} for {fit.points - 2} degrees of freedom: {_verdict(fit)}",
    ]
    if relation.slope_test is not None:
        text.append(f"slope {relation.slope_test.words}")
    if fit.points < FEW_SITES:
        text.append(
            f"only {fit.points} sites: scatter beyond their errors can stay hidden, and then 95 %"
            " intervals hold 86 % (three sites) to 92 % (four)"
        )
    text += [f"not set against the line: {s}: {why}" for s, why in relation.not_judged.items()]
    return text


def _verdict(fit: LineFit) -> str:
    if fit.chi2_probability < TAIL:
        return "the sites scatter more than their errors"
    if fit.chi2_probability > 1.0 - TAIL:
        return "the sites lie closer to the line than their errors say (shared, or too large)"
    return "their errors explain the scatter"
