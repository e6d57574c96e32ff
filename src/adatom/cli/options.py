"""Options that several commands read alike."""

import io
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from adatom.cli.output import write_whole
from adatom.errors import AdatomError

_TEMPERATURE = re.compile(r"\s*([-+]?\d+\.?\d*(?:[eE][-+]?\d+)?)\s*(K|C)\s*")
ZERO_CELSIUS_K = 273.15
IMAGES = (".png", ".pdf", ".svg")
JsonOption = Annotated[
    str | None, typer.Option("--json", help="Write the numbers; - for standard output.")
]
ReportOption = Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")]
DirectionOption = Annotated[
    str | None, typer.Option(help="Sweep to take: cathodic or anodic, where there are both.")
]
RotationOption = Annotated[
    float | None, typer.Option(help="Sweep to take: its speed in rpm, where there are several.")
]
CycleOption = Annotated[
    int | None,
    typer.Option(min=1, help="Sweep to take: which of those otherwise alike, 1 is the first."),
]


def temperature_K(text: str) -> float:
    """Kelvin of a temperature with its unit, ``298.15K`` or ``25C``."""
    match = _TEMPERATURE.fullmatch(text)
    value = math.nan
    if match:
        value = float(match[1]) + (ZERO_CELSIUS_K if match[2] == "C" else 0.0)
    if not 0.0 < value <= 5000.0:
        raise AdatomError(
            f"temperature '{text}' should be a number with its unit above 0 K and up to 5000 K,"
            " for example 298.15K or 25C"
        )
    return value


def assignments(texts: Sequence[str], option: str, example: str) -> dict[str, float]:
    """Numbers of options such as ``barrier=0.26``; each name once."""
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not name.strip() or not math.isfinite(number):
            raise AdatomError(f"{option} '{text}' must be NAME=NUMBER, for example {example}")
        if name.strip() in found:
            raise AdatomError(f"{option} names {name.strip()} twice")
        found[name.strip()] = number
    return found


def output_files(*targets: Path | str | None) -> list[Path]:
    """The files among what output options name: neither nothing nor standard output."""
    return [Path(target) for target in targets if target is not None and str(target) != "-"]


def put_json(target: str | None, content: dict[str, Any]) -> None:
    """Write a result to a file, or to standard output for ``-``."""
    if target is None:
        return
    text = json.dumps(content, indent=1, allow_nan=False)
    if target == "-":
        typer.echo(text)
    else:
        write_whole(Path(target), text + "\n")


def put_plot(path: Path | None, result: Any) -> None:
    """Draw a result into an image file, whole or not at all."""
    if path is None:
        return
    put_figure(path, result.plot().figure)


def put_figure(path: Path, figure: Any) -> None:
    """Write a matplotlib figure into an image file, whole or not at all, and close it."""
    from matplotlib import pyplot

    content = io.BytesIO()
    try:
        figure.savefig(content, format=path.suffix[1:].lower(), bbox_inches="tight", dpi=150)
    finally:
        pyplot.close(figure)
    write_whole(path, content.getvalue())


def require_page(path: Path | None) -> None:
    """Raise :class:`~adatom.errors.AdatomError` unless a page may have this name."""
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        raise AdatomError(f"{path}: expected a page name that ends in .html")


def require_image(path: Path | None) -> None:
    """Raise :class:`~adatom.errors.AdatomError` unless an image of this name can be drawn."""
    if path is not None and path.suffix.lower() not in IMAGES:
        raise AdatomError(f"{path}: expected an image name that ends in .png, .pdf or .svg")
