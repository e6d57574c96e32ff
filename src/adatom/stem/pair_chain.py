"""Sampler of who belongs to whom: pairs among detected atoms, with their density and distance.

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

Bonds are switched one at a time and exchanged (Metropolis), f is drawn from its conditional
distribution on a grid, the other parameters by Metropolis steps. The sampling is exact; the
likelihood is, but for merged spots, whose neighbours count as single atoms.
"""

from math import exp, log

import numpy as np
from numba import njit

C2, C3, C4, C5 = 0.5, 0.304499, 0.2044, 0.145
"""1/2; (3 - 2 (1 - 3 sqrt(3) / (4 pi))) / 6; Monte Carlo of 2e6 clusters, +- 1 %, and +- 4 %."""
MOST_BONDS = 4
"""Of one spot."""
RATES = 9
"""Columns of the rates: log F_0 to log F_4; log of F_1 for spots that hold no other atom, and for
those that do; log 2 lambda_2; share of spots with one bond that hold another atom."""
CLEAN, MERGED, BOND, EXTRA = 5, 6, 7, 8
_NEVER = -1e300
_FAR_MOVES = 3


@njit(cache=True)
def log_or_never(x):
    """Logarithm; a large negative number for what cannot be."""
    return log(x) if x > 0.0 else _NEVER


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
def ends_of(e, extra, ends):
    """Which of the two spots of a bond hold another atom: 0 none, 1 the first, 2, 3 both."""
    return extra[ends[e, 0]] + 2 * extra[ends[e, 1]]


@njit(cache=True)
def change_at(v, step, extra, bonds, on, table, ends, starts, links, rate, room_of):
    """Change the number of bonds of spot ``v`` by ``step``; returns the change of the logarithm.

    Whether a spot with one bond holds another atom is drawn anew from its prior share.
    """
    rates_here = rate[room_of[v]]
    before = extra[v]
    total = rates_here[bonds[v] + step] - rates_here[bonds[v]]
    bonds[v] += step
    if bonds[v] == 0:
        after = 0
    elif bonds[v] == 1:
        after = 1 if np.random.random() < rates_here[EXTRA] else 0
    else:
        after = 1
    if after != before:
        for at in range(starts[v], starts[v + 1]):
            e = links[at]
            if on[e]:
                total -= on[e] * table[ends_of(e, extra, ends), e]
        extra[v] = after
        for at in range(starts[v], starts[v + 1]):
            e = links[at]
            if on[e]:
                total += on[e] * table[ends_of(e, extra, ends), e]
    return total


@njit(cache=True)
def switch(e, step, extra, bonds, on, table, ends, starts, links, rate, room_of):
    """Add ``step`` pairs, 1 or -1, to those of bond ``e``; returns the change of the logarithm."""
    i, j = ends[e, 0], ends[e, 1]
    kept = on[e]
    total = -kept * table[ends_of(e, extra, ends), e] + step * rate[room_of[i], BOND]
    on[e] = 0
    total += change_at(i, step, extra, bonds, on, table, ends, starts, links, rate, room_of)
    total += change_at(j, step, extra, bonds, on, table, ends, starts, links, rate, room_of)
    on[e] = kept + step
    total += on[e] * table[ends_of(e, extra, ends), e]
    # Two pairs between the same spots are alike.
    return total - step * log(max(kept, on[e]))


@njit(cache=True)
def try_switch(e, extra, bonds, on, table, ends, starts, links, rate, room_of):
    """One Metropolis step that makes or breaks a bond."""
    i, j = ends[e, 0], ends[e, 1]
    step = 1 if np.random.random() < 0.5 else -1
    if step < 0 and on[e] == 0:
        return
    if step > 0 and (on[e] == 2 or bonds[i] == MOST_BONDS or bonds[j] == MOST_BONDS):
        return
    kept = extra[i], extra[j]
    change = switch(e, step, extra, bonds, on, table, ends, starts, links, rate, room_of)
    if change < 0.0 and np.random.random() >= exp(change):
        on[e] -= step
        bonds[i] -= step
        bonds[j] -= step
        extra[i], extra[j] = kept


