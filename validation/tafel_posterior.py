"""Posterior and window rule side by side on straight curves: errors and coverage.

Run as ``python validation/tafel_posterior.py 80``; the table of docs/figures-of-merit.md.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "electrochem"))

from test_tafel_posterior import laboratory_sweep

from adatom.electrochem.draws import draw_inputs
from adatom.electrochem.limited_sweep import analyse_limited
from adatom.electrochem.tafel_posterior import tafel_posterior

WAYS = ("posterior", "window")


def main(count: int) -> None:
    """Print one row a method."""
    rows: dict[str, list[tuple[float, bool, float]]] = {way: [] for way in WAYS}
    for seed in range(count):
        sweep, (slope, _, _), errors, area = laboratory_sweep(seed)
        rng = np.random.default_rng(seed)
        window = analyse_limited(sweep, draw_inputs(errors, rng), cathodic=True, rng=rng)
        posterior = tafel_posterior(
            window.drawn.potential_V_rhe[0], window.drawn.driven_mA_cm2[0],
            equilibrium_V_rhe=1.229, area_cm2=area, errors=errors, seed=seed,
        )  # fmt: skip
        figures = posterior.tafel_slope_mV_dec, window.tafel_slope_mV_dec
        for way, figure in zip(WAYS, figures, strict=True):
            low, high = figure.interval_95
            if figure.value is None or low is None or high is None:
                print(f"curve {seed}, {way}: {figure.reason}")
                continue
            rows[way].append((figure.value - slope, low <= slope <= high, high - low))
    for way, found in rows.items():
        error, inside, width = np.array(found, dtype=float).T
        print(
            f"{way}: {len(error)} curves, mean error {error.mean():.2f}, median absolute error"
            f" {np.median(np.abs(error)):.2f}, inside {100 * inside.mean():.1f} %,"
            f" median width {np.median(width):.2f} mV/dec"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 80)
