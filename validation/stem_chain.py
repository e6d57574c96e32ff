"""Simulated images through the whole chain: detection, planting, inference of pairs.

    python validation/stem_chain.py images FOLDER [--fields 200] [--density 1.5] [--share 0.3]
                                                  [--clearance 0]
    python validation/stem_chain.py infer FOLDER
    python validation/stem_chain.py summary FOLDER

``images`` simulates fields, finds their atoms and plants others: a file each of what was there and
what was found (6 kB). ``infer`` adds the share of pairs, with the recall that planting gives for
each image, to FOLDER/answers.jsonl. Both leave alone what is there already, and share their work
with ``--part 0/2`` and ``--part 1/2``. Fe2N6 and FeN4 sites, turned at random, in 2 nm of amorphous
carbon, 80 kV, 30 mrad, 80 to 200 mrad, source of 0.8 A. Sites lie at random, as the inference
takes them to; with ``--clearance 1.5`` their atoms stay so far apart in space (angstrom), as those
of matter do: then there are fewer chance neighbours than at random.
"""

import argparse
import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import binomtest

from adatom import build_site, parse_site
from adatom.errors import ImageError
from adatom.readers.micrograph import Micrograph
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.carbon import amorphous_carbon
from adatom.stem.detection import FALSE_DISCOVERY_RATE, run_detection
from adatom.stem.microscope import PACKAGED
from adatom.stem.pair_inference import SeeingModel, infer_pairs
from adatom.stem.pair_result import CALLED
from adatom.stem.planting import plant
from adatom.stem.point_pattern import PointPattern
from adatom.stem.simulated import SimulatedMicrograph, simulate_micrograph
from adatom.stem.specimen import scatter_sites, site_patch
from adatom.stem.windows import Mask

DENSITIES = (0.5, 1.5, 3.0)
SHARES = (0.0, 0.3, 0.6, 0.9)
SIDE_A, PIXEL_A, THICKNESS_A, MARGIN_A = 120.0, 0.2, 20.0, 8.0
DOSE, JITTER_A = 5e4, 0.05
MATCH_A = 0.6
"""A detected atom is a true one within this distance."""


def simulate(
    density: float, share: float, seed: int, clearance_A: float = 0.0
) -> SimulatedMicrograph:
    """One field; numbers of pairs and atoms are Poisson: the share is that of the sample."""
    rng = np.random.default_rng([seed, round(1000 * density), round(1000 * share)])
    field = (SIDE_A, SIDE_A)
    atoms = density * ((SIDE_A + 2 * MARGIN_A) / 10.0) ** 2
    pair, single = (
        site_patch(build_site(parse_site(name))) for name in ("Fe2N6@graphene", "FeN4@graphene")
    )
    film = amorphous_carbon(field_A=field, thickness_A=THICKNESS_A, rng=rng, margin_A=MARGIN_A)
    made = scatter_sites(
        [(pair, rng.poisson(atoms * share / 2.0)), (single, rng.poisson(atoms * (1.0 - share)))],
        film, field_A=field, thickness_A=THICKNESS_A, rng=rng, margin_A=MARGIN_A,
        clearance_A=clearance_A,
    )  # fmt: skip
    return simulate_micrograph(
        made, packaged_atom_images(PACKAGED[0]), pixel_A=PIXEL_A, dose_e_A2=DOSE, rng=rng,
        row_jitter_rms_A=JITTER_A,
    )  # fmt: skip


def find_atoms(density: float, share: float, seed: int, clearance_A: float) -> dict[str, Any]:
    """Truth and what was found of one field, as arrays; a refusal is a result too."""
    started = time.perf_counter()
    image = simulate(density, share, seed, clearance_A)
    truth = image.specimen
    made: dict[str, Any] = {
        "density_per_nm2": density, "share": share, "seed": seed,
        "atoms": len(truth.positions_A), "share_in_field": truth.pair_fraction,
        "simulation_s": time.perf_counter() - started,
    }  # fmt: skip
    micrograph = Micrograph(
        Path(f"field-{seed}"), "simulated", "HAADF", image.intensity, PIXEL_A, "{}", ""
    )
    try:
        started = time.perf_counter()
        detection = run_detection(micrograph, seed=seed)
        found = detection.atoms
        made["detection_s"] = time.perf_counter() - started
        planted = plant(detection, seed=seed)
    except ImageError as error:
        return made | {"refused": str(error)}
    return made | matched(truth.positions_A, found.positions_angstrom) | {
        "positions_angstrom": found.positions_angstrom.astype(np.float32),
        "position_sd_angstrom": float(np.median(found.position_sd_angstrom)),
        "resolution_angstrom": planted.resolution_angstrom or found.resolution_angstrom,
        "planted_recall": planted.of_found(found),
        "window": np.packbits(found.window), "shape": found.window.shape,
    }  # fmt: skip


