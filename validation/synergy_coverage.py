"""How often the interval of S holds the truth, from measured sweeps to the verdict.

    python validation/synergy_coverage.py [--count 250]

Laboratories of known S with their own area, resistance, noise and drift, each with one reference
electrode; loadings and metal contents are off by draws of the stated errors.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests" / "evidence"))
from synergy_laboratory import AT, laboratory

from adatom.evidence.synergy import compare


def main() -> None:
    """Print one row for each S."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=250, help="laboratories for each S")
    count = parser.parse_args().count
    rng = np.random.default_rng(0)
    print(
        "S, interval holds it, mean of ln(S found / S), its standard error,"
        " helps, hurts, cannot tell"
    )
    with tempfile.TemporaryDirectory() as folder:
        for synergy in (0.5, 1.0, 2.0, 5.0):
            held, values, verdicts = [], [], []
            for _ in range(count):
                pair, *singles = laboratory(Path(folder), synergy, rng)
                found = compare(pair, singles, at_V_rhe=AT, draws=2000)
                low, high = found.synergy.interval_95
                held.append(low < synergy < high)
                values.append(np.log(found.synergy.value / synergy))
                verdicts.append(found.verdict)
            shares = [f"{np.mean([v == w for v in verdicts]):.3f}"
                      for w in ("helps", "hurts", "cannot tell")]  # fmt: skip
            print(f"{synergy}, {np.mean(held):.3f}, {np.mean(values):+.4f},"
                  f" {np.std(values) / np.sqrt(count):.4f}, {', '.join(shares)}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
