"""Atoms as Gaussians of one width, fitted jointly where they overlap: compiled.

I(x, y) = sum_k A_k exp(-((x - x_k)^2 + (y - y_k)^2) / (2 s^2)) + plane. Damped least squares
(Marquardt, J. Soc. Ind. Appl. Math. 1963, 11, 431, doi:10.1137/0111030) weighted by the variance of
each pixel; one plane a group. Positions are in pixels, the centre of the first pixel at 0.
"""

from math import exp, sqrt

import numpy as np
from numba import njit, prange

REACH = 4.5
"""Widths beyond which a Gaussian is 0 (4e-5 of its height)."""
WINDOW = 3.0
"""Radius of the pixels fitted around an atom, in widths."""
FREE = 1.0
"""An atom may move so many widths from its seed: it cannot take a partner's place."""
_ITERATIONS = 30
_CONVERGED = 1e-4


@njit(cache=True)
def render(shape, x, y, amplitude, width):
    """Sum of all atoms (N,) on an image, without background."""
    image = np.zeros(shape, dtype=np.float32)
    reach = REACH * width
    for k in range(x.size):
        for i in range(max(0, int(y[k] - reach)), min(shape[0], int(y[k] + reach) + 2)):
            column = exp(-0.5 * ((i - y[k]) / width) ** 2)
            for j in range(max(0, int(x[k] - reach)), min(shape[1], int(x[k] + reach) + 2)):
                image[i, j] += amplitude[k] * column * exp(-0.5 * ((j - x[k]) / width) ** 2)
    return image


@njit(cache=True)
def _cholesky(matrix):
    """Lower factor in place; False where the matrix is not positive definite."""
    n = matrix.shape[0]
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                matrix[i, i] = sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    return True


