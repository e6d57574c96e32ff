"""Image files -> arrays with their scale as written: DM3, DM4, EMD, MRC, SER, TIFF, npy, PNG.

Formats are known by their content. Instrument formats are read by rosettasciio (GPL, an extra);
arrays stay unread until their shape is known, since a small compressed file can announce a large
image.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adatom.errors import ImageError

INSTALL = "pip install 'adatom[stem]'"
MAX_PIXELS = 8192 * 8192
"""Of one image; detection needs up to 60 bytes a pixel."""
_ANGSTROM_PER = {
    "m": 1e10,
    "mm": 1e7,
    "um": 1e4,
    "micron": 1e4,
    "microns": 1e4,
    "nm": 10.0,
    "a": 1.0,
    "å": 1.0,
    "ang": 1.0,
    "angstrom": 1.0,
    "angstroms": 1.0,
    "pm": 0.01,
}
_PRINT_ANGSTROM = 1e5
"""Scales above 10 um a pixel are dots per inch of a print, not a microscope's."""


@dataclass(frozen=True)
class RawImage:
    """One image or stack as the file holds it."""

    title: str
    data: Any
    """Array of two or more dimensions, rows and columns last; read when asked for."""
    pixel_size_angstrom: tuple[float, float] | None
    """Along x and y."""
    scale_remark: str
    """Why there is no scale, or what is odd about it."""
    header: str
    """All metadata of the file, untouched, as JSON."""


def read_images(path: Path) -> tuple[str, list[RawImage]]:
    """Name of the format and the images of a file.

    Raises :class:`~adatom.errors.ImageError` for what is no such file, for colours, and where
    rosettasciio is needed and absent.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"\x93NUMPY"):
        return "npy", [_npy(path)]
    if head.startswith(b"\x89PNG"):
        return "PNG", [_png(path)]
    for name, module, recognises in _FORMATS:
        if recognises(head):
            return name, list(_instrument(path, name, module))
    raise ImageError(
        f"{path}: no image format known here; expected DM3, DM4, EMD, MRC, SER, TIFF, npy or PNG"
    )


_FORMATS: tuple[tuple[str, str, Callable[[bytes], bool]], ...] = (
    ("TIFF", "tiff", lambda head: head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}),
    ("EMD", "emd", lambda head: head.startswith(b"\x89HDF")),
    ("DM3", "digitalmicrograph", lambda head: head[:4] == b"\0\0\0\x03"),
    ("DM4", "digitalmicrograph", lambda head: head[:4] == b"\0\0\0\x04"),
    ("SER", "tia", lambda head: head[:4] == b"II\x97\x01"),
    ("MRC", "mrc", lambda head: head[208:211] == b"MAP"),
)


def _instrument(path: Path, name: str, module: str) -> Iterator[RawImage]:
    from importlib import import_module

    try:
        reader = import_module(f"rsciio.{module}")
    except ImportError:
        raise ImageError(f"{path}: reading {name} needs rosettasciio: {INSTALL}") from None
    try:
        if name == "TIFF":
            _refuse_colour_tiff(path)
        found = reader.file_reader(str(path), lazy=True)
    except ImageError:
        raise
    except Exception as error:  # another's parser of a binary format: anything may come
        raise ImageError(
            f"{path}: rosettasciio cannot read this {name} ({type(error).__name__}:"
            f" {' '.join(str(error).split())[:120]}); export it again, as TIFF with its scale"
        ) from None
    for entry in found:
        data = entry["data"]
        if data.dtype.names:
            raise _colours(path)
        axes = [axis for axis in entry["axes"] if axis["size"] > 1]
        if len(axes) < 2:  # a spectrum or line profile
            continue
        general = entry["metadata"].get("General", {})
        scale, remark = _scale(path, name, axes[-2:][::-1], entry.get("original_metadata", {}))
        if name == "TIFF" and scale is None:
            scale, remark = _imagej_scale(path, remark)
        header = json.dumps(entry.get("original_metadata", {}), default=str)
        yield RawImage(str(general.get("title") or path.stem), data, scale, remark, header)


def _refuse_colour_tiff(path: Path) -> None:
    import tifffile

    with tifffile.TiffFile(path) as file:
        page: Any = file.pages[0]
        colour = page.photometric not in {
            tifffile.PHOTOMETRIC.MINISBLACK,
            tifffile.PHOTOMETRIC.MINISWHITE,
        }
        if colour or page.samplesperpixel > 1:
            raise _colours(path)
        if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
            raise ImageError(
                f"{path}: an inverted TIFF (0 is white): dark and bright are exchanged; export the"
                " recorded intensities"
            )


def _scale(
    path: Path, name: str, axes: list[dict[str, Any]], metadata: Any
) -> tuple[tuple[float, float] | None, str]:
    if name == "MRC" and _zero_grid(metadata):
        return None, "the header has no cell"
    sizes = []
    for axis in axes:
        unit = str(axis.get("units") or "").strip().lower()
        unit = unit.replace("\u00b5", "u").replace("\u03bc", "u").replace("\\u00b5", "u")
        if unit.startswith("1/") or unit.startswith("1 /") or unit.endswith("^-1"):
            raise ImageError(
                f"{path}: the scale is in {axis['units']}: reciprocal space, a diffraction pattern"
                " or Fourier transform; give the image itself"
            )
        if unit not in _ANGSTROM_PER:
            what = f"unit '{unit}'" if unit and unit != "<undefined>" else "no unit"
            return None, f"the scale has {what}"
        sizes.append(abs(float(axis.get("scale") or 0.0)) * _ANGSTROM_PER[unit])
    if not all(np.isfinite(size) and size > 0 for size in sizes):
        return None, "the scale is 0"
    if max(sizes) > _PRINT_ANGSTROM:
        return None, f"the scale, {max(sizes) * 1e-4:.3g} um per pixel, is that of a print"
    remark = ""
    if name == "MRC" and sizes == [1.0, 1.0]:
        remark = "a pixel of exactly 1 A is what programs write into an MRC that know no scale"
    return (sizes[0], sizes[1]), remark


def _imagej_scale(path: Path, remark: str) -> tuple[tuple[float, float] | None, str]:
    """ImageJ writes the unit into the description and pixels per unit into the resolution."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        unit = (file.imagej_metadata or {}).get("unit")
        page: Any = file.pages[0]
        tags = [page.tags.get(tag) for tag in ("XResolution", "YResolution")]
        if unit is None or not all(tag and tag.value[0] and tag.value[1] for tag in tags):
            return None, remark
        axes = [{"units": unit, "scale": t.value[1] / t.value[0]} for t in tags if t]
    return _scale(path, "TIFF", axes, {})


