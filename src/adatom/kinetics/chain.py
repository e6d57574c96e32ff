"""Stationary state and net fluxes of one site: a small continuous-time Markov chain.

An isolated site does not exchange adsorbates with others, so its steady state is the
stationary distribution of a finite chain: linear, unique, never a failed root search. It is
found by the elimination of Grassmann, Taksar and Heyman (Oper. Res. 1985, 33, 1107,
10.1287/opre.33.5.1107), which adds, multiplies and divides positive numbers only, so every
probability keeps full relative precision however many decades the rates span.

Net fluxes keep theirs too, save around idle cycles of fast steps: the difference of a step's
two fluxes is taken only for steps outside the spanning tree of largest gross flux, where it is
best conditioned; what a quasi-equilibrated step of the tree carries is what those steps carry
back across the cut that it makes. It has the largest gross flux of that cut, so that rounding
stays below it.

Dissolved species whose surface activity is still unknown react with the bare state 0 only.
Everything divided by the probability of the bare state is then linear in their activities:
each quantity is stored as its coefficients of (1, a_1, ..., a_T), the last axis below.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def solve_chain(start, end, forward, backward, consumes, produces, occupation, flux, matrix,
                index, weight):  # fmt: skip
    """Occupations and net fluxes over the probability of the bare state, as coefficients.

    Arguments, for E steps, N states and T transported species:
    ``start``, ``end``: int (E,), states joined by each step, 0 the bare one;
    ``forward``, ``backward``: (E,), rate constants, s^-1 (complex for derivatives);
    ``consumes``, ``produces``: int (E,), 0 or the number 1..T of the transported species
    consumed going forward, or backward;
    ``occupation``: out (N, 1 + T); ``flux``: out (E, 1 + T), s^-1, forward positive;
    ``matrix``: scratch (N, N); ``index``, ``weight``: from :func:`scratch`.
    """
    n_states, width = occupation.shape
    n_steps = start.size
    matrix[:] = 0.0
    occupation[:] = 0.0
    for e in range(n_steps):
        i, j = start[e], end[e]
        if i == 0:
            occupation[j, consumes[e]] += forward[e]
        else:
            matrix[i, j] += forward[e]
        if j == 0:
            occupation[i, produces[e]] += backward[e]
        else:
            matrix[j, i] += backward[e]
    # Elimination, last state first; row 0 lives in `occupation`. A state has few neighbours, and
    # what is zero adds nothing: only the others are visited.
    onward = index[4]
    for n in range(n_states - 1, 0, -1):
        leaving, count = matrix[n, 0], 0
        for j in range(n):
            if matrix[n, j] != 0.0:
                onward[count] = j
                count += 1
                if j > 0:
                    leaving += matrix[n, j]
        for i in range(1, n):
            if matrix[i, n] != 0.0:
                matrix[i, n] /= leaving
                share = matrix[i, n]
                for k in range(count):
                    if onward[k] != i:
                        matrix[i, onward[k]] += share * matrix[n, onward[k]]
        for t in range(width):
            occupation[n, t] /= leaving
            for k in range(count):
                if onward[k] > 0:
                    occupation[onward[k], t] += occupation[n, t] * matrix[n, onward[k]]
    for n in range(1, n_states):
        for i in range(1, n):
            for t in range(width):
                occupation[n, t] += occupation[i, t] * matrix[i, n]
    occupation[0, 0] = 1.0
    for t in range(width):
        _net_fluxes(start, end, forward, backward, consumes, produces, occupation, t, flux,
                    matrix[0], index, weight)  # fmt: skip


@njit(cache=True)
def scratch(n_states, n_steps):
    """Work arrays of :func:`solve_chain`: ``index`` int (6, max(N + 1, 2 E)), ``weight`` float."""
    longest = max(n_states + 1, 2 * n_steps)
    return np.empty((6, longest), np.int64), np.empty((2, longest))


@njit(cache=True)
def _net_fluxes(start, end, forward, backward, consumes, produces, occupation, t, flux, inflow,
                index, weight):  # fmt: skip
    n_states, n_steps = occupation.shape[0], start.size
    gross, best = weight[0], weight[1]
    link, inside, parent, depth = index[0], index[1], index[2], index[3]
    first, touching = index[4], index[5]
    _steps_by_state(start, end, n_states, first, touching)
    for e in range(n_steps):
        ahead = forward[e] * _source(occupation, start[e], consumes[e], t)
        back = backward[e] * _source(occupation, end[e], produces[e], t)
        gross[e] = ahead.real + back.real
        flux[e, t] = ahead - back
    # Prim's algorithm: the tree of largest gross flux, grown from the bare state.
    for n in range(n_states):
        best[n], link[n], inside[n], inflow[n] = -1.0, -1, 0, 0.0
    node = 0
    parent[0], depth[0] = -1, 0
    while node >= 0:
        inside[node] = 1
        if link[node] >= 0:
            parent[node] = start[link[node]] + end[link[node]] - node
            depth[node] = depth[parent[node]] + 1
        for k in range(first[node], first[node + 1]):
            e = touching[k]
            other = start[e] + end[e] - node
            if inside[other] == 0 and gross[e] > best[other]:
                best[other] = gross[e]
                link[other] = e
        node = -1
        for m in range(n_states):
            if inside[m] == 0 and link[m] >= 0 and (node < 0 or best[m] > best[node]):
                node = m
    # Every other step carries flux out of the branches that it starts in, into those it ends in.
    for e in range(n_steps):
        if link[start[e]] != e and link[end[e]] != e:
            a, b = start[e], end[e]
            while a != b:
                if depth[a] >= depth[b]:
                    inflow[a] += flux[e, t]
                    a = parent[a]
                else:
                    inflow[b] -= flux[e, t]
                    b = parent[b]
    for n in range(1, n_states):
        e = link[n]
        flux[e, t] = inflow[n] if end[e] == n else -inflow[n]


@njit(cache=True)
def _steps_by_state(start, end, n_states, first, touching):
    """Fill ``touching`` with the steps at each state, those of n from ``first[n]`` on."""
    for n in range(n_states + 1):
        first[n] = 0
    for e in range(start.size):
        first[start[e]] += 1
        first[end[e]] += 1
    for n in range(1, n_states + 1):
        first[n] += first[n - 1]
    for e in range(start.size - 1, -1, -1):
        first[start[e]] -= 1
        touching[first[start[e]]] = e
        first[end[e]] -= 1
        touching[first[end[e]]] = e


@njit(cache=True)
def _source(occupation, state, species, t):
    """Coefficient t of (occupation of ``state``) x (activity of ``species``)."""
    if species == 0:
        return occupation[state, t]
    # A transported species meets the bare state only, whose coefficients are (1, 0, ..., 0).
    return occupation[0, 0] * (1.0 if species == t else 0.0)
