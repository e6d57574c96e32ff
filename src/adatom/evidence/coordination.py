"""Likelihood of coordination numbers, averaged over nuisances for many compositions."""

import numpy as np
from numba import njit


@njit(cache=True)
def log_mean_likelihood(shares, amplitude, neighbours, counted, readings):
    """Log of the mean likelihood over K points of the nuisances, for each of N compositions.

    ``shares`` (N, 3): of pairs, clusters, particles. ``amplitude`` (K,), ``neighbours`` (K, 3) of
    a metal atom in each. ``counted`` (P, 3): 1 where a path has these neighbours, else 0.
    ``readings`` (P, R, 4): log probability, centre and standard deviations below and above of
    what the number of each path says.
    """
    found = np.empty(shares.shape[0])
    logs = np.empty(amplitude.shape[0])
    for i in range(shares.shape[0]):
        top = -np.inf
        for k in range(amplitude.shape[0]):
            log = 0.0
            for p in range(counted.shape[0]):
                expected = 0.0
                for s in range(3):
                    expected += counted[p, s] * shares[i, s] * neighbours[k, s]
                expected *= amplitude[k]
                log += _reading(readings[p], expected)
            logs[k] = log
            top = max(top, log)
        total = 0.0
        for k in range(amplitude.shape[0]):
            if logs[k] > top - 30.0:
                total += np.exp(logs[k] - top)
        found[i] = top + np.log(total / amplitude.shape[0])
    return found


@njit(cache=True)
def _reading(readings, expected):
    first = _two_piece(readings[0], expected)
    for r in range(1, readings.shape[0]):
        other = _two_piece(readings[r], expected)
        high, low = max(first, other), min(first, other)
        first = high + np.log1p(np.exp(low - high)) if low > high - 30.0 else high
    return first


@njit(cache=True)
def _two_piece(reading, expected):
    away = expected - reading[1]
    scaled = away / (reading[2] if away < 0.0 else reading[3])
    return reading[0] - 0.5 * min(scaled * scaled, 1e12)
