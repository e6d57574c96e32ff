"""Detection against human labels: python validation/stem_labels.py [RATE]

Reads below ADATOM_DATA (default ../shared/data) stem/*_HAADF_*.tif with *_Results.csv (Pt on
N-doped carbon; Mitchell et al., J. Am. Chem. Soc. 2022, 144, 8018, doi:10.1021/jacs.1c12466) and
stem/Ptporph*.tif with Ptporph*.csv (Pt porphyrin, without a scale: a pixel of 0.2 A is assumed).
One setting for all; RATE is the false discovery rate, 0.01. Prints, for matches one to one within
3 and within 6 pixels: precision, recall, F1; then what bounds them:

- ceiling: F1 within 3 pixels if exactly the labelled atoms were found, each at the brightest
  point beside its label: the share of labels with a maximum of the smoothed image within 3 pixels.
- contrast: mean brightness at the labels in standard deviations of the image (both
  without what is wider than an atom), with its standard error. Labels of no contrast mark nothing
  that an image shows.
"""

import os
import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter
from scipy.optimize import linear_sum_assignment

from adatom.readers.micrograph import read_micrograph
from adatom.stem.detection import FALSE_DISCOVERY_RATE, detect_atoms

NEAR, WIDE = 3.0, 6.0
SMOOTH, BACKGROUND = 3.0, 10.0
ASSUMED_PIXEL_ANGSTROM = 0.2


def labels_of(image: Path) -> np.ndarray:
    """Clicks (N, 2), x and y in pixels."""
    name = image.stem.split("_")[0]
    table = image.with_name(f"{name}_Results.csv")
    if not table.exists():
        table = image.with_suffix(".csv")
    return np.genfromtxt(table, delimiter=",", skip_header=1)[:, -2:]


def matched(found: np.ndarray, true: np.ndarray, reach: float) -> int:
    """Greatest number of matches one to one within reach."""
    if not len(found) or not len(true):
        return 0
    distance = np.hypot(*(found[:, None] - true[None]).transpose(2, 0, 1))
    i, j = linear_sum_assignment(distance > reach)
    return int((distance[i, j] <= reach).sum())


def ceiling(flat: np.ndarray, labels: np.ndarray) -> float:
    """Share of labels that have a maximum of their own within NEAR pixels."""
    maxima = np.argwhere((maximum_filter(flat, size=int(4 * SMOOTH) | 1) == flat) & (flat > 0.0))
    return matched(maxima[:, ::-1], labels, NEAR) / len(labels)


def main(folder: Path, rate: float = FALSE_DISCOVERY_RATE) -> None:
    """Print the table."""
    print("| image | labels | atoms | per nm2 | precision, recall, F1 within 3 px | within 6 px |"
          " ceiling | contrast |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    scores = []
    for path in [*sorted(folder.glob("*_HAADF_*.tif")), *sorted(folder.glob("Ptporph*.tif"))]:
        scaled = "_HAADF_" in path.name
        size = None if scaled else ASSUMED_PIXEL_ANGSTROM
        image = read_micrograph(path, pixel_size_angstrom=size)
        labels, atoms = labels_of(path), detect_atoms(image, false_discovery_rate=rate)
        found = atoms.positions_angstrom / image.pixel_size_angstrom - 0.5
        smooth = gaussian_filter(image.intensity, SMOOTH)
        flat = smooth - gaussian_filter(image.intensity, BACKGROUND)
        column, row = labels.astype(int).T
        contrast = flat[row, column].mean() / flat.std()
        most = ceiling(flat, labels)
        hits = np.array([matched(found, labels, reach) for reach in (NEAR, WIDE)])
        f1 = 2 * hits / (len(found) + len(labels))
        if scaled:
            scores.append([*f1, most])
        area = atoms.window.sum() * image.pixel_size_angstrom**2 / 100.0
        cells = [
            f"{k / len(found):.2f}, {k / len(labels):.2f}, {f:.2f}"
            for k, f in zip(hits, f1, strict=True)
        ]
        print(
            f"| {path.stem.split('_')[0]} | {len(labels)} | {len(found)} |"
            f" {f'{len(found) / area:.2f}' if scaled else '-'} | {cells[0]} | {cells[1]} |"
            f" {most:.2f} | {contrast:.2f} +- {len(labels) ** -0.5:.2f} |"
        )
    near, wide, most = np.mean(scores, axis=0)
    print(f"| mean with a scale | | | | F1 {near:.2f} | F1 {wide:.2f} | {most:.2f} | |")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(Path(os.environ.get("ADATOM_DATA", "../shared/data")) / "stem", *map(float, sys.argv[1:]))
