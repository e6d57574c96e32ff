"""From responses to moles, with everything that is uncertain between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.electrochem.products.calibration import CalibrationLine, DrawnLine
from adatom.electrochem.products.experiment import InternalStandard, Part, Value, Vessel
from adatom.electrochem.propagation import Sampler


@dataclass(frozen=True)
class PartAmount:
    """How much of a product one place held."""

    part: Part
    moles: np.ndarray
    """(1 + D,), mol; may be negative where the blank is larger."""
    refused: str
    """Why no number may be given; empty otherwise."""
    below_detection: bool
    flags: tuple[str, ...]
    record: dict[str, Any]
    """How it was read, for JSON."""


class AmountReader:
    """Reads parts of one experiment with shared draws of lines, volumes and times."""

    def __init__(self, sampler: Sampler, duration_s: np.ndarray) -> None:
        self._sampler, self._duration_s = sampler, duration_s
        self._lines: dict[str, DrawnLine] = {}
        self._factors: dict[int, np.ndarray] = {}
        self._vessels: dict[Vessel, np.ndarray] = {}
        self._blanks: dict[int, np.ndarray] = {}

    def read(self, part: Part, readings: np.ndarray | None = None) -> PartAmount:
        """The amount behind the part's own readings, or behind others taken the same way."""
        taken = part.readings if readings is None else readings
        if isinstance(part.source, Value):
            result = part.source.draw(self._sampler)
            return self._amount(part, result, "", False, (), {"result": part.source.value})
        if isinstance(part.source, InternalStandard):
            return self._amount(part, self._nmr(part.source, taken), "", False, (), {})
        return self._calibrated(part, part.source, taken)

    def _calibrated(self, part: Part, line: CalibrationLine, taken: np.ndarray) -> PartAmount:
        drawn = self._lines.get(line.name)
        if drawn is None:
            drawn = self._lines[line.name] = line.draw(self._sampler)
        response, note = drawn.response(taken)
        flags = [note] if note else []
        read = line.amount(float(response[0]))
        if part.blank.size:
            if id(part) not in self._blanks:
                self._blanks[id(part)] = drawn.response(part.blank)[0]
            result = drawn.difference(response, self._blanks[id(part)])
        else:
            result = drawn.amount(response)
        refused = ""
        if read > line.top:
            beyond = f"{read:.4g} {line.unit} lies above the highest standard, {line.top:g}"
            if line.extrapolate:
                flags.append(f"extrapolated: {beyond}")
            else:
                refused = f"{beyond}: dilute the sample, add a standard, or allow 'extrapolate'"
        elif read < line.bottom:
            flags.append(f"below the lowest standard, {line.bottom:g} {line.unit}")
        lost = bool(result[0] < line.detection_limit)
        if not lost and result[0] < line.quantification_limit:
            flags.append(f"below the quantification limit, {line.quantification_limit:.3g}"
                         f" {line.unit}")  # fmt: skip
        record = {
            "calibration": line.name,
            "unit": line.unit,
            "mean_response": float(np.mean(taken)),
            "readings": len(taken),
            "blank_subtracted": bool(part.blank.size),
            "mean_blank_response": float(np.mean(part.blank)) if part.blank.size else None,
            "result": float(result[0]),
            "detection_limit": line.detection_limit,
            "quantification_limit": line.quantification_limit,
        }
        return self._amount(part, result, refused, lost, tuple(flags), record)

    def _nmr(self, standard: InternalStandard, taken: np.ndarray) -> np.ndarray:
        ratios = (taken / standard.product_nuclei) / (standard.responses / standard.nuclei)
        count = len(ratios)
        error = np.std(ratios, ddof=1) / np.sqrt(count) * self._sampler.scale(count - 1)
        mean = np.mean(ratios) + error * self._sampler.deviates()
        return mean * standard.molarity.draw(self._sampler)

    def _amount(
        self, part: Part, result: np.ndarray, refused: str, lost: bool, flags: tuple[str, ...],
        record: dict[str, Any],
    ) -> PartAmount:  # fmt: skip
        if id(part) not in self._factors:
            one = part.dilution.draw(self._sampler) * part.factor()
            if part.vessel is not None:
                one = one * self._vessel(part.vessel)
            self._factors[id(part)] = one
        moles = result * self._factors[id(part)]
        record = {
            "product": part.product, "where": part.where, **record, "unit": part.unit,
            "dilution": part.dilution.value, "amount_umol": float(1e6 * moles[0]),
        }  # fmt: skip
        return PartAmount(part, moles, refused, lost, flags, record)

    def _vessel(self, vessel: Vessel) -> np.ndarray:
        """mol per mol/mol or mol/L (1 + D,); the same flow or volume is the same error."""
        if vessel not in self._vessels:
            one = self._sampler.exact(1.0)
            self._vessels[vessel] = vessel.moles(one, self._sampler, self._duration_s)
        return self._vessels[vessel]
