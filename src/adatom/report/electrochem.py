"""An analysis of measured sweeps as plain data and as rows of a table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adatom.electrochem.analysis import Analysis, SweepAnalysis
from adatom.electrochem.capacitance import Capacitance
from adatom.electrochem.kinetic_sweep import KineticSweep
from adatom.electrochem.speeds import SpeedSeries
from adatom.errors import SampleError
from adatom.provenance import software_versions
from adatom.readers.recording import Recording


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """The keys other tools rely on; every figure with unit, interval and conditions."""
    return {
        "sample": {name: _plain(value) for name, value in analysis.sample.values.items()},
        "files": files_json(analysis.recordings),
        "reference": {
            "offset_V": analysis.offset.volt,
            "sd_V": analysis.offset.sd_volt,
            "source": analysis.offset.source,
        },
        "resistance": None
        if analysis.resistance is None
        else {
            "ohm": analysis.resistance.ohm,
            "sd_ohm": analysis.resistance.sd_ohm,
            "source": analysis.resistance.source,
        },
        "reaction": {
            "name": analysis.reaction.name,
            "assumed": analysis.sample.get("measurement.reaction") is None,
            "equilibrium_V_rhe": analysis.reaction.equilibrium_V_rhe,
        },
        "sweeps": [_sweep(s) for s in analysis.sweeps] + [_kinetic(k) for k in analysis.kinetic],
        **_activities(analysis),
        "koutecky_levich": [_series(s) for s in analysis.speeds],
        "hysteresis": [
            {"between": label, **figure.as_dict()} for label, figure in analysis.hysteresis_V
        ],
        "provenance": {"software": software_versions()},
    }


def files_json(recordings: Sequence[Recording]) -> list[dict[str, Any]]:
    """The files that a result is from, with their hashes and notes."""
    return [
        {"file": str(r.path), "format": r.format, "sha256": r.sha256, "notes": list(r.notes)}
        for r in recordings
    ]


def _sweep(found: SweepAnalysis) -> dict[str, Any]:
    limited, ring = found.limited, found.ring
    sweep = limited.sweep
    result: dict[str, Any] = {
        "label": sweep.label,
        "direction": sweep.direction,
        "normalisation": "geometric area",
        "corrected_for": [c.name for c in sweep.corrections],
        "rotation_rpm": sweep.rotation_rpm,
        "scan_rate_mV_s": sweep.scan_rate_mV_s,
        "corrections": [c.description for c in sweep.corrections],
        "noise_mA_cm2": limited.noise.sd,
        "current_before_wave_mA_cm2": limited.foot.offset_mA_cm2 if limited.foot else None,
        "half_wave_potential": limited.half_wave_V_rhe.as_dict(),
        "limiting_current_density": limited.limiting_mA_cm2.as_dict(),
        "onset_potential": limited.onset_V_rhe.as_dict(),
        "tafel_slope": limited.tafel_slope_mV_dec.as_dict(),
        "kinetic_current_density": [k.as_dict() for k in limited.kinetic_mA_cm2],
        "flags": list(limited.flags),
    }
    if ring is not None:
        result["electron_number"] = ring.mean_electron_number.as_dict()
        result["peroxide_yield"] = ring.mean_peroxide_percent.as_dict()
        result["ring"] = {
            "potential_V_rhe": ring.potential_V_rhe.tolist(),
            "electron_number": ring.electron_number[0].tolist(),
            "peroxide_yield_percent": ring.peroxide_percent[0].tolist(),
            "peroxide_yield_interval_95_percent": ring.peroxide_percent[1:].T.tolist(),
            "flags": list(ring.flags),
        }
    elif found.ring_missing:
        result["ring"] = {"missing": found.ring_missing}
    return result


def _kinetic(found: KineticSweep) -> dict[str, Any]:
    sweep = found.sweep
    ten, hundred = found.potentials_V_rhe
    eta_ten, eta_hundred = found.overpotentials_V
    return {
        "label": sweep.label,
        "rotation_rpm": sweep.rotation_rpm,
        "scan_rate_mV_s": sweep.scan_rate_mV_s,
        "corrections": [c.description for c in sweep.corrections],
        "noise_mA_cm2": found.noise.sd,
        "relative_noise": found.noise.relative,
        "current_before_wave_mA_cm2": found.foot.offset_mA_cm2 if found.foot else None,
        "potential_at_10_mA_cm2": ten.as_dict(),
        "potential_at_100_mA_cm2": hundred.as_dict(),
        "overpotential_at_10_mA_cm2": eta_ten.as_dict(),
        "overpotential_at_100_mA_cm2": eta_hundred.as_dict(),
        "onset_potential": found.onset_V_rhe.as_dict(),
        "tafel_slope": found.tafel_slope_mV_dec.as_dict(),
        "kinetic_current_density": [k.as_dict() for k in found.kinetic_mA_cm2],
        "flags": list(found.flags),
    }


def _activities(analysis: Analysis) -> dict[str, Any]:
    try:
        found = analysis.turnovers()
    except SampleError as error:
        return {"activities": [], "activities_missing": str(error)}
    rows = [
        {
            "sweep": label,
            "at_V_rhe": one.at_V_rhe,
            "turnover_frequency": one.turnover_per_s.as_dict(),
            "mass_activity": one.mass_activity_A_g.as_dict(),
            "metal_mass_activity": one.metal_mass_activity_A_g.as_dict(),
        }
        for label, several in found
        for one in several
    ]
    return {"activities": rows, "activities_missing": ""}


def capacitance_json(found: Capacitance) -> dict[str, Any]:
    """The keys other tools rely on."""
    return {
        "at_V_rhe": found.at_V_rhe,
        "points": [
            {
                "scan_rate_mV_s": p.scan_rate_mV_s,
                "charging_current_density_mA_cm2": p.charging_mA_cm2,
                "sd_mA_cm2": p.sd_mA_cm2,
                "mean_current_density_mA_cm2": p.mean_mA_cm2,
                "cycles": p.cycles,
            }
            for p in found.points
        ],
        "capacitance": found.capacitance_mF_cm2.as_dict(),
        "intercept": found.intercept_mA_cm2.as_dict(),
        "linearity_p": found.linearity_p,
        "roughness": found.roughness.as_dict(),
        "electrochemically_active_area": found.area_cm2.as_dict(),
        "flags": list(found.flags),
        "provenance": {"software": software_versions()},
    }


def _series(series: SpeedSeries) -> dict[str, Any]:
    return {
        "direction": "anodic" if series.rising else "cathodic",
        "rotations_rpm": list(series.rotations_rpm),
        "electrolyte": series.electrolyte,
        "electron_number": series.electrons.as_dict(),
        "parallel_p": series.parallel_p,
        "lines": [
            {
                "potential_V_rhe": line.potential_V_rhe,
                "electron_number": line.electrons.as_dict(),
                "kinetic_current_density": line.kinetic_mA_cm2.as_dict(),
            }
            for line in series.lines
        ],
        "flags": list(series.flags),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | np.ndarray):
        return list(value)
    return value