@njit(cache=True)
def _solve(lower, right):
    n = right.size
    for i in range(n):
        for k in range(i):
            right[i] -= lower[i, k] * right[k]
        right[i] /= lower[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= lower[k, i] * right[k]
        right[i] /= lower[i, i]


@njit(cache=True)
def _pixels(shape, x, y, radius):
    """Rows and columns of the pixels within a radius of any atom of a group."""
    top, bottom = max(0, int(y.min() - radius)), min(shape[0], int(y.max() + radius) + 2)
    left, right = max(0, int(x.min() - radius)), min(shape[1], int(x.max() + radius) + 2)
    rows = np.empty((bottom - top) * (right - left), dtype=np.int64)
    columns = np.empty_like(rows)
    count = 0
    for i in range(top, bottom):
        for j in range(left, right):
            for k in range(x.size):
                if (j - x[k]) ** 2 + (i - y[k]) ** 2 <= radius * radius:
                    rows[count], columns[count] = i, j
                    count += 1
                    break
    return rows[:count], columns[:count]


@njit(cache=True)
def _normal(rows, columns, data, weight, parameters, width, matrix, right):
    """Normal equations and weighted sum of squares of a group at these parameters."""
    n = (parameters.size - 3) // 3
    size = parameters.size
    matrix[:] = 0.0
    right[:] = 0.0
    square = 0.0
    row0, column0 = rows[0], columns[0]
    at = np.empty(size, dtype=np.int64)
    slope = np.empty(size)
    for p in range(rows.size):
        i, j = rows[p], columns[p]
        dx, dy = (j - column0) / width, (i - row0) / width
        model = parameters[3 * n] + parameters[3 * n + 1] * dx + parameters[3 * n + 2] * dy
        used = 0
        for k in range(n):
            u, v = (j - parameters[3 * k + 1]) / width, (i - parameters[3 * k + 2]) / width
            distance = u * u + v * v
            if distance > REACH * REACH:
                continue
            bell = exp(-0.5 * distance)
            height = parameters[3 * k] * bell
            model += height
            at[used], slope[used] = 3 * k, bell
            at[used + 1], slope[used + 1] = 3 * k + 1, height * u / width
            at[used + 2], slope[used + 2] = 3 * k + 2, height * v / width
            used += 3
        at[used], slope[used] = 3 * n, 1.0
        at[used + 1], slope[used + 1] = 3 * n + 1, dx
        at[used + 2], slope[used + 2] = 3 * n + 2, dy
        used += 3
        rest, w = data[p] - model, weight[p]
        square += w * rest * rest
        for a in range(used):
            right[at[a]] += w * slope[a] * rest
            for b in range(a + 1):
                matrix[at[a], at[b]] += w * slope[a] * slope[b]
    return square


@njit(cache=True)
def _fit_group(residual, variance, x, y, amplitude, seed_x, seed_y, width):
    """Fitted (n, 3) heights and positions, and the variances of each, of one group."""
    n = x.size
    rows, columns = _pixels(residual.shape, x, y, WINDOW * width)
    data, weight = np.empty(rows.size), np.empty(rows.size)
    for p in range(rows.size):
        data[p] = residual[rows[p], columns[p]]
        weight[p] = 1.0 / variance[rows[p], columns[p]]
        for k in range(n):
            square = (columns[p] - x[k]) ** 2 + (rows[p] - y[k]) ** 2
            if square <= (REACH * width) ** 2:
                data[p] += amplitude[k] * exp(-0.5 * square / width**2)
    size = 3 * n + 3
    now = np.zeros(size)
    for k in range(n):
        now[3 * k], now[3 * k + 1], now[3 * k + 2] = amplitude[k], x[k], y[k]
    matrix, right = np.empty((size, size)), np.empty(size)
    trial_matrix, trial_right = np.empty((size, size)), np.empty(size)
    square = _normal(rows, columns, data, weight, now, width, matrix, right)
    damping = 1e-3
    for _ in range(_ITERATIONS):
        factor = matrix.copy()
        for a in range(size):
            factor[a, a] *= 1.0 + damping
            factor[a, a] += 1e-300
        step = right.copy()
        if not _cholesky(factor):
            damping = max(10.0 * damping, 1e-3)
            if damping > 1e8:
                break
            continue
        _solve(factor, step)
        trial = now + step
        moved = 0.0
        for k in range(n):
            for axis, seed in ((1, seed_x[k]), (2, seed_y[k])):
                low, high = seed - FREE * width, seed + FREE * width
                trial[3 * k + axis] = min(max(trial[3 * k + axis], low), high)
                moved = max(moved, abs(trial[3 * k + axis] - now[3 * k + axis]))
        found = _normal(rows, columns, data, weight, trial, width, trial_matrix, trial_right)
        if found <= square:
            small = square - found < _CONVERGED * (1.0 + 1e-3 * square) and moved < 1e-2
            now, square = trial, found
            matrix, trial_matrix = trial_matrix, matrix
            right, trial_right = trial_right, right
            damping = max(0.1 * damping, 1e-9)
            if small:
                break
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    values, variances = np.empty((n, 3)), np.full((n, 3), np.inf)
    inverted = matrix.copy()
    sound = _cholesky(inverted)
    for k in range(n):
        for axis in range(3):
            values[k, axis] = now[3 * k + axis]
            if sound:
                unit = np.zeros(size)
                unit[3 * k + axis] = 1.0
                _solve(inverted, unit)
                variances[k, axis] = unit[3 * k + axis]
    return values, variances


@njit(parallel=True, cache=True)
def fit_groups(residual, variance, starts, members, atoms, seeds, width):
    """Fit every group with the other atoms held.

    ``residual`` is the image less all ``atoms`` (N, 3: height, x, y); group g has the atoms
    ``members[starts[g]:starts[g + 1]]``. Returns values and variances, each (N, 3).
    """
    values, variances = atoms.copy(), np.full(atoms.shape, np.inf)
    for g in prange(starts.size - 1):
        own = members[starts[g] : starts[g + 1]]
        found, spread = _fit_group(
            residual,
            variance,
            atoms[own, 1],
            atoms[own, 2],
            atoms[own, 0],
            seeds[own, 0],
            seeds[own, 1],
            width,
        )
        for k in range(own.size):
            values[own[k]] = found[k]
            variances[own[k]] = spread[k]
    return values, variances


@njit(parallel=True, cache=True)
def empty_fits(residual, variance, x, y, width):
    """Height and its two derivatives fitted where no atom is, each over its standard deviation.

    Returns (N, 3): in white noise of the given variance each column has standard deviation 1.
    """
    found = np.zeros((x.size, 3))
    for k in prange(x.size):
        rows, columns = _pixels(residual.shape, x[k : k + 1], y[k : k + 1], WINDOW * width)
        matrix, right, slope = np.zeros((6, 6)), np.zeros(6), np.empty(6)
        for p in range(rows.size):
            u, v = (columns[p] - x[k]) / width, (rows[p] - y[k]) / width
            bell = exp(-0.5 * (u * u + v * v))
            slope[0], slope[1], slope[2] = bell, bell * u, bell * v
            slope[3], slope[4], slope[5] = 1.0, u, v
            w = 1.0 / variance[rows[p], columns[p]]
            for a in range(6):
                right[a] += w * slope[a] * residual[rows[p], columns[p]]
                for b in range(6):
                    matrix[a, b] += w * slope[a] * slope[b]
        if not _cholesky(matrix):
            continue
        _solve(matrix, right)
        for axis in range(3):
            unit = np.zeros(6)
            unit[axis] = 1.0
            _solve(matrix, unit)
            found[k, axis] = right[axis] / sqrt(unit[axis])
    return found


@njit(cache=True)
def local_maxima(score, inside):
    """Rows and columns of the pixels above their eight neighbours, in the region."""
    rows, columns = [], []
    for i in range(1, score.shape[0] - 1):
        for j in range(1, score.shape[1] - 1):
            top = score[i, j]
            if not inside[i, j] or not (top > score[i, j - 1] and top >= score[i, j + 1]):
                continue
            if (
                top > score[i - 1, j - 1]
                and top > score[i - 1, j]
                and top > score[i - 1, j + 1]
                and top >= score[i + 1, j - 1]
                and top >= score[i + 1, j]
                and top >= score[i + 1, j + 1]
            ):
                rows.append(i)
                columns.append(j)
    return np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
