"""Double-layer capacitance: half the charging current difference against the scan rate.

At one potential the anodic and the cathodic sweep of a voltammogram differ by twice the charging
current; a current that does not change its sign with the direction cancels. Its slope against the
scan rate is C_dl. A capacitance per area of a smooth surface turns it into an area (ECSA); that
number depends on material and electrolyte and is the user's to give (McCrory, Jung, Peters,
Jaramillo, J. Am. Chem. Soc. 2013, 135, 16977, doi:10.1021/ja407115p).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from adatom.electrochem.corrections import MeasuredSweep, per_area, to_rhe
from adatom.electrochem.local_fits import current_at
from adatom.electrochem.noise import estimate_noise
from adatom.electrochem.recorded_sweeps import measured_sweeps
from adatom.electrochem.reference import RheOffset
from adatom.electrochem.sample import Sample
from adatom.electrochem.sweeps import binned
from adatom.errors import CurveError, SampleError
from adatom.figure_of_merit import NORMAL_95, FigureOfMerit, no_figure
from adatom.readers.recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALF_WIDTH_V = 0.01
"""Of the straight line from which a current is read."""
LEAST_SPAN_V = 0.05
"""Voltammograms of charging currents are narrow."""
FEWEST_RATES = 3
NOT_LINEAR_P = 0.01
SAME_RATE = 0.1
"""What a scan rate that is given may differ from that of the file, relative."""
FARADAIC = 0.5
"""Of the charging current: more that flows in both directions alike is a reaction."""


@dataclass(frozen=True)
class ChargingPoint:
    """Half the difference of anodic and cathodic current density at one scan rate."""

    scan_rate_mV_s: float
    charging_mA_cm2: float
    sd_mA_cm2: float
    """From the noise of both sweeps, and from the cycles where there are several."""
    mean_mA_cm2: float
    """What flows in both directions alike."""
    cycles: int


@dataclass(frozen=True)
class Capacitance:
    """C_dl with its line, and the area that follows from a specific capacitance."""

    at_V_rhe: float
    points: tuple[ChargingPoint, ...]
    capacitance_mF_cm2: FigureOfMerit
    intercept_mA_cm2: FigureOfMerit
    """Zero where all of the difference is charging."""
    linearity_p: float | None
    """Chance of points as far from a line if they were on one, by their own errors."""
    roughness: FigureOfMerit
    """C_dl over the specific capacitance: cm2 of surface per cm2 of electrode."""
    area_cm2: FigureOfMerit
    """Electrochemically active surface area."""
    flags: tuple[str, ...]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the charging currents and their line; returns the axes."""
        from adatom.plot.capacitance import plot_capacitance

        return plot_capacitance(self, ax)


def charging_sweeps(
    recordings: Sequence[Recording],
    sample: Sample,
    offset: RheOffset,
    scan_rates_mV_s: Sequence[float] = (),
) -> tuple[MeasuredSweep, ...]:
    """Sweeps of voltammograms per area and against RHE; rates given, one a file, go before theirs.

    The ohmic drop is left: charging currents are small. Raises
    :class:`~adatom.errors.SampleError` for rates that do not match the files.
    """
    if scan_rates_mV_s and len(scan_rates_mV_s) != len(recordings):
        names = ", ".join(r.path.name for r in recordings)
        raise SampleError(
            f"{len(scan_rates_mV_s)} scan rates ({', '.join(f'{r:g}' for r in scan_rates_mV_s)}"
            f" mV/s) for {len(recordings)} files ({names}); give one for each, in their order"
        )
    found = []
    for at, recording in enumerate(recordings):
        sweeps = measured_sweeps([recording], sample, speeds=False, least_span_V=LEAST_SPAN_V)
        for sweep in sweeps:
            stated = scan_rates_mV_s[at] if scan_rates_mV_s else sweep.scan_rate_mV_s
            _require_same_rate(recording, stated, sweep.scan_rate_mV_s)
            label = f"{recording.path.stem} {sweep.label}"
            named = replace(sweep, scan_rate_mV_s=stated, label=label)
            if named.current_density_mA_cm2 is None:
                named = per_area(named, sample.require("electrode.area_cm2", "A current density"))
            found.append(to_rhe(named, offset.volt, offset.source))
    return tuple(found)


def _require_same_rate(
    recording: Recording, stated_mV_s: float | None, own_mV_s: float | None
) -> None:
    if not stated_mV_s or not own_mV_s or abs(stated_mV_s / own_mV_s - 1.0) < SAME_RATE:
        return
    volts = " (--scan-rates is in mV/s)" if abs(own_mV_s / stated_mV_s / 1e3 - 1.0) < 0.2 else ""
    raise SampleError(
        f"{recording.path}: --scan-rates says {stated_mV_s:g} mV/s, the file (or the sample)"
        f" {own_mV_s:g} mV/s{volts}; give the rates in the order of the files, or leave them out"
    )


