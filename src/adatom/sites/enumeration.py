"""Every site of a pattern, each once: ``M1M2N6@graphene`` over a list of metals.

A pattern is a notation in which ``M`` or ``M1`` to ``M4`` stand for any of the metals and ``X``
for any of the shell elements: ``MN4@graphene``, ``FeM1N6@graphene``, ``M1-N3X1@graphene``,
``FeX4@graphene``. ``M2`` is a second metal where ``M1`` is there too, else two equal ones
(``M2N6``). ``M1M2`` includes equal metals.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from adatom.errors import AdatomError, NotationError
from adatom.sites.notation import (
    METAL_ROWS,
    METALS,
    SHELL_ELEMENTS,
    Part,
    Site,
    equivalent_sites,
    parse_site,
)

# Stand-ins of the same length, so that an error points at the right character of the pattern.
_STAND_INS = {2: ("Lu", "Hg", "Cd", "In", "Sc"), 1: ("W", "Y", "V")}
_NUMBERED = re.compile(r"M[1-4]")
_SINGLE = re.compile(r"M(?![a-z])")
_FREE_SHELL = ("B", "P", "S", "O")


def list_sites(
    pattern: str, *, metals: Sequence[str], shell: Sequence[str] = ("N", "C")
) -> Iterator[Site]:
    """Yield every site of a pattern once, in the order of ``metals`` and ``shell``.

    Two notations that the symmetry of the place makes equal (FeCoN6 and CoFeN6) are one site;
    it is written with the metal first that stands first in ``metals``. Nothing is kept in
    memory. Raises :class:`~adatom.errors.NotationError` for a wrong pattern and
    :class:`~adatom.errors.AdatomError` for elements that cannot stand there.
    """
    template, wanted, anything = _template(pattern)
    _require(metals, METALS, "metals")
    _require(shell, SHELL_ELEMENTS, "shell elements")
    fixed = [m for m in template.metals if m not in wanted]
    rank = {m: n for n, m in enumerate(dict.fromkeys([*fixed, *metals]))}
    letter = {s: n for n, s in enumerate(dict.fromkeys([*_fixed_shell(template), *shell]))}

    def order(site: Site) -> tuple[object, ...]:
        return (
            tuple(rank[m] for m in site.metals),
            tuple(letter[s] for part in site.parts for s in part.shell),
            tuple(part.ligand for part in site.parts),
        )

    free = sum(part.shell.count(anything) for part in template.parts) if anything else 0
    for chosen in product(metals, repeat=len(wanted)):
        for around in product(shell, repeat=free):
            site = _filled(template, dict(zip(wanted, chosen, strict=True)), anything, around)
            mine = order(site)
            if all(mine <= order(other) for other in equivalent_sites(site)):
                yield site


def metals_named(text: str) -> tuple[str, ...]:
    """Read ``3d,4d`` or ``Fe,Co,Pt`` or a mixture; each metal once.

    Raises :class:`~adatom.errors.AdatomError` for a name that is neither.
    """
    names: list[str] = []
    for word in filter(None, (w.strip() for w in text.split(","))):
        names += METAL_ROWS.get(word, (word,))
    unique = tuple(dict.fromkeys(names))
    _require(unique, METALS, "metals")
    return unique


def _require(names: Sequence[str], known: Sequence[str] | frozenset[str], what: str) -> None:
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        rows = f"{', '.join(METAL_ROWS)} or elements such as Fe,Co" if known is METALS else ""
        found = f"'{wrong[0]}'" if wrong else "nothing"
        raise AdatomError(f"{what}: expected {rows or ', '.join(known)}, found {found}")


def _template(pattern: str) -> tuple[Site, list[str], str]:
    """The pattern as a site of stand-ins, the stand-ins for metals, and the one for X."""
    used: list[str] = []
    placeholder = _NUMBERED if "M1" in pattern else _SINGLE

    def stand_in(match: re.Match[str]) -> str:
        key = match.group()
        if key not in names:
            free = [s for s in _STAND_INS[len(key)] if s not in pattern and s not in used]
            if not free:
                raise NotationError(pattern, match.start(), "fewer placeholders")
            used.append(free[0])
            names[key] = free[0]
        return names[key]

    names: dict[str, str] = {}
    text = placeholder.sub(stand_in, pattern)
    anything = ""
    if "X" in text.rpartition("@")[0]:
        anything = next(s for s in _FREE_SHELL if not re.search(f"{s}[0-9]", text))
        text = re.sub(r"X(?=[0-9])", anything, text)
    try:
        return parse_site(text), used, anything
    except NotationError as error:
        raise NotationError(pattern, error.position, error.expected) from None


def _fixed_shell(site: Site) -> tuple[str, ...]:
    return tuple(symbol for part in site.parts for symbol in part.shell)


def _filled(template: Site, metal_of: dict[str, str], anything: str, around: Sequence[str]) -> Site:
    parts: list[Part] = []
    at = 0
    for part in template.parts:
        shell = list(part.shell)
        for n, symbol in enumerate(shell):
            if symbol == anything:
                shell[n] = around[at]
                at += 1
        metals = tuple(metal_of.get(m, m) for m in part.metals)
        parts.append(replace(part, metals=metals, shell=tuple(shell)))
    return Site(tuple(parts), template.support)
