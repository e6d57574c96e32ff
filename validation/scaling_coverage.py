"""How often the 95 % intervals of scaling lines hold the truth, by sites, errors and scatter.

Sites lie on a known line (slopes 1/4, 1/2, 3/4 and 1 in turn) over 2 eV, with errors in both axes
and an intrinsic scatter; a new site with the same errors is set against the prediction interval.

    python validation/scaling_coverage.py [--sets 2000]
"""

import argparse

import numpy as np

from adatom.errors import AdatomError
from adatom.thermo.lines import fit_line

SLOPES = (0.25, 0.5, 0.75, 1.0)
SITES = (3, 4, 5, 8, 20)
ERRORS = ((0.1, 0.1, 0.0), (0.2, 0.2, 0.8))
"""sd of x and y in eV, and their correlation."""
SCATTERS_EV = (0.0, 0.1, 0.3)


def held(
    sites: int, errors: tuple[float, float, float], scatter: float, sets: int, seed: int
) -> tuple[float, float, int]:
    """Share of slope and of prediction intervals that hold, and sets refused."""
    rng = np.random.default_rng(seed)
    sd_x, sd_y, correlation = errors
    shared = correlation * sd_x * sd_y
    slopes = predictions = refused = 0
    for i in range(sets):
        slope = SLOPES[i % len(SLOPES)]
        x = np.append(np.linspace(-1.0, 1.0, sites), rng.uniform(-1.0, 1.0))
        y = 0.3 + slope * x + scatter * rng.standard_normal(sites + 1)
        away = rng.multivariate_normal([0, 0], [[sd_x**2, shared], [shared, sd_y**2]], sites + 1)
        x, y = x + away[:, 0], y + away[:, 1]
        try:
            fit = fit_line(x[:-1], y[:-1], sd_x=sd_x, sd_y=sd_y, correlation=correlation)
        except AdatomError:
            refused += 1
            continue
        low, high = fit.slope_interval_95
        slopes += low <= slope <= high
        low, high = fit.prediction_interval_95(x[-1], sd_x=sd_x, sd_y=sd_y, correlation=correlation)
        predictions += low <= y[-1] <= high
    return slopes / (sets - refused), predictions / (sets - refused), refused


def main() -> None:
    """Print the table of docs/scaling.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=2000)
    sets = parser.parse_args().sets
    print("| sites | sd of x, y / eV (correlation) | scatter / eV | slope | prediction |")
    print("|---|---|---|---|---|")
    seed = 0
    for sites in SITES:
        for errors in ERRORS:
            for scatter in SCATTERS_EV:
                seed += 1
                slope, prediction, refused = held(sites, errors, scatter, sets, seed)
                note = f" ({refused} sets refused)" if refused else ""
                print(
                    f"| {sites} | {errors[0]}, {errors[1]} ({errors[2]}) | {scatter} |"
                    f" {100 * slope:.1f} % | {100 * prediction:.1f} %{note} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