def analyse_capacitance(
    sweeps: Sequence[MeasuredSweep], sample: Sample, *, at_V_rhe: float
) -> Capacitance:
    """C_dl at one potential from voltammograms (corrected sweeps) at three scan rates or more.

    The intervals hold noise, scatter about the line (whichever is larger) and the errors of area
    and specific capacitance. Raises :class:`~adatom.errors.CurveError` with fewer rates, without
    scan rates, and where no voltammogram passes the potential in both directions.
    """
    points = _points(sweeps, at_V_rhe)
    if len(points) < FEWEST_RATES:
        raise CurveError(_too_few(sweeps, points, at_V_rhe))
    rate = np.array([p.scan_rate_mV_s for p in points]) * 1e-3
    charging = np.array([p.charging_mA_cm2 for p in points])
    weight = np.array([p.sd_mA_cm2 for p in points]) ** -2.0
    slope, intercept, covariance, chi2 = _line(rate, charging, weight)
    degrees = len(points) - 2
    # Scatter beyond the points' own errors is an error too, known from so few degrees.
    scatter = chi2 / degrees
    scale = float(stats.t.ppf(0.975, degrees)) * scatter**0.5 if scatter > 1.0 else NORMAL_95
    slope_half, intercept_half = (float(scale * covariance[i, i] ** 0.5) for i in (1, 0))
    area = sample.get("electrode.area_cm2")
    area_sd = sample.relative_sd("electrode.area_cm2", "electrode.area_sd_cm2")
    conditions = {"at_V_rhe": at_V_rhe, "scan_rates_mV_s": [p.scan_rate_mV_s for p in points]}
    with_area = float(np.hypot(slope_half, NORMAL_95 * area_sd * slope))
    capacitance = FigureOfMerit(
        slope, (slope - with_area, slope + with_area), "", "mF/cm2", conditions
    )
    crossing = FigureOfMerit(
        intercept, (intercept - intercept_half, intercept + intercept_half), "", "mA/cm2"
    )
    p = float(stats.chi2.sf(chi2, degrees))
    # The area of the electrode cancels from that of the surface.
    roughness = _surface(slope, with_area, sample, 1.0, "cm2/cm2")
    surface = _surface(slope, slope_half, sample, area, "cm2")
    return Capacitance(
        at_V_rhe, points, capacitance, crossing, p, roughness, surface,
        _flags(points, capacitance, crossing, p),
    )  # fmt: skip


def _too_few(sweeps: Sequence[MeasuredSweep], points: Sequence[ChargingPoint], at_V: float) -> str:
    found = f"only {', '.join(f'{p.scan_rate_mV_s:g}' for p in points)} mV/s" if points else "none"
    low = max(float(s.potential_V.min()) for s in sweeps)
    high = min(float(s.potential_V.max()) for s in sweeps)
    rates = sorted({s.scan_rate_mV_s for s in sweeps if s.scan_rate_mV_s})
    if not low <= at_V <= high:
        mend = "choose --at within what all sweeps cover"
        mend += f", {low:.3f} to {high:.3f} V vs RHE" if low < high else " (they share nothing)"
    elif len(rates) < FEWEST_RATES:
        mend = "measure at more rates, or give the true ones with --scan-rates, one for each file"
    else:
        mend = "give files with anodic and cathodic sweeps at each rate"
    return (
        f"C_dl needs at least {FEWEST_RATES} scan rates with both directions at {at_V:g} V vs RHE;"
        f" there are {found}; {mend}"
    )


def _points(sweeps: Sequence[MeasuredSweep], at_V: float) -> tuple[ChargingPoint, ...]:
    unknown = [s.label for s in sweeps if not s.scan_rate_mV_s]
    if unknown:
        raise CurveError(
            f"the scan rate of {len(unknown)} sweeps ('{unknown[0]}' first) is neither in the file"
            " nor given: --scan-rates takes one for each file, in their order and in mV/s, as"
            " --scan-rates 10,20,50"
        )
    rates: dict[float, dict[bool, list[tuple[float, float]]]] = {}
    for sweep in sweeps:
        read = _reading(sweep, at_V)
        if read is not None:
            rising = bool(sweep.potential_V[-1] > sweep.potential_V[0])
            known = next(
                (r for r in rates if abs(r / float(sweep.scan_rate_mV_s or 0.0) - 1) < 0.02),
                float(sweep.scan_rate_mV_s or 0.0),
            )
            rates.setdefault(known, {True: [], False: []})[rising].append(read)
    return tuple(
        _point(rate, both[True], both[False])
        for rate, both in sorted(rates.items())
        if both[True] and both[False]
    )


