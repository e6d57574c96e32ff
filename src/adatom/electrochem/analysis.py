"""From recordings and a sample to figures of merit: every sweep, every speed, both directions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from adatom.curves import PolarizationCurve
from adatom.electrochem.cell_resistance import Resistance, cell_resistance
from adatom.electrochem.corrections import (
    MeasuredSweep,
    per_area,
    to_rhe,
    without_background,
    without_ohmic_drop,
)
from adatom.electrochem.draws import DRAWS, InputDraws, InputErrors, draw_inputs, drawn_figure
from adatom.electrochem.driven_sweep import ONSET_MA_CM2
from adatom.electrochem.kinetic_sweep import KineticSweep, OhmicDrop, analyse_kinetic
from adatom.electrochem.limited import HALF
from adatom.electrochem.limited_sweep import LimitedSweep, analyse_limited
from adatom.electrochem.measured_reaction import MeasuredReaction, measured_reaction
from adatom.electrochem.plausibility import (
    doubts_about_plateau,
    require_numbers,
    require_one_reference,
    require_other_data,
    require_plausible,
    require_sign,
    require_unfolded,
)
from adatom.electrochem.recorded_sweeps import measured_sweeps
from adatom.electrochem.reference import RheOffset, rhe_offset
from adatom.electrochem.rrde import RingDisk, analyse_ring
from adatom.electrochem.sample import Sample
from adatom.electrochem.speeds import SpeedSeries, speeds_by_direction
from adatom.electrochem.turnover import Electrons, Turnover, turnovers
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers.recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class SweepAnalysis:
    """One sweep with its figures."""

    limited: LimitedSweep
    ring: RingDisk | None
    ring_missing: str
    """Why there is a ring current but no ring figures."""

    @property
    def sweep(self) -> MeasuredSweep:
        """The corrected sweep."""
        return self.limited.sweep


@dataclass(frozen=True)
class Analysis:
    """Everything that the recordings of one sample tell."""

    sample: Sample
    recordings: tuple[Recording, ...]
    offset: RheOffset
    resistance: Resistance | None
    sweeps: tuple[SweepAnalysis, ...]
    speeds: tuple[SpeedSeries, ...]
    """Koutecky-Levich, cathodic and anodic sweeps apart."""
    hysteresis_V: tuple[tuple[str, FigureOfMerit], ...]
    """E_half of the anodic less that of the cathodic sweep, by label."""
    left_out: tuple[str, ...]
    """Analyses that were not made, each with what they need."""
    reaction: MeasuredReaction
    errors: InputErrors
    """Of what all sweeps were corrected with."""
    kinetic: tuple[KineticSweep, ...] = ()
    """Sweeps of a reaction that diffusion does not limit; ``sweeps`` is then empty."""

    def curves(self) -> tuple[PolarizationCurve, ...]:
        """The corrected sweeps as curves, as ``adatom predict`` gives them."""
        corrected = [s.sweep for s in self.sweeps] + [k.sweep for k in self.kinetic]
        return tuple(polarization_curve(sweep, self.sample) for sweep in corrected)

    def turnovers(self) -> tuple[tuple[str, tuple[Turnover, ...]], ...]:
        """TOF and mass activities by sweep, at the potentials of the kinetic currents.

        Electrons per turnover are the ring's mean on the plateau where there is a ring, else the
        reaction's. Raises :class:`~adatom.errors.SampleError` that asks for the loading by name.
        """
        stated = Electrons(self.reaction.electrons, 0.0, f"complete {self.reaction.name}")
        limited = [
            (s.sweep.label, s.limited.kinetic_mA_cm2, _ring_electrons(s.ring) or stated)
            for s in self.sweeps
        ]
        other = [(k.sweep.label, k.kinetic_mA_cm2, stated) for k in self.kinetic]
        return tuple((label, turnovers(k, self.sample, n)) for label, k, n in limited + other)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw sweeps and what was read from them; returns the axes of the sweeps."""
        from adatom.plot.electrochem import plot_analysis

        return plot_analysis(self, ax)


