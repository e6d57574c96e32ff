"""Distribution of metal-ligand distances along a trajectory, with block-average uncertainties."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms

from adatom.energies.dynamics import Trajectory
from adatom.errors import AdatomError
from adatom.sites.bonds import bonding_limit_A

BLOCKS = 10
"""Consecutive blocks whose scatter gives the uncertainties (Flyvbjerg and Petersen, J. Chem. Phys.
1989, 91, 461, 10.1063/1.457480)."""
LEAST_BLOCK_CORRELATION_TIMES = 5.0
"""Blocks shorter than so many correlation times are not independent, and it is said."""
BIN_A = 0.01
"""Width of the bins of the distribution, angstrom."""


@dataclass(frozen=True)
class Estimate:
    """A number and the standard error of its block average."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class DistanceDistribution:
    """How the bonds of one metal spread, equilibration left out."""

    label: str
    """Elements, and the number of the metal where there are several: ``Fe-N``, ``Fe2-N``."""
    bonds: int
    samples: int
    """Samples of each bond."""
    mean_A: Estimate
    width_A: Estimate
    """Standard deviation of all bonds pooled."""
    low_A: Estimate
    """2.5 % of the distances are shorter."""
    high_A: Estimate
    """97.5 % are shorter."""
    shortest_A: float
    longest_A: float
    """Extremes met; they grow with the length of the run."""
    bond_means_A: tuple[float, ...]
    """Mean of every bond: a spread among them is a distorted site, not thermal motion."""
    edges_A: np.ndarray
    """Edges of the bins, shape (bins + 1,), angstrom."""
    density_per_A: np.ndarray
    """First shell of the radial distribution as a density normalised to one, shape (bins,)."""
    correlation_time_fs: float
    """Integrated autocorrelation time of the mean distance."""
    broken_fraction: float
    """Share of distances beyond the bonding limit (1.3 of the sum of covalent radii)."""
    cautions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.edges_A.setflags(write=False)
        self.density_per_A.setflags(write=False)


@dataclass(frozen=True)
class DynamicsResult:
    """Distances and temperature of one trajectory."""

    subject: str
    trajectory: Trajectory
    discarded_ps: float
    distributions: tuple[DistanceDistribution, ...]
    temperature_K: Estimate
    temperature_sd_K: float
    """Fluctuation of the kinetic temperature; sqrt(2/3N) of its mean in equilibrium."""
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the names."""
        run, protocol = self.trajectory, self.trajectory.protocol
        return {
            "subject": self.subject,
            "engine": run.engine,
            "settings": run.settings,
            "versions": run.versions,
            "citations": list(run.citations),
            "thermostat": "Langevin, centre of mass free",
            "set_temperature_K": protocol.temperature_K,
            "timestep_fs": protocol.timestep_fs,
            "friction_per_ps": protocol.friction_per_ps,
            "seed": protocol.seed,
            "duration_ps": float(run.time_fs[-1]) / 1000.0,
            "discarded_ps": self.discarded_ps,
            "temperature_K": self.temperature_K.value,
            "temperature_standard_error_K": self.temperature_K.standard_error,
            "temperature_sd_K": self.temperature_sd_K,
            "distances": [_distribution_dict(d) for d in self.distributions],
            "notes": list(self.notes),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the distributions; returns the axes."""
        from adatom.plot.dynamics import plot_distances

        return plot_distances(self, ax)


def ligand_pairs(atoms: Atoms, ligand: str = "N") -> tuple[tuple[int, int], ...]:
    """Pairs (metal of ``atoms.info['metals']``, atom of element ``ligand``) that are bonded.

    Raises :class:`~adatom.errors.AdatomError` when there are none.
    """
    pairs = []
    for metal in atoms.info.get("metals", []):
        limit = bonding_limit_A(atoms.symbols[metal], ligand)
        distances = atoms.get_distances(metal, range(len(atoms)), mic=True)
        pairs += [
            (int(metal), i)
            for i in range(len(atoms))
            if atoms.symbols[i] == ligand and i != metal and distances[i] < limit
        ]
    if not pairs:
        raise AdatomError(
            f"{atoms.get_chemical_formula()}: no {ligand} is bonded to a metal of the site;"
            " name another --ligand"
        )
    return tuple(pairs)


