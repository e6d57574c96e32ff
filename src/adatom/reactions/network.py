"""Reaction networks: elementary steps read from a data file and checked for balance.

A network is a graph whose nodes are states of one site (``*``, ``*OH`` ...) and whose edges
are elementary steps. Every step has one state on each side; species in solution enter as
activities; a step with electrons is a proton-coupled electron transfer.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from adatom.errors import AdatomError, NetworkError
from adatom.species import parse_species

_TERM = re.compile(r"(?:(\d+)\s+)?(\S+)")
_STEP_KEYS = {"name", "equation", "barrier_eV", "bep_slope", "bep_intercept_eV"}
_NETWORK_KEYS = {
    "name", "title", "overall", "transported", "byproduct", "optional",
    "potential_window_V_rhe", "step", "path",
}  # fmt: skip
_PATH_KEYS = {"name", "equation", "steps"}
BARE = "*"
"""The bare site."""


@dataclass(frozen=True)
class Step:
    """One elementary step, written in its forward direction."""

    name: str
    equation: str
    start: str
    """State of the site before."""
    end: str
    """State of the site after."""
    electrons: int
    """Electrons consumed going forward; negative for an oxidation; 0 for a thermal step."""
    solution: tuple[tuple[str, int], ...]
    """Species in solution with their change, produced positive (H+, e- excluded)."""
    barrier_eV: float | None
    """Intrinsic barrier of this electron transfer, eV; None takes the rate model's."""
    bep_slope: float
    """Bronsted-Evans-Polanyi slope of a thermal step."""
    bep_intercept_eV: float
    """Bronsted-Evans-Polanyi intercept of a thermal step, eV."""


@dataclass(frozen=True)
class ReactionPath:
    """An ordered list of steps that adds up to an overall reaction."""

    name: str
    equation: str
    steps: tuple[Step, ...]

    @property
    def electrons(self) -> int:
        """Electrons consumed by one pass; negative for an oxidation."""
        return sum(step.electrons for step in self.steps)

    def change(self, species: str | None) -> int:
        """Net number of a dissolved species that one pass produces; negative if consumed."""
        return sum(n for step in self.steps for s, n in step.solution if s == species)


@dataclass(frozen=True)
class Network:
    """A checked reaction network."""

    name: str
    title: str
    overall: str
    states: tuple[str, ...]
    """States of the site, the bare one first."""
    steps: tuple[Step, ...]
    paths: tuple[ReactionPath, ...]
    """Paths for the thermodynamic analysis; the first is the network's main one."""
    transported: tuple[str, ...]
    """Dissolved species whose surface concentration follows from transport."""
    byproduct: str | None
    """Dissolved product that a ring electrode would detect."""
    optional: tuple[str, ...]
    """States that need not have an energy; their steps are closed without one."""
    potential_window_V_rhe: tuple[float, float]
    """Default range of predicted curves, V vs RHE."""
    source: str
    """The file it was read from."""

    @property
    def electrons(self) -> int:
        """Electrons consumed by one turnover of the overall reaction; negative for oxidations."""
        return self.paths[0].electrons

    @property
    def required(self) -> tuple[str, ...]:
        """States whose free energy must be known, the bare site excluded."""
        return tuple(s for s in self.states if s != BARE and s not in self.optional)

    def restricted(self, known: frozenset[str] | set[str]) -> "Network":
        """The network without the optional states that are not ``known``, and their steps."""
        closed = {s for s in self.optional if s not in known}
        if not closed:
            return self
        steps = tuple(s for s in self.steps if s.start not in closed and s.end not in closed)
        states = tuple(s for s in self.states if s not in closed)
        optional = tuple(s for s in self.optional if s not in closed)
        return Network(
            self.name, self.title, self.overall, states, steps, self.paths,
            self.transported, self.byproduct, optional, self.potential_window_V_rhe, self.source,
        )  # fmt: skip


@cache
def solution_free_energies_eV() -> dict[str, float]:
    """Free energies of dissolved species relative to H2O and H2, eV (25 C)."""
    text = resources.files("adatom.reactions").joinpath("solution.toml").read_text()
    return {k: float(v) for k, v in tomllib.loads(text)["free_energy_eV"].items()}


def shipped_networks() -> tuple[str, ...]:
    """Names of the networks that come with the package."""
    folder = resources.files("adatom.reactions").joinpath("networks")
    return tuple(sorted(p.name[:-5].upper() for p in folder.iterdir() if p.name.endswith(".toml")))


