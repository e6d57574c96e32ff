"""What ``adatom stem`` does with images: atoms, their recall, pictures and profiles of doublets."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.errors import ImageError
from adatom.readers.micrograph import Micrograph, read_micrograph
from adatom.stem.detected import DetectedAtoms
from adatom.stem.detection import run_detection
from adatom.stem.pair_result import PairResult
from adatom.stem.planting import Recall, plant
from adatom.stem.point_pattern import PointPattern
from adatom.stem.profiles import DoubletFit, fit_doublet, line_profile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROFILES = 6
"""Of the most probable doublets."""


@dataclass(frozen=True)
class SeenImage:
    """One image with its atoms, and how many of planted ones were found again."""

    micrograph: Micrograph
    atoms: DetectedAtoms
    recall: Recall

    def pattern(self, resolution_angstrom: float | None) -> PointPattern:
        """The atoms for statistics; a given resolution in place of the one planted pairs have.

        What the fit leaves is searched again, which parts closer pairs than the first search does.
        """
        planted = self.recall.resolution_angstrom
        return self.atoms.point_pattern(
            self.recall.of_found(self.atoms),
            resolution_angstrom=planted if resolution_angstrom is None else resolution_angstrom,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        recall = self.recall
        return {
            **self.atoms.as_dict(),
            "planted": {
                "intensity": recall.intensity.tolist(),
                "planted": recall.planted.tolist(),
                "found": recall.found.tolist(),
                "found_share_interval_95": recall.interval_95().tolist(),
                "pair_distance_angstrom": recall.separation_angstrom.tolist(),
                "pairs_planted": recall.pairs_planted.tolist(),
                "pairs_found": recall.pairs_found.tolist(),
                "resolution_angstrom": recall.resolution_angstrom,
            },
        }


def see(
    path: Path,
    *,
    mask: np.ndarray | None,
    pixel_size_angstrom: float | None,
    image: str | None,
    frame: int | None,
    seed: int,
) -> SeenImage:
    """Read an image, find its atoms, and plant others to learn how many are found."""
    micrograph = read_micrograph(
        path, pixel_size_angstrom=pixel_size_angstrom, image=image, frame=frame
    )
    detection = run_detection(micrograph, mask=mask, seed=seed)
    if not len(detection.atoms):
        raise ImageError(f"{path}: no atoms found above the noise; take more dose, or a thinner"
                         " region")  # fmt: skip
    return SeenImage(micrograph, detection.atoms, plant(detection, seed=seed))


def picture(seen: SeenImage, result: PairResult, n: int) -> "Figure":
    """The image with its atoms coloured by the probability of being in a pair."""
    from matplotlib.figure import Figure

    from adatom.plot.stem import plot_micrograph

    found = result.as_dict()
    low, high = found["pair_fraction_interval_95"]
    figure = plot_micrograph(
        seen.micrograph.intensity,
        seen.atoms.positions_angstrom,
        result.inference.atom_probability[n],
        pixel_size_A=seen.micrograph.pixel_size_angstrom,
        statistics=(
            f"{len(seen.atoms)} atoms, {seen.atoms.density_per_nm2:.2f} nm$^{{-2}}$",
            f"in pairs {low:.2f} to {high:.2f} (95 %)",
        ),
    ).figure
    assert isinstance(figure, Figure)
    return figure


def profiles(seen: SeenImage, result: PairResult) -> "Figure | None":
    """Profiles across the doublets that are most probably pairs; None where none has two peaks."""
    from adatom.plot.stem import plot_profiles

    places = seen.atoms.positions_angstrom
    fits: list[DoubletFit] = []
    for doublet in result.as_dict()["doublets"]:
        if doublet["file"] != seen.atoms.source or len(fits) == PROFILES:
            continue
        first, second = (tuple(float(x) for x in places[i - 1]) for i in doublet["atoms"])
        try:
            line = line_profile(
                seen.micrograph.intensity, (first[0], first[1]), (second[0], second[1]),
                pixel_size_A=seen.micrograph.pixel_size_angstrom,
            )  # fmt: skip
            fits.append(fit_doublet(line))
        except ImageError:
            continue
    return plot_profiles(fits) if fits else None
