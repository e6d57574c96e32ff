"""Sampler of who belongs to whom: pairs among detected atoms, with their density and distance.

Bonds are switched one at a time and exchanged (Metropolis), f is drawn from its conditional
distribution on a grid, the other parameters by Metropolis steps: the sampling is exact.
"""

from math import exp, log

import numpy as np
from numba import njit

from adatom.stem.bond_moves import (
    bonds_or_none,
    chances_of,
    draw_bond,
    matching,
    renew_extra,
    try_exchange,
    try_switch,
)  # fmt: skip
from adatom.stem.pair_likelihood import (
    JOINT,
    NEVER,
    OTHERS,
    RATES,
    count,
    distances_fit,
    fill,
    joint,
    log_joint,
    rates,
)  # fmt: skip

_TOGETHER = 6
"""Moves of f, d0 and s while the bonds of a matching are summed over, in turn."""
_STEPS = (3.0, 10.0, 30.0)
"""Standard deviations of the moves of f, cells of its grid."""


@njit(cache=True)
def sample(
    seed, sweeps, warm_up, every, start_share, start_distance, tilt, shares, log_prior, tables,
    pairs, fields, rooms, room_of, ends, starts, links,
):  # fmt: skip
    """One chain over ``sweeps``, of which ``warm_up`` are not kept; every ``every``-th one is.

    ``shares`` (K,) is the grid of f, with 0 first, and ``log_prior`` (K,); the chain itself stays
    above 0, from where it sees f = 0 whenever it has no bond. There f is sampled from the posterior
    times exp(``tilt``) (K,), so that it comes near 0 as often as one wants. ``tables`` (S, D, 9, M)
    are the logarithms of the density of the vector of a bond, by what its ends hold beside.
    ``pairs`` (S, D, F, 4), ``fields`` (F, 6) and ``rooms`` (F, R, 3) are those of
    :func:`~adatom.stem.pair_likelihood.rates`. ``room_of`` (N,) is the number of the field of a
    spot times R and that of its class; spots and bonds, of ends (M, 2), are numbered through.

    Returns the draws (T, 5 + F) of f, d0 (index), s (index), ratio of f = 0 to the rest, and what
    that is to be divided by, the mean of exp(-tilt); densities; the mean conditional distribution
    of f above 0 (K,) without the tilt, its first element the mean of the ratio; the share of draws
    in which each bond is on (M,), and in which each spot has one, without the tilt.
    """
    np.random.seed(seed)
    n_fields, n_rooms, n_shares = fields.shape[0], rooms.shape[1], shares.size
    n_spots, n_bonds = room_of.size, ends.shape[0]
    n_s, n_d = pairs.shape[0], pairs.shape[1]
    on = np.zeros(n_bonds, np.int64)
    bonds = np.zeros(n_spots, np.int64)
    extra = np.zeros(n_spots, np.int64)
    counts = np.zeros((n_fields * n_rooms, JOINT), np.int64)
    s, d, k = n_s // 2, start_distance, start_share
    spots = np.zeros(n_fields)
    used = np.zeros((n_fields, n_rooms), np.bool_)
    for v in range(n_spots):
        g = room_of[v] // n_rooms
        spots[g] += 1
        used[g, room_of[v] % n_rooms] = True
    density = spots / fields[:, 0] / fields[:, 2]
    rate = np.zeros((n_fields * n_rooms, RATES))
    new = np.zeros((n_fields * n_rooms, RATES))
    expected = np.zeros(n_fields)
    other = np.zeros(n_fields)
    fill(rate, expected, density, shares[k], pairs[s, d], fields, rooms, used)
    kept = (sweeps - warm_up) // every
    draws = np.empty((kept, 5 + n_fields))
    conditional = np.zeros(n_shares)
    probability = np.zeros(n_shares)
    bonded = np.zeros(n_bonds)
    paired = np.zeros(n_spots)
    weights = 0.0
    order = np.arange(n_bonds)
    taken = np.zeros(n_spots, np.bool_)
    chance = np.empty((n_bonds, OTHERS**2))
    moved_chance = np.empty((n_bonds, OTHERS**2))
    at_draw = 0
    for sweep in range(sweeps):
        table = tables[s, d]
        for _ in range(n_bonds // 2):
            e = int(np.random.random() * n_bonds)
            if np.random.random() < 0.75:
                try_switch(e, extra, bonds, on, table, ends, starts, links, rate, room_of)
            else:
                try_exchange(e, extra, bonds, on, table, ends, starts, links, rate, room_of)
        for v in range(n_spots):
            renew_extra(v, extra, bonds, on, table, ends, starts, links, rate[room_of[v]])
        count(counts, bonds, extra, on, ends, room_of)
        # Densities, one field at a time: prior 1 / density.
        for g in range(n_fields):
            part = slice(g * n_rooms, (g + 1) * n_rooms)
            here = log_joint(counts[part], rate[part], used[g]) - expected[g]
            for _ in range(2):
                moved = density[g] * exp(2.0 / spots[g] ** 0.5 * np.random.normal())
                hidden = rates(
                    new[part], moved, shares[k], pairs[s, d, g], fields[g], rooms[g], used[g]
                )
                there = log_joint(counts[part], new[part], used[g]) - hidden
                if log(np.random.random()) < there - here:
                    density[g], expected[g], here = moved, hidden, there
                    rate[part] = new[part]
        # Distance and spread: near steps, and anywhere.
        here = joint(counts, rate, expected, n_rooms, used)
        here += distances_fit(table, extra, on, ends)
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
            fill(new, other, density, shares[k], pairs[s_new, d_new], fields, rooms, used)
            there = joint(counts, new, other, n_rooms, used)
            there += distances_fit(tables[s_new, d_new], extra, on, ends)
            if log(np.random.random()) < there - here:
                s, d, here = s_new, d_new, there
                rate[:] = new
                expected[:] = other
        # Share, distance and the bonds of a matching together: those bonds are summed over, f, d0
        # and s moved, then they are drawn. Which bonds belong to the matching does not depend on
        # their state.
        free = order[: matching(order, taken, bonds, on, ends)]
        for e in free:
            on[e] = 0
            for v in ends[e]:
                bonds[v] = 0
                extra[v] = 0
        count(counts, bonds, extra, on, ends, room_of)
        chances_of(chance, free, tables[s, d])
        here = log_prior[k] + tilt[k] + joint(counts, rate, expected, n_rooms, used)
        here += bonds_or_none(free, chance, rate, ends, room_of)
        here += distances_fit(tables[s, d], extra, on, ends)
        for move in range(_TOGETHER):
            k_new, d_new, s_new = k, d, s
            if move % 2 == 0:
                k_new = k + round(_STEPS[move % 3] * np.random.normal())
            else:
                d_new, s_new = int(np.random.random() * n_d), int(np.random.random() * n_s)
            if k_new < 1 or k_new >= n_shares:
                continue
            fill(new, other, density, shares[k_new], pairs[s_new, d_new], fields, rooms, used)
            if d_new != d or s_new != s:
                chances_of(moved_chance, free, tables[s_new, d_new])
            else:
                moved_chance[: free.size] = chance[: free.size]
            there = log_prior[k_new] + tilt[k_new] + joint(counts, new, other, n_rooms, used)
            there += bonds_or_none(free, moved_chance, new, ends, room_of)
            there += distances_fit(tables[s_new, d_new], extra, on, ends)
            if log(np.random.random()) < there - here:
                k, d, s, here = k_new, d_new, s_new, there
                rate[:] = new
                expected[:] = other
                chance[: free.size] = moved_chance[: free.size]
        keep = sweep >= warm_up and (sweep - warm_up) % every == every - 1
        if keep:
            # f from its conditional distribution on the grid, and that of f = 0.
            top = NEVER
            for j in range(n_shares):
                fill(new, other, density, shares[j], pairs[s, d], fields, rooms, used)
                probability[j] = log_prior[j] + tilt[j]
                probability[j] += joint(counts, new, other, n_rooms, used)
                probability[j] += bonds_or_none(free, chance, new, ends, room_of)
                top = max(top, probability[j]) if j > 0 else top
            norm = 0.0
            for j in range(n_shares):
                probability[j] = exp(min(max(probability[j] - top, -700.0), 700.0))
                norm += probability[j] if j > 0 else 0.0
            u = np.random.random() * norm
            k = 1
            while k < n_shares - 1 and u >= probability[k]:
                u -= probability[k]
                k += 1
            fill(rate, expected, density, shares[k], pairs[s, d], fields, rooms, used)
        for at in range(free.size):
            draw_bond(free[at], chance[at], bonds, extra, on, rate, ends, room_of)
        if keep:
            probability *= np.exp(-tilt) / norm
            conditional += probability
            draws[at_draw, 0] = shares[k]
            draws[at_draw, 1] = d
            draws[at_draw, 2] = s
            draws[at_draw, 3] = probability[0]
            draws[at_draw, 4] = probability[1:].sum()
            draws[at_draw, 5:] = density
            at_draw += 1
            weight = exp(-tilt[k])
            weights += weight
            bonded += weight * (on > 0)
            paired += weight * (bonds > 0)
    return draws[:at_draw], conditional / at_draw, bonded / weights, paired / weights
