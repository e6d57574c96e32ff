"""``adatom electrochem check``: what is in instrument files, and what is missing."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_json
from adatom.cli.output import require_writable
from adatom.cli.segments import ColumnsOption, column_map
from adatom.cli.terminal import wide_console
from adatom.errors import RecordingError, printable
from adatom.readers import read_recording
from adatom.readers.recording import SETTINGS

_SHOWN = ("potential_V", "current_A", "current_density_mA_cm2", "frequency_Hz", "rotation_rpm")


def check(
    files: Annotated[list[Path], typer.Argument(help="Instrument files of any known format.")],
    columns: ColumnsOption = None,
    json_file: JsonOption = None,
) -> None:
    """Say what is in each file: format, segments, ranges, and what to beware of.

    Files that cannot be read are named at the end, with exit code 2.
    """
    require_writable(output_files(json_file), inputs=files)
    named = column_map(columns or [])
    found: list[dict[str, Any]] = []
    refused = []
    for path in files:
        try:
            found.append(read_recording(path, named or None).summary())
        except RecordingError as error:
            refused.append(str(error))
    put_json(json_file, {"files": found, "refused": refused})
    if json_file != "-":
        for summary in found:
            _print(summary)
    for message in refused:
        typer.echo(f"adatom: {message}", err=True)
    if refused:
        raise typer.Exit(2)


def _print(summary: dict[str, Any]) -> None:
    console = wide_console()
    console.print(Text(f"{summary['file']}: {summary['format']}, sha256 {summary['sha256'][:16]}"))
    segments = summary["segments"]
    shown = [name for name in _SHOWN if any(name in s["ranges"] for s in segments)]
    settings = [name for name in SETTINGS if any(name in s["settings"] for s in segments)]
    table = Table(box=None, pad_edge=False)
    for name in ("", "technique", "points", *shown, *settings):
        table.add_column(name, justify="left" if name == "technique" else "right")
    for number, segment in enumerate(segments, 1):
        table.add_row(
            str(number),
            segment["technique"],
            str(segment["points"]),
            *(_text(segment["ranges"].get(name)) for name in shown),
            *(Text(printable(segment["settings"].get(name, ""), 60)) for name in settings),
        )
    console.print(table)
    for segment in segments:
        for name, count in segment["missing"].items():
            console.print(Text(f"beware: {count} values of {name} are missing"))
    for note in summary["notes"]:
        console.print(Text(f"beware: {note}"))


def _text(limits: list[float] | None) -> str:
    if limits is None:
        return ""
    low, high = limits
    return f"{low:.4g}" if low == high else f"{low:.4g} .. {high:.4g}"
