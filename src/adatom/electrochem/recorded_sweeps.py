"""Sweeps out of recordings: which segments sweep, how fast, at what rotation, with which ring."""

from collections.abc import Sequence

import numpy as np

from adatom.electrochem.corrections import MeasuredSweep
from adatom.electrochem.sample import Sample
from adatom.electrochem.sweeps import LEAST_SPAN_V, split_sweeps
from adatom.errors import RecordingError, SampleError
from adatom.readers.recording import Recording, Segment


def measured_sweeps(
    recordings: Sequence[Recording],
    sample: Sample,
    *,
    ring: Recording | None = None,
    speeds: bool = True,
    least_span_V: float = LEAST_SPAN_V,
) -> tuple[MeasuredSweep, ...]:
    """Every sweep of the potential in the recordings, as measured, with a label of its own.

    The speed of rotation is the file's, or the sample's: one for all, or one for each segment.
    Raises :class:`~adatom.errors.RecordingError` when nothing sweeps.
    """
    segments = [
        (recording, number, segment)
        for recording in recordings
        for number, segment in enumerate(recording.segments, 1)
        if _sweeps(segment)
    ]
    if not segments:
        names = ", ".join(str(r.path) for r in recordings)
        raise RecordingError(
            f"{names}: no segment in which the potential sweeps and a current is recorded; see"
            " adatom electrochem check"
        )
    given = sample.get("measurement.rotation_rpm") if speeds else None
    if given and len(given) not in (1, len(segments)):
        raise SampleError(
            f"measurement.rotation_rpm has {len(given)} speeds for {len(segments)} segments with"
            " sweeps; give one for each in order, or one for all"
        )
    found = []
    for at, (recording, number, segment) in enumerate(segments):
        rotation = _rotation(segment)
        stated = None if not given else given[at if len(given) > 1 else 0]
        if rotation is not None and stated is not None and abs(rotation - stated) > 1.0:
            raise SampleError(
                f"{recording.path}: segment {number} was turned at {rotation:g} rpm, the sample"
                f" says {stated:g}; leave measurement.rotation_rpm out"
            )
        stem = f"{recording.path.stem} " if len(recordings) > 1 else ""
        speed = rotation if rotation is not None else stated
        potential = segment["potential_V"]
        for part, sweep in enumerate(split_sweeps(potential, least_span_V=least_span_V), 1):
            here = sweep.slice
            turned = "" if speed is None else f" {speed:g} rpm"
            found.append(
                MeasuredSweep(
                    label=f"{stem}{number}.{part}{turned} {sweep.direction}",
                    potential_V=segment["potential_V"][here],
                    current_A=segment["current_A"][here] if "current_A" in segment else None,
                    current_density_mA_cm2=None
                    if "current_A" in segment
                    else segment["current_density_mA_cm2"][here],
                    ring_current_A=_ring_of(segment, here, ring),
                    rotation_rpm=speed,
                    scan_rate_mV_s=_scan_rate(segment, here)
                    or sample.get("measurement.scan_rate_mV_s"),
                    source=recording.path,
                )
            )
    return tuple(found)


def _sweeps(segment: Segment) -> bool:
    flows = "current_A" in segment or "current_density_mA_cm2" in segment
    if "potential_V" not in segment or not flows or "frequency_Hz" in segment:
        return False
    return segment.technique in ("linear sweep", "cyclic voltammetry", "table")


def _scan_rate(segment: Segment, here: slice) -> float | None:
    """Of one sweep, mV/s: the instrument's setting, or what potentials and times say."""
    setting = segment.settings.get("scan_rate_V_s")
    if setting:
        return 1e3 * abs(float(setting))
    if "time_s" not in segment:
        return None
    time, potential = segment["time_s"][here], segment["potential_V"][here]
    known = np.isfinite(time) & np.isfinite(potential)
    if known.sum() < 2 or not np.ptp(time[known]) > 0.0:
        return None
    slope = np.polyfit(time[known] - time[known][0], potential[known], 1)[0]
    return float(f"{1e3 * abs(slope):.3g}")


def _rotation(segment: Segment) -> float | None:
    if "rotation_rpm" not in segment:
        return None
    values = segment["rotation_rpm"][np.isfinite(segment["rotation_rpm"])]
    return float(np.median(values)) if len(values) else None


def _ring_of(segment: Segment, here: slice, ring: Recording | None) -> np.ndarray | None:
    """Ring current at the points of a sweep: of the same file, or of its own at equal times."""
    if ring is None:
        return segment["ring_current_A"][here] if "ring_current_A" in segment else None
    parts = ring.require("time_s", "current_A")
    time = np.concatenate([p["time_s"] for p in parts])
    current = np.concatenate([p["current_A"] for p in parts])
    if "time_s" not in segment:
        raise SampleError(
            f"{ring.path}: the disk's file has no times by which the two could be joined; put both"
            " currents into one table"
        )
    wanted = segment["time_s"][here]
    order = np.argsort(time, kind="stable")
    time, current = time[order], current[order]
    step = float(np.median(np.diff(wanted)))
    after = np.clip(np.searchsorted(time, wanted), 1, len(time) - 1)
    nearest = np.minimum(np.abs(time[after] - wanted), np.abs(time[after - 1] - wanted))
    if nearest.max() > 2.0 * step:
        worst = int(np.argmax(nearest))
        raise SampleError(
            f"{ring.path} has no point near {wanted[worst]:.1f} s, where the disk has one; are the"
            " two files of the same run?"
        )
    return np.interp(wanted, time, current)