@njit(cache=True)
def try_exchange(e, extra, bonds, on, table, ends, starts, links, rate, room_of):
    """One Metropolis step that gives a spot another partner."""
    v = ends[e, 0] if np.random.random() < 0.5 else ends[e, 1]
    if on[e] or bonds[v] == 0:
        return
    which = int(np.random.random() * bonds[v])
    old = -1
    for at in range(starts[v], starts[v + 1]):
        which -= on[links[at]]
        if which < 0:
            old = links[at]
            break
    gaining = ends[e, 0] + ends[e, 1] - v
    losing = ends[old, 0] + ends[old, 1] - v
    if on[old] == 2 or bonds[gaining] == MOST_BONDS:
        return
    kept = extra[v], extra[gaining], extra[losing]
    change = switch(old, -1, extra, bonds, on, table, ends, starts, links, rate, room_of)
    change += switch(e, 1, extra, bonds, on, table, ends, starts, links, rate, room_of)
    if change < 0.0 and np.random.random() >= exp(change):
        on[e], on[old] = 0, 1
        bonds[gaining] -= 1
        bonds[losing] += 1
        extra[v], extra[gaining], extra[losing] = kept


@njit(cache=True)
def renew_extra(v, extra, on, table, ends, starts, links, share):
    """Draw whether spot ``v`` with one bond holds another atom, beforehand with ``share``."""
    if share < 1e-9:
        return
    for at in range(starts[v], starts[v + 1]):
        e = links[at]
        if on[e]:
            extra[v] = 1
            odds = table[ends_of(e, extra, ends), e]
            extra[v] = 0
            odds = share / (1.0 - share) * exp(odds - table[ends_of(e, extra, ends), e])
            extra[v] = 1 if np.random.random() * (1.0 + odds) < odds else 0
            return


@njit(cache=True)
def distances_fit(table, extra, on, ends):
    """Logarithm of the density of the vectors of all bonds."""
    total = 0.0
    for e in range(on.size):
        if on[e]:
            total += on[e] * table[ends_of(e, extra, ends), e]
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
def matching(order, taken, bonds, on, ends):
    """Put bonds without a common spot first in ``order`` (M,); returns how many.

    They are chosen at random whatever their state; those at whose ends there is another bond, or
    which stand for two pairs, are left out.
    """
    taken[:] = False
    n = order.size
    found = 0
    for at in range(n):
        pick = at + int(np.random.random() * (n - at))
        e = order[pick]
        order[pick] = order[at]
        order[at] = e
        i, j = ends[e, 0], ends[e, 1]
        if taken[i] or taken[j]:
            continue
        taken[i] = True
        taken[j] = True
        if on[e] < 2 and bonds[i] == on[e] and bonds[j] == on[e]:
            order[at] = order[found]
            order[found] = e
            found += 1
    return found


@njit(cache=True)
def chances_of(chance, free, table):
    """Fill ``chance`` (M, 4) with the densities of the vectors of bonds ``free``."""
    for at in range(free.size):
        for t in range(4):
            chance[at, t] = exp(table[t, free[at]])


@njit(cache=True)
def odds_of(chance, first, second):
    """Odds of a bond between two spots with rates (RATES,) each and no other bond."""
    if first[BOND] <= _NEVER:
        return 0.0
    lone = exp(first[BOND] + first[CLEAN] + second[CLEAN] - first[0] - second[0])
    one, other = exp(first[MERGED] - first[CLEAN]), exp(second[MERGED] - second[CLEAN])
    return lone * (chance[0] + one * chance[1] + other * (chance[2] + one * chance[3]))


@njit(cache=True)
def bonds_or_none(free, chance, rate, ends, room_of):
    """Logarithm of the sum over all states of independent bonds, less that without any."""
    rows = rate.shape[0]
    lone = np.empty(rows)
    extra = np.empty(rows)
    pair = np.empty(rows)
    for r in range(rows):
        pair[r] = exp(rate[r, BOND])
        lone[r] = exp(rate[r, CLEAN] - rate[r, 0])
        extra[r] = exp(rate[r, MERGED] - rate[r, CLEAN])
    total, product = 0.0, 1.0
    for at in range(free.size):
        i, j = room_of[ends[free[at], 0]], room_of[ends[free[at], 1]]
        one, two = extra[i], extra[j]
        parts = chance[at]
        sums = parts[0] + one * parts[1] + two * (parts[2] + one * parts[3])
        product *= 1.0 + pair[i] * lone[i] * lone[j] * sums
        if product > 1e200:
            total += log(product)
            product = 1.0
    return total + log(product)


