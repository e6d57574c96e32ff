"""One spectrum from repeated scans of one sample: their mean, and which scan departs from it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adatom.errors import SpectrumError
from adatom.readers.spectrum import MIN_POINTS, AbsorptionSpectrum

DRIFT_EV = 0.1
"""A shift of one scan against the others that is named; foils repeat to a few hundredths."""
_SURE = 5.0
"""Standard errors of that shift."""
_FEWEST = 4
"""Scans among which one that departs can be told."""
_STEPS = 4
_DEPARTS = 3.0
"""Times the median distance of scans from the mean of the others."""


def merge_scans(scans: Sequence[AbsorptionSpectrum]) -> AbsorptionSpectrum:
    """Mean absorption (and reference) on those energies of the first scan that all cover.

    Scans on other energies are interpolated. The notes name the scans; the doubts one that departs
    from the others, and shifts of the energy scale between them. Nothing is left out or shifted.

    Raises :class:`~adatom.errors.SpectrumError` for fewer than two scans, different edges or
    modes, or energies that hardly overlap.
    """
    first = scans[0]
    if len(scans) < 2:
        raise SpectrumError(f"{first.label}: one scan; a mean needs two or more")
    for scan in scans[1:]:
        for what in ("element", "edge", "mode"):
            if getattr(scan, what) != getattr(first, what):
                raise SpectrumError(
                    f"{scan.path}: {what} {getattr(scan, what)}, but {getattr(first, what)} in"
                    f" {first.path}; merge scans of one sample measured alike"
                )
    low = max(s.energy_eV[0] for s in scans)
    high = min(s.energy_eV[-1] for s in scans)
    energy = first.energy_eV[(first.energy_eV >= low) & (first.energy_eV <= high)]
    if len(energy) < MIN_POINTS:
        raise SpectrumError(
            f"{first.path} and the others share {len(energy)} energies from {low:g} to {high:g} eV;"
            f" expected at least {MIN_POINTS}"
        )
    mu = np.array([np.interp(energy, s.energy_eV, s.mu) for s in scans])
    channels = [s.reference_mu for s in scans if s.reference_mu is not None]
    reference = None
    if len(channels) == len(scans):
        reference = np.mean(
            [np.interp(energy, s.energy_eV, r) for s, r in zip(scans, channels, strict=True)],
            axis=0,
        )
    files = ", ".join(f"{s.path} (sha256 {s.sha256 or 'unknown'})" for s in scans)
    return replace(
        first,
        label=f"mean of {len(scans)} scans",
        energy_eV=energy,
        mu=mu.mean(axis=0),
        i0=None,
        reference_mu=reference,
        sha256="",
        notes=(
            f"mean of {files}",
            *(note for scan in scans for note in scan.notes),
        ),
        doubts=tuple(_departures(_names(scans), energy, mu)),
    )


def _names(scans: Sequence[AbsorptionSpectrum]) -> list[str]:
    """File names; labels where one file holds several."""
    files = [scan.path.name for scan in scans]
    return files if len(set(files)) == len(files) else [scan.label for scan in scans]


def _departures(names: Sequence[str], energy: np.ndarray, mu: np.ndarray) -> list[str]:
    """What is said of scans (S, N) that differ in shape, or in the place of the edge."""
    total = mu.sum(axis=0)
    apart, shifts, errors = np.empty((3, len(mu)))
    for n, scan in enumerate(mu):
        others = (total - scan) / (len(mu) - 1)
        # Thickness, gain and a sloping background may differ; the shape may not:
        # scan = a others(E - shift) + b + c E, linear in a further shift.
        shift = 0.0
        for _ in range(_STEPS):
            moved = np.interp(energy - shift, energy, others)
            slope = np.gradient(moved, energy)
            shapes = np.column_stack([moved, slope, np.ones_like(energy), energy - energy.mean()])
            factors = np.linalg.lstsq(shapes, scan, rcond=None)[0]
            shift -= factors[1] / factors[0]
        left = float(np.sqrt(np.mean((scan - shapes @ factors) ** 2)))
        apart[n], shifts[n] = left / np.ptp(scan), shift
        errors[n] = left * np.sqrt(np.linalg.inv(shapes.T @ shapes)[1, 1]) / abs(factors[0])
    # Each was taken against the mean of the others, which one that drifted has moved.
    shifts = (shifts - np.median(shifts)) * (1.0 - 1.0 / len(mu))
    drifted = np.abs(shifts) > np.maximum(DRIFT_EV, _SURE * errors)
    usual = float(np.median(apart))
    notes = []
    for n, name in enumerate(names):
        if drifted[n]:
            notes.append(
                f"{name} lies {shifts[n]:+.2f} eV from the median of the scans: the energy drifted;"
                " calibrate each before merging"
            )
        elif len(mu) >= _FEWEST and apart[n] > _DEPARTS * usual:
            notes.append(
                f"{name} departs from the other scans {apart[n] / usual:.1f} times as far as is"
                " usual: look at it, and merge without it if it is spoilt"
            )
    return notes
