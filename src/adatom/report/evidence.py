"""The joint answer of a sample as plain data."""

import hashlib
from collections.abc import Mapping
from typing import Any

from adatom.evidence.composition import KINDS
from adatom.evidence.contradictions import LEVEL
from adatom.evidence.shares import JointShares
from adatom.evidence.source import NumberSource
from adatom.evidence.sources.stem import StemSource
from adatom.evidence.tension import Tension
from adatom.figure_of_merit import FigureOfMerit
from adatom.provenance import software_versions

CITATIONS = (
    "parameter goodness of fit: Maltoni and Schwetz, Phys. Rev. D 2003, 68, 033020,"
    " 10.1103/PhysRevD.68.033020",
    "coordination numbers lost to disorder: Clausen et al., Catal. Today 1994, 21, 49,"
    " 10.1016/0920-5861(94)80033-2",
)


def evidence_json(found: JointShares) -> dict[str, Any]:
    """The keys other tools rely on. Shares are fractions of all metal atoms."""
    return {
        "sample": found.sample.get("sample.name") or found.sample.path.stem,
        "file": str(found.sample.path),
        "results_read": [
            {"file": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in found.sample.linked()
        ],
        **_shares(found.shares),
        "prior": {"dirichlet": list(found.dirichlet), **_shares(found.prior)},
        "sources": [
            {
                "source": source.name,
                "measured": _measured(source),
                "alone": _shares(found.alone[source.name]),
            }
            for source in found.assembled.sources
        ],
        "consistency": _consistency(found),
        "contradictions": [
            {
                "between": list(c.between),
                "kind": c.kind,
                "p_value": c.p_value,
                "sentence": c.sentence,
            }
            for c in found.contradictions
        ],
        "next_measurement": [
            {
                "measurement": m.name,
                "share_pairs_interval_width_now": m.width_now,
                "share_pairs_expected_interval_width": m.expected_width,
                "expected_reduction_percent": m.reduction_percent,
                "expected_information_bit": m.expected_information_bit,
            }
            for m in found.next_measurements
        ],
        "assumptions": list(found.assumptions),
        "notes": list(found.notes),
        "provenance": {"software": software_versions(), "citations": list(CITATIONS)},
    }


def _shares(figures: Mapping[str, FigureOfMerit]) -> dict[str, Any]:
    return {f"share_{kind}": figures[kind].as_dict() for kind in KINDS}


def _measured(source: StemSource | NumberSource) -> list[dict[str, Any]]:
    if isinstance(source, NumberSource):
        return [
            {"quantity": m.name, "value": m.value, "interval_95": list(m.interval_95),
             "unit": m.unit or "1"}
            for m in source.measured
        ]  # fmt: skip
    entries: list[dict[str, Any]] = []
    if source.pair_fraction is not None:
        value, low, high = source.pair_fraction
        entries.append({"quantity": "pair fraction of visible atoms", "value": value,
                        "interval_95": [low, high], "unit": "1"})  # fmt: skip
    for kind, seen in (("clusters", source.clusters), ("particles", source.particles)):
        if seen is not None:
            entries.append({"quantity": f"{kind} seen beside {source.atoms} atoms",
                            "value": seen.number, "interval_95": None, "unit": "1"})  # fmt: skip
    return entries


def _consistency(found: JointShares) -> dict[str, Any]:
    agreed = found.agreement
    tests = len(found.face_values)
    return {
        "consistent": not found.contradictions
        if agreed is not None or found.contradictions
        else None,
        "reason": "" if agreed is not None else "one source only: nothing to compare it with",
        "level": LEVEL,
        "common_composition_p_value": agreed.p_value if agreed else None,
        "left_out": [_tension(t) for t in agreed.left_out] if agreed else [],
        "pairs": [_tension(t) for t in agreed.pairs] if agreed else [],
        "images_at_face_value": [
            {
                "source": f.source,
                "quantity": f.measured.name,
                "measured": f.measured.value,
                "measured_interval_95": list(f.measured.interval_95),
                "expected_interval_95": list(f.expected_95),
                "p_value": min(1.0, f.p_value * tests),
            }
            for f in found.face_values
        ],
    }


def _tension(tension: Tension) -> dict[str, Any]:
    return {
        "between": list(tension.between),
        "statistic": tension.statistic,
        "degrees_of_freedom": tension.degrees_of_freedom,
        "p_value": tension.p_value,
    }
