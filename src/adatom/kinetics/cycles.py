"""Net-flux cycles of a steady state, and the energetic span of one.

At steady state the net fluxes leave no state richer: they are a sum of cycles. The sum is taken
apart by always removing the cycle that carries most, so the first is the dominant one. Every
removal empties a step, hence there are at most as many cycles as steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adatom.kinetics.rates import CompiledNetwork
from adatom.reactions.network import Network, Step

SMALLEST_SHARE = 1e-9
"""Of the largest net flux: what is left below it is rounding."""


@dataclass(frozen=True)
class Cycle:
    """A closed walk through the states of a site."""

    steps: tuple[Step, ...]
    backward: tuple[bool, ...]
    """Which of the steps are walked against their written direction."""
    flux_Hz: float
    """Turnovers of this cycle per site, s^-1."""

    @property
    def states(self) -> tuple[str, ...]:
        """States passed, the first again at the end."""
        pairs = list(zip(self.steps, self.backward, strict=True))
        ends = tuple(s.start if back else s.end for s, back in pairs)
        return (ends[-1], *ends)

    @property
    def electrons(self) -> int:
        """Electrons consumed by one turnover."""
        return sum(s.electrons * (-1 if b else 1) for s, b in self._walked)

    @property
    def change(self) -> dict[str, int]:
        """Dissolved species released by one turnover, negative if consumed; idle cycles: none."""
        total: dict[str, int] = {}
        for step, back in self._walked:
            for species, n in step.solution:
                total[species] = total.get(species, 0) + (-n if back else n)
        return {species: n for species, n in total.items() if n}

    @property
    def _walked(self) -> list[tuple[Step, bool]]:
        return list(zip(self.steps, self.backward, strict=True))


def net_cycles(network: Network, net_fluxes_Hz: np.ndarray, *, most: int = 20) -> list[Cycle]:
    """The cycles that add up to net fluxes (E,) of one steady state, the largest first.

    At most ``most`` are returned.
    """
    left = np.abs(np.array(net_fluxes_Hz, dtype=float))
    sign = np.asarray(net_fluxes_Hz) < 0
    smallest = SMALLEST_SHARE * left.max() if left.size else 0.0
    tails = [s.end if back else s.start for s, back in zip(network.steps, sign, strict=True)]
    heads = [s.start if back else s.end for s, back in zip(network.steps, sign, strict=True)]
    found: list[Cycle] = []
    while len(found) < most and left.max() > smallest:
        walk = _widest_cycle(left, tails, heads)
        if not walk:
            break
        flux = float(left[walk].min())
        left[walk] -= flux
        left[left < smallest] = 0.0
        found.append(_from_bare(network, walk, sign, flux))
    return sorted(found, key=lambda cycle: -cycle.flux_Hz)


def _widest_cycle(left: np.ndarray, tails: Sequence[str], heads: Sequence[str]) -> list[int]:
    """Steps of a cycle through the largest flux whose smallest flux is the largest possible."""
    first = int(np.argmax(left))
    width = {heads[first]: left[first]}
    came: dict[str, int] = {}
    done: set[str] = set()
    while True:
        open_states = [s for s in width if s not in done and width[s] > 0]
        if not open_states:
            return []
        at = max(open_states, key=lambda s: width[s])
        done.add(at)
        if at == tails[first]:
            break
        for e in np.flatnonzero(left).tolist():
            if tails[e] == at and min(width[at], left[e]) > width.get(heads[e], 0.0):
                width[heads[e]] = min(width[at], left[e])
                came[heads[e]] = e
    walk: list[int] = []
    while at != heads[first]:
        walk.append(came[at])
        at = tails[came[at]]
    return [first, *reversed(walk)]


def _from_bare(network: Network, walk: list[int], sign: np.ndarray, flux: float) -> Cycle:
    """The walk turned so that it starts at the bare site, or at its first state otherwise."""
    starts = [network.steps[e].end if sign[e] else network.steps[e].start for e in walk]
    turn = min(range(len(walk)), key=lambda i: network.states.index(starts[i]))
    turned = [*walk[turn:], *walk[:turn]]
    return Cycle(
        tuple(network.steps[e] for e in turned), tuple(bool(sign[e]) for e in turned), flux
    )


@dataclass(frozen=True)
class EnergeticSpan:
    """What limits a cycle: one transition state over one intermediate."""

    span_eV: float
    """delta E; the turnover is about (k_B T / h) exp(-span / k_B T)."""
    transition_state: str
    """Name of the step it belongs to."""
    intermediate: str
    """State of the site."""


def energetic_span(
    network: Network,
    compiled: CompiledNetwork,
    cycle: Cycle,
    constants: tuple[np.ndarray, np.ndarray],
) -> EnergeticSpan:
    """Energetic span of a cycle (Kozuch, Shaik, Acc. Chem. Res. 2011, 44, 101, 10.1021/ar1000956).

    ``constants`` are forward and backward rate constants (E,), activities included, from which
    levels and heights of the transition states follow.
    """
    thermal, attempt = compiled.thermal_eV, compiled.attempt_Hz
    position = {step.name: e for e, step in enumerate(network.steps)}
    level, levels, tops = 0.0, [], []
    for step, back in zip(cycle.steps, cycle.backward, strict=True):
        ahead, behind = constants if not back else constants[::-1]
        e = position[step.name]
        levels.append(level)
        tops.append(level - thermal * np.log(ahead[e] / attempt))
        level -= thermal * np.log(ahead[e] / behind[e])
    spans = [
        (tops[t] - levels[i] + (0.0 if t >= i else level), t, i)
        for t in range(len(tops))
        for i in range(len(levels))
    ]
    span, t, i = max(spans)
    return EnergeticSpan(float(span), cycle.steps[t].name, cycle.states[i])