def analyse_recordings(
    recordings: Sequence[Recording],
    sample: Sample,
    *,
    read: Callable[[Path], Recording],
    resistance_of: Callable[[Recording], FigureOfMerit],
    seed: int = 0,
    draws: int = DRAWS,
    kinetic_at_V: Sequence[float] = (),
) -> Analysis:
    """All figures of the sweeps in ``recordings``, of the reaction that the sample names.

    ``read`` opens the files that the sample names (background, ring, calibration, impedance),
    ``resistance_of`` takes R_u from an impedance recording. Figures of sweeps of one sample share
    the draws of area, resistance, reference and collection efficiency.

    Raises :class:`~adatom.errors.SampleError` that asks for what is missing by name.
    """
    reaction = measured_reaction(sample)
    require_one_reference(recordings, sample)
    onset = sample.get("measurement.onset_mA_cm2", ONSET_MA_CM2)
    kinetic_at_V = kinetic_at_V or reaction.currents_at_V_rhe
    calibration = sample.file("reference.calibration_file")
    offset = rhe_offset(sample, read(calibration) if calibration else None)
    resistance = cell_resistance(sample, read, resistance_of)
    rng = np.random.default_rng(seed)
    errors = InputErrors(
        reference_V=offset.sd_volt,
        resistance_ohm=_corrected_share(sample) * resistance.sd_ohm if resistance else 0.0,
        area_relative=sample.relative_sd("electrode.area_cm2", "electrode.area_sd_cm2"),
        collection_relative=sample.relative_sd(
            "electrode.collection_efficiency", "electrode.collection_efficiency_sd"
        ),
    )
    inputs = draw_inputs(errors, rng, draws)

    def corrected(sweep: MeasuredSweep) -> MeasuredSweep:
        if sweep.current_density_mA_cm2 is None:
            area = sample.require("electrode.area_cm2", "A current density")
            sweep = per_area(sweep, area)
        require_numbers(sweep)
        sweep = to_rhe(sweep, offset.volt, offset.source)
        require_plausible(sweep, reaction)
        if resistance is None:
            return sweep
        require_unfolded(
            sweep, resistance.ohm, share=_corrected_share(sample), source=resistance.source
        )
        return without_ohmic_drop(
            sweep,
            resistance.ohm,
            fraction=sample.get("resistance.fraction"),
            compensated=sample.get("resistance.compensated", 0.0),
            source=resistance.source,
        )

    ring_file = sample.file("ring.file")
    ring = read(ring_file) if ring_file else None
    if ring:
        require_other_data(
            recordings, ring, setting="ring.file", what="name the file of the ring's currents"
        )
    raw = measured_sweeps(recordings, sample, ring=ring)
    background_file = sample.file("background.file")
    backgrounds = []
    if background_file:
        blank = read(background_file)
        require_other_data(
            recordings, blank, setting="background.file",
            what="nothing would be left of them: name the sweep without the reactant (N2 or Ar)",
        )  # fmt: skip
        backgrounds = [corrected(s) for s in measured_sweeps([blank], sample, speeds=False)]
    found: list[SweepAnalysis] = []
    unlimited: list[KineticSweep] = []
    for one in raw:
        sweep = corrected(one)
        require_sign(sweep, reaction)
        if background_file:
            sweep = without_background(sweep, _matching(sweep, backgrounds))
        own = np.random.default_rng([seed, crc32(sweep.label.encode())])
        if not reaction.limited:
            unlimited.append(
                analyse_kinetic(
                    sweep, inputs, reaction=reaction, rng=own, ohmic=_ohmic(sample, resistance),
                    zero_at_foot=sample.get("background.zero") == "foot", onset_mA_cm2=onset,
                    currents_at_V=kinetic_at_V,
                )
            )  # fmt: skip
            continue
        limited = analyse_limited(
            sweep, inputs, cathodic=reaction.cathodic, rng=own, onset_mA_cm2=onset,
            kinetic_at_V=kinetic_at_V,
        )  # fmt: skip
        doubts = doubts_about_plateau(limited.limiting_mA_cm2.value, sweep, sample)
        limited = replace(limited, flags=(*limited.flags, *doubts))
        ring_disk, missing = _ring(limited, sample, inputs, own)
        found.append(SweepAnalysis(limited, ring_disk, missing))
    speeds, speeds_missing = speeds_by_direction(
        [s.limited for s in found], sample.get("electrolyte.name")
    )
    return Analysis(
        sample, tuple(recordings), offset, resistance, tuple(found), speeds, _hysteresis(found),
        speeds_missing, reaction, errors, tuple(unlimited),
    )  # fmt: skip