def _zero_grid(metadata: Any) -> bool:
    header = metadata.get("std_header", {}) if isinstance(metadata, dict) else {}
    return any(not np.any(header.get(key, 1)) for key in ("MX", "MY"))


def _npy(path: Path) -> RawImage:
    try:
        data = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ImageError(f"{path}: no array of numbers ({str(error)[:80]})") from None
    if data.dtype.kind not in "fiu" or data.ndim < 2:
        raise ImageError(
            f"{path}: {data.ndim} dimensions of {data.dtype}; expected a table of grey values"
        )
    if data.ndim == 3 and data.shape[-1] in {3, 4}:
        raise _colours(path)
    return RawImage(path.stem, data, None, "an npy file holds none", "{}")


def _png(path: Path) -> RawImage:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            if image.mode not in {"L", "I", "I;16", "I;16B"}:
                raise _colours(path)
            if image.width * image.height > MAX_PIXELS:
                raise too_large(path, (image.height, image.width))
            data = np.asarray(image)
            header = json.dumps(dict(image.info), default=str)
    except (OSError, UnidentifiedImageError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageError(f"{path}: damaged PNG ({str(error)[:80]})") from None
    return RawImage(path.stem, data, None, "a PNG holds none", header)


def too_large(path: Path, shape: tuple[int, ...]) -> ImageError:
    """The error for an image of more pixels than are analysed."""
    return ImageError(
        f"{path}: {' x '.join(map(str, shape))} pixels, at most {MAX_PIXELS / 1e6:.0f} million are"
        " read; crop it"
    )


def _colours(path: Path) -> ImageError:
    return ImageError(
        f"{path}: colours (RGB or palette), a screenshot or a figure: its grey values are no"
        " intensities; export the recorded image from the microscope's program"
    )