@njit(cache=True)
def draw_bond(e, chance, bonds, extra, on, rate, ends, room_of):
    """Draw one bond, and which of its ends hold another atom, where there is no other bond."""
    i, j = ends[e, 0], ends[e, 1]
    first, second = rate[room_of[i]], rate[room_of[j]]
    odds = odds_of(chance, first, second)
    if np.random.random() * (1.0 + odds) >= odds:
        return
    on[e] = 1
    bonds[i] = 1
    bonds[j] = 1
    one, other = exp(first[MERGED] - first[CLEAN]), exp(second[MERGED] - second[CLEAN])
    sums = chance[0] + one * chance[1] + other * (chance[2] + one * chance[3])
    u = np.random.random() * sums
    if u < chance[0]:
        return
    u -= chance[0]
    if u < one * chance[1]:
        extra[i] = 1
        return
    extra[j] = 1
    if u - one * chance[1] >= other * chance[2]:
        extra[i] = 1


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
def joint(counts, rate, expected, n_rooms, used):
    """Logarithm of the joint density of all fields, without the distances of the bonds."""
    total = 0.0
    for g in range(expected.size):
        part = slice(g * n_rooms, (g + 1) * n_rooms)
        total += log_joint(counts[part], rate[part], used[g]) - expected[g]
    return total