def polarization_curve(sweep: MeasuredSweep, sample: Sample) -> PolarizationCurve:
    """A corrected sweep in the form that predictions have; repeats of a potential are dropped."""
    sign = 1.0 if sweep.direction == "anodic" else -1.0
    ahead = sign * sweep.potential_V
    keep = np.concatenate([[True], ahead[1:] > np.maximum.accumulate(ahead)[:-1]])
    ring = sweep.ring_current_density_mA_cm2
    return PolarizationCurve(
        label=sweep.label,
        potential_V_rhe=sweep.potential_V[keep],
        current_density_mA_cm2=sweep.density[keep],
        electrolyte=sample.get("electrolyte.name", "not stated"),
        rotation_rpm=sweep.rotation_rpm,
        ring_current_density_mA_cm2=None if ring is None else ring[keep],
        collection_efficiency=sample.get("electrode.collection_efficiency"),
        provenance={"corrections": [c.description for c in sweep.corrections]},
    )


def _corrected_share(sample: Sample) -> float:
    return float(sample.get("resistance.fraction") - sample.get("resistance.compensated", 0.0))


def _ring_electrons(ring: RingDisk | None) -> Electrons | None:
    mean = ring.mean_electron_number if ring else None
    if mean is None or mean.value is None or mean.normal_sd is None:
        return None
    return Electrons(mean.value, mean.normal_sd / mean.value, "ring, mean of the plateau")


def _ohmic(sample: Sample, resistance: Resistance | None) -> OhmicDrop | None:
    if resistance is None:
        return None
    return OhmicDrop(resistance.ohm, 1.0 - sample.get("resistance.fraction"))


def _matching(sweep: MeasuredSweep, backgrounds: Sequence[MeasuredSweep]) -> MeasuredSweep:
    """The background in the same direction that covers most of the sweep, the last of equals."""
    same = [b for b in backgrounds if b.direction == sweep.direction]
    if not same:
        raise SampleError(f"{sweep.label}: the background has no sweep in the same direction")

    def shared_V(background: MeasuredSweep) -> float:
        low = max(float(background.potential_V.min()), float(sweep.potential_V.min()))
        high = min(float(background.potential_V.max()), float(sweep.potential_V.max()))
        return round(high - low, 2)

    return max(reversed(same), key=shared_V)


def _ring(
    limited: LimitedSweep, sample: Sample, inputs: InputDraws, rng: np.random.Generator
) -> tuple[RingDisk | None, str]:
    if limited.sweep.ring_current_density_mA_cm2 is None:
        return None, ""
    collection = sample.require("electrode.collection_efficiency", "Peroxide yield of the ring")
    if limited.limiting_mA_cm2.value is None:
        return None, limited.limiting_mA_cm2.reason
    zero = sample.get("ring.zero") == "foot"
    return analyse_ring(limited, collection, inputs, rng, zero_at_foot=zero), ""


def _hysteresis(found: Sequence[SweepAnalysis]) -> tuple[tuple[str, FigureOfMerit], ...]:
    """Anodic less cathodic half-wave potential of neighbouring sweeps of one speed."""
    result = []
    for a, b in pairwise(found):
        if a.sweep.rotation_rpm != b.sweep.rotation_rpm or a.sweep.direction == b.sweep.direction:
            continue
        up, down = (a, b) if a.sweep.direction == "anodic" else (b, a)
        difference = up.limited.table[:, HALF] - down.limited.table[:, HALF]
        result.append(
            (
                f"{a.sweep.label} and {b.sweep.label}",
                drawn_figure(difference, unit="V", reason="one of the two has no half-wave"),
            )
        )
    return tuple(result)
