"""Does the pair help? Its turnover frequency against what its metals would do as single atoms.

S = TOF(pair) / sum_i x_i TOF(single atom i), x_i the atomic fractions of the metals in the pair
sample, all at one potential and per metal atom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from adatom.electrochem.result_file import ResultFile
from adatom.electrochem.turnover import turnover_frequency_Hz
from adatom.errors import SampleError
from adatom.evidence.activity import (
    LOADING,
    REFERENCE,
    Activity,
    activity_of,
    metal_content,
    require_inputs,
)
from adatom.evidence.comparable import Chosen, require_comparable
from adatom.evidence.verdict import Part, sentence, shrink_all, shrink_one, verdict
from adatom.figure_of_merit import FigureOfMerit

DRAWS = 20_000
ELECTRONS_APART = 0.1
Normals = Mapping[tuple[str, str], np.ndarray]
"""Standard normal draws (D,) by file and quantity; what is not there is exact."""


@dataclass(frozen=True)
class Synergy:
    """Whether the pair helps, and how well that is known."""

    synergy: FigureOfMerit
    probability_above_1: float
    """Share of the draws."""
    verdict: str
    """``helps``, ``hurts`` or ``cannot tell``."""
    sentence: str
    pair: Activity
    singles: tuple[Activity, ...]
    """In the order of the metals of the pair."""
    turnover_Hz: Mapping[str, FigureOfMerit]
    """By file."""
    parts: tuple[Part, ...]
    """The largest contribution first."""
    all_times_smaller: float | None
    """By how much all uncertainties together would have to shrink; None where there is a verdict
    or where S is one."""
    notes: tuple[str, ...]


def compare(
    pair: ResultFile,
    singles: Sequence[ResultFile],
    *,
    at_V_rhe: float,
    direction: str | None = None,
    rotation_rpm: float | None = None,
    cycle: int | None = None,
    inactive: Sequence[str] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> Synergy:
    """S of the sweeps named by direction, rotation and cycle where files have several.

    ``inactive`` metals are not counted as sites in any sample. Raises
    :class:`~adatom.errors.SampleError` for what is missing and for samples that cannot be
    compared.
    """
    if not singles:
        raise SampleError("no single atom to compare with; give --single FILE for each metal")
    chosen = [
        Chosen(r, r.sweep(direction=direction, rotation_rpm=rotation_rpm, cycle=cycle))
        for r in (pair, *singles)
    ]
    names = [c.name for c in chosen]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SampleError(f"{', '.join(sorted(twice))} is given twice")
    for sample in chosen:
        require_inputs(sample.result)
    require_comparable(chosen, at_V_rhe)
    one, *others = (activity_of(c.result, c.sweep, at_V_rhe, inactive=inactive) for c in chosen)
    notes = [text for activity in (one, *others) for text in activity.notes]
    return synergy_of(one, others, at_V_rhe=at_V_rhe, notes=(*notes, *_differences(chosen)),
                      seed=seed, draws=draws)  # fmt: skip


def synergy_of(
    pair: Activity,
    singles: Sequence[Activity],
    *,
    at_V_rhe: float,
    notes: Sequence[str] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> Synergy:
    """S from activities at one potential; draws in the space of logarithms."""
    by_metal = _by_metal(pair, singles)
    ordered = tuple(by_metal[m] for m in pair.metals)
    samples = (pair, *ordered)
    sources = _sources(samples)
    exact: Normals = {key: np.zeros(1) for source in sources for key in source}
    z = dict(exact)
    rng = np.random.default_rng(seed)
    for source in sources:
        z |= dict.fromkeys(source, rng.standard_normal(draws))

    def log_synergy(errors: Normals) -> np.ndarray:
        amounts = _amounts(pair, errors)
        mixture = sum(amounts[m] * _turnover(by_metal[m], errors) for m in pair.metals)
        return np.log(_turnover(pair, errors) * sum(amounts.values()) / mixture)

    nominal, drawn = float(log_synergy(exact)[0]), log_synergy(z)
    figure = _figure(nominal, drawn, "", {"at_V_rhe": at_V_rhe})
    low, high = (float(x) for x in figure.interval_95 if x is not None)
    said = verdict((low, high))
    half = nominal - log(low) if nominal > 0 else log(high) - nominal
    undecided = said == "cannot tell"
    parts = []
    for source in sources:
        alone = log_synergy({**exact, **{key: z[key] for key in source}})
        sd = float(alone.std())
        parts.append(
            Part(
                tuple(name for name, _ in source),
                source[0][1],
                max(abs(a.parts[q]) for a in samples for n, q in source if a.name == n),
                sd,
                shrink_one(sd, nominal, half) if undecided else None,
            )
        )
    parts.sort(key=lambda p: -p.synergy_sd)
    every = shrink_all(nominal, half) if undecided else None
    probability = float((drawn > 0).mean())
    return Synergy(
        synergy=figure,
        probability_above_1=probability,
        verdict=said,
        sentence=sentence(figure, probability, parts, every),
        pair=pair,
        singles=ordered,
        turnover_Hz={a.name: _turnover_figure(a, exact, z) for a in samples},
        parts=tuple(parts),
        all_times_smaller=every,
        notes=(*notes, *_shared(parts)),
    )


def _by_metal(pair: Activity, singles: Sequence[Activity]) -> dict[str, Activity]:
    found: dict[str, Activity] = {}
    for single in singles:
        if len(single.metals) != 1:
            raise SampleError(
                f"{single.name} holds {' and '.join(single.metals)}; a sample of single atoms has"
                " one metal (metals that do nothing are named by --inactive)"
            )
        (metal,) = single.metals
        if metal in found:
            raise SampleError(
                f"{found[metal].name} and {single.name} are both single {metal} atoms; give one"
            )
        if metal not in pair.metals:
            raise SampleError(
                f"{single.name} has single {metal} atoms, but {pair.name} has"
                f" {' and '.join(pair.metals)}"
            )
        found[metal] = single
    missing = [m for m in pair.metals if m not in found]
    if missing:
        raise SampleError(
            f"{pair.name} has {' and '.join(pair.metals)}: no single atoms of"
            f" {' and '.join(missing)} were given; add --single FILE"
        )
    return found


def _sources(samples: Sequence[Activity]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The independent errors: each a part of one sample, or a reference that several state alike.

    Electrodes stated with the same potential, standard deviation and source are taken to be one.
    """
    found: dict[object, tuple[tuple[str, str], ...]] = {}
    for activity in samples:
        for quantity, sd in activity.parts.items():
            if sd == 0.0:
                continue
            key = (activity.name, quantity)
            shared = activity.reference if quantity == REFERENCE else key
            found[shared] = (*found.get(shared, ()), key)
    return tuple(found.values())


