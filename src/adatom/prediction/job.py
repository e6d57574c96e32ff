"""One site under given conditions: energies and their draws through the whole chain."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adatom.curves import PolarizationCurve
from adatom.electrolytes import Electrolyte
from adatom.errors import NetworkError
from adatom.kinetics.cycles import Cycle, EnergeticSpan, energetic_span, net_cycles
from adatom.kinetics.products import product_turnovers
from adatom.kinetics.rate_control import degree_of_rate_control
from adatom.kinetics.rates import (
    CompiledNetwork,
    RateModel,
    compile_network,
    constants_at,
    require_barriers,
    state_energies,
    sums_of_parts,
)
from adatom.kinetics.sensitivities import sensitivities
from adatom.kinetics.steady_state import SteadyStates, steady_states
from adatom.levich import limiting_current_density_mA_cm2
from adatom.prediction.figures_of_merit import (
    CurveFigures,
    diffusion_limited_figures,
    kinetic_figures,
)
from adatom.prediction.results import SitePrediction
from adatom.prediction.selectivity import selectivity
from adatom.reactions.energy_names import is_lateral
from adatom.reactions.equation import change_of
from adatom.reactions.expansion import network_of
from adatom.reactions.mechanism import Mechanism, NamedPath
from adatom.reactions.network import Network, ReactionPath
from adatom.ring_disk import electron_number, peroxide_yield_percent
from adatom.thermo.best_path import best_path
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import (
    equation_equilibrium_V,
    limiting_potential,
    limiting_potentials_V,
    path_step_energies_eV,
)
from adatom.transport.rotating_disk import (
    DiskResponse,
    disk_response,
    ring_current_density_mA_cm2,
)
from adatom.units import FARADAY_C_MOL

POTENTIAL_STEP_V = 0.01
LARGEST_ACTIVITY = 1e4
"""No solution or gas holds more (bar, mol/L)."""
MOST_CYCLES = 8
"""Cycles of the net fluxes that are kept."""
PATH_DRAWS = 20
"""Draws whose own best paths are looked for, beside the nominal one, on several positions."""
SMALLEST_CURRENT_FRACTION = 1e-3
"""Electron number and peroxide yield are ratios; below this share of j_L they mean nothing."""
SMALLEST_KINETIC_SHARE = 0.01
"""Below it the surface is at equilibrium with what transport brings: the small net rate between two
large ones has slopes and orders of no meaning to a measurement."""


@dataclass(frozen=True)
class SiteJob:
    """One set of conditions, applied to one site after another."""

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
    activities: Mapping[str, float]
    """Of dissolved species that are not transported, as :func:`network_activities` gives them."""

    def predict(self, site: FreeEnergies) -> SitePrediction:
        """Nominal curve first, draws behind it, in one batch."""
        network = network_at(self.network, site)
        _require_interactions(network, site)
        kept = {s.rule for s in network.steps}
        whole = self.network.steps if len(site.positions) == 1 else self.network.mechanism.steps
        closed = tuple(s.name for s in whole if s.name not in kept)
        compiled = compiled_at(network, self.rates, self.electrolyte, self.activities)
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
        by_state = dict(zip(network.states, nominal.tolist(), strict=True))
        path, limits = self._limits(network, by_state, energies)
        figures = self._figures(network, energies, densities, disk)
        at = self._judged_potential(figures)
        activities = response.surface_activities[0]
        there, kinetic_share = self._surface(compiled, nominal, at)
        control = degree_of_rate_control(compiled, nominal, at, activities=there)
        states = steady_states(compiled, nominal, np.array([at]), activities=there)
        cycles, span = _cycles(network, compiled, nominal, states, at, there)
        selective = None
        if network.products and not network.transported:
            selective = selectivity(network, compiled, energies, self.potentials)
        occupations = np.vstack([
            steady_states(compiled, nominal, u, activities=a).occupations[0]
            for u, a in zip(self.potentials, activities, strict=True)
        ])  # fmt: skip
        return SitePrediction(
            site=site.label,
            energies=site,
            network=network,
            path=path,
            limiting=limiting_potential(path, by_state, pH=self.electrolyte.pH),
            limiting_interval_V=_percentiles(limits[1:]),
            paths={
                p.name: limiting_potential(p, by_state, pH=self.electrolyte.pH)
                for p in _paths_of(network, by_state, self.electrolyte.pH)
            },
            figures=figures,
            curve=curve,
            peroxide_yield_percent=_frozen(peroxide),
            electron_number=_frozen(n),
            turnover_Hz=self._turnovers(
                network, compiled, nominal, disk[0], response.byproduct_mol_cm2_s[0]
            ),
            occupations=_frozen(occupations),
            states=network.states,
            state_energies_eV={s: by_state[s] for s in network.states[1:]},
            selectivity=selective,
            cycles=cycles,
            span=span,
            sensitivities=sensitivities(compiled, nominal, at, activities=there)
            if kinetic_share >= SMALLEST_KINETIC_SHARE
            else None,
            rate_control=_by_rule(network, control),
            rate_control_V_rhe=at,
            occupations_there=dict(
                zip(network.states, states.occupations[0, 0].tolist(), strict=True)
            ),
            efficiencies_there=_efficiencies(network, states),
            kinetic_share=kinetic_share,
            closed_steps=closed,
        )

    def _limits(
        self, network: Network, by_state: Mapping[str, float], energies: np.ndarray
    ) -> tuple[ReactionPath, np.ndarray]:
        """The path that counts, and its limiting potential for every row of energies (B, N).

        On several positions each draw takes the easiest of the paths that are best for the
        nominal energies or for one of the first draws.
        """
        if len(network.positions) == 1:
            if not network.paths:
                raise NetworkError(
                    f"{network.name}: path '{network.mechanism.paths[0].name}' cannot be walked on"
                    " one position; give energies on two, or those that it needs"
                )
            (path, *_) = candidates = list(network.paths[:1])
        else:
            rows = [by_state] + [
                dict(zip(network.states, row.tolist(), strict=True))
                for row in energies[1 : 1 + PATH_DRAWS]
            ]
            best = [_best(network, row, self.electrolyte.pH) for row in rows]
            candidates = list({p.steps: p for p in best}.values())
            path = best[0]
        pH = self.electrolyte.pH
        limits = np.array([
            limiting_potentials_V(p, path_step_energies_eV(p, network.states, energies, pH=pH))
            for p in candidates
        ])  # fmt: skip
        return path, limits.max(axis=0) if network.electrons > 0 else limits.min(axis=0)

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
            compiled = compiled_at(network, self.rates, self.electrolyte, self.activities)
            disk = self._response(compiled, energies, grid, densities).current_density_mA_cm2
        cathodic, equilibrium = (
            network.electrons > 0,
            equation_equilibrium_V(network.mechanism.overall, pH=self.electrolyte.pH),
        )
        if not network.transported:
            return kinetic_figures(grid, disk, cathodic=cathodic, equilibrium_V_rhe=equilibrium)
        return diffusion_limited_figures(
            grid, disk, cathodic=cathodic, equilibrium_V_rhe=equilibrium,
            levich_limit_mA_cm2=self._levich_limit(),
        )  # fmt: skip

    def _judged_potential(self, figures: CurveFigures) -> float:
        """Where rate control is told: E_half, 10 mA/cm2, or half way into the window."""
        equilibrium = equation_equilibrium_V(self.network.mechanism.overall, pH=self.electrolyte.pH)
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

    def _turnovers(
        self, network: Network, compiled: CompiledNetwork, nominal: np.ndarray,
        disk: np.ndarray, release: np.ndarray,
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Turnovers per site and second: of every product, or along the path to it and aside.

        Where transport is solved for, currents tell the two apart.
        """
        if network.products and not network.transported:
            made = product_turnovers(network, steady_states(compiled, nominal, self.potentials))
            return {s: _frozen(made.turnover_Hz[0, :, k]) for k, s in enumerate(made.products)}
        electrons = -disk / (1e3 * FARADAY_C_MOL * self.density)
        main, *others = network.mechanism.paths
        aside = [
            p for p in others if network.byproduct and _change(p).get(network.byproduct, 0) > 0
        ]
        if not aside:
            return {main.name: _frozen(electrons / _electrons(main))}
        released = release / self.density
        rest = (electrons - _electrons(aside[0]) * released) / _electrons(main)
        return {main.name: _frozen(rest), aside[0].name: _frozen(released)}

    def _levich_limit(self) -> float:
        return levich_limit_mA_cm2(self.network, self.electrolyte, self.rotation_rpm)


