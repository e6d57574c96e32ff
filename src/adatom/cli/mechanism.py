"""``adatom mechanism``: list the reactions, show the states and steps of one."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_figure, put_json, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.reactions.expansion import network_of
from adatom.reactions.mechanism import BARE, Mechanism
from adatom.reactions.mechanism_file import load_mechanism, shipped_mechanisms
from adatom.reactions.network import Network
from adatom.thermo.limiting import equation_equilibrium_V

app = typer.Typer(help="Reactions: their steps, states and products.", no_args_is_help=True)


@app.command("list")
def list_command(json_file: JsonOption = None) -> None:
    """The reactions that come with adatom, with their products and equilibrium potentials."""
    require_writable(output_files(json_file))
    mechanisms = [load_mechanism(name) for name in shipped_mechanisms()]
    put_json(json_file, {"mechanisms": [_summary(m) for m in mechanisms]})
    if json_file == "-":
        return
    table = Table()
    for column in ("name", "reaction", "equation", "E / V vs RHE", "steps", "products"):
        table.add_column(column, overflow="fold")
    for m in mechanisms:
        products = ", ".join(p.species for p in m.products)
        equilibrium = f"{round(equation_equilibrium_V(m.overall), 2) + 0.0:.2f}"
        table.add_row(m.name, m.title, Text(m.overall), equilibrium, str(len(m.steps)), products)
    wide_console().print(table)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A reaction of the list, or a network file (.toml).")],
    positions: Annotated[
        str, typer.Option(help="Positions of the site, for example Fe-Co or Fe-Fe; default one.")
    ] = BARE,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw states and steps (png, pdf, svg).")
    ] = None,
) -> None:
    """States, steps, products and named paths of a reaction on a site."""
    require_image(plot)
    require_writable(output_files(json_file, plot), inputs=[Path(name)])
    mechanism = load_mechanism(name)
    network = network_of(mechanism, [p.strip() for p in positions.split("-")])
    put_json(json_file, {**_summary(mechanism), **_network(network)})
    if json_file != "-":
        _print(network)
    if plot is not None:
        from adatom.plot.network import plot_network

        put_figure(plot, plot_network(network).figure)


def _summary(m: Mechanism) -> dict[str, Any]:
    return {
        "name": m.name,
        "title": m.title,
        "equation": m.overall,
        "equilibrium_potential_V_rhe": round(equation_equilibrium_V(m.overall), 4),
        "products": [
            {
                "species": p.species,
                "equation": p.equation,
                "equilibrium_potential_V_rhe": round(equation_equilibrium_V(p.equation), 4),
            }
            for p in m.products
        ],
        "stated_activities": dict(m.activities),
        "transported": list(m.transported),
        "optional_states": list(m.optional),
        "paths": {p.name: list(p.steps) for p in m.paths},
        "source": m.source,
    }


def _network(network: Network) -> dict[str, Any]:
    return {
        "positions": list(network.positions),
        "states": {state: list(network.parts[state]) for state in network.states},
        "steps": [
            {
                "name": s.name,
                "equation": s.equation,
                "from": s.start,
                "to": s.end,
                "electrons": s.electrons,
                "equal_ways": [s.ways_forward, s.ways_backward],
                "barrier_eV": s.barrier_eV,
                "bep_slope": s.bep_slope if s.electrons == 0 else None,
                "bep_intercept_eV": s.bep_intercept_eV if s.electrons == 0 else None,
            }
            for s in network.steps
        ],
    }


def _print(network: Network) -> None:
    mechanism, console = network.mechanism, wide_console()
    where = "one position" if network.positions == (BARE,) else ", ".join(network.positions)
    console.print(Text(f"{mechanism.title} on {where}: {mechanism.overall}"))
    console.print(
        Text(
            f"{len(network.states)} states, {len(network.steps)} steps; every state can be reached"
            " from the bare site and left again (all steps are reversible): no traps"
        )
    )
    steps = Table(title="elementary steps")
    for column in ("step", "equation", "electrons", "barrier", "happens between"):
        steps.add_column(column, overflow="fold")
    for rule in mechanism.steps:
        here = [s for s in network.steps if s.rule == rule.name]
        shown = "; ".join(f"{s.start} -> {s.end}" for s in here[:3])
        shown += f"; and {len(here) - 3} more" if len(here) > 3 else ""
        if rule.barrier_eV is not None:
            barrier = f"{rule.barrier_eV:g} eV"
        elif rule.electrons:
            barrier = "of the rate law"
        else:
            barrier = f"{rule.bep_slope:g} dG + {rule.bep_intercept_eV:g} eV"
        steps.add_row(
            rule.name, Text(rule.equation), str(rule.electrons), barrier,
            Text(shown or "nowhere on this site"),
        )  # fmt: skip
    console.print(steps)
    products = Table(title="products")
    for column in ("product", "reaction", "E / V vs RHE"):
        products.add_column(column, overflow="fold")
    for p in network.products:
        products.add_row(
            p.species, Text(p.equation), f"{round(equation_equilibrium_V(p.equation), 2) + 0.0:.2f}"
        )
    if network.products:
        console.print(products)
    console.print(Text("energies needed: " + ", ".join(network.required)))
    more = [n for n in network.energy_names if n not in network.required]
    if more:
        console.print(Text("energies that open further states: " + ", ".join(more)))
    console.print(Text(f"source: {mechanism.source}"))
