"""Sampler of who belongs to whom: pairs among detected atoms, with their density and distance.

Atoms are a Poisson process of single atoms and one of pairs; spots are what is seen of them. The
likelihood of the spots is a sum over sets of bonds: which spots hold the two atoms of one pair.
With bonds B and n_d spots that hold atoms of d visible pairs,

    L = exp(-E) prod_d F_d^n_d prod_(i,j in B) 2 lambda_2 h(x_i - x_j),

where lambda_1 = rho (1 - f) and lambda_2 = rho f / 2 are the densities of single atoms and of
pairs, and h the density of the vector between two atoms of a pair. A spot holds every atom that is
linked to it by distances below the resolution; since the atoms are Poisson, a spot of k atoms adds
C_k U^k a^(k-1), a = pi resolution^2, where C_k a^(k-1) is the volume of linked clusters of k points
over k!, and U the density of atoms without a visible partner. Hence the generating function

    S(U) = U + C_2 a U^2 + C_3 a^2 U^3 + ...,   F_0 = p S + phi,   F_d = p d^d S / dU^d,

with the recall p and the density phi of false spots. What is not seen gives E: all atoms expected,
less what may be hidden in the area that no spot covers.

Bonds are switched one at a time and exchanged (Metropolis), f is drawn from its conditional
distribution on a grid, the other parameters by Metropolis steps. Everything is exact but for merged
spots, whose neighbours are taken as independent of how their atoms lie.
"""

from math import exp, log

import numpy as np
from numba import njit

C2, C3, C4, C5 = 0.5, 0.304499, 0.2044, 0.145
"""1/2; (3 - 2 (1 - 3 sqrt(3) / (4 pi))) / 6; Monte Carlo of 2e6 clusters, +- 1 %, and +- 4 %."""
MOST_BONDS = 4
"""Of one spot."""
RATES = 10
"""Columns of the rates of a field: log F_0 to log F_4; log of F_1 for spots that hold no other
atom, and for those that do; log 2 lambda_2; E; share of spots with one bond that hold another."""
CLEAN, MERGED, BOND, EXPECTED, EXTRA = 5, 6, 7, 8, 9
_NEVER = -1e300


@njit(cache=True)
def log_or_never(x):
    """Logarithm; a large negative number for what cannot be."""
    return log(x) if x > 0.0 else _NEVER


@njit(cache=True)
def rates(out, density, share, merged, inside, field):
    """Fill ``out`` (RATES,) for one field.

    ``density`` of atoms, A^-2; ``share`` of them in pairs; ``merged`` share of pairs seen as one
    spot, ``inside`` share of partners in the window; ``field`` holds area (A^2), area not covered
    by spots, recall, density of false spots, resolution.
    """
    area, free, recall, false, resolution = field[0], field[1], field[2], field[3], field[4]
    single, pair = density * (1.0 - share), 0.5 * density * share
    disk = np.pi * resolution**2
    empty = free / area
    hidden = single + pair * inside * merged + 2.0 * pair * (1.0 - inside)
    apart = pair * inside * (1.0 - merged)
    alone = hidden + 2.0 * (1.0 - recall) * apart * empty
    # S and its derivatives, in the mean number of such atoms linked to an atom.
    x = disk * alone
    spots = alone * (1.0 + x * (C2 + x * (C3 + x * (C4 + x * C5))))
    extra = x * (2.0 * C2 + x * (3.0 * C3 + x * (4.0 * C4 + x * 5.0 * C5)))
    second = 2.0 * C2 + x * (6.0 * C3 + x * (12.0 * C4 + x * 20.0 * C5))
    third = 6.0 * C3 + x * (24.0 * C4 + x * 60.0 * C5)
    fourth = 24.0 * C4 + x * 120.0 * C5
    out[0] = log_or_never(recall * spots + false)
    out[CLEAN] = log(recall)
    out[MERGED] = log_or_never(recall * extra)
    out[1] = log(recall * (1.0 + extra))
    out[2] = log(recall * disk * second)
    out[3] = log(recall * disk**2 * third)
    out[4] = log(recall * disk**3 * fourth)
    out[BOND] = log_or_never(2.0 * pair)
    missed = 1.0 - recall
    unseen = missed * hidden + 0.5 * hidden**2 * disk * missed * recall
    unseen += missed**2 * apart * empty
    out[EXPECTED] = area * (single + pair * (2.0 - inside)) - free * unseen
    out[EXTRA] = extra / (1.0 + extra)


