"""A mechanism laid over the positions of a site: every state that can be reached, every step.

A state says what sits on each position. A step of the mechanism happens wherever its occupants
are: at one position, or at two neighbours (all positions of a site are neighbours). Positions of
one name are equal by symmetry: states that only exchange them are one state, and its steps carry
the number of equal ways to go, so that the smaller chain is the exact lumping of the whole one.
"""

import re
from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import permutations
from pathlib import Path

from adatom.errors import NetworkError
from adatom.reactions.energy_names import energy_name, lateral_name
from adatom.reactions.mechanism import BARE, Mechanism
from adatom.reactions.mechanism_file import load_mechanism
from adatom.reactions.network import Network, ReactionPath, Step

MAX_STATES = 400
"""Larger state spaces are refused: no energies exist for them, and the steps of time grow as
their cube."""
MAX_POSITIONS = 4
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

_Occupation = tuple[tuple[str, tuple[int, ...]], ...]
"""What sits on the site, and on which positions, in the order of the positions."""


def network_of(
    mechanism: Mechanism,
    positions: Sequence[str] = (BARE,),
    *,
    known: Container[str] | None = None,
    max_states: int = MAX_STATES,
) -> Network:
    """The network of a site with these positions.

    ``positions`` are names (``Fe``, ``Co``, ``cluster``); equal names are equal positions. One
    position keeps the states of the mechanism as they are (``*OH``). ``known`` says which energies
    there are (``*OH@Fe``, ``*O2*@Fe-Co``): occupants without one are left out of the site, and
    so are those that can then not be reached. Raises :class:`~adatom.errors.NetworkError` for names
    that are none, and when there are more than ``max_states`` states.
    """
    if not 1 <= len(positions) <= MAX_POSITIONS:
        raise NetworkError(f"a site has 1 to {MAX_POSITIONS} positions, got {len(positions)}")
    for name in positions:
        if name != BARE and not _NAME.fullmatch(name):
            raise NetworkError(
                f"'{name}' is no name of a position; expected letters and digits, for example Fe-Co"
                " or Fe-cluster"
            )
    site = _Site(tuple(positions))
    occupations = _reached(mechanism, site, known, max_states)
    labels = {o: site.label(o) for o in occupations}
    steps = tuple(_steps(mechanism, site, occupations, labels))
    states = tuple(labels.values())
    paths = _paths(mechanism, steps, states[0])
    return Network(
        mechanism=mechanism,
        positions=site.positions,
        states=states,
        parts={labels[o]: site.parts(o) for o in occupations},
        optional=tuple(
            labels[o] for o in occupations if {x for x, _ in o} & set(mechanism.optional)
        ),
        steps=steps,
        paths=paths,
    )


def load_network(name: str | Path) -> Network:
    """A shipped mechanism by name, or a user's own from a ``.toml`` file, on one position.

    Raises :class:`~adatom.errors.NetworkError` naming the step and what is wrong.
    """
    return network_of(load_mechanism(name))


def restricted(network: Network, known: Container[str]) -> Network:
    """The network without the states that lack an energy, and without their steps."""
    return network_of(network.mechanism, network.positions, known=known)


class _Site:
    """The positions of a site, and the names of its states and energies."""

    def __init__(self, positions: tuple[str, ...]) -> None:
        self.positions = positions
        indices = range(len(positions))
        self.symmetries = [
            p for p in permutations(indices) if all(positions[i] == positions[p[i]] for i in p)
        ]
        self.bare: _Occupation = tuple((BARE, (i,)) for i in indices)

    def orbit(self, occupation: _Occupation) -> set[_Occupation]:
        """Every arrangement that a symmetry makes of this one."""
        return {
            _ordered((x, tuple(sorted(p[i] for i in where))) for x, where in occupation)
            for p in self.symmetries
        }

    def canonical(self, occupation: _Occupation) -> _Occupation:
        """One of the orbit, the same for all of it."""
        return max(self.orbit(occupation))

    def label(self, occupation: _Occupation) -> str:
        """``*OH``, ``*OH|*O``, ``*O2*|*OH``; an occupant of far positions says which."""
        words = []
        for x, where in occupation:
            apart = len(where) == 2 and where[1] != where[0] + 1
            words.append(f"{x}({where[0] + 1},{where[1] + 1})" if apart else x)
        return "|".join(words)

    def parts(self, occupation: _Occupation) -> tuple[str, ...]:
        """Energies that add up to that of the state, each occupant's and each two neighbours'."""
        if len(self.positions) == 1:
            return tuple(x for x, _ in occupation if x != BARE)
        own = [self.energy_name(x, where) for x, where in occupation if x != BARE]
        return (*own, *(lateral_name(a, b) for n, a in enumerate(own) for b in own[n + 1 :]))

    def energy_name(self, occupant: str, where: tuple[int, ...]) -> str:
        """``*OH@Fe``; the positions of a pair in the order of their names."""
        if len(self.positions) == 1:
            return occupant
        return energy_name(occupant, tuple(self.positions[i] for i in where))


