"""Likelihood of detected spots as single atoms and pairs, given which spots are bonded.

Atoms are a Poisson process of single atoms and one of pairs; spots are what is seen of them. The
likelihood of the spots is a sum over sets of bonds: which spots hold the two atoms of one pair.
With bonds B and n_d spots that hold atoms of d visible pairs,

    L = exp(-E) prod_i F_n(i) prod_(i,j in B) 2 lambda_2 h(x_i - x_j),

where n(i) counts the bonds of spot i, lambda_1 = rho (1 - f) and lambda_2 = rho f / 2 are the
densities of single atoms and of pairs, and h is the density of the vector between two atoms of a
pair that is seen as two. A spot holds every atom that is linked to it by distances below the
resolution. Let u be the density of atoms that are alone or whose partner is not seen,

    u_i = lambda_1 + 2 lambda_2 (o_i + (a - o_i) (1 - p) e j),

with the share a of pairs that are seen apart, o_i those of the spot whose partner lies outside the
field, the recall p, the share e of the area that no spot covers, and j for the other atoms that the
spot of a missed partner may hold; and v = lambda_2 m that of pairs seen as one spot. Atoms are
Poisson, so a spot of k atoms at one place each adds C_k u^k A^(k-1), A = pi resolution^2, where
C_k A^(k-1) is the volume of linked clusters of k points over k!. Beside other spots there is less
room, for none of these atoms may be linked to them: two atoms have the share t_i of all places,
three g_i^2, and k about g_i^(k-1). A pair and an atom are one spot where the atom lies in an area
B, so beside other atoms a pair is worth B / A atoms; two pairs add lambda_2^2 c / 2 beyond that.
Two pairs may lie between the same two spots. Hence the generating function, with
w = u + g_i lambda_2 B / A,

    S_i(u) = u + t_i v + C_2 A (t_i - g_i) u^2 + C_2 A g_i w^2 + C_3 (A g_i)^2 w^3 + ...
             + lambda_2^2 c g_i^3 / 2,
    F_0 = p S_i + phi,   F_n = p d^n S_i / du^n,

with the density phi of false spots. What is not seen gives E: all atoms expected, less what may be
hidden in the area that no spot covers. A spot that is missed may hold the partners of two atoms
that are seen and is missed only once.

It is exact but for merged spots, whose neighbours count as single atoms.
"""

from math import log

import numpy as np
from numba import njit

C2, C3, C4, C5 = 0.5, 0.304499, 0.2044, 0.145
"""1/2; (3 - 2 (1 - 3 sqrt(3) / (4 pi))) / 6; Monte Carlo of 2e6 clusters, +- 1 %, and +- 4 %."""
RATES = 14
"""Columns of the rates: log F_0 to log F_4; log of F_1 for spots that hold no other atom, one, and
more; log of F_2 for spots that hold these two atoms, and for those that hold more; log 2 lambda_2;
of spots with one bond the share without another atom, and with one at most; of spots with two bonds
the share without another. The farther an atom may lie from the middle, the more atoms are there."""
LONE, TWO, BOND, ALONE, ONE_MORE, NO_MORE = 5, 7, 10, 11, 12, 13
"""``LONE`` + k for spots with one bond and k = 0, 1, 2 (or more) others; ``TWO`` + k for spots with
two bonds that hold k + 1 atoms (or more)."""
JOINT = 11
"""Columns that make up the joint density."""
OTHERS = 3
"""Kinds of spots at the end of a bond: with no other atom, with one, with more."""
NEVER = -1e300
"""Logarithm of the density of what cannot be."""


@njit(cache=True)
def log_or_never(x):
    """Logarithm; a large negative number for what cannot be."""
    return log(x) if x > 0.0 else NEVER


