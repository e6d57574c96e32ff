"""Coverage, false calls and power of the inference of pairs: docs/stem-calibration.md.

python validation/stem_calibration.py run [FIELDS] [SHARE/OF]   simulate and infer, resumable
python validation/stem_calibration.py table                     write docs/stem-calibration.md
python validation/stem_calibration.py size ATOMS DENSITY SHARE [FIELDS]   coverage at one size
python validation/stem_calibration.py groups [FIELDS]           of trimers and clusters, 400 atoms

Fields of 100 to 1,000 atoms (log-uniform) are thrown by adatom.stem.random_fields, which shares no
code with the inference. Every field has its own seed; finished ones are read from
validation/stem_calibration.csv and left alone, so that a run can be stopped at any time. Two
processes take 'run 200 0/2' and 'run 200 1/2'.
"""

import csv
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.stats import beta

from adatom.errors import ImageError
from adatom.stem.group_shares import KINDS, infer_groups
from adatom.stem.pair_inference import SeeingModel, infer_pairs
from adatom.stem.pair_result import CALLED
from adatom.stem.point_pattern import PointPattern
from adatom.stem.random_fields import Population, throw_field
from adatom.stem.windows import Rectangle

RESULTS = Path(__file__).with_suffix(".csv")
DENSITIES_PER_NM2 = (0.5, 1.0, 2.0, 5.0)
SHARES = (0.0, 0.3, 0.6, 0.9)
RECALL, FALSE = 0.9, 0.02
DISTANCE_ANGSTROM, SPREAD_ANGSTROM, RESOLUTION_ANGSTROM = 2.4, 0.1, 1.5
ATOMS = (100, 1000)
MIXED: tuple[tuple[float, dict[str, float]], ...] = (
    (1.0, {"pair": 0.5}),
    (1.0, {"triangle": 0.6}),
    (1.0, {"pair": 0.3, "triangle": 0.3}),
    (2.0, {"pair": 0.2, "triangle": 0.2, "tetrahedron": 0.2}),
)
MIXED_ATOMS = 400
PAGE = Path(__file__).parents[1] / "docs" / "stem-calibration.md"
HEAD = (
    "# Calibration of the share of atoms in pairs",
    "",
    "Written by `python validation/stem_calibration.py table` from the results beside it;",
    "`... run 200` simulates and infers what is missing. Settings: [stem-pairs.md](stem-pairs.md).",
    "Brackets: 95 % binomial intervals, what this number of fields can tell. Width: of the 95 %",
    "interval of f. Called paired: probability of no pairs below 5 %; at f = 0 a false call, else",
    "the power, which the second table gives by number of atoms (and fields).",
    "",
)
COLUMNS = (
    "density_per_nm2", "share", "field", "atoms", "detected", "no_pairs", "median", "low", "high",
    "distance_low", "distance_high", "r_hat", "sweeps", "seconds",
)  # fmt: skip


def main(arguments: list[str]) -> None:
    """Run or tabulate."""
    if arguments[:1] == ["run"]:
        part, of = map(int, (arguments[2] if len(arguments) > 2 else "0/1").split("/"))
        run(int(arguments[1]) if len(arguments) > 1 else 200, part, of)
    elif arguments[:1] == ["size"] and len(arguments) in (4, 5):
        atoms, density, share, *fields = map(float, arguments[1:])
        at_one_size(round(atoms), density, share, round(fields[0]) if fields else 40)
    elif arguments[:1] == ["groups"]:
        of_groups(int(arguments[1]) if len(arguments) > 1 else 40)
    elif arguments == ["table"]:
        PAGE.write_text("\n".join([*HEAD, *table()]) + "\n")
    else:
        sys.exit(__doc__)


def run(fields: int, part: int, of: int) -> None:
    """Infer what is not yet among the results."""
    done = {(float(r["density_per_nm2"]), float(r["share"]), int(r["field"])) for r in results()}
    for number, (density, share) in itertools.product(
        range(part, fields, of), itertools.product(DENSITIES_PER_NM2, SHARES)
    ):
        if (density, share, number) not in done:
            row = one(density, share, number)
            new = not RESULTS.exists()
            with RESULTS.open("a", newline="") as file:
                writer = csv.writer(file)
                if new:
                    writer.writerow(COLUMNS)
                writer.writerow(row)


def at_one_size(atoms: int, density: float, share: float, fields: int) -> None:
    """Print coverage and mean error of the median of fields of so many atoms."""
    rows = [one(density, share, number, (atoms, atoms)) for number in range(fields)]
    median, low, high = np.array([r[6:9] for r in rows], float).T
    good = np.isfinite(median)
    covers = (low <= share) & (share <= high) & good
    error = median[good] - share
    print(
        f"{atoms} atoms, {density:g} per nm2, f = {share:g}: {covers.sum()} of {good.sum()}"
        f" intervals hold f, {fields - good.sum()} refused; mean error of f {error.mean():+.3f}"
        f" +- {error.std(ddof=1) / len(error) ** 0.5:.3f}"
    )


