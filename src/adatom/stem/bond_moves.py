"""Moves among the sets of bonds: one at a time, and many independent ones at once.

Bonds are switched and exchanged (Metropolis); bonds without a common spot are summed over and
drawn together. Throughout ``on`` (M,) are the pairs of each bond, ``bonds`` (N,) those of each
spot, ``extra`` (N,) whether it holds one atom (no bond: 0), two, or more (2), ``table`` (9, M) the
logarithms of the density of the vector of a bond by that of its ends; ``links`` are the bonds of a
spot from its ``starts``; ``rate`` and ``room_of`` as in :func:`adatom.stem.pair_chain.sample`.
"""

from math import exp, log

import numpy as np
from numba import njit

from adatom.stem.pair_likelihood import (
    ALONE,
    BOND,
    LONE,
    NEVER,
    NO_MORE,
    ONE_MORE,
    OTHERS,
    ends_of,
)  # fmt: skip

MOST_BONDS = 4
"""Of one spot."""


@njit(cache=True)
def draw_extra(bonds, rates_here):
    """Draw what else a spot with so many bonds holds, from its prior shares."""
    if bonds == 0:
        return 0
    if bonds == 1:
        u = np.random.random()
        return 0 if u < rates_here[ALONE] else (1 if u < rates_here[ONE_MORE] else 2)
    return 1 if bonds == 2 and np.random.random() < rates_here[NO_MORE] else 2


@njit(cache=True)
def change_at(v, step, extra, bonds, on, table, ends, starts, links, rate, room_of):
    """Change the number of bonds of spot ``v`` by ``step``; returns the change of the logarithm.

    What else the spot holds is drawn anew from its prior shares.
    """
    rates_here = rate[room_of[v]]
    before = extra[v]
    total = rates_here[bonds[v] + step] - rates_here[bonds[v]]
    bonds[v] += step
    after = draw_extra(bonds[v], rates_here)
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
def renew_extra(v, extra, bonds, on, table, ends, starts, links, rates_here):
    """Draw what else spot ``v`` holds, given its bonds."""
    if bonds[v] == 0 or bonds[v] > 2:
        return
    if bonds[v] == 1:
        lone, one = rates_here[ALONE], rates_here[ONE_MORE] - rates_here[ALONE]
        more = 1.0 - rates_here[ONE_MORE]
    else:
        lone, one, more = 0.0, rates_here[NO_MORE], 1.0 - rates_here[NO_MORE]
    if lone > 1.0 - 1e-9:
        return
    for kind, share in ((0, lone), (1, one), (2, more)):
        extra[v] = kind
        total = 0.0
        for at in range(starts[v], starts[v + 1]):
            e = links[at]
            if on[e]:
                total += on[e] * table[ends_of(e, extra, ends), e]
        if kind == 0:
            lone = share * exp(total)
        elif kind == 1:
            one = share * exp(total)
        else:
            more = share * exp(total)
    u = np.random.random() * (lone + one + more)
    extra[v] = 0 if u < lone else (1 if u < lone + one else 2)


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
    """Fill ``chance`` (M, 9) with the densities of the vectors of bonds ``free``."""
    for at in range(free.size):
        for t in range(OTHERS**2):
            chance[at, t] = exp(table[t, free[at]])


@njit(cache=True)
def over_extras(chance, first, second):
    """Density (9,) of the vector of a bond, summed over what its ends hold beside.

    ``first`` and ``second`` (3,) are the odds of that, to nothing else.
    """
    total = 0.0
    for k in range(OTHERS):
        for j in range(OTHERS):
            total += first[j] * second[k] * chance[j + OTHERS * k]
    return total


@njit(cache=True)
def fill_odds(odds, rates_here):
    """Fill ``odds`` (3,) of spots with one bond to hold nothing else, one atom, more."""
    for k in range(OTHERS):
        odds[k] = exp(rates_here[LONE + k] - rates_here[LONE])


@njit(cache=True)
def bonds_or_none(free, chance, rate, ends, room_of):
    """Logarithm of the sum over all states of independent bonds, less that without any."""
    rows = rate.shape[0]
    lone = np.empty(rows)
    odds = np.empty((rows, OTHERS))
    pair = np.empty(rows)
    for r in range(rows):
        pair[r] = exp(rate[r, BOND])
        lone[r] = exp(rate[r, LONE] - rate[r, 0])
        fill_odds(odds[r], rate[r])
    total, product = 0.0, 1.0
    for at in range(free.size):
        i, j = room_of[ends[free[at], 0]], room_of[ends[free[at], 1]]
        sums = over_extras(chance[at], odds[i], odds[j])
        product *= 1.0 + pair[i] * lone[i] * lone[j] * sums
        if product > 1e200:
            total += log(product)
            product = 1.0
    return total + log(product)


@njit(cache=True)
def draw_bond(e, chance, bonds, extra, on, rate, ends, room_of):
    """Draw one bond, and what its ends hold beside, where there is no other bond."""
    i, j = ends[e, 0], ends[e, 1]
    first, second = rate[room_of[i]], rate[room_of[j]]
    if first[BOND] <= NEVER:
        return
    one, other = np.empty(OTHERS), np.empty(OTHERS)
    fill_odds(one, first)
    fill_odds(other, second)
    sums = over_extras(chance, one, other)
    odds = sums * exp(first[BOND] + first[LONE] + second[LONE] - first[0] - second[0])
    if np.random.random() * (1.0 + odds) >= odds:
        return
    on[e] = 1
    bonds[i] = 1
    bonds[j] = 1
    u = np.random.random() * sums
    for k in range(OTHERS):
        for at in range(OTHERS):
            u -= one[at] * other[k] * chance[at + OTHERS * k]
            if u < 0.0:
                extra[i], extra[j] = at, k
                return
    extra[i], extra[j] = 0, 0
