"""Likelihood of a coordination number, averaged over those of clusters and particles."""

import numpy as np
from numba import njit


@njit(cache=True)
def mean_likelihood(shares, neighbours, table, step):
    """Mean of a tabulated likelihood over K points, for each of N compositions.

    ``shares`` (N, 3): of pairs, clusters, particles. ``neighbours`` (K, 3): of a metal atom in
    each; 0 where they are not counted. ``table`` (T,): likelihood of the mean number of
    neighbours at 0, ``step``, 2 ``step`` ...
    """
    found = np.empty(shares.shape[0])
    for i in range(shares.shape[0]):
        pairs, clusters, particles = shares[i, 0], shares[i, 1], shares[i, 2]
        total = 0.0
        for k in range(neighbours.shape[0]):
            number = (
                pairs * neighbours[k, 0]
                + clusters * neighbours[k, 1]
                + particles * neighbours[k, 2]
            ) / step
            at = min(int(number), table.shape[0] - 2)
            share = number - at
            total += table[at] * (1.0 - share) + table[at + 1] * share
        found[i] = total / neighbours.shape[0]
    return found
