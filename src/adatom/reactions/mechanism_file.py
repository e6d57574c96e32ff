"""Mechanisms read from data files, shipped or a user's own, and checked for balance."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from adatom.errors import NetworkError
from adatom.reactions.equation import change_of, dissolved, occupants_of, require_balance
from adatom.reactions.mechanism import BARE, ElementaryStep, Mechanism, NamedPath, Product
from adatom.reactions.solution import solution_free_energies_eV

_STEP_KEYS = {"name", "equation", "barrier_eV", "bep_slope", "bep_intercept_eV"}
_MECHANISM_KEYS = {
    "name", "title", "overall", "include", "transported", "byproduct", "optional",
    "potential_window_V_rhe", "step", "path", "product", "activities",
}  # fmt: skip
_PATH_KEYS = {"name", "equation", "steps"}
_PRODUCT_KEYS = {"equation"}
MAX_BYTES = 1_000_000
"""Larger files are refused unread."""


def shipped_mechanisms() -> tuple[str, ...]:
    """Names of the mechanisms that come with the package."""
    folder = resources.files("adatom.reactions").joinpath("networks")
    return tuple(sorted(p.name[:-5].upper() for p in folder.iterdir() if p.name.endswith(".toml")))


def load_mechanism(name: str | Path) -> Mechanism:
    """Load a shipped mechanism by name, or a user's own from a ``.toml`` file.

    Raises :class:`~adatom.errors.NetworkError` naming the step and what does not balance.
    """
    if str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise NetworkError(f"network file {path} does not exist")
        if path.stat().st_size > MAX_BYTES:
            raise NetworkError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; split it")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise NetworkError(f"{path}: not a UTF-8 text file: {error}") from error
        return parse_mechanism(text, where=str(path))
    if str(name).upper() not in shipped_mechanisms():
        known = ", ".join(shipped_mechanisms())
        raise NetworkError(
            f"reaction '{name}' is unknown; expected one of {known}, or a .toml file"
        )
    file = f"{str(name).lower()}.toml"
    folder = resources.files("adatom.reactions").joinpath("networks")
    return parse_mechanism(folder.joinpath(file).read_text(), where=file)


def parse_mechanism(text: str, *, where: str) -> Mechanism:
    """Read and check a mechanism from the text of its file (``where`` names it in errors)."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"{where}: not a TOML file: {error}") from error
    _only(data, _MECHANISM_KEYS, where)
    steps = tuple(_step(item, where) for item in _tables(data, "step", where))
    optional = _names(data, "optional", where)
    products = tuple(_product(item, where) for item in _tables(data, "product", where, least=0))
    for other in _names(data, "include", where):
        if other.upper() not in shipped_mechanisms():
            raise NetworkError(f"{where}: 'include' must name shipped networks, got '{other}'")
        included = load_mechanism(other)
        steps += included.steps
        optional += tuple(s for s in included.optional if s not in optional)
        products += included.products
    by_name: dict[str, ElementaryStep] = {}
    for step in steps:
        if step.name in by_name:
            raise NetworkError(f"{where}: step '{step.name}' is given twice")
        by_name[step.name] = step
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
    mechanism = Mechanism(
        name=name,
        title=_text(data, "title", where) if "title" in data else name,
        overall=_text(data, "overall", where),
        steps=steps,
        paths=paths,
        products=products,
        transported=_names(data, "transported", where),
        byproduct=_text(data, "byproduct", where) if "byproduct" in data else None,
        optional=optional,
        activities=_activities(data, where),
        potential_window_V_rhe=(low, high),
        source=where,
    )
    _check(mechanism, by_name, where)
    return mechanism


def _check(mechanism: Mechanism, by_name: dict[str, ElementaryStep], where: str) -> None:
    first = mechanism.paths[0]
    if mechanism.byproduct is not None and mechanism.byproduct not in mechanism.transported:
        raise NetworkError(f"{where}: the byproduct '{mechanism.byproduct}' must be transported")
    unknown = [s for s in mechanism.optional if s not in mechanism.occupants]
    if unknown:
        raise NetworkError(f"{where}: optional state '{unknown[0]}' is in no step")
    wanted = [s for n in first.steps for s in by_name[n].after if s in mechanism.optional]
    if wanted:
        raise NetworkError(f"{where}: the first path needs '{wanted[0]}', which is optional")
    if change_of(mechanism.overall, where) != change_of(first.equation, where):
        raise NetworkError(f"{where}: the first path must add up to '{mechanism.overall}'")
    lost = [s for s in mechanism.occupants if s not in _reached(mechanism)]
    if lost:
        raise NetworkError(f"{where}: state '{lost[0]}' is not connected to '{BARE}'")
    _check_dissolved(mechanism, where)