def levich_limit_mA_cm2(network: Network, electrolyte: Electrolyte, rotation_rpm: float) -> float:
    """Magnitude of the current density that the transported reactant of a network allows."""
    change = change_of(network.mechanism.overall, "overall")
    reactant = next(s for s in network.transported if change.get(s, 0) < 0)
    return limiting_current_density_mA_cm2(
        electrolyte, rotation_rpm, species=reactant,
        electrons=abs(network.electrons) // -change[reactant],
    )  # fmt: skip


def _frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values)
    copy.flags.writeable = False
    return copy


def network_activities(mechanism: Mechanism, given: Mapping[str, float]) -> dict[str, float]:
    """Activities of the dissolved species that are not transported.

    Those given, else those that the mechanism's file states, else 1 (bar, mol/L). Raises
    :class:`~adatom.errors.NetworkError` for a species that takes no part or whose concentration
    follows from transport.
    """
    every = dict.fromkeys(s for step in mechanism.steps for s, _ in step.solution)
    free = [s for s in every if s not in mechanism.transported]
    for species, activity in given.items():
        if species not in free:
            raise NetworkError(
                f"{mechanism.name}: activity of '{species}' cannot be given; it has"
                f" {', '.join(free) or 'none that can'}"
            )
        if not 0 < activity <= LARGEST_ACTIVITY:
            raise NetworkError(
                f"activity of {species} must lie above 0 and up to {LARGEST_ACTIVITY:g} (bar,"
                f" mol/L), got {activity:g}"
            )
    stated = {**mechanism.activities, **given}
    return {s: stated.get(s, 1.0) for s in free}


