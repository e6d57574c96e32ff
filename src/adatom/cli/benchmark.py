"""``adatom energies benchmark``: an engine beside reference energies."""

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.engines import ENGINES
from adatom.energies.engines import engine as find_engine
from adatom.energies.store import Store
from adatom.errors import AdatomError
from adatom.thermo.reference import packaged_reference, reference_from

if TYPE_CHECKING:
    from adatom.thermo.benchmark import Benchmark
    from adatom.thermo.error_statistics import ErrorStatistics


def benchmark(
    engine: Annotated[str, typer.Option(help=f"One of: {', '.join(ENGINES)}.")],
    energies: Annotated[
        Path | None,
        typer.Option(help="Compare with this table (CSV) or folder instead of the packaged DFT."),
    ] = None,
    database: Annotated[
        Path, typer.Option(help="ASE database of finished calculations; a run resumes from it.")
    ] = Path("adatom.db"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; default one per core.")
    ] = None,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw engine against reference (png, pdf or svg).")
    ] = None,
) -> None:
    """Errors, ranking, outliers and speed of an engine, and the standard deviation to state."""
    # Loads scipy.stats, a second that no other command should pay for.
    from adatom.thermo.benchmark import benchmark as run_benchmark

    if energies is not None and not energies.exists():
        raise AdatomError(f"energies file {energies} does not exist")
    require_image(plot)
    read = [database] if energies is None else [database, energies]
    require_writable(output_files(json_file, plot), inputs=read)
    find_engine(engine)
    reference = packaged_reference() if energies is None else reference_from(energies)
    with progress_bar("relaxations") as progress:
        result = run_benchmark(
            engine, reference, store=Store(database), workers=workers, progress=progress
        )
    put_json(json_file, result.as_dict())
    if json_file != "-":
        _print(result)
    put_plot(plot, result)


def _print(result: "Benchmark") -> None:
    table = Table(title=f"{result.engine.name} minus reference (free energies, eV)")
    for column in (
        "reference", "adsorbate", "values", "mean error", "mean |error|", "sd", "rms",
        "Spearman (95 %)", "Kendall",
    ):  # fmt: skip
        table.add_column(column)
    for (kind, state), found in result.statistics.items():
        table.add_row(kind, state, *cells(found))
    console = wide_console()
    console.print(table)
    for line in lines(result):
        console.print(Text(line))


def cells(found: "ErrorStatistics") -> list[str]:
    """Values, mean error, mean absolute error, sd, rms and rank correlations, for a table."""

    def with_se(value: float, se: float | None, sign: str = "") -> str:
        return f"{value:{sign}.2f}" + ("" if se is None else f" ± {se:.2f}")

    interval = found.spearman_interval_95
    spearman = "" if found.spearman is None else f"{found.spearman:.2f}"
    return [
        f"{found.values} on {found.sites} sites" if found.sites > 1 else f"{found.values}",
        with_se(found.mean_signed_eV, found.mean_signed_se_eV, "+"),
        with_se(found.mean_absolute_eV, found.mean_absolute_se_eV),
        "" if found.sd_eV is None else f"{found.sd_eV:.2f}",
        with_se(found.rms_eV, found.rms_se_eV),
        spearman + ("" if interval is None else f" ({interval[0]:.2f} to {interval[1]:.2f})"),
        "" if found.kendall is None else f"{found.kendall:.2f}",
    ]


def lines(result: "Benchmark") -> list[str]:
    """What stands below the table."""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    worst = result.largest
    text = [
        f"engine: {result.engine.description} ({versions})",
        f"reference: {result.reference.description}",
        f"sd to state: {result.stated_sd_eV:.2f} eV, from the rms error {result.overall.rms_eV:.2f}"
        f" and the reference's own sd {result.reference_sd_eV:.2f} eV as squares; {result.covered}"
        f" of {len(result.measured)} errors lie within 1.96 of it",
        f"largest error: {worst.name} {worst.error_eV:+.2f} eV",
        "outliers: "
        + (", ".join(f"{c.name} {c.error_eV:+.2f} eV" for c in result.outliers) or "none"),
        "lost adsorbates: " + ("; ".join(f"{c.name} {c.lost}" for c in result.lost) or "none"),
    ]
    if result.outcomes:
        counted = ", ".join(f"{n} {outcome}" for outcome, n in sorted(result.outcomes.items()))
        text.append(f"relaxations with an adsorbate: {counted}")
    if result.seconds:
        text.append(
            f"seconds per relaxation: median {median(result.seconds):.1f}, largest"
            f" {max(result.seconds):.1f} ({len(result.seconds)} relaxations, one thread each)"
        )
    text += [f"left out: {site}: {reason}" for site, reason in result.left_out.items()]
    if result.reference.source:
        text.append(f"use it with: adatom predict --engine {result.engine.name} --sd"
                    f" {result.stated_sd_eV:g}")  # fmt: skip
    return text
