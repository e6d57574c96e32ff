"""The main job: free energies of sites -> polarization curves and figures of merit.

Nominal values come from the nominal energies; 95 % intervals from correlated draws of the
energies, of the attempt frequency and of a default site density through the whole chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.curves import PolarizationCurve, require_monotonic
from adatom.errors import CurveError
from adatom.kinetics.rate_control import degree_of_rate_control
from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.provenance import METHOD_CITATIONS, software_versions
from adatom.reactions.network import Network
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import (
    LimitingPotential,
    limiting_potential,
    limiting_potentials_V,
    path_step_energies_eV,
)
from adatom.transport.electrolytes import Electrolyte
from adatom.transport.rotating_disk import (
    disk_response,
    electron_number,
    limiting_current_density_mA_cm2,
    peroxide_yield_percent,
    ring_current_density_mA_cm2,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT_SITE_DENSITY_MOL_CM2 = 1.0e-8
"""Sites per geometric cm2 when none is given: 0.6 mg/cm2 of catalyst with 1 wt% metal
(1.1e-7 mol/cm2 of iron), a tenth of it reachable."""
DEFAULT_SITE_DENSITY_DECADES = 0.5
"""Standard deviation of log10 of that default; none when a density is given."""
DEFAULT_COLLECTION_EFFICIENCY = 0.37
"""Ring collection efficiency of a common ring-disk electrode; only the ring current needs it."""
SMALLEST_DRAWS = 40
"""Fewer leave no draw outside a 95 % interval on either side."""
POTENTIAL_STEP_V = 0.01
FLATNESS = 0.02
"""A plateau changes less than this, relative, over its last ``PLATEAU_SPAN_V``."""
PLATEAU_SPAN_V = 0.05
SMALLEST_CURRENT_FRACTION = 1e-3
"""Electron number and peroxide yield are ratios; below this share of j_L they mean nothing."""
TAFEL_WINDOW_FRACTION = (0.1, 0.8)
"""j/j_L between which the kinetic current is fitted where transport limits."""
TAFEL_MINIMUM_OVERPOTENTIAL_V = 0.05
"""Closer to equilibrium the back reaction is felt and a slope is no Tafel slope."""
TAFEL_WINDOW_MA_CM2 = (1.0, 10.0)
"""Current densities between which it is fitted elsewhere."""


@dataclass(frozen=True)
class Figure:
    """A figure of merit with its 95 % interval; an open side of the interval is None."""

    value: float | None
    interval_95: tuple[float | None, float | None]
    reason: str = ""
    """Why there is no value, or why a side of the interval is open."""


@dataclass(frozen=True)
class SitePrediction:
    """What is predicted for one site."""

    site: str
    energies: FreeEnergies
    limiting: LimitingPotential
    limiting_interval_V: tuple[float, float]
    half_wave_V_rhe: Figure
    """Potential at half the diffusion-limited current."""
    tafel_slope_mV_dec: Figure
    """Slope of potential against log10 of the kinetic current, positive."""
    tafel_window_mA_cm2: tuple[float, float]
    """Kinetic current densities between which the slope is taken."""
    overpotential_at_10_V: Figure
    """Overpotential at 10 mA/cm2; for reactions without a diffusion limit."""
    curve: PolarizationCurve
    peroxide_yield_percent: np.ndarray
    """(P,), NaN below a thousandth of the limiting current, or where the reaction makes none."""
    electron_number: np.ndarray
    """(P,)."""
    occupations: np.ndarray
    """(P, N) probability of each state of the site, without transport limits."""
    states: tuple[str, ...]
    rate_control: Mapping[str, float]
    """Degree of rate control of each step, at ``rate_control_V_rhe``."""
    rate_control_V_rhe: float
    closed_steps: tuple[str, ...]
    """Steps left out because an optional state has no energy."""

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the predicted curve on given axes (or new ones) and return them."""
        return self.curve.plot(ax)


