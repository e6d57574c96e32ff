"""From the reference electrode to the reversible hydrogen electrode.

E(RHE) = E + E0(reference) + 0.05916 V pH at 25 C, or E + a measured offset.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from types import MappingProxyType

import numpy as np

from adatom.electrochem.sample import Sample
from adatom.errors import SampleError
from adatom.readers.recording import Recording
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

NERNST_V = BOLTZMANN_EV_K * ROOM_TEMPERATURE_K * log(10.0)
"""0.05916 V a unit of pH."""
ELECTRODES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "Ag/AgCl sat. KCl": (0.197, 0.005),
        "Ag/AgCl 3 M KCl": (0.210, 0.005),
        "Ag/AgCl 3.5 M KCl": (0.205, 0.005),
        "SCE": (0.241, 0.005),
        "Hg/HgO 1 M KOH": (0.108, 0.010),
        "Hg/Hg2SO4 sat. K2SO4": (0.640, 0.010),
        "SHE": (0.0, 0.0),
    }
)
"""E0 against SHE at 25 C and its uncertainty, V (notes on electrochemistry; of Hg/HgO in 1 M KOH
0.098 to 0.118 V are in use, so 0.108 with 0.010). Electrodes in use differ by some mV from the
tabulated value, which a calibration against RHE finds."""
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "ag/agcl": "Ag/AgCl sat. KCl",
        "ag/agcl sat.": "Ag/AgCl sat. KCl",
        "ag/agcl 3 m": "Ag/AgCl 3 M KCl",
        "hg/hgo": "Hg/HgO 1 M KOH",
        "hg/hg2so4": "Hg/Hg2SO4 sat. K2SO4",
    }
)
SETTLED_POINTS = 20
LARGEST_DRIFT_V = 0.005
"""A calibration that still moves by more is not settled."""


@dataclass(frozen=True)
class RheOffset:
    """What is added to a potential to refer it to RHE."""

    volt: float
    sd_volt: float
    source: str


def rhe_offset(sample: Sample, calibration: Recording | None) -> RheOffset:
    """The offset from whatever the sample gives: RHE, a number, a calibration, an electrode.

    Raises :class:`~adatom.errors.SampleError` naming what is missing.
    """
    measured = sample.get("reference.offset_V")
    if measured is not None:
        return RheOffset(measured, sample.get("reference.offset_sd_V", 0.0), "offset given")
    if calibration is not None:
        return _calibrated(sample, calibration)
    name = sample.require("reference.electrode", "The potential against RHE")
    if name.casefold() == "rhe":
        return RheOffset(0.0, sample.get("reference.offset_sd_V", 0.0), "measured against RHE")
    folded = ALIASES.get(name.casefold(), name)
    known = {k.casefold(): k for k in ELECTRODES}
    if folded.casefold() not in known:
        raise SampleError(
            f"reference.electrode '{name}' is unknown; expected RHE, {', '.join(ELECTRODES)}, or"
            " give reference.offset_V"
        )
    electrode = known[folded.casefold()]
    standard, sd = ELECTRODES[electrode]
    acidity = sample.require("electrolyte.pH", f"The potential of {electrode} against RHE")
    acidity_sd = sample.get("electrolyte.pH_sd", 0.0)
    return RheOffset(
        standard + NERNST_V * acidity,
        float(np.hypot(sd, NERNST_V * acidity_sd)),
        f"{electrode}: {standard:.3f} V + {NERNST_V:.5f} V x pH {acidity:g}",
    )


def _calibrated(sample: Sample, calibration: Recording) -> RheOffset:
    which = sample.require("reference.calibration_of", f"The calibration {calibration.path.name}")
    segment = calibration.require("potential_V")[0]
    potential = segment["potential_V"][np.isfinite(segment["potential_V"])]
    if len(potential) < SETTLED_POINTS:
        raise SampleError(
            f"{calibration.path}: {len(potential)} points are too few for a calibration, at least"
            f" {SETTLED_POINTS} are needed"
        )
    half = potential[len(potential) // 2 :]
    drift = abs(float(np.polyfit(np.arange(len(half)), half, 1)[0])) * len(half)
    if drift > LARGEST_DRIFT_V:
        raise SampleError(
            f"{calibration.path}: the open circuit still moves by {1e3 * drift:.1f} mV in the"
            f" second half of the record, more than {1e3 * LARGEST_DRIFT_V:g} mV; record it until"
            " it settles"
        )
    value = float(half.mean())
    # Recorded is E(RHE electrode) against the reference, or E(reference) against RHE.
    offset = value if which == "reference" else -value
    sd = max(drift, float(half.std()))
    return RheOffset(
        offset, sd, f"{calibration.path.name}: {offset:.4f} V, drift {1e3 * drift:.1f} mV"
    )