def distance_distributions(
    trajectory: Trajectory, *, discard_ps: float, subject: str = ""
) -> DynamicsResult:
    """Statistics of every metal's bonds after the first ``discard_ps`` (equilibration).

    Raises :class:`~adatom.errors.AdatomError` when fewer than ten samples a block remain.
    """
    if not (np.isfinite(discard_ps) and discard_ps >= 0):
        raise AdatomError(f"dynamics: the discarded time must not be negative, got {discard_ps} ps")
    kept = trajectory.time_fs > discard_ps * 1000.0 + 1e-6
    if kept.sum() < 10 * BLOCKS:
        raise AdatomError(
            f"dynamics: {int(kept.sum())} samples remain after {discard_ps:g} ps are discarded;"
            f" {10 * BLOCKS} are needed: run longer or discard less"
        )
    interval_fs = float(trajectory.time_fs[1] - trajectory.time_fs[0])
    metals = sorted({metal for metal, _ in trajectory.pairs})
    distributions = []
    for number, metal in enumerate(metals, start=1):
        columns = [n for n, (m, _) in enumerate(trajectory.pairs) if m == metal]
        ligand = trajectory.symbols[trajectory.pairs[columns[0]][1]]
        symbol = trajectory.symbols[metal]
        limit = bonding_limit_A(symbol, ligand)
        same = [m for m in metals if trajectory.symbols[m] == symbol]
        label = f"{symbol}{number if len(same) > 1 else ''}-{ligand}"
        distances = trajectory.distances_A[kept][:, columns]
        distributions.append(_distribution(label, distances, interval_fs, limit))
    temperature = trajectory.temperature_K[kept]
    return DynamicsResult(
        subject=subject,
        trajectory=trajectory,
        discarded_ps=discard_ps,
        distributions=tuple(distributions),
        temperature_K=_estimate(temperature, np.mean),
        temperature_sd_K=float(temperature.std(ddof=1)),
        notes=tuple(f"{d.label}: {c}" for d in distributions for c in d.cautions),
    )


def correlation_time(series: np.ndarray) -> float:
    """Integrated autocorrelation time of a series, in samples; 0.5 for white noise.

    Summed to the window of Sokal (six times the estimate so far); ``series`` has shape (n,).
    """
    x = np.asarray(series, dtype=float) - np.mean(series)
    variance = float(x @ x)
    if variance == 0.0:
        return 0.5
    size = 1 << (2 * len(x) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(x, size)) ** 2
    rho = np.fft.irfft(spectrum, size)[: len(x)] / variance
    tau = 0.5
    for lag in range(1, len(x)):
        tau += float(rho[lag])
        if lag >= 6.0 * tau:
            break
    return max(tau, 0.5)


def _distribution(
    label: str, distances: np.ndarray, interval_fs: float, limit_A: float
) -> DistanceDistribution:
    tau_fs = correlation_time(distances.mean(axis=1)) * interval_fs
    block_fs = len(distances) // BLOCKS * interval_fs
    broken = float((distances > limit_A).mean())
    cautions = []
    if block_fs < LEAST_BLOCK_CORRELATION_TIMES * tau_fs:
        cautions.append(
            f"blocks of {block_fs:.0f} fs are shorter than {LEAST_BLOCK_CORRELATION_TIMES:g}"
            f" correlation times of {tau_fs:.0f} fs; standard errors are too small: run longer"
        )
    if broken:
        cautions.append(
            f"{broken:.1%} of the distances are beyond the bonding limit {limit_A:.2f} A"
        )
    low, high = float(distances.min()), float(distances.max())
    first = np.floor(low / BIN_A)
    edges = BIN_A * np.arange(first, np.floor(high / BIN_A) + 2)
    density, _ = np.histogram(distances, bins=edges, density=True)
    return DistanceDistribution(
        label=label,
        bonds=distances.shape[1],
        samples=len(distances),
        mean_A=_estimate(distances, np.mean),
        width_A=_estimate(distances, np.std),
        low_A=_estimate(distances, lambda d: np.percentile(d, 2.5)),
        high_A=_estimate(distances, lambda d: np.percentile(d, 97.5)),
        shortest_A=low,
        longest_A=high,
        bond_means_A=tuple(float(m) for m in distances.mean(axis=0)),
        edges_A=edges,
        density_per_A=density,
        correlation_time_fs=tau_fs,
        broken_fraction=broken,
        cautions=tuple(cautions),
    )


def _estimate(samples: np.ndarray, statistic: Any) -> Estimate:
    """The statistic of all samples; its standard error from the scatter of the blocks."""
    length = len(samples) // BLOCKS
    blocks = [statistic(samples[i * length : (i + 1) * length]) for i in range(BLOCKS)]
    error = float(np.std(blocks, ddof=1) / np.sqrt(BLOCKS))
    return Estimate(float(statistic(samples)), error)


def _distribution_dict(d: DistanceDistribution) -> dict[str, Any]:
    def both(name: str, estimate: Estimate) -> dict[str, float]:
        return {f"{name}_A": estimate.value, f"{name}_standard_error_A": estimate.standard_error}

    return {
        "label": d.label,
        "bonds": d.bonds,
        "samples": d.samples,
        **both("mean", d.mean_A),
        **both("width", d.width_A),
        **both("percentile_2.5", d.low_A),
        **both("percentile_97.5", d.high_A),
        "shortest_A": d.shortest_A,
        "longest_A": d.longest_A,
        "bond_means_A": list(d.bond_means_A),
        "correlation_time_fs": d.correlation_time_fs,
        "broken_fraction": d.broken_fraction,
        "edges_A": d.edges_A.round(6).tolist(),
        "density_per_A": d.density_per_A.tolist(),
        "cautions": list(d.cautions),
    }