@dataclass(frozen=True)
class Prediction:
    """Predictions for several sites under the same conditions."""

    network: Network
    electrolyte: Electrolyte
    results: tuple[SitePrediction, ...]
    conditions: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw all curves on given axes (or new ones) and return them."""
        from adatom.plot.curves import plot_curves

        return plot_curves([r.curve for r in self.results], ax)

    def _repr_html_(self) -> str:
        from adatom.report.tables import summary_frame

        return str(summary_frame(self).to_html(index=False))


def predict_curves(
    sites: Sequence[FreeEnergies],
    *,
    network: Network,
    electrolyte: Electrolyte,
    rotation_rpm: float = 1600.0,
    site_density_mol_cm2: float | None = None,
    collection_efficiency: float = DEFAULT_COLLECTION_EFFICIENCY,
    potentials_V_rhe: np.ndarray | None = None,
    draws: int = 200,
    seed: int = 0,
    rates: RateModel | None = None,
) -> Prediction:
    """Predict the polarization curve of every site.

    ``potentials_V_rhe`` (P,) must be monotonic; by default the network's window in 10 mV
    steps. ``draws`` correlated draws per site give the intervals. Memory: about
    50 P x draws bytes, one site at a time.
    Raises :class:`~adatom.errors.AdatomError` for impossible conditions.
    """
    density, spread = site_density_mol_cm2, 0.0
    if density is None:
        density, spread = DEFAULT_SITE_DENSITY_MOL_CM2, DEFAULT_SITE_DENSITY_DECADES
    if potentials_V_rhe is None:
        potentials_V_rhe = default_potentials_V(network)
    require_conditions(
        potentials_V_rhe,
        rotation_rpm=rotation_rpm,
        site_density_mol_cm2=density,
        collection_efficiency=collection_efficiency,
        draws=draws,
    )
    rates = rates or RateModel()
    job = _Job(network, electrolyte, rotation_rpm, density, spread, collection_efficiency,
               np.array(potentials_V_rhe, dtype=float), draws, seed, rates)  # fmt: skip
    results = tuple(job.predict(site) for site in sites)
    conditions = {
        "electrolyte": electrolyte.name,
        "pH": electrolyte.pH,
        "rotation_rpm": rotation_rpm if network.transported else None,
        "site_density_mol_cm2": density,
        "site_density_sd_decades": spread,
        "collection_efficiency": collection_efficiency if network.byproduct else None,
        "temperature_K": rates.temperature_K,
        "intrinsic_barrier_eV": rates.intrinsic_barrier_eV,
        "symmetry_factor": rates.symmetry_factor,
        "attempt_frequency_sd_decades": rates.attempt_sd_decades,
        "draws": draws,
        "seed": seed,
    }
    provenance = {
        "software": software_versions(),
        "conditions": conditions,
        "electrolyte_source": electrolyte.source,
        "network": {s.name: s.equation for s in network.steps},
        "site_density_source": "given"
        if spread == 0
        else "stated default: 0.6 mg/cm2 with 1 wt% metal, a tenth of it reachable; sd 0.5 decades",
        "interval_95": "correlated draws of the free energies and of the attempt frequency"
        f" (sd {rates.attempt_sd_decades:g} decades)"
        + (f" times the default site density (sd {spread:g} decades)" if spread else ""),
        "assumptions": [
            "isolated sites; one adsorbate position per state (the lowest)",
            "reactant protons and hydroxide are not transport limited",
            "no iR drop, no capacitive current",
        ],
        "citations": list(METHOD_CITATIONS),
    }
    return Prediction(network, electrolyte, results, conditions, provenance)


def require_conditions(
    potentials_V_rhe: np.ndarray,
    *,
    rotation_rpm: float,
    site_density_mol_cm2: float,
    collection_efficiency: float,
    draws: int,
) -> None:
    """Raise :class:`~adatom.errors.CurveError` for conditions that cannot be."""
    require_monotonic(potentials_V_rhe)
    for what, value, low, high in (
        ("rotation (rpm)", rotation_rpm, 1.0, 1e5),
        ("site density (mol/cm2)", site_density_mol_cm2, 1e-20, 1e-3),
        ("collection efficiency", collection_efficiency, 1e-6, 1.0),
    ):
        if not low <= value <= high:
            raise CurveError(f"{what} must lie between {low:g} and {high:g}, got {value:g}")
    if draws < SMALLEST_DRAWS:
        raise CurveError(
            f"at least {SMALLEST_DRAWS} draws are needed for a 95 % interval, got {draws}"
        )


def default_potentials_V(network: Network) -> np.ndarray:
    """The network's window in 10 mV steps, swept away from equilibrium."""
    low, high = network.potential_window_V_rhe
    count = round((high - low) / POTENTIAL_STEP_V) + 1
    grid = np.linspace(low, high, count)
    return grid[::-1].copy() if network.electrons > 0 else grid


