"""Figures of a sweep that diffusion limits: plateau, half-wave potential, Tafel slope.

Everything here works on a batch of sweeps: the measured one and the draws that carry its
uncertainties, each with its own plateau and its own Tafel window, so that the spread of the
draws holds the choice of the windows. Potentials run towards the driving end; currents are
positive where they flow in the driving direction.

Plateau: around the largest current (mean over ``LOCAL_SPAN_V``) at which the sweep is flat, that
is on a stretch of at least ``LEAST_PLATEAU_V`` that changes by less than ``FLATNESS`` of the
current in 0.1 V, or by no more than its noise allows; as far as the current stays within ``ALIKE``
of that. So a plateau that bends, because the yield of peroxide changes along it, has a definite
current. A curve approaches its plateau as 1/j = 1/j_L + 1/j_k: each point of it is corrected by
the j_k that the Tafel line gives there, by ``MOST_APPROACH`` at most.

Half-wave: ln(j / (j_L - j)) is smooth and nearly straight where j is half of j_L; the root of its
weighted parabola is the half-wave potential.

Tafel: of all windows within 0.1 < j/j_L < 0.8 the longest whose slope is constant within noise
(:mod:`~adatom.electrochem.tafel_window`).
"""

from math import log

import numpy as np
from numba import njit

from adatom.electrochem import tafel_window
from adatom.electrochem.tafel_window import CURVED, longest_window

FLATNESS = 0.05
LOCAL_SPAN_V = 0.1
LEAST_PLATEAU_V = 0.1
ALIKE = 0.01
LEAST_SHARE = 0.5
"""Of the largest current: less is the foot of the wave, however flat."""
KINETIC_RANGE = (0.1, 0.8)
"""j/j_L between which a kinetic current is taken (notes on electrochemistry)."""
HALF_WAVE_RANGE = (0.3, 0.7)
LEAST_BINS = 3
"""Of a plateau, which has a slope."""
MOST_APPROACH = 0.1
ITERATIONS = 3

FIGURES = (
    "limiting_mA_cm2",
    "plateau_start_V",
    "plateau_end_V",
    "plateau_slope",
    "half_wave_V",
    *tafel_window.FIGURES,
    "plateaus",
)
"""Columns of :func:`limited_figures`; NaN where there is none."""
PLATEAU, START, END, SLOPE, HALF, TAFEL, INTERCEPT, T_START, T_END, T_LOW, T_HIGH, CURVE, COUNT = (
    range(len(FIGURES))
)


@njit(cache=True)
def limited_figures(potentials, currents, sd):
    """Figures (B, F) of sweeps (B, K), of which ``sd`` (B,) is the noise of one point."""
    result = np.full((potentials.shape[0], COUNT + 1), np.nan)
    for b in range(potentials.shape[0]):
        _figures(potentials[b], currents[b], sd[b], result[b])
    return result


@njit(cache=True)
def _figures(x, j, sd, out):
    first, last, count = _plateau(x, j, sd)
    out[COUNT] = count
    if first < 0:
        return
    n = last - first
    out[START], out[END] = x[first], x[last - 1]
    mean_x, mean_j = x[first:last].mean(), j[first:last].mean()
    out[SLOPE] = (
        ((x[first:last] - mean_x) * (j[first:last] - mean_j)).sum()
        / ((x[first:last] - mean_x) ** 2).sum()
    )  # fmt: skip
    limit = mean_j
    for _ in range(ITERATIONS):
        start, end = _range(j, limit, KINETIC_RANGE[0], KINETIC_RANGE[1])
        if not _tafel(x, j, sd, limit, start, end, out):
            break
        corrected = 0.0
        for k in range(first, last):
            decades = out[INTERCEPT] + x[k] * 1e3 / out[TAFEL]
            share = limit / 10.0 ** min(decades, 30.0)
            corrected += j[k] * (1.0 + min(share, MOST_APPROACH))
        limit = corrected / n
    out[PLATEAU] = limit
    start, end = _range(j, limit, HALF_WAVE_RANGE[0], HALF_WAVE_RANGE[1])
    out[HALF] = _half_wave(x, j, limit, start, end)


