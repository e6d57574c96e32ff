"""Simulated images through the whole chain: detection, planting, inference of pairs.

    python validation/stem_chain.py run RESULTS.jsonl [--fields 200] [--density 1.5] [--share 0.3]
    python validation/stem_chain.py summary RESULTS.jsonl

The inference is made twice: with the recall that planting gives for each image, and with the one
that a plan expects. One line a field is added to the file; fields that are in it are not computed
again. Fe2N6 and FeN4 sites, turned at random, in 2 nm of amorphous carbon, 80 kV, 30 mrad, 80 to
200 mrad, source of 0.8 A.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from adatom import build_site, parse_site
from adatom.errors import ImageError
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.carbon import CARBON_PER_A3, amorphous_carbon
from adatom.stem.microscope import PACKAGED
from adatom.stem.pair_result import CALLED
from adatom.stem.simulated import SimulatedMicrograph, simulate_micrograph
from adatom.stem.specimen import scatter_sites, site_patch
from adatom.stem.visibility import Support, visibility

DENSITIES = (0.5, 1.5, 3.0)
SHARES = (0.0, 0.3, 0.6, 0.9)
SIDE_A, PIXEL_A, THICKNESS_A, MARGIN_A = 120.0, 0.2, 20.0, 8.0
DOSE, JITTER_A = 5e4, 0.05
MATCH_A = 0.6
"""A detected atom is a true one within this distance."""


def simulate(density: float, share: float, seed: int) -> SimulatedMicrograph:
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
    )  # fmt: skip
    return simulate_micrograph(
        made, packaged_atom_images(PACKAGED[0]), pixel_A=PIXEL_A, dose_e_A2=DOSE, rng=rng,
        row_jitter_rms_A=JITTER_A,
    )  # fmt: skip


def one_field(density: float, share: float, seed: int) -> dict[str, Any]:
    """Truth and result of one field; a refusal is a result too."""
    from adatom.readers.micrograph import Micrograph
    from adatom.stem.detection import FALSE_DISCOVERY_RATE, run_detection
    from adatom.stem.pair_inference import SeeingModel, infer_pairs
    from adatom.stem.planting import plant

    started = time.perf_counter()
    image = simulate(density, share, seed)
    truth = image.specimen
    row: dict[str, Any] = {
        "density_per_nm2": density, "share": share, "seed": seed,
        "atoms": len(truth.positions_A), "share_in_field": truth.pair_fraction,
        "simulation_s": time.perf_counter() - started,
    }  # fmt: skip
    micrograph = Micrograph(
        Path(f"field-{seed}"), "simulated", "HAADF", image.intensity, PIXEL_A, "{}", ""
    )
    expected = visibility(
        "Fe", packaged_atom_images(PACKAGED[0]), Support("C", CARBON_PER_A3 * THICKNESS_A),
        dose_e_A2=DOSE, pixel_A=PIXEL_A, density_per_nm2=density,
    ).recall  # fmt: skip
    try:
        detection = run_detection(micrograph, seed=seed)
        found = detection.atoms
        row["detection_s"] = time.perf_counter() - started - row["simulation_s"]
        row |= matched(truth.positions_A, found.positions_angstrom)
        row["resolution_angstrom"] = found.resolution_angstrom
        planted = plant(detection, seed=seed)
        recall = planted.of_found(found)
        row["planted_recall"] = float(len(found) / (1.0 / recall).sum())
        row["planted_resolution_angstrom"] = planted.resolution_angstrom
        for name, known in (("planted", recall), ("expected", np.full(len(found), expected))):
            answer = infer_pairs(
                [found.point_pattern(known)],
                SeeingModel(false_fraction=FALSE_DISCOVERY_RATE), seed=seed,
            )  # fmt: skip
            row[name] = {
                "pair_fraction": answer.share,
                "interval_95": list(answer.share_interval_95),
                "probability_no_pairs": answer.probability_no_pairs,
                "pair_distance_angstrom": float(np.median(answer.distance_angstrom)),
            }
    except ImageError as error:
        row["refused"] = str(error)
    row["seconds"] = time.perf_counter() - started
    return row


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


def run(results: Path, densities: list[float], shares: list[float], fields: int) -> None:
    """Fields of all settings in turn, so that an early stop leaves them even."""
    done = {(r["density_per_nm2"], r["share"], r["seed"]) for r in read(results)}
    for seed in range(fields):
        for density in densities:
            for share in shares:
                if (density, share, seed) not in done:
                    row = one_field(density, share, seed)
                    with results.open("a", encoding="utf-8") as file:
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
    """One line a setting and source of recall: coverage, calls of pairs, bias, detection."""
    rows = read(results)
    print(
        "density share recall   fields refused | coverage called | f mean    sd | recall precision"
    )
    for density, share in sorted({(r["density_per_nm2"], r["share"]) for r in rows}):
        these = [r for r in rows if (r["density_per_nm2"], r["share"]) == (density, share)]
        for source in ("planted", "expected"):
            good = [r for r in these if source in r]
            line = (
                f"{density:7g} {share:5g} {source} {len(these):6d} {len(these) - len(good):7d} | "
            )
            if good:
                found = [r[source] for r in good]
                inside = [f["interval_95"][0] <= share <= f["interval_95"][1] for f in found]
                called = [f["probability_no_pairs"] < CALLED for f in found]
                f = [f["pair_fraction"] for f in found]
                line += f"{np.mean(inside):8.3f} {np.mean(called):6.3f} | "
                line += f"{np.mean(f):6.3f} {np.std(f):5.3f} | "
                line += f"{np.mean([r['recall'] for r in good]):6.3f} "
                line += f"{np.mean([r['precision'] for r in good]):9.3f}"
            print(line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["run", "summary"])
    parser.add_argument("results", type=Path)
    parser.add_argument("--fields", type=int, default=200)
    parser.add_argument("--density", type=float, nargs="*", default=list(DENSITIES))
    parser.add_argument("--share", type=float, nargs="*", default=list(SHARES))
    given = parser.parse_args()
    if given.verb == "run":
        run(given.results, given.density, given.share, given.fields)
    summary(given.results)
