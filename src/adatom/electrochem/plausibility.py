"""What no electrode does: a wrong unit, area, sign, resistance, reference or file, caught before
any figure."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import savgol_filter

from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.measured_reaction import MeasuredReaction
from adatom.electrochem.noise import WINDOW, smoothed
from adatom.electrochem.sample import Sample
from adatom.electrochem.sweeps import time_bins
from adatom.electrolytes import load_electrolyte
from adatom.errors import SampleError
from adatom.levich import limiting_current_density_mA_cm2
from adatom.readers.recording import Recording

LARGEST_DENSITY_MA_CM2 = 2.0e4
"""No electrode carries more."""
LARGEST_LIMITED_MA_CM2 = 30.0
"""Twice what four electrons of oxygen (1 bar, 0.1 M KOH) give at 10,000 rpm after Levich: 14.3."""
LARGEST_POTENTIAL_V = 5.0
"""No electrode in water goes farther; millivolts do."""
ONE_SIDED = 5.0
"""Times the current in the right direction: more in the wrong one is the other sign convention."""
LEAST_FOLD_V = 1e-3
FOLD_OVER_SCATTER = 3.0
"""Times what the scatter of the current there moves the potential by: a bubble does that, too."""
PLATEAU_ELECTRONS = (1.7, 4.6)
"""Oxygen takes two to four; 15 % more or less for what Levich's constants and films do."""


def require_numbers(sweep: MeasuredSweep) -> None:
    """Raise :class:`~adatom.errors.SampleError` where a potential or current is none."""
    known = np.isfinite(sweep.potential_V) & np.isfinite(sweep.density)
    if not known.all():
        raise SampleError(
            f"{sweep.label}: {int((~known).sum())} of {known.size} points are no numbers, the first"
            f" is point {int(np.argmin(known)) + 1}; delete them in a copy of the file"
        )


def require_plausible(sweep: MeasuredSweep, reaction: MeasuredReaction) -> None:
    """Raise :class:`~adatom.errors.SampleError` where potentials or currents cannot be.

    ``sweep`` is per area and against RHE.
    """
    farthest = float(np.nanmax(np.abs(sweep.potential_V)))
    if farthest > LARGEST_POTENTIAL_V:
        raise SampleError(
            f"{sweep.label}: potentials reach {farthest:.4g} V vs RHE; are they in mV? name the"
            " column, as --columns potential_mV=NAME"
        )
    most = LARGEST_LIMITED_MA_CM2 if reaction.limited else LARGEST_DENSITY_MA_CM2
    largest = float(np.nanmax(np.abs(sweep.density)))
    if largest > most:
        what = "diffusion brings to a disk" if reaction.limited else "any electrode carries"
        raise SampleError(
            f"{sweep.label}: {largest:.3g} mA/cm2 is more than {what} ({most:g}); is the area in"
            " cm2 and the current in the unit that the file says?"
        )


def require_sign(sweep: MeasuredSweep, reaction: MeasuredReaction) -> None:
    """Raise :class:`~adatom.errors.SampleError` where cathodic currents are written positive."""
    density = sweep.density
    cathodic, anodic = float(-np.nanmin(density)), float(np.nanmax(density))
    driven, other = (cathodic, anodic) if reaction.cathodic else (anodic, cathodic)
    if other > ONE_SIDED * max(driven, 0.0):
        way = ("anodic (positive)", "cathodic") if reaction.cathodic else ("cathodic", "anodic")
        raise SampleError(
            f"{sweep.label}: nearly all current is {way[0]}, {reaction.name} needs {way[1]}; where"
            " the instrument writes the other sign give the column with a minus, as"
            " --columns current_A=-NAME"
        )


