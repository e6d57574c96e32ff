"""The stability of sites as plain data: JSON for other tools."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adatom.provenance import software_versions
from adatom.thermo.dissolution import SOURCES, WATER_KJ_MOL, forms_of
from adatom.thermo.pourbaix import Boundary, PourbaixMap, boundaries, planes
from adatom.thermo.stability import (
    METASTABLE_EV,
    Aggregation,
    DissolutionPotential,
    Formation,
    PairFormation,
    Verdict,
    aggregation,
    dissolution_potential,
    pair_formation,
    verdict,
)

BALANCES = {
    "formation_energy_eV": "site = M1M2..NxCy in its sheet; [site] - [empty hole: the same sheet"
    " without metal, relaxed] - sum [bulk metal, per atom]",
    "pair_interaction_eV": "[M1 in the pair's hole] + [M2 in it] -> [M1M2 in it] + [empty hole]",
    "pair_transfer_eV": "[M1N4] + [M2N4] + [empty pair hole] -> [M1M2 pair] + 2 [empty N4 hole]",
    "dissolution_potential": "U_diss = U0(M/Mz+) - E_f/(z e), bare site to bare hole",
}
"""What is subtracted from what."""


@dataclass(frozen=True)
class StabilityReport:
    """Everything that ``adatom stability`` says of one site."""

    formation: Formation
    aggregation: Aggregation
    pair: PairFormation | None
    standard: DissolutionPotential
    """At pH 0 and unit activity."""
    here: DissolutionPotential
    """At the working pH and activity."""
    verdict: Verdict
    boundaries: tuple[Boundary, ...]
    """At the working pH."""

    @property
    def kept(self) -> bool:
        """Whether the site more probably keeps its metals (stable or metastable) than not."""
        return self.verdict.probabilities["loses metal"] < 0.5


def stability_reports(
    formations: Sequence[Formation], *, potential_V_rhe: float, pH: float, activity: float
) -> list[StabilityReport]:
    """Judge every site at one potential and pH, in the order given."""
    return [
        StabilityReport(
            formation=site,
            aggregation=aggregation(site),
            pair=pair_formation(site, formations),
            standard=dissolution_potential(site),
            here=dissolution_potential(site, pH=pH, activity=activity),
            verdict=verdict(site, potential_V_rhe=potential_V_rhe, pH=pH, activity=activity),
            boundaries=boundaries(planes(site.states, activity), pH),
        )
        for site in formations
    ]


def stability_json(
    reports: Sequence[StabilityReport], maps: Sequence[PourbaixMap]
) -> dict[str, Any]:
    """The keys other tools rely on; every number with its unit in the name of its key."""
    first = reports[0].verdict
    return {
        "conditions": {
            "potential_V_rhe": first.potential_V_rhe,
            "pH": first.pH,
            "activity_of_dissolved_forms": first.activity,
            "temperature_K": 298.15,
            "metastable_up_to_eV": METASTABLE_EV,
        },
        "balances": BALANCES,
        "results": [_result(r, m) for r, m in zip(reports, maps, strict=True)],
        "rank_activity_among": [r.formation.label for r in reports if r.kept],
        "provenance": {
            "software": software_versions(),
            "ions_and_oxides": SOURCES,
            "water_formation_kJ_mol": WATER_KJ_MOL,
            "cohesive_energies": "Kittel, Introduction to Solid State Physics, 8th ed., 2005",
        },
    }


def _result(report: StabilityReport, diagram: PourbaixMap) -> dict[str, Any]:
    site, judged = report.formation, report.verdict
    pair = report.pair
    return {
        "site": site.label,
        "metals": list(site.metals),
        "energy_source": site.source.as_dict(),
        "formation_energy_eV": site.formation_eV,
        "formation_energy_sd_per_metal_eV": site.formation_sd_eV,
        "bulk_energies_eV_per_atom": dict(site.bulk_eV),
        "aggregation": {
            "formation_energy_per_metal_eV": report.aggregation.formation_eV,
            "binding_energy_per_metal_eV": report.aggregation.binding_eV,
            "measured_cohesive_energy_eV": report.aggregation.cohesive_eV,
            "probability_bulk_is_lower": report.aggregation.probability_favoured,
        },
        "pair": None if pair is None else {
            "interaction_eV": pair.interaction_eV,
            "transfer_eV": pair.transfer_eV,
            "sd_eV": pair.sd_eV,
            "reason": pair.reason,
        },
        "dissolution_potential": {
            "standard": _potential(report.standard),
            "at_conditions": _potential(report.here),
        },
        "states": [
            {
                "state": s.name,
                "lost_metals": list(s.lost),
                "free_energy_eV": s.free_energy_eV,
                "sd_eV": s.sd_eV,
                "electrons_released": s.electrons,
            }
            for s in site.states
        ],
        "verdict": {
            "name": judged.name,
            "probabilities": dict(judged.probabilities),
            "lowest_whole_state": judged.whole_state,
            "lowest_state_without_metal": judged.loss_state,
            "route": judged.route,
            "driving_force_eV": judged.driving_force_eV,
            "driving_force_95_eV": list(judged.interval_95_eV),
        },
        "boundaries_at_pH": [
            {
                "potential_V_she": b.potential_V_she,
                "potential_V_rhe": b.potential_V_rhe,
                "below": b.below,
                "above": b.above,
            }
            for b in report.boundaries
        ],
        "map": {
            "scale": diagram.scale,
            f"potential_V_{diagram.scale.lower()}": [float(u) for u in diagram.potentials_V],
            "pH": [float(p) for p in diagram.pH],
            "states": list(diagram.names),
            "keeps_metal": list(diagram.whole),
            "lowest_state_index": diagram.lowest.tolist(),
            "loss_energy_eV": [
                [round(float(v), 3) if math.isfinite(v) else None for v in row]
                for row in diagram.loss_energy_eV
            ],
        },
        "forms": {
            metal: [
                {
                    "form": f.name,
                    "free_energy_eV": f.free_energy_eV,
                    "electrons": f.electrons,
                    "protons": f.protons,
                    "source": f.source,
                }
                for f in forms_of(metal)
            ]
            for metal in sorted(set(site.metals))
        },
    }  # fmt: skip


def _potential(found: DissolutionPotential) -> dict[str, Any]:
    return {
        "potential_V_she": found.potential_V_she,
        "potential_V_rhe": found.potential_V_rhe,
        "sd_V": found.sd_V,
        "dissolved_forms": list(found.forms),
        "electrons": found.electrons,
    }
