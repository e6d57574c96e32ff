"""The main job: free energies of sites -> polarization curves and figures of merit.

Nominal values come from the nominal energies; 95 % intervals from correlated draws of the
energies, of the attempt frequency and of a default site density through the whole chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adatom.curves import PolarizationCurve, require_monotonic
from adatom.errors import CurveError, ElectrolyteError
from adatom.figures_of_merit import (
    CurveFigures,
    diffusion_limited_figures,
    kinetic_figures,
)
from adatom.kinetics.rate_control import degree_of_rate_control
from adatom.kinetics.rates import (
    CompiledNetwork,
    RateModel,
    compile_network,
    require_barriers,
    state_energies,
    sums_of_parts,
)
from adatom.kinetics.steady_state import steady_states
from adatom.prediction.results import Prediction, SitePrediction
from adatom.provenance import METHOD_CITATIONS, software_versions
from adatom.reactions.expansion import restricted
from adatom.reactions.network import Network
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import (
    limiting_potential,
    limiting_potentials_V,
    path_step_energies_eV,
)
from adatom.transport.electrolytes import Electrolyte
from adatom.transport.rotating_disk import (
    DiskResponse,
    disk_response,
    electron_number,
    limiting_current_density_mA_cm2,
    peroxide_yield_percent,
    ring_current_density_mA_cm2,
)
from adatom.units import FARADAY_C_MOL, ROOM_TEMPERATURE_K

if TYPE_CHECKING:
    pass

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
SMALLEST_CURRENT_FRACTION = 1e-3
"""Electron number and peroxide yield are ratios; below this share of j_L they mean nothing."""
LARGEST_POTENTIAL_V = 5.0
"""No electrode in water goes farther; millivolts do."""


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
    _require_bulk(network, electrolyte)
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
        "temperature_K": ROOM_TEMPERATURE_K,
        "intrinsic_barrier_eV": rates.intrinsic_barrier_eV,
        "symmetry_factor": rates.symmetry_factor,
        "attempt_frequency_span_decades": rates.attempt_span_decades,
        "draws": draws,
        "seed": seed,
    }
    provenance = {
        "software": software_versions(),
        "conditions": conditions,
        "electrolyte_source": electrolyte.source,
        "network": {s.name: s.equation for s in network.steps},
        "network_source": network.mechanism.source,
        "barriers_eV": {
            s.name: rates.step_barriers_eV.get(s.name, s.barrier_eV)
            for s in network.steps
            if s.barrier_eV is not None or s.name in rates.step_barriers_eV
        }
        | {s.name: s.bep_intercept_eV for s in network.steps if s.electrons == 0},
        "site_density_source": "given"
        if spread == 0
        else "stated default: 0.6 mg/cm2 with 1 wt% metal, a tenth of it reachable; sd 0.5 decades",
        "interval_95": "correlated draws of the free energies and of the attempt frequency"
        f" (up to {rates.attempt_span_decades:g} decades below k_B T / h)"
        + (f" times the default site density (sd {spread:g} decades)" if spread else ""),
        "assumptions": [
            "isolated sites; one adsorbate position per state (the lowest)",
            "reactant protons and hydroxide are not transport limited",
            "no iR drop, no capacitive current",
            "25 C; on the RHE scale pH changes nothing but the transport data, and HO2- counts as"
            " H2O2 (0.08 eV at pH 13)",
            *(
                []
                if network.transported
                else ["kinetic currents only: no electrode carries those far beyond 100 mA/cm2"]
            ),
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
    farthest = float(np.max(np.abs(potentials_V_rhe)))
    if farthest > LARGEST_POTENTIAL_V:
        raise CurveError(
            f"potentials must lie within {LARGEST_POTENTIAL_V:g} V of the RHE, got {farthest:g} V;"
            " in mV?"
        )
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


def _require_bulk(network: Network, electrolyte: Electrolyte) -> None:
    for species in network.transported:
        bulk = electrolyte.solute(species).bulk_mol_cm3
        if species == network.byproduct and bulk > 0:
            raise ElectrolyteError(
                f"{electrolyte.name}: {species} in the bulk would reach the ring too, so electron"
                " number and yield would mean nothing; set its bulk_mol_cm3 to 0"
            )
        if species != network.byproduct and bulk == 0:
            raise ElectrolyteError(
                f"{electrolyte.name}: {network.name} needs {species}, its bulk_mol_cm3 is 0"
                " (a dissolved product? name it as byproduct in the network)"
            )


def default_potentials_V(network: Network) -> np.ndarray:
    """The network's window in 10 mV steps, swept away from equilibrium."""
    low, high = network.mechanism.potential_window_V_rhe
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
        network = restricted(self.network, site.values_eV)
        kept = {s.rule for s in network.steps}
        closed = tuple(s.name for s in self.network.mechanism.steps if s.name not in kept)
        compiled = compile_network(network, self.rates)
        nominal = state_energies(network, site.values_eV)
        require_barriers(compiled, nominal)
        drawn = site.draws(network.energy_names, self.draws, self.seed) @ sums_of_parts(network).T
        energies = np.vstack([nominal, drawn])
        densities = self.density * 10.0 ** self._decades()
        response = self._response(compiled, energies, self.potentials, densities)
        disk = response.current_density_mA_cm2
        ring = None
        n, peroxide = (np.full(self.potentials.size, np.nan) for _ in range(2))
        if network.byproduct:
            ring = ring_current_density_mA_cm2(response.byproduct_mol_cm2_s[0], self.collection)
            flows = np.abs(disk[0]) > SMALLEST_CURRENT_FRACTION * self._levich_limit()
            flows &= ring >= 0  # net consumption of the byproduct is no yield
            n = np.where(flows, electron_number(disk[0], ring, self.collection), np.nan)
            peroxide = peroxide_yield_percent(disk[0], ring, self.collection)
            peroxide = np.where(flows, peroxide, np.nan)
        interval = (np.percentile(disk[1:], 2.5, axis=0), np.percentile(disk[1:], 97.5, axis=0))
        curve = PolarizationCurve(
            label=site.label,
            potential_V_rhe=self.potentials,
            current_density_mA_cm2=disk[0],
            electrolyte=self.electrolyte.name,
            rotation_rpm=self.rotation_rpm if network.transported else None,
            ring_current_density_mA_cm2=ring,
            collection_efficiency=self.collection if ring is not None else None,
            interval_95_mA_cm2=interval,
            provenance={"energies": site.source.as_dict()},
        )
        path = network.paths[0]
        limits = limiting_potentials_V(path, path_step_energies_eV(path, network.states, energies))
        figures = self._figures(network, energies, densities, disk)
        at = self._judged_potential(figures)
        activities = response.surface_activities[0]
        there, kinetic_share = self._surface(compiled, nominal, at)
        control = degree_of_rate_control(compiled, nominal, at, activities=there)
        occupations = np.vstack([
            steady_states(compiled, nominal, u, activities=a).occupations[0]
            for u, a in zip(self.potentials, activities, strict=True)
        ])  # fmt: skip
        return SitePrediction(
            site=site.label,
            energies=site,
            limiting=limiting_potential(path, site.values_eV),
            limiting_interval_V=_percentiles(limits[1:]),
            paths={
                p.name: limiting_potential(p, site.values_eV)
                for p in network.paths
                if {s.end for s in p.steps} <= set(network.states)
            },
            figures=figures,
            curve=curve,
            peroxide_yield_percent=_frozen(peroxide),
            electron_number=_frozen(n),
            turnover_Hz=self._turnovers(disk[0], response.byproduct_mol_cm2_s[0]),
            occupations=_frozen(occupations),
            states=network.states,
            rate_control={s.name: float(x) for s, x in zip(network.steps, control, strict=True)},
            rate_control_V_rhe=at,
            kinetic_share=kinetic_share,
            closed_steps=closed,
        )

    def _decades(self) -> np.ndarray:
        """log10 of what scales the kinetic current of each draw; 0 for the nominal curve.

        Attempt frequency and site density act alike; the same draws serve every site.
        """
        rng = np.random.default_rng([self.seed, 1])
        decades = np.zeros(1 + self.draws)
        decades[1:] = -self.rates.attempt_span_decades * rng.random(self.draws)
        decades[1:] += self.density_decades * rng.standard_normal(self.draws)
        return decades

    def _response(
        self,
        compiled: CompiledNetwork,
        energies: np.ndarray,
        potentials: np.ndarray,
        densities: np.ndarray | float,
    ) -> DiskResponse:
        return disk_response(
            compiled, energies, potentials, self.electrolyte, rotation_rpm=self.rotation_rpm,
            site_density_mol_cm2=densities, byproduct=self.network.byproduct,
        )  # fmt: skip

    def _figures(
        self, network: Network, energies: np.ndarray, densities: np.ndarray, disk: np.ndarray
    ) -> CurveFigures:
        """Figures of merit; on a grid of 10 mV where the given potentials are coarser."""
        grid = self.potentials
        count = round(float(np.ptp(grid)) / POTENTIAL_STEP_V) + 1
        if np.abs(np.diff(grid)).max() > 1.5 * POTENTIAL_STEP_V:
            grid = np.linspace(grid[0], grid[-1], count)
            compiled = compile_network(network, self.rates)
            disk = self._response(compiled, energies, grid, densities).current_density_mA_cm2
        cathodic, equilibrium = network.electrons > 0, path_equilibrium(network)
        if not network.transported:
            return kinetic_figures(grid, disk, cathodic=cathodic, equilibrium_V_rhe=equilibrium)
        return diffusion_limited_figures(
            grid, disk, cathodic=cathodic, equilibrium_V_rhe=equilibrium,
            levich_limit_mA_cm2=self._levich_limit(),
        )  # fmt: skip

    def _judged_potential(self, figures: CurveFigures) -> float:
        """Where rate control is told: E_half, 10 mA/cm2, or half way into the window."""
        equilibrium = path_equilibrium(self.network)
        sign = float(np.sign(self.network.electrons))
        if figures.half_wave_V_rhe.value is not None:
            return figures.half_wave_V_rhe.value
        if figures.overpotential_at_10_V.value is not None:
            return equilibrium - sign * figures.overpotential_at_10_V.value
        driving = self.potentials.min() if sign > 0 else self.potentials.max()
        return float(0.5 * (equilibrium + driving))

    def _surface(
        self, compiled: CompiledNetwork, nominal: np.ndarray, potential: float
    ) -> tuple[np.ndarray, float]:
        """Surface activities (T,), and the share of kinetics in the disk current."""
        step = 1e-4
        densities = self.density * np.array([1.0, 1.0 + step, 1.0 - step])
        batch, grid = np.tile(nominal, (3, 1)), np.array([potential])
        response = self._response(compiled, batch, grid, densities)
        current = response.current_density_mA_cm2[:, 0]
        # All rate constants together act on the current as the number of sites does.
        share = (current[1] - current[2]) / (2.0 * step * current[0]) if current[0] else np.nan
        return response.surface_activities[0, 0], float(share)

    def _turnovers(self, disk: np.ndarray, release: np.ndarray) -> dict[str, np.ndarray]:
        """Turnovers per site and second along the main path, and along that to the byproduct."""
        electrons = -disk / (1e3 * FARADAY_C_MOL * self.density)
        main = self.network.paths[0]
        side = next(
            (p for p in self.network.paths[1:] if p.change(self.network.byproduct) > 0), None
        )
        if side is None:
            return {main.name: _frozen(electrons / main.electrons)}
        aside = release / self.density
        rest = (electrons - side.electrons * aside) / main.electrons
        return {main.name: _frozen(rest), side.name: _frozen(aside)}

    def _levich_limit(self) -> float:
        main = self.network.paths[0]
        reactant = next(s for s in self.network.transported if main.change(s) < 0)
        return limiting_current_density_mA_cm2(
            self.electrolyte, self.rotation_rpm, species=reactant, electrons=abs(main.electrons)
        )


def _frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values)
    copy.flags.writeable = False
    return copy


def path_equilibrium(network: Network) -> float:
    """Equilibrium potential of the network's overall reaction, V vs RHE."""
    return limiting_potential(
        network.paths[0], dict.fromkeys(network.states, 0.0)
    ).equilibrium_potential_V_rhe


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