def _check_dissolved(mechanism: Mechanism, where: str) -> None:
    """Transported species, products and activities must have a place in the steps."""
    used = {s for step in mechanism.steps for s, _ in step.solution}
    for species in mechanism.activities:
        if species not in used or species in mechanism.transported:
            raise NetworkError(
                f"{where}: an activity of '{species}' has no use: it is in no step, or transported"
            )
    for species in mechanism.transported:
        if species not in used:
            raise NetworkError(f"{where}: transported species '{species}' is in no step")
    if mechanism.transported and not any(
        change_of(mechanism.overall, where).get(s, 0) < 0 for s in mechanism.transported
    ):
        raise NetworkError(
            f"{where}: 'transported' must hold what '{mechanism.overall}' consumes; else leave it"
            " empty"
        )
    made = [p.species for p in mechanism.products]
    twice = [s for s in made if made.count(s) > 1]
    if twice:
        raise NetworkError(f"{where}: product '{twice[0]}' is given twice (by 'include', too?)")
    for product in mechanism.products:
        if product.species not in used:
            raise NetworkError(f"{where}: product '{product.species}' is released by no step")


def _activities(data: dict[str, Any], where: str) -> dict[str, float]:
    table = data.get("activities", {})
    if not isinstance(table, dict):
        raise NetworkError(f"{where}: 'activities' must be a table, got {table}")
    return {s: _number(table, s, f"{where}: activities", 1e-12, 100.0) for s in table}


def _reached(mechanism: Mechanism) -> set[str]:
    """Occupants that steps, forward or backward, make from empty positions."""
    reached = {BARE}
    while True:
        more: set[str] = set()
        for step in mechanism.steps:
            for one, other in ((step.before, step.after), (step.after, step.before)):
                if reached.issuperset(one):
                    more.update(other)
        if more <= reached:
            return reached
        reached |= more


def _tables(data: dict[str, Any], key: str, where: str, *, least: int = 1) -> list[dict[str, Any]]:
    found = data.get(key, [])
    good = isinstance(found, list) and all(isinstance(t, dict) for t in found)
    if not good or len(found) < least:
        raise NetworkError(f"{where}: at least one [[{key}]] is needed")
    return list(found)


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


def _step(item: dict[str, Any], where: str) -> ElementaryStep:
    name = _text(item, "name", f"{where}: a step")
    here = f"{where}: step '{name}'"
    equation = _text(item, "equation", here)
    _only(item, _STEP_KEYS, here)
    require_balance(equation, here)
    before, after = occupants_of(equation, here)
    change = change_of(equation, here)
    solution = dissolved(change)
    electrons = -change.get("e-", 0)
    unknown = [s for s in solution if s not in solution_free_energies_eV()]
    if unknown:
        raise NetworkError(
            f"{here}: no free energy for dissolved species '{unknown[0]}'; known are"
            f" {', '.join(solution_free_energies_eV())}"
        )
    if abs(electrons) > 1:
        raise NetworkError(f"{here}: an elementary step transfers at most one electron")
    if electrons == 0 and "bep_intercept_eV" not in item:
        raise NetworkError(f"{here}: a step without electrons needs 'bep_intercept_eV'")

    def given(key: str, low: float, high: float, default: float) -> float:
        return _number(item, key, here, low, high) if key in item else default

    return ElementaryStep(
        name=name,
        equation=equation,
        before=before,
        after=after,
        electrons=electrons,
        solution=tuple(sorted(solution.items())),
        barrier_eV=given("barrier_eV", 0.0, 5.0, 0.0) if "barrier_eV" in item else None,
        bep_slope=given("bep_slope", 0.0, 1.0, 0.5),
        bep_intercept_eV=given("bep_intercept_eV", -5.0, 5.0, 0.0),
    )


def _product(item: dict[str, Any], where: str) -> Product:
    here = f"{where}: a product"
    equation = _text(item, "equation", here)
    _only(item, _PRODUCT_KEYS, here)
    require_balance(equation, f"{where}: product '{equation}'")
    change = change_of(equation, here)
    made = {s: n for s, n in dissolved(change).items() if n > 0}
    if len(made) != 1 or any("*" in s for s in change):
        raise NetworkError(
            f"{where}: product '{equation}' must make one dissolved species beside water"
        )
    ((species, count),) = made.items()
    electrons = -change.get("e-", 0)
    if electrons == 0:
        raise NetworkError(f"{where}: product '{equation}' takes no electrons")
    return Product(species, equation, electrons / count)


def _path(item: dict[str, Any], by_name: dict[str, ElementaryStep], where: str) -> NamedPath:
    name = _text(item, "name", f"{where}: a path")
    here = f"{where}: path '{name}'"
    _only(item, _PATH_KEYS, here)
    names = _names(item, "steps", here)
    missing = [s for s in names if s not in by_name]
    if missing:
        raise NetworkError(f"{here}: there is no step '{missing[0]}'")
    steps = [by_name[s] for s in names]
    if all(len(step.before) == len(step.after) == 1 for step in steps):
        at = BARE
        for step in steps:
            if step.before[0] != at:
                raise NetworkError(
                    f"{here}: step '{step.name}' starts at '{step.before[0]}', not '{at}'"
                )
            at = step.after[0]
    equation = _text(item, "equation", here)
    require_balance(equation, here)
    total: dict[str, int] = {}
    for step in steps:
        for species, n in change_of(step.equation, here).items():
            total[species] = total.get(species, 0) + n
    if {s: n for s, n in total.items() if n} != change_of(equation, here):
        raise NetworkError(f"{here}: its steps do not add up to '{equation}'")
    if not sum(step.electrons for step in steps):
        raise NetworkError(f"{here}: no electrons are transferred")
    return NamedPath(name, equation, names)
