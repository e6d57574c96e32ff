"""The EXAFS equation: chi(k) of scattering paths with fitted numbers, distances and disorder.

chi(k) = sum over paths of N S02 f(k) / (k (R + dR)^2) Im exp(2ikR + i phase - 2R/lambda
         + 2ip (dR - 2 sigma2/R - 2/3 p^2 c3) - 2 p^2 sigma2),

p = p' + i/lambda the complex wavenumber FEFF gives, k counted from E0 + dE0. With p = k it is the
usual equation exp(-2 k^2 sigma2) sin(2kR + phase); the complex p and the term 2 sigma2/R (from
1/R^2 within the distribution) follow Newville, J. Synchrotron Rad. 2001, 8, 322,
10.1107/S0909049500016964 (IFEFFIT).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy.interpolate import CubicSpline

from adatom.errors import SpectrumError
from adatom.xas.fine_structure import K2_PER_EV
from adatom.xas.scattering_path import ScatteringPath

STEP = 0.02
"""Spacing of the tables in 1/angstrom, fine enough for linear interpolation."""
_AMPLITUDE, _PHASE, _DAMPING, _MOMENTUM = range(4)


@dataclass(frozen=True)
class PathTables:
    """Paths on one fine grid of k, as the compiled equation wants them."""

    table: np.ndarray
    """(P, G, 4): amplitude, phase, 1/lambda and real momentum at k = 0, STEP, ..."""
    distance: np.ndarray
    """(P,), angstrom."""
    highest_k: float
    """1/angstrom; there is no path beyond it."""


@dataclass(frozen=True)
class PathParameters:
    """What is fitted of each path; every array (P,)."""

    number: np.ndarray
    """N x S02 (paths of one absorber, times the amplitude reduction)."""
    shift_angstrom: np.ndarray
    """dR."""
    sigma2_A2: np.ndarray
    """Mean square disorder of the distance, angstrom^2."""
    third_cumulant_A3: np.ndarray | None = None
    """Asymmetry of the distribution of distances, angstrom^3; None: 0."""


def tables_of(paths: Sequence[ScatteringPath]) -> PathTables:
    """Interpolate paths (cubic splines) onto the common grid."""
    if not paths:
        raise SpectrumError("no scattering path was given; a model needs at least one")
    highest = min(float(path.k_per_angstrom[-1]) for path in paths)
    grid = np.arange(0.0, highest + 0.5 * STEP, STEP)
    table = np.empty((len(paths), len(grid), 4))
    for row, path in zip(table, paths, strict=True):
        columns = (
            path.amplitude,
            np.unwrap(path.phase),
            1.0 / path.mean_free_path_angstrom,
            path.real_momentum_per_angstrom,
        )
        row[:] = CubicSpline(path.k_per_angstrom, np.transpose(columns))(grid)
    return PathTables(table, np.array([path.distance_angstrom for path in paths]), highest)


def chi_of_paths(
    tables: PathTables, k_per_angstrom: np.ndarray, e0_shift_eV: float, given: PathParameters
) -> np.ndarray:
    """chi of every path, (P, K); their sum is the spectrum. 0 below the shifted edge."""
    third = np.zeros(len(tables.distance)) if given.third_cumulant_A3 is None else (
        given.third_cumulant_A3
    )  # fmt: skip
    out = np.empty((len(tables.distance), len(k_per_angstrom)))
    for p in range(len(out)):
        path_chi(
            tables.table[p],
            tables.distance[p],
            np.ascontiguousarray(k_per_angstrom),
            float(e0_shift_eV),
            float(given.number[p]),
            float(given.shift_angstrom[p]),
            float(given.sigma2_A2[p]),
            float(third[p]),
            out[p],
        )
    return out


@numba.njit(cache=True)
def path_chi(table, distance, k, e0_shift, number, shift, sigma2, third, out):
    """Write chi of one path into ``out`` (K,)."""
    last = table.shape[0] - 2
    amplitude_scale = number / (distance + shift) ** 2
    for i in range(k.shape[0]):
        squared = k[i] * k[i] - K2_PER_EV * e0_shift
        if squared <= 1e-6:
            out[i] = 0.0
            continue
        q = math.sqrt(squared)
        place = q / STEP
        n = min(int(place), last)
        w = place - n
        a = table[n, 0] + w * (table[n + 1, 0] - table[n, 0])
        phase = table[n, 1] + w * (table[n + 1, 1] - table[n, 1])
        b = table[n, 2] + w * (table[n + 1, 2] - table[n, 2])
        p = table[n, 3] + w * (table[n + 1, 3] - table[n, 3])
        real2, imaginary2 = p * p - b * b, 2.0 * p * b
        moved = shift - 2.0 * sigma2 / distance
        decay = -2.0 * b * (distance + moved) - 2.0 * sigma2 * real2
        turn = 2.0 * q * distance + phase + 2.0 * p * moved - 2.0 * sigma2 * imaginary2
        if third != 0.0:
            decay += 4.0 / 3.0 * third * (real2 * b + imaginary2 * p)
            turn -= 4.0 / 3.0 * third * (real2 * p - imaginary2 * b)
        out[i] = a * amplitude_scale / q * math.exp(decay) * math.sin(turn)