def _shared(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(
        f"{' and '.join(p.samples)} state the same reference electrode:"
        " its error is taken to be one"
        for p in parts
        if len(p.samples) > 1
    )


def _amounts(activity: Activity, z: Normals) -> dict[str, np.ndarray]:
    """Moles per area of each metal, (D,) each."""
    loading = activity.parts[LOADING] * _z(activity, LOADING, z)
    return {
        m: amount
        * np.exp(loading + activity.parts[metal_content(m)] * _z(activity, metal_content(m), z))
        for m, amount in activity.mol_per_cm2.items()
    }


def _turnover(activity: Activity, z: Normals) -> np.ndarray:
    """Per metal atom, s-1, (D,)."""
    kinetic = activity.kinetic_draws_mA_cm2({p: _z(activity, p, z) for p in activity.parts})
    metal = sum(_amounts(activity, z).values(), np.zeros(1))
    return turnover_frequency_Hz(kinetic, metal, activity.electrons)


def _z(activity: Activity, quantity: str, z: Normals) -> np.ndarray:
    return z.get((activity.name, quantity), np.zeros(1))


def _figure(
    nominal: float, drawn: np.ndarray, unit: str, conditions: Mapping[str, object]
) -> FigureOfMerit:
    """From logarithms."""
    value = float(np.exp(nominal))
    low, high = (float(x) for x in np.exp(np.percentile(drawn, [2.5, 97.5])))
    return FigureOfMerit(value, (min(low, value), max(high, value)), "", unit, conditions)


def _turnover_figure(activity: Activity, exact: Normals, z: Normals) -> FigureOfMerit:
    conditions = {
        "at_V_rhe": activity.kinetic_mA_cm2.conditions["at_V_rhe"],
        "per": f"metal atom, {activity.electrons} electrons a turnover",
    }
    nominal = float(np.log(_turnover(activity, exact)[0]))
    return _figure(nominal, np.log(_turnover(activity, z)), "s-1", conditions)


def _differences(chosen: Sequence[Chosen]) -> tuple[str, ...]:
    """What does not forbid the comparison but should be known."""
    notes = []
    rates = {c.sweep.scan_rate_mV_s for c in chosen}
    if None in rates:
        notes.append("the scan rate of a sweep is not known; charging currents may differ")
    elif len(rates) > 1:
        listed = ", ".join(f"{c.name} {c.sweep.scan_rate_mV_s:g}" for c in chosen)
        notes.append(f"scan rates differ (mV/s): {listed}")
    rings = [(c.name, c.sweep.figures.get("electron_number")) for c in chosen]
    numbers = {name: f.value for name, f in rings if f is not None and f.value is not None}
    if numbers and max(numbers.values()) - min(numbers.values()) > ELECTRONS_APART:
        listed = ", ".join(f"{name} {n:.2f}" for name, n in numbers.items())
        notes.append(
            f"electron numbers differ ({listed}): turnovers are counted in electrons over"
            " that of the full reaction, not in molecules"
        )
    return tuple(notes)
