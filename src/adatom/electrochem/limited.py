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

Tafel: of all windows within 0.1 < j/j_L < 0.8 the longest whose slope is constant within noise:
the quadratic term of a weighted fit of log10(j_k) lies within ``CURVED`` of its standard errors.
"""

from math import log, log10

import numpy as np
from numba import njit

FLATNESS = 0.05
LOCAL_SPAN_V = 0.1
LEAST_PLATEAU_V = 0.1
ALIKE = 0.01
LEAST_SHARE = 0.5
"""Of the largest current: less is the foot of the wave, however flat."""
KINETIC_RANGE = (0.1, 0.8)
"""j/j_L between which a kinetic current is taken (notes on electrochemistry)."""
HALF_WAVE_RANGE = (0.3, 0.7)
CURVED = 2.0
FEWEST_BINS = 6
LEAST_BINS = 3
"""Of a plateau, which has a slope."""
LEAST_DECADES = 0.3
"""A shorter window gives no slope."""
MOST_APPROACH = 0.1
ITERATIONS = 3
CROSSING_SPAN_V = 0.04

FIGURES = (
    "limiting_mA_cm2",
    "plateau_start_V",
    "plateau_end_V",
    "plateau_slope",
    "half_wave_V",
    "tafel_mV_dec",
    "tafel_intercept",
    "tafel_start_V",
    "tafel_end_V",
    "tafel_low_mA_cm2",
    "tafel_high_mA_cm2",
    "curvature",
    "plateaus",
)
"""Columns of :func:`limited_figures`; NaN where there is none."""
PLATEAU, START, END, SLOPE, HALF, TAFEL, INTERCEPT, T_START, T_END, T_LOW, T_HIGH, CURVE, COUNT = (
    range(len(FIGURES))
)


@njit(cache=True)
def limited_figures(potentials, currents, sd):
    """Figures (B, F) of sweeps (B, K), of which ``sd`` (B,) is the noise of one point."""
    result = np.full((potentials.shape[0], 13), np.nan)
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
    """The longest window with a constant slope; False when there is none."""
    m = end - start
    if m < FEWEST_BINS:
        return False
    # Weighted sums from the start, so that every window costs the same.
    sums = np.zeros((m + 1, 8))
    y = np.empty(m)
    centre = x[start]
    for k in range(m):
        current = j[start + k]
        y[k] = log10(current * limit / (limit - current))
        error = sd * limit / (current * (limit - current)) / log(10.0)
        w, t = 1.0 / error**2, x[start + k] - centre
        sums[k + 1, 0] = sums[k, 0] + w
        sums[k + 1, 1] = sums[k, 1] + w * t
        sums[k + 1, 2] = sums[k, 2] + w * t**2
        sums[k + 1, 3] = sums[k, 3] + w * t**3
        sums[k + 1, 4] = sums[k, 4] + w * t**4
        sums[k + 1, 5] = sums[k, 5] + w * y[k]
        sums[k + 1, 6] = sums[k, 6] + w * t * y[k]
        sums[k + 1, 7] = sums[k, 7] + w * t**2 * y[k]
    for length in range(m, FEWEST_BINS - 1, -1):
        most = LEAST_DECADES
        for a in range(m - length + 1):
            b = a + length
            slope, intercept, decades, curvature = weighted_line(
                sums[b] - sums[a], x[start + a] - centre, x[start + b - 1] - centre
            )
            if abs(curvature) > CURVED or decades < most:
                continue
            most = decades
            out[TAFEL] = 1e3 / slope
            out[INTERCEPT] = intercept - slope * centre
            out[T_START], out[T_END] = x[start + a], x[start + b - 1]
            out[CURVE] = curvature
        if most > LEAST_DECADES:
            out[T_LOW] = 10.0 ** (out[INTERCEPT] + out[T_START] * 1e3 / out[TAFEL])
            out[T_HIGH] = 10.0 ** (out[INTERCEPT] + out[T_END] * 1e3 / out[TAFEL])
            return True
    return False


@njit(cache=True)
def weighted_line(s, start, end):
    """Slope, intercept, decades covered and quadratic term over its standard error.

    ``s`` (8,) are the sums of w, w t, w t^2, w t^3, w t^4, w y, w t y and w t^2 y.
    """
    mean = s[1] / s[0]
    # Moments about the mean keep the digits.
    m2 = s[2] / s[0] - mean**2
    m3 = s[3] / s[0] - 3.0 * mean * s[2] / s[0] + 2.0 * mean**3
    m4 = s[4] / s[0] - 4.0 * mean * s[3] / s[0] + 6.0 * mean**2 * s[2] / s[0] - 3.0 * mean**4
    y0 = s[5] / s[0]
    y1 = s[6] / s[0] - mean * y0
    y2 = s[7] / s[0] - 2.0 * mean * s[6] / s[0] + mean**2 * y0
    slope = y1 / m2
    # The quadratic that is orthogonal to constant and line: t^2 - m3/m2 t - m2.
    norm = m4 - m3**2 / m2 - m2**2
    quadratic = (y2 - m3 / m2 * y1 - m2 * y0) / norm
    curvature = quadratic * (s[0] * norm) ** 0.5
    return slope, y0 - slope * mean, abs(slope * (end - start)), curvature


@njit(cache=True)
def current_at(potentials, currents, at, half_width):
    """Currents (B, Q) at potentials (Q,): a straight line through the neighbourhood.

    NaN where the sweep does not reach to both sides.
    """
    result = np.full((potentials.shape[0], at.size), np.nan)
    for b in range(potentials.shape[0]):
        x, j = potentials[b], currents[b]
        for q in range(at.size):
            weight = sum_x = sum_j = sum_xx = sum_xj = 0.0
            below = above = False
            for k in range(x.size):
                t = x[k] - at[q]
                if abs(t) <= half_width:
                    weight += 1.0
                    sum_x += t
                    sum_j += j[k]
                    sum_xx += t * t
                    sum_xj += t * j[k]
                    below, above = below or t <= 0.0, above or t >= 0.0
            spread = weight * sum_xx - sum_x**2
            if below and above and spread > 0.0:
                result[b, q] = (sum_xx * sum_j - sum_x * sum_xj) / spread
    return result


@njit(cache=True)
def first_crossing(potentials, currents, level):
    """Potential (B,) at which each sweep reaches ``level`` for good.

    j = level exp((x - x0) s) is fitted over ``CROSSING_SPAN_V`` around the crossing, noise below
    zero included. Infinite (in the driving direction) where the level is never reached, NaN where
    the sweep starts beyond it or the fit does not settle.
    """
    result = np.full(potentials.shape[0], np.nan)
    for b in range(potentials.shape[0]):
        x, j = potentials[b], currents[b]
        last = -1
        for k in range(x.size - 1, -1, -1):
            if j[k] < level:
                last = k
                break
        if last == x.size - 1:
            result[b] = np.inf if x[-1] > x[0] else -np.inf
            continue
        if last < 0:
            continue
        forward = 1.0 if x[-1] > x[0] else -1.0
        a, c = last, last + 1
        while a > 0 and abs(x[a - 1] - x[last]) <= 0.5 * CROSSING_SPAN_V:
            a -= 1
        while c < x.size and abs(x[c] - x[last]) <= 0.5 * CROSSING_SPAN_V:
            c += 1
        root, steepness = x[last], 30.0
        settled = False
        for _ in range(30):
            aa = ab = bb = ra = rb = 0.0
            for k in range(a, c):
                model = level * np.exp(min(steepness * forward * (x[k] - root), 5.0))
                by_root = -model * steepness * forward
                by_steepness = model * forward * (x[k] - root)
                rest = j[k] - model
                aa += by_root**2
                ab += by_root * by_steepness
                bb += by_steepness**2
                ra += by_root * rest
                rb += by_steepness * rest
            determinant = aa * bb - ab**2
            if determinant <= 0.0:
                break
            change = (bb * ra - ab * rb) / determinant
            root += min(max(change, -0.01), 0.01)
            steepness += min(max((aa * rb - ab * ra) / determinant, -20.0), 20.0)
            steepness = min(max(steepness, 2.0), 300.0)
            if abs(change) < 1e-7:
                settled = True
                break
        if settled and abs(root - x[last]) <= CROSSING_SPAN_V:
            result[b] = root
    return result