@dataclass(frozen=True)
class _Job:
    network: Network
    electrolyte: Electrolyte
    rotation_rpm: float
    density: float
    density_decades: float
    collection: float
    potentials: np.ndarray
    draws: int
    seed: int
    rates: RateModel

    def predict(self, site: FreeEnergies) -> SitePrediction:
        """Nominal curve first, draws behind it, in one batch."""
        network = self.network.restricted(set(site.values_eV))
        closed = tuple(s.name for s in self.network.steps if s not in network.steps)
        compiled = compile_network(network, self.rates)
        nominal = state_energies(network, site.values_eV)
        energies = np.vstack([nominal, site.draws(network.states, self.draws, self.seed)])
        # Attempt frequency and site density only scale the kinetic current; the same draw
        # serves every site, so that sites stay comparable.
        decades = np.zeros(1 + self.draws)
        spread = np.hypot(self.density_decades, self.rates.attempt_sd_decades)
        decades[1:] = spread * np.random.default_rng([self.seed, 1]).standard_normal(self.draws)
        response = disk_response(
            compiled, energies, self.potentials, self.electrolyte,
            rotation_rpm=self.rotation_rpm, site_density_mol_cm2=self.density * 10.0**decades,
            byproduct=network.byproduct,
        )  # fmt: skip
        disk = response.current_density_mA_cm2
        ring = None
        n, peroxide = (np.full(self.potentials.size, np.nan) for _ in range(2))
        if network.byproduct:
            ring = ring_current_density_mA_cm2(response.byproduct_mol_cm2_s[0], self.collection)
            flows = np.abs(disk[0]) > SMALLEST_CURRENT_FRACTION * self._levich_limit()
            n = np.where(flows, electron_number(disk[0], ring, self.collection), np.nan)
            peroxide = peroxide_yield_percent(disk[0], ring, self.collection)
            peroxide = np.where(flows, peroxide, np.nan)
        curve = PolarizationCurve(
            label=site.label,
            potential_V_rhe=self.potentials.copy(),
            current_density_mA_cm2=disk[0].copy(),
            electrolyte=self.electrolyte.name,
            rotation_rpm=self.rotation_rpm if network.transported else None,
            ring_current_density_mA_cm2=ring,
            collection_efficiency=self.collection if ring is not None else None,
            interval_95_mA_cm2=(
                np.percentile(disk[1:], 2.5, axis=0),
                np.percentile(disk[1:], 97.5, axis=0),
            ),
        )
        path = network.paths[0]
        limits = limiting_potentials_V(path, path_step_energies_eV(path, network.states, energies))
        half_wave, tafel, eta10, window = self._figures(network, disk)
        at = half_wave.value
        if at is None and eta10.value is not None:
            at = path_equilibrium(network) - np.sign(path.electrons) * eta10.value
        if at is None:
            at = float(self.potentials[np.argmin(np.abs(self.potentials - limits[0]))])
        solutes = [self.electrolyte.solute(species) for species in network.transported]
        bulk = np.array([s.bulk_mol_cm3 / s.reference_mol_cm3 for s in solutes])
        control = degree_of_rate_control(compiled, nominal, at, activities=bulk)
        states = steady_states(compiled, nominal, self.potentials, activities=bulk)
        return SitePrediction(
            site=site.label,
            energies=site,
            limiting=limiting_potential(path, site.values_eV),
            limiting_interval_V=_percentiles(limits[1:]),
            half_wave_V_rhe=half_wave,
            tafel_slope_mV_dec=tafel,
            tafel_window_mA_cm2=window,
            overpotential_at_10_V=eta10,
            curve=curve,
            peroxide_yield_percent=peroxide,
            electron_number=n,
            occupations=states.occupations[0],
            states=network.states,
            rate_control={s.name: float(x) for s, x in zip(network.steps, control, strict=True)},
            rate_control_V_rhe=float(at),
            closed_steps=closed,
        )

    def _figures(
        self, network: Network, disk: np.ndarray
    ) -> tuple[Figure, Figure, Figure, tuple[float, float]]:
        """Half-wave potential, Tafel slope, overpotential at 10 mA/cm2, Tafel window."""
        sign = float(np.sign(network.electrons))
        # From the equilibrium side towards the driving side, currents in the driving direction.
        order = np.argsort(-sign * self.potentials)
        grid, driven = self.potentials[order], -sign * disk[:, order]
        span = f"{min(grid):.2f} to {max(grid):.2f} V"
        equilibrium = path_equilibrium(network)
        if network.transported:
            plateau = self._plateaus(grid, driven)
            no_plateau = f"no diffusion-limited plateau within {span}"
            half_wave = _figure(_crossings(grid, driven, 0.5 * plateau, log=False), no_plateau)
            eta10 = Figure(None, (None, None), "the reaction is diffusion limited")
            fractions = np.array(TAFEL_WINDOW_FRACTION)
            ends = [_crossings(grid, driven, f * plateau) for f in fractions]
            # j_k = j j_L / (j_L - j), as for a measured curve.
            low, high = fractions / (1.0 - fractions)
            reference = plateau[0] if np.isfinite(plateau[0]) else self._levich_limit()
            window = float(reference * low), float(reference * high)
        else:
            reason = "no dissolved reactant limits this reaction, so there is no plateau"
            half_wave = Figure(None, (None, None), reason)
            crossing = _crossings(grid, driven, np.full(len(driven), 10.0))
            eta10 = _figure(
                sign * (equilibrium - crossing), f"10 mA/cm2 is not reached within {span}"
            )
            window = low, high = TAFEL_WINDOW_MA_CM2
            ends = [_crossings(grid, driven, np.full(len(driven), level)) for level in window]
        with np.errstate(invalid="ignore"):
            slope = np.abs(ends[1] - ends[0]) / np.log10(high / low) * 1e3
            near = np.abs(ends[0] - equilibrium) < TAFEL_MINIMUM_OVERPOTENTIAL_V
        # Next to equilibrium the back reaction bends the curve: no Tafel slope there.
        slope[np.isinf(slope) | near] = np.nan
        reason = (
            f"the kinetic current does not pass {window[0]:.2g} to {window[1]:.2g} mA/cm2"
            f" within {span} at least {TAFEL_MINIMUM_OVERPOTENTIAL_V} V from equilibrium"
        )
        return half_wave, _figure(slope, reason), eta10, window

    def _levich_limit(self) -> float:
        return limiting_current_density_mA_cm2(self.electrolyte, self.rotation_rpm)

    def _plateaus(self, grid: np.ndarray, driven: np.ndarray) -> np.ndarray:
        """Diffusion-limited current of every curve, infinite where there is no flat plateau."""
        plateau = driven[:, -1]
        tail = np.abs(grid - grid[-1]) <= PLATEAU_SPAN_V + 1e-9
        change = np.abs(driven[:, tail].max(axis=1) - driven[:, tail].min(axis=1))
        # Less than half the two-electron limit is no diffusion plateau, however flat.
        flat = (change <= FLATNESS * plateau) & (plateau >= 0.25 * self._levich_limit())
        return np.where(flat, plateau, np.inf)


