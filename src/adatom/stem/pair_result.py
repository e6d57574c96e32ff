"""What fields of one sample say about pairs: the verdict, and the numbers other tools read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.provenance import software_versions
from adatom.stem.brightness import EXPONENT, Metals
from adatom.stem.group_shares import GroupShares
from adatom.stem.model_check import GroupCheck
from adatom.stem.neighbours import NeighbourStatistics, chance_neighbour
from adatom.stem.pair_inference import PRIOR_NO_PAIRS, PairInference
from adatom.stem.projection import SPREADS_ANGSTROM

CALLED = 0.05
"""Pairs are called where their absence is less probable than this."""
FEW = 0.2
"""No evidence is said where the share of atoms in pairs is below this with 97.5 %."""
QUANTILES = 200
LEAST_PROBABILITY = 0.01
"""Doublets less probable than this are not listed."""
_LIMITS = np.array([0.025, 0.975])


@dataclass(frozen=True)
class PairResult:
    """Inference and neighbour statistics of the same fields."""

    inference: PairInference
    statistics: tuple[NeighbourStatistics, ...]
    groups: GroupCheck
    """Whether single atoms and pairs explain the groups of three and more."""
    assumed: tuple[str, ...]
    """What was not given and is taken for granted."""
    metals: tuple[Metals, ...] = ()
    """Of each field, where two metals are told apart by brightness."""
    group_shares: GroupShares | None = None
    """Of trimers and clusters too, where they were asked for."""

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        found = self.inference
        low, high = found.share_interval_95
        none = found.probability_no_pairs
        if none < CALLED:
            return (
                f"paired atoms: yes (probability {self._probability}); {100 * low:.0f} to"
                f" {100 * high:.0f} % of the metal atoms are in pairs (95 %)"
            )
        if none >= 0.5 and high < FEW:
            return (
                "no evidence: neighbours are as frequent as chance; at most"
                f" {100 * high:.0f} % of the metal atoms are in pairs (97.5 %)"
            )
        return (
            f"cannot tell: between {100 * low:.0f} and {100 * high:.0f} % of the metal atoms are in"
            f" pairs (95 %), none at all with probability {none:.2g}; more atoms are needed"
        )

    @property
    def _probability(self) -> str:
        """That there are pairs, in words."""
        there = 1.0 - self.inference.probability_no_pairs
        return f"above {there:.3f}" if self.inference.no_pairs_is_limit else f"{there:.3f}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the keys."""
        found = self.inference
        area = sum(p.window.area_nm2 for p in found.patterns)
        atoms = sum(map(len, found.patterns))
        d0, s = found.distance_angstrom, found.spread_angstrom
        low, high = found.model.pair_distance_angstrom
        levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
        return {
            "verdict": self.verdict,
            "atoms": atoms,
            "fields": len(found.patterns),
            "area_nm2": area,
            "density_per_nm2": atoms / area,
            "metal_density_per_nm2": [float(x) for x in found.density_per_nm2.mean(axis=0)],
            "pair_fraction": found.share,
            "pair_fraction_interval_95": list(found.share_interval_95),
            "pair_fraction_posterior": [float(q) for q in found.share_quantiles(levels)],
            "probability_no_pairs": found.probability_no_pairs,
            "probability_no_pairs_prior": PRIOR_NO_PAIRS,
            "probability_no_pairs_is_upper_limit": found.no_pairs_is_limit,
            "pair_distance_angstrom": float(np.median(d0)),
            "pair_distance_interval_95": [float(q) for q in np.quantile(d0, _LIMITS)],
            "pair_distance_sd_angstrom": float(np.median(s)),
            "pair_distance_sd_interval_95": [float(q) for q in np.quantile(s, _LIMITS)],
            "priors": {
                "pair_fraction": f"0 with probability {PRIOR_NO_PAIRS:g}, else uniform from 0 to 1",
                "pair_distance_angstrom": [low, high],
                "pair_distance_sd_angstrom": list(SPREADS_ANGSTROM),
                "density": "log-uniform",
            },
            "assumed": list(self.assumed),
            "model": {
                "tilt": found.model.tilt,
                "recall": list(found.recall),
                "false_fraction": found.model.false_fraction,
                "resolution_angstrom": [p.resolution_angstrom for p in found.patterns],
                "position_sd_angstrom": [p.position_sd_angstrom for p in found.patterns],
            },
            "convergence": {
                "r_hat": found.r_hat,
                "effective_draws": found.effective_draws,
                "sweeps": found.sweeps,
            },
            "groups_of_three": {
                "observed_atoms": self.groups.observed,
                "expected_interval_95": list(self.groups.expected_interval_95),
                "link_angstrom": self.groups.link_angstrom,
                "p_value": self.groups.p_value,
                "caution": self.groups.sentence,
            },
            "group_shares": None if self.group_shares is None else self.group_shares.as_dict(),
            **self._brightness(),
            "doublets": doublets(found, self.metals),
            "files": [
                {
                    "file": p.source,
                    "atoms": len(p),
                    "area_nm2": p.window.area_nm2,
                    "notes": list(p.notes),
                    "atom_pair_probability": [round(float(x), 4) for x in chance],
                    "neighbours": _neighbours(found_here),
                }
                for p, chance, found_here in zip(
                    found.patterns, found.atom_probability, self.statistics, strict=True
                )
            ],
            "provenance": {"software": software_versions()},
        }

    def _brightness(self) -> dict[str, Any]:
        if not self.metals:
            return {}
        of_pairs = [
            (float((c * m.unlike(b)).sum()), float(c.sum()))
            for b, c, m in zip(
                self.inference.bonds, self.inference.bond_probability, self.metals, strict=True
            )
        ]
        unlike, all_pairs = np.sum(of_pairs, axis=0)
        return {
            "metals": {
                "atomic_numbers": list(self.metals[0].atomic_numbers),
                "brightness_exponent": EXPONENT,
                "share_heavier": [m.share_heavy for m in self.metals],
                "separation_sd": [m.separation for m in self.metals],
                "hetero_share_of_pairs": float(unlike / all_pairs) if all_pairs else None,
            }
        }


