"""``adatom synergy``: does the pair help?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.electrochem_analyse import Job
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
from adatom.electrochem.result_file import ResultFile, read_result, result_of
from adatom.electrochem.sample import Sample, load_sample
from adatom.errors import AdatomError
from adatom.evidence.synergy import Synergy, compare
from adatom.report.electrochem import analysis_json
from adatom.report.synergy import synergy_json


def synergy(
    pair: Annotated[
        Path,
        typer.Option(
            help="The pair: JSON of adatom electrochem, or a raw file with its sample beside it"
            " (NAME.toml, else sample.toml)."
        ),
    ],
    single: Annotated[
        list[Path],
        typer.Option(help="Likewise the single atoms of one metal of the pair; repeatable."),
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
    samples = {path: _sample_of(path) for path in (pair, *single)}
    known = [sample for sample in samples.values() if sample is not None]
    beside = [file for s in known for file in (Path(s.source), *s.files)]
    require_writable(output_files(json_file), inputs=[*samples, *beside])
    one, *others = (_result(path, samples[path], at, seed) for path in (pair, *single))
    found = compare(
        one,
        others,
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


def _sample_of(path: Path) -> Sample | None:
    """What is known of a raw file, from the TOML beside it; None for a result."""
    if path.suffix.lower() == ".json":
        return None
    beside = (path.with_suffix(".toml"), path.parent / "sample.toml")
    found = next((file for file in beside if file.is_file()), None)
    if found is None:
        raise AdatomError(
            f"{path} is no result (.json) of adatom electrochem; a raw file needs its sample beside"
            f" it, as {beside[0].name} or {beside[1].name}"
        )
    return load_sample(found)


def _result(path: Path, sample: Sample | None, at: float, seed: int) -> ResultFile:
    """A result as it was written, or as ``adatom electrochem FILE --json`` would write it."""
    if sample is None:
        return read_result(path)
    found = Job(sample, kinetic_at_V=(at,), seed=seed).analysis([path])
    return result_of(analysis_json(found), path)


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
