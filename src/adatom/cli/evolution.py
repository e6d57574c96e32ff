"""Sweeps that no diffusion limits as a table, and what a referee would object to."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adatom.electrochem.analysis import Analysis
from adatom.electrochem.kinetic_sweep import KineticSweep


def reaction_line(found: Analysis) -> Text:
    """The reaction, and whether anyone said so."""
    given = found.sample.get("measurement.reaction") is not None
    return Text(
        f"reaction: {found.reaction.name}"
        + ("" if given else " (assumed; set measurement.reaction for another)")
    )


def kinetic_table(sweeps: Sequence[KineticSweep]) -> Table:
    """One row a sweep."""
    table = Table()
    for head in (
        "sweep", "E_10 / V vs RHE", "eta_10 / V", "eta_100 / V", "onset / V", "Tafel / mV/dec",
    ):  # fmt: skip
        table.add_column(head)
    for one in sweeps:
        table.add_row(
            one.sweep.label,
            one.potentials_V_rhe[0].text(4),
            *(eta.text(4) for eta in one.overpotentials_V),
            one.onset_V_rhe.text(3),
            one.tafel_slope_mV_dec.text(1),
        )
    return table


def print_kinetic(console: Console, sweeps: Sequence[KineticSweep]) -> None:
    """The table, and below it reasons and flags with the sweeps they hold for."""
    console.print(kinetic_table(sweeps))
    said: dict[str, list[str]] = {}
    for one in sweeps:
        figures = (*one.potentials_V_rhe, one.onset_V_rhe, one.tafel_slope_mV_dec)
        for text in dict.fromkeys((*one.flags, *(f.reason for f in figures))):
            if text:
                said.setdefault(text, []).append(one.sweep.label)
    for text, labels in said.items():
        console.print(Text(f"- {text}: {', '.join(labels)}"))