def compiled_at(
    network: Network,
    rates: RateModel,
    electrolyte: Electrolyte,
    activities: Mapping[str, float] | None = None,
) -> CompiledNetwork:
    """A network compiled for an electrolyte's pH and activities of dissolved species.

    ``activities`` as :func:`network_activities` gives them, which is the default.
    """
    every = network_activities(network.mechanism, {}) if activities is None else activities
    here = {s: a for s, a in every.items() if s in network.dissolved}
    return compile_network(network, rates, activities=here, pH=electrolyte.pH)


def network_at(network: Network, site: FreeEnergies) -> Network:
    """The same mechanism on the positions of this site, with what it has energies for."""
    return network_of(network.mechanism, site.positions, known=site.values_eV)


def _require_interactions(network: Network, site: FreeEnergies) -> None:
    """Raise :class:`~adatom.errors.NetworkError` naming interactions that nobody has given."""
    for name in filter(is_lateral, site.values_eV):
        for part in name.split("+"):
            if part not in site.values_eV:
                raise NetworkError(
                    f"{site.label}: interaction {name} speaks of {part}, which has no energy"
                )
    lateral = [n for n in network.energy_names if is_lateral(n) and n not in site.values_eV]
    if lateral:
        shown = ", ".join(lateral[:4]) + (", ..." if len(lateral) > 4 else "")
        raise NetworkError(
            f"{site.label}: no interaction energies for {shown} ({len(lateral)} in all); give"
            " them as columns of the table, or say that they are zero with --lateral zero"
        )


def _best(network: Network, by_state: Mapping[str, float], pH: float) -> ReactionPath:
    mechanism = network.mechanism
    path = best_path(network, by_state, mechanism.overall, name="best path", pH=pH)
    if path is None:
        raise NetworkError(
            f"no path of '{mechanism.overall}' can be walked on the positions"
            f" {', '.join(network.positions)} with the energies given"
        )
    return path


def _paths_of(network: Network, by_state: Mapping[str, float], pH: float) -> list[ReactionPath]:
    """Named paths of a site with one position; of one with several, the best to each product."""
    if len(network.positions) == 1:
        return list(network.paths)
    found = [_best(network, by_state, pH)]
    for product in network.products:
        path = best_path(
            network, by_state, product.equation, name=f"best to {product.species}", pH=pH
        )
        found += [path] if path is not None else []
    return found


def _cycles(
    network: Network,
    compiled: CompiledNetwork,
    nominal: np.ndarray,
    states: SteadyStates,
    potential: float,
    activities: np.ndarray,
) -> tuple[tuple[Cycle, ...], EnergeticSpan | None]:
    """The largest cycles of a steady state, and the energetic span of the first."""
    cycles = tuple(net_cycles(network, states.net_fluxes_Hz[0, 0], most=MOST_CYCLES))
    if not cycles:
        return (), None
    constants = constants_at(compiled, nominal, potential, activities=activities)
    return cycles, energetic_span(network, compiled, cycles[0], constants)


def _efficiencies(network: Network, states: SteadyStates) -> dict[str, float] | None:
    """Faradaic efficiency of every product, where the network names any and none is transported."""
    if not network.products or network.transported:
        return None
    made = product_turnovers(network, states)
    return dict(zip(made.products, made.faradaic_efficiency[0, 0].tolist(), strict=True))


def _by_rule(network: Network, control: np.ndarray) -> dict[str, float]:
    """Rate control of elementary steps: the sum over where each happens."""
    total = dict.fromkeys((step.rule for step in network.steps), 0.0)
    for step, x in zip(network.steps, control, strict=True):
        total[step.rule] += float(x)
    return total


def _electrons(path: NamedPath) -> int:
    return -change_of(path.equation, path.name)["e-"]


def _change(path: NamedPath) -> dict[str, int]:
    return change_of(path.equation, path.name)


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