@njit(cache=True)
def log_joint(counts, rate):
    """Logarithm of the joint density of one field, without the distances of its bonds.

    ``counts`` (8,) go with the first columns of the rates: spots by bonds, but those with one under
    ``CLEAN`` and ``MERGED``; bonds.
    """
    total = -rate[EXPECTED]
    for k in range(8):
        if counts[k] > 0:
            total += counts[k] * rate[k]
    return total


@njit(cache=True)
def change_at(v, step, extra, bonds, on, table, bins, starts, links, others, rate):
    """Change the number of bonds of spot ``v`` by ``step``; returns the change of the logarithm.

    Whether a spot with one bond holds another atom is drawn anew from its prior share.
    """
    before = extra[v]
    total = rate[bonds[v] + step] - rate[bonds[v]]
    bonds[v] += step
    if bonds[v] == 0:
        extra[v] = 0
    elif bonds[v] == 1:
        extra[v] = 1 if np.random.random() < rate[EXTRA] else 0
    else:
        extra[v] = 1
    if extra[v] != before:
        for at in range(starts[v], starts[v + 1]):
            e = links[at]
            if on[e]:
                other = extra[others[at]]
                total += table[extra[v] + other, bins[e]] - table[before + other, bins[e]]
    return total


@njit(cache=True)
def switch(e, extra, bonds, on, table, bins, ends, starts, links, others, rate):
    """Switch bond ``e``; returns the change of the logarithm."""
    i, j = ends[e, 0], ends[e, 1]
    if on[e]:
        on[e] = False
        total = -rate[BOND] - table[extra[i] + extra[j], bins[e]]
        total += change_at(i, -1, extra, bonds, on, table, bins, starts, links, others, rate)
        total += change_at(j, -1, extra, bonds, on, table, bins, starts, links, others, rate)
        return total
    total = change_at(i, 1, extra, bonds, on, table, bins, starts, links, others, rate)
    total += change_at(j, 1, extra, bonds, on, table, bins, starts, links, others, rate)
    on[e] = True
    return total + rate[BOND] + table[extra[i] + extra[j], bins[e]]


@njit(cache=True)
def try_switch(e, extra, bonds, on, table, bins, ends, starts, links, others, rate):
    """One Metropolis step that makes or breaks a bond."""
    i, j = ends[e, 0], ends[e, 1]
    if not on[e] and (bonds[i] == MOST_BONDS or bonds[j] == MOST_BONDS):
        return
    kept = extra[i], extra[j]
    change = switch(e, extra, bonds, on, table, bins, ends, starts, links, others, rate)
    if change < 0.0 and np.random.random() >= exp(change):
        on[e] = not on[e]
        step = 1 if on[e] else -1
        bonds[i] += step
        bonds[j] += step
        extra[i], extra[j] = kept


@njit(cache=True)
def try_exchange(e, extra, bonds, on, table, bins, ends, starts, links, others, rate):
    """One Metropolis step that gives a spot another partner."""
    v = ends[e, 0] if np.random.random() < 0.5 else ends[e, 1]
    if on[e] or bonds[v] == 0:
        return
    which = int(np.random.random() * bonds[v])
    old = -1
    for at in range(starts[v], starts[v + 1]):
        if on[links[at]]:
            if which == 0:
                old = links[at]
                break
            which -= 1
    gaining = ends[e, 0] + ends[e, 1] - v
    losing = ends[old, 0] + ends[old, 1] - v
    if bonds[gaining] == MOST_BONDS:
        return
    kept = extra[v], extra[gaining], extra[losing]
    change = switch(old, extra, bonds, on, table, bins, ends, starts, links, others, rate)
    change += switch(e, extra, bonds, on, table, bins, ends, starts, links, others, rate)
    if change < 0.0 and np.random.random() >= exp(change):
        on[e], on[old] = False, True
        bonds[gaining] -= 1
        bonds[losing] += 1
        extra[v], extra[gaining], extra[losing] = kept


