"""A simulated dark-field image together with the truth about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.stem.atom_images import AtomImages
from adatom.stem.exposure import expose
from adatom.stem.linear_image import linear_image
from adatom.stem.specimen import Specimen


@dataclass(frozen=True)
class SimulatedMicrograph:
    """Counted electrons, and which metal atoms lie where."""

    intensity: np.ndarray
    """Electrons a pixel (rows, columns), read-only."""
    pixel_size_angstrom: float
    specimen: Specimen
    """Atoms, positions of the metal (x, y from the corner of the image) and their sites."""
    settings: Mapping[str, Any]
    """Microscope, dose, noise, method and versions."""

    @property
    def field_angstrom(self) -> tuple[float, float]:
        """Extent along x and y."""
        rows, columns = self.intensity.shape
        return columns * self.pixel_size_angstrom, rows * self.pixel_size_angstrom


def simulate_micrograph(
    specimen: Specimen,
    images: AtomImages,
    *,
    pixel_A: float,
    dose_e_A2: float,
    rng: np.random.Generator,
    row_jitter_rms_A: float = 0.0,
    vibration_rms_A: float = 0.08,
    fraction: np.ndarray | None = None,
) -> SimulatedMicrograph:
    """Image a specimen: the linear image, or ``fraction`` (rows, columns) from multislice.

    Raises :class:`~adatom.errors.ImageError` for settings that make no image.
    """
    method = "multislice" if fraction is not None else "sum of single-atom images"
    if fraction is None:
        fraction = linear_image(
            specimen.atoms, images, field_A=specimen.field_A, pixel_A=pixel_A,
            vibration_rms_A=vibration_rms_A,
        )  # fmt: skip
    counts = expose(
        fraction, pixel_A=pixel_A, dose_e_A2=dose_e_A2, rng=rng, row_jitter_rms_A=row_jitter_rms_A
    )
    counts.flags.writeable = False
    settings = {
        "method": method,
        "microscope": images.microscope.as_dict(),
        "dose_e_per_angstrom2": dose_e_A2,
        "row_jitter_rms_angstrom": row_jitter_rms_A,
        "vibration_rms_angstrom": vibration_rms_A,
        "single_atoms": dict(images.provenance),
    }
    return SimulatedMicrograph(counts, pixel_A, specimen, settings)
