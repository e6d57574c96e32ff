"""A comparison of a pair with its single atoms as plain data."""

from typing import Any

from adatom.evidence.activity import Activity
from adatom.evidence.synergy import Synergy
from adatom.provenance import software_versions


def synergy_json(found: Synergy) -> dict[str, Any]:
    """The keys other tools rely on; every figure with unit, interval and conditions."""
    return {
        "synergy": found.synergy.as_dict(),
        "probability_above_1": found.probability_above_1,
        "verdict": found.verdict,
        "sentence": found.sentence,
        "atomic_fractions": dict(found.pair.atomic_fractions),
        "pair": _sample(found.pair, found),
        "singles": [_sample(single, found) for single in found.singles],
        "uncertainties": [
            {
                "files": list(p.samples),
                "quantity": p.quantity,
                "relative_sd": p.relative_sd,
                "sd_of_ln_synergy": p.synergy_sd,
                "times_smaller_for_a_verdict": p.times_smaller,
            }
            for p in found.parts
        ],
        "all_times_smaller_for_a_verdict": found.all_times_smaller,
        "notes": list(found.notes),
        "provenance": {"software": software_versions()},
    }


def _sample(activity: Activity, found: Synergy) -> dict[str, Any]:
    return {
        "file": activity.name,
        "metal_wt_percent": dict(activity.metal_wt_percent),
        "metal_mol_cm2": dict(activity.mol_per_cm2),
        "catalyst_mg_cm2": activity.loading_mg_cm2,
        "kinetic_current_density": activity.kinetic_mA_cm2.as_dict(),
        "turnover_frequency": found.turnover_Hz[activity.name].as_dict(),
        "reference": activity.reference.source,
    }
