"""Likelihood of detected spots as single atoms and pairs, given which spots are bonded.

Atoms are a Poisson process of single atoms and one of pairs; spots are what is seen of them. The
likelihood of the spots is a sum over sets of bonds: which spots hold the two atoms of one pair.
With bonds B and n_d spots that hold atoms of d visible pairs,

    L = exp(-E) prod_i F_n(i) prod_(i,j in B) 2 lambda_2 h(x_i - x_j),

where n(i) counts the bonds of spot i, lambda_1 = rho (1 - f) and lambda_2 = rho f / 2 are the
densities of single atoms and of pairs, and h is the density of the vector between two atoms of a
pair. A spot holds every atom that is linked to it by distances below the resolution. Since the
atoms are Poisson, a spot of k atoms adds C_k U^k a^(k-1), a = pi resolution^2, where C_k a^(k-1) is
the volume of linked clusters of k points over k!, and U the density of atoms without a visible
partner. Beside other spots there is less room, for those atoms must not be linked to them: a
becomes the room a_i of the spot, that of a second atom. A pair and an atom linked to both or to the
one spot they form add lambda_2 b U, with the area b that links; two pairs that are one spot add
lambda_2^2 c / 2 beyond these. Two pairs may lie between the same two spots. Hence the generating
function

    S_i(U) = U + C_2 a_i U^2 + C_3 a_i^2 U^3 + ... + (lambda_2 b U + lambda_2^2 c / 2) a_i / a,
    F_0 = p S_i + phi,   F_n = p d^n S_i / dU^n,

with the recall p and the density phi of false spots. What is not seen gives E: all atoms expected,
less what may be hidden in the area that no spot covers.

It is exact but for merged spots, whose neighbours count as single atoms.
"""

from math import log

import numpy as np
from numba import njit

C2, C3, C4, C5 = 0.5, 0.304499, 0.2044, 0.145
"""1/2; (3 - 2 (1 - 3 sqrt(3) / (4 pi))) / 6; Monte Carlo of 2e6 clusters, +- 1 %, and +- 4 %."""
RATES = 9
"""Columns of the rates: log F_0 to log F_4; log of F_1 for spots that hold no other atom, and for
those that do; log 2 lambda_2; share of spots with one bond that hold another atom."""
CLEAN, MERGED, BOND, EXTRA = 5, 6, 7, 8
NEVER = -1e300
"""Logarithm of the density of what cannot be."""


@njit(cache=True)
def log_or_never(x):
    """Logarithm; a large negative number for what cannot be."""
    return log(x) if x > 0.0 else NEVER


@njit(cache=True)
def rates(out, density, share, merged, linked, clumped, inside, field, rooms, used):
    """Fill ``out`` (R, RATES) for one field, a row for each of the ``rooms`` (R,) that is ``used``.

    ``density`` of atoms, A^-2; ``share`` of them in pairs; ``merged`` share of pairs seen as one
    spot, ``linked`` the area b, ``clumped`` the area c, ``inside`` share of partners in the window;
    ``field`` holds area (A^2), area not covered by spots, recall, density of false spots,
    resolution; ``rooms`` are a_i / a.
    """
    area, free, recall, false, resolution = field[0], field[1], field[2], field[3], field[4]
    single, pair = density * (1.0 - share), 0.5 * density * share
    disk = np.pi * resolution**2
    empty = free / area
    hidden = single + pair * inside * merged + 2.0 * pair * (1.0 - inside)
    apart = pair * inside * (1.0 - merged)
    missed = 1.0 - recall
    # The spot of a partner that was missed may hold other atoms too.
    joined = 1.0 + recall * empty * (disk * hidden + pair * linked)
    alone = hidden + 2.0 * missed * apart * empty * joined
    unseen = missed * hidden + missed * recall * hidden * (0.5 * hidden * disk + pair * linked)
    unseen += missed**2 * apart * empty * joined**2
    log_recall, log_pair = log(recall), log_or_never(2.0 * pair)
    for r in range(rooms.size):
        if not used[r]:
            continue
        # S and its derivatives, in the mean number of such atoms linked to an atom.
        room = disk * rooms[r]
        x = room * alone
        bridge = pair * linked * rooms[r]
        spots = 0.5 * pair**2 * clumped * rooms[r]
        spots += alone * (1.0 + bridge + x * (C2 + x * (C3 + x * (C4 + x * C5))))
        extra = bridge + x * (2.0 * C2 + x * (3.0 * C3 + x * (4.0 * C4 + x * 5.0 * C5)))
        second = 2.0 * C2 + x * (6.0 * C3 + x * (12.0 * C4 + x * 20.0 * C5))
        third = 6.0 * C3 + x * (24.0 * C4 + x * 60.0 * C5)
        fourth = 24.0 * C4 + x * 120.0 * C5
        out[r, 0] = log_or_never(recall * spots + false)
        out[r, 1] = log(recall * (1.0 + extra))
        out[r, 2] = log(recall * room * second)
        out[r, 3] = log(recall * room**2 * third)
        out[r, 4] = log(recall * room**3 * fourth)
        out[r, CLEAN] = log_recall
        out[r, MERGED] = log_or_never(recall * extra)
        out[r, BOND] = log_pair
        out[r, EXTRA] = extra / (1.0 + extra)
    return area * (single + pair * (2.0 - inside)) - free * unseen


@njit(cache=True)
def fill(
    rate, expected, density, share, s, d, merged, linked, clumped, inside, fields, rooms, used
):
    """Rates and E of all fields; returns nothing."""
    n_rooms = rooms.size
    for g in range(fields.shape[0]):
        expected[g] = rates(
            rate[g * n_rooms : (g + 1) * n_rooms], density[g], share, merged[g, s, d],
            linked[g, s, d], clumped[g, s, d], inside[g, s, d], fields[g], rooms, used[g],
        )  # fmt: skip


@njit(cache=True)
def log_joint(counts, rate, used):
    """Logarithm of the joint density of one field, without E and the distances of its bonds.

    ``counts`` (R, 8) go with the first columns of the rates: spots by bonds, but those with one
    under ``CLEAN`` and ``MERGED``; bonds, under the room of their first spot.
    """
    total = 0.0
    for r in range(used.size):
        if used[r]:
            for k in range(8):
                if counts[r, k] > 0:
                    total += counts[r, k] * rate[r, k]
    return total


@njit(cache=True)
def joint(counts, rate, expected, n_rooms, used):
    """Logarithm of the joint density of all fields, without the distances of the bonds."""
    total = 0.0
    for g in range(expected.size):
        part = slice(g * n_rooms, (g + 1) * n_rooms)
        total += log_joint(counts[part], rate[part], used[g]) - expected[g]
    return total


@njit(cache=True)
def count(counts, bonds, extra, on, ends, room_of):
    """Fill ``counts`` (F R, 8) as :func:`log_joint` wants them."""
    counts[:] = 0
    for v in range(bonds.size):
        d = bonds[v]
        counts[room_of[v], CLEAN + extra[v] if d == 1 else d] += 1
    for e in range(on.size):
        if on[e]:
            counts[room_of[ends[e, 0]], BOND] += on[e]


@njit(cache=True)
def ends_of(e, extra, ends):
    """Which of the two spots of a bond hold another atom: 0 none, 1 the first, 2, 3 both."""
    return extra[ends[e, 0]] + 2 * extra[ends[e, 1]]


@njit(cache=True)
def distances_fit(table, extra, on, ends):
    """Logarithm of the density of the vectors of all bonds."""
    total = 0.0
    for e in range(on.size):
        if on[e]:
            total += on[e] * table[ends_of(e, extra, ends), e]
    return total
