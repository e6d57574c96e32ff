"""Samples of known shares and what would be measured on them, written as sample files.

Code of its own: it draws atoms, fields, particles and spectra one by one from the physics that the
documentation states, and uses nothing of the inference.
"""

import json
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, truncnorm

AVOGADRO, IRON_G_MOL = 6.02214076e23, 55.845


@dataclass(frozen=True)
class Wrong:
    """What is not as the inference believes it to be."""

    exafs_times: float = 1.0
    exafs_plus: float = 0.0
    mossbauer_plus: float = 0.0
    density_times: float = 1.0


def draw_shares(rng, parameters=(1, 1, 1, 1)):
    return rng.dirichlet(parameters)


def write_sample(folder, shares, rng, *, sources=None, wrong=None, representative=False):
    """Write sample.toml (and stem.json) into ``folder``; returns its path.

    ``representative`` fields hold what they should hold on average, and no wrong share of it.
    """
    single, pairs, clusters, particles = shares
    wrong = wrong or Wrong()
    sources = sources or _some(rng)
    text = ['[sample]\nname = "simulated"\nmetal = "Fe"\n']
    fields = int(rng.integers(1, 7))
    atoms_each = int(rng.integers(40, 200))
    if "stem" in sources or "icp" in sources:
        dispersed = single + pairs
        fraction = pairs / dispersed if dispersed > 0 else 0.5
        seen = _images(fraction, clusters / dispersed, particles / dispersed, fields, atoms_each,
                       rng, representative)  # fmt: skip
        (folder / "stem.json").write_text(json.dumps(seen["json"]))
        text.append(
            f'[stem]\nfile = "stem.json"\nfields = {fields}\nclusters = {seen["clusters"]}\n'
            f"particles = {seen['particles']}\n"
        )
    if "exafs" in sources:
        sd = rng.uniform(0.1, 0.5)
        amplitude = (1 - rng.uniform(0, 0.3)) * rng.normal(1, 0.1)
        number = pairs + clusters * rng.uniform(2, 5) + particles * rng.uniform(8, 12)
        fitted = rng.normal(amplitude * number * wrong.exafs_times + wrong.exafs_plus, sd)
        # Posterior of a coordination number that cannot be negative.
        ends = truncnorm.ppf([0.5, 0.025, 0.975], -fitted / sd, np.inf, fitted, sd)
        text.append("[exafs]\ncoordination_number = [{:.5f}, {:.5f}, {:.5f}]\n".format(*ends))
    if "mossbauer" in sources:
        recoil, hidden = np.exp(rng.normal(0, 0.2)), rng.uniform(0, 0.3)
        doublet = (
            single
            + pairs
            + clusters * (as_doublet := rng.uniform())
            + (recoil * particles * hidden)
        )
        metallic = recoil * particles * (1 - hidden) + clusters * (1 - as_doublet)
        sd = rng.uniform(1, 5)
        area = 100 * metallic / (doublet + metallic) + 100 * wrong.mossbauer_plus
        area = float(np.clip(rng.normal(area, sd), 0, 100))
        text.append(
            f"[mossbauer]\nareas_percent = {{ D1 = {0.6 * (100 - area):.4f},"
            f" D2 = {0.4 * (100 - area):.4f}, sextet = {area:.4f} }}\n"
            "areas_sd_percent = { D1 = 0.0, D2 = 0.0, sextet = "
            f"{sd * 100 / max(100 - area, 1):.4f} }}\n"
        )
    if "xps" in sources:
        escape, cluster = rng.uniform(0.2, 0.8), rng.uniform()
        signal = single + pairs + clusters + escape * particles
        value = (escape * particles + cluster * clusters) / signal
        sd = rng.uniform(0.02, 0.1)
        value = float(np.clip(rng.normal(value, sd), 0, 1))
        low, high = max(value - 1.96 * sd, 0), min(value + 1.96 * sd, 1)
        text.append(f"[xps]\nmetallic_share = [{value:.5f}, {low:.5f}, {high:.5f}]\n")
    if "icp" in sources:
        percent, mass = rng.uniform(0.5, 3), rng.uniform(1, 5)
        total = 1e-3 * mass * 0.01 * percent / IRON_G_MOL * AVOGADRO * 1e-18
        seen_density = total * (single + pairs) * rng.uniform(0.7, 1) * wrong.density_times
        # Loading, support of each field, and the count of atoms.
        seen_density *= np.exp(rng.normal(0, 0.05) + rng.normal(0, 0.3 / np.sqrt(fields)))
        seen_density *= np.exp(rng.normal(0, 1 / np.sqrt(fields * atoms_each)))
        text.append(
            f"[icp]\nmetal_wt_percent = {percent:.5f}\nmetal_relative_sd = 0.05\n"
            f"areal_mass_mg_m2 = {mass:.5f}\n"
        )
        at = next(i for i, part in enumerate(text) if part.startswith("[stem]"))
        text[at] += f"density_per_nm2 = {seen_density:.8f}\n"
    path = folder / "sample.toml"
    path.write_text("".join(text))
    return path


def _some(rng):
    """STEM and EXAFS always; the others as laboratories have them."""
    others = [s for s in ("mossbauer", "xps", "icp") if rng.random() < 0.4]
    return ["stem", "exafs", *others]


def _images(fraction, cluster_ratio, particle_ratio, fields, atoms_each, rng, representative):
    """Fields with pair fractions and particles of their own, counted one by one."""
    rho = 0.02
    local, counts = [], {"clusters": 0, "particles": 0}
    sizes = {
        "clusters": np.exp(rng.uniform(np.log(3), np.log(50))),
        "particles": np.exp(rng.uniform(np.log(50), np.log(5000))),
    }
    k = 1 / rho - 1
    for _ in range(fields):
        inside = 0 < fraction < 1
        local.append(rng.beta(fraction * k, (1 - fraction) * k) if inside else fraction)
        for kind, ratio in (("clusters", cluster_ratio), ("particles", particle_ratio)):
            mean = atoms_each * ratio / sizes[kind]
            counts[kind] += rng.poisson(mean if representative else mean * rng.gamma(1.0))
    # As well known as from this many atoms of known kind: neighbours by chance cost the rest.
    known = max(int(0.3 * fields * atoms_each), 20)
    paired = rng.binomial(known, np.mean(local))
    after = beta(paired + 1, known - paired + 1)
    low, value, high = after.ppf([0.025, 0.5, 0.975])
    result = {
        "atoms": fields * atoms_each,
        "density_per_nm2": 1.0,
        "pair_fraction": value,
        "pair_fraction_interval_95": [low, high],
        "pair_fraction_posterior": list(after.ppf((np.arange(200) + 0.5) / 200)),
    }
    return {"json": result, **counts}