@njit(cache=True)
def sample(
    seed, sweeps, warm_up, every, start_share, start_distance, shares, log_prior, tables, merged,
    linked, clumped, inside, fields, rooms, room_of, ends, starts, links,
):  # fmt: skip
    """One chain over ``sweeps``, of which ``warm_up`` are not kept; every ``every``-th one is.

    ``shares`` (K,) is the grid of f, with 0 first, and ``log_prior`` (K,); the chain itself stays
    above 0, from where it sees f = 0 whenever it has no bond. ``tables`` (S, D, 4, M) are the
    logarithms of the density of the vector of a bond, by which ends hold another atom. ``merged``,
    ``linked``, ``clumped`` and ``inside`` (F, S, D), ``fields`` (F, 5) and ``rooms`` (R,) are those
    of :func:`rates`. ``room_of`` (N,) is the number of the field of a spot times R and that of its
    room; spots and bonds, of ends (M, 2), are numbered through.

    Returns the draws (T, 4 + F) of f, d0 (index), s (index), ratio of f = 0 to the rest, and
    densities; the mean conditional distribution of f above 0 (K,), its first element the mean of
    that ratio; the share of draws in which each bond is on (M,), and in which each spot has one.
    """
    np.random.seed(seed)
    n_fields, n_rooms, n_shares = fields.shape[0], rooms.size, shares.size
    n_spots, n_bonds = room_of.size, ends.shape[0]
    n_s, n_d = merged.shape[1], merged.shape[2]
    on = np.zeros(n_bonds, np.int64)
    bonds = np.zeros(n_spots, np.int64)
    extra = np.zeros(n_spots, np.int64)
    counts = np.zeros((n_fields * n_rooms, 8), np.int64)
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
    fill(
        rate,
        expected,
        density,
        shares[k],
        s,
        d,
        merged,
        linked,
        clumped,
        inside,
        fields,
        rooms,
        used,
    )
    kept = (sweeps - warm_up) // every
    draws = np.empty((kept, 4 + n_fields))
    conditional = np.zeros(n_shares)
    probability = np.zeros(n_shares)
    bonded = np.zeros(n_bonds)
    paired = np.zeros(n_spots)
    order = np.arange(n_bonds)
    taken = np.zeros(n_spots, np.bool_)
    chance = np.empty((n_bonds, 4))
    at_draw = 0
    for sweep in range(sweeps):
        table = tables[s, d]
        for _ in range(n_bonds):
            e = int(np.random.random() * n_bonds)
            if np.random.random() < 0.75:
                try_switch(e, extra, bonds, on, table, ends, starts, links, rate, room_of)
            else:
                try_exchange(e, extra, bonds, on, table, ends, starts, links, rate, room_of)
        for v in range(n_spots):
            if bonds[v] == 1:
                renew_extra(v, extra, on, table, ends, starts, links, rate[room_of[v], EXTRA])
        count(counts, bonds, extra, on, ends, room_of)
        # Densities, one field at a time: prior 1 / density.
        for g in range(n_fields):
            part = slice(g * n_rooms, (g + 1) * n_rooms)
            here = log_joint(counts[part], rate[part], used[g]) - expected[g]
            for _ in range(2):
                moved = density[g] * exp(2.0 / spots[g] ** 0.5 * np.random.normal())
                hidden = rates(new[part], moved, shares[k], merged[g, s, d], linked[g, s, d],
                               clumped[g, s, d], inside[g, s, d], fields[g], rooms,
                               used[g])  # fmt: skip
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
            fill(new, other, density, shares[k], s_new, d_new, merged, linked, clumped,
                 inside, fields, rooms, used)  # fmt: skip
            there = joint(counts, new, other, n_rooms, used)
            there += distances_fit(tables[s_new, d_new], extra, on, ends)
            if log(np.random.random()) < there - here:
                s, d, here = s_new, d_new, there
                rate[:] = new
                expected[:] = other
        # Share, distance and the bonds of a matching together: those bonds are summed over, d0 and
        # s moved, f drawn on the grid, then they are drawn. Which bonds belong to the matching does
        # not depend on their state.
        if sweep % every == 0:
            free = matching(order, taken, bonds, on, ends)
            for at in range(free):
                e = order[at]
                on[e] = 0
                for v in ends[e]:
                    bonds[v] = 0
                    extra[v] = 0
            count(counts, bonds, extra, on, ends, room_of)
            chances_of(chance, order[:free], tables[s, d])
            here = joint(counts, rate, expected, n_rooms, used)
            here += bonds_or_none(order[:free], chance, rate, ends, room_of)
            here += distances_fit(tables[s, d], extra, on, ends)
            for _ in range(_FAR_MOVES):
                d_new, s_new = int(np.random.random() * n_d), int(np.random.random() * n_s)
                fill(new, other, density, shares[k], s_new, d_new, merged, linked, clumped, inside,
                     fields, rooms, used)  # fmt: skip
                chances_of(chance, order[:free], tables[s_new, d_new])
                there = joint(counts, new, other, n_rooms, used)
                there += bonds_or_none(order[:free], chance, new, ends, room_of)
                there += distances_fit(tables[s_new, d_new], extra, on, ends)
                if log(np.random.random()) < there - here:
                    s, d, here = s_new, d_new, there
                    rate[:] = new
                    expected[:] = other
            chances_of(chance, order[:free], tables[s, d])
            top = _NEVER
            for j in range(n_shares):
                fill(new, other, density, shares[j], s, d, merged, linked, clumped, inside, fields,
                     rooms, used)  # fmt: skip
                probability[j] = log_prior[j] + joint(counts, new, other, n_rooms, used)
                probability[j] += bonds_or_none(order[:free], chance, new, ends, room_of)
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
            fill(rate, expected, density, shares[k], s, d, merged, linked, clumped,
                 inside, fields, rooms, used)  # fmt: skip
            for at in range(free):
                draw_bond(order[at], chance[at], bonds, extra, on, rate, ends, room_of)
            if sweep >= warm_up and at_draw < kept:
                conditional += probability / norm
                draws[at_draw, 0] = shares[k]
                draws[at_draw, 1] = d
                draws[at_draw, 2] = s
                draws[at_draw, 3] = probability[0] / norm
                draws[at_draw, 4:] = density
                at_draw += 1
                bonded += on > 0
                paired += bonds > 0
    return draws[:at_draw], conditional / at_draw, bonded / at_draw, paired / at_draw
