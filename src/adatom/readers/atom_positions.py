"""Tables of atom positions and masks of the field they were found in.

A table has a header with ``x_angstrom`` and ``y_angstrom``, and may have ``intensity`` and
``recall``; other columns are not used. A mask is an image or a table of numbers, above 0 where
atoms were looked for.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adatom.errors import ImageError, RecordingError
from adatom.readers.source import Source, open_source
from adatom.readers.tables import number_table, unique_names

NEEDED = ("x_angstrom", "y_angstrom")
OPTIONAL = ("intensity", "recall")
_SEPARATORS = (",", ";", "\t")
_MASK_IMAGES = (".png", ".tif", ".tiff", ".bmp")
_MOST_PIXELS = 100_000_000


@dataclass(frozen=True)
class AtomPositions:
    """Atoms of one field as a file lists them."""

    path: Path
    positions_angstrom: np.ndarray
    """(N, 2), x and y from the corner of the field."""
    intensity: np.ndarray | None
    recall: np.ndarray | None
    sha256: str
    notes: tuple[str, ...]


def is_position_table(path: Path) -> bool:
    """Whether a name is that of a table rather than an image."""
    return path.suffix.lower() in (".csv", ".txt", ".tsv")


def read_positions(path: Path) -> AtomPositions:
    """Read a table of atoms.

    Raises :class:`~adatom.errors.ImageError` naming the column or line that is wrong.
    """
    try:
        return _read(open_source(path))
    except RecordingError as error:
        raise ImageError(str(error)) from None


def _read(source: Source) -> AtomPositions:
    if source.binary:
        raise source.refuse(f"no table; expected a text file with columns {', '.join(NEEDED)}")
    lines = source.lines
    first = next(n for n, line in enumerate(lines) if line.strip())
    header = lines[first].lstrip("#").strip()
    separator = next((s for s in _SEPARATORS if s in header), ",")
    names = unique_names([cell.strip(' "').lower() for cell in header.split(separator)])
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise source.refuse(
            f"no column {' and '.join(missing)}; the header is '{header[:80]}', expected"
            " x_angstrom,y_angstrom[,intensity][,recall] with positions in A",
            first,
        )
    cells = next((line.count(",") + 1 for line in lines[first + 1 :] if line.strip()), 0)
    if separator == "," and cells == 2 * len(names):
        raise source.refuse(
            f"{cells} cells in a row for {len(names)} columns: decimal commas between commas; save"
            " with semicolons between the columns, or with decimal points",
            first + 1,
        )
    rows = "\n".join(lines[first + 1 :]).encode("utf-8")
    table = number_table(
        source,
        rows,
        names,
        separator=separator,
        decimal="," if separator != "," and re.search(rb"\d,\d", rows) else ".",
        first_line=first + 1,
        needed=frozenset(NEEDED),
    )
    optional = {name: table.columns.get(name) for name in OPTIONAL}
    unused = [n for n in names if n not in NEEDED + OPTIONAL]
    notes = list(table.notes)
    notes += [f"columns not used: {', '.join(unused)}"] if unused else []
    xy = np.column_stack([table.columns[name] for name in NEEDED])
    return AtomPositions(
        source.path, xy, optional["intensity"], optional["recall"], source.sha256, tuple(notes)
    )


def read_mask(path: Path) -> np.ndarray:
    """Read a mask (rows, columns) of bool from an image or a table of numbers.

    Raises :class:`~adatom.errors.ImageError`.
    """
    try:
        source = open_source(path)
    except RecordingError as error:
        raise ImageError(str(error)) from None
    if path.suffix.lower() in _MASK_IMAGES:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(path) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise ImageError(
                        f"{path}: a mask of {image.width} x {image.height} pixels is too large;"
                        f" at most {_MOST_PIXELS} are taken"
                    )
                return np.asarray(image.convert("L")) > 0
        except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
            raise ImageError(f"{path} is no image that can be read; save the mask as PNG") from None
    first = source.head.strip().split("\n")[0].strip()
    separator = next((s for s in _SEPARATORS if s in first), r"\s+")
    width = len(re.split(separator, first))
    try:
        values = number_table(
            source,
            source.plain,
            [f"column {n + 1}" for n in range(width)],
            separator=separator,
            first_line=0,
        )
    except RecordingError as error:
        raise ImageError(str(error)) from None
    if len(values.columns) != width:
        raise ImageError(f"{path} is no mask; expected a PNG or rows of 0 and 1")
    return np.column_stack(list(values.columns.values())) > 0
