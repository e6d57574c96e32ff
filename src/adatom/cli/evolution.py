"""Sweeps that no diffusion limits as a table, and what a referee would object to."""

from collections.abc import Mapping, Sequence

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


MOST_NAMED = 12
"""Sweeps that a reason is printed with."""
HEADS = (
    "sweep", "E_10 / V vs RHE", "eta_10 / V", "eta_100 / V", "onset / V", "Tafel / mV/dec",
)  # fmt: skip


def kinetic_row(one: KineticSweep, file: str = "") -> list[str]:
    """Cells under :data:`HEADS`."""
    return [
        f"{file} {one.sweep.label}".strip(),
        one.potentials_V_rhe[0].text(4),
        *(eta.text(4) for eta in one.overpotentials_V),
        one.onset_V_rhe.text(3),
        one.tafel_slope_mV_dec.text(1),
    ]


def print_activities(console: Console, found: Analysis) -> None:
    """TOF and mass activities, where a loading was given."""
    if found.sample.get("loading.catalyst_mg_cm2") is None:
        return
    table = Table()
    for head in ("sweep", "at / V vs RHE", "TOF / 1/s", "A/g catalyst", "A/g metal"):
        table.add_column(head)
    for label, several in found.turnovers():
        for one in several:
            table.add_row(
                label, f"{one.at_V_rhe:g}", one.turnover_per_s.significant(3),
                one.mass_activity_A_g.significant(3), one.metal_mass_activity_A_g.significant(3),
            )  # fmt: skip
    console.print(table)


def print_kinetic(console: Console, found: Analysis) -> None:
    """The table of sweeps and their activities."""
    table = Table(*HEADS)
    for one in found.kinetic:
        table.add_row(*kinetic_row(one))
    console.print(table)
    print_activities(console, found)


def kinetic_said(one: KineticSweep) -> tuple[str, ...]:
    """Flags, and the reasons of figures that have no value, each once."""
    figures = (*one.potentials_V_rhe, one.onset_V_rhe, one.tafel_slope_mV_dec)
    return tuple(dict.fromkeys(text for text in (*one.flags, *(f.reason for f in figures)) if text))


def print_said(console: Console, said: Mapping[str, Sequence[str]]) -> None:
    """Reasons and flags, each once with the sweeps it holds for; of many the first."""
    for text, sweeps in said.items():
        more = len(sweeps) - MOST_NAMED
        listed = ", ".join(sweeps[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        console.print(Text(f"- {text}: {listed}"))
