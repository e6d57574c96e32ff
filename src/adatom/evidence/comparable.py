"""Whether sweeps of several samples can be compared, and where j_k of all of them is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from adatom.electrochem.limited import KINETIC_RANGE
from adatom.electrochem.result_file import ResultFile, SweepResult
from adatom.errors import SampleError
from adatom.evidence.activity import kinetic_at

SAME_SPEED_RPM = 1.0
SAME_FRACTION = 0.01
FURTHEST_V = 0.1
"""How far beyond what was measured j/j_L is extrapolated for advice."""


@dataclass(frozen=True)
class Chosen:
    """One sweep of one sample."""

    result: ResultFile
    sweep: SweepResult

    @property
    def name(self) -> str:
        """The file."""
        return str(self.result.path)


def require_comparable(samples: Sequence[Chosen], at_V_rhe: float) -> None:
    """Raise :class:`~adatom.errors.SampleError` for the first difference that forbids it."""
    for sample in samples:
        if sample.sweep.rotation_rpm is None:
            raise SampleError(
                f"{sample.name}: the speed of rotation is not known; set measurement.rotation_rpm"
                " and run adatom electrochem again"
            )
    _same(samples, "of the reaction", lambda s: str(s.result.sample.get("measurement.reaction")))
    _same(samples, "in the electrolyte", _electrolyte, fold=True)
    _same(samples, "normalised by", lambda s: s.sweep.normalisation)
    _same(samples, "with kinetic currents in", lambda s: kinetic_at(s.name, s.sweep, at_V_rhe).unit)
    _same(samples, "in the direction", lambda s: s.sweep.direction)
    _same(samples, "corrected for", lambda s: ", ".join(s.sweep.corrected_for) or "nothing")
    _close(samples, "rpm", lambda s: s.sweep.rotation_rpm or 0.0, SAME_SPEED_RPM)
    _close(samples, "of the resistance corrected for in all", _ohmic_fraction, SAME_FRACTION)
    _require_kinetic(samples, at_V_rhe)


def usable_potentials(sweep: SweepResult) -> tuple[float, float] | None:
    """Between which potentials about j/j_L lies in the range where j_k is known.

    ln(j/(j_L - j)) is ln(j_k/j_L), a straight line for a constant Tafel slope: it is interpolated
    between the half-wave potential and the potentials of the kinetic currents.
    """
    points = {}
    for figure in sweep.kinetic_mA_cm2:
        share = figure.conditions.get("share_of_plateau", 0.0)
        if figure.value is not None and 0.0 < share < 1.0:
            points[figure.conditions["at_V_rhe"]] = log(share / (1.0 - share))
    half = sweep.figures.get("half_wave_potential")
    if half is not None and half.value is not None:
        points.setdefault(half.value, 0.0)
    line = sorted((y, v) for v, y in points.items())
    potentials = [v for _, v in line]
    if len(line) < 2 or potentials not in (sorted(potentials), sorted(potentials, reverse=True)):
        return None
    ends = []
    for share in KINETIC_RANGE:
        y = log(share / (1.0 - share))
        at = next((i for i in range(1, len(line)) if line[i][0] >= y), len(line) - 1)
        (y0, v0), (y1, v1) = line[at - 1], line[at]
        found = v0 + (v1 - v0) * (y - y0) / (y1 - y0)
        ends.append(min(max(found, min(potentials) - FURTHEST_V), max(potentials) + FURTHEST_V))
    return min(ends), max(ends)


def _electrolyte(sample: Chosen) -> str:
    return str(sample.result.sample.get("electrolyte.name"))


def _ohmic_fraction(sample: Chosen) -> float:
    settings = sample.result.sample
    by_instrument = settings.get("resistance.compensated", 0.0)
    corrected = "ohmic drop" in sample.sweep.corrected_for
    return float(settings.get("resistance.fraction") if corrected else by_instrument)


def _same(
    samples: Sequence[Chosen], words: str, of: Callable[[Chosen], str], *, fold: bool = False
) -> None:
    first = of(samples[0])
    for sample in samples[1:]:
        here = of(sample)
        if here != first and not (fold and folded(here) == folded(first)):
            raise SampleError(
                f"{samples[0].name} was measured {words} {first}, {sample.name} {here}; turnover"
                " is compared only between curves taken and treated alike"
            )


def _close(
    samples: Sequence[Chosen], unit: str, of: Callable[[Chosen], float], most: float
) -> None:
    first = of(samples[0])
    for sample in samples[1:]:
        if abs(of(sample) - first) > most:
            raise SampleError(
                f"{samples[0].name}: {first:g} {unit}, {sample.name}: {of(sample):g}; turnover is"
                " compared only between curves taken and treated alike"
            )


def folded(text: str) -> str:
    """A name without spaces and capitals."""
    return "".join(text.split()).casefold()


def _require_kinetic(samples: Sequence[Chosen], at_V_rhe: float) -> None:
    low, high = KINETIC_RANGE
    for sample in samples:
        figure = kinetic_at(sample.name, sample.sweep, at_V_rhe)
        share = figure.conditions.get("share_of_plateau", 0.0)
        if figure.value is not None and low < share < high:
            continue
        found = figure.reason if figure.value is None else f"j/j_L is {share:.2f}"
        raise SampleError(
            f"{sample.name}: no kinetic current at {at_V_rhe:g} V vs RHE: {found}; it is known for"
            f" {low:g} < j/j_L < {high:g} only; {_advice(samples)}"
        )


def _advice(samples: Sequence[Chosen]) -> str:
    ranges = {sample.name: usable_potentials(sample.sweep) for sample in samples}
    known = {name: limits for name, limits in ranges.items() if limits is not None}
    if len(known) < len(ranges):
        unknown = ", ".join(name for name in ranges if name not in known)
        return f"where it would be known cannot be told for {unknown}"
    low = max(limits[0] for limits in known.values())
    high = min(limits[1] for limits in known.values())
    # Rounded inwards: a potential at the very edge would be refused again.
    if high - low > 0.004:
        at = round(0.5 * (low + high), 3)
        return (
            f"about {low:.3f} to {high:.3f} V would do for all: analyse each with --kinetic-at"
            f" {at:g} and compare with --at {at:g}"
        )
    each = ", ".join(f"{name} {a:.3f} to {b:.3f} V" for name, (a, b) in known.items())
    return (
        f"no potential does for all ({each}); take less catalyst for the more active, or turn"
        " faster"
    )
