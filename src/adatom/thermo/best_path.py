"""The easiest way through a network to a product: the smallest possible largest step.

The limiting potential of a site with many branches or several positions is that of its best
path. It is found by a widest-path search (Dijkstra's with max in the place of the sum) over
states of the site together with what has been consumed and released on the way.
"""

import heapq
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import numpy as np

from adatom.reactions.equation import change_of, dissolved
from adatom.reactions.network import Network, ReactionPath, Step
from adatom.thermo.limiting import step_free_energy_eV

MOST_NODES = 200_000
"""Searches that grow beyond it are given up."""

_Node = tuple[str, tuple[int, ...]]


def best_path(
    network: Network, energies_eV: Mapping[str, float], equation: str, *, name: str, pH: float = 0.0
) -> ReactionPath | None:
    """The path from the bare site back to it that adds up to ``equation``.

    ``energies_eV`` of every state but the bare one. Of the paths, that whose thermal steps are
    least uphill (no potential drives them), then whose hardest electron transfer is easiest, then
    the shortest. Thermal steps may
    be walked both ways; electron transfers in the direction of the reaction, and those written
    against it (nitrate binds and releases an electron) as written, where they set no limit.
    None when no path leads there.
    """
    goal = change_of(equation, name)
    wanted = dissolved(goal)
    sign = 1 if goal.get("e-", 0) < 0 else -1
    species = tuple(dict.fromkeys((*network.dissolved, *wanted)))
    target = tuple(wanted.get(s, 0) for s in species)
    if any(s not in network.dissolved for s in wanted):
        return None
    onward = _onward(network, energies_eV, sign, species, pH)
    start: _Node = (network.bare, (0,) * len(species))
    order = count()
    waiting = [_Entry(0.0, -np.inf, 0, next(order), start, None, None)]
    came: dict[_Node, _Entry] = {}
    while waiting and len(came) < MOST_NODES:
        at = heapq.heappop(waiting)
        state, so_far = at.node
        if at.step is not None and at.node == (network.bare, target):
            return ReactionPath(name, equation, _walked(at, came))
        if at.node in came:
            continue
        came[at.node] = at
        for step, change, rise in onward.get(state, ()):
            after = tuple(a + b for a, b in zip(so_far, change, strict=True))
            new = (step.end, after)
            if new not in came and _between(after, target):
                counts = step.electrons * sign > 0
                electronic = max(at.electronic, rise) if counts else at.electronic
                thermal = at.thermal if step.electrons else max(at.thermal, rise)
                heapq.heappush(
                    waiting,
                    _Entry(thermal, electronic, at.length + 1, next(order), new, at.node, step),
                )
    return None


class _Entry(NamedTuple):
    """A node with the way it was reached; compared by the hardest steps, then by length."""

    thermal: float
    electronic: float
    length: int
    order: int
    node: _Node
    before: _Node | None
    step: Step | None


def _onward(
    network: Network,
    energies_eV: Mapping[str, float],
    sign: int,
    species: tuple[str, ...],
    pH: float,
) -> dict[str, list[tuple[Step, tuple[int, ...], float]]]:
    """Steps that leave each state: with what they release and their free energy, eV."""
    found: dict[str, list[tuple[Step, tuple[int, ...], float]]] = {}
    for step in network.steps:
        walks = [step] if step.electrons * sign > 0 else [step, _reversed(step)]
        for walk in walks:
            change = tuple(dict(walk.solution).get(s, 0) for s in species)
            rise = float(step_free_energy_eV(walk, energies_eV, pH=pH))
            found.setdefault(walk.start, []).append((walk, change, rise))
    return found


def _reversed(step: Step) -> Step:
    return replace(
        step,
        name=f"{step.name} (backward)",
        start=step.end,
        end=step.start,
        electrons=-step.electrons,
        solution=tuple((s, -n) for s, n in step.solution),
        ways_forward=step.ways_backward,
        ways_backward=step.ways_forward,
    )


def _between(amounts: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether nothing was released or consumed beyond what the equation says."""
    return all(min(0, t) <= a <= max(0, t) for a, t in zip(amounts, target, strict=True))


def _walked(last: _Entry, came: Mapping[_Node, _Entry]) -> tuple[Step, ...]:
    steps: list[Step] = []
    at: _Entry = last
    while at.step is not None and at.before is not None:
        steps.append(at.step)
        at = came[at.before]
    return tuple(reversed(steps))
