"""Contradictions between sources, each named with what would resolve it."""

from collections.abc import Mapping
from dataclasses import dataclass

from adatom.evidence.assemble import Assembled
from adatom.evidence.composition import KINDS
from adatom.evidence.representative import FaceValue
from adatom.evidence.source import NumberSource
from adatom.evidence.sources.exafs import ExafsSource
from adatom.evidence.sources.icp import seen_percent
from adatom.evidence.sources.stem import StemSource
from adatom.evidence.tension import Agreement, Reach, Tension
from adatom.figure_of_merit import FigureOfMerit

LEVEL = 0.025
"""Of each of the two tests, so that consistent sources are flagged in 5 % at most."""
Alone = Mapping[str, Mapping[str, FigureOfMerit]]


@dataclass(frozen=True)
class Contradiction:
    """Sources that cannot all be taken as they are."""

    between: tuple[str, ...]
    kind: str
    """``no composition``, ``no common composition``, or ``outside the fields of view``."""
    p_value: float
    """After the correction for the number of tests."""
    sentence: str


def contradictions(
    known: Assembled,
    agreed: Agreement | None,
    faces: tuple[FaceValue, ...],
    alone: Alone,
    reached: tuple[Reach, ...],
) -> tuple[Contradiction, ...]:
    """All that are significant; the images at face value only where nothing graver is said."""
    found = []
    for reach in reached:
        p_value = min(1.0, reach.p_value * len(reached))
        if p_value < LEVEL:
            low, high = reach.possible
            sentence = (
                f"no composition that prior.dirichlet allows gives {reach.source}:"
                f" {reach.measured.text()}; {low:.2g} to {high:.2g} are possible. Look at this"
                " number before anything else"
            )
            found.append(Contradiction((reach.source,), "no composition", p_value, sentence))
    if agreed is not None and agreed.p_value < LEVEL:
        found.append(_no_common(agreed, known, alone))
    told = {name for c in found for name in c.between}
    for face in faces:
        p_value = min(1.0, face.p_value * len(faces))
        if p_value < LEVEL and not {"STEM", face.source} <= told:
            assert known.stem is not None
            sentence = _outside(face, known, known.stem)
            found.append(
                Contradiction(
                    ("STEM", face.source), "outside the fields of view", p_value, sentence
                )
            )
    return tuple(found)


def _no_common(agreed: Agreement, known: Assembled, alone: Alone) -> Contradiction:
    worst = min(agreed.left_out, key=lambda t: t.p_value)
    pair = agreed.worst_pair
    # A pair that disagrees by itself is named; else the source that disagrees with the rest.
    named: Tension = pair if pair.p_value < 10.0 * worst.p_value or pair.p_value < LEVEL else worst
    texts = "; ".join(_said(name, known) for name in named.between)
    if named is pair:
        first, second = pair.between
        sentence = f"no composition agrees with both {first} and {second}: {texts}"
        sentence += _furthest(alone, first, second)
    else:
        others = ", ".join(named.between[1:])
        sentence = f"{named.between[0]} agrees with no composition that {others} allow: {texts}"
    return Contradiction(named.between, "no common composition", agreed.p_value, sentence)


def _said(name: str, known: Assembled) -> str:
    """What a source measured."""
    source = next(s for s in known.sources if s.name == name)
    if isinstance(source, NumberSource):
        return f"{name}: {', '.join(m.text() for m in source.measured)}"
    parts = []
    if source.pair_fraction is not None:
        value, low, high = source.pair_fraction
        parts.append(f"pair fraction {value:.2f} ({low:.2f} to {high:.2f})")
    for kind, seen in (("clusters", source.clusters), ("particles", source.particles)):
        if seen is not None:
            parts.append(f"{seen.number or 'no'} {kind} beside {source.atoms} atoms")
    return f"{name}: {', '.join(parts)}"


def _furthest(alone: Alone, first: str, second: str) -> str:
    """The share on which two sources differ most."""
    gaps = []
    for kind in KINDS:
        (a, b), (c, d) = (alone[name][kind].interval_95 for name in (first, second))
        assert None not in (a, b, c, d)
        gaps.append((max(c - b, a - d), kind))  # type: ignore[operator]
    gap, kind = max(gaps)
    if gap <= 0.0:
        return ""
    words = [
        f"{100 * low:.0f} to {100 * high:.0f} % by {name}"  # type: ignore[operator]
        for name in (first, second)
        for low, high in [alone[name][kind].interval_95]
    ]
    return f" (metal in {kind.replace('_', ' ')}: {words[0]} alone, {words[1]} alone)"


def _outside(face: FaceValue, known: Assembled, stem: StemSource) -> str:
    """Why the images at face value are not the sample, and what that means."""
    low, high = face.expected_95
    saw = _saw(stem)
    where = f"{face.source}: {face.measured.text()}, where the images let expect {low:.2f} to"
    where += f" {high:.2f}"
    if face.source == "ICP":
        share, least, most = seen_percent(_source(known, "ICP"))
        where = f"the images show {share:.0f} % ({least:.0f} to {most:.0f} %) of the metal by ICP"
        meaning = (
            "the support in the fields is thicker than stated, or richer in metal than the sample"
            if face.above
            else f"the rest is in clusters or particles, {saw}, or buried"
        )
    elif face.source == "XPS" and "ICP" in face.measured.name:
        above, below = "enriched at the surface", "buried, or hidden inside particles"
        meaning = f"metal is {above if face.above else below}"
    elif face.source == "EXAFS" and face.above:
        source = _source(known, "EXAFS")
        assert isinstance(source, ExafsSource)
        meaning = (
            f"it needs {_needed_for(face, source, stem, saw)}: metal outside the fields of view"
        )
    elif face.source == "EXAFS":
        meaning = (
            "the fields are richer in pairs or clusters than the sample, neighbours by chance were"
            " taken for pairs, or disorder hides more of N than was allowed for"
        )
    elif face.above:
        meaning = f"it needs clusters or particles, {saw}: metal outside the fields of view"
    else:
        meaning = "the fields are richer in clusters or particles than the sample"
    return f"{where}: {meaning}"


def _saw(stem: StemSource) -> str:
    seen = [(k, s) for k, s in (("clusters", stem.clusters), ("particles", stem.particles)) if s]
    if not seen:
        return "of which the images were not said to show any"
    none = [kind for kind, s in seen if s.number == 0]
    some = [f"{s.number} {kind}" for kind, s in seen if s.number]
    parts = ([f"no {' or '.join(none)}"] if none else []) + some
    return f"of which STEM saw {' and '.join(parts)}"


def _source(known: Assembled, name: str) -> NumberSource:
    return next(s for s in known.numbers if s.name == name)


def _needed_for(face: FaceValue, source: ExafsSource, stem: StemSource, saw: str) -> str:
    """The least share of particles, or clusters, that N of a path demands beside pairs."""
    counts = source.paths[source.measured.index(face.measured)].counts
    least_n = face.measured.interval_95[0]
    pairs = stem.pair_fraction[2] if stem.pair_fraction else 1.0
    pairs *= "pairs" in counts
    shares = []
    for kind, most in (
        ("particles", source.particle_coordination[1]),
        ("clusters", source.cluster_coordination[1]),
    ):
        share = (least_n - pairs) / (most - pairs)
        if kind in counts and share < 1.0:
            shares.append(f"{100 * max(share, 0.0):.0f} % of the metal in {kind}")
    if not shares:
        return f"more metal neighbours than {' and '.join(counts)} of the sample have"
    return f"at least {' or '.join(shares)}, {saw}"
