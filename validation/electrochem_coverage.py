"""Errors and coverage of the figures of merit on synthetic laboratory curves (docs/electrochem.md).

python validation/electrochem_coverage.py [--sets 500]
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "electrochem"))

from campaign import predicted_campaign, straight_campaign
from laboratory import predicted_truth

UNITS = {
    "limit": "mA/cm2", "half_wave": "V", "tafel": "mV/dec", "electrons": "", "peroxide": "%",
}  # fmt: skip


def main() -> None:
    """Print one row a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=500)
    count = parser.parse_args().sets
    print("curves | figure | without | bias | median error | median relative | sd | coverage")
    for kind, outcomes in (
        (f"{2 * count} straight", straight_campaign(2 * count, 1)),
        (f"{count} predicted", predicted_campaign(predicted_truth(count, 2), 2)),
    ):
        total = int(kind.split()[0])
        for name, found in outcomes.items():
            error = found.error
            print(
                f"{kind} | {name} {UNITS[name]} | {total - len(error)} | {error.mean():.4f} |"
                f" {np.median(np.abs(error)):.4f} |"
                f" {100 * np.median(np.abs(error) / np.abs(found.truth)):.2f} % |"
                f" {error.std():.4f} | {100 * found.coverage:.1f} %"
            )


if __name__ == "__main__":
    main()