@njit(cache=True)
def renew_extra(v, extra, on, table, bins, starts, links, others, rate):
    """Draw whether spot ``v`` with one bond holds another atom."""
    share = rate[EXTRA]
    if share < 1e-9:
        return
    for at in range(starts[v], starts[v + 1]):
        e = links[at]
        if on[e]:
            other = extra[others[at]]
            odds = share / (1.0 - share) * exp(table[1 + other, bins[e]] - table[other, bins[e]])
            extra[v] = 1 if np.random.random() * (1.0 + odds) < odds else 0
            return


@njit(cache=True)
def distances_fit(tables, s, d, extra, on, bins, ends, of_spot):
    """Logarithm of the density of the vectors of all bonds."""
    total = 0.0
    for e in range(on.size):
        if on[e]:
            i, j = ends[e, 0], ends[e, 1]
            total += tables[of_spot[i], s, d, extra[i] + extra[j], bins[e]]
    return total


@njit(cache=True)
def count(counts, bonds, extra, on, ends, of_spot):
    """Fill ``counts`` (F, 8) as :func:`log_joint` wants them."""
    counts[:] = 0
    for v in range(bonds.size):
        d = bonds[v]
        counts[of_spot[v], CLEAN + extra[v] if d == 1 else d] += 1
    for e in range(on.size):
        if on[e]:
            counts[of_spot[ends[e, 0]], BOND] += 1