@njit(cache=True)
def rates(out, density, share, pairs, field, rooms, used):
    """Fill ``out`` (R, RATES) for one field, a row for each of the ``rooms`` that is ``used``.

    ``density`` of atoms, A^-2; ``share`` of them in pairs; of ``pairs`` (4,) the share m seen as
    one spot, the areas b and c, and the share of the pairs of an atom that are seen apart with the
    other atom outside the field; ``field`` holds area (A^2), area not covered by spots, recall,
    density of false spots, resolution, mean share of partners outside; ``rooms`` (R, 3) are t_i,
    g_i^2 and the share of partners outside.
    """
    area, free, recall, false, resolution, mean_outside = field
    merged, linked, clumped, crossing = pairs
    single, pair = density * (1.0 - share), 0.5 * density * share
    disk = np.pi * resolution**2
    empty, missed = free / area, 1.0 - recall
    both = pair * merged
    inside = pair * (1.0 - merged - crossing)
    hidden = single + 2.0 * pair * crossing
    beside = pair * linked / disk
    # The spot of a partner that was missed may hold other atoms too, such as the partner of another
    # atom: of that, each of the two counts half.
    joined = 1.0 + recall * empty * disk * (hidden + beside + inside)
    unseen = missed * (hidden + both) + missed**2 * inside * empty * joined**2
    unseen += 0.5 * missed * recall * (disk * (hidden + beside) ** 2 + pair**2 * clumped)
    lost = missed * empty * joined
    log_recall, log_pair = log(recall), log_or_never(2.0 * pair)
    for r in range(rooms.shape[0]):
        if not used[r]:
            continue
        two, more = rooms[r, 0], rooms[r, 1] ** 0.5
        outside = min(crossing * rooms[r, 2] / mean_outside, 1.0 - merged)
        u = single + 2.0 * pair * (outside + (1.0 - merged - outside) * lost)
        w = u + more * beside
        # x is the mean number of such atoms linked to an atom.
        room = disk * more
        x = room * w
        rest = 2.0 * C2 * disk * (two - more)
        spots = u + two * both + 0.5 * rest * u**2 + 0.5 * pair**2 * clumped * more**3
        spots += w * x * (C2 + x * (C3 + x * (C4 + x * C5)))
        one = 2.0 * C2 * disk * two * u
        extra = rest * u + x * (2.0 * C2 + x * (3.0 * C3 + x * (4.0 * C4 + x * 5.0 * C5)))
        pairs_only = 2.0 * C2 * disk * two
        beyond = room * x * (6.0 * C3 + x * (12.0 * C4 + x * 20.0 * C5))
        third = 6.0 * C3 + x * (24.0 * C4 + x * 60.0 * C5)
        fourth = 24.0 * C4 + x * 120.0 * C5
        out[r, 0] = log_or_never(recall * spots + false)
        out[r, 1] = log(recall * (1.0 + extra))
        out[r, 2] = log(recall * (pairs_only + beyond))
        out[r, 3] = log(recall * room**2 * third)
        out[r, 4] = log(recall * room**3 * fourth)
        out[r, LONE] = log_recall
        out[r, LONE + 1] = log_or_never(recall * one)
        out[r, LONE + 2] = log_or_never(recall * (extra - one))
        out[r, TWO + 1] = log(recall * pairs_only)
        out[r, TWO + 2] = log_or_never(recall * beyond)
        out[r, BOND] = log_pair
        out[r, ALONE] = 1.0 / (1.0 + extra)
        out[r, ONE_MORE] = (1.0 + one) / (1.0 + extra)
        out[r, NO_MORE] = pairs_only / (pairs_only + beyond)
    return area * (single + pair * (1.0 + crossing)) - free * unseen


@njit(cache=True)
def fill(rate, expected, density, share, pairs, fields, rooms, used):
    """Rates and E of all fields; returns nothing. ``pairs`` (F, 4), ``rooms`` (F, R, 3)."""
    n_rooms = rooms.shape[1]
    for g in range(fields.shape[0]):
        expected[g] = rates(
            rate[g * n_rooms : (g + 1) * n_rooms], density[g], share, pairs[g], fields[g],
            rooms[g], used[g],
        )  # fmt: skip


@njit(cache=True)
def log_joint(counts, rate, used):
    """Logarithm of the joint density of one field, without E and the distances of its bonds.

    ``counts`` (R, JOINT) go with the first columns of the rates: spots by bonds, but those with one
    or two by what else they hold; bonds, under the class of their first spot.
    """
    total = 0.0
    for r in range(used.size):
        if used[r]:
            for k in range(JOINT):
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
    """Fill ``counts`` (F R, JOINT) as :func:`log_joint` wants them."""
    counts[:] = 0
    for v in range(bonds.size):
        d = bonds[v]
        if d == 1:
            d = LONE + extra[v]
        elif d == 2:
            d = TWO + extra[v]
        counts[room_of[v], d] += 1
    for e in range(on.size):
        if on[e]:
            counts[room_of[ends[e, 0]], BOND] += on[e]


@njit(cache=True)
def ends_of(e, extra, ends):
    """Which kinds of spots a bond ends at, of ``OTHERS`` squared."""
    return extra[ends[e, 0]] + OTHERS * extra[ends[e, 1]]


@njit(cache=True)
def distances_fit(table, extra, on, ends):
    """Logarithm of the density of the vectors of all bonds."""
    total = 0.0
    for e in range(on.size):
        if on[e]:
            total += on[e] * table[ends_of(e, extra, ends), e]
    return total