def _reading(sweep: MeasuredSweep, at_V: float) -> tuple[float, float] | None:
    """Current density at a potential and its standard deviation; None outside the sweep."""
    potential, density = binned(sweep.potential_V, sweep.density, label=sweep.label)
    value = float(current_at(potential[None], density[None], np.array([at_V]), HALF_WIDTH_V)[0, 0])
    if not np.isfinite(value):
        return None
    count = int((np.abs(potential - at_V) <= HALF_WIDTH_V).sum())
    return value, estimate_noise(density).sd / count**0.5


def _point(
    rate: float, anodic: Sequence[tuple[float, float]], cathodic: Sequence[tuple[float, float]]
) -> ChargingPoint:
    cycles = min(len(anodic), len(cathodic))
    # The last ones: the first cycles of a series still change the surface.
    up, down = (np.array(x[-cycles:]) for x in (anodic, cathodic))
    half, mean = 0.5 * (up[:, 0] - down[:, 0]), 0.5 * (up[:, 0] + down[:, 0])
    noise = 0.5 * np.hypot(up[:, 1], down[:, 1])
    sd = float((noise**2).mean() / cycles) ** 0.5
    if cycles > 2:
        sd = max(sd, float(half.std(ddof=1)) / cycles**0.5)
    return ChargingPoint(rate, float(half.mean()), sd, float(mean.mean()), cycles)


def _line(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray
) -> tuple[float, float, np.ndarray, float]:
    """Slope, intercept, their covariance (intercept first) and chi2 of weighted least squares."""
    design = np.stack([np.ones_like(x), x], axis=1)
    covariance = np.linalg.inv(design.T @ (weight[:, None] * design))
    intercept, slope = covariance @ design.T @ (weight * y)
    chi2 = float((weight * (y - intercept - slope * x) ** 2).sum())
    return float(slope), float(intercept), covariance, chi2


def _surface(
    slope: float, half: float, sample: Sample, area: float | None, unit: str
) -> FigureOfMerit:
    specific = sample.get("electrode.specific_capacitance_uF_cm2")
    missing = "electrode.specific_capacitance_uF_cm2" if not specific else "electrode.area_cm2"
    if not specific or not area:
        return no_figure(f"needs {missing}, which was not given", unit)
    if slope <= 0.0:
        return no_figure("the capacitance is not positive", unit)
    value = 1e3 * slope / specific * area
    # Relative errors of a quotient, on a logarithmic scale so that no bound falls below zero.
    specific_sd = sample.relative_sd(
        "electrode.specific_capacitance_uF_cm2", "electrode.specific_capacitance_sd_uF_cm2"
    )
    relative = float(np.hypot(half / slope, NORMAL_95 * specific_sd))
    stated = {"specific_capacitance_uF_cm2": specific}
    interval = (value * float(np.exp(-relative)), value * float(np.exp(relative)))
    return FigureOfMerit(value, interval, "", unit, stated)


def _flags(
    points: Sequence[ChargingPoint], slope: FigureOfMerit, crossing: FigureOfMerit, p: float
) -> tuple[str, ...]:
    flags = []
    if p < NOT_LINEAR_P:
        flags.append(
            f"the charging currents are not on a line within their noise (p = {p:.1g}): the"
            " interval holds their scatter; a pore or a slow process is charged in part only"
        )
    low, high = crossing.interval_95
    if low is not None and high is not None and not low <= 0.0 <= high:
        flags.append(
            f"the line meets zero scan rate at {crossing.text(4)} mA/cm2: not all of the"
            " difference is charging"
        )
    worst = max(points, key=lambda q: abs(q.mean_mA_cm2 / q.charging_mA_cm2))
    if abs(worst.mean_mA_cm2) > FARADAIC * abs(worst.charging_mA_cm2):
        flags.append(
            f"faradaic: {worst.mean_mA_cm2:.3g} mA/cm2 flow in both directions alike at"
            f" {worst.scan_rate_mV_s:g} mV/s, charging is {worst.charging_mA_cm2:.3g}"
        )
    if slope.value is not None and slope.value <= 0.0:
        flags.append(
            "the charging current falls as the scan rate rises, which no capacitance does: are the"
            " scan rates in the order of the files?"
        )
    elif slope.interval_95[0] is not None and slope.interval_95[0] <= 0.0:
        flags.append("no capacitance is seen: its interval holds zero")
    return tuple(flags)
