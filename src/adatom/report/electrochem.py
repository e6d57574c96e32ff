"""An analysis of measured sweeps as plain data and as rows of a table."""

from typing import Any

import numpy as np

from adatom.electrochem.analysis import Analysis, SweepAnalysis
from adatom.electrochem.speeds import SpeedSeries
from adatom.provenance import software_versions


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """The keys other tools rely on; every figure with unit, interval and conditions."""
    return {
        "sample": {name: _plain(value) for name, value in analysis.sample.values.items()},
        "files": [
            {"file": str(r.path), "format": r.format, "sha256": r.sha256, "notes": list(r.notes)}
            for r in analysis.recordings
        ],
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
        "sweeps": [_sweep(s) for s in analysis.sweeps],
        "koutecky_levich": [_series(s) for s in analysis.speeds],
        "hysteresis": [
            {"between": label, **figure.as_dict()} for label, figure in analysis.hysteresis_V
        ],
        "provenance": {"software": software_versions()},
    }


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
