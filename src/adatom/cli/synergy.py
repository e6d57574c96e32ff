"""``adatom synergy``: does the pair help?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import (
    CycleOption,
    DirectionOption,
    JsonOption,
    RotationOption,
    output_files,
    put_json,
)
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.electrochem.result_file import read_result
from adatom.evidence.synergy import Synergy, compare
from adatom.report.synergy import synergy_json


def synergy(
    pair: Annotated[Path, typer.Option(help="Result of the pair: the JSON of adatom electrochem.")],
    single: Annotated[
        list[Path],
        typer.Option(help="Result of the single atoms of one metal of the pair; repeatable."),
    ],
    at: Annotated[float, typer.Option(help="Potential of the comparison, V vs RHE.")] = 0.85,
    direction: DirectionOption = None,
    rotation: RotationOption = None,
    cycle: CycleOption = None,
    inactive: Annotated[
        list[str] | None,
        typer.Option(help="Metal that is not counted as a site in any sample; repeatable."),
    ] = None,
    json_file: JsonOption = None,
    seed: Annotated[int, typer.Option(help="Of the draws that give the intervals.")] = 0,
) -> None:
    """Compare turnover per metal atom of a pair with that of its metals as single atoms."""
    require_writable(output_files(json_file), inputs=[pair, *single])
    found = compare(
        read_result(pair),
        [read_result(path) for path in single],
        at_V_rhe=at,
        direction=direction,
        rotation_rpm=rotation,
        cycle=cycle,
        inactive=inactive or (),
        seed=seed,
    )
    put_json(json_file, synergy_json(found))
    if json_file != "-":
        _print(found)


def _print(found: Synergy) -> None:
    console = wide_console()
    console.print(Text(found.sentence))
    table = Table(title=f"at {found.synergy.conditions['at_V_rhe']:g} V vs RHE, 95 % intervals")
    for head in ("sample", "metals (atomic fraction)", "j_k / mA/cm2", "TOF / s-1 per metal atom"):
        table.add_column(head)
    for activity in (found.pair, *found.singles):
        metals = ", ".join(f"{m} {x:.3f}" for m, x in activity.atomic_fractions.items())
        turnover = found.turnover_Hz[activity.name].text(4)
        table.add_row(activity.name, metals, activity.kinetic_mA_cm2.text(3), turnover)
    console.print(table)
    parts = Table(title="uncertainties, standard deviations")
    for head in ("of", "files", "own / %", "of S / %"):
        parts.add_column(head)
    for part in found.parts:
        files = ", ".join(part.samples) + (" (one error)" if len(part.samples) > 1 else "")
        own, of_synergy = 100 * part.relative_sd, 100 * part.synergy_sd
        parts.add_row(part.quantity, files, f"{own:.2g}", f"{of_synergy:.2g}")
    console.print(parts)
    for note in found.notes:
        console.print(Text(f"- {note}"))