@njit(cache=True)
def _plateau(x, j, sd):
    """First and one past the last bin of the plateau, and how many flat stretches there are."""
    n = x.size
    top = j.max()
    mean, noise = np.zeros(n), np.zeros(n)
    most, at = 0.0, -1
    most_here, here = 0.0, -1
    count, stretch = 0, -1
    # Sums from the start, so that every window costs the same; x from its middle keeps digits.
    sums = np.zeros((n + 1, 4))
    middle = x[n // 2]
    for k in range(n):
        t = x[k] - middle
        sums[k + 1, 0] = sums[k, 0] + t
        sums[k + 1, 1] = sums[k, 1] + j[k]
        sums[k + 1, 2] = sums[k, 2] + t * t
        sums[k + 1, 3] = sums[k, 3] + t * j[k]
    a, b = 0, 0
    for k in range(n + 1):
        flat = False
        if k < n:
            while abs(x[k] - x[a]) > 0.5 * LOCAL_SPAN_V:
                a += 1
            b = max(b, k)
            while b < n and abs(x[b] - x[k]) <= 0.5 * LOCAL_SPAN_V:
                b += 1
            m = b - a
            mean_x = (sums[b, 0] - sums[a, 0]) / m
            mean[k], noise[k] = (sums[b, 1] - sums[a, 1]) / m, sd / m**0.5
            spread = sums[b, 2] - sums[a, 2] - m * mean_x**2
            if m > 2 and spread > 0.0 and mean[k] > LEAST_SHARE * top:
                slope = abs((sums[b, 3] - sums[a, 3] - m * mean_x * mean[k]) / spread)
                flat = slope <= FLATNESS * mean[k] / 0.1 + CURVED * sd / spread**0.5
                # The ends have half a window.
                whole = a > 0 and b < n and abs(x[b - 1] - x[a]) > 0.8 * LOCAL_SPAN_V
                if flat and whole and mean[k] > most_here:
                    most_here, here = mean[k], k
        if flat and stretch < 0:
            stretch = k
        elif not flat and stretch >= 0:
            if abs(x[k - 1] - x[stretch]) >= LEAST_PLATEAU_V:
                count += 1
                if most_here > most:
                    most, at = most_here, here
            stretch, most_here = -1, 0.0
    if at < 0:
        return -1, -1, count
    first, last = at, at + 1
    while first > 0 and abs(mean[first - 1] - mean[at]) <= (
        ALIKE * mean[at] + CURVED * noise[first - 1]
    ):
        first -= 1
    while last < n and abs(mean[last] - mean[at]) <= ALIKE * mean[at] + CURVED * noise[last]:
        last += 1
    if last - first < LEAST_BINS:  # a single high bin amid others that are not alike
        return -1, -1, count
    return first, last, count


@njit(cache=True)
def _range(j, limit, low, high):
    """Bins from the last crossing of ``low`` to the first crossing of ``high`` after it."""
    end = j.size
    for k in range(j.size):
        if j[k] > high * limit:
            end = k
            break
    start = 0
    for k in range(end - 1, -1, -1):
        if j[k] < low * limit:
            start = k + 1
            break
    return start, end


@njit(cache=True)
def _half_wave(x, j, limit, start, end):
    """Root of the weighted parabola through ln(j / (limit - j)); NaN outside its points."""
    if end - start < 4:
        return np.nan
    centre = x[(start + end) // 2]
    matrix, right = np.zeros((3, 3)), np.zeros(3)
    power = np.empty(5)
    moments = np.zeros(5)
    for k in range(start, end):
        share = j[k] / limit
        weight = (share * (1.0 - share)) ** 2
        y = log(share / (1.0 - share))
        power[0] = 1.0
        for p in range(1, 5):
            power[p] = power[p - 1] * (x[k] - centre)
        moments += weight * power
        right += weight * y * power[:3]
    for p in range(3):
        matrix[p] = moments[p : p + 3]
    c = np.linalg.solve(matrix, right)
    root = -c[0] / c[1]
    for _ in range(20):
        slope = c[1] + 2.0 * c[2] * root
        step = (c[0] + root * (c[1] + c[2] * root)) / slope
        root -= step
        if abs(step) < 1e-9:
            break
    margin = abs(x[end - 1] - x[start])
    if not abs(root) <= margin:
        return np.nan
    return centre + root


@njit(cache=True)
def _tafel(x, j, sd, limit, start, end, out):
    """Tafel window of the kinetic currents; False when there is none."""
    current = j[start:end]
    kinetic = current * limit / (limit - current)
    weight = (current * (limit - current) * log(10.0) / (sd * limit)) ** 2
    return longest_window(x[start:end], np.log10(kinetic), weight, out[TAFEL : CURVE + 1])