def infer(field: Mapping[str, Any]) -> dict[str, Any]:
    """Share of pairs of one field, with the recall from planting."""
    names = ("density_per_nm2", "share", "seed", "atoms", "share_in_field", "found", "recall",
             "precision", "refused")  # fmt: skip
    row: dict[str, Any] = {n: field[n].item() for n in names if n in field}
    if "refused" in row:
        return row
    rows, columns = field["shape"]
    window = np.unpackbits(field["window"])[: rows * columns].reshape(rows, columns) > 0
    pattern = PointPattern(
        field["positions_angstrom"], Mask(window, PIXEL_A), float(field["resolution_angstrom"]),
        "simulated", recall=field["planted_recall"],
        position_sd_angstrom=float(field["position_sd_angstrom"]),
    )  # fmt: skip
    row["planted_recall"] = pattern.mean_recall
    model = SeeingModel(false_fraction=FALSE_DISCOVERY_RATE)
    try:
        answer = infer_pairs([pattern], model, seed=row["seed"])
    except ImageError as error:
        return row | {"refused": str(error)}
    return row | {
        "pair_fraction": answer.share,
        "interval_95": list(answer.share_interval_95),
        "probability_no_pairs": answer.probability_no_pairs,
        "pair_distance_angstrom": float(np.median(answer.distance_angstrom)),
    }


def matched(true_A: np.ndarray, found_A: np.ndarray) -> dict[str, Any]:
    """Recall and precision, each atom matched once, nearest first."""
    pairs = cKDTree(true_A).sparse_distance_matrix(cKDTree(found_A), MATCH_A, output_type="ndarray")
    used_true: set[int] = set()
    used_found: set[int] = set()
    for entry in np.sort(pairs, order="v"):
        i, j = int(entry["i"]), int(entry["j"])
        if i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
    return {
        "found": len(found_A),
        "recall": len(used_true) / max(len(true_A), 1),
        "precision": len(used_found) / max(len(found_A), 1),
    }


def images(
    folder: Path, densities: list[float], shares: list[float], seeds: range, clearance_A: float
) -> None:
    """Fields of all settings in turn, so that an early stop leaves them even."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, density, share in itertools.product(seeds, densities, shares):
        path = folder / f"{density:g}-{share:g}-{seed}.npz"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            with unfinished.open("wb") as file:
                np.savez_compressed(file, **find_atoms(density, share, seed, clearance_A))
            unfinished.rename(path)


def infer_all(folder: Path, part: int, of: int) -> None:
    """Infer what has no line among the answers."""
    answers = folder / "answers.jsonl"
    done = {(r["density_per_nm2"], r["share"], r["seed"]) for r in read(answers)}
    for path in sorted(folder.glob("*.npz")):
        density, share, seed = path.stem.split("-")
        if int(seed) % of == part and (float(density), float(share), int(seed)) not in done:
            with np.load(path) as field:
                row = infer(field)
            with answers.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def read(results: Path) -> list[dict[str, Any]]:
    """Rows of a file of results; a line cut off by a kill is left out."""
    rows = []
    for line in results.read_text(encoding="utf-8").splitlines() if results.exists() else []:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def summary(results: Path) -> None:
    """A table: coverage of the share, calls of pairs, error, detection, a line a setting."""
    rows = read(results)
    print("| atoms/nm2 | true share | fields | refused | share in interval (95 % CI)"
          " | called paired | mean error (sd) | recall | precision |")  # fmt: skip
    print("|" + "---|" * 9)
    for density, share in sorted({(r["density_per_nm2"], r["share"]) for r in rows}):
        these = [r for r in rows if (r["density_per_nm2"], r["share"]) == (density, share)]
        good = [r for r in these if "interval_95" in r]
        if not good:
            continue
        inside = sum(r["interval_95"][0] <= share <= r["interval_95"][1] for r in good)
        low, high = binomtest(inside, len(good)).proportion_ci(0.95, "exact")
        called = np.mean([r["probability_no_pairs"] < CALLED for r in good])
        error = np.array([r["pair_fraction"] for r in good]) - share
        recall, precision = (np.mean([r[n] for r in good]) for n in ("recall", "precision"))
        print(
            f"| {density:g} | {share:g} | {len(these)} | {len(these) - len(good)} |"
            f" {100 * inside / len(good):.1f} % ({100 * low:.0f} to {100 * high:.0f}) |"
            f" {100 * called:.1f} % | {error.mean():+.3f} ({error.std():.3f}) |"
            f" {recall:.3f} | {precision:.3f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["images", "infer", "summary"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fields", type=int, default=200)
    parser.add_argument("--density", type=float, nargs="*", default=list(DENSITIES))
    parser.add_argument("--share", type=float, nargs="*", default=list(SHARES))
    parser.add_argument("--clearance", type=float, default=0.0)
    parser.add_argument("--part", default="0/1")
    given = parser.parse_args()
    part, of = map(int, given.part.split("/"))
    if given.verb == "images":
        images(
            given.folder, given.density, given.share, range(part, given.fields, of), given.clearance
        )
    elif given.verb == "infer":
        infer_all(given.folder, part, of)
    else:
        summary(given.folder / "answers.jsonl")