@njit(cache=True)
def sample(
    seed, sweeps, warm_up, every, start_share, start_distance, shares, log_prior, tables, merged,
    inside, fields, of_spot, ends, bins, starts, links, others,
):  # fmt: skip
    """One chain over ``sweeps``, of which ``warm_up`` are not kept; every ``every``-th one is.

    ``shares`` (K,) is the grid of f, with 0 first, and ``log_prior`` (K,); the chain itself stays
    above 0, from where it sees f = 0 whenever it has no bond. ``tables`` (F, S, D, 3, B) and
    ``merged`` (F, S, D) are those of :class:`~adatom.stem.projection.PairTables`; ``inside``
    (F, S, D) and ``fields`` (F, 5) hold the fields; spots (N,) and bonds (M, 2) are numbered
    through. Returns the draws (T, 4 + F) of f, d0 (index), s (index), ratio of f = 0 to the rest, and
    densities; the mean
    conditional distribution of f above 0 (K,), its first element the mean of that ratio; the share of draws in which each bond is on (M,), and in
    which each spot has one (N,).
    """
    np.random.seed(seed)
    n_fields, n_spots, n_bonds, n_shares = fields.shape[0], of_spot.size, bins.size, shares.size
    n_s, n_d = merged.shape[1], merged.shape[2]
    on = np.zeros(n_bonds, np.bool_)
    bonds = np.zeros(n_spots, np.int64)
    extra = np.zeros(n_spots, np.int64)
    counts = np.zeros((n_fields, 8), np.int64)
    s, d, k = n_s // 2, start_distance, start_share
    density = np.empty(n_fields)
    spots = np.zeros(n_fields)
    for v in range(n_spots):
        spots[of_spot[v]] += 1
    rate = np.empty((n_fields, RATES))
    new = np.empty((n_fields, RATES))
    for g in range(n_fields):
        density[g] = spots[g] / fields[g, 0] / fields[g, 2]
        rates(rate[g], density[g], shares[k], merged[g, s, d], inside[g, s, d], fields[g])
    kept = (sweeps - warm_up) // every
    draws = np.empty((kept, 4 + n_fields))
    conditional = np.zeros(n_shares)
    probability = np.zeros(n_shares)
    bonded = np.zeros(n_bonds)
    paired = np.zeros(n_spots)
    at_draw = 0
    for sweep in range(sweeps):
        for _ in range(n_bonds):
            e = int(np.random.random() * n_bonds)
            g = of_spot[ends[e, 0]]
            table, r = tables[g, s, d], rate[g]
            if np.random.random() < 0.75:
                try_switch(e, extra, bonds, on, table, bins, ends, starts, links, others, r)
            else:
                try_exchange(e, extra, bonds, on, table, bins, ends, starts, links, others, r)
        for v in range(n_spots):
            if bonds[v] == 1:
                g = of_spot[v]
                renew_extra(v, extra, on, tables[g, s, d], bins, starts, links, others, rate[g])
        count(counts, bonds, extra, on, ends, of_spot)
        here = 0.0
        for g in range(n_fields):
            here += log_joint(counts[g], rate[g])
        # Densities, one field at a time: prior 1 / density.
        for g in range(n_fields):
            for _ in range(2):
                step = 2.0 / spots[g] ** 0.5 * np.random.normal()
                other = density[g] * exp(step)
                rates(new[g], other, shares[k], merged[g, s, d], inside[g, s, d], fields[g])
                gain = log_joint(counts[g], new[g]) - log_joint(counts[g], rate[g])
                if log(np.random.random()) < gain:
                    density[g] = other
                    rate[g] = new[g]
                    here += gain
        # Distance and spread: near steps, and anywhere.
        fit = distances_fit(tables, s, d, extra, on, bins, ends, of_spot)
        for move in range(4):
            s_new, d_new = s, d
            if move == 0:
                d_new = int(np.random.random() * n_d)
            elif move < 3:
                d_new = d + int(np.random.random() * 9.0) - 4
            if move != 1:
                s_new = int(np.random.random() * n_s)
            if d_new < 0 or d_new >= n_d:
                continue
            there = 0.0
            for g in range(n_fields):
                rates(new[g], density[g], shares[k], merged[g, s_new, d_new],
                      inside[g, s_new, d_new], fields[g])  # fmt: skip
                there += log_joint(counts[g], new[g])
            new_fit = distances_fit(tables, s_new, d_new, extra, on, bins, ends, of_spot)
            if log(np.random.random()) < there + new_fit - here - fit:
                s, d, here, fit = s_new, d_new, there, new_fit
                rate[:] = new
        # Share: from its conditional distribution on the grid.
        if sweep % every == 0:
            top = _NEVER
            for j in range(n_shares):
                total = log_prior[j]
                for g in range(n_fields):
                    rates(
                        new[g], density[g], shares[j], merged[g, s, d], inside[g, s, d], fields[g]
                    )
                    total += log_joint(counts[g], new[g])
                probability[j] = total
                top = max(top, total) if j > 0 else top
            norm = 0.0
            for j in range(n_shares):
                probability[j] = exp(min(max(probability[j] - top, -700.0), 700.0))
                norm += probability[j] if j > 0 else 0.0
            u = np.random.random() * norm
            k = 1
            while k < n_shares - 1 and u >= probability[k]:
                u -= probability[k]
                k += 1
            for g in range(n_fields):
                rates(rate[g], density[g], shares[k], merged[g, s, d], inside[g, s, d], fields[g])
            if sweep >= warm_up and at_draw < kept:
                for j in range(n_shares):
                    conditional[j] += probability[j] / norm
                draws[at_draw, 0] = shares[k]
                draws[at_draw, 1] = d
                draws[at_draw, 2] = s
                draws[at_draw, 3] = probability[0] / norm
                draws[at_draw, 4:] = density
                at_draw += 1
                for e in range(n_bonds):
                    if on[e]:
                        bonded[e] += 1.0
                for v in range(n_spots):
                    if bonds[v] > 0:
                        paired[v] += 1.0
    return draws[:at_draw], conditional / at_draw, bonded / at_draw, paired / at_draw
