"""Does the evidence prefer the right model? Simulated spectra of pairs, single atoms, particles.

    python validation/exafs_models.py [--particles N] [--noise CHI ...] [--sample NAME ...]

chi(k) of all packaged FEFF paths (multiple scattering up to 4.5 A; sigma2 0.004 for N, 0.006 A^2
for C and metal, dE0 2 eV, S02 0.85), white noise at points 0.05 apart, k 3 to 13, R 1 to 3. The
models know only part of the paths and no sigma2. S02 is known as 0.85 +- 0.04. M-O models are
left out.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "xas"))

from exafs_simulated import S02, spectrum

from adatom.xas.evidence import compare_models
from adatom.xas.models import packaged_candidates

SAMPLES = {
    "pair": {"Fe2N6@graphene": 1.0},
    "single": {"FeN4@graphene": 1.0},
    "particles": {"FeN4@graphene": 0.9, "Fe foil": 0.1},
}
NOISE_CHI = (0.0003, 0.002, 0.01)


def main() -> None:
    """Print one row a spectrum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--particles", type=int, default=800)
    parser.add_argument("--noise", type=float, nargs="*", default=list(NOISE_CHI))
    parser.add_argument("--sample", nargs="*", default=list(SAMPLES))
    given = parser.parse_args()
    candidates = replace(packaged_candidates("Fe"), oxygen=None)
    print(
        "| sample | noise of chi | most probable model | log10 B metal-metal |"
        " log10 B pair over particles | N(M-M), 95 % | verdict | CPU / s |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for noise in given.noise:
        for name in given.sample:
            began = time.process_time()
            found = compare_models(
                spectrum(SAMPLES[name], noise, seed=1),
                candidates,
                s02=S02,
                s02_sd=0.04,
                particles=given.particles,
            )
            low, high = found.metal_metal_number[1]
            best = found.models[0]
            print(
                f"| {name} | {noise:g} | {best.model.name} ({best.probability:.2f}) |"
                f" {found.log10_bayes_factor_metal_metal:.1f} +-"
                f" {found.log10_bayes_factor_error:.1f} |"
                f" {found.log10_bayes_factor_pair_over_particles:.1f} | {low:.1f} to {high:.1f} |"
                f" {found.verdict} | {time.process_time() - began:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
