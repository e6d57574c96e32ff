"""A prediction as plain data: JSON for other tools."""

import math
from typing import Any

import numpy as np

from adatom.prediction.results import Prediction, SitePrediction


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    """The keys other tools rely on; every number with its unit in the name of its key."""
    return {
        "reaction": prediction.network.name,
        "results": [_result(r) for r in prediction.results],
        "provenance": dict(prediction.provenance),
    }


def _result(r: SitePrediction) -> dict[str, Any]:
    figures = {
        "half_wave_potential_V_rhe": r.figures.half_wave_V_rhe,
        "tafel_slope_mV_dec": r.figures.tafel_slope_mV_dec,
        "overpotential_at_10_mA_cm2_V": r.figures.overpotential_at_10_V,
    }
    curve: dict[str, Any] = {
        "potential_V_rhe": _numbers(r.curve.potential_V_rhe),
        "current_density_mA_cm2": _numbers(r.curve.current_density_mA_cm2),
        "peroxide_yield_percent": _numbers(r.peroxide_yield_percent),
        "electron_number": _numbers(r.electron_number),
        **_efficiencies(r),
        "turnover_frequency_Hz": {path: _numbers(v) for path, v in r.turnover_Hz.items()},
    }
    if r.curve.interval_95_mA_cm2 is not None:
        low, high = r.curve.interval_95_mA_cm2
        curve["current_density_lower_95_mA_cm2"] = _numbers(low)
        curve["current_density_upper_95_mA_cm2"] = _numbers(high)
    if r.curve.ring_current_density_mA_cm2 is not None:
        curve["ring_current_density_mA_cm2"] = _numbers(r.curve.ring_current_density_mA_cm2)
        curve["collection_efficiency"] = r.curve.collection_efficiency
    return {
        "site": r.site,
        "energy_source": r.energies.source.as_dict(),
        "free_energies_eV": dict(r.energies.values_eV),
        "free_energies_sd_eV": dict(r.energies.sd_eV),
        "second_engine_free_energies_eV": dict(r.energies.second_opinion_eV),
        "limiting_potential_V_rhe": round(r.limiting.limiting_potential_V_rhe, 10),
        "overpotential_V": round(r.limiting.overpotential_V, 10),
        "potential_determining_step": r.limiting.determining_step,
        "paths": {
            name: {
                "limiting_potential_V_rhe": round(limit.limiting_potential_V_rhe, 10),
                "overpotential_V": round(limit.overpotential_V, 10),
                "potential_determining_step": limit.determining_step,
                "uphill_thermal_step": limit.thermal_step,
                "uphill_thermal_step_eV": round(limit.thermal_rise_eV, 10),
            }
            for name, limit in r.paths.items()
        },
        **{name: figure.value for name, figure in figures.items()},
        "tafel_window_mA_cm2": list(r.figures.tafel_window_mA_cm2),
        "reasons": {name: f.reason for name, f in figures.items() if f.reason},
        "intervals_95": {
            "limiting_potential_V_rhe": list(r.limiting_interval_V),
            **{name: list(f.interval_95) for name, f in figures.items()},
        },
        "degree_of_rate_control": {
            "potential_V_rhe": r.rate_control_V_rhe,
            "steps": {s: x if math.isfinite(x) else None for s, x in r.rate_control.items()},
            "kinetic_share_of_current": r.kinetic_share if math.isfinite(r.kinetic_share) else None,
        },
        "at_that_potential": _limits(r),
        "closed_steps": list(r.closed_steps),
        "curve": curve,
    }


def _efficiencies(r: SitePrediction) -> dict[str, Any]:
    s = r.selectivity
    if s is None:
        return {}
    low, high = s.interval_95
    return {
        "faradaic_efficiency": {
            name: {
                "nominal": _numbers(s.faradaic_efficiency[:, k]),
                "lower_95": _numbers(low[:, k]),
                "upper_95": _numbers(high[:, k]),
            }
            for k, name in enumerate(s.products)
        }
    }


def _limits(r: SitePrediction) -> dict[str, Any]:
    """What the site does at the potential where rate control is told."""
    sense = r.sensitivities
    found: dict[str, Any] = {
        "most_abundant_state": max(r.occupations_there, key=r.occupations_there.__getitem__),
        "faradaic_efficiency": None
        if r.efficiencies_there is None
        else {s: _number(x) for s, x in r.efficiencies_there.items()},
        "apparent_tafel_slope_mV_dec": sense and _number(sense.tafel_slope_mV_dec),
        "reaction_orders": sense and {s: _number(x) for s, x in sense.reaction_orders.items()},
        "apparent_activation_energy_eV": sense and _number(sense.apparent_activation_energy_eV),
    }
    found["cycles"] = [
        {
            "states": list(cycle.states),
            "steps": [s.name for s in cycle.steps],
            "released": cycle.change,
            "electrons_consumed": cycle.electrons,
            "turnover_Hz": cycle.flux_Hz,
        }
        for cycle in r.cycles
    ]
    if r.span is not None:
        found["energetic_span"] = {
            "span_eV": r.span.span_eV,
            "transition_state": r.span.transition_state,
            "intermediate": r.span.intermediate,
        }
    return found


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(values: np.ndarray) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]


def cautions(prediction: Prediction) -> list[str]:
    """What a reader must know before using the numbers, one sentence each."""
    own = [
        f"{r.site}: {r.energies.source.caution}."
        for r in prediction.results
        if r.energies.source.caution
    ]
    uphill = [
        f"{r.site}: thermal step '{r.limiting.thermal_step}' of its path is uphill by"
        f" {r.limiting.thermal_rise_eV:.2f} eV at any potential; U_L does not count it."
        for r in prediction.results
        if r.limiting.thermal_step is not None
    ]
    return [*own, *uphill, _model_caution(prediction)]


def _model_caution(prediction: Prediction) -> str:
    """What the potential of a predicted curve rests on, and whether sites may be compared."""
    c = prediction.conditions
    methods = {(r.energies.source.kind, r.energies.source.description) for r in prediction.results}
    advice = "compare sites with each other before comparing with a measurement."
    if len(methods) > 1:
        advice = (
            "energies of these sites come from different methods, so do not rank them against"
            " each other; name one with --engine."
        )
    own_barriers = prediction.provenance["barriers_eV"]
    except_ = f" (except {', '.join(own_barriers)})" if own_barriers else ""
    return (
        f"Potentials of curves rest on the attempt frequency k_B T / h (an upper bound, drawn up"
        f" to {c['attempt_frequency_span_decades']:g} decades below), a barrier of"
        f" {c['intrinsic_barrier_eV']:g} eV{except_} and"
        f" {c['site_density_mol_cm2']:.1e} mol/cm2 of sites:"
        f" {advice}"
    )
