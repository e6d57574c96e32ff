"""The main job: free energies of sites -> polarization curves and figures of merit.

Nominal values come from the nominal energies; 95 % intervals from correlated draws of the
energies, of the attempt frequency and of a default site density through the whole chain.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from adatom.curves import require_monotonic
from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError, ElectrolyteError
from adatom.kinetics.rates import (
    RateModel,
)
from adatom.prediction.job import POTENTIAL_STEP_V, SiteJob, network_activities
from adatom.prediction.results import Prediction
from adatom.provenance import METHOD_CITATIONS, software_versions
from adatom.reactions.network import Network
from adatom.thermo.free_energies import FreeEnergies
from adatom.units import ROOM_TEMPERATURE_K

DEFAULT_SITE_DENSITY_MOL_CM2 = 1.0e-8
"""Sites per geometric cm2 when none is given: 0.6 mg/cm2 of catalyst with 1 wt% metal
(1.1e-7 mol/cm2 of iron), a tenth of it reachable."""
DEFAULT_SITE_DENSITY_DECADES = 0.5
"""Standard deviation of log10 of that default; none when a density is given."""
DEFAULT_COLLECTION_EFFICIENCY = 0.37
"""Ring collection efficiency of a common ring-disk electrode; only the ring current needs it."""
SMALLEST_DRAWS = 40
"""Fewer leave no draw outside a 95 % interval on either side."""
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
    activities: Mapping[str, float] | None = None,
) -> Prediction:
    """Predict the polarization curve of every site.

    ``potentials_V_rhe`` (P,) must be monotonic; by default the network's window in 10 mV
    steps. ``activities`` of dissolved species that are not transported (bar, mol/L) are 1 unless
    given; ions are corrected for the electrolyte's pH. ``draws`` correlated draws per site give
    the intervals. Memory: about
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
    job = SiteJob(
        network, electrolyte, rotation_rpm, density, spread, collection_efficiency,
        np.array(potentials_V_rhe, dtype=float), draws, seed, rates,
        network_activities(network.mechanism, activities or {}),
    )  # fmt: skip
    results = tuple(job.predict(site) for site in sites)
    happening = {step.rule for r in results for step in r.network.steps}
    conditions = {
        "electrolyte": electrolyte.name,
        "pH": electrolyte.pH,
        "rotation_rpm": rotation_rpm if network.transported else None,
        "site_density_mol_cm2": density,
        "site_density_sd_decades": spread,
        "collection_efficiency": collection_efficiency if network.byproduct else None,
        "temperature_K": ROOM_TEMPERATURE_K,
        "rate_law": rates.law,
        "exchange_rate_Hz": rates.exchange_rate_Hz,
        "intrinsic_barrier_eV": rates.intrinsic_barrier_eV,
        "symmetry_factor": rates.symmetry_factor,
        "attempt_frequency_span_decades": rates.attempt_span_decades,
        "activities": dict(job.activities),
        "draws": draws,
        "seed": seed,
    }
    provenance = {
        "software": software_versions(),
        "conditions": conditions,
        "electrolyte_source": electrolyte.source,
        "network": {s.name: s.equation for s in network.mechanism.steps},
        "network_source": network.mechanism.source,
        "barriers_eV": {
            s.name: rates.step_barriers_eV.get(
                s.name, s.bep_intercept_eV if s.barrier_eV is None else s.barrier_eV
            )
            for s in network.mechanism.steps
            if s.name in happening
            and (s.electrons == 0 or s.barrier_eV is not None or s.name in rates.step_barriers_eV)
        },
        "site_density_source": "given"
        if spread == 0
        else "stated default: 0.6 mg/cm2 with 1 wt% metal, a tenth of it reachable; sd 0.5 decades",
        "interval_95": "correlated draws of the free energies and of the attempt frequency"
        f" (up to {rates.attempt_span_decades:g} decades below k_B T / h)"
        + (f" times the default site density (sd {spread:g} decades)" if spread else ""),
        "assumptions": [
            "isolated sites; "
            + (
                "one adsorbate position per state (the lowest)"
                if all(len(s.positions) == 1 for s in sites)
                else "states of every position of the site, and of two that are neighbours"
            ),
            "reactant protons and hydroxide are not transport limited",
            "no iR drop, no capacitive current",
            "25 C; on the RHE scale pH changes transport data and the energies of ions only; HO2-"
            " counts as H2O2 (0.08 eV at pH 13)",
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
