"""One scanning transmission image: intensities, pixel size in angstrom, untouched header."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adatom.errors import ImageError
from adatom.readers.image_checks import inspect_intensities
from adatom.readers.image_files import MAX_PIXELS, RawImage, read_images, too_large

MAX_BYTES = 2_000_000_000
"""Larger files are refused unread."""
_CHUNK = 1 << 20
_SQUARE = 2e-3
"""Relative difference of the scales along x and y that is still a square pixel."""
_SAME_SCALE = 0.01
_DETECTOR = "HAADF"


@dataclass(frozen=True)
class Micrograph:
    """One greyscale image with its scale."""

    path: Path
    file_format: str
    title: str
    """Of the image in the file: the detector, where the format names it."""
    intensity: np.ndarray
    """(rows, columns), as recorded, any unit; read-only."""
    pixel_size_angstrom: float
    header: str
    """All metadata of the file, untouched, as JSON."""
    sha256: str
    """Of the file; empty for an array given in memory."""
    notes: tuple[str, ...] = ()
    """What a reader must know: clipped intensities, jumps between rows, a scale overruled."""

    def __post_init__(self) -> None:
        intensity = np.array(self.intensity, dtype=float)
        if intensity.ndim != 2:
            raise ImageError(f"{self.path}: {intensity.ndim} dimensions; an image has two")
        size = self.pixel_size_angstrom
        if not (np.isfinite(size) and size > 0):
            raise ImageError(f"{self.path}: a pixel of {size:g} A; it must be above 0")
        intensity.flags.writeable = False
        object.__setattr__(self, "intensity", intensity)

    @property
    def field_angstrom(self) -> tuple[float, float]:
        """Extent along x and y."""
        rows, columns = self.intensity.shape
        return columns * self.pixel_size_angstrom, rows * self.pixel_size_angstrom


def read_micrograph(
    path: Path,
    *,
    pixel_size_angstrom: float | None = None,
    image: str | None = None,
    frame: int | None = None,
) -> Micrograph:
    """Read and inspect one image.

    ``image`` names one of several in a file (HAADF is taken where one is named so), ``frame``
    counts from 1 in a stack. A file without scale needs ``pixel_size_angstrom``; where the file
    has another, the given one is used and the notes say so. Raises
    :class:`~adatom.errors.ImageError` for what cannot be used.
    """
    digest = _sha256(path)
    file_format, images = read_images(path)
    notes: list[str] = []
    chosen = _choose(path, images, image, notes)
    data = _frame(path, chosen, frame)
    size = _pixel_size(path, chosen, pixel_size_angstrom, notes)
    notes += inspect_intensities(str(path), data)
    return Micrograph(
        path, file_format, chosen.title, data, size, chosen.header, digest, tuple(notes)
    )


def _sha256(path: Path) -> str:
    if path.is_dir():
        raise ImageError(f"{path} is a folder; name the images in it")
    if not path.is_file():
        raise ImageError(f"{path} is no file; check the name")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ImageError(
            f"{path} has {size / 1e6:.0f} MB, at most {MAX_BYTES // 1_000_000} MB are read; export"
            " the one image from it"
        )
    if not size:
        raise ImageError(f"{path} is empty; export the image again")
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_CHUNK):
                digest.update(block)
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}") from None
    return digest.hexdigest()


def _choose(path: Path, images: list[RawImage], name: str | None, notes: list[str]) -> RawImage:
    real = [i for i in images if i.data.dtype.kind in "fiu"]
    if not real:
        raise ImageError(f"{path}: no image of real numbers in it, only spectra or complex maps")
    titles = [i.title for i in real]
    if name is not None:
        named = [i for i in real if i.title.lower() == name.lower()]
        if len(named) != 1:
            raise ImageError(
                f"{path}: {len(named)} images are named '{name}'; there are: {', '.join(titles)}"
            )
        return named[0]
    if len(real) == 1:
        return real[0]
    dark_field = [i for i in real if _DETECTOR in i.title.upper()]
    if len(dark_field) != 1:
        raise ImageError(
            f"{path}: {len(real)} images and {len(dark_field)} of them named {_DETECTOR}; name one:"
            f" {', '.join(titles)}"
        )
    notes.append(f"'{dark_field[0].title}' is taken of the images {', '.join(titles)}")
    return dark_field[0]


def _frame(path: Path, image: RawImage, frame: int | None) -> np.ndarray:
    data = image.data
    shape = tuple(n for n in data.shape if n > 1)
    shape = (1,) * (2 - len(shape)) + shape
    if len(shape) > 3:
        raise ImageError(
            f"{path}: {len(shape)} dimensions ({' x '.join(map(str, shape))}); an image has two, a"
            " stack of frames three"
        )
    data = data.reshape(shape)
    if len(shape) == 3:
        if frame is None:
            raise ImageError(
                f"{path}: '{image.title}' is a stack of {shape[0]} frames; name one: --frame 1 to"
                f" {shape[0]}; or align and add them first"
            )
        if not 1 <= frame <= shape[0]:
            raise ImageError(f"{path}: frame {frame} of a stack of {shape[0]}; count from 1")
        data = data[frame - 1]
    elif frame not in {None, 1}:
        raise ImageError(f"{path}: frame {frame} of a single image; leave the frame out")
    if data.shape[0] * data.shape[1] > MAX_PIXELS:
        raise too_large(path, data.shape)
    try:
        return np.asarray(data)
    except Exception as error:  # a lazily read file fails here, in another's parser
        raise ImageError(
            f"{path}: the file is damaged ({type(error).__name__}: {str(error)[:80]})"
        ) from None


def _pixel_size(path: Path, image: RawImage, given: float | None, notes: list[str]) -> float:
    if given is not None and not (np.isfinite(given) and given > 0):
        raise ImageError(f"{path}: a pixel size of {given:g} A; it must be above 0")
    written = image.pixel_size_angstrom
    if written is None:
        if given is None:
            raise ImageError(
                f"{path}: no scale in the file ({image.scale_remark}), so no distances; give the"
                " pixel size in angstrom (--pixel-size)"
            )
        return given
    x, y = written
    if given is not None:
        if abs(given / x - 1.0) > _SAME_SCALE:
            notes.append(
                f"the file says {x:.4g} A per pixel, {given:.4g} A was given and is used: all"
                f" distances are {given / x:.3g} times those of the file's scale"
            )
        return given
    if abs(x / y - 1.0) > _SQUARE:
        raise ImageError(
            f"{path}: a pixel is {x:.4g} x {y:.4g} A; resample the image to square pixels"
        )
    if image.scale_remark:
        notes.append(image.scale_remark)
    return (x * y) ** 0.5
