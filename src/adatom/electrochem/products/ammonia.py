"""Is the ammonia made from the reactant? Argon blank, open circuit and 15N beside the sample.

After Andersen et al., Nature 2019, 570, 504, 10.1038/s41586-019-1260-x: ammonia is claimed only
where the quantity of 15NH3 from 15N-labelled reactant agrees with that from the unlabelled one,
above what blank and open circuit give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.electrochem.products.amounts import AmountReader, PartAmount
from adatom.electrochem.products.experiment import (
    AMMONIA,
    AmmoniaControls,
    Control,
    Experiment,
)
from adatom.electrochem.propagation import Sampler, figure_of
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit

SUPPORTED, NOT_SUPPORTED, UNDECIDED = "supported", "not supported", "undecided"
SAME_TIME = 0.05
"""A control lasted as long as the sample within this share."""


@dataclass(frozen=True)
class AmmoniaVerdict:
    """What the controls say of the ammonia found."""

    verdict: str
    """``supported``, ``not supported`` or ``undecided``."""
    above_argon_umol: FigureOfMerit
    above_open_circuit_umol: FigureOfMerit
    labelled_share: FigureOfMerit
    """15NH3 found over what the unlabelled ammonia above argon lets expect: 1 when all of it
    comes from the reactant."""
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "verdict": self.verdict,
            "above_argon_umol": self.above_argon_umol.as_dict(),
            "above_open_circuit_umol": self.above_open_circuit_umol.as_dict(),
            "labelled_share": self.labelled_share.as_dict(),
            "reasons": list(self.reasons),
        }


def judge_ammonia(
    experiment: Experiment, parts: Sequence[PartAmount], reader: AmountReader, sampler: Sampler
) -> AmmoniaVerdict | None:
    """The verdict; None where no ammonia was measured.

    Supported: above both controls, and the 15N amount agrees with it, all at 95 %. Not supported:
    not above a control, no 15NH3, or less than the ammonia needs. Undecided: the intervals are too
    wide, a control was shorter than the sample, or the sample lies above its calibration. Raises
    :class:`~adatom.errors.SampleError` without controls.
    """
    own = [part for part in parts if part.part.product in AMMONIA]
    if not own:
        return None
    controls = experiment.ammonia
    if controls is None:
        raise SampleError("ammonia needs its controls: argon, open_circuit and nitrogen15")
    sample = 1e6 * np.sum([part.moles for part in own], axis=0)
    argon = sample - _control(controls.argon, "argon", own, reader, sampler)
    resting = sample - _control(controls.open_circuit, "open_circuit", own, reader, sampler)
    label = controls.nitrogen15
    ratio = label.duration_s / experiment.duration_s.draw(sampler)
    if label.charge_C is not None and experiment.charge_C is not None:
        ratio = label.charge_C.draw(sampler) / experiment.charge_C.draw(sampler)
    expected = argon * ratio * label.enrichment_percent.draw(sampler) / 100.0
    found = label.amount_umol.draw(sampler)
    figures = (
        figure_of(argon, "umol"),
        figure_of(resting, "umol"),
        _share(found, expected),
    )
    doubts = [f"{part.part.title}: {part.refused}" for part in own if part.refused]
    doubts += _short_controls(controls, experiment.duration_s.value)
    faults, open_ends, support = _compare(argon, resting, found, figures[2])
    verdict = NOT_SUPPORTED if faults else UNDECIDED if open_ends or doubts else SUPPORTED
    return AmmoniaVerdict(verdict, *figures, tuple(faults + open_ends + doubts + support))


def _compare(
    argon: np.ndarray, resting: np.ndarray, found: np.ndarray, share: FigureOfMerit
) -> tuple[list[str], list[str], list[str]]:
    """What speaks against, what stays open, what speaks for."""
    against: list[str] = []
    undecided: list[str] = []
    support: list[str] = []
    for draws, name in ((argon, "the argon blank"), (resting, "the open-circuit control")):
        if np.quantile(draws[1:], 0.025) > 0:
            support.append(f"above {name} at 95 %")
        else:
            against.append(f"not above {name} at 95 %")
    if np.quantile(found[1:], 0.025) <= 0:
        against.append("no 15NH3 above zero at 95 %")
        return against, undecided, support
    low, high = share.interval_95
    if low is None or high is None:
        undecided.append(f"the 15N amount cannot be compared: {share.reason}")
    elif high < 1.0:
        against.append(f"15N accounts for {100 * low:.0f} to {100 * high:.0f} % of it only")
    elif low > 1.0:
        undecided.append(
            f"more 15NH3 than expected ({low:.2f} to {high:.2f} times): the runs do not compare"
        )
    elif low < 0.5:
        undecided.append(
            f"15N leaves open whether it accounts for half ({100 * low:.0f} % or more)"
        )
    else:
        support.append(f"15N accounts for it ({100 * low:.0f} to {100 * high:.0f} %)")
    return against, undecided, support


def _share(found: np.ndarray, expected: np.ndarray) -> FigureOfMerit:
    """15NH3 over what is expected; an interval only where that is above zero."""
    if expected[0] <= 0 or np.quantile(expected[1:], 0.025) <= 0:
        return FigureOfMerit(
            None, (None, None), "no ammonia above argon to compare 15N with", "1"
        )  # fmt: skip
    return figure_of(found / expected, "1", {"expected_umol": float(expected[0])})


def _control(
    control: Control, name: str, own: Sequence[PartAmount], reader: AmountReader, sampler: Sampler
) -> np.ndarray:
    """umol (1 + D,) of ammonia in a control."""
    if control.amount_umol is not None:
        return control.amount_umol.draw(sampler)
    if len(own) != 1 or not own[0].part.readings.size:
        raise SampleError(
            f"[ammonia.{name}]: a response can be read only as that of one sample with a"
            " calibration; give amount_umol, the sum over all places"
        )
    return 1e6 * reader.read(own[0].part, control.readings).moles


def _short_controls(controls: AmmoniaControls, duration_s: float) -> list[str]:
    found = []
    for name, control in (("argon", controls.argon), ("open_circuit", controls.open_circuit)):
        if control.duration_s < (1.0 - SAME_TIME) * duration_s:
            found.append(
                f"the {name} control lasted {control.duration_s:g} s, the sample"
                f" {duration_s:g} s: contamination grows with time"
            )
    return found