def doublets(found: PairInference, metals: Sequence[Metals] = ()) -> list[dict[str, Any]]:
    """Spots that may be one pair, the most probable first; atoms are numbered from 1."""
    listed = []
    for n, (pattern, bonds, chances) in enumerate(
        zip(found.patterns, found.bonds, found.bond_probability, strict=True)
    ):
        unlike = metals[n].unlike(bonds).tolist() if metals else None
        for m, ((i, j), chance) in enumerate(zip(bonds, chances, strict=True)):
            if chance >= LEAST_PROBABILITY:
                apart = pattern.positions_angstrom[i] - pattern.positions_angstrom[j]
                kinds = {} if unlike is None else {"hetero_probability": round(unlike[m], 4)}
                listed.append({
                    "file": pattern.source,
                    "atoms": [int(i) + 1, int(j) + 1],
                    "distance_angstrom": round(float(np.hypot(*apart)), 4),
                    "probability": round(float(chance), 4),
                    **kinds,
                })  # fmt: skip
    return sorted(listed, key=lambda one: -float(one["probability"]))


def _neighbours(found: NeighbourStatistics) -> dict[str, Any]:
    def rounded(values: np.ndarray) -> list[float]:
        return [float(f"{v:.5g}") for v in values]

    within = {}
    for limit in (2.5, 3.0):
        within[f"{limit:g}"] = {
            "observed": float((found.nearest_angstrom <= limit).mean()),
            "chance_without_merging": chance_neighbour(found.density_per_nm2, limit),
        }
    return {
        "density_per_nm2": found.density_per_nm2,
        "density_interval_95": list(found.density_interval_95),
        "nearest_neighbour_median_angstrom": float(np.median(found.nearest_angstrom)),
        "share_with_neighbour_within_angstrom": within,
        "distance_angstrom": rounded(found.distance_angstrom),
        "pair_correlation_distance_angstrom": rounded(found.bin_middle_angstrom),
        "pair_correlation": rounded(found.pair_correlation),
        "pair_correlation_envelope": [rounded(x) for x in found.envelope_g],
        "ripley_k_nm2": rounded(found.ripley_k_nm2),
        "ripley_l_angstrom": rounded(found.ripley_l_angstrom),
        "ripley_l_envelope_angstrom": [rounded(x) for x in found.envelope_l_angstrom],
        "p_value_random": found.p_value,
    }
