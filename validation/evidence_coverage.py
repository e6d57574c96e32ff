"""How often the intervals of the shares hold the truth, and how often sources are said to disagree.

    python validation/evidence_coverage.py [--count 1000] [--fixed 200] [--power 200]

Samples are simulated by code of its own (tests/evidence/simulated_samples.py). With shares drawn
from the prior the coverage must be 95 %; at fixed shares, limits included, it is what it is.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests" / "evidence"))
from simulated_samples import Wrong, draw_shares, write_sample

from adatom.evidence.assemble import assemble
from adatom.evidence.composition import KINDS
from adatom.evidence.contradictions import LEVEL
from adatom.evidence.posterior import posterior
from adatom.evidence.representative import face_values
from adatom.evidence.sample_file import read_sample_file
from adatom.evidence.tension import agreement

FIXED = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.5, 0.5, 0.0, 0.0),
    (0.4, 0.5, 0.05, 0.05),
    (0.3, 0.3, 0.2, 0.2),
    (0.1, 0.2, 0.1, 0.6),
)
CONTRADICTORY = (
    ("none, particles outside the fields allowed", {}, None),
    ("EXAFS N larger by 3", {"exafs_plus": 3.0}, None),
    ("EXAFS N a tenth", {"exafs_times": 0.1}, None),
    ("Mossbauer metallic area +40 %", {"mossbauer_plus": 0.4}, ["stem", "exafs", "mossbauer"]),
    ("density in the images 5 times ICP", {"density_times": 5.0}, ["stem", "exafs", "icp"]),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="samples drawn from the prior")
    parser.add_argument("--fixed", type=int, default=200, help="samples at each fixed composition")
    parser.add_argument("--power", type=int, default=200, help="samples for each contradiction")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("truth, samples, coverage of single atoms, pairs, clusters, particles; mean widths")
        _coverage(folder, "drawn from the prior", arguments.count, None, rng)
        for shares in FIXED:
            label = " ".join(f"{s:g}" for s in shares)
            _coverage(folder, label, arguments.fixed, shares, rng)
        print("what is wrong, samples, no common composition, outside the fields of view, either")
        _flags(folder, "nothing, images representative", arguments.power, {}, None, rng, True)
        for label, wrong, sources in CONTRADICTORY:
            _flags(folder, label, arguments.power, wrong, sources, rng, False)


def _coverage(folder, label, count, shares, rng):
    if not count:
        return
    held, widths = np.zeros((count, 4)), np.zeros((count, 4))
    for i in range(count):
        truth = draw_shares(rng) if shares is None else np.array(shares)
        known = assemble(read_sample_file(write_sample(folder, truth, rng)))
        found = posterior(known.sources)
        for j, kind in enumerate(KINDS):
            low, high = found.interval_95(kind)
            held[i, j], widths[i, j] = low <= truth[j] <= high, high - low
    cells = [f"{x:.3f}" for x in (*held.mean(axis=0), *widths.mean(axis=0))]
    print(", ".join((label, str(count), *cells)), flush=True)


def _flags(folder, label, count, wrong, sources, rng, representative):
    """Shares without clusters and particles, of which the images show all there is."""
    if not count:
        return
    common, outside, either = 0, 0, 0
    for _ in range(count):
        pairs = rng.uniform(0.2, 0.8)
        shares = np.array([1.0 - pairs, pairs, 0.0, 0.0])
        if not representative:
            shares = draw_shares(rng, (6, 6, 1, 1))
        path = write_sample(folder, shares, rng, sources=sources, wrong=Wrong(**wrong),
                            representative=representative)  # fmt: skip
        known = assemble(read_sample_file(path))
        agreed = agreement(known.sources, (1.0,) * 4)
        faces = face_values(known.stem, known.numbers)
        one = agreed.p_value < LEVEL
        other = min(f.p_value for f in faces) * len(faces) < LEVEL
        common, outside, either = common + one, outside + other, either + (one or other)
    print(f"{label}, {count}, {common / count:.3f}, {outside / count:.3f}, {either / count:.3f}",
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