def path_equilibrium(network: Network) -> float:
    """Equilibrium potential of the network's overall reaction, V vs RHE."""
    return limiting_potential(
        network.paths[0], dict.fromkeys(network.states, 0.0)
    ).equilibrium_potential_V_rhe


def _crossings(
    grid: np.ndarray, currents: np.ndarray, levels: np.ndarray, *, log: bool = True
) -> np.ndarray:
    """Potential at which each curve (B, P) first reaches its level (B,).

    ``grid`` (P,) runs towards larger driving force. A curve that is beyond its level from the
    start crosses at an infinity on the start's side, one that never reaches it on the other.
    Interpolation is linear in log(current), or in the current itself.
    """
    outward = np.sign(grid[-1] - grid[0]) * np.inf
    above = currents >= levels[:, None]
    first = above.argmax(axis=1)
    result = np.where(above.any(axis=1), -outward, outward)
    rows = np.flatnonzero(above.any(axis=1) & (first > 0))
    k = first[rows]
    before, after, level = currents[rows, k - 1], currents[rows, k], levels[rows]
    share = (level - before) / (after - before)
    positive = (before > 0) & log
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithmic = np.log(level / before) / np.log(after / before)
    share = np.where(positive, logarithmic, share)
    result[rows] = grid[k - 1] + share * (grid[k] - grid[k - 1])
    return result


def _figure(values: np.ndarray, reason: str) -> Figure:
    """Nominal value first, draws behind it.

    Infinite draws lie beyond that end of the window and may open that side of the interval;
    undefined ones (NaN) open both once they are more than 2.5 % of the draws.
    """
    nominal, drawn = values[0], values[1:]
    undefined = np.isnan(drawn)
    low: float | None = None
    high: float | None = None
    if undefined.mean() <= 0.025:
        ends = np.percentile(drawn[~undefined], [2.5, 97.5], method="inverted_cdf")
        low, high = (float(x) if np.isfinite(x) else None for x in ends)
    share = 100.0 * float((~np.isfinite(drawn)).mean())
    text = reason if not np.isfinite(nominal) else ""
    if not text and (low is None or high is None):
        text = f"{share:.0f} % of the draws have none: {reason}"
    return Figure(float(nominal) if np.isfinite(nominal) else None, (low, high), text)


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