def load_network(name: str | Path) -> Network:
    """Load a shipped network by name, or a user's own from a ``.toml`` file.

    Raises :class:`~adatom.errors.NetworkError` naming the step and what does not balance.
    """
    if str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise NetworkError(f"network file {path} does not exist")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise NetworkError(f"{path}: not a UTF-8 text file: {error}") from error
        return parse_network(text, where=str(path))
    if str(name).upper() not in shipped_networks():
        known = ", ".join(shipped_networks())
        raise NetworkError(
            f"reaction '{name}' is unknown; expected one of {known}, or a .toml file"
        )
    file = f"{str(name).lower()}.toml"
    folder = resources.files("adatom.reactions").joinpath("networks")
    return parse_network(folder.joinpath(file).read_text(), where=file)


def parse_network(text: str, *, where: str) -> Network:
    """Read and check a network from the text of its file (``where`` names it in errors)."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NetworkError(f"{where}: not a TOML file: {error}") from error
    _only(data, _NETWORK_KEYS, where)
    steps = tuple(_step(item, where) for item in _tables(data, "step", where))
    by_name: dict[str, Step] = {}
    for step in steps:
        if step.name in by_name:
            raise NetworkError(f"{where}: step '{step.name}' is given twice")
        by_name[step.name] = step
    states = [BARE]
    for step in steps:
        states += [s for s in (step.start, step.end) if s not in states]
    paths = tuple(_path(item, by_name, where) for item in _tables(data, "path", where))
    window = data.get("potential_window_V_rhe")
    if not (isinstance(window, list) and len(window) == 2):
        raise NetworkError(f"{where}: 'potential_window_V_rhe' must be [low, high], got {window}")
    low, high = (
        _number({"potential_window_V_rhe": v}, "potential_window_V_rhe", where, -5.0, 5.0)
        for v in window
    )
    if not low < high:
        raise NetworkError(f"{where}: 'potential_window_V_rhe' must rise, got {window}")
    name = _text(data, "name", where)
    network = Network(
        name=name,
        title=_text(data, "title", where) if "title" in data else name,
        overall=_text(data, "overall", where),
        states=tuple(states),
        steps=steps,
        paths=paths,
        transported=_names(data, "transported", where),
        byproduct=_text(data, "byproduct", where) if "byproduct" in data else None,
        optional=_names(data, "optional", where),
        potential_window_V_rhe=(low, high),
        source=where,
    )
    if network.byproduct is not None and network.byproduct not in network.transported:
        raise NetworkError(f"{where}: the byproduct '{network.byproduct}' must be transported")
    unknown = [s for s in network.optional if s not in states]
    if unknown:
        raise NetworkError(f"{where}: optional state '{unknown[0]}' is in no step")
    wanted = [s.end for s in paths[0].steps if s.end in network.optional]
    if wanted:
        raise NetworkError(f"{where}: the first path needs '{wanted[0]}', which is optional")
    if _sides(network.overall, where) != _sides(paths[0].equation, where):
        raise NetworkError(f"{where}: the first path must add up to '{network.overall}'")
    _check_connected(network, where)
    _check_transported(network, where)
    return network


def _tables(data: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    found = data.get(key)
    if not (isinstance(found, list) and found and all(isinstance(t, dict) for t in found)):
        raise NetworkError(f"{where}: at least one [[{key}]] is needed")
    return found


def _text(table: dict[str, Any], key: str, where: str) -> str:
    if not isinstance(table.get(key), str):
        raise NetworkError(f"{where}: '{key}' must be a text, got {table.get(key)}")
    return str(table[key])


def _names(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not (isinstance(found, list) and all(isinstance(name, str) for name in found)):
        raise NetworkError(f"{where}: '{key}' must be a list of names, got {found}")
    return tuple(found)


def _number(table: dict[str, Any], key: str, where: str, low: float, high: float) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise NetworkError(
            f"{where}: '{key}' must be a number between {low:g} and {high:g}, got {value}"
        )
    return float(value)


def _only(table: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise NetworkError(
            f"{where}: unknown key '{unknown[0]}'; expected: {', '.join(sorted(allowed))}"
        )


def _sides(equation: str, where: str) -> dict[str, int]:
    """Change of every species in an equation: produced positive, consumed negative."""
    if equation.count("->") != 1:
        raise NetworkError(f"{where}: '{equation}' needs exactly one '->'")
    change: dict[str, int] = {}
    for side, sign in zip(equation.split("->"), (-1, 1), strict=True):
        for term in side.split(" + "):
            match = _TERM.fullmatch(term.strip())
            if not match:
                raise NetworkError(
                    f"{where}: cannot read '{term.strip()}' in '{equation}';"
                    " terms are separated by ' + ', a count by a space"
                )
            name = match[2]
            change[name] = change.get(name, 0) + sign * int(match[1] or 1)
    return {name: n for name, n in change.items() if n}


def _check_balance(equation: str, where: str) -> None:
    totals: dict[str, int] = {}
    charge = 0
    for name, n in _sides(equation, where).items():
        try:
            species = parse_species(name)
        except AdatomError as error:
            raise NetworkError(f"{where}: {error}") from error
        charge += n * species.charge
        for element, count in species.atoms:
            totals[element] = totals.get(element, 0) + n * count
    wrong = [f"{element} ({n:+d} on the right)" for element, n in totals.items() if n]
    if charge:
        wrong.append(f"charge ({charge:+d} on the right)")
    if wrong:
        raise NetworkError(f"{where}: '{equation}' does not balance: {', '.join(wrong)}")


def _step(item: dict[str, Any], where: str) -> Step:
    name = _text(item, "name", f"{where}: a step")
    here = f"{where}: step '{name}'"
    equation = _text(item, "equation", here)
    _only(item, _STEP_KEYS, here)
    _check_balance(equation, here)
    states = []
    for side in equation.split("->"):
        on_site = [t.strip() for t in side.split(" + ") if "*" in t]
        if len(on_site) != 1 or " " in on_site[0]:
            raise NetworkError(f"{here}: exactly one state of the site is needed on each side")
        states.append(on_site[0])
    change = _sides(equation, here)
    solution = {s: n for s, n in change.items() if s not in ("H+", "e-", "H2O") and "*" not in s}
    electrons = -change.get("e-", 0)
    unknown = [s for s in solution if s not in solution_free_energies_eV()]
    if unknown:
        raise NetworkError(f"{here}: no free energy for dissolved species '{unknown[0]}'")
    if abs(electrons) > 1:
        raise NetworkError(f"{here}: an elementary step transfers at most one electron")
    if electrons == 0 and "bep_intercept_eV" not in item:
        raise NetworkError(f"{here}: a step without electrons needs 'bep_intercept_eV'")

    def given(key: str, low: float, high: float, default: float) -> float:
        return _number(item, key, here, low, high) if key in item else default

    return Step(
        name=name,
        equation=equation,
        start=states[0],
        end=states[1],
        electrons=electrons,
        solution=tuple(sorted(solution.items())),
        barrier_eV=given("barrier_eV", 0.0, 5.0, 0.0) if "barrier_eV" in item else None,
        bep_slope=given("bep_slope", 0.0, 1.0, 0.5),
        bep_intercept_eV=given("bep_intercept_eV", -5.0, 5.0, 0.0),
    )


def _path(item: dict[str, Any], by_name: dict[str, Step], where: str) -> ReactionPath:
    name = _text(item, "name", f"{where}: a path")
    here = f"{where}: path '{name}'"
    _only(item, _PATH_KEYS, here)
    names = _names(item, "steps", here)
    missing = [s for s in names if s not in by_name]
    if missing:
        raise NetworkError(f"{here}: there is no step '{missing[0]}'")
    steps = tuple(by_name[s] for s in names)
    at = BARE
    for step in steps:
        if step.start != at:
            raise NetworkError(f"{here}: step '{step.name}' starts at '{step.start}', not '{at}'")
        at = step.end
    equation = _text(item, "equation", here)
    _check_balance(equation, here)
    total: dict[str, int] = {}
    for step in steps:
        for species, n in _sides(step.equation, here).items():
            total[species] = total.get(species, 0) + n
    if {s: n for s, n in total.items() if n} != _sides(equation, here):
        raise NetworkError(f"{here}: its steps do not add up to '{equation}'")
    path = ReactionPath(name, equation, steps)
    if path.electrons == 0:
        raise NetworkError(f"{here}: no electrons are transferred")
    return path


def _check_connected(network: Network, where: str) -> None:
    """Every state must reach the bare site; all steps are reversible, so the graph suffices."""
    reached = {BARE}
    while True:
        more = {s.end for s in network.steps if s.start in reached}
        more |= {s.start for s in network.steps if s.end in reached}
        if more <= reached:
            break
        reached |= more
    lost = [s for s in network.states if s not in reached]
    if lost:
        raise NetworkError(f"{where}: state '{lost[0]}' is not connected to '{BARE}'")


def _check_transported(network: Network, where: str) -> None:
    """Transported species may be consumed only from the bare site, one at a time.

    The turnover is then linear in their activities over the occupation of the bare site,
    which the transport solver relies on.
    """
    for step in network.steps:
        here = f"{where}: step '{step.name}'"
        moving = [(s, n) for s, n in step.solution if s in network.transported]
        for species, n in moving:
            consumer = step.start if n < 0 else step.end
            if consumer != BARE or abs(n) != 1 or len(moving) > 1:
                raise NetworkError(
                    f"{here}: transported species '{species}' must react with the bare site"
                    f" '{BARE}', one molecule at a time"
                )