def require_unfolded(
    sweep: MeasuredSweep, resistance_ohm: float, *, share: float, source: str
) -> None:
    """Raise :class:`~adatom.errors.SampleError` where E - share I R runs back within the sweep.

    Behind a resistance R the current changes by less than 1/R per volt; where it changes by more
    than 1/(share R) the resistance is not that of this sweep, taken before its ohmic drop is
    corrected for.
    """
    potential, current = time_bins(sweep.potential_V, sweep.current)
    if len(potential) <= WINDOW:
        return
    steep = share * resistance_ohm
    forward = 1.0 if potential[-1] > potential[0] else -1.0
    along = forward * (potential - steep * current)
    back = np.maximum.accumulate(along) - along
    end = int(np.argmax(back))
    start = int(np.argmax(along[: end + 1]))
    around = slice(max(start - WINDOW // 2, 0), end + WINDOW // 2 + 1)
    scatter = float(np.ptp((current - smoothed(current))[around]))
    if back[end] <= max(LEAST_FOLD_V, FOLD_OVER_SCATTER * steep * scatter):
        return
    rise = savgol_filter(np.stack([potential, current]), WINDOW, 1, deriv=1)
    most = float(1.0 / np.max(rise[1] / rise[0]))
    raise SampleError(
        f"{sweep.label}: corrected for {share:g} of {resistance_ohm:.4g} ohm ({source}) the"
        f" potential runs back by {1e3 * back[end]:.2g} mV from {potential[start]:.3f} V on: more"
        f" than this sweep can have, at most about {most / share:.2g} ohm; is the resistance in"
        " ohm, of this cell, and not compensated by the instrument already"
        " (resistance.compensated)?"
    )


def require_other_data(
    recordings: Sequence[Recording], other: Recording, *, setting: str, what: str
) -> None:
    """Raise :class:`~adatom.errors.SampleError` where ``setting`` names the data themselves."""
    for recording in recordings:
        if other.sha256 == recording.sha256:
            raise SampleError(
                f"{setting} {other.path} and the data {recording.path} are the same file (sha256"
                f" {recording.sha256[:16]}); {what}"
            )


def doubts_about_plateau(
    limiting_mA_cm2: float | None, sweep: MeasuredSweep, sample: Sample
) -> tuple[str, ...]:
    """What to say of a plateau that neither two nor four electrons of oxygen make after Levich.

    Nothing where electrolyte or speed are not known.
    """
    name, speed = sample.get("electrolyte.name"), sweep.rotation_rpm
    if limiting_mA_cm2 is None or name is None or not speed:
        return ()
    one = limiting_current_density_mA_cm2(load_electrolyte(name), speed, electrons=1)
    low, high = PLATEAU_ELECTRONS
    if low <= limiting_mA_cm2 / one <= high:
        return ()
    return (
        f"the plateau of {limiting_mA_cm2:.3g} mA/cm2 is that of {limiting_mA_cm2 / one:.1f}"
        f" electrons after Levich ({speed:g} rpm, {name} with 1 bar of O2), O2 takes 2 to 4: check"
        " the area (1 cm2 is the default of many instruments), the speed and the gas",
    )


def require_one_reference(recordings: Sequence[Recording], sample: Sample) -> None:
    """Raise :class:`~adatom.errors.SampleError` where file and sample name different scales."""
    stated = str(sample.get("reference.electrode", "")).casefold() == "rhe"
    for recording in recordings:
        for segment in recording.segments:
            header = segment.settings.get("reference", "")
            if not header:
                continue
            in_file = header.strip().casefold() == "rhe"
            if in_file and not stated:
                raise SampleError(
                    f"{recording.path}: its potentials are against RHE, as their header says; set"
                    " reference.electrode=RHE"
                )
            if stated and not in_file and _names_an_electrode(header):
                raise SampleError(
                    f"{recording.path}: its potentials are against {header}, as the file says, the"
                    " sample says RHE; give the electrode or its offset"
                )


def _names_an_electrode(header: str) -> bool:
    """Whether a header names a reference electrode; instruments also write '(unspecified)'."""
    folded = header.casefold()
    return any(name in folded for name in ("ag/ag", "agcl", "sce", "hg", "calomel", "she"))