def _ordered(entries: Iterable[tuple[str, tuple[int, ...]]]) -> _Occupation:
    return tuple(sorted(entries, key=lambda entry: entry[1]))


def _moves(
    before: tuple[str, ...], after: tuple[str, ...], occupation: _Occupation
) -> Iterator[_Occupation]:
    """Every arrangement that one way through a step makes of this one, equal ways repeated."""
    here = dict((where, x) for x, where in occupation)
    for taken in permutations(here, len(before)):
        if tuple(here[where] for where in taken) != before:
            continue
        if len(before) == 2 and before[0] == before[1] and taken[0] > taken[1]:
            continue  # equal occupants: one pair, counted once ...
        rest = [(x, where) for where, x in here.items() if where not in taken]
        free = tuple(sorted(i for where in taken for i in where))
        for placed in _placements(before, after, taken, free):
            yield _ordered([*rest, *placed])


def _placements(
    before: tuple[str, ...], after: tuple[str, ...],
    taken: tuple[tuple[int, ...], ...], free: tuple[int, ...],
) -> Iterator[list[tuple[str, tuple[int, ...]]]]:  # fmt: skip
    """Where the occupants afterwards sit on the positions of those before."""
    if len(after) == 1:
        yield [(after[0], free)]
        return
    first, second = (taken[0], taken[1]) if len(before) == 2 else ((free[0],), (free[1],))
    yield [(after[0], first), (after[1], second)]
    # ... but where nothing tells which of two becomes which, both ways exist.
    alike = len(before) == 1 or before[0] == before[1]
    if alike and after[0] != after[1]:
        yield [(after[0], second), (after[1], first)]


def _reached(
    mechanism: Mechanism, site: _Site, known: Container[str] | None, max_states: int
) -> list[_Occupation]:
    """States that steps, forward or backward, lead to from the bare site, that one first."""
    found = {site.bare: None}
    waiting = deque([site.bare])
    while waiting:
        at = waiting.popleft()
        for step in mechanism.steps:
            for ways in ((step.before, step.after), (step.after, step.before)):
                for result in _moves(*ways, at):
                    new = site.canonical(result)
                    if new in found or not _has_energies(new, site, known):
                        continue
                    found[new] = None
                    waiting.append(new)
                    if len(found) > max_states:
                        raise NetworkError(
                            f"{mechanism.name} on positions {', '.join(site.positions)} has more"
                            f" than {max_states} states; take fewer positions or steps, or give"
                            " energies only for what sits there"
                        )
    rank = {x: n for n, x in enumerate(mechanism.occupants)}
    return sorted(
        found, key=lambda o: (sum(x != BARE for x, _ in o), [(rank[x], where) for x, where in o])
    )


def _has_energies(occupation: _Occupation, site: _Site, known: Container[str] | None) -> bool:
    if known is None:
        return True
    return all(x == BARE or site.energy_name(x, where) in known for x, where in occupation)


def _steps(
    mechanism: Mechanism, site: _Site, occupations: list[_Occupation],
    labels: dict[_Occupation, str],
) -> Iterator[Step]:  # fmt: skip
    single = len(site.positions) == 1
    size = {o: len(site.orbit(o)) for o in occupations}
    for rule in mechanism.steps:
        symmetric = sorted(rule.before) == sorted(rule.after)
        emitted: set[tuple[_Occupation, _Occupation]] = set()
        for start in occupations:
            ends = Counter(site.canonical(o) for o in _moves(rule.before, rule.after, start))
            for end, ways in ends.items():
                if end not in labels or end == start or (end, start) in emitted:
                    continue
                if symmetric:
                    emitted.add((start, end))
                yield Step(
                    name=rule.name if single else f"{rule.name}: {labels[start]} -> {labels[end]}",
                    rule=rule.name,
                    equation=rule.equation,
                    start=labels[start],
                    end=labels[end],
                    electrons=rule.electrons,
                    solution=rule.solution,
                    barrier_eV=rule.barrier_eV,
                    bep_slope=rule.bep_slope,
                    bep_intercept_eV=rule.bep_intercept_eV,
                    ways_forward=ways,
                    # Moves between two orbits, counted from both ends, are as many.
                    ways_backward=ways * size[start] // size[end],
                    symmetric=symmetric,
                )


def _paths(mechanism: Mechanism, steps: tuple[Step, ...], bare: str) -> tuple[ReactionPath, ...]:
    """The named paths that can be walked from the bare site, state by state."""
    found = []
    for path in mechanism.paths:
        walked: list[Step] = []
        at = bare
        for name in path.steps:
            onward = [s for s in steps if s.rule == name and s.start == at]
            if len(onward) != 1:
                break
            walked.append(onward[0])
            at = onward[0].end
        else:
            if at == bare:
                found.append(ReactionPath(path.name, path.equation, tuple(walked)))
    return tuple(found)