def of_groups(fields: int) -> None:
    """Print coverage of the shares of trimers and clusters, a line for each population."""
    print("| atoms/nm2 | share in | true | fields | interval holds it | mean error | mean width |")
    print("|" + "---|" * 7)
    for density, shares in MIXED:
        true = np.array([1.0 - sum(shares.values()), *(shares.get(k, 0.0) for k in [*KINDS][1:])])
        true = np.append(true, true[2:].sum())
        found = []
        for number in range(fields):
            random = np.random.default_rng([number, round(10 * density), *map(ord, str(shares))])
            side = 10.0 * np.sqrt(MIXED_ATOMS / density)
            window = Rectangle(side, side)
            population = Population(
                density, shares, DISTANCE_ANGSTROM, SPREAD_ANGSTROM,
                resolution_angstrom=RESOLUTION_ANGSTROM, recall=RECALL, false_fraction=FALSE,
            )  # fmt: skip
            spots = throw_field(window, population, random)
            pattern = PointPattern(spots, window, RESOLUTION_ANGSTROM, "simulated")
            try:
                pairs = infer_pairs([pattern], SeeingModel(recall=RECALL, false_fraction=FALSE))
            except ImageError:
                continue
            groups = infer_groups(pairs, seed=number).intervals()
            found.append(list(groups.values()))
        best, low, high = np.transpose(found, (2, 0, 1))
        held = (low <= true) & (true <= high)
        for n, name in enumerate([*KINDS.values(), "three or more"]):
            print(
                f"| {density:g} | {name} | {true[n]:g} | {len(found)} | {_share(held[:, n])} |"
                f" {(best[:, n] - true[n]).mean():+.3f} | {(high - low)[:, n].mean():.2f} |",
                flush=True,
            )


def one(density: float, share: float, number: int, sizes: tuple[int, int] = ATOMS) -> list[str]:
    """One simulated field, with from .. to atoms, and what is inferred from it."""
    random = np.random.default_rng([number, round(10 * density), round(10 * share)])
    atoms = round(np.exp(random.uniform(*np.log(sizes))))
    side = 10.0 * np.sqrt(atoms / density)
    window = Rectangle(side, side)
    population = Population(
        density, {"pair": share}, DISTANCE_ANGSTROM, SPREAD_ANGSTROM,
        resolution_angstrom=RESOLUTION_ANGSTROM, recall=RECALL, false_fraction=FALSE,
    )  # fmt: skip
    spots = throw_field(window, population, random)
    pattern = PointPattern(spots, window, RESOLUTION_ANGSTROM, "simulated")
    start = time.process_time()
    try:
        found = infer_pairs([pattern], SeeingModel(recall=RECALL, false_fraction=FALSE))
    except ImageError:
        return [
            f"{density:g}",
            f"{share:g}",
            str(number),
            str(atoms),
            str(len(spots)),
            *["nan"] * 9,
        ]
    numbers = (
        found.probability_no_pairs, found.share, *found.share_interval_95,
        *np.quantile(found.distance_angstrom, [0.025, 0.975]), found.r_hat, found.sweeps,
        time.process_time() - start,
    )  # fmt: skip
    head = (f"{density:g}", f"{share:g}", str(number), str(atoms), str(len(spots)))
    return [*head, *(f"{x:.5g}" for x in numbers)]


def results() -> Iterator[dict[str, str]]:
    """Rows of the file of results."""
    if RESULTS.exists():
        with RESULTS.open(newline="") as file:
            yield from csv.DictReader(file)


def table() -> Iterator[str]:
    """One row a setting, and power by number of atoms."""
    rows = np.array([[float(r[c]) for c in COLUMNS] for r in results()])
    yield ("| atoms/nm2 | true f | fields | converged | interval covers f (95 % CI) | median width"
          " | covers d0 | called paired | CPU s |")  # fmt: skip
    yield ("|---|---|---|---|---|---|---|---|---|")
    for density, share in itertools.product(DENSITIES_PER_NM2, SHARES):
        mine = rows[(rows[:, 0] == density) & (rows[:, 1] == share)]
        good = mine[np.isfinite(mine[:, 5])]
        if not len(good):
            continue
        covers = (good[:, 7] <= share) & (share <= good[:, 8])
        distance = (good[:, 9] <= DISTANCE_ANGSTROM + 1e-9) & (
            good[:, 10] >= DISTANCE_ANGSTROM - 1e-9
        )
        d0 = f"{100 * distance.mean():.1f} %" if share else "-"
        yield (
            f"| {density:g} | {share:g} | {len(mine)} | {100 * len(good) / len(mine):.0f} % |"
            f" {_share(covers)} | {np.median(good[:, 8] - good[:, 7]):.3f} | {d0} |"
            f" {_share(good[:, 5] < CALLED)} | {np.median(good[:, 13]):.1f} |"
        )
    yield ("\n| true f | atoms |" + "".join(f" {d:g} per nm2 |" for d in DENSITIES_PER_NM2))
    yield ("|---|---|" + "---|" * len(DENSITIES_PER_NM2))
    bounds = (100, 215, 464, 1001)
    for share, (low, high) in itertools.product(SHARES, itertools.pairwise(bounds)):
        cells = []
        for density in DENSITIES_PER_NM2:
            mine = rows[(rows[:, 0] == density) & (rows[:, 1] == share) & (rows[:, 3] >= low)
                        & (rows[:, 3] < high) & np.isfinite(rows[:, 5])]  # fmt: skip
            called = f"{100 * (mine[:, 5] < CALLED).mean():.0f} %" if len(mine) else "-"
            cells.append(f" {called} ({len(mine)}) |")
        yield (f"| {share:g} | {low} to {high - 1} |" + "".join(cells))


def _share(hits: np.ndarray) -> str:
    """Percentage with its exact binomial interval."""
    k, n = int(hits.sum()), len(hits)
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{100 * k / n:.1f} % ({100 * low:.0f} to {100 * high:.0f})"


if __name__ == "__main__":
    main(sys.argv[1:])
